// Key pair generation. A job prepares OpenSSL's generator for its kind of key (Setup). Its result
// is [public key, private key] in the requested formats, or for Web Crypto an object of two
// CryptoKeys.
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/dsa.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

int ToInt(v8::Local<v8::Value> value, int otherwise) {
  return value->IsInt32() ? value.As<v8::Int32>()->Value() : otherwise;
}

class KeyPairJob : public CryptoJob {
 public:
  KeyPairJob(Env& env, const Args& args) : CryptoJob(env, Provider::kKEYPAIRGENREQUEST, args) {}

  bool Work() override {
    PKeyContext context = Setup();
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_generate(context.get(), &made) <= 0) return false;
    key_ = AdoptPKey(made);
    return true;
  }

  v8::Local<v8::Value> Value() override {
    if (mode() == JobMode::kWebCrypto) return CryptoKeys();
    v8::Local<v8::Value> pair[2];
    if (!EncodePublicKey(env(), key_, public_output_).ToLocal(&pair[0]) ||
        !EncodePrivateKey(env(), key_, private_output_).ToLocal(&pair[1]))
      return env().Undefined();
    return v8::Array::New(env().isolate, pair, 2);
  }
  const char* FailureText() const override { return "Key generation job failed"; }

 protected:
  // Any thread. A context that is ready to generate; null if OpenSSL refused.
  virtual PKeyContext Setup() = 0;

  // Reads the arguments after those of the kind: (public format, type, private format, type,
  // cipher, passphrase), or for Web Crypto (algorithm, public usages, private usages, extractable).
  bool ConfigureOutput(const Args& args, int index) {
    if (mode() != JobMode::kWebCrypto)
      return ReadPublicOutput(env(), args, &index, &public_output_) &&
             ReadPrivateOutput(env(), args, &index, &private_output_);
    algorithm_.Reset(env().isolate, args[index]);
    public_usages_ = uint32_t(ToInt(args[index + 1], 0));
    private_usages_ = uint32_t(ToInt(args[index + 2], 0));
    extractable_ = args[index + 3]->IsTrue();
    return true;
  }

  static PKeyContext Generator(const char* name) {
    PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr));
    if (!context || EVP_PKEY_keygen_init(context.get()) <= 0) return nullptr;
    return context;
  }
  // The generator of keys with these parameters.
  static PKeyContext Generator(const PKey& parameters) {
    if (!parameters) return nullptr;
    PKeyContext context = NewContext(parameters);
    if (!context || EVP_PKEY_keygen_init(context.get()) <= 0) return nullptr;
    return context;
  }

 private:
  v8::Local<v8::Value> CryptoKeys() {
    v8::Local<v8::Value> algorithm = algorithm_.Get(env().isolate);
    v8::Local<v8::Value> public_key = NewCryptoKey(env(), MakeAsymmetricKey(KeyType::kPublic, key_),
                                                   algorithm, public_usages_, true);
    v8::Local<v8::Value> private_key =
        NewCryptoKey(env(), MakeAsymmetricKey(KeyType::kPrivate, key_), algorithm, private_usages_,
                     extractable_);
    v8::Local<v8::Object> pair = v8::Object::New(env().isolate);
    if (!public_key->IsObject() || !private_key->IsObject() ||
        !Define(env(), pair, "publicKey", public_key) ||
        !Define(env(), pair, "privateKey", private_key))
      return env().Undefined();
    return pair;
  }

  PKey key_;
  KeyOutput public_output_;
  KeyOutput private_output_;
  v8::Global<v8::Value> algorithm_;
  uint32_t public_usages_ = 0;
  uint32_t private_usages_ = 0;
  bool extractable_ = false;
};

// new RsaKeyPairGenJob(mode, variant, modulus bits, public exponent, [PSS: digest, MGF1
// digest, salt length,] output...)
class RsaKeyPairJob final : public KeyPairJob {
 public:
  using KeyPairJob::KeyPairJob;

