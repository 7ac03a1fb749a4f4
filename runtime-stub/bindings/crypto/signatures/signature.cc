// Options and encodings of signatures (signature.h).
#include "runtime-stub/bindings/crypto/signatures/signature.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <span>

#include "support/text.h"

namespace kiln::runtime {
namespace {

using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

// The size in bytes of r and of s; zero for keys whose signatures do not consist of them. DSA's
// signature has the same structure as ECDSA's.
size_t SizeOfPart(const PKey& key) {
  if (IsKind(key, KeyKind::kEc)) return size_t(EVP_PKEY_get_bits(key.get()) + 7) / 8;
  if (!IsKind(key, KeyKind::kDsa)) return 0;
  BigNum q = KeyNumber(key, OSSL_PKEY_PARAM_FFC_Q);
  return q ? size_t(BN_num_bytes(q.get())) : 0;
}

// A point is encoded as its y, little-endian, with the sign of x in the highest bit. These are all
// y of points of small order, including p and p + 1, which a lenient decoder reads as 0 and 1.
constexpr std::string_view kSmallOrder25519[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
constexpr std::string_view kSmallOrder448[] = {
    "00000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000",
    "01000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000",
    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
    "00000000000000000000000000000000000000000000000000000000"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff00"};

std::string Hex(std::string_view bytes) {
  std::string out;
  AppendHex(out, bytes);
  return out;
}

bool IsSmallOrder(std::span<const std::string_view> list, std::string point) {
  if (point.empty()) return false;
  point.back() = char(point.back() & 0x7f);
  return std::ranges::find(list, Hex(point)) != list.end();
}

}  // namespace

bool HasSmallOrderPoint(const PKey& key, std::string_view signature) {
  const KeyAlgorithm* algorithm = AlgorithmOf(key.get());
  std::span<const std::string_view> list;
  if (algorithm && algorithm->nid == EVP_PKEY_ED25519) list = kSmallOrder25519;
  if (algorithm && algorithm->nid == EVP_PKEY_ED448) list = kSmallOrder448;
  if (list.empty()) return false;
  std::string point(signature.substr(0, list[0].size() / 2));
  return IsSmallOrder(list, RawPublic(key)) || IsSmallOrder(list, std::move(point));
}

bool ToSignatureEncoding(Env& env, v8::Local<v8::Value> value, SignatureEncoding* out) {
  int number = value->IsInt32() ? value.As<v8::Int32>()->Value() : -1;
  *out = SignatureEncoding(number);
  if (*out == SignatureEncoding::kDer || *out == SignatureEncoding::kP1363) return true;
  Error::Range("ERR_OUT_OF_RANGE", "invalid signature encoding").Throw(env);
  return false;
}

std::optional<int> ToOptionalInt(v8::Local<v8::Value> value) {
  if (!value->IsInt32()) return {};
  return value.As<v8::Int32>()->Value();
}

bool ApplyRsaOptions(const PKey& key, EVP_PKEY_CTX* context, std::optional<int> padding,
                     std::optional<int> salt_length) {
  if (!IsRsa(key)) return true;
  int usual = IsKind(key, KeyKind::kRsaPss) ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  int chosen = padding.value_or(usual);
  if (EVP_PKEY_CTX_set_rsa_padding(context, chosen) <= 0) return false;
  return chosen != RSA_PKCS1_PSS_PADDING || !salt_length ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, *salt_length) > 0;
}

std::string SignatureToP1363(const PKey& key, std::string signature) {
  size_t size = SizeOfPart(key);
  if (size == 0) return signature;
  const unsigned char* at = Octets(std::string_view(signature));
  EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &at, long(signature.size())));
  if (!parts) return signature;
  std::string r = ToOctets(ECDSA_SIG_get0_r(parts.get()), size);
  std::string s = ToOctets(ECDSA_SIG_get0_s(parts.get()), size);
  return r.size() == size && s.size() == size ? r + s : signature;
}

std::string SignatureToDer(const PKey& key, std::string signature) {
  size_t size = SizeOfPart(key);
  if (size == 0) return signature;
  if (signature.size() != 2 * size) return {};
  BigNum r = ToNumber(std::string_view(signature).substr(0, size));
  BigNum s = ToNumber(std::string_view(signature).substr(size));
  EcdsaSignature parts(ECDSA_SIG_new());
  if (!r || !s || !parts || !ECDSA_SIG_set0(parts.get(), r.get(), s.get())) return {};
  r.release();  // now owned by the signature
  s.release();
  unsigned char* der = nullptr;
  int length = i2d_ECDSA_SIG(parts.get(), &der);
  std::string out = length > 0 ? std::string(reinterpret_cast<char*>(der), size_t(length)) : "";
  OPENSSL_free(der);
  return out;
}

}  // namespace kiln::runtime
