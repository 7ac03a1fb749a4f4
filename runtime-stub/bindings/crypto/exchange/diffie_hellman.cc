// DiffieHellman and DiffieHellmanGroup. An object has the parameters p and g and a public and a
// private number, each of which may be missing; JavaScript may set either.
//
// This uses OpenSSL's DH instead of EVP_PKEY, because verifyError is the bits of DH_check: EVP only
// reports whether parameters are valid.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/dh.h>

#include <algorithm>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

using DhParameters = std::unique_ptr<DH, FreeWith<DH_free>>;

DhParameters MakeDh(BigNum p, BigNum g) {
  DhParameters dh(DH_new());
  if (!p || !g || !dh || !DH_set0_pqg(dh.get(), p.get(), nullptr, g.get())) return nullptr;
  p.release();
  g.release();
  return dh;
}

class DiffieHellman final : public Wrapped {
 public:
  DiffieHellman(Env& env, DhParameters dh) : Wrapped(env), dh_(std::move(dh)) {}
  const char* type_name() const override { return "DiffieHellman"; }

  // Generates both numbers, or only the public one if there is a private one.
  void GenerateKeys(const Args& args) {
    ScopedOpenSslErrors drop;
    if (!DH_generate_key(dh_.get()))
      return Error::Plain("ERR_CRYPTO_OPERATION_FAILED", "Key generation failed").Throw(env());
    ReturnNumber(args, DH_get0_pub_key(dh_.get()), "");
  }

  void GetPrime(const Args& args) { ReturnNumber(args, DH_get0_p(dh_.get()), "p is null"); }
  void GetGenerator(const Args& args) { ReturnNumber(args, DH_get0_g(dh_.get()), "g is null"); }
  void GetPublicKey(const Args& args) {
    ReturnNumber(args, DH_get0_pub_key(dh_.get()),
                 "No public key - did you forget to generate one?");
  }
  void GetPrivateKey(const Args& args) {
    ReturnNumber(args, DH_get0_priv_key(dh_.get()),
                 "No private key - did you forget to generate one?");
  }

  void SetPublicKey(const Args& args) {
    BigNum number = Number(args);
    if (number && DH_set0_key(dh_.get(), number.get(), nullptr)) number.release();
  }
  void SetPrivateKey(const Args& args) {
    BigNum number = Number(args);
    if (number && DH_set0_key(dh_.get(), nullptr, number.get())) number.release();
  }

  // The secret is as long as the prime.
  void ComputeSecret(const Args& args) {
    std::string bytes;
    if (!ToBoundedBytes(env(), args[0], "secret", &bytes)) return;
    ScopedOpenSslErrors drop;
    BigNum peer = ToNumber(bytes);
    BigNum last(BN_dup(DH_get0_p(dh_.get())));
    if (!peer || !last || !BN_sub_word(last.get(), 1))
      return Error::Range("ERR_CRYPTO_INVALID_KEYTYPE", "Unspecified validation error")
          .Throw(env());
    // 1 and p - 1 would reveal the secret. As in Node nothing else is checked: a full
    // DH_check_pub_key takes several times as long as computing the secret.
    if (BN_is_zero(peer.get()) || BN_is_one(peer.get()))
      return Error::Range("ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too small").Throw(env());
    if (BN_cmp(peer.get(), last.get()) >= 0)
      return Error::Range("ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too large").Throw(env());

    SecretBytes secret(size_t(std::max(DH_size(dh_.get()), 0)));
    int size = DH_compute_key(Octets(secret), peer.get(), dh_.get());
    if (size < 0)
      return Error::Plain("ERR_CRYPTO_OPERATION_FAILED", "Failed to compute shared secret")
          .Throw(env());
    std::rotate(secret.begin(), secret.begin() + size, secret.end());
    args.GetReturnValue().Set(NewBuffer(env(), secret));
  }

  Result<double> VerifyError() {
    ScopedOpenSslErrors drop;
    int problems = 0;
    if (!DH_check(dh_.get(), &problems))
      return Error::Plain("ERR_CRYPTO_OPERATION_FAILED", "Checking DH parameters failed");
    return double(problems);
  }

 private:
  // A number that was set to zero bytes counts as missing.
  void ReturnNumber(const Args& args, const BIGNUM* number, const char* missing) {
    if (!number || BN_is_zero(number))
      return Error::Plain("ERR_CRYPTO_INVALID_STATE", missing).Throw(env());
    args.GetReturnValue().Set(NewBuffer(env(), ToSecretOctets(number)));
  }
  // The argument of a setter; null with an exception pending.
  BigNum Number(const Args& args) {
    std::string bytes;
    if (!ToBoundedBytes(env(), args[0], "buf", &bytes)) return nullptr;
    BigNum number = ToNumber(bytes);
    if (!number) ThrowOpenSsl(env(), "Invalid key");
    return number;
  }

  DhParameters dh_;
};

// `reason` is a reason code of OpenSSL: the errors are those that its own checks would queue.
void ThrowDhError(Env& env, int reason, const char* text) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_DH, reason);
  ThrowOpenSsl(env, text);
}
void ThrowBadGenerator(Env& env) { ThrowDhError(env, DH_R_BAD_GENERATOR, "Invalid generator"); }

