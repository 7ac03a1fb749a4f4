// SignJob: signs or verifies a whole message, for crypto.sign(), crypto.verify() and Web Crypto,
// with every kind of key that can sign.
#include <openssl/core_names.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"
#include "runtime-stub/bindings/crypto/signatures/signature.h"

namespace kiln::runtime {
namespace {

// new SignJob(mode, sign or verify, key..., data, digest, salt length, padding, encoding,
// context, signature)
class SignJob final : public CryptoJob {
 public:
  SignJob(Env& env, const Args& args) : CryptoJob(env, Provider::kSIGNREQUEST, args) {}

  bool Configure(const Args& args) {
    verify_ = ToOptionalInt(args[1]) == 1;
    int i = 2;
    key_ = (verify_ ? PublicOrPrivateKeyFromArguments : PrivateKeyFromArguments)(env(), args, &i);
    if (!key_ || !ToBoundedBytes(env(), args[i], "data", &data_)) return false;
    if (args[i + 1]->IsString() && !(digest_ = DigestArgument(env(), args[i + 1]))) return false;
    salt_length_ = ToOptionalInt(args[i + 2]);
    if (args[i + 3]->IsUint32()) padding_ = ToOptionalInt(args[i + 3]);
    if (!args[i + 4]->IsUndefined() && !ToSignatureEncoding(env(), args[i + 4], &encoding_))
      return false;
    if (!ToOptionalBytes(env(), args[i + 5], "context string", &context_)) return false;
    if (context_.size() > 255) {
      Error::Range("ERR_OUT_OF_RANGE", "context string must be at most 255 bytes").Throw(env());
      return false;
    }
    if (!verify_) return true;
    if (!ToBoundedBytes(env(), args[i + 6], "signature", &signature_)) return false;
    // A signature of the wrong size becomes an empty one, which is not valid.
    if (encoding_ == SignatureEncoding::kP1363)
      signature_ = SignatureToDer(key_->pkey, std::move(signature_));
    return true;
  }

  bool Work() override {
    if (!context_.empty() && !SignsMessages(key_->pkey)) {
      refused_context_ = true;
      return false;
    }
    DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;  // owned by the digest's context
    // Of the variants of Ed25519 only this one takes a context.
    char variant[] = "Ed25519ctx";
    bool ed25519 = AlgorithmOf(key_->pkey.get()) == AlgorithmOfNid(EVP_PKEY_ED25519);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, context_.data(),
                                          context_.size()),
        ed25519 ? OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_INSTANCE, variant, 0)
                : OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end()};
    // With a context the digest is ignored: keys that take a context have a fixed digest.
    const char* digest = digest_ && context_.empty() ? EVP_MD_get0_name(digest_.get()) : nullptr;
    auto* start = verify_ ? EVP_DigestVerifyInit_ex : EVP_DigestSignInit_ex;
    if (!context ||
        start(context.get(), &options, digest, nullptr, nullptr, key_->pkey.get(),
              context_.empty() ? nullptr : params) <= 0 ||
        !ApplyRsaOptions(key_->pkey, options, padding_, salt_length_))
      return false;
    if (!verify_) return Sign(context.get());
    // With points of small order a signature is valid for other messages too. OpenSSL accepts them.
    if (HasSmallOrderPoint(key_->pkey, signature_)) return true;
    valid_ = EVP_DigestVerify(context.get(), Octets(signature_), signature_.size(),
                              Octets(std::string_view(data_)), data_.size()) == 1;
    return true;
  }

  v8::Local<v8::Value> Value() override {
    if (verify_) return v8::Boolean::New(env().isolate, valid_);
    return ToArrayBuffer(env(), signature_);
  }

  const char* FailureText() const override {
    if (mode() != JobMode::kSync) return "Deriving bits failed";
    return refused_context_ ? "Context parameter is unsupported" : "EVP_SignInit_ex failed";
  }
  const char* FailureCode() const override {
    return mode() == JobMode::kSync ? "ERR_CRYPTO_OPERATION_FAILED" : nullptr;
  }
  ErrorDetail FailureDetail() const override {
    return mode() == JobMode::kSync ? ErrorDetail::kOthers : ErrorDetail::kTextOnly;
  }

 private:
  bool Sign(EVP_MD_CTX* context) {
    const unsigned char* data = Octets(std::string_view(data_));
    size_t size = 0;
    if (EVP_DigestSign(context, nullptr, &size, data, data_.size()) <= 0) return false;
    signature_.resize(size);
    if (EVP_DigestSign(context, Octets(signature_), &size, data, data_.size()) <= 0) return false;
    signature_.resize(size);
    if (encoding_ == SignatureEncoding::kP1363)
      signature_ = SignatureToP1363(key_->pkey, std::move(signature_));
    return true;
  }

  bool verify_ = false;
  KeyPointer key_;
  std::string data_;
  Digest digest_;
  std::optional<int> salt_length_;
  std::optional<int> padding_;
  SignatureEncoding encoding_ = SignatureEncoding::kDer;
  std::string context_;
  std::string signature_;  // given, or the result
  bool valid_ = false;
  bool refused_context_ = false;
};

}  // namespace

KILN_JOB(kSignJobClass, SignJob, "SignJob")

}  // namespace kiln::runtime
