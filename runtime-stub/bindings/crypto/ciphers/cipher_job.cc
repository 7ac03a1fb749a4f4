// AESCipherJob and ChaCha20Poly1305CipherJob: Web Crypto's encrypt() and decrypt() of whole
// messages. The authenticated ciphers append their tag to the text.
#include "runtime-stub/bindings/crypto/common/deriving_job.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

constexpr size_t kBlock = 16;  // of AES
constexpr size_t kUsualTag = 16;

class CipherJob : public DerivingJob {
 public:
  CipherJob(Env& env, const Args& args) : DerivingJob(env, Provider::kCIPHERREQUEST, args) {}

  const char* FailureText() const override { return "Cipher job failed"; }

 protected:
  // (mode, encrypt or decrypt, key handle, data)
  bool ConfigureText(const Args& args) {
    encrypt_ = !args[1]->IsInt32() || args[1].As<v8::Int32>()->Value() == 0;
    key_ = KeyOfHandle(env(), args[2]);
    if (!key_ || key_->type != KeyType::kSecret) {
      ThrowInvalidKeyType(env());
      return false;
    }
    if (!ToBoundedBytes(env(), args[3], "data", &data_)) return false;
    if (data_.size() <= INT_MAX - kBlock) return true;  // the result may have a block more
    Error::Range("ERR_OUT_OF_RANGE", "data is too big").Throw(env());
    return false;
  }

  // Finds the cipher, and checks that the key has its length.
  bool Fetch(const char* name) {
    cipher_ = FetchCipher(name);
    if (!cipher_)
      Error::Plain("ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher").Throw(env());
    else if (key_->secret.size() != size_t(EVP_CIPHER_get_key_length(cipher_.get())))
      Error::Range("ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length").Throw(env());
    else
      return true;
    return false;
  }
  bool BadIv() {
    Error::Type("ERR_CRYPTO_INVALID_IV", "Invalid initialization vector").Throw(env());
    return false;
  }

  // A context for this direction with the key and the iv. If `iv` is empty, the cipher's default is
  // used.
  CipherContext Start(const std::string& iv) {
    CipherContext context(EVP_CIPHER_CTX_new());
    if (context && EVP_CIPHER_get_mode(cipher_.get()) == EVP_CIPH_WRAP_MODE)
      EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (!context ||
        !EVP_CipherInit_ex2(context.get(), cipher_.get(), Octets(std::string_view(key_->secret)),
                            iv.empty() ? nullptr : Octets(std::string_view(iv)), encrypt_, nullptr))
      return nullptr;
    return context;
  }

  // Appends the result for `in`, the whole text.
  bool Finish(EVP_CIPHER_CTX* context, std::string_view in) {
    size_t done = result_.size();
    result_.resize(done + in.size() + kBlock);
    int size = 0, rest = 0;
    bool ok = in.empty() || EVP_CipherUpdate(context, Octets(result_) + done, &size, Octets(in),
                                             int(in.size())) == 1;
    ok = ok && EVP_CipherFinal_ex(context, Octets(result_) + done + size, &rest) == 1;
    result_.resize(ok ? done + size_t(size) + size_t(rest) : 0);
    return ok;
  }

  // One pass of an authenticated cipher.
  bool Authenticated(const std::string& iv, size_t tag_size, const std::string& additional) {
    std::string_view text = data_;
    std::string tag(tag_size, '\0');
    if (!encrypt_) {
      if (text.size() < tag_size) return false;
      tag = text.substr(text.size() - tag_size);
      text.remove_suffix(tag_size);
    }
    CipherContext context(EVP_CIPHER_CTX_new());
    bool ocb = EVP_CIPHER_get_mode(cipher_.get()) == EVP_CIPH_OCB_MODE;
    int ignored;
    if (!context ||
        !EVP_CipherInit_ex2(context.get(), cipher_.get(), nullptr, nullptr, encrypt_, nullptr) ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, int(iv.size()), nullptr) <= 0)
      return false;
    // OCB needs the tag's size first; decryption needs the tag itself.
    if (ocb &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int(tag_size), nullptr) <= 0)
      return false;
    if (!encrypt_ &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int(tag_size), tag.data()) <= 0)
      return false;
    if (!EVP_CipherInit_ex2(context.get(), nullptr, Octets(std::string_view(key_->secret)),
                            Octets(std::string_view(iv)), encrypt_, nullptr) ||
        (!additional.empty() &&
         EVP_CipherUpdate(context.get(), nullptr, &ignored, Octets(std::string_view(additional)),
                          int(additional.size())) != 1) ||
        !Finish(context.get(), text))
      return false;
    if (!encrypt_) return true;
    if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, int(tag_size), tag.data()) <= 0)
      return false;
    result_.append(tag);
    return true;
  }

  bool encrypt_ = true;
  Cipher cipher_;
  KeyPointer key_;
  std::string data_;
};

// -------------------------------------------------------------------------------- AES

enum class AesMode { kCtr, kCbc, kGcm, kWrap, kOcb };

