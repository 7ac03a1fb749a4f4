// Random bytes, and keys from passwords or other keys: PBKDF2, scrypt, HKDF. Each is a job
// that runs at once or on the thread pool.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "runtime-stub/bindings/crypto/crypto.h"

namespace kiln {
namespace {

v8::Local<v8::ArrayBuffer> ToArrayBuffer(Env& env, const std::string& bytes) {
  auto buffer = v8::ArrayBuffer::New(env.isolate, bytes.size());
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(buffer->Data()));
  return buffer;
}

unsigned char* Raw(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* Raw(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

double ToNumber(v8::Local<v8::Value> value) {
  return value->IsNumber() ? value.As<v8::Number>()->Value() : 0;
}

bool ToDigest(Env& env, v8::Local<v8::Value> value, Digest* out) {
  std::string name = ToUtf8(env.isolate, value);
  *out = FetchDigest(name);
  if (*out) return true;
  ERR_clear_error();
  Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: " + name).Throw(env);
  return false;
}

// new RandomBytesJob(mode, buffer or view, offset, size): fills in place.
class RandomBytesJob final : public CryptoJob {
 public:
  RandomBytesJob(Env& env, const Args& args)
      : CryptoJob(env, Provider::kRANDOMBYTESREQUEST, args) {}

  bool Configure(const Args& args) {
    Bytes bytes;
    size_t offset = size_t(ToNumber(args[2]));
    size_ = size_t(ToNumber(args[3]));
    if (!GetBytes(args[1], &bytes) || offset > bytes.size || size_ > bytes.size - offset) {
      ThrowBadArgument(env(), 1);
      return false;
    }
    data_ = bytes.data + offset;
    // The memory outlives the buffer object while the pool writes to it.
    if (args[1]->IsArrayBufferView())
      store_ = args[1].As<v8::ArrayBufferView>()->Buffer()->GetBackingStore();
    else if (args[1]->IsArrayBuffer())
      store_ = args[1].As<v8::ArrayBuffer>()->GetBackingStore();
    else
      store_ = args[1].As<v8::SharedArrayBuffer>()->GetBackingStore();
    return true;
  }
  bool Work() override { return size_ == 0 || RAND_bytes(data_, int(size_)) == 1; }
  v8::Local<v8::Value> Value() override { return env().Undefined(); }
  const char* FailureText() const override { return "Random bytes are not available"; }

 private:
  std::shared_ptr<v8::BackingStore> store_;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

class DerivingJob : public CryptoJob {
 public:
  using CryptoJob::CryptoJob;
  v8::Local<v8::Value> Value() override { return ToArrayBuffer(env(), result_); }
  const char* FailureText() const override { return "Deriving bits failed"; }

 protected:
  std::string result_;
};

// new Pbkdf2Job(mode, password, salt, iterations, length, digest)
class Pbkdf2Job final : public DerivingJob {
 public:
  Pbkdf2Job(Env& env, const Args& args) : DerivingJob(env, Provider::kPBKDF2REQUEST, args) {}

  bool Configure(const Args& args) {
    iterations_ = int(ToNumber(args[3]));
    result_.resize(size_t(ToNumber(args[4])));
    return ToSecret(env(), args[1], &password_) &&
           ToBytes(env(), args[2], env().Undefined(), &salt_) &&
           ToDigest(env(), args[5], &digest_);
  }
  bool Work() override {
    return result_.empty() ||
           PKCS5_PBKDF2_HMAC(password_.data(), int(password_.size()), Raw(salt_),
                             int(salt_.size()), iterations_, digest_.get(),
                             int(result_.size()), Raw(result_)) == 1;
  }

 private:
  std::string password_;
  std::string salt_;
  int iterations_ = 0;
  Digest digest_;
};

// new ScryptJob(mode, password, salt, N, r, p, maxmem, length)
class ScryptJob final : public DerivingJob {
 public:
  ScryptJob(Env& env, const Args& args) : DerivingJob(env, Provider::kSCRYPTREQUEST, args) {}

  bool Configure(const Args& args) {
    n_ = uint64_t(ToNumber(args[3]));
    r_ = uint64_t(ToNumber(args[4]));
    p_ = uint64_t(ToNumber(args[5]));
    memory_ = uint64_t(ToNumber(args[6]));
    result_.resize(size_t(ToNumber(args[7])));
    if (!ToSecret(env(), args[1], &password_) ||
        !ToBytes(env(), args[2], env().Undefined(), &salt_))
      return false;
    // Without room for a result OpenSSL only checks the parameters.
    if (EVP_PBE_scrypt(nullptr, 0, nullptr, 0, n_, r_, p_, memory_, nullptr, 0) == 1)
      return true;
    std::vector<unsigned long> errors = TakeOpenSslErrors();
    std::string text = "Invalid scrypt params";
    if (!errors.empty()) {
      char reason[256];
      ERR_error_string_n(errors[0], reason, sizeof(reason));
      text += std::string(": ") + reason;
    }
    Error::Range("ERR_CRYPTO_INVALID_SCRYPT_PARAMS", text).Throw(env());
    return false;
  }
  bool Work() override {
    return result_.empty() ||
           EVP_PBE_scrypt(password_.data(), password_.size(), Raw(salt_), salt_.size(), n_, r_,
                          p_, memory_, Raw(result_), result_.size()) == 1;
  }

 private:
  std::string password_;
  std::string salt_;
  uint64_t n_ = 0, r_ = 0, p_ = 0, memory_ = 0;
};

// new HkdfJob(mode, digest, key handle, salt, info, length)
class HkdfJob final : public DerivingJob {
 public:
  HkdfJob(Env& env, const Args& args)
      : DerivingJob(env, Provider::kDERIVEBITSREQUEST, args) {}

  bool Configure(const Args& args) {
    if (!ToDigest(env(), args[1], &digest_) || !ToSecret(env(), args[2], &key_) ||
        !ToBytes(env(), args[3], env().Undefined(), &salt_) ||
        !ToBytes(env(), args[4], env().Undefined(), &info_))
      return false;
    size_t length = size_t(ToNumber(args[5]));
    if (length > 255 * size_t(EVP_MD_get_size(digest_.get()))) {
      Error::Range("ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length").Throw(env());
      return false;
    }
    result_.resize(length);
    return true;
  }
  bool Work() override {
    if (result_.empty()) return true;
    std::unique_ptr<EVP_KDF, FreeWith<EVP_KDF_free>> kdf(
        EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>> context(
        kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    if (!context) return false;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(digest_.get())), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key_.data(), key_.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_.data(), salt_.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info_.data(), info_.size()),
        OSSL_PARAM_construct_end()};
    return EVP_KDF_derive(context.get(), Raw(result_), result_.size(), params) == 1;
  }

 private:
  Digest digest_;
  std::string key_;
  std::string salt_;
  std::string info_;
};

// new SecretKeyGenJob(mode, length in bits): answers a KeyObjectHandle; for Web Crypto a
// CryptoKey of (algorithm, usages, extractable), made by the library's class.
class SecretKeyGenJob final : public CryptoJob {
 public:
  SecretKeyGenJob(Env& env, const Args& args)
      : CryptoJob(env, Provider::kKEYGENREQUEST, args) {}

  bool Configure(const Args& args) {
    auto made = std::make_shared<KeyData>();
    made->secret.resize(size_t(ToNumber(args[1])) / 8);
    key_ = std::move(made);
    if (mode() == JobMode::kWebCrypto) {
      algorithm_.Reset(env().isolate, args[2]);
      usages_ = uint32_t(ToNumber(args[3]));
      extractable_ = args[4]->IsTrue();
    }
    return true;
  }
  bool Work() override {
    return key_->secret.empty() ||
           RAND_bytes(Raw(key_->secret), int(key_->secret.size())) == 1;
  }
  v8::Local<v8::Value> Value() override {
    if (mode() != JobMode::kWebCrypto) return NewKeyHandle(env(), key_);
    return NewCryptoKey(env(), key_, algorithm_.Get(env().isolate), usages_, extractable_);
  }
  const char* FailureText() const override { return "Key generation job failed"; }

 private:
  std::shared_ptr<KeyData> key_;
  v8::Global<v8::Value> algorithm_;
  uint32_t usages_ = 0;
  bool extractable_ = false;
};

}  // namespace

#define KILN_JOB(variable, Class, js_name)                                        \
  const ClassEntry variable = {.name = js_name, .construct = ConstructJob<Class>, \
                               .parent = &kAsyncWrapClass, .methods = kJobMethods};
KILN_JOB(kRandomBytesJobClass, RandomBytesJob, "RandomBytesJob")
KILN_JOB(kPbkdf2JobClass, Pbkdf2Job, "PBKDF2Job")
KILN_JOB(kScryptJobClass, ScryptJob, "ScryptJob")
KILN_JOB(kHkdfJobClass, HkdfJob, "HKDFJob")
KILN_JOB(kSecretKeyGenJobClass, SecretKeyGenJob, "SecretKeyGenJob")
#undef KILN_JOB

}  // namespace kiln
