// Cipheriv and Decipheriv. The authenticated modes have a tag: GCM, OCB and ChaCha20-Poly1305 check
// it at the end, CCM needs the tag and the length of the text before the first byte.
#include <openssl/objects.h>

#include <algorithm>
#include <climits>
#include <set>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {

namespace {

constexpr unsigned kNoTagLength = unsigned(-1);

bool ValidGcmTag(unsigned length) {
  return length == 4 || length == 8 || (length >= 12 && length <= 16);
}

class CipherBase final : public Wrapped {
 public:
  explicit CipherBase(Env& env) : Wrapped(env) {}
  const char* type_name() const override { return "CipherBase"; }

  // new CipherBase(encrypt, cipher, key, iv or null, tag length or -1)
  bool Configure(const Args& args) {
    encrypt_ = args[0]->IsTrue();
    std::string name = ToUtf8(env().isolate, args[1]);
    SecretBytes key;
    std::string iv;
    if (!ToSecret(env(), args[2], &key)) return false;
    bool has_iv = !args[3]->IsNull();
    if (has_iv && !ToBytes(env(), args[3], env().Undefined(), &iv)) return false;
    if (TooBig(key, "key") || TooBig(iv, "iv")) return false;
    unsigned tag_length = kNoTagLength;
    if (args[4]->IsUint32()) tag_length = args[4].As<v8::Uint32>()->Value();

    cipher_ = FetchCipher(name);
    if (!cipher_) {
      Error::Plain("ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher").Throw(env());
      return false;
    }
    size_t expected = size_t(EVP_CIPHER_get_iv_length(cipher_.get()));
    if (has_iv ? (!authenticated() && iv.size() != expected) : expected != 0) return BadIv();
    if (chacha() && iv.size() > 12) return BadIv();

    context_.reset(EVP_CIPHER_CTX_new());
    if (mode() == EVP_CIPH_WRAP_MODE)
      EVP_CIPHER_CTX_set_flags(context_.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (!EVP_CipherInit_ex2(context_.get(), cipher_.get(), nullptr, nullptr, encrypt_, nullptr)) {
      ThrowOpenSsl(env(), "Failed to initialize cipher", ErrorDetail::kAll);
      return false;
    }
    if (authenticated() && !ConfigureTag(name, iv.size(), tag_length)) return false;
    if (!EVP_CIPHER_CTX_set_key_length(context_.get(), int(key.size())) ||
        size_t(EVP_CIPHER_CTX_get_key_length(context_.get())) != key.size()) {
      ERR_clear_error();
      Error::Range("ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length").Throw(env());
      return false;
    }
    if (!EVP_CipherInit_ex2(context_.get(), nullptr, Octets(key), has_iv ? Octets(iv) : nullptr,
                            encrypt_, nullptr)) {
      ThrowOpenSsl(env(), "Failed to initialize cipher", ErrorDetail::kAll);
      return false;
    }
    return true;
  }

  void Update(const Args& args) {
    const InputBytes input(env(), args[0], args[1]);
    if (!input.ok()) return;
    const std::string_view in = input.view();
    if (in.size() > INT_MAX)
      return Error::Range("ERR_OUT_OF_RANGE", "data is too long").Throw(env());
    if (!context_ || in.size() + size_t(EVP_CIPHER_CTX_get_block_size(context_.get())) > INT_MAX)
      return BadState("Trying to add data in unsupported state");
    if (mode() == EVP_CIPH_CCM_MODE && !FitsCcm(in.size())) return;
    if (!encrypt_ && authenticated() && !PassTag())
      return BadState("Trying to add data in unsupported state");

    const size_t block = size_t(EVP_CIPHER_CTX_get_block_size(context_.get()));
    if (block == 1 && mode() != EVP_CIPH_CCM_MODE && mode() != EVP_CIPH_WRAP_MODE && !in.empty())
      return UpdateInPlace(args, in);
    std::string out(in.size() + block, '\0');
    // The output of key wrapping has another size; OpenSSL returns it for a null buffer.
    int size = 0;
    if (mode() == EVP_CIPH_WRAP_MODE) {
      if (EVP_CipherUpdate(context_.get(), nullptr, &size, Octets(in), int(in.size())) != 1)
        return BadState("Trying to add data in unsupported state");
      out.resize(size_t(size));
    }
    bool ok = EVP_CipherUpdate(context_.get(), Octets(out), &size, Octets(in), int(in.size())) == 1;
    if (!ok && !encrypt_ && mode() == EVP_CIPH_CCM_MODE) {
      // The tag is wrong, which final() reports.
      ERR_clear_error();
      tag_mismatch_ = true;
      size = 0;
    } else if (!ok) {
      return BadState("Trying to add data in unsupported state");
    }
    args.GetReturnValue().Set(NewBuffer(env(), out.data(), size_t(size)));
  }

  // A stream cipher returns as many bytes as it takes: they are written to JavaScript's memory
  // directly.
  void UpdateInPlace(const Args& args, std::string_view in) {
    std::unique_ptr<v8::BackingStore> store = NewUninitializedStore(env(), in.size());
    int size = 0;
    if (EVP_CipherUpdate(context_.get(), static_cast<unsigned char*>(store->Data()), &size,
                         Octets(in), int(in.size())) != 1 ||
        size_t(size) != in.size())
      return BadState("Trying to add data in unsupported state");
    args.GetReturnValue().Set(NewBufferOwning(env(), std::move(store)));
  }

  void Final(const Args& args) {
    if (!context_) return Error::Plain("ERR_CRYPTO_INVALID_STATE", "Invalid state").Throw(env());
    std::string out(size_t(std::max(EVP_CIPHER_CTX_get_block_size(context_.get()), 1)), '\0');
    int size = 0;
    bool ok = true;
    if (!encrypt_ && authenticated()) ok = PassTag();
    if (ok && !encrypt_ && mode() == EVP_CIPH_CCM_MODE)
      ok = !tag_mismatch_;
    else if (ok && !encrypt_ && chacha() && tag_state_ != TagState::kPassed)
      ok = false;  // OpenSSL would not report that the tag is missing
    else if (ok)
      ok = EVP_CipherFinal_ex(context_.get(), Octets(out), &size) == 1;
    if (ok && encrypt_ && authenticated()) {
      if (tag_length_ == kNoTagLength) tag_length_ = 16;
      tag_.resize(tag_length_);
      ok = EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, int(tag_length_),
                               tag_.data()) == 1;
    }
    bool aead = authenticated();
    context_.reset();
    if (aead) ERR_clear_error();  // a wrong tag is reported by the text below alone
    if (!ok)
      return ThrowOpenSsl(
          env(), aead ? "Unsupported state or unable to authenticate data" : "Unsupported state",
          ErrorDetail::kAll);
    args.GetReturnValue().Set(NewBuffer(env(), out.data(), size_t(size)));
  }

