// ECDH and ECDH.convertKey. An object has a curve, a private number and a public point, each of
// which may be missing; JavaScript may set either, and computeSecret() checks that they fit
// together. OpenSSL's EVP makes keys and derives from them; points are converted with OpenSSL's
// EC_POINT functions.
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// The curve of an OpenSSL short name ("prime256v1"). Null with an exception pending.
EcGroup FindCurve(Env& env, v8::Local<v8::Value> name, const char* failure) {
  StartOpenSsl();
  int id = OBJ_sn2nid(ToUtf8(env.isolate, name).c_str());
  if (id == NID_undef) {
    Error::Type("ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name").Throw(env);
    return nullptr;
  }
  EcGroup curve(EC_GROUP_new_by_curve_name(id));
  if (!curve) ThrowOperationFailed(env, failure);
  return curve;
}

// A point in any of the three forms. Null if it is not on the curve.
EcPoint ReadPoint(const EC_GROUP* curve, std::string_view bytes) {
  EcPoint point(EC_POINT_new(curve));
  if (!EC_POINT_oct2point(curve, point.get(), Octets(bytes), bytes.size(), nullptr)) return nullptr;
  return point;
}

std::string WritePoint(const EC_GROUP* curve, const EC_POINT* point, point_conversion_form_t form) {
  std::string bytes(EC_POINT_point2oct(curve, point, form, nullptr, 0, nullptr), '\0');
  bytes.resize(EC_POINT_point2oct(curve, point, form, Octets(bytes), bytes.size(), nullptr));
  return bytes;
}

// Sets the return value to the point in the form POINT_CONVERSION_* of the argument.
void ReturnPoint(Env& env, const Args& args, const EC_GROUP* curve, const EC_POINT* point,
                 v8::Local<v8::Value> form) {
  ScopedOpenSslErrors drop;
  std::string bytes = WritePoint(curve, point, point_conversion_form_t(AsUint32(form)));
  if (bytes.empty()) return ThrowOperationFailed(env, "Failed to get public key length");
  args.GetReturnValue().Set(NewBuffer(env, bytes));
}

// A key of the curve from its numbers; a public key if there is no private number.
PKey MakeKey(const EC_GROUP* curve, const EC_POINT* point, const BIGNUM* number) {
  return EcKeyFromParts(EC_GROUP_get_curve_name(curve),
                        WritePoint(curve, point, POINT_CONVERSION_UNCOMPRESSED), number);
}

class Ecdh final : public Wrapped {
 public:
  Ecdh(Env& env, EcGroup curve) : Wrapped(env), curve_(std::move(curve)) {}
  const char* type_name() const override { return "ECDH"; }

  void GenerateKeys(const Args&) {
    ScopedOpenSslErrors drop;
    PKey made = AdoptPKey(EVP_EC_gen(OBJ_nid2sn(EC_GROUP_get_curve_name(curve_.get()))));
    BigNum number = made ? KeyNumber(made, OSSL_PKEY_PARAM_PRIV_KEY) : nullptr;
    EcPoint point =
        number ? ReadPoint(curve_.get(), EcPublicPoint(made, POINT_CONVERSION_UNCOMPRESSED))
               : nullptr;
    if (!point) return ThrowOperationFailed(env(), "Failed to generate key");
    private_ = std::move(number);
    public_ = std::move(point);
  }

  // Returns a Buffer; for a point that is not on the curve the string that JavaScript expects.
  void ComputeSecret(const Args& args) {
    std::string bytes;
    if (!ToBoundedBytes(env(), args[0], "buffer", &bytes)) return;
    ScopedOpenSslErrors drop;
    EcPoint point = ReadPoint(curve_.get(), bytes);
    if (!point) return args.GetReturnValue().Set(env().Name("ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY"));
    PKey own = private_ && public_ ? MakeKey(curve_.get(), public_.get(), private_.get()) : nullptr;
    if (!own || !IsPair(own))
      return Error::Range("ERR_CRYPTO_INVALID_KEYPAIR", "Invalid key pair").Throw(env());
    PKey peer = MakeKey(curve_.get(), point.get(), nullptr);
    SecretBytes secret;
    if (!peer || !DeriveSecret(own, peer, &secret))
      return ThrowOperationFailed(env(), "Failed to compute ECDH key");
    args.GetReturnValue().Set(NewBuffer(env(), secret));
  }

