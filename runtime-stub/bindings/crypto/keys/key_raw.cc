// Keys from their parts, and parts of keys: points and scalars of elliptic curves, the raw bytes of
// Edwards, Montgomery and post-quantum keys, and the seeds of ML-DSA and ML-KEM. For invalid parts
// the functions return null and leave OpenSSL's error queue empty; the callers report the error.
#include <openssl/core_names.h>
#include <openssl/objects.h>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

PKey NoKey() {
  ERR_clear_error();
  return nullptr;
}

// Calls a getter of OpenSSL twice, first for the size: `get(buffer or null, &size)`.
template <class Out, class Get>
Out Fetch(Get get) {
  size_t size = 0;
  Out out;
  if (get(nullptr, &size) && size > 0) {
    out.resize(size);
    if (!get(Octets(out), &size)) size = 0;
    out.resize(size);
  }
  ERR_clear_error();
  return out;
}

}  // namespace

PKey KeyFromParams(const char* name, int selection, OSSL_PARAM_BLD* builder) {
  Params params(OSSL_PARAM_BLD_to_param(builder));
  PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) <= 0)
    return NoKey();
  return AdoptPKey(key);
}

// -------------------------------------------------------------------------- curves

PKey EcKeyFromParts(int curve, std::string_view point, const BIGNUM* scalar) {
  const char* name = OBJ_nid2sn(curve);
  ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!name || !builder ||
      !OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0) ||
      !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size()) ||
      (scalar && !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar)))
    return NoKey();
  return KeyFromParams("EC", scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder.get());
}

PKey EcPublicKeyFromPoint(int curve, std::string_view encoded) {
  EcGroup group(EC_GROUP_new_by_curve_name(curve));
  EcPoint point(group ? EC_POINT_new(group.get()) : nullptr);
  if (!point ||
      !EC_POINT_oct2point(group.get(), point.get(), Octets(encoded), encoded.size(), nullptr) ||
      EC_POINT_is_at_infinity(group.get(), point.get()))
    return NoKey();
  // A key is exported in the form in which it was imported, so all are imported uncompressed.
  std::string plain(1 + 2 * FieldSize(group.get()), '\0');
  if (EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, Octets(plain),
                         plain.size(), nullptr) != plain.size())
    return NoKey();
  return EcKeyFromParts(curve, plain, nullptr);
}

PKey EcPrivateKeyFromScalar(int curve, std::string_view bytes) {
  EcGroup group(EC_GROUP_new_by_curve_name(curve));
  EcPoint point(group ? EC_POINT_new(group.get()) : nullptr);
  if (!point || bytes.size() != OrderSize(group.get())) return NoKey();
  BigNum scalar = ToNumber(bytes);
  if (!scalar || BN_is_zero(scalar.get()) ||
      BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
      !EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr))
    return NoKey();
  std::string encoded(1 + 2 * FieldSize(group.get()), '\0');
  if (EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, Octets(encoded),
                         encoded.size(), nullptr) != encoded.size())
    return NoKey();
  return EcKeyFromParts(curve, encoded, scalar.get());
}

// ---------------------------------------------------------------------- raw and seed

PKey RawPublicKey(const KeyAlgorithm& algorithm, std::string_view bytes) {
  EVP_PKEY* key =
      EVP_PKEY_new_raw_public_key_ex(nullptr, algorithm.name, nullptr, Octets(bytes), bytes.size());
  return key ? AdoptPKey(key) : NoKey();
}

PKey RawPrivateKey(const KeyAlgorithm& algorithm, std::string_view bytes) {
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key_ex(nullptr, algorithm.name, nullptr, Octets(bytes),
                                                  bytes.size());
  return key ? AdoptPKey(key) : NoKey();
}

PKey SeedPrivateKey(const KeyAlgorithm& algorithm, std::string_view seed) {
  ParamBuilder builder(OSSL_PARAM_BLD_new());
  // The parameter has the same name for both kinds.
  static_assert(std::string_view(OSSL_PKEY_PARAM_ML_DSA_SEED) == OSSL_PKEY_PARAM_ML_KEM_SEED);
  if (!builder || !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_ML_DSA_SEED,
                                                    seed.data(), seed.size()))
    return NoKey();
  return KeyFromParams(algorithm.name, EVP_PKEY_KEYPAIR, builder.get());
}

std::string RawPublic(const PKey& key) {
  return Fetch<std::string>([&](unsigned char* out, size_t* size) {
    return EVP_PKEY_get_raw_public_key(key.get(), out, size) == 1;
  });
}

SecretBytes RawPrivate(const PKey& key) {
  return Fetch<SecretBytes>([&](unsigned char* out, size_t* size) {
    return EVP_PKEY_get_raw_private_key(key.get(), out, size) == 1;
  });
}

SecretBytes RawSeed(const PKey& key) {
  return Fetch<SecretBytes>([&](unsigned char* out, size_t* size) {
    return EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_ML_DSA_SEED, out,
                                           out ? *size : 0, size) == 1;
  });
}

}  // namespace kiln::runtime