  bool SetAutoPadding(bool on) {
    return context_ && EVP_CIPHER_CTX_set_padding(context_.get(), on);
  }

  void GetAuthTag(const Args& args) {
    if (!context_ && encrypt_ && !tag_.empty()) args.GetReturnValue().Set(NewBuffer(env(), tag_));
  }

  void SetAuthTag(const Args& args) {
    if (!context_ || encrypt_ || !authenticated() || tag_state_ != TagState::kUnknown)
      return args.GetReturnValue().Set(false);
    std::string tag;
    if (!ToBytes(env(), args[0], env().Undefined(), &tag)) return;
    bool valid = mode() == EVP_CIPH_GCM_MODE
                     ? (tag_length_ == kNoTagLength || tag_length_ == tag.size()) &&
                           ValidGcmTag(unsigned(tag.size()))
                     : tag_length_ == tag.size();
    if (!valid) return (void)BadTagLength(unsigned(tag.size()));
    if (mode() == EVP_CIPH_GCM_MODE && tag_length_ == kNoTagLength && tag.size() != 16)
      env().EmitWarning(
          "Using AES-GCM authentication tags of less than 128 bits without specifying the "
          "authTagLength option when initializing decryption is deprecated.",
          "DeprecationWarning", "DEP0182");
    tag_ = std::move(tag);
    tag_length_ = unsigned(tag_.size());
    tag_state_ = TagState::kKnown;
    args.GetReturnValue().Set(true);
  }

  // setAAD(bytes, length of the text or -1)
  void SetAad(const Args& args) {
    std::string aad;
    int size;
    if (!context_ || !authenticated()) return args.GetReturnValue().Set(false);
    if (!ToBytes(env(), args[0], env().Undefined(), &aad) || TooBig(aad, "buffer")) return;
    if (mode() == EVP_CIPH_CCM_MODE) {
      double length = args[1]->IsNumber() ? args[1].As<v8::Number>()->Value() : -1;
      if (!(length >= 0))
        return Error::Type("ERR_MISSING_ARGS",
                           "options.plaintextLength required for CCM mode with AAD")
            .Throw(env());
      if (!FitsCcm(Saturate<size_t>(length))) return;
      if (!encrypt_ && !PassTag()) return args.GetReturnValue().Set(false);
      if (!EVP_CipherUpdate(context_.get(), nullptr, &size, nullptr, Saturate<int>(length)))
        return args.GetReturnValue().Set(false);
    }
    args.GetReturnValue().Set(
        EVP_CipherUpdate(context_.get(), nullptr, &size, Octets(aad), int(aad.size())) == 1);
  }

