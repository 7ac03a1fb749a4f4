// Random bytes, and keys from passwords or other keys: PBKDF2, scrypt, HKDF, Argon2. Each is
// a job that runs at once or on the thread pool.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/thread.h>

#include <algorithm>
#include <thread>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

using Kdf = std::unique_ptr<EVP_KDF, FreeWith<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>>;

template <class Bytes>
OSSL_PARAM OctetsParam(const char* name, Bytes& bytes) {
  return OSSL_PARAM_construct_octet_string(name, bytes.data(), bytes.size());
}

// Whether the length of a buffer or view is an int, as Node demands of what it derives keys from;
// any other value passes. Else false with ERR_OUT_OF_RANGE pending.
bool FitsInt(Env& env, v8::Local<v8::Value> value, const char* otherwise) {
  if (ReadBytes(value).size() <= INT_MAX) return true;
  Error::Range("ERR_OUT_OF_RANGE", otherwise).Throw(env);
  return false;
}

// new RandomBytesJob(mode, buffer or view, offset, size): fills in place.
class RandomBytesJob final : public CryptoJob {
 public:
  RandomBytesJob(Env& env, const Args& args)
      : CryptoJob(env, Provider::kRANDOMBYTESREQUEST, args) {}

  bool Configure(const Args& args) {
    Bytes bytes;
    size_t offset = Saturate<size_t>(AsDouble(args[2]));
    size_ = Saturate<size_t>(AsDouble(args[3]));
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
    // JavaScript could shrink a resizable buffer while the thread pool writes to it.
    if (mode() != JobMode::kSync && store_->IsResizableByUserJavaScript()) apart_.resize(size_);
    return true;
  }
  bool Work() override {
    uint8_t* to = apart_.empty() ? data_ : Octets(apart_);
    // randomFill() has no limit: 2 GiB and more, which RAND_bytes() with its int refuses.
    return size_ == 0 || RAND_bytes_ex(nullptr, to, size_, 0) == 1;
  }
  v8::Local<v8::Value> Value() override {
    size_t offset = size_t(data_ - static_cast<uint8_t*>(store_->Data()));
    size_t room = store_->ByteLength();
    if (!apart_.empty() && offset < room)
      std::copy_n(Octets(apart_), std::min(size_, room - offset), data_);
    return env().Undefined();
  }
  const char* FailureText() const override { return "Random bytes are not available"; }

 private:
  std::shared_ptr<v8::BackingStore> store_;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  SecretBytes apart_;  // what goes to data_ at the end, if the pool cannot write there
};

// HMAC with one key over many short texts, for PBKDF2: the two blocks that depend on the key are
// hashed once and copied.
class KeyedHash {
 public:
  KeyedHash(const EVP_MD* md, std::string_view key)
      : size_(size_t(EVP_MD_get_size(md))),
        inner_(EVP_MD_CTX_new()),
        outer_(EVP_MD_CTX_new()),
        work_(EVP_MD_CTX_new()) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    const size_t block = size_t(EVP_MD_get_block_size(md));
    if (key.size() > block) {
      ok_ = EVP_Digest(key.data(), key.size(), digest, nullptr, md, nullptr);
      key = {reinterpret_cast<char*>(digest), size_};
    }
    std::string pad(block, '\0');
    std::copy(key.begin(), key.end(), pad.begin());
    for (char& c : pad) c ^= 0x36;
    ok_ = ok_ && Start(inner_.get(), md, pad);
    for (char& c : pad) c ^= 0x36 ^ 0x5c;
    ok_ = ok_ && Start(outer_.get(), md, pad);
    OPENSSL_cleanse(pad.data(), pad.size());
    OPENSSL_cleanse(digest, sizeof digest);
  }
  // The authentication code of `text` followed by `more`; `out` may be `text`.
  bool Compute(std::string_view text, std::string_view more, unsigned char* out) {
    EVP_MD_CTX* work = work_.get();
    return ok_ && EVP_MD_CTX_copy_ex(work, inner_.get()) &&
           EVP_DigestUpdate(work, text.data(), text.size()) &&
           (more.empty() || EVP_DigestUpdate(work, more.data(), more.size())) &&
           EVP_DigestFinal_ex(work, out, nullptr) && EVP_MD_CTX_copy_ex(work, outer_.get()) &&
           EVP_DigestUpdate(work, out, size_) && EVP_DigestFinal_ex(work, out, nullptr);
  }
  size_t size() const { return size_; }

 private:
  static bool Start(EVP_MD_CTX* context, const EVP_MD* md, std::string_view pad) {
    return EVP_DigestInit_ex(context, md, nullptr) &&
           EVP_DigestUpdate(context, pad.data(), pad.size());
  }
  size_t size_;
  DigestContext inner_, outer_, work_;
  bool ok_ = true;
};

