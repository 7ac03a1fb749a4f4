// internalBinding("crypto"): the table of what is there (hashes, HMAC, ciphers, random
// bytes, key derivation, keys, signatures, key encapsulation) and, from
// not_yet/crypto.inc, the names of what is not. Those throw an Error naming them.
#include "runtime-stub/bindings/crypto/crypto.h"

#include "runtime-stub/bindings/crypto/exchange.h"
#include "runtime-stub/bindings/not_yet/not_yet.h"

namespace kiln {
namespace {

void TimingSafeEqual(Env& env, const Args& args) {
  Bytes bytes[2];
  for (int i = 0; i < 2; i++) {
    if (GetBytes(args[i], &bytes[i])) continue;
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "The \"buf" + std::to_string(i + 1) +
                           "\" argument must be an instance of ArrayBuffer, Buffer, "
                           "TypedArray, or DataView.")
        .Throw(env);
  }
  if (bytes[0].size != bytes[1].size)
    return Error::Range("ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH",
                        "Input buffers must have the same byte length")
        .Throw(env);
  args.GetReturnValue().Set(CRYPTO_memcmp(bytes[0].data, bytes[1].data, bytes[0].size) == 0);
}

// What tls asks for when it is loaded; certificates are read when TLS is there.
void StartLoadingCertificatesOffThread(Env&, const Args&) {}
// OpenSSL's own default.
double GetOpenSslSecLevelCrypto(Env&) { return 2; }

constexpr Entry kFunctions[] = {
    Method<PublicEncrypt>("publicEncrypt"),
    Method<PrivateDecrypt>("privateDecrypt"),
    Method<PrivateEncrypt>("privateEncrypt"),
    Method<PublicDecrypt>("publicDecrypt"),
    Method<GetCiphers>("getCiphers"),
    Method<GetCipherInfo>("getCipherInfo"),
    Method<GetCurves>("getCurves"),
    Method<GetHashes>("getHashes"),
    Method<GetCachedAliases>("getCachedAliases"),
    Method<OneShotDigest>("oneShotDigest"),
    Method<CreateCryptoKeyClass>("createCryptoKeyClass"),
    Method<GetCryptoKeySlots>("getCryptoKeySlots"),
    Method<CreateNativeKeyObjectClass>("createNativeKeyObjectClass"),
    Method<GetKeyObjectSlots>("getKeyObjectSlots"),
    Method<StartLoadingCertificatesOffThread>("startLoadingCertificatesOffThread"),
    Method<TimingSafeEqual>("timingSafeEqual"),
    Method<GetFipsCrypto>("getFipsCrypto"),
    Method<SetFipsCrypto>("setFipsCrypto"),
    Method<TestFipsCrypto>("testFipsCrypto"),
    Method<SecureBuffer>("secureBuffer"),
    MethodNoSideEffect<SecureHeapUsed>("secureHeapUsed"),
    Method<SetEngine>("setEngine"),
    MethodNoSideEffect<EcdhConvertKey>("ECDHConvertKey"),
    MethodNoSideEffect<VerifySpkac>("certVerifySpkac"),
    MethodNoSideEffect<ExportSpkacPublicKey>("certExportPublicKey"),
    MethodNoSideEffect<ExportSpkacChallenge>("certExportChallenge"),
    Method<GetOpenSslSecLevelCrypto>("getOpenSSLSecLevelCrypto"),
};
const ClassEntry* const kClasses[] = {
    &kHashClass,
    &kHmacClass,
    &kHashJobClass,
    &kHmacJobClass,
    &kRandomBytesJobClass,
    &kPbkdf2JobClass,
    &kScryptJobClass,
    &kHkdfJobClass,
    &kSecretKeyGenJobClass,
    &kKeyObjectHandleClass,
    &kCipherBaseClass,
    &kDiffieHellmanClass,
    &kDiffieHellmanGroupClass,
    &kEcdhClass,
    &kDhBitsJobClass,
    &kRandomPrimeJobClass,
    &kCheckPrimeJobClass,
    &kArgon2JobClass,
    &kCShakeJobClass,
    &kKmacJobClass,
    &kTurboShakeJobClass,
    &kKangarooTwelveJobClass,
    &kAesCipherJobClass,
    &kChaCha20Poly1305CipherJobClass,
    &kRsaCipherJobClass,
    &kRsaKeyPairGenJobClass,
    &kDsaKeyPairGenJobClass,
    &kEcKeyPairGenJobClass,
    &kNidKeyPairGenJobClass,
    &kDhKeyPairGenJobClass,
    &kSignClass,
    &kVerifyClass,
    &kSignJobClass,
    &kKemEncapsulateJobClass,
    &kKemDecapsulateJobClass,
    &kRsaKeyExportJobClass,
    &kEcKeyExportJobClass,
    &kDhKeyExportJobClass,
};
const ClassEntry* const kHiddenClasses[] = {&kNativeKeyObjectClass, &kNativeCryptoKeyClass};

}  // namespace
}  // namespace kiln

#define KILN_NAME "crypto"
#define KILN_TABLE "runtime-stub/bindings/not_yet/crypto.inc"
#define KILN_SCOPE crypto_rest
#include "runtime-stub/bindings/not_yet/names.inc"
#undef KILN_NAME
#undef KILN_TABLE
#undef KILN_SCOPE

namespace kiln {

extern const Binding kCryptoBinding;
const Binding kCryptoBinding = {.name = "crypto",
                                .functions = kFunctions,
                                .classes = kClasses,
                                .hidden_classes = kHiddenClasses,
                                .init = crypto_rest::InitAll,
                                .references = crypto_rest::References};

}  // namespace kiln
