// Sign and Verify: compute a digest piece by piece, then its signature. Keys that only sign whole
// messages (Ed25519, ML-DSA) use SignJob instead.
#include <climits>

#include "runtime-stub/bindings/crypto/signatures/signature.h"

namespace kiln::runtime {
namespace {

class Signature : public Wrapped {
 public:
  explicit Signature(Env& env) : Wrapped(env) {}

  // init(digest)
  void Init(const Args& args) {
    digest_ = FetchDigest(ToUtf8(env().isolate, args[0]));
    if (!digest_) {
      ERR_clear_error();
      return Error::Type("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest").Throw(env());
    }
    ERR_clear_error();
    context_.reset(EVP_MD_CTX_new());
    if (EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr)) return;
    context_.reset();
    ThrowOpenSsl(env(), "EVP_SignInit_ex failed");
  }

  // update(data, encoding)
  void Update(const Args& args) {
    const InputBytes input(env(), args[0], args[1]);
    if (!input.ok()) return;
    const std::string_view bytes = input.view();
    if (bytes.size() > INT_MAX)
      return Error::Range("ERR_OUT_OF_RANGE", "data is too long").Throw(env());
    if (!context_) return NotInitialised();
    if (!EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()))
      ThrowOpenSsl(env(), "EVP_SignUpdate failed");
  }

 protected:
  struct Options {
    std::optional<int> padding;
    std::optional<int> salt_length;
    SignatureEncoding encoding = SignatureEncoding::kDer;
  };

  // (padding, salt length, encoding) from `index` on.
  bool ReadOptions(const Args& args, int index, Options* out) {
    out->padding = ToOptionalInt(args[index]);
    out->salt_length = ToOptionalInt(args[index + 1]);
    return ToSignatureEncoding(env(), args[index + 2], &out->encoding);
  }

  // False with an exception pending for a key that does not sign digests.
  bool SignsDigests(const PKey& key) {
    if (!SignsMessages(key)) return true;
    Error::Plain("ERR_CRYPTO_UNSUPPORTED_OPERATION", "Unsupported crypto operation").Throw(env());
    return false;
  }

  // Ends the digest; nothing can be added afterwards.
  bool Finish(std::string* digest) {
    DigestContext context = std::move(context_);
    if (!context) {
      NotInitialised();
      return false;
    }
    digest->resize(size_t(EVP_MD_get_size(digest_.get())));
    if (!digest->empty() && EVP_DigestFinal_ex(context.get(), Octets(*digest), nullptr))
      return true;
    ThrowOpenSsl(env(), "Digest failed");
    return false;
  }

  const EVP_MD* digest() const { return digest_.get(); }

 private:
  void NotInitialised() {
    Error::Plain("ERR_CRYPTO_INVALID_STATE", "Not initialised").Throw(env());
  }

  Digest digest_;
  DigestContext context_;  // null before init() and after the end
};

class Sign final : public Signature {
 public:
  using Signature::Signature;
  const char* type_name() const override { return "Sign"; }

  // sign(key..., padding, salt length, encoding)
  void Finalize(const Args& args) {
    int index = 0;
    Options options;
    KeyPointer key = PrivateKeyFromArguments(env(), args, &index);
    if (!key || !SignsDigests(key->pkey) || !ReadOptions(args, index, &options)) return;
    std::string hash;
    if (!Finish(&hash)) return;

    ERR_clear_error();
    PKeyContext context = NewContext(key->pkey);
    std::string signature;
    size_t size = 0;
    bool ok = context && EVP_PKEY_sign_init(context.get()) > 0 &&
              ApplyRsaOptions(key->pkey, context.get(), options.padding, options.salt_length) &&
              EVP_PKEY_CTX_set_signature_md(context.get(), digest()) > 0 &&
              EVP_PKEY_sign(context.get(), nullptr, &size, Octets(hash), hash.size()) > 0;
    if (ok) {
      signature.resize(size);
      ok = EVP_PKEY_sign(context.get(), Octets(signature), &size, Octets(hash), hash.size()) > 0;
      signature.resize(ok ? size : 0);
    }
    if (!ok) {
      std::vector<unsigned long> errors = TakeOpenSslErrors();
      if (errors.empty()) return ThrowOperationFailed(env(), "PEM_read_bio_PrivateKey failed");
      env().isolate->ThrowException(OpenSslException(env(), errors, ""));
      return;
    }
    if (options.encoding == SignatureEncoding::kP1363)
      signature = SignatureToP1363(key->pkey, std::move(signature));
    ERR_clear_error();
    args.GetReturnValue().Set(NewBuffer(env(), signature));
  }
};

class Verify final : public Signature {
 public:
  using Signature::Signature;
  const char* type_name() const override { return "Verify"; }

  // verify(key..., signature, padding, salt length, encoding)
  void Finalize(const Args& args) {
    int index = 0;
    Options options;
    std::string signature;
    KeyPointer key = PublicOrPrivateKeyFromArguments(env(), args, &index);
    if (!key || !SignsDigests(key->pkey) ||
        !ToBytes(env(), args[index], env().Undefined(), &signature))
      return;
    if (signature.size() > INT_MAX)
      return Error::Range("ERR_OUT_OF_RANGE", "buffer is too big").Throw(env());
    if (!ReadOptions(args, index + 1, &options)) return;
    ERR_clear_error();
    if (options.encoding == SignatureEncoding::kP1363) {
      signature = SignatureToDer(key->pkey, std::move(signature));
      if (signature.empty()) return ThrowOperationFailed(env(), "Malformed signature");
    }
    std::string hash;
    if (!Finish(&hash)) return;

    PKeyContext context = NewContext(key->pkey);
    int started = context ? EVP_PKEY_verify_init(context.get()) : 0;
    if (started == -2) return ThrowOpenSsl(env(), "PEM_read_bio_PUBKEY failed");
    bool valid = started > 0 &&
                 ApplyRsaOptions(key->pkey, context.get(), options.padding, options.salt_length) &&
                 EVP_PKEY_CTX_set_signature_md(context.get(), digest()) > 0 &&
                 EVP_PKEY_verify(context.get(), Octets(signature), signature.size(), Octets(hash),
                                 hash.size()) == 1;
    ERR_clear_error();
    args.GetReturnValue().Set(valid);
  }
};

template <class C>
void ConstructSigner(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  StartOpenSsl();
  (new C(env))->Attach(args.This());
}

constexpr Entry kSignMethods[] = {Method<&Sign::Init>("init"), Method<&Sign::Update>("update"),
                                  Method<&Sign::Finalize>("sign")};
constexpr Entry kVerifyMethods[] = {Method<&Verify::Init>("init"),
                                    Method<&Verify::Update>("update"),
                                    Method<&Verify::Finalize>("verify")};

}  // namespace

const ClassEntry kSignClass = {
    .name = "Sign", .construct = ConstructSigner<Sign>, .methods = kSignMethods};
const ClassEntry kVerifyClass = {
    .name = "Verify", .construct = ConstructSigner<Verify>, .methods = kVerifyMethods};

}  // namespace kiln::runtime
