// What the files of internalBinding("crypto") share: start-up of OpenSSL, its errors as
// exceptions, bytes of arguments, and keys.
#pragma once

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/request.h"
#include "runtime-stub/bindings/crypto/common/secret_bytes.h"

namespace kiln::runtime {

template <auto F>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    F(object);
  }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD, FreeWith<EVP_MD_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>>;
using Mac = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
// An asymmetric key of OpenSSL; immutable once it is shared.
using PKey = std::shared_ptr<EVP_PKEY>;
inline PKey AdoptPKey(EVP_PKEY* key) { return PKey(key, EVP_PKEY_free); }
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

inline unsigned char* Octets(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }
inline const unsigned char* Octets(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// Errors that OpenSSL leaves behind in a scope are dropped at its end; older ones stay.
class ScopedOpenSslErrors {
 public:
  ScopedOpenSslErrors() { ERR_set_mark(); }
  ~ScopedOpenSslErrors() { ERR_pop_to_mark(); }
  ScopedOpenSslErrors(const ScopedOpenSslErrors&) = delete;
};

// Once per process, before anything else of OpenSSL; cheap afterwards.
void StartOpenSsl();

// What an exception tells of OpenSSL's errors besides the text of the first: its library,
// reason and code, and an opensslErrorStack of the others or (as some of Node's functions
// have it) of all.
enum class ErrorDetail { kTextOnly, kOthers, kAll };

// Throws the oldest error in OpenSSL's queue (and empties it), or `otherwise`.
void ThrowOpenSsl(Env& env, const char* otherwise, ErrorDetail detail = ErrorDetail::kOthers);
// Node's text where neither OpenSSL nor Node has a reason.
inline constexpr const char* kNoReason = "error:00000000:lib(0)::reason(0)";
// The errors of this thread, oldest first; empties the queue.
std::vector<unsigned long> TakeOpenSslErrors();
// The first of them is the exception's own. `otherwise` is the text when there is none, or a 0
// in its place.
v8::Local<v8::Value> OpenSslException(Env& env, const std::vector<unsigned long>& errors,
                                      const char* otherwise, ErrorDetail detail = ErrorDetail::kOthers);

// ---- algorithms (algorithms.cc), by the names Node accepts: any case, aliases. Null if unknown.

Digest FetchDigest(const std::string& name);
Cipher FetchCipher(const std::string& name);
// What this thread remembers, until it looks for something else; contexts keep what they are
// initialized with. `id` gets a number for the digest, by which it can be found again.
const EVP_MD* FindDigest(const std::string& name, int* id = nullptr);
const EVP_MD* FindDigest(int id);
EVP_MAC* FindHmac();

// The bytes of a string (in the encoding) or of a buffer or view. False with an exception.
bool ToBytes(Env& env, v8::Local<v8::Value> value, v8::Local<v8::Value> encoding, std::string* out);
// The same for secrets, with strings as UTF-8.
bool ToBytes(Env& env, v8::Local<v8::Value> value, SecretBytes* out);
SecretBytes DecodeSecret(Env& env, v8::Local<v8::String> string, Encoding encoding);

// The same for update(): the bytes of a buffer stay where they are, so only until JavaScript
// runs again. Not ok: an exception is pending.
class InputBytes {
 public:
  InputBytes(Env& env, v8::Local<v8::Value> value, v8::Local<v8::Value> encoding);
  bool ok() const { return ok_; }
  std::string_view view() const { return view_; }

 private:
  std::optional<ReadBytes> in_place_;
  std::optional<Utf8Text> text_;
  std::string decoded_;
  std::string_view view_;
  bool ok_ = true;
};

// The result of a digest or cipher: a Buffer, or a string in the named encoding.
v8::MaybeLocal<v8::Value> ToOutput(Env& env, std::string_view bytes, v8::Local<v8::Value> encoding);

// ---- keys

enum class KeyType : int { kSecret, kPublic, kPrivate };

// Immutable; shared by handles, KeyObjects, CryptoKeys, jobs, and threads.
struct KeyData {
  KeyType type = KeyType::kSecret;
  SecretBytes secret;  // of a secret key
  PKey pkey;           // of the others; a private key has its public half too
};
using KeyPointer = std::shared_ptr<const KeyData>;

// The key behind a KeyObjectHandle; null for any other value.
KeyPointer KeyOfHandle(Env& env, v8::Local<v8::Value> handle);
v8::Local<v8::Object> NewKeyHandle(Env& env, KeyPointer key);
// A CryptoKey of the library's class; undefined with an exception pending.
v8::Local<v8::Value> NewCryptoKey(Env& env, KeyPointer key, v8::Local<v8::Value> algorithm,
                                  uint32_t usages, bool extractable);
// Shared key data of a public or private key; asymmetric_key.h has what works on it.
KeyPointer MakeAsymmetricKey(KeyType type, PKey key);
// The bytes of a secret KeyObjectHandle, a buffer, or a string. False with an exception.
bool ToSecret(Env& env, v8::Local<v8::Value> value, SecretBytes* out);

// ---- jobs: work on the thread pool, or at once, or behind a promise of Web Crypto

enum class JobMode : int { kAsync, kSync, kWebCrypto };

class CryptoJob : public Request<uv_work_t> {
 public:
  CryptoJob(Env& env, Provider provider, const Args& args);

  // Any thread. True when it worked.
  virtual bool Work() = 0;
  // This thread, after Work() succeeded. May throw: the job fails with the exception then.
  virtual v8::Local<v8::Value> Value() = 0;
  // The text of an error that OpenSSL did not explain, and its code if it has one.
  virtual const char* FailureText() const = 0;
  virtual const char* FailureCode() const { return nullptr; }
  // Of an error that OpenSSL did explain.
  virtual ErrorDetail FailureDetail() const { return ErrorDetail::kTextOnly; }

  bool is_listed() const override { return false; }

  // run(), which may be called once.
  void Run(const Args& args);
  JobMode mode() const { return mode_; }

 private:
  void DoWork();
  v8::Local<v8::Value> Failure();
  bool TakeResult(v8::Local<v8::Value>* error, v8::Local<v8::Value>* result);
  void Settle();
  JobMode mode_;
  bool started_ = false;
  bool ok_ = false;
  std::vector<unsigned long> errors_;
  v8::Global<v8::Promise::Resolver> promise_;
};

inline constexpr Entry kJobMethods[] = {Method<&CryptoJob::Run>("run")};

// The constructor callback of a class C that is made by C(env) or C(env, args) and then reads
// the arguments in `bool C::Configure(args)`, which is false with an exception pending.
template <class C>
void ConstructConfigured(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  StartOpenSsl();
  ERR_clear_error();
  std::unique_ptr<C> made;
  if constexpr (std::is_constructible_v<C, Env&, const Args&>)
    made = std::make_unique<C>(env, args);
  else
    made = std::make_unique<C>(env);
  if (made->Configure(args)) made.release()->Attach(args.This());
}

// ---- the classes and functions of the other files
extern const ClassEntry kHashClass, kHmacClass, kHashJobClass, kHmacJobClass, kRandomBytesJobClass,
    kPbkdf2JobClass, kScryptJobClass, kHkdfJobClass, kSecretKeyGenJobClass, kKeyObjectHandleClass,
    kNativeKeyObjectClass, kNativeCryptoKeyClass, kCipherBaseClass, kAesCipherJobClass,
    kChaCha20Poly1305CipherJobClass, kRsaCipherJobClass, kRsaKeyPairGenJobClass,
    kDsaKeyPairGenJobClass, kEcKeyPairGenJobClass, kNidKeyPairGenJobClass, kDhKeyPairGenJobClass,
    kSignClass, kVerifyClass, kSignJobClass, kKemEncapsulateJobClass, kKemDecapsulateJobClass,
    kRsaKeyExportJobClass, kEcKeyExportJobClass, kDhKeyExportJobClass;
void GetHashes(Env& env, const Args& args);
void GetCachedAliases(Env& env, const Args& args);
void OneShotDigest(Env& env, const Args& args);
void CreateNativeKeyObjectClass(Env& env, const Args& args);
void GetKeyObjectSlots(Env& env, const Args& args);
bool IsNativeKeyObject(Env& env, v8::Local<v8::Value> value);
bool IsNativeCryptoKey(Env& env, v8::Local<v8::Value> value);
void CreateCryptoKeyClass(Env& env, const Args& args);
void GetCryptoKeySlots(Env& env, const Args& args);
void PublicEncrypt(Env& env, const Args& args);
void PrivateDecrypt(Env& env, const Args& args);
void PrivateEncrypt(Env& env, const Args& args);
void PublicDecrypt(Env& env, const Args& args);
void GetCiphers(Env& env, const Args& args);
void GetCipherInfo(Env& env, const Args& args);

}  // namespace kiln::runtime
