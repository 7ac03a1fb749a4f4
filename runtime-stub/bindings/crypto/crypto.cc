// internalBinding("crypto"): the table of all functions and classes. Each subject has its own
// folder here: digests, ciphers, keys, signatures, exchange (key agreement), certificates,
// secure_context. This file only implements functions of a line or two.
#include "runtime-stub/bindings/crypto/common/crypto.h"

#include "runtime-stub/bindings/crypto/certificates/root_certificates.h"
#include "runtime-stub/bindings/crypto/certificates/x509.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/secure_context/secure_context.h"

namespace kiln::runtime {
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

// Called when tls is loaded. Roots are parsed one by one when they are needed
// (root_certificates.cc), so there is no work for another thread.
void StartLoadingCertificatesOffThread(Env&, const Args&) {}
// The default security level of OpenSSL (SSL_CTX_get_security_level).
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
    MethodNoSideEffect<IsNativeCryptoKey>("isNativeCryptoKey"),
    MethodNoSideEffect<IsNativeKeyObject>("isNativeKeyObject"),
    Method<StartLoadingCertificatesOffThread>("startLoadingCertificatesOffThread"),
    Method<GetSslCiphers>("getSSLCiphers"),
    Method<GetCertificateCompressionAlgorithms>("getCertificateCompressionAlgorithms"),
    Method<GetBundledRootCertificates>("getBundledRootCertificates"),
    Method<GetSystemCaCertificates>("getSystemCACertificates"),
    Method<GetExtraCaCertificates>("getExtraCACertificates"),
    Method<GetUserRootCertificates>("getUserRootCertificates"),
    Method<ResetRootCertStore>("resetRootCertStore"),
    Method<ParseX509>("parseX509"),
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
    &kSecureContextClass,
};
const ClassEntry* const kHiddenClasses[] = {&kNativeKeyObjectClass, &kNativeCryptoKeyClass,
                                            &kX509CertificateClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
#define KILN_VALUE(NAME, value) env.Set(exports, #NAME, value);
#include "runtime-stub/bindings/crypto_values.inc"
#undef KILN_VALUE
}

}  // namespace

extern const Binding kCryptoBinding;
const Binding kCryptoBinding = {.name = "crypto",
                                .functions = kFunctions,
                                .classes = kClasses,
                                .hidden_classes = kHiddenClasses,
                                .init = Init};

}  // namespace kiln::runtime