 private:
  enum class TagState { kUnknown, kKnown, kPassed };

  int mode() const { return EVP_CIPHER_get_mode(cipher_.get()); }
  bool chacha() const { return EVP_CIPHER_get_nid(cipher_.get()) == NID_chacha20_poly1305; }
  bool authenticated() const {
    return chacha() || mode() == EVP_CIPH_GCM_MODE || mode() == EVP_CIPH_CCM_MODE ||
           mode() == EVP_CIPH_OCB_MODE;
  }

  // OpenSSL's lengths are ints. True with an exception pending if `bytes` are more.
  bool TooBig(std::string_view bytes, const char* what) {
    if (bytes.size() <= INT_MAX) return false;
    Error::Range("ERR_OUT_OF_RANGE", std::string(what) + " is too big").Throw(env());
    return true;
  }
  bool BadIv() {
    Error::Type("ERR_CRYPTO_INVALID_IV", "Invalid initialization vector").Throw(env());
    return false;
  }
  bool BadTagLength(unsigned length) {
    Error::Type("ERR_CRYPTO_INVALID_AUTH_TAG",
                "Invalid authentication tag length: " + std::to_string(length))
        .Throw(env());
    return false;
  }
  // Node does not report why OpenSSL refused the data.
  void BadState(const char* text) {
    ERR_clear_error();
    ThrowOpenSsl(env(), text);
  }

  bool ConfigureTag(const std::string& name, size_t iv_size, unsigned tag_length) {
    if (!EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_IVLEN, int(iv_size), nullptr)) {
      ERR_clear_error();
      return BadIv();
    }
    if (mode() == EVP_CIPH_GCM_MODE) {
      if (tag_length == kNoTagLength) return true;
      if (!ValidGcmTag(tag_length)) return BadTagLength(tag_length);
      tag_length_ = tag_length;
      return true;
    }
    if (tag_length == kNoTagLength && chacha()) tag_length = 16;
    if (tag_length == kNoTagLength) {
      Error::Type("ERR_CRYPTO_INVALID_AUTH_TAG", "authTagLength required for " + name).Throw(env());
      return false;
    }
    if (!EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, int(tag_length), nullptr)) {
      ERR_clear_error();
      return BadTagLength(tag_length);
    }
    tag_length_ = tag_length;
    // A block of 16 bytes has a byte of flags, the nonce and the length of the text: the bytes that
    // the nonce leaves limit that length (RFC 3610, 2.2).
    if (mode() == EVP_CIPH_CCM_MODE)
      ccm_limit_ = iv_size == 12 ? 16777215 : iv_size == 13 ? 65535 : INT_MAX;
    return true;
  }

  bool FitsCcm(size_t length) {
    if (length <= size_t(ccm_limit_)) return true;
    Error::Range("ERR_CRYPTO_INVALID_MESSAGELEN", "Invalid message length").Throw(env());
    return false;
  }

  bool PassTag() {
    if (tag_state_ != TagState::kKnown) return true;
    tag_state_ = TagState::kPassed;
    return EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, int(tag_.size()),
                               tag_.data()) == 1;
  }

  bool encrypt_ = true;
  Cipher cipher_;
  CipherContext context_;  // null after final()
  unsigned tag_length_ = kNoTagLength;
  TagState tag_state_ = TagState::kUnknown;
  std::string tag_;
  bool tag_mismatch_ = false;
  int ccm_limit_ = INT_MAX;
};

constexpr Entry kMethods[] = {
    Method<&CipherBase::Update>("update"),
    Method<&CipherBase::Final>("final"),
    Method<&CipherBase::SetAutoPadding>("setAutoPadding"),
    Method<&CipherBase::GetAuthTag>("getAuthTag"),
    Method<&CipherBase::SetAuthTag>("setAuthTag"),
    Method<&CipherBase::SetAad>("setAAD"),
};