  bool Configure(const Args& args) {
    if (!args[1]->IsUint32() || !args[2]->IsUint32() || !args[3]->IsUint32()) {
      ThrowBadArgument(env(), 1);
      return false;
    }
    pss_ = args[1].As<v8::Uint32>()->Value() == kVariantPss;
    bits_ = args[2].As<v8::Uint32>()->Value();
    exponent_ = args[3].As<v8::Uint32>()->Value();
    if (!pss_) return ConfigureOutput(args, 4);
    if (!args[4]->IsUndefined() && !(digest_ = DigestArgument(env(), args[4]))) return false;
    if (!args[5]->IsUndefined() &&
        !(mgf1_ = DigestArgument(env(), args[5], "Invalid MGF1 digest: ")))
      return false;
    salt_length_ = ToInt(args[6], -1);
    if (!args[6]->IsUndefined() && salt_length_ < 0) {
      Error::Range("ERR_OUT_OF_RANGE", "salt length is out of range").Throw(env());
      return false;
    }
    return ConfigureOutput(args, 7);
  }

 protected:
  PKeyContext Setup() override {
    PKeyContext context = Generator(pss_ ? "RSA-PSS" : "RSA");
    BigNum exponent(BN_new());
    if (!context || !exponent || !BN_set_word(exponent.get(), exponent_) || bits_ > INT_MAX ||
        EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), int(bits_)) <= 0 ||
        EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()) <= 0)
      return nullptr;
    return !pss_ || Restrict(context.get()) ? std::move(context) : nullptr;
  }

 private:
  static constexpr uint32_t kVariantPss = 1;  // kKeyVariantRSA_PSS

  // RFC 8017 recommends that MGF1 uses the message's digest, and a salt of the digest's length.
  bool Restrict(EVP_PKEY_CTX* context) {
    const EVP_MD* mgf1 = mgf1_ ? mgf1_.get() : digest_.get();
    int salt = salt_length_ < 0 && digest_ ? EVP_MD_get_size(digest_.get()) : salt_length_;
    return (!digest_ || EVP_PKEY_CTX_set_rsa_pss_keygen_md_name(
                            context, EVP_MD_get0_name(digest_.get()), nullptr) > 0) &&
           (!mgf1 ||
            EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md_name(context, EVP_MD_get0_name(mgf1)) > 0) &&
           (salt < 0 || EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context, salt) > 0);
  }

  bool pss_ = false;
  uint32_t bits_ = 0;
  uint32_t exponent_ = 0;
  Digest digest_;
  Digest mgf1_;
  int salt_length_ = -1;
};

// new DsaKeyPairGenJob(mode, modulus bits, divisor bits or -1, output...)
class DsaKeyPairJob final : public KeyPairJob {
 public:
  using KeyPairJob::KeyPairJob;

  bool Configure(const Args& args) {
    bits_ = args[1]->IsUint32() ? args[1].As<v8::Uint32>()->Value() : 0;
    divisor_bits_ = ToInt(args[2], -1);
    return ConfigureOutput(args, 3);
  }

 protected:
  PKeyContext Setup() override {
    PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr));
    EVP_PKEY* parameters = nullptr;
    if (!context || EVP_PKEY_paramgen_init(context.get()) <= 0 || bits_ > INT_MAX ||
        EVP_PKEY_CTX_set_dsa_paramgen_bits(context.get(), int(bits_)) <= 0 ||
        (divisor_bits_ != -1 &&
         EVP_PKEY_CTX_set_dsa_paramgen_q_bits(context.get(), divisor_bits_) <= 0) ||
        EVP_PKEY_paramgen(context.get(), &parameters) <= 0)
      return nullptr;
    return Generator(AdoptPKey(parameters));
  }

 private:
  uint32_t bits_ = 0;
  int divisor_bits_ = -1;
};

// new EcKeyPairGenJob(mode, curve, OPENSSL_EC_* or undefined, output...)
class EcKeyPairJob final : public KeyPairJob {
 public:
  using KeyPairJob::KeyPairJob;

  bool Configure(const Args& args) {
    curve_ = CurveId(ToUtf8(env().isolate, args[1]));
    if (curve_ == NID_undef) {
      Error::Type("ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name").Throw(env());
      return false;
    }
    int encoding = ToInt(args[2], OPENSSL_EC_NAMED_CURVE);
    if (encoding != OPENSSL_EC_NAMED_CURVE && encoding != OPENSSL_EC_EXPLICIT_CURVE) {
      Error::Range("ERR_OUT_OF_RANGE", "Invalid param_encoding specified").Throw(env());
      return false;
    }
    explicit_ = encoding == OPENSSL_EC_EXPLICIT_CURVE;
    return ConfigureOutput(args, 3);
  }

