// RSAKeyExportJob, ECKeyExportJob and DHKeyExportJob: exportKey() of Web Crypto in older versions
// of the library. Node still has the classes; its library now exports through the handle.
#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

enum class WebKeyFormat : int { kRaw, kPkcs8, kSpki, kJwk };  // kWebCryptoKeyFormat*

// new Job(mode, format, key handle, [RSA: variant]): an ArrayBuffer
template <KeyKind... kinds>
class KeyExportJob final : public CryptoJob {
 public:
  KeyExportJob(Env& env, const Args& args) : CryptoJob(env, Provider::kKEYEXPORTREQUEST, args) {}

  bool Configure(const Args& args) {
    format_ = WebKeyFormat(args[1]->IsInt32() ? args[1].As<v8::Int32>()->Value() : -1);
    key_ = KeyOfHandle(env(), args[2]);
    if (key_ && key_->pkey && (IsKind(key_->pkey, kinds) || ...)) return true;
    ThrowInvalidKeyType(env());
    return false;
  }

  // Encoding creates JavaScript objects, so Value() does it; this checks whether the key has the
  // format.
  bool Work() override {
    bool is_private = key_->type == KeyType::kPrivate;
    switch (format_) {
      case WebKeyFormat::kPkcs8:
        return is_private;
      case WebKeyFormat::kSpki:
        return !is_private;
      case WebKeyFormat::kRaw:
        return !is_private && IsKind(key_->pkey, KeyKind::kEc);
      case WebKeyFormat::kJwk:
        break;
    }
    return false;
  }

  v8::Local<v8::Value> Value() override {
    KeyOutput output;
    output.format = format_ == WebKeyFormat::kRaw ? KeyFormat::kRawPublic : KeyFormat::kDer;
    output.encoding = format_ == WebKeyFormat::kPkcs8 ? KeyEncoding::kPkcs8 : KeyEncoding::kSpki;
    auto encode = key_->type == KeyType::kPrivate ? EncodePrivateKey : EncodePublicKey;
    v8::Local<v8::Value> bytes;
    if (!encode(env(), key_->pkey, output).ToLocal(&bytes)) return env().Undefined();
    return bytes.As<v8::Uint8Array>()->Buffer();
  }
  const char* FailureText() const override { return "Key export failed"; }

 private:
  WebKeyFormat format_ = WebKeyFormat::kRaw;
  KeyPointer key_;
};

using RsaKeyExportJob = KeyExportJob<KeyKind::kRsa, KeyKind::kRsaPss>;
using EcKeyExportJob = KeyExportJob<KeyKind::kEc, KeyKind::kOkp>;
using DhKeyExportJob = KeyExportJob<KeyKind::kDh>;

}  // namespace

KILN_JOB(kRsaKeyExportJobClass, RsaKeyExportJob, "RSAKeyExportJob")
KILN_JOB(kEcKeyExportJobClass, EcKeyExportJob, "ECKeyExportJob")
KILN_JOB(kDhKeyExportJobClass, DhKeyExportJob, "DHKeyExportJob")

}  // namespace kiln::runtime
