// internalBinding("crypto"): the table of what is there (hashes, HMAC, ciphers, random
// bytes, key derivation, secret keys) and, from not_yet/crypto.inc, the names of what is
// not: public keys, signatures, certificates and TLS. Those throw an Error naming them.
#include "runtime-stub/bindings/crypto/crypto.h"

#include <openssl/ec.h>
#include <openssl/objects.h>

#include "runtime-stub/bindings/not_yet/not_yet.h"

namespace kiln {
namespace {

void GetCurves(Env& env, const Args& args) {
  StartOpenSsl();
  std::vector<EC_builtin_curve> curves(EC_get_builtin_curves(nullptr, 0));
  EC_get_builtin_curves(curves.data(), curves.size());
  v8::LocalVector<v8::Value> names(env.isolate);
  for (const EC_builtin_curve& curve : curves) names.push_back(env.Str(OBJ_nid2sn(curve.nid)));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

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

// The linked OpenSSL has no FIPS module.
double GetFipsCrypto(Env&) { return 0; }
bool TestFipsCrypto(Env&) { return false; }
void SetFipsCrypto(Env& env, const Args& args) {
  if (args[0]->BooleanValue(env.isolate))
    Error::Plain("ERR_CRYPTO_FIPS_UNAVAILABLE", "Cannot set FIPS mode: it is not built in")
        .Throw(env);
}

// There is no secure heap; the memory is ordinary.
void SecureBuffer(Env& env, const Args& args) {
  uint32_t size = args[0]->IsUint32() ? args[0].As<v8::Uint32>()->Value() : 0;
  args.GetReturnValue().Set(
      v8::Uint8Array::New(v8::ArrayBuffer::New(env.isolate, size), 0, size));
}
void SecureHeapUsed(Env& env, const Args& args) {
  args.GetReturnValue().Set(v8::BigInt::New(env.isolate, 0));
}

// What tls asks for when it is loaded; certificates are read when TLS is there.
void StartLoadingCertificatesOffThread(Env&, const Args&) {}
// OpenSSL's own default.
double GetOpenSslSecLevelCrypto(Env&) { return 2; }

constexpr Entry kFunctions[] = {
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
    Method<SecureHeapUsed>("secureHeapUsed"),
    Method<GetOpenSslSecLevelCrypto>("getOpenSSLSecLevelCrypto"),
};
const ClassEntry* const kClasses[] = {
    &kHashClass,      &kHmacClass,      &kHashJobClass, &kHmacJobClass,
    &kRandomBytesJobClass, &kPbkdf2JobClass, &kScryptJobClass, &kHkdfJobClass,
    &kSecretKeyGenJobClass, &kKeyObjectHandleClass, &kCipherBaseClass};
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