// Indexed by kKeyVariantAES_*.
struct AesVariant {
  AesMode mode;
  const char* cipher;
};
constexpr AesVariant kAesVariants[] = {
    {AesMode::kCtr, "AES-128-CTR"},     {AesMode::kCtr, "AES-192-CTR"},
    {AesMode::kCtr, "AES-256-CTR"},     {AesMode::kCbc, "AES-128-CBC"},
    {AesMode::kCbc, "AES-192-CBC"},     {AesMode::kCbc, "AES-256-CBC"},
    {AesMode::kGcm, "AES-128-GCM"},     {AesMode::kGcm, "AES-192-GCM"},
    {AesMode::kGcm, "AES-256-GCM"},     {AesMode::kWrap, "id-aes128-wrap"},
    {AesMode::kWrap, "id-aes192-wrap"}, {AesMode::kWrap, "id-aes256-wrap"},
    {AesMode::kOcb, "AES-128-OCB"},     {AesMode::kOcb, "AES-192-OCB"},
    {AesMode::kOcb, "AES-256-OCB"},
};

// new AESCipherJob(mode, encrypt or decrypt, key handle, data, variant, iv or counter, size
// of the tag in bytes or of the counter in bits, additional data)
class AesCipherJob final : public CipherJob {
 public:
  using CipherJob::CipherJob;

  bool Configure(const Args& args) {
    if (!ConfigureText(args)) return false;
    uint32_t variant = args[4]->IsUint32() ? args[4].As<v8::Uint32>()->Value() : UINT32_MAX;
    if (variant >= std::size(kAesVariants)) {
      ThrowBadArgument(env(), 4);
      return false;
    }
    mode_ = kAesVariants[variant].mode;
    if (!Fetch(kAesVariants[variant].cipher)) return false;
    if (mode_ == AesMode::kWrap) return true;
    return ToBoundedBytes(env(), args[5], "iv", &iv_) && CheckIv() && ReadSize(args[6]) &&
           ToOptionalBytes(env(), args[7], "additionalData", &additional_);
  }

  bool Work() override {
    switch (mode_) {
      case AesMode::kCtr:
        return Count();
      case AesMode::kGcm:
      case AesMode::kOcb:
        return Authenticated(iv_, size_, additional_);
      case AesMode::kCbc:
      case AesMode::kWrap:
        break;
    }
    CipherContext context = Start(iv_);
    return context && Finish(context.get(), data_);
  }

 private:
  bool CheckIv() {
    switch (mode_) {
      case AesMode::kOcb:
        return (!iv_.empty() && iv_.size() <= 15) || BadIv();
      case AesMode::kGcm:
        return iv_.size() >= 12 || BadIv();
      default:
        return iv_.size() == kBlock || BadIv();
    }
  }

  bool ReadSize(v8::Local<v8::Value> value) {
    if (mode_ == AesMode::kCbc) return true;
    size_ = value->IsUint32() ? value.As<v8::Uint32>()->Value() : 0;
    if (mode_ == AesMode::kCtr) {
      if (size_ >= 1 && size_ <= 8 * kBlock) return true;
      Error::Type("ERR_CRYPTO_INVALID_COUNTER", "Invalid counter").Throw(env());
      return false;
    }
    if (size_ >= 1 && size_ <= kUsualTag) return true;
    Error::Range("ERR_CRYPTO_INVALID_TAG_LENGTH", "Invalid taglength").Throw(env());
    return false;
  }

  // Only the last `size_` bits of the block are the counter. When it overflows, the other bits
  // stay, whereas OpenSSL would carry into them. A text that would use a counter twice is refused.
  bool Count() {
    using Number = unsigned __int128;
    Number counter = 0;
    for (char c : iv_) counter = counter << 8 | uint8_t(c);
    Number blocks = (data_.size() + kBlock - 1) / kBlock;
    Number mask = size_ == 8 * kBlock ? ~Number(0) : (Number(1) << size_) - 1;
    if (blocks > 0 && blocks - 1 > mask) return false;
    Number before_overflow = mask - (counter & mask);  // blocks after the first
    std::string_view rest = data_;
    if (blocks > 0 && blocks - 1 > before_overflow) {
      size_t first = size_t(before_overflow + 1) * kBlock;
      if (!CountFrom(iv_, rest.substr(0, first))) return false;
      rest.remove_prefix(first);
      counter &= ~mask;
    }
    std::string start(kBlock, '\0');
    for (size_t i = 0; i < kBlock; i++) start[kBlock - 1 - i] = char(uint8_t(counter >> (8 * i)));
    return CountFrom(start, rest);
  }

  bool CountFrom(const std::string& counter, std::string_view in) {
    CipherContext context = Start(counter);
    return context && Finish(context.get(), in);
  }

  AesMode mode_ = AesMode::kCbc;
  std::string iv_;
  size_t size_ = 0;
  std::string additional_;
};

// --------------------------------------------------------------------------- ChaCha20

// new ChaCha20Poly1305CipherJob(mode, encrypt or decrypt, key handle, data, iv, additional
// data)
class ChaCha20Poly1305CipherJob final : public CipherJob {
 public:
  using CipherJob::CipherJob;

  bool Configure(const Args& args) {
    if (!ConfigureText(args)) return false;
    if (!Fetch("ChaCha20-Poly1305") || !ToBoundedBytes(env(), args[4], "iv", &iv_)) return false;
    if (iv_.size() != 12) return BadIv();
    return ToOptionalBytes(env(), args[5], "additionalData", &additional_);
  }
  bool Work() override { return Authenticated(iv_, kUsualTag, additional_); }

 private:
  std::string iv_;
  std::string additional_;
};

}  // namespace

KILN_JOB(kAesCipherJobClass, AesCipherJob, "AESCipherJob")
KILN_JOB(kChaCha20Poly1305CipherJobClass, ChaCha20Poly1305CipherJob, "ChaCha20Poly1305CipherJob")

}  // namespace kiln::runtime