const char* ModeName(int mode) {
  switch (mode) {
    case EVP_CIPH_CBC_MODE:
      return "cbc";
    case EVP_CIPH_CCM_MODE:
      return "ccm";
    case EVP_CIPH_CFB_MODE:
      return "cfb";
    case EVP_CIPH_CTR_MODE:
      return "ctr";
    case EVP_CIPH_ECB_MODE:
      return "ecb";
    case EVP_CIPH_GCM_MODE:
      return "gcm";
    case EVP_CIPH_OCB_MODE:
      return "ocb";
    case EVP_CIPH_OFB_MODE:
      return "ofb";
    case EVP_CIPH_WRAP_MODE:
      return "wrap";
    case EVP_CIPH_XTS_MODE:
      return "xts";
    default:
      return "stream";
  }
}

}  // namespace

const ClassEntry kCipherBaseClass = {
    .name = "CipherBase", .construct = ConstructConfigured<CipherBase>, .methods = kMethods};

void GetCiphers(Env& env, const Args& args) {
  StartOpenSsl();
  std::set<std::string> names;
  EVP_CIPHER_do_all_sorted(
      [](const EVP_CIPHER*, const char* from, const char*, void* out) {
        Cipher cipher = from ? FetchCipher(from) : nullptr;
        if (cipher && EVP_CIPHER_get0_provider(cipher.get()))
          static_cast<std::set<std::string>*>(out)->insert(from);
      },
      &names);
  v8::LocalVector<v8::Value> list(env.isolate);
  for (const std::string& name : names) list.push_back(env.Str(name));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, list.data(), list.size()));
}

namespace {

// Whether the context's cipher takes a key of `length` bytes.
bool TakesKey(EVP_CIPHER_CTX* context, int length) {
  bool taken = EVP_CIPHER_CTX_set_key_length(context, length) == 1 &&
               EVP_CIPHER_CTX_get_key_length(context) == length;
  ERR_clear_error();
  return taken;
}

// The same for an initialization vector.
bool TakesIv(EVP_CIPHER_CTX* context, int length) {
  const EVP_CIPHER* cipher = EVP_CIPHER_CTX_get0_cipher(context);
  switch (EVP_CIPHER_get_mode(cipher)) {
    case EVP_CIPH_CCM_MODE:
      return length >= 7 && length <= 13;
    case EVP_CIPH_GCM_MODE:
    case EVP_CIPH_OCB_MODE: {
      bool taken = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, length, nullptr) == 1;
      ERR_clear_error();
      return taken;
    }
    default:
      return length == EVP_CIPHER_get_iv_length(cipher);
  }
}

}  // namespace

// getCipherInfo(target, name or nid, key length, iv length): undefined if the cipher does not exist
// or does not take these lengths.
void GetCipherInfo(Env& env, const Args& args) {
  if (!args[0]->IsObject()) return ThrowBadArgument(env, 0);
  std::string name = args[1]->IsNumber() ? std::string() : ToUtf8(env.isolate, args[1]);
  if (args[1]->IsInt32()) {
    StartOpenSsl();
    const char* known = OBJ_nid2sn(args[1].As<v8::Int32>()->Value());
    if (!known) return;
    name = known;
  }
  Cipher cipher = FetchCipher(name);
  if (!cipher) return;
  int mode = EVP_CIPHER_get_mode(cipher.get());
  int iv_length = EVP_CIPHER_get_iv_length(cipher.get());
  int key_length = EVP_CIPHER_get_key_length(cipher.get());
  if (args[2]->IsInt32() || args[3]->IsInt32()) {
    if (args[2]->IsInt32()) key_length = args[2].As<v8::Int32>()->Value();
    if (args[3]->IsInt32()) iv_length = args[3].As<v8::Int32>()->Value();
    CipherContext context(EVP_CIPHER_CTX_new());
    if (!EVP_CipherInit_ex2(context.get(), cipher.get(), nullptr, nullptr, 1, nullptr))
      return ERR_clear_error();
    if (args[2]->IsInt32() && !TakesKey(context.get(), key_length)) return;
    if (args[3]->IsInt32() && !TakesIv(context.get(), iv_length)) return;
  }
  v8::Local<v8::Object> info = args[0].As<v8::Object>();
  int nid = EVP_CIPHER_get_nid(cipher.get());
  env.Set(info, "mode", env.Name(ModeName(mode)));
  env.Set(info, "name", env.Str(OBJ_nid2sn(nid)));
  env.Set(info, "nid", nid);
  if (mode != EVP_CIPH_STREAM_CIPHER)
    env.Set(info, "blockSize", EVP_CIPHER_get_block_size(cipher.get()));
  if (iv_length != 0) env.Set(info, "ivLength", iv_length);
  env.Set(info, "keyLength", key_length);
  args.GetReturnValue().Set(info);
}

}  // namespace kiln::runtime