// (bits, generator): generates a new safe prime.
DhParameters GenerateDh(Env& env, int bits, v8::Local<v8::Value> generator) {
  if (bits < 2) {
    ThrowDhError(env, DH_R_MODULUS_TOO_SMALL, "Invalid prime length");
    return nullptr;
  }
  if (!generator->IsInt32()) {
    Error::Type("ERR_INVALID_ARG_TYPE", "Second argument must be an int32").Throw(env);
    return nullptr;
  }
  int g = generator.As<v8::Int32>()->Value();
  if (g < 2) {
    ThrowBadGenerator(env);
    return nullptr;
  }
  ScopedOpenSslErrors drop;
  DhParameters dh(DH_new());
  if (dh && DH_generate_parameters_ex(dh.get(), bits, g, nullptr)) return dh;
  Error::Type("ERR_INVALID_ARG_VALUE", "Invalid DH parameters").Throw(env);
  return nullptr;
}

// (prime, generator as a number or as bytes)
DhParameters ReadDh(Env& env, v8::Local<v8::Value> prime, v8::Local<v8::Value> generator) {
  std::string bytes;
  if (!ToBoundedBytes(env, prime, "prime", &bytes)) return nullptr;
  BigNum p = ToNumber(bytes);
  if (!p) {
    ERR_clear_error();
    Error::Type("ERR_INVALID_ARG_VALUE", "Invalid prime").Throw(env);
    return nullptr;
  }
  BigNum g(BN_new());
  if (generator->IsInt32()) {
    int word = generator.As<v8::Int32>()->Value();
    if (word < 2 || !BN_set_word(g.get(), static_cast<BN_ULONG>(word))) g.reset();
  } else {
    if (!ToBoundedBytes(env, generator, "generator", &bytes)) return nullptr;
    g = ToNumber(bytes);
    if (g && (BN_is_zero(g.get()) || BN_is_one(g.get()))) g.reset();
  }
  // Small parameters, as in examples, are accepted; verifyError reports what is wrong with them.
  if (!g || (BN_num_bits(p.get()) >= 512 && BN_cmp(g.get(), p.get()) >= 0)) {
    ThrowBadGenerator(env);
    return nullptr;
  }
  ScopedOpenSslErrors drop;
  DhParameters dh = MakeDh(std::move(p), std::move(g));
  if (!dh) Error::Type("ERR_INVALID_ARG_VALUE", "Invalid DH parameters").Throw(env);
  return dh;
}

DhParameters FindGroup(Env& env, v8::Local<v8::Value> name) {
  if (!name->IsString()) {
    Error::Type("ERR_INVALID_ARG_TYPE", "Group name must be a string").Throw(env);
    return nullptr;
  }
  BigNum two(BN_new());
  if (two && !BN_set_word(two.get(), DH_GENERATOR_2)) two.reset();
  DhParameters dh = MakeDh(ModpPrime(ToUtf8(env.isolate, name)), std::move(two));
  if (!dh) Error::Plain("ERR_CRYPTO_UNKNOWN_DH_GROUP", "Unknown DH group").Throw(env);
  return dh;
}

// new DiffieHellman(bits or prime, generator)
DhParameters ParametersOf(Env& env, const Args& args) {
  if (args.Length() != 2) {
    Error::Type("ERR_MISSING_ARGS", "Constructor must have two arguments").Throw(env);
    return nullptr;
  }
  if (args[0]->IsInt32()) return GenerateDh(env, args[0].As<v8::Int32>()->Value(), args[1]);
  return ReadDh(env, args[0], args[1]);
}
// new DiffieHellmanGroup(name)
DhParameters GroupOf(Env& env, const Args& args) { return FindGroup(env, args[0]); }

template <DhParameters (*Make)(Env&, const Args&)>
void ConstructDh(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  StartOpenSsl();
  if (DhParameters dh = Make(env, args))
    (new DiffieHellman(env, std::move(dh)))->Attach(args.This());
}

constexpr Entry kMethods[] = {
    Method<&DiffieHellman::GenerateKeys>("generateKeys"),
    Method<&DiffieHellman::ComputeSecret>("computeSecret"),
    MethodNoSideEffect<&DiffieHellman::GetPrime>("getPrime"),
    MethodNoSideEffect<&DiffieHellman::GetGenerator>("getGenerator"),
    MethodNoSideEffect<&DiffieHellman::GetPublicKey>("getPublicKey"),
    MethodNoSideEffect<&DiffieHellman::GetPrivateKey>("getPrivateKey"),
    Method<&DiffieHellman::SetPublicKey>("setPublicKey"),
    Method<&DiffieHellman::SetPrivateKey>("setPrivateKey"),
};
constexpr Accessor kAccessors[] = {Get<&DiffieHellman::VerifyError>("verifyError")};

}  // namespace

const ClassEntry kDiffieHellmanClass = {.name = "DiffieHellman",
                                        .construct = ConstructDh<ParametersOf>,
                                        .methods = kMethods,
                                        .accessors = kAccessors};
const ClassEntry kDiffieHellmanGroupClass = {.name = "DiffieHellmanGroup",
                                             .construct = ConstructDh<GroupOf>,
                                             .methods = kMethods,
                                             .accessors = kAccessors};

}  // namespace kiln::runtime
