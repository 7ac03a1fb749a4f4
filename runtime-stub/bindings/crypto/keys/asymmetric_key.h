// Asymmetric keys: their kinds and properties, import from JavaScript (key_import.cc, key_raw.cc,
// key_jwk.cc) and export (key_export.cc).
//
// All keys belong to OpenSSL's providers: they are made by decoders, EVP_PKEY_fromdata or
// generation, never from the old RSA, EC_KEY and DSA structures. Several threads may use such a key
// at once as long as none changes it, and no code here does.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <optional>
#include <string>
#include <string_view>

#include "runtime-stub/bindings/crypto/common/crypto.h"

namespace kiln::runtime {

using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using BigNum = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using EcGroup = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using EcPoint = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

// For an operation with the key; null with errors in OpenSSL's queue.
inline PKeyContext NewContext(const PKey& key) {
  return PKeyContext(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
}

// ---- kinds

enum class KeyKind { kRsa, kRsaPss, kDsa, kDh, kEc, kOkp, kMlDsa, kMlKem, kSlhDsa };

struct KeyAlgorithm {
  KeyKind kind;
  int nid;           // EVP_PKEY_*, which JavaScript passes
  const char* name;  // in OpenSSL, and of the JWK curve or algorithm; in lower case, in Node
};

// Null for kinds of keys that have no name in Node (SM2, X9.42 DH).
const KeyAlgorithm* AlgorithmOf(const EVP_PKEY* key);
// The results are constants.
const KeyAlgorithm* AlgorithmOfNid(int nid);
const KeyAlgorithm* AlgorithmNamed(std::string_view name);  // in any case
bool IsKind(const PKey& key, KeyKind kind);
bool IsRsa(const PKey& key);  // RSA or RSA-PSS
// Whether the key signs whole messages only, not a digest that is computed piece by piece.
bool SignsMessages(const PKey& key);

// Errors that several operations share: ERR_CRYPTO_INVALID_KEYTYPE,
// ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS and ERR_CRYPTO_OPERATION_FAILED.
void ThrowInvalidKeyType(Env& env);
void ThrowIncompatibleEncoding(Env& env);
void ThrowOperationFailed(Env& env, const char* text);
// A digest by name. Null with ERR_CRYPTO_INVALID_DIGEST ("Invalid digest: NAME") pending.
Digest DigestArgument(Env& env, v8::Local<v8::Value> name, const char* text = "Invalid digest: ");

// ---- numbers of a key. Null if the key does not have the number.

// `parameter` is one of OSSL_PKEY_PARAM_* (openssl/core_names.h). The result is a copy.
BigNum KeyNumber(const PKey& key, const char* parameter);
// Big-endian. With a size, padded with zeros to it; empty if the number is longer.
std::string ToOctets(const BIGNUM* number);
std::string ToOctets(const BIGNUM* number, size_t size);
// The same of numbers that are secret, or may be.
SecretBytes ToSecretOctets(const BIGNUM* number);
SecretBytes ToSecretOctets(const BIGNUM* number, size_t size);
BigNum ToNumber(std::string_view octets);
// The prime of a Diffie-Hellman group ("modp14", in any case); its generator is 2. Null if
// there is no such group.
BigNum ModpPrime(std::string_view group);

// ---- elliptic curves. Any thread.

// A curve by the names that Node accepts ("P-256", "prime256v1"); NID_undef if unknown.
int CurveId(const std::string& name);
// The group of an EC key, also with explicit parameters. Null for other keys.
EcGroup GroupOf(const PKey& key);
size_t FieldSize(const EC_GROUP* group);  // bytes of a coordinate
size_t OrderSize(const EC_GROUP* group);  // bytes of a private key
// The curve's short name ("prime256v1"); null for a curve without one.
const char* CurveName(const PKey& key);
// The public point in one of the POINT_CONVERSION_* forms; empty if that fails.
std::string EcPublicPoint(const PKey& key, int form);

// ---- making keys from their parts. Null if the parts are invalid; OpenSSL's queue is then empty.

// Points in any form of SEC 1, scalars big-endian and of OrderSize() bytes. Without `scalar`
// EcKeyFromParts makes a public key.
PKey EcPublicKeyFromPoint(int curve, std::string_view point);
PKey EcPrivateKeyFromScalar(int curve, std::string_view scalar);
PKey EcKeyFromParts(int curve, std::string_view point, const BIGNUM* scalar);
PKey RawPublicKey(const KeyAlgorithm& algorithm, std::string_view bytes);
PKey RawPrivateKey(const KeyAlgorithm& algorithm, std::string_view bytes);
PKey SeedPrivateKey(const KeyAlgorithm& algorithm, std::string_view seed);
// EVP_PKEY_fromdata with the builder's parameters.
PKey KeyFromParams(const char* name, int selection, OSSL_PARAM_BLD* builder);
// The raw form of a key, as RawPublicKey, RawPrivateKey and SeedPrivateKey take it. Empty if the
// key has no such form.
std::string RawPublic(const PKey& key);
SecretBytes RawPrivate(const PKey& key);
SecretBytes RawSeed(const PKey& key);

// ---- input from JavaScript. On the Env's thread; null with an exception pending.

// JavaScript uses the same numbers (kKeyFormat*, kKeyEncoding*).
enum class KeyFormat : int { kDer, kPem, kJwk, kRawPublic, kRawPrivate, kRawSeed, kStore };
enum class KeyEncoding : int { kPkcs1, kPkcs8, kSpki, kSec1 };

// Reads a key from the five arguments that JavaScript's prepareAsymmetricKey makes: data, format,
// type, passphrase, named curve. The data are a KeyObjectHandle (the others are then unused), PEM
// or DER, a JWK object, or raw bytes. `*index` is the first argument; it is advanced past the last.
KeyPointer PrivateKeyFromArguments(Env& env, const Args& args, int* index);
KeyPointer PublicOrPrivateKeyFromArguments(Env& env, const Args& args, int* index);

// RFC 7517; ERR_CRYPTO_INVALID_JWK for other objects. KeyFromJwk takes the `kty` RSA, EC, OKP and
// AKP, SecretKeyFromJwk takes oct. Reading members may run JavaScript.
KeyPointer KeyFromJwk(Env& env, v8::Local<v8::Object> jwk);
KeyPointer SecretKeyFromJwk(Env& env, v8::Local<v8::Object> jwk);

// A callback for OpenSSL's PEM readers; the user data are a `const SecretBytes*` or null. Unlike
// OpenSSL's own callback it never asks at the terminal.
int PassphraseCallback(char* buffer, int size, int writing, void* passphrase);

// ---- output

// How to export a key: as a handle, or in a format. `encoding` is for PEM and DER, `point_form` for
// raw public keys on curves, `cipher` and `passphrase` for private keys.
struct KeyOutput {
  bool handle = false;
  KeyFormat format = KeyFormat::kPem;
  KeyEncoding encoding = KeyEncoding::kSpki;
  int point_form = POINT_CONVERSION_UNCOMPRESSED;
  Cipher cipher;  // null: not encrypted
  SecretBytes passphrase;
};

// Reads (format, type) or (format, type, cipher, passphrase) and advances `*index` past them. False
// with an exception pending.
bool ReadPublicOutput(Env& env, const Args& args, int* index, KeyOutput* out);
bool ReadPrivateOutput(Env& env, const Args& args, int* index, KeyOutput* out);

// A string (PEM), Buffer, object (JWK) or handle. Empty with an exception pending.
v8::MaybeLocal<v8::Value> EncodePublicKey(Env& env, const PKey& key, const KeyOutput& output);
v8::MaybeLocal<v8::Value> EncodePrivateKey(Env& env, const PKey& key, const KeyOutput& output);

// Sets the members of a JWK. RSA-PSS keys have no JWK unless `rsa_pss` is true: the caller (Web
// Crypto) then keeps the restrictions elsewhere. False with an exception pending.
bool ExportJwk(Env& env, const KeyData& key, v8::Local<v8::Object> target, bool rsa_pss);
// Sets the members of asymmetricKeyDetails (modulusLength, namedCurve, ...). False with an
// exception pending.
bool DescribeKey(Env& env, const KeyData& key, v8::Local<v8::Object> target);
// Defines an own data property, so that no setter on Object.prototype is called. False with an
// exception pending.
bool Define(Env& env, v8::Local<v8::Object> object, const char* name, v8::Local<v8::Value> value);

}  // namespace kiln::runtime