// PBKDF2 (RFC 8018). OpenSSL's own goes through HMAC and copies four contexts where two are enough,
// which takes a fifth longer.
bool Pbkdf2(const EVP_MD* md, std::string_view password, std::string_view salt, int iterations,
            SecretBytes* out) {
  KeyedHash hash(md, password);
  unsigned char code[EVP_MAX_MD_SIZE];
  unsigned char sum[EVP_MAX_MD_SIZE];
  const size_t size = hash.size();
  bool ok = true;
  uint32_t number = 1;
  for (size_t at = 0; ok && at < out->size(); at += size, number++) {
    const char big_endian[] = {char(number >> 24), char(number >> 16), char(number >> 8),
                               char(number)};
    ok = hash.Compute(salt, {big_endian, sizeof big_endian}, code);
    std::copy_n(code, size, sum);
    for (int i = 1; ok && i < iterations; i++) {
      ok = hash.Compute({reinterpret_cast<char*>(code), size}, {}, code);
      for (size_t k = 0; k < size; k++) sum[k] ^= code[k];
    }
    std::copy_n(sum, std::min(size, out->size() - at), Octets(*out) + at);
  }
  OPENSSL_cleanse(code, sizeof code);
  OPENSSL_cleanse(sum, sizeof sum);
  return ok;
}

// new Pbkdf2Job(mode, password, salt, iterations, length, digest)
class Pbkdf2Job final : public DerivingJob {
 public:
  Pbkdf2Job(Env& env, const Args& args) : DerivingJob(env, Provider::kPBKDF2REQUEST, args) {}

  bool Configure(const Args& args) {
    iterations_ = Saturate<int>(AsDouble(args[3]));
    return ToResultSize(args, 4) && FitsInt(env(), args[1], "pass is too large") &&
           FitsInt(env(), args[2], "salt is too large") && ToSecret(env(), args[1], &password_) &&
           ToBytes(env(), args[2], env().Undefined(), &salt_) &&
           (digest_ = DigestArgument(env(), args[5]));
  }
  bool Work() override {
    // A length of 0 is an error here, as in Node.
    if (result_.empty()) return false;
    const EVP_MD* md = digest_.get();
    const bool plain = EVP_MD_get0_provider(md) && !(EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF) &&
                       EVP_MD_get_size(md) > 0 && EVP_MD_get_block_size(md) > 0;
    if (plain && iterations_ > 0) return Pbkdf2(md, password_, salt_, iterations_, &result_);
    return PKCS5_PBKDF2_HMAC(password_.data(), int(password_.size()), Octets(salt_),
                             int(salt_.size()), iterations_, digest_.get(), int(result_.size()),
                             Octets(result_)) == 1;
  }

 private:
  SecretBytes password_;
  std::string salt_;
  int iterations_ = 0;
  Digest digest_;
};

// new ScryptJob(mode, password, salt, N, r, p, maxmem, length)
class ScryptJob final : public DerivingJob {
 public:
  ScryptJob(Env& env, const Args& args) : DerivingJob(env, Provider::kSCRYPTREQUEST, args) {}

