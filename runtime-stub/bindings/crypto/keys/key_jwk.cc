// JSON Web Keys, both ways: "oct", "RSA", "EC", "OKP" (RFC 7517, 7518, 8037) and "AKP", the form of
// post-quantum keys. JavaScript passes the object unchecked: every member is checked here, and a
// getter that throws ends the import with its exception.
#include <openssl/core_names.h>
#include <openssl/objects.h>

#include <iterator>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// ------------------------------------------------------------------------------- in

// One member of a JWK.
struct Member {
  enum { kAbsent, kText, kOther } state = kAbsent;
  v8::Local<v8::String> text;
  bool is_text() const { return state == kText; }
};

// False if reading the member threw.
bool Read(Env& env, v8::Local<v8::Object> jwk, const char* name, Member* out) {
  v8::Local<v8::Value> value;
  if (!jwk->Get(env.context(), env.Name(name)).ToLocal(&value)) return false;
  out->state = value->IsUndefined() ? Member::kAbsent
               : value->IsString()  ? Member::kText
                                    : Member::kOther;
  if (out->is_text()) out->text = value.As<v8::String>();
  return true;
}

SecretBytes Octets64(Env& env, const Member& member) {
  return DecodeSecret(env, member.text, Encoding::kBase64Url);
}

KeyPointer Invalid(Env& env, const char* text) {
  Error::Type("ERR_CRYPTO_INVALID_JWK", text).Throw(env);
  return nullptr;
}

