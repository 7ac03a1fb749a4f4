// Key encapsulation: crypto.encapsulate(), crypto.decapsulate() and their Web Crypto
// counterparts, with ML-KEM, RSASVE (RSA) and DHKEM (EC, X25519, X448).
#include <openssl/core_names.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// The KEM operation for kinds of keys that need one named (RSASVE, DHKEM).
const char* OperationOf(const PKey& key) {
  const KeyAlgorithm* algorithm = AlgorithmOf(key.get());
  switch (algorithm ? algorithm->kind : KeyKind::kMlKem) {
    case KeyKind::kRsa:
      return OSSL_KEM_PARAM_OPERATION_RSASVE;
    case KeyKind::kEc:
    case KeyKind::kOkp:
      return OSSL_KEM_PARAM_OPERATION_DHKEM;
    default:
      return nullptr;
  }
}

class KemJob : public CryptoJob {
 public:
  KemJob(Env& env, const Args& args) : CryptoJob(env, Provider::kDERIVEBITSREQUEST, args) {}

 protected:
  PKeyContext Start(int (*init)(EVP_PKEY_CTX*, const OSSL_PARAM*)) {
    PKeyContext context = NewContext(key_->pkey);
    const char* operation = OperationOf(key_->pkey);
    if (!context || init(context.get(), nullptr) <= 0 ||
        (operation && EVP_PKEY_CTX_set_kem_op(context.get(), operation) <= 0))
      return nullptr;
    return context;
  }
  // Failures must look the same whatever their reason, so OpenSSL's errors are removed.
  static bool Quiet(bool ok) {
    ERR_clear_error();
    return ok;
  }
  const char* FailureCode() const override {
    return mode() == JobMode::kSync ? "ERR_CRYPTO_OPERATION_FAILED" : nullptr;
  }

  KeyPointer key_;
  std::string ciphertext_;
  SecretBytes secret_;
};

// new KEMEncapsulateJob(mode, key...): [shared key, ciphertext]
class EncapsulateJob final : public KemJob {
 public:
  using KemJob::KemJob;

  bool Configure(const Args& args) {
    int index = 1;
    key_ = PublicOrPrivateKeyFromArguments(env(), args, &index);
    return key_ != nullptr;
  }

  bool Work() override {
    PKeyContext context = Start(EVP_PKEY_encapsulate_init);
    size_t wrapped = 0, secret = 0;
    if (!context || EVP_PKEY_encapsulate(context.get(), nullptr, &wrapped, nullptr, &secret) <= 0)
      return Quiet(false);
    ciphertext_.resize(wrapped);
    secret_.resize(secret);
    bool ok = EVP_PKEY_encapsulate(context.get(), Octets(ciphertext_), &wrapped, Octets(secret_),
                                   &secret) > 0;
    ciphertext_.resize(wrapped);
    secret_.resize(secret);
    return Quiet(ok);
  }

  v8::Local<v8::Value> Value() override {
    if (mode() != JobMode::kWebCrypto) {
      v8::Local<v8::Value> pair[] = {NewBuffer(env(), secret_), NewBuffer(env(), ciphertext_)};
      return v8::Array::New(env().isolate, pair, 2);
    }
    v8::Local<v8::Object> pair = v8::Object::New(env().isolate);
    Define(env(), pair, "sharedKey", ToArrayBuffer(env(), secret_));
    Define(env(), pair, "ciphertext", ToArrayBuffer(env(), ciphertext_));
    return pair;
  }
  const char* FailureText() const override {
    return mode() == JobMode::kSync ? "Failed to perform encapsulation" : "Deriving bits failed";
  }
};

// new KEMDecapsulateJob(mode, key..., ciphertext): the shared key
class DecapsulateJob final : public KemJob {
 public:
  using KemJob::KemJob;

  bool Configure(const Args& args) {
    int index = 1;
    key_ = PrivateKeyFromArguments(env(), args, &index);
    return key_ && ToBoundedBytes(env(), args[index], "ciphertext", &ciphertext_);
  }

  bool Work() override {
    PKeyContext context = Start(EVP_PKEY_decapsulate_init);
    size_t size = 0;
    const unsigned char* wrapped = Octets(std::string_view(ciphertext_));
    if (!context ||
        EVP_PKEY_decapsulate(context.get(), nullptr, &size, wrapped, ciphertext_.size()) <= 0)
      return Quiet(false);
    secret_.resize(size);
    bool ok = EVP_PKEY_decapsulate(context.get(), Octets(secret_), &size, wrapped,
                                   ciphertext_.size()) > 0;
    secret_.resize(size);
    return Quiet(ok);
  }

  v8::Local<v8::Value> Value() override {
    if (mode() == JobMode::kWebCrypto) return ToArrayBuffer(env(), secret_);
    return NewBuffer(env(), secret_);
  }
  const char* FailureText() const override {
    return mode() == JobMode::kSync ? "Failed to perform decapsulation" : "Deriving bits failed";
  }
};

}  // namespace

KILN_JOB(kKemEncapsulateJobClass, EncapsulateJob, "KEMEncapsulateJob")
KILN_JOB(kKemDecapsulateJobClass, DecapsulateJob, "KEMDecapsulateJob")

}  // namespace kiln::runtime