  // getPublicKey(form)
  void GetPublicKey(const Args& args) {
    if (!public_) return ThrowOperationFailed(env(), "Failed to get ECDH public key");
    ReturnPoint(env(), args, curve_.get(), public_.get(), args[0]);
  }
  void GetPrivateKey(const Args& args) {
    if (!private_) return ThrowOperationFailed(env(), "Failed to get ECDH private key");
    args.GetReturnValue().Set(NewBuffer(env(), ToSecretOctets(private_.get())));
  }

  // Also computes the public point from the number.
  void SetPrivateKey(const Args& args) {
    std::string bytes;
    if (!ToBoundedBytes(env(), args[0], "key", &bytes)) return;
    ScopedOpenSslErrors drop;
    BigNum number = ToNumber(bytes);
    if (!number) return ThrowOperationFailed(env(), "Failed to convert Buffer to BN");
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(curve_.get())) >= 0)
      return Error::Range("ERR_CRYPTO_INVALID_KEYTYPE",
                          "Private key is not valid for specified curve.")
          .Throw(env());
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    EcPoint point(EC_POINT_new(curve_.get()));
    if (!EC_POINT_mul(curve_.get(), point.get(), number.get(), nullptr, nullptr, nullptr))
      return ThrowOperationFailed(env(), "Failed to generate ECDH public key");
    private_ = std::move(number);
    public_ = std::move(point);
  }
  void SetPublicKey(const Args& args) {
    std::string bytes;
    if (!ToBoundedBytes(env(), args[0], "buffer", &bytes)) return;
    ScopedOpenSslErrors drop;
    EcPoint point = ReadPoint(curve_.get(), bytes);
    if (!point) return ThrowOperationFailed(env(), "Failed to convert Buffer to EC_POINT");
    public_ = std::move(point);
  }

 private:
  static bool IsPair(const PKey& key) {
    PKeyContext context = NewContext(key);
    return context && EVP_PKEY_public_check(context.get()) == 1 &&
           EVP_PKEY_private_check(context.get()) == 1 &&
           EVP_PKEY_pairwise_check(context.get()) == 1;
  }

  EcGroup curve_;
  BigNum private_;  // may be null
  EcPoint public_;  // may be null
};

// new ECDH(curve name)
void ConstructEcdh(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  ScopedOpenSslErrors drop;
  if (EcGroup curve = FindCurve(env, args[0], "Failed to create key using named curve"))
    (new Ecdh(env, std::move(curve)))->Attach(args.This());
}

constexpr Entry kMethods[] = {
    Method<&Ecdh::GenerateKeys>("generateKeys"),
    Method<&Ecdh::ComputeSecret>("computeSecret"),
    MethodNoSideEffect<&Ecdh::GetPublicKey>("getPublicKey"),
    MethodNoSideEffect<&Ecdh::GetPrivateKey>("getPrivateKey"),
    Method<&Ecdh::SetPublicKey>("setPublicKey"),
    Method<&Ecdh::SetPrivateKey>("setPrivateKey"),
};

}  // namespace

const ClassEntry kEcdhClass = {.name = "ECDH", .construct = ConstructEcdh, .methods = kMethods};

// ECDHConvertKey(point, curve name, form)
void EcdhConvertKey(Env& env, const Args& args) {
  std::string bytes;
  if (!ToBoundedBytes(env, args[0], "key", &bytes)) return;
  if (bytes.empty()) return args.GetReturnValue().SetEmptyString();
  ScopedOpenSslErrors drop;
  EcGroup curve = FindCurve(env, args[1], "Failed to get EC_GROUP");
  if (!curve) return;
  EcPoint point = ReadPoint(curve.get(), bytes);
  if (!point) return ThrowOperationFailed(env, "Failed to convert Buffer to EC_POINT");
  ReturnPoint(env, args, curve.get(), point.get(), args[2]);
}

void GetCurves(Env& env, const Args& args) {
  StartOpenSsl();
  std::vector<EC_builtin_curve> curves(EC_get_builtin_curves(nullptr, 0));
  EC_get_builtin_curves(curves.data(), curves.size());
  v8::LocalVector<v8::Value> names(env.isolate);
  for (const EC_builtin_curve& curve : curves) names.push_back(env.Str(OBJ_nid2sn(curve.nid)));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

}  // namespace kiln::runtime