  bool Configure(const Args& args) {
    n_ = Saturate<uint64_t>(AsDouble(args[3]));
    r_ = Saturate<uint64_t>(AsDouble(args[4]));
    p_ = Saturate<uint64_t>(AsDouble(args[5]));
    memory_ = Saturate<uint64_t>(AsDouble(args[6]));
    if (!ToResultSize(args, 7) || !FitsInt(env(), args[1], "pass is too large") ||
        !FitsInt(env(), args[2], "salt is too large") || !ToSecret(env(), args[1], &password_) ||
        !ToBytes(env(), args[2], env().Undefined(), &salt_))
      return false;
    // Without an output buffer OpenSSL only checks the parameters.
    if (EVP_PBE_scrypt(nullptr, 0, nullptr, 0, n_, r_, p_, memory_, nullptr, 0) == 1) return true;
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
           EVP_PBE_scrypt(password_.data(), password_.size(), Octets(salt_), salt_.size(), n_, r_,
                          p_, memory_, Octets(result_), result_.size()) == 1;
  }

 private:
  SecretBytes password_;
  std::string salt_;
  uint64_t n_ = 0, r_ = 0, p_ = 0, memory_ = 0;
};

// new HkdfJob(mode, digest, key handle, salt, info, length)
class HkdfJob final : public DerivingJob {
 public:
  HkdfJob(Env& env, const Args& args) : DerivingJob(env, Provider::kDERIVEBITSREQUEST, args) {}

  bool Configure(const Args& args) {
    digest_ = DigestArgument(env(), args[1]);
    if (!digest_ || !ToSecret(env(), args[2], &key_) ||
        !ToBytes(env(), args[3], env().Undefined(), &salt_) ||
        !ToBytes(env(), args[4], env().Undefined(), &info_))
      return false;
    size_t length = AsUint32(args[5]);
    // OpenSSL refuses digests without a fixed size (SHAKE) for any length: deriving one byte queues
    // its error.
    int block = EVP_MD_get_size(digest_.get());
    if (block <= 0) length = std::min<size_t>(length, 1);
    if (block > 0 && length > 255 * size_t(block)) {
      Error::Range("ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length").Throw(env());
      return false;
    }
    result_.resize(length);
    return true;
  }
  bool Work() override {
    if (result_.empty()) return false;
    Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    KdfContext context(EVP_KDF_CTX_new(kdf.get()));
    if (!context) return false;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(digest_.get())), 0),
        OctetsParam(OSSL_KDF_PARAM_KEY, key_), OctetsParam(OSSL_KDF_PARAM_SALT, salt_),
        OctetsParam(OSSL_KDF_PARAM_INFO, info_), OSSL_PARAM_construct_end()};
    return EVP_KDF_derive(context.get(), Octets(result_), result_.size(), params) == 1;
  }

 private:
  Digest digest_;
  SecretBytes key_;
  std::string salt_;
  std::string info_;
};

// new Argon2Job(mode, message, nonce, lanes, length, memory in KiB, passes, secret,
// associated data, type)
class Argon2Job final : public DerivingJob {
 public:
  Argon2Job(Env& env, const Args& args) : DerivingJob(env, Provider::kARGON2REQUEST, args) {}