KeyPointer FromRsa(Env& env, v8::Local<v8::Object> jwk) {
  struct Part {
    const char* member;
    const char* parameter;
  };
  static constexpr Part kParts[] = {
      {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
      {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
      {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
      {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
  constexpr size_t kPublicParts = 2;
  constexpr const char* kInvalid = "Invalid JWK RSA key";
  Member d;
  if (!Read(env, jwk, "d", &d)) return nullptr;
  bool is_private = d.state != Member::kAbsent;
  size_t count = is_private ? std::size(kParts) : kPublicParts;

  ParamBuilder builder(OSSL_PARAM_BLD_new());
  BigNum numbers[std::size(kParts)];  // the builder refers to them
  for (size_t i = 0; i < count; i++) {
    Member member;
    if (!Read(env, jwk, kParts[i].member, &member)) return nullptr;
    if (!member.is_text()) return Invalid(env, kInvalid);
    numbers[i] = ToNumber(Octets64(env, member));
    if (!numbers[i] ||
        !OSSL_PARAM_BLD_push_BN(builder.get(), kParts[i].parameter, numbers[i].get()))
      return Invalid(env, kInvalid);
  }
  PKey key =
      KeyFromParams("RSA", is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder.get());
  if (!key) {
    ThrowOperationFailed(env, "Unable to create key pointer");
    return nullptr;
  }
  return MakeAsymmetricKey(is_private ? KeyType::kPrivate : KeyType::kPublic, std::move(key));
}

KeyPointer FromEc(Env& env, v8::Local<v8::Object> jwk) {
  constexpr const char* kInvalid = "Invalid JWK EC key";
  Member crv, x, y, d;
  if (!Read(env, jwk, "crv", &crv) || !Read(env, jwk, "x", &x) || !Read(env, jwk, "y", &y) ||
      !Read(env, jwk, "d", &d))
    return nullptr;
  if (!crv.is_text() || !x.is_text() || !y.is_text() || d.state == Member::kOther)
    return Invalid(env, kInvalid);
  int curve = CurveId(ToUtf8(env.isolate, crv.text));
  EcGroup group(curve == NID_undef ? nullptr : EC_GROUP_new_by_curve_name(curve));
  if (!group) {
    ERR_clear_error();
    Error::Type("ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name").Throw(env);
    return nullptr;
  }
  size_t size = FieldSize(group.get());
  std::string point(1, char(POINT_CONVERSION_UNCOMPRESSED));
  for (const Member* coordinate : {&x, &y}) {
    BigNum number = ToNumber(Octets64(env, *coordinate));
    std::string octets = number ? ToOctets(number.get(), size) : std::string();
    if (octets.size() != size) return Invalid(env, kInvalid);
    point += octets;
  }
  BigNum scalar;
  if (d.is_text()) {
    scalar = ToNumber(Octets64(env, d));
    if (!scalar) return Invalid(env, kInvalid);
  }
  PKey key = EcKeyFromParts(curve, point, scalar.get());
  if (!key) return Invalid(env, kInvalid);
  return MakeAsymmetricKey(scalar ? KeyType::kPrivate : KeyType::kPublic, std::move(key));
}

KeyPointer FromOkp(Env& env, v8::Local<v8::Object> jwk) {
  constexpr const char* kInvalid = "Invalid JWK OKP key";
  Member crv, x, d;
  if (!Read(env, jwk, "crv", &crv) || !Read(env, jwk, "x", &x) || !Read(env, jwk, "d", &d))
    return nullptr;
  if (!crv.is_text() || !x.is_text() || d.state == Member::kOther) return Invalid(env, kInvalid);
  std::string name = ToUtf8(env.isolate, crv.text);
  const KeyAlgorithm* algorithm = AlgorithmNamed(name);
  if (!algorithm || algorithm->kind != KeyKind::kOkp || name != algorithm->name)
    return Invalid(env, kInvalid);
  PKey key = d.is_text() ? RawPrivateKey(*algorithm, Octets64(env, d))
                         : RawPublicKey(*algorithm, Octets64(env, x));
  if (!key) return Invalid(env, kInvalid);
  return MakeAsymmetricKey(d.is_text() ? KeyType::kPrivate : KeyType::kPublic, std::move(key));
}

bool HasSeed(KeyKind kind) { return kind == KeyKind::kMlDsa || kind == KeyKind::kMlKem; }

bool IsPostQuantum(KeyKind kind) { return HasSeed(kind) || kind == KeyKind::kSlhDsa; }

KeyPointer FromAkp(Env& env, v8::Local<v8::Object> jwk) {
  constexpr const char* kInvalid = "Invalid JWK AKP key";
  Member alg, pub, priv;
  if (!Read(env, jwk, "alg", &alg) || !Read(env, jwk, "pub", &pub) ||
      !Read(env, jwk, "priv", &priv))
    return nullptr;
  std::string name = alg.is_text() ? ToUtf8(env.isolate, alg.text) : std::string();
  const KeyAlgorithm* algorithm = AlgorithmNamed(name);
  if (!algorithm || !IsPostQuantum(algorithm->kind) || name != algorithm->name)
    return Invalid(env, "Unsupported JWK AKP \"alg\"");
  if (!pub.is_text() || priv.state == Member::kOther) return Invalid(env, kInvalid);
  if (!priv.is_text()) {
    PKey key = RawPublicKey(*algorithm, Octets64(env, pub));
    return key ? MakeAsymmetricKey(KeyType::kPublic, std::move(key)) : Invalid(env, kInvalid);
  }
  // The public half is computed from it; Web Crypto compares that with the given one.
  const SecretBytes secret = Octets64(env, priv);
  PKey key = HasSeed(algorithm->kind) ? SeedPrivateKey(*algorithm, secret)
                                      : RawPrivateKey(*algorithm, secret);
  if (!key) return Invalid(env, kInvalid);
  return MakeAsymmetricKey(KeyType::kPrivate, std::move(key));
}

// ------------------------------------------------------------------------------- out

// Sets members until setting one fails.
class Writer {
 public:
  Writer(Env& env, v8::Local<v8::Object> target) : env_(env), target_(target) {}

  void Text(const char* name, const char* text) {
    ok_ = ok_ && Define(env_, target_, name, env_.Str(text));
  }
  void Bytes(const char* name, std::string_view bytes) {
    v8::Local<v8::Value> encoded;
    ok_ = ok_ && EncodeString(env_, bytes, Encoding::kBase64Url).ToLocal(&encoded) &&
          Define(env_, target_, name, encoded);
  }
  bool ok() const { return ok_; }

 private:
  Env& env_;
  v8::Local<v8::Object> target_;
  bool ok_ = true;
};

bool Fail(Env& env, const char* text) {
  ThrowOperationFailed(env, text);
  return false;
}

bool ExportRsa(Env& env, const KeyData& data, Writer& out) {
  struct Part {
    const char* member;
    const char* parameter;
    bool secret;
  };
  static constexpr Part kParts[] = {
      {"n", OSSL_PKEY_PARAM_RSA_N, false},         {"e", OSSL_PKEY_PARAM_RSA_E, false},
      {"d", OSSL_PKEY_PARAM_RSA_D, true},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1, true},
      {"q", OSSL_PKEY_PARAM_RSA_FACTOR2, true},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, true},
      {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, true}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, true}};
  out.Text("kty", "RSA");
  for (const Part& part : kParts) {
    if (part.secret && data.type != KeyType::kPrivate) continue;
    BigNum number = KeyNumber(data.pkey, part.parameter);
    if (!number) return Fail(env, "Failed to export JWK");
    out.Bytes(part.member, ToSecretOctets(number.get()));
  }
  return out.ok();
}

bool ExportEc(Env& env, const KeyData& data, Writer& out) {
  const char* curve = CurveName(data.pkey);
  int nid = curve ? OBJ_sn2nid(curve) : NID_undef;
  const char* name = nullptr;
  switch (nid) {
    case NID_X9_62_prime256v1:
      name = "P-256";
      break;
    case NID_secp256k1:
      name = "secp256k1";
      break;
    case NID_secp384r1:
      name = "P-384";
      break;
    case NID_secp521r1:
      name = "P-521";
      break;
    default:
      Error::Plain("ERR_CRYPTO_JWK_UNSUPPORTED_CURVE",
                   std::string("Unsupported JWK EC curve: ") + (curve ? curve : "UNDEF") + ".")
          .Throw(env);
      return false;
  }
  EcGroup group = GroupOf(data.pkey);
  std::string point = EcPublicPoint(data.pkey, POINT_CONVERSION_UNCOMPRESSED);
  size_t size = group ? FieldSize(group.get()) : 0;
  if (point.size() != 1 + 2 * size)
    return Fail(env, "Failed to get elliptic-curve point coordinates");
  out.Text("kty", "EC");
  out.Bytes("x", std::string_view(point).substr(1, size));
  out.Bytes("y", std::string_view(point).substr(1 + size, size));
  out.Text("crv", name);
  if (data.type == KeyType::kPrivate) {
    BigNum scalar = KeyNumber(data.pkey, OSSL_PKEY_PARAM_PRIV_KEY);
    if (!scalar) return Fail(env, "Failed to export JWK");
    out.Bytes("d", ToSecretOctets(scalar.get(), OrderSize(group.get())));
  }
  return out.ok();
}

bool ExportOkp(Env& env, const KeyData& data, const KeyAlgorithm& algorithm, Writer& out) {
  std::string bytes = RawPublic(data.pkey);
  if (bytes.empty()) return Fail(env, "Failed to get raw public key");
  out.Text("crv", algorithm.name);
  if (data.type == KeyType::kPrivate) {
    const SecretBytes secret = RawPrivate(data.pkey);
    if (secret.empty()) return Fail(env, "Failed to get raw private key");
    out.Bytes("d", secret);
  }
  out.Bytes("x", bytes);
  out.Text("kty", "OKP");
  return out.ok();
}

bool ExportAkp(Env& env, const KeyData& data, const KeyAlgorithm& algorithm, Writer& out) {
  if (data.type == KeyType::kPrivate) {
    bool seeded = HasSeed(algorithm.kind);
    const SecretBytes secret = seeded ? RawSeed(data.pkey) : RawPrivate(data.pkey);
    if (secret.empty())
      return Fail(env,
                  seeded ? "key does not have an available seed" : "Failed to get raw private key");
    out.Bytes("priv", secret);
  }
  std::string bytes = RawPublic(data.pkey);
  if (bytes.empty()) return Fail(env, "Failed to get raw public key");
  out.Text("kty", "AKP");
  out.Text("alg", algorithm.name);
  out.Bytes("pub", bytes);
  return out.ok();
}

}  // namespace

KeyPointer SecretKeyFromJwk(Env& env, v8::Local<v8::Object> jwk) {
  Member kty, k;
  if (!Read(env, jwk, "kty", &kty) || !Read(env, jwk, "k", &k)) return nullptr;
  if (!kty.is_text() || ToUtf8(env.isolate, kty.text) != "oct" || !k.is_text())
    return Invalid(env, "Invalid JWK secret key format");
  auto key = std::make_shared<KeyData>();
  key->secret = Octets64(env, k);
  return key;
}

KeyPointer KeyFromJwk(Env& env, v8::Local<v8::Object> jwk) {
  Member kty;
  if (!Read(env, jwk, "kty", &kty)) return nullptr;
  if (!kty.is_text()) return Invalid(env, "Invalid JWK format");
  std::string name = ToUtf8(env.isolate, kty.text);
  if (name == "RSA") return FromRsa(env, jwk);
  if (name == "EC") return FromEc(env, jwk);
  if (name == "OKP") return FromOkp(env, jwk);
  if (name == "AKP") return FromAkp(env, jwk);
  return Invalid(env, (name + " is not a supported JWK key type").c_str());
}

bool Define(Env& env, v8::Local<v8::Object> object, const char* name, v8::Local<v8::Value> value) {
  return object->CreateDataProperty(env.context(), env.Name(name), value).IsJust();
}

bool ExportJwk(Env& env, const KeyData& key, v8::Local<v8::Object> target, bool rsa_pss) {
  Writer out(env, target);
  if (key.type == KeyType::kSecret) {
    out.Text("kty", "oct");
    out.Bytes("k", key.secret);
    return out.ok();
  }
  if (const KeyAlgorithm* algorithm = AlgorithmOf(key.pkey.get())) {
    switch (algorithm->kind) {
      case KeyKind::kRsa:
        return ExportRsa(env, key, out);
      case KeyKind::kRsaPss:
        if (rsa_pss) return ExportRsa(env, key, out);
        break;
      case KeyKind::kEc:
        return ExportEc(env, key, out);
      case KeyKind::kOkp:
        return ExportOkp(env, key, *algorithm, out);
      case KeyKind::kMlDsa:
      case KeyKind::kMlKem:
      case KeyKind::kSlhDsa:
        return ExportAkp(env, key, *algorithm, out);
      case KeyKind::kDsa:
      case KeyKind::kDh:
        break;
    }
  }
  Error::Plain("ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE", "Unsupported JWK Key Type.").Throw(env);
  return false;
}

}  // namespace kiln::runtime
