// Hash, Hmac, hash() and the digests of Web Crypto.
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/objects.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "runtime-stub/bindings/crypto/crypto.h"

namespace kiln {

Digest FetchDigest(const std::string& name) {
  StartOpenSsl();
  // An old name of DSA's digest that Node still takes.
  if (name == "dss1" || name == "DSS1") return Digest(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  // Legacy names ("RSA-SHA256", "ssl3-md5") are known to the table of objects only.
  const EVP_MD* legacy = EVP_get_digestbyname(name.c_str());
  const char* fetch = legacy ? EVP_MD_get0_name(legacy) : nullptr;
  return Digest(EVP_MD_fetch(nullptr, fetch ? fetch : name.c_str(), nullptr));
}

namespace {

bool IsXof(const EVP_MD* md) { return EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF; }

// OpenSSL has no default length for SHAKE any more; Node keeps the one it used to have.
size_t DefaultSize(const EVP_MD* md) {
  if (EVP_MD_is_a(md, "SHAKE128")) return 16;
  if (EVP_MD_is_a(md, "SHAKE256")) return 32;
  return size_t(std::max(EVP_MD_get_size(md), 0));
}

bool Finish(EVP_MD_CTX* context, const EVP_MD* md, size_t size, std::string* out) {
  out->resize(size);
  auto* bytes = reinterpret_cast<unsigned char*>(out->data());
  if (size == 0) return true;
  if (size == DefaultSize(md) && !IsXof(md)) return EVP_DigestFinal_ex(context, bytes, nullptr);
  return EVP_DigestFinalXOF(context, bytes, size);
}

// ---------------------------------------------------------------- Hash

class Hash final : public Wrapped {
 public:
  explicit Hash(Env& env) : Wrapped(env) {}
  const char* type_name() const override { return "Hash"; }

  // new Hash(algorithm or Hash, length or undefined, cache id, cache)
  bool Configure(const Args& args) {
    context_.reset(EVP_MD_CTX_new());
    if (Hash* original = UnwrapArgument<Hash>(env(), kHashClass, args[0])) {
      if (!original->context_ ||
          !EVP_MD_CTX_copy_ex(context_.get(), original->context_.get())) {
        ThrowOpenSsl(env(), "Digest copy error");
        return false;
      }
    } else {
      digest_ = FetchDigest(ToUtf8(env().isolate, args[0]));
      if (!digest_ || !EVP_DigestInit_ex(context_.get(), digest_.get(), nullptr)) {
        ERR_clear_error();
        ThrowOpenSsl(env(), "Digest method not supported");
        return false;
      }
    }
    size_ = DefaultSize(md());
    if (!args[1]->IsUint32()) return true;
    size_t wanted = args[1].As<v8::Uint32>()->Value();
    if (wanted != size_ && wanted != 0 && !IsXof(md())) {
      ERR_raise(ERR_LIB_EVP, EVP_R_NOT_XOF_OR_INVALID_LENGTH);
      ThrowOpenSsl(env(), "Digest method not supported");
      return false;
    }
    size_ = wanted;
    return true;
  }

  void Update(const Args& args) {
    std::string storage;
    std::string_view bytes;
    ReadBytes view(args[0]);
    if (view.ok()) {
      bytes = view.view();
    } else {
      if (!ToBytes(env(), args[0], args[1], &storage)) return;
      bytes = storage;
    }
    args.GetReturnValue().Set(context_ &&
                              EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  void GetDigest(const Args& args) {
    // The stream and digest() may both ask; the result is kept.
    if (context_) {
      bool ok = Finish(context_.get(), md(), size_, &result_);
      context_.reset();
      if (!ok) return ThrowOpenSsl(env(), "Digest failed");
    }
    v8::Local<v8::Value> out;
    if (ToOutput(env(), result_, args[0]).ToLocal(&out)) args.GetReturnValue().Set(out);
  }

 private:
  const EVP_MD* md() const { return EVP_MD_CTX_get0_md(context_.get()); }
  Digest digest_;
  DigestContext context_;
  size_t size_ = 0;
  std::string result_;
};

template <class C>
void ConstructWith(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!args.IsConstructCall())
    return Error::Type("ERR_CONSTRUCT_CALL_REQUIRED", "Cannot call constructor without `new`")
        .Throw(env);
  StartOpenSsl();
  auto made = std::make_unique<C>(env);
  if (made->Configure(args)) made.release()->Attach(args.This());
}

constexpr Entry kHashMethods[] = {
    Method<&Hash::Update>("update"),
    Method<&Hash::GetDigest>("digest"),
};

// ---------------------------------------------------------------- Hmac

class Hmac final : public Wrapped {
 public:
  explicit Hmac(Env& env) : Wrapped(env) {}
  const char* type_name() const override { return "Hmac"; }
  bool Configure(const Args&) { return true; }

  // init(digest name, key)
  void Init(const Args& args) {
    std::string name = ToUtf8(env().isolate, args[0]);
    std::string key;
    if (!ToSecret(env(), args[1], &key)) return;
    Digest digest = FetchDigest(name);
    if (!digest) {
      ERR_clear_error();
      return Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: " + name).Throw(env());
    }
    mac_.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    context_.reset(EVP_MAC_CTX_new(mac_.get()));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(digest.get())), 0),
        OSSL_PARAM_construct_end()};
    if (!EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key.data()),
                      key.size(), params))
      ThrowOpenSsl(env(), "HMAC initialization failed");
  }

  void Update(const Args& args) {
    std::string bytes;
    if (!ToBytes(env(), args[0], args[1], &bytes)) return;
    args.GetReturnValue().Set(
        context_ && EVP_MAC_update(context_.get(),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   bytes.size()) == 1);
  }

  void GetDigest(const Args& args) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (context_) {
      bool ok = EVP_MAC_final(context_.get(), bytes, &size, sizeof(bytes));
      context_.reset();
      if (!ok) return ThrowOpenSsl(env(), "HMAC failed");
    }
    v8::Local<v8::Value> out;
    if (ToOutput(env(), {reinterpret_cast<char*>(bytes), size}, args[0]).ToLocal(&out))
      args.GetReturnValue().Set(out);
  }

 private:
  std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>> mac_;
  std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>> context_;
};

