// Encryption with RSA: publicEncrypt(), privateDecrypt(), privateEncrypt() and publicDecrypt() with
// the caller's choice of padding, and RSACipherJob, RSA-OAEP for Web Crypto.
#include <openssl/rsa.h>

#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

// One of the four operations: OpenSSL's pair of functions.
struct Operation {
  int (*start)(EVP_PKEY_CTX*);
  int (*run)(EVP_PKEY_CTX*, unsigned char*, size_t*, const unsigned char*, size_t);
};
constexpr Operation kEncrypt = {EVP_PKEY_encrypt_init, EVP_PKEY_encrypt};
constexpr Operation kDecrypt = {EVP_PKEY_decrypt_init, EVP_PKEY_decrypt};
constexpr Operation kSign = {EVP_PKEY_sign_init, EVP_PKEY_sign};
constexpr Operation kRecover = {EVP_PKEY_verify_recover_init, EVP_PKEY_verify_recover};

struct Padding {
  int mode = RSA_PKCS1_OAEP_PADDING;
  const EVP_MD* digest = nullptr;  // of OAEP; null: its default
  std::string label;               // of OAEP
};

bool Apply(EVP_PKEY_CTX* context, const Padding& padding) {
  if (EVP_PKEY_CTX_set_rsa_padding(context, padding.mode) <= 0) return false;
  if (padding.digest && EVP_PKEY_CTX_set_rsa_oaep_md(context, padding.digest) <= 0) return false;
  if (padding.label.empty()) return true;
  void* label = OPENSSL_memdup(padding.label.data(), padding.label.size());
  if (label && EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, int(padding.label.size())) > 0)
    return true;
  OPENSSL_free(label);
  return false;
}

// Any thread. False with OpenSSL's errors in the queue.
bool Transform(const PKey& key, const Operation& operation, const Padding& padding,
               std::string_view in, SecretBytes* out) {
  PKeyContext context = NewContext(key);
  size_t size = 0;
  if (!context || operation.start(context.get()) <= 0 || !Apply(context.get(), padding) ||
      operation.run(context.get(), nullptr, &size, Octets(in), in.size()) <= 0)
    return false;
  out->resize(size);
  bool ok = operation.run(context.get(), Octets(*out), &size, Octets(in), in.size()) > 0;
  out->resize(ok ? size : 0);
  return ok;
}

// Whether OpenSSL returns random text for a wrong PKCS #1 padding (implicit rejection), so that an
// attacker cannot learn from the caller whether the padding was right. Without it, decryption is
// refused.
bool RejectsImplicitly(Env& env, const PKey& key) {
  PKeyContext context = NewContext(key);
  bool refuses = context && EVP_PKEY_decrypt_init(context.get()) > 0 &&
                 EVP_PKEY_CTX_ctrl_str(context.get(), "rsa_pkcs1_implicit_rejection", "1") > 0;
  if (refuses) return true;
  std::vector<unsigned long> errors = TakeOpenSslErrors();
  if (!IsRsa(key) && !errors.empty())
    env.isolate->ThrowException(OpenSslException(env, errors, ""));
  else
    Error::Type("ERR_INVALID_ARG_VALUE",
                "RSA_PKCS1_PADDING is no longer supported for private decryption")
        .Throw(env);
  return false;
}

// (key..., data, padding, OAEP digest, OAEP label)
void RunOperation(Env& env, const Args& args, const Operation& operation) {
  int index = 0;
  KeyPointer key = PublicOrPrivateKeyFromArguments(env, args, &index);
  std::string data;
  if (!key || !ToBoundedBytes(env, args[index], "buffer", &data)) return;
  Padding padding;
  uint32_t mode;
  if (!args[index + 1]->Uint32Value(env.context()).To(&mode)) return;
  padding.mode = int(mode);
  ERR_clear_error();
  if (operation.run == EVP_PKEY_decrypt && padding.mode == RSA_PKCS1_PADDING &&
      !RejectsImplicitly(env, key->pkey))
    return;
  Digest digest;
  if (args[index + 2]->IsString()) {
    digest = FetchDigest(ToUtf8(env.isolate, args[index + 2]));
    ERR_clear_error();
    if (!digest)
      return Error::Plain("ERR_OSSL_EVP_INVALID_DIGEST", "Invalid digest used").Throw(env);
    padding.digest = digest.get();
  }
  if (!ToOptionalBytes(env, args[index + 3], "oaepLabel", &padding.label)) return;
  SecretBytes out;
  if (!Transform(key->pkey, operation, padding, data, &out)) return ThrowOpenSsl(env, kNoReason);
  ERR_clear_error();
  args.GetReturnValue().Set(NewBuffer(env, out));
}

// new RSACipherJob(mode, encrypt or decrypt, key handle, data, kKeyVariantRSA_OAEP, digest,
// label)
class RsaCipherJob final : public DerivingJob {
 public:
  RsaCipherJob(Env& env, const Args& args) : DerivingJob(env, Provider::kCIPHERREQUEST, args) {}

  bool Configure(const Args& args) {
    encrypt_ = !args[1]->IsInt32() || args[1].As<v8::Int32>()->Value() == 0;
    key_ = KeyOfHandle(env(), args[2]);
    bool oaep = args[4]->IsInt32() && args[4].As<v8::Int32>()->Value() == kVariantOaep;
    if (!oaep || !key_ || !key_->pkey ||
        key_->type != (encrypt_ ? KeyType::kPublic : KeyType::kPrivate)) {
      ThrowInvalidKeyType(env());
      return false;
    }
    if (!ToBoundedBytes(env(), args[3], "data", &data_)) return false;
    digest_ = DigestArgument(env(), args[5]);
    padding_.digest = digest_.get();
    return digest_ && ToOptionalBytes(env(), args[6], "label", &padding_.label);
  }
  bool Work() override {
    return Transform(key_->pkey, encrypt_ ? kEncrypt : kDecrypt, padding_, data_, &result_);
  }
  const char* FailureText() const override { return "Cipher job failed"; }

 private:
  static constexpr int kVariantOaep = 2;  // kKeyVariantRSA_OAEP

  bool encrypt_ = true;
  KeyPointer key_;
  std::string data_;
  Digest digest_;
  Padding padding_;
};

}  // namespace

void PublicEncrypt(Env& env, const Args& args) { RunOperation(env, args, kEncrypt); }
void PrivateDecrypt(Env& env, const Args& args) { RunOperation(env, args, kDecrypt); }
void PrivateEncrypt(Env& env, const Args& args) { RunOperation(env, args, kSign); }
void PublicDecrypt(Env& env, const Args& args) { RunOperation(env, args, kRecover); }

KILN_JOB(kRsaCipherJobClass, RsaCipherJob, "RSACipherJob")

}  // namespace kiln::runtime