  bool Configure(const Args& args) {
    lanes_ = AsUint32(args[3]);
    result_.resize(AsUint32(args[4]));
    memory_ = AsUint32(args[5]);
    passes_ = AsUint32(args[6]);
    type_ = args[9]->IsUint32() ? AsUint32(args[9]) : uint32_t(std::size(kNames));
    if (type_ >= std::size(kNames)) {
      Error::Type("ERR_CRYPTO_INVALID_ARGON2_PARAMS", "Invalid Argon2 params").Throw(env());
      return false;
    }
    return ToSecret(env(), args[1], &message_) && ToBoundedBytes(env(), args[2], "salt", &nonce_) &&
           ToBoundedBytes(env(), args[7], "secret", &secret_) &&
           ToBoundedBytes(env(), args[8], "ad", &associated_);
  }
  // OpenSSL fills lanes with its own threads, one per processor. The number of threads of a library
  // context is a limit for all its users, so each job has its own context.
  bool Work() override {
    std::unique_ptr<OSSL_LIB_CTX, FreeWith<OSSL_LIB_CTX_free>> library;
    uint32_t threads = std::min(lanes_, std::max(1u, std::thread::hardware_concurrency()));
    if (threads > 1) {
      library.reset(OSSL_LIB_CTX_new());
      if (!library || !OSSL_set_max_threads(library.get(), threads)) return false;
    }
    Kdf kdf(EVP_KDF_fetch(library.get(), kNames[type_], nullptr));
    KdfContext context(EVP_KDF_CTX_new(kdf.get()));
    if (!context) return false;
    std::vector<OSSL_PARAM> params = {
        OctetsParam(OSSL_KDF_PARAM_PASSWORD, message_),
        OctetsParam(OSSL_KDF_PARAM_SALT, nonce_),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_THREADS, &threads),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &lanes_),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &memory_),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &passes_)};
    if (!secret_.empty()) params.push_back(OctetsParam(OSSL_KDF_PARAM_SECRET, secret_));
    if (!associated_.empty()) params.push_back(OctetsParam(OSSL_KDF_PARAM_ARGON2_AD, associated_));
    params.push_back(OSSL_PARAM_construct_end());
    return EVP_KDF_derive(context.get(), Octets(result_), result_.size(), params.data()) == 1;
  }

 private:
  static constexpr const char* kNames[] = {"ARGON2D", "ARGON2I", "ARGON2ID"};  // kTypeArgon2*
  SecretBytes message_;
  std::string nonce_;
  SecretBytes secret_;
  std::string associated_;
  uint32_t lanes_ = 0, memory_ = 0, passes_ = 0, type_ = 0;
};

// new SecretKeyGenJob(mode, length in bits): the result is a KeyObjectHandle of whole bytes; for
// Web Crypto a CryptoKey of (algorithm, usages, extractable), made by the library's class, which
// has all the bits.
class SecretKeyGenJob final : public CryptoJob {
 public:
  SecretKeyGenJob(Env& env, const Args& args) : CryptoJob(env, Provider::kKEYGENREQUEST, args) {}

  bool Configure(const Args& args) {
    auto made = std::make_shared<KeyData>();
    bits_ = AsUint32(args[1]);
    if (mode() == JobMode::kWebCrypto) {
      algorithm_.Reset(env().isolate, args[2]);
      usages_ = AsUint32(args[3]);
      extractable_ = args[4]->IsTrue();
    } else {
      bits_ -= bits_ % 8;
    }
    made->secret.resize((size_t(bits_) + 7) / 8);
    key_ = std::move(made);
    return true;
  }
  bool Work() override {
    SecretBytes& secret = key_->secret;
    if (secret.empty()) return true;
    if (RAND_bytes_ex(nullptr, Octets(secret), secret.size(), 0) != 1) return false;
    ClearUnusedBits(&secret, bits_);
    return true;
  }
  v8::Local<v8::Value> Value() override {
    if (mode() != JobMode::kWebCrypto) return NewKeyHandle(env(), key_);
    return NewCryptoKey(env(), key_, algorithm_.Get(env().isolate), usages_, extractable_);
  }
  const char* FailureText() const override { return "Key generation job failed"; }

 private:
  std::shared_ptr<KeyData> key_;
  uint32_t bits_ = 0;
  v8::Global<v8::Value> algorithm_;
  uint32_t usages_ = 0;
  bool extractable_ = false;
};

}  // namespace

KILN_JOB(kRandomBytesJobClass, RandomBytesJob, "RandomBytesJob")
KILN_JOB(kPbkdf2JobClass, Pbkdf2Job, "PBKDF2Job")
KILN_JOB(kScryptJobClass, ScryptJob, "ScryptJob")
KILN_JOB(kHkdfJobClass, HkdfJob, "HKDFJob")
KILN_JOB(kArgon2JobClass, Argon2Job, "Argon2Job")
KILN_JOB(kSecretKeyGenJobClass, SecretKeyGenJob, "SecretKeyGenJob")

}  // namespace kiln::runtime
