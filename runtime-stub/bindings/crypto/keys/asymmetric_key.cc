// Properties of an asymmetric key: its kind, its numbers, and its curve. One table lists the kinds;
// it gives the names for JavaScript and for JWK, and the numbers of NidKeyPairGenJob.
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <strings.h>

namespace kiln::runtime {

KeyPointer MakeAsymmetricKey(KeyType type, PKey key) {
  auto made = std::make_shared<KeyData>();
  made->type = type;
  made->pkey = std::move(key);
  return made;
}

// ---------------------------------------------------------------------------- kinds

namespace {

constexpr KeyAlgorithm kAlgorithms[] = {
    {KeyKind::kRsa, EVP_PKEY_RSA, "RSA"},
    {KeyKind::kRsaPss, EVP_PKEY_RSA_PSS, "RSA-PSS"},
    {KeyKind::kEc, EVP_PKEY_EC, "EC"},
    {KeyKind::kOkp, EVP_PKEY_ED25519, "Ed25519"},
    {KeyKind::kOkp, EVP_PKEY_ED448, "Ed448"},
    {KeyKind::kOkp, EVP_PKEY_X25519, "X25519"},
    {KeyKind::kOkp, EVP_PKEY_X448, "X448"},
    {KeyKind::kDsa, EVP_PKEY_DSA, "DSA"},
    {KeyKind::kDh, EVP_PKEY_DH, "DH"},
    {KeyKind::kMlDsa, NID_ML_DSA_44, "ML-DSA-44"},
    {KeyKind::kMlDsa, NID_ML_DSA_65, "ML-DSA-65"},
    {KeyKind::kMlDsa, NID_ML_DSA_87, "ML-DSA-87"},
    {KeyKind::kMlKem, NID_ML_KEM_512, "ML-KEM-512"},
    {KeyKind::kMlKem, NID_ML_KEM_768, "ML-KEM-768"},
    {KeyKind::kMlKem, NID_ML_KEM_1024, "ML-KEM-1024"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHA2_128f, "SLH-DSA-SHA2-128f"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHA2_128s, "SLH-DSA-SHA2-128s"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHA2_192f, "SLH-DSA-SHA2-192f"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHA2_192s, "SLH-DSA-SHA2-192s"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHA2_256f, "SLH-DSA-SHA2-256f"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHA2_256s, "SLH-DSA-SHA2-256s"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHAKE_128f, "SLH-DSA-SHAKE-128f"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHAKE_128s, "SLH-DSA-SHAKE-128s"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHAKE_192f, "SLH-DSA-SHAKE-192f"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHAKE_192s, "SLH-DSA-SHAKE-192s"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHAKE_256f, "SLH-DSA-SHAKE-256f"},
    {KeyKind::kSlhDsa, NID_SLH_DSA_SHAKE_256s, "SLH-DSA-SHAKE-256s"},
};

}  // namespace

const KeyAlgorithm* AlgorithmNamed(std::string_view name) {
  for (const KeyAlgorithm& known : kAlgorithms)
    if (name.size() == strlen(known.name) && strncasecmp(name.data(), known.name, name.size()) == 0)
      return &known;
  return nullptr;
}

const KeyAlgorithm* AlgorithmOf(const EVP_PKEY* key) {
  const char* name = key ? EVP_PKEY_get0_type_name(key) : nullptr;
  return name ? AlgorithmNamed(name) : nullptr;
}

const KeyAlgorithm* AlgorithmOfNid(int nid) {
  for (const KeyAlgorithm& known : kAlgorithms)
    if (known.nid == nid) return &known;
  return nullptr;
}

bool IsKind(const PKey& key, KeyKind kind) {
  const KeyAlgorithm* algorithm = AlgorithmOf(key.get());
  return algorithm && algorithm->kind == kind;
}

bool IsRsa(const PKey& key) { return IsKind(key, KeyKind::kRsa) || IsKind(key, KeyKind::kRsaPss); }

bool SignsMessages(const PKey& key) {
  const KeyAlgorithm* algorithm = AlgorithmOf(key.get());
  if (!algorithm) return false;
  return algorithm->nid == EVP_PKEY_ED25519 || algorithm->nid == EVP_PKEY_ED448 ||
         algorithm->kind == KeyKind::kMlDsa || algorithm->kind == KeyKind::kSlhDsa;
}

void ThrowInvalidKeyType(Env& env) {
  Error::Range("ERR_CRYPTO_INVALID_KEYTYPE", "Invalid key type").Throw(env);
}
void ThrowIncompatibleEncoding(Env& env) {
  Error::Plain("ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
               "The selected key encoding is incompatible with the key type")
      .Throw(env);
}
void ThrowOperationFailed(Env& env, const char* text) {
  Error::Plain("ERR_CRYPTO_OPERATION_FAILED", text).Throw(env);
}

Digest DigestArgument(Env& env, v8::Local<v8::Value> name, const char* text) {
  std::string wanted = ToUtf8(env.isolate, name);
  Digest digest = FetchDigest(wanted);
  if (digest) return digest;
  ERR_clear_error();
  Error::Type("ERR_CRYPTO_INVALID_DIGEST", text + wanted).Throw(env);
  return nullptr;
}

// -------------------------------------------------------------------------- numbers

BigNum KeyNumber(const PKey& key, const char* parameter) {
  BIGNUM* number = nullptr;
  if (!EVP_PKEY_get_bn_param(key.get(), parameter, &number)) ERR_clear_error();
  return BigNum(number);
}

std::string ToOctets(const BIGNUM* number) {
  return ToOctets(number, size_t(BN_num_bytes(number)));
}

std::string ToOctets(const BIGNUM* number, size_t size) {
  std::string out(size, '\0');
  if (BN_bn2binpad(number, Octets(out), int(size)) < 0) out.clear();
  return out;
}

SecretBytes ToSecretOctets(const BIGNUM* number) {
  return ToSecretOctets(number, size_t(BN_num_bytes(number)));
}

SecretBytes ToSecretOctets(const BIGNUM* number, size_t size) {
  SecretBytes out(size);
  if (BN_bn2binpad(number, Octets(out), int(size)) < 0) out.resize(0);
  return out;
}

BigNum ToNumber(std::string_view octets) {
  if (octets.size() > INT_MAX) return nullptr;
  return BigNum(BN_bin2bn(Octets(octets), int(octets.size()), nullptr));
}

BigNum ModpPrime(std::string_view group) {
  struct Group {
    std::string_view name;
    BIGNUM* (*prime)(BIGNUM*);
  };
  // RFC 2409 and RFC 3526.
  static constexpr Group kGroups[] = {
      {"modp1", BN_get_rfc2409_prime_768},   {"modp2", BN_get_rfc2409_prime_1024},
      {"modp5", BN_get_rfc3526_prime_1536},  {"modp14", BN_get_rfc3526_prime_2048},
      {"modp15", BN_get_rfc3526_prime_3072}, {"modp16", BN_get_rfc3526_prime_4096},
      {"modp17", BN_get_rfc3526_prime_6144}, {"modp18", BN_get_rfc3526_prime_8192}};
  for (const Group& known : kGroups)
    if (group.size() == known.name.size() &&
        strncasecmp(group.data(), known.name.data(), group.size()) == 0)
      return BigNum(known.prime(nullptr));
  return nullptr;
}

// -------------------------------------------------------------------------- curves

int CurveId(const std::string& name) {
  int nid = EC_curve_nist2nid(name.c_str());
  return nid != NID_undef ? nid : OBJ_sn2nid(name.c_str());
}

EcGroup GroupOf(const PKey& key) {
  OSSL_PARAM* values = nullptr;
  if (!IsKind(key, KeyKind::kEc) || !EVP_PKEY_todata(key.get(), EVP_PKEY_KEY_PARAMETERS, &values)) {
    ERR_clear_error();
    return nullptr;
  }
  Params params(values);
  EcGroup group(EC_GROUP_new_from_params(params.get(), nullptr, nullptr));
  if (!group) ERR_clear_error();
  return group;
}

size_t FieldSize(const EC_GROUP* group) { return size_t(EC_GROUP_get_degree(group) + 7) / 8; }
size_t OrderSize(const EC_GROUP* group) { return size_t(EC_GROUP_order_bits(group) + 7) / 8; }

const char* CurveName(const PKey& key) {
  char name[80];
  if (!EVP_PKEY_get_group_name(key.get(), name, sizeof(name), nullptr)) {
    ERR_clear_error();
    return nullptr;
  }
  int nid = OBJ_txt2nid(name);
  return nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
}

std::string EcPublicPoint(const PKey& key, int form) {
  EcGroup group = GroupOf(key);
  if (!group) return {};
  size_t size = 0;
  std::string encoded;
  // This parameter is always the uncompressed form.
  EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0, &size);
  encoded.resize(size);
  EcPoint point(EC_POINT_new(group.get()));
  auto wanted = point_conversion_form_t(form);
  if (size == 0 || !point ||
      !EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                       Octets(encoded), size, &size) ||
      !EC_POINT_oct2point(group.get(), point.get(), Octets(encoded), size, nullptr)) {
    ERR_clear_error();
    return {};
  }
  size = EC_POINT_point2oct(group.get(), point.get(), wanted, nullptr, 0, nullptr);
  encoded.assign(size, '\0');
  if (EC_POINT_point2oct(group.get(), point.get(), wanted, Octets(encoded), size, nullptr) == 0) {
    ERR_clear_error();
    return {};
  }
  return encoded;
}

}  // namespace kiln::runtime
