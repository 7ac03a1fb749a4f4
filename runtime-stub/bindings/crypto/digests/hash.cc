// Hash, Hmac, hash() and the digests of Web Crypto.
#include <openssl/core_names.h>

#include <algorithm>
#include <set>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/common/exchange.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {

namespace {

bool IsXof(const EVP_MD* md) { return EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF; }

// OpenSSL has no default length for SHAKE any more; Node keeps the earlier one. (EVP_MD_is_a takes
// as long as hashing 100 bytes, so the flag is checked first.)
size_t DefaultSize(const EVP_MD* md) {
  if (IsXof(md)) {
    if (EVP_MD_is_a(md, "SHAKE128")) return 16;
    if (EVP_MD_is_a(md, "SHAKE256")) return 32;
  }
  return size_t(std::max(EVP_MD_get_size(md), 0));
}

// The bytes of a digest, inside the object; only an XOF's may be longer.
class DigestBytes {
 public:
  // Ends the context's computation. `size` is the digest's size, or any size for an XOF.
  bool Finish(EVP_MD_CTX* context, size_t size) {
    unsigned char* to = Reserve(size);
    if (size == 0) return true;
    const bool ok = IsXof(EVP_MD_CTX_get0_md(context)) ? EVP_DigestFinalXOF(context, to, size)
                                                       : EVP_DigestFinal_ex(context, to, nullptr);
    if (!ok) size_ = 0;
    return ok;
  }
  // The digest of all the input at once.
  bool Compute(const EVP_MD* md, std::string_view input, size_t size) {
    if (!IsXof(md))
      return EVP_Digest(input.data(), input.size(), Reserve(size), nullptr, md, nullptr);
    DigestContext context(EVP_MD_CTX_new());
    return EVP_DigestInit_ex(context.get(), md, nullptr) &&
           EVP_DigestUpdate(context.get(), input.data(), input.size()) &&
           Finish(context.get(), size);
  }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(large_ ? large_.get() : small_), size_};
  }

 private:
  unsigned char* Reserve(size_t size) {
    size_ = size;
    if (size <= sizeof small_) return small_;
    large_ = std::make_unique_for_overwrite<unsigned char[]>(size);
    return large_.get();
  }
  unsigned char small_[EVP_MAX_MD_SIZE];
  std::unique_ptr<unsigned char[]> large_;
  size_t size_ = 0;
};

// The digest for three arguments: its name, its number if JavaScript has used it before (else -1),
// and the object in which JavaScript keeps numbers by name. Null if unknown.
const EVP_MD* DigestOf(Env& env, v8::Local<v8::Value> name, v8::Local<v8::Value> number,
                       v8::Local<v8::Value> numbers) {
  if (number->IsInt32())
    if (const EVP_MD* digest = FindDigest(number.As<v8::Int32>()->Value())) return digest;
  int id;
  const EVP_MD* digest = FindDigest(ToUtf8(env.isolate, name), &id);
  if (digest && name->IsString() && numbers->IsObject() && !numbers->IsProxy())
    (void)numbers.As<v8::Object>()->CreateDataProperty(env.context(), name.As<v8::String>(),
                                                       v8::Integer::New(env.isolate, id));
  return digest;
}

// ---------------------------------------------------------------- Hash

class Hash final : public Wrapped {
 public:
  explicit Hash(Env& env) : Wrapped(env) {}
  const char* type_name() const override { return "Hash"; }