constexpr Entry kHmacMethods[] = {
    Method<&Hmac::Init>("init"),
    Method<&Hmac::Update>("update"),
    Method<&Hmac::GetDigest>("digest"),
};

// ---------------------------------------------------------------- Web Crypto

v8::Local<v8::ArrayBuffer> ToArrayBuffer(Env& env, std::string_view bytes) {
  auto buffer = v8::ArrayBuffer::New(env.isolate, bytes.size());
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(buffer->Data()));
  return buffer;
}

// new HashJob(mode, algorithm, data, length in bits)
class HashJob final : public CryptoJob {
 public:
  HashJob(Env& env, const Args& args) : CryptoJob(env, Provider::kHASHREQUEST, args) {}

  bool Configure(const Args& args) {
    std::string name = ToUtf8(env().isolate, args[1]);
    digest_ = FetchDigest(name);
    if (!digest_) {
      ERR_clear_error();
      Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: " + name).Throw(env());
      return false;
    }
    size_ = DefaultSize(digest_.get());
    if (args[3]->IsUint32()) {
      size_t size = args[3].As<v8::Uint32>()->Value() / 8;
      if (size != size_ && !IsXof(digest_.get())) {
        Error::Plain("ERR_CRYPTO_OPERATION_FAILED", "Unsupported length").Throw(env());
        return false;
      }
      size_ = size;
    }
    return ToBytes(env(), args[2], env().Undefined(), &data_);
  }
  bool Work() override {
    DigestContext context(EVP_MD_CTX_new());
    return EVP_DigestInit_ex(context.get(), digest_.get(), nullptr) &&
           EVP_DigestUpdate(context.get(), data_.data(), data_.size()) &&
           Finish(context.get(), digest_.get(), size_, &result_);
  }
  v8::Local<v8::Value> Value() override { return ToArrayBuffer(env(), result_); }
  const char* FailureText() const override { return "Deriving bits failed"; }

 private:
  Digest digest_;
  size_t size_ = 0;
  std::string data_;
  std::string result_;
};

// new HmacJob(mode, sign (0) or verify (1), digest, key handle, data, signature)
class HmacJob final : public CryptoJob {
 public:
  HmacJob(Env& env, const Args& args) : CryptoJob(env, Provider::kSIGNREQUEST, args) {}

