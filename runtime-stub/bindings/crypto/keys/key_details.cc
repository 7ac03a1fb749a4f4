// keyDetail(): the asymmetricKeyDetails of a KeyObject.
//
// The restrictions of an RSA-PSS key are read from its encoded form, because OpenSSL's parameters
// do not distinguish a default from a digest that they have no name for.
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

using PublicKeyInfo = std::unique_ptr<X509_PUBKEY, FreeWith<X509_PUBKEY_free>>;
using PssParams = std::unique_ptr<RSA_PSS_PARAMS, FreeWith<RSA_PSS_PARAMS_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, FreeWith<X509_ALGOR_free>>;

// Null for a key without restrictions.
PssParams PssOf(EVP_PKEY* key) {
  X509_PUBKEY* encoded = nullptr;
  X509_ALGOR* algorithm = nullptr;  // owned by the encoded key
  if (!X509_PUBKEY_set(&encoded, key)) return nullptr;
  PublicKeyInfo owned(encoded);
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  if (!X509_PUBKEY_get0_param(nullptr, nullptr, nullptr, &algorithm, encoded)) return nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return nullptr;
  return PssParams(static_cast<RSA_PSS_PARAMS*>(
      ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
}

// An absent algorithm has the default of RFC 8017.
const char* DigestName(const X509_ALGOR* algorithm) {
  return OBJ_nid2ln(algorithm ? OBJ_obj2nid(algorithm->algorithm) : NID_sha1);
}

bool DescribePss(Env& env, const PKey& key, v8::Local<v8::Object> target) {
  ScopedOpenSslErrors drop;
  PssParams params = PssOf(key.get());
  if (!params) return true;
  Algorithm mask_digest(params->maskGenAlgorithm
                            ? static_cast<X509_ALGOR*>(ASN1_TYPE_unpack_sequence(
                                  ASN1_ITEM_rptr(X509_ALGOR), params->maskGenAlgorithm->parameter))
                            : nullptr);
  int64_t salt_length = 20;
  if (params->saltLength && (!ASN1_INTEGER_get_int64(&salt_length, params->saltLength) ||
                             salt_length < 0 || salt_length > INT_MAX))
    return true;
  const char* digest = DigestName(params->hashAlgorithm);
  const char* mgf1 = DigestName(mask_digest.get());
  return Define(env, target, "hashAlgorithm", env.Str(digest)) &&
         Define(env, target, "mgf1HashAlgorithm", env.Str(mgf1)) &&
         Define(env, target, "saltLength", v8::Number::New(env.isolate, double(salt_length)));
}

}  // namespace

bool DescribeKey(Env& env, const KeyData& key, v8::Local<v8::Object> target) {
  auto number = [&](const char* name, double value) {
    return Define(env, target, name, v8::Number::New(env.isolate, value));
  };
  if (key.type == KeyType::kSecret) return number("length", double(key.secret.size()) * 8);
  int bits = EVP_PKEY_get_bits(key.pkey.get());
  const KeyAlgorithm* algorithm = AlgorithmOf(key.pkey.get());
  switch (algorithm ? algorithm->kind : KeyKind::kOkp) {
    case KeyKind::kRsa:
    case KeyKind::kRsaPss: {
      BigNum exponent = KeyNumber(key.pkey, OSSL_PKEY_PARAM_RSA_E);
      if (!exponent) break;
      return number("modulusLength", bits) &&
             Define(env, target, "publicExponent", ToArrayBuffer(env, ToOctets(exponent.get()))) &&
             (algorithm->kind == KeyKind::kRsa || DescribePss(env, key.pkey, target));
    }
    case KeyKind::kDsa: {
      BigNum q = KeyNumber(key.pkey, OSSL_PKEY_PARAM_FFC_Q);
      if (!q) break;
      return number("modulusLength", bits) && number("divisorLength", BN_num_bits(q.get()));
    }
    case KeyKind::kEc: {
      const char* curve = CurveName(key.pkey);
      return Define(env, target, "namedCurve", env.Str(curve ? curve : "UNDEF"));
    }
    case KeyKind::kDh:
      return true;
    default:
      break;
  }
  ThrowInvalidKeyType(env);
  return false;
}

}  // namespace kiln::runtime