  // new Hash(algorithm or Hash, length or undefined, its number or -1, numbers)
  bool Configure(const Args& args) {
    context_.reset(EVP_MD_CTX_new());
    if (Hash* original = UnwrapArgument<Hash>(env(), kHashClass, args[0])) {
      if (!original->context_ || !EVP_MD_CTX_copy_ex(context_.get(), original->context_.get())) {
        ThrowOpenSsl(env(), "Digest copy error");
        return false;
      }
    } else {
      const EVP_MD* digest = DigestOf(env(), args[0], args[2], args[3]);
      if (!digest || !EVP_DigestInit_ex(context_.get(), digest, nullptr)) {
        ThrowOpenSsl(env(), "Digest method not supported", ErrorDetail::kAll);
        return false;
      }
    }
    const EVP_MD* md = EVP_MD_CTX_get0_md(context_.get());
    size_ = DefaultSize(md);
    if (!args[1]->IsUint32()) return true;
    size_t wanted = args[1].As<v8::Uint32>()->Value();
    if (wanted != size_ && !IsXof(md)) {
      ERR_raise(ERR_LIB_EVP, EVP_R_NOT_XOF_OR_INVALID_LENGTH);
      ThrowOpenSsl(env(), "Digest method not supported");
      return false;
    }
    size_ = wanted;
    return true;
  }