  bool Configure(const Args& args) {
    verify_ = args[1]->IsInt32() && args[1].As<v8::Int32>()->Value() == 1;
    std::string name = ToUtf8(env().isolate, args[2]);
    digest_ = FetchDigest(name);
    if (!digest_) {
      ERR_clear_error();
      Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: " + name).Throw(env());
      return false;
    }
    return ToSecret(env(), args[3], &key_) &&
           ToBytes(env(), args[4], env().Undefined(), &data_) &&
           (!verify_ || ToBytes(env(), args[5], env().Undefined(), &signature_));
  }
  bool Work() override {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!HMAC(digest_.get(), key_.data(), int(key_.size()),
              reinterpret_cast<const unsigned char*>(data_.data()), data_.size(), bytes, &size))
      return false;
    result_.assign(reinterpret_cast<char*>(bytes), size);
    return true;
  }
  v8::Local<v8::Value> Value() override {
    if (!verify_) return ToArrayBuffer(env(), result_);
    return v8::Boolean::New(env().isolate,
                            signature_.size() == result_.size() &&
                                CRYPTO_memcmp(signature_.data(), result_.data(),
                                              result_.size()) == 0);
  }
  const char* FailureText() const override { return "Deriving bits failed"; }

 private:
  bool verify_ = false;
  Digest digest_;
  std::string key_;
  std::string data_;
  std::string signature_;
  std::string result_;
};

// The names Node lists: those of the object table whose digest the provider has, and the
// provider's own, in lower case.
const std::set<std::string>& HashNames() {
  static const std::set<std::string>& names = *new std::set<std::string>([] {
    std::set<std::string> found;
    EVP_MD_do_all_sorted(
        [](const EVP_MD*, const char* from, const char*, void* out) {
          if (from && FetchDigest(from)) static_cast<std::set<std::string>*>(out)->insert(from);
        },
        &found);
    ERR_clear_error();
    return found;
  }());
  return names;
}

}  // namespace

const ClassEntry kHashClass = {
    .name = "Hash", .construct = ConstructWith<Hash>, .methods = kHashMethods};
const ClassEntry kHmacClass = {
    .name = "Hmac", .construct = ConstructWith<Hmac>, .methods = kHmacMethods};
const ClassEntry kHashJobClass = {.name = "HashJob",
                                  .construct = ConstructJob<HashJob>,
                                  .parent = &kAsyncWrapClass,
                                  .methods = kJobMethods};
const ClassEntry kHmacJobClass = {.name = "HmacJob",
                                  .construct = ConstructJob<HmacJob>,
                                  .parent = &kAsyncWrapClass,
                                  .methods = kJobMethods};

void GetHashes(Env& env, const Args& args) {
  StartOpenSsl();
  v8::LocalVector<v8::Value> names(env.isolate);
  for (const std::string& name : HashNames()) names.push_back(env.Str(name));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

// Node caches digests under numbers that JavaScript passes back. FetchDigest is quick (the
// provider has a cache), so there are none.
void GetCachedAliases(Env& env, const Args& args) {
  args.GetReturnValue().Set(NewNullProtoObject(env));
}

// oneShotDigest(algorithm, id, cache, input, output encoding, its number, length)
void OneShotDigest(Env& env, const Args& args) {
  StartOpenSsl();
  std::string name = ToUtf8(env.isolate, args[0]);
  Digest digest = FetchDigest(name);
  if (!digest) {
    ERR_clear_error();
    return ThrowOpenSsl(env, ("Digest method " + name + " is not supported").c_str());
  }
  size_t size = DefaultSize(digest.get());
  if (args[6]->IsUint32()) {
    size_t wanted = args[6].As<v8::Uint32>()->Value();
    if (!IsXof(digest.get()) && wanted != size)
      return ThrowOpenSsl(env, ("Output length " + std::to_string(wanted) + " is invalid for " +
                                name + ", which does not support XOF")
                                   .c_str());
    size = wanted;
  }
  std::string storage;
  std::string result;
  std::string_view input;
  ReadBytes view(args[3]);
  if (view.ok()) {
    input = view.view();
  } else {
    if (!ToBytes(env, args[3], env.Undefined(), &storage)) return;
    input = storage;
  }
  DigestContext context(EVP_MD_CTX_new());
  if (!EVP_DigestInit_ex(context.get(), digest.get(), nullptr) ||
      !EVP_DigestUpdate(context.get(), input.data(), input.size()) ||
      !Finish(context.get(), digest.get(), size, &result))
    return ThrowOpenSsl(env, "Digest failed");
  v8::Local<v8::Value> out;
  Encoding encoding = ParseEncoding(env, args[4], Encoding::kHex);
  if (EncodeString(env, result, encoding).ToLocal(&out)) args.GetReturnValue().Set(out);
}

}  // namespace kiln
