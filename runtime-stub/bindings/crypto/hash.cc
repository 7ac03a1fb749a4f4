// Hash, Hmac, hash() and the digests of Web Crypto.
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/objects.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "runtime-stub/bindings/crypto/deriving_job.h"
#include "runtime-stub/bindings/crypto/exchange.h"

namespace kiln {

namespace {

// Raised when digests must be looked up anew.
std::atomic<uint32_t> generation = 0;

Digest Share(const Digest& digest) {
  return EVP_MD_up_ref(digest.get()) ? Digest(digest.get()) : nullptr;
}

// Only names of OpenSSL's old table of digests count, in any case, with their aliases
// ("RSA-SHA256", "SHA2-256"). One that no provider has any more (MD4) is answered too: using
// it fails with OpenSSL's own error.
Digest LookUp(const std::string& name) {
  // An old name of DSA's digest that Node still takes.
  bool dss1 = name == "dss1" || name == "DSS1";
  const EVP_MD* known = EVP_get_digestbyname(dss1 ? "sha1" : name.c_str());
  if (!known || EVP_MD_get_type(known) == NID_undef) return nullptr;
  if (Digest digest{EVP_MD_fetch(nullptr, EVP_MD_get0_name(known), nullptr)}) return digest;
  ERR_clear_error();
  return Digest(const_cast<EVP_MD*>(known));  // a constant of OpenSSL's; freeing does nothing
}

}  // namespace

// A lookup takes longer than hashing a short string, so each thread remembers some.
Digest FetchDigest(const std::string& name) {
  StartOpenSsl();
  struct Memory {
    uint32_t generation = 0;
    std::unordered_map<std::string, Digest> digests;
  };
  static thread_local Memory memory;
  if (memory.generation != generation) {
    memory.digests.clear();
    memory.generation = generation;
  }
  auto found = memory.digests.find(name);
  if (found != memory.digests.end()) return Share(found->second);
  Digest digest = LookUp(name);
  if (!digest || memory.digests.size() == 64) return digest;
  return Share(memory.digests[name] = std::move(digest));
}

void ForgetDigests() { generation++; }

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
      if (!original->context_ || !EVP_MD_CTX_copy_ex(context_.get(), original->context_.get())) {
        ThrowOpenSsl(env(), "Digest copy error");
        return false;
      }
    } else {
      digest_ = FetchDigest(ToUtf8(env().isolate, args[0]));
      if (!digest_ || !EVP_DigestInit_ex(context_.get(), digest_.get(), nullptr)) {
        ThrowOpenSsl(env(), "Digest method not supported");
        return false;
      }
    }
    size_ = DefaultSize(md());
    if (!args[1]->IsUint32()) return true;
    size_t wanted = args[1].As<v8::Uint32>()->Value();
    if (wanted != size_ && !IsXof(md())) {
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
  std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>> mac_;
  std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>> context_;
};

constexpr Entry kHmacMethods[] = {
    Method<&Hmac::Init>("init"),
    Method<&Hmac::Update>("update"),
    Method<&Hmac::GetDigest>("digest"),
};

// ---------------------------------------------------------------- Web Crypto

// new HashJob(mode, algorithm, data, length in bits)
class HashJob final : public DerivingJob {
 public:
  HashJob(Env& env, const Args& args) : DerivingJob(env, Provider::kHASHREQUEST, args) {}

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
  bool Work() override {
    DigestContext context(EVP_MD_CTX_new());
    return EVP_DigestInit_ex(context.get(), digest_.get(), nullptr) &&
           EVP_DigestUpdate(context.get(), data_.data(), data_.size()) &&
           Finish(context.get(), digest_.get(), size_, &result_);
  }

 private:
  Digest digest_;
  size_t size_ = 0;
  std::string data_;
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
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!HMAC(digest_.get(), key_.data(), int(key_.size()), Octets(data_), data_.size(), bytes,
              &size))
      return false;
    result_.assign(reinterpret_cast<char*>(bytes), size);
    return true;
  }

 private:
  Digest digest_;
  SecretBytes key_;
  std::string data_;
};

// The names of the old table whose digest a provider has.
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

// Node caches digests under numbers that JavaScript passes back; FetchDigest has its own
// cache, so there are none.
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