  void Update(const Args& args) {
    const InputBytes input(env(), args[0], args[1]);
    if (!input.ok()) return;
    const std::string_view bytes = input.view();
    args.GetReturnValue().Set(context_ &&
                              EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  void GetDigest(const Args& args) {
    // The stream and digest() may both call this; the result is kept.
    if (context_) {
      bool ok = result_.Finish(context_.get(), size_);
      context_.reset();
      if (!ok) return ThrowOpenSsl(env(), "Digest failed");
    }
    v8::Local<v8::Value> out;
    if (ToOutput(env(), result_.view(), args[0]).ToLocal(&out)) args.GetReturnValue().Set(out);
  }

 private:
  DigestContext context_;  // keeps the digest
  size_t size_ = 0;
  DigestBytes result_;
};

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
    SecretBytes key;
    if (!ToSecret(env(), args[1], &key)) return;
    MacContext context(EVP_MAC_CTX_new(FindHmac()));
    const EVP_MD* digest = FindDigest(name);
    if (!digest) {
      ERR_clear_error();
      return Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: " + name).Throw(env());
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(digest)), 0),
        OSSL_PARAM_construct_end()};
    if (!context || !EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()),
                                  key.size(), params))
      return ThrowOpenSsl(env(), kNoReason);
    context_ = std::move(context);
  }

  void Update(const Args& args) {
    const InputBytes input(env(), args[0], args[1]);
    if (!input.ok()) return;
    const std::string_view bytes = input.view();
    args.GetReturnValue().Set(context_ &&
                              EVP_MAC_update(context_.get(),
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
  using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
  MacContext context_;
};

constexpr Entry kHmacMethods[] = {
    Method<&Hmac::Init>("init"),
    Method<&Hmac::Update>("update"),
    Method<&Hmac::GetDigest>("digest"),
};

// ---------------------------------------------------------------- Web Crypto

// new HashJob(mode, algorithm, data, length in bits)
class HashJob final : public CryptoJob {
 public:
  HashJob(Env& env, const Args& args) : CryptoJob(env, Provider::kHASHREQUEST, args) {}

  bool Configure(const Args& args) {
    digest_ = DigestArgument(env(), args[1]);
    if (!digest_ || !ToBoundedBytes(env(), args[2], "data", &data_)) return false;
    size_ = DefaultSize(digest_.get());
    if (!args[3]->IsUint32()) return true;
    size_t size = AsUint32(args[3]) / 8;
    if (size != size_ && !IsXof(digest_.get())) {
      Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Digest method not supported").Throw(env());
      return false;
    }
    size_ = size;
    return true;
  }
  bool Work() override { return result_.Compute(digest_.get(), data_, size_); }
  v8::Local<v8::Value> Value() override { return ToArrayBuffer(env(), result_.view()); }
  const char* FailureText() const override { return "Deriving bits failed"; }

 private:
  Digest digest_;
  size_t size_ = 0;
  std::string data_;
  DigestBytes result_;
};

// new HmacJob(mode, sign or verify, digest, key handle, data, signature)
class HmacJob final : public MacJob {
 public:
  HmacJob(Env& env, const Args& args) : MacJob(env, Provider::kSIGNREQUEST, args) {}

  bool Configure(const Args& args) {
    digest_ = DigestArgument(env(), args[2]);
    return digest_ && ToSecret(env(), args[3], &key_) &&
           ToBoundedBytes(env(), args[4], "data", &data_) && ConfigureMode(args[1], args[5]);
  }
  bool Work() override {
    // HMAC() would do the same, but takes the size of the key as an int.
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (!EVP_Q_mac(nullptr, "HMAC", nullptr, EVP_MD_get0_name(digest_.get()), nullptr, key_.data(),
                   key_.size(), Octets(data_), data_.size(), bytes, sizeof(bytes), &size))
      return false;
    result_.assign({reinterpret_cast<char*>(bytes), size});
    OPENSSL_cleanse(bytes, sizeof bytes);
    return true;
  }

 private:
  Digest digest_;
  SecretBytes key_;
  std::string data_;
};

// The names in OpenSSL's old table of digests that a provider has.
const std::set<std::string>& HashNames() {
  static const std::set<std::string>& names = *new std::set<std::string>([] {
    std::set<std::string> found;
    EVP_MD_do_all_sorted(
        [](const EVP_MD*, const char* from, const char*, void* out) {
          Digest digest = from ? FetchDigest(from) : nullptr;
          if (digest && EVP_MD_get0_provider(digest.get()))
            static_cast<std::set<std::string>*>(out)->insert(from);
        },
        &found);
    return found;
  }());
  return names;
}

}  // namespace

const ClassEntry kHashClass = {
    .name = "Hash", .construct = ConstructConfigured<Hash>, .methods = kHashMethods};
const ClassEntry kHmacClass = {
    .name = "Hmac", .construct = ConstructConfigured<Hmac>, .methods = kHmacMethods};
KILN_JOB(kHashJobClass, HashJob, "HashJob")
KILN_JOB(kHmacJobClass, HmacJob, "HmacJob")

void GetHashes(Env& env, const Args& args) {
  StartOpenSsl();
  v8::LocalVector<v8::Value> names(env.isolate);
  for (const std::string& name : HashNames()) names.push_back(env.Str(name));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

// The known numbers of digests by name: none at first. The object is filled with use.
void GetCachedAliases(Env& env, const Args& args) {
  args.GetReturnValue().Set(NewNullProtoObject(env));
}

// oneShotDigest(algorithm, its number or -1, numbers, input, encoding, its number, length)
void OneShotDigest(Env& env, const Args& args) {
  const EVP_MD* digest = DigestOf(env, args[0], args[1], args[2]);
  if (!digest) {
    ERR_clear_error();
    const std::string name = ToUtf8(env.isolate, args[0]);
    return ThrowOpenSsl(env, ("Digest method " + name + " is not supported").c_str());
  }
  size_t size = DefaultSize(digest);
  if (args[6]->IsUint32()) {
    size_t wanted = args[6].As<v8::Uint32>()->Value();
    if (!IsXof(digest) && wanted != size) {
      const std::string name = ToUtf8(env.isolate, args[0]);
      return ThrowOpenSsl(env, ("Output length " + std::to_string(wanted) + " is invalid for " +
                                name + ", which does not support XOF")
                                   .c_str());
    }
    size = wanted;
  }
  const InputBytes input(env, args[3], env.Undefined());
  if (!input.ok()) return;
  DigestBytes result;
  if (!result.Compute(digest, input.view(), size))
    return ThrowOpenSsl(env, "Digest failed", ErrorDetail::kAll);
  v8::Local<v8::Value> out;
  const Encoding encoding =
      ParseEncoding(env, args[5]->IsInt32() ? args[5] : args[4], Encoding::kHex);
  if (EncodeString(env, result.view(), encoding).ToLocal(&out)) args.GetReturnValue().Set(out);
}

}  // namespace kiln::runtime