 protected:
  PKeyContext Setup() override {
    // The names of curves include Edwards and Montgomery curves.
    const KeyAlgorithm* algorithm = AlgorithmOfNid(curve_);
    if (algorithm && algorithm->kind == KeyKind::kOkp) return Generator(algorithm->name);
    PKeyContext context = Generator("EC");
    const char* encoding = explicit_ ? OSSL_PKEY_EC_ENCODING_EXPLICIT : OSSL_PKEY_EC_ENCODING_GROUP;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         const_cast<char*>(OBJ_nid2sn(curve_)), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, const_cast<char*>(encoding),
                                         0),
        OSSL_PARAM_construct_end()};
    if (!context || EVP_PKEY_CTX_set_params(context.get(), params) <= 0) return nullptr;
    return context;
  }

 private:
  int curve_ = NID_undef;
  bool explicit_ = false;
};

// new NidKeyPairGenJob(mode, EVP_PKEY_*, output...)
class NidKeyPairJob final : public KeyPairJob {
 public:
  using KeyPairJob::KeyPairJob;

  bool Configure(const Args& args) {
    algorithm_ = AlgorithmOfNid(ToInt(args[1], NID_undef));
    if (algorithm_) return ConfigureOutput(args, 2);
    ThrowBadArgument(env(), 1);
    return false;
  }

 protected:
  PKeyContext Setup() override { return Generator(algorithm_->name); }

 private:
  const KeyAlgorithm* algorithm_ = nullptr;
};

// new DhKeyPairGenJob(mode, group, output...) or (mode, prime or its bits, generator,
// output...)
class DhKeyPairJob final : public KeyPairJob {
 public:
  using KeyPairJob::KeyPairJob;

  bool Configure(const Args& args) {
    if (args[1]->IsString()) {
      prime_ = ModpPrime(ToUtf8(env().isolate, args[1]));
      if (prime_) return ConfigureOutput(args, 2);
      Error::Plain("ERR_CRYPTO_UNKNOWN_DH_GROUP", "Unknown DH group").Throw(env());
      return false;
    }
    generator_ = ToInt(args[2], 2);
    if (args[1]->IsInt32()) {
      bits_ = args[1].As<v8::Int32>()->Value();
      if (bits_ < 0) {
        Error::Range("ERR_OUT_OF_RANGE", "Invalid prime size").Throw(env());
        return false;
      }
      return ConfigureOutput(args, 3);
    }
    std::string octets;
    if (!ToBytes(env(), args[1], env().Undefined(), &octets)) return false;
    prime_ = ToNumber(octets);
    if (prime_) return ConfigureOutput(args, 3);
    Error::Range("ERR_OUT_OF_RANGE", "prime is too big").Throw(env());
    return false;
  }

 protected:
  PKeyContext Setup() override { return Generator(prime_ ? Given() : Generated()); }

 private:
  PKey Given() {
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    BigNum generator(BN_new());
    if (!builder || !generator || generator_ < 0 ||
        !BN_set_word(generator.get(), static_cast<BN_ULONG>(generator_)) ||
        !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_P, prime_.get()) ||
        !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_G, generator.get()))
      return nullptr;
    return KeyFromParams("DH", EVP_PKEY_KEY_PARAMETERS, builder.get());
  }

  PKey Generated() {
    PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
    EVP_PKEY* parameters = nullptr;
    if (!context || EVP_PKEY_paramgen_init(context.get()) <= 0 ||
        EVP_PKEY_CTX_set_dh_paramgen_prime_len(context.get(), bits_) <= 0 ||
        EVP_PKEY_CTX_set_dh_paramgen_generator(context.get(), generator_) <= 0 ||
        EVP_PKEY_paramgen(context.get(), &parameters) <= 0)
      return nullptr;
    return AdoptPKey(parameters);
  }

  BigNum prime_;
  int bits_ = 0;
  int generator_ = 2;
};

}  // namespace

KILN_JOB(kRsaKeyPairGenJobClass, RsaKeyPairJob, "RsaKeyPairGenJob")
KILN_JOB(kDsaKeyPairGenJobClass, DsaKeyPairJob, "DsaKeyPairGenJob")
KILN_JOB(kEcKeyPairGenJobClass, EcKeyPairJob, "EcKeyPairGenJob")
KILN_JOB(kNidKeyPairGenJobClass, NidKeyPairJob, "NidKeyPairGenJob")
KILN_JOB(kDhKeyPairGenJobClass, DhKeyPairJob, "DhKeyPairGenJob")

}  // namespace kiln::runtime
