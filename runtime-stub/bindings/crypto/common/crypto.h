// The declarations that the files of internalBinding("crypto") share: start-up of OpenSSL, its
// errors as exceptions, bytes of arguments, keys, and jobs. Functions with an Env run on its thread
// unless they say otherwise.
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

// A deleter for std::unique_ptr that calls OpenSSL's function F. The types below own one reference
// and may be null.
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

// Removes the errors that OpenSSL queues during the scope; older ones stay.
class ScopedOpenSslErrors {
 public:
  ScopedOpenSslErrors() { ERR_set_mark(); }
  ~ScopedOpenSslErrors() { ERR_pop_to_mark(); }
  ScopedOpenSslErrors(const ScopedOpenSslErrors&) = delete;
};

// Must be called before any other use of OpenSSL. The first call of the process does the work. Any
// thread.
void StartOpenSsl();

// What an exception has besides the text of OpenSSL's first error. kTextOnly: an opensslErrorStack
// of the other errors, if there are any. kOthers: also the first error's library, reason and code.
// kAll: the same, with all errors in the stack, as in some functions of Node.
enum class ErrorDetail { kTextOnly, kOthers, kAll };

// Throws the oldest error in OpenSSL's queue (and empties it); if there is none, an error with the
// text `otherwise`. Unless kTextOnly, it has the properties library, reason and
// code ("ERR_OSSL_EVP_UNSUPPORTED").
void ThrowOpenSsl(Env& env, const char* otherwise, ErrorDetail detail = ErrorDetail::kOthers);
// Node's text for an error without a reason.
inline constexpr const char* kNoReason = "error:00000000:lib(0)::reason(0)";
// The errors of this thread, oldest first; empties the queue.
std::vector<unsigned long> TakeOpenSslErrors();
// The first of `errors` gives the exception its text; if there is none, or it is 0, the text is
// `otherwise`.
v8::Local<v8::Value> OpenSslException(Env& env, const std::vector<unsigned long>& errors,
                                      const char* otherwise,
                                      ErrorDetail detail = ErrorDetail::kOthers);

// ---- algorithms (algorithms.cc), by the names Node accepts: any case, aliases. Null if unknown.

Digest FetchDigest(const std::string& name);
Cipher FetchCipher(const std::string& name);
// From this thread's cache: borrowed until the next lookup (contexts keep what they are initialized
// with). `id` receives a number for the digest, by which the second form finds it.
const EVP_MD* FindDigest(const std::string& name, int* id = nullptr);
const EVP_MD* FindDigest(int id);
EVP_MAC* FindHmac();

// Copies the bytes of a string (in the encoding) or of a buffer or view. False with an exception
// pending.
bool ToBytes(Env& env, v8::Local<v8::Value> value, v8::Local<v8::Value> encoding, std::string* out);
// The same for secrets, with strings as UTF-8.
bool ToBytes(Env& env, v8::Local<v8::Value> value, SecretBytes* out);
// Cannot fail.
SecretBytes DecodeSecret(Env& env, v8::Local<v8::String> string, Encoding encoding);

// The same for update(), without copying the bytes of a buffer: the view is valid until JavaScript
// runs again. If not ok(), an exception is pending.
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

// The numbers are visible to JavaScript (kKeyTypeSecret, ...).
enum class KeyType : int { kSecret, kPublic, kPrivate };

// Immutable; shared by handles, KeyObjects, CryptoKeys, jobs, and threads.
struct KeyData {
  KeyType type = KeyType::kSecret;
  SecretBytes secret;  // of a secret key
  PKey pkey;           // of a public or private key; a private one includes its public half
};
using KeyPointer = std::shared_ptr<const KeyData>;

// The key behind a KeyObjectHandle; null for any other value.
KeyPointer KeyOfHandle(Env& env, v8::Local<v8::Value> handle);
// A new KeyObjectHandle that shares the key.
v8::Local<v8::Object> NewKeyHandle(Env& env, KeyPointer key);
// An instance of the library's class CryptoKey; undefined with an exception pending.
v8::Local<v8::Value> NewCryptoKey(Env& env, KeyPointer key, v8::Local<v8::Value> algorithm,
                                  uint32_t usages, bool extractable);
// `type` is kPublic or kPrivate. asymmetric_key.h declares the functions for such keys.
KeyPointer MakeAsymmetricKey(KeyType type, PKey key);
// The bytes of a secret KeyObjectHandle, a buffer, or a string. False with an exception pending.
bool ToSecret(Env& env, v8::Local<v8::Value> value, SecretBytes* out);

// ---- jobs: work on the thread pool (kAsync), at once (kSync), or on the pool with the result in a
// promise (kWebCrypto)

enum class JobMode : int { kAsync, kSync, kWebCrypto };

// One operation, created by `new XJob(mode, ...)` in JavaScript. run() in mode kSync returns
// [error, result]; in kAsync `ondone`(error, result) is called; in kWebCrypto it returns a promise,
// which a failure rejects with an OperationError. The one of error and result that does not apply
// is undefined.
class CryptoJob : public Request<uv_work_t> {
 public:
  // The first argument is the mode, kSync if it is no integer.
  CryptoJob(Env& env, Provider provider, const Args& args);

  // Any thread: must not use V8. False if it failed, usually with errors in OpenSSL's queue.
  virtual bool Work() = 0;
  // On the Env's thread, after Work() succeeded. May throw: then the job fails with the exception.
  virtual v8::Local<v8::Value> Value() = 0;
  // The text, and the code if any, of a failure without an error in OpenSSL's queue.
  virtual const char* FailureText() const = 0;
  virtual const char* FailureCode() const { return nullptr; }
  // For a failure with an error in OpenSSL's queue.
  virtual ErrorDetail FailureDetail() const { return ErrorDetail::kTextOnly; }

  bool is_listed() const override { return false; }

  // The method run(). A second call throws ERR_INVALID_STATE.
  void Run(const Args& args);
  JobMode mode() const { return mode_; }

 private:
  void DoWork();
  v8::Local<v8::Value> Failure();
  bool TakeResult(v8::Local<v8::Value>* error, v8::Local<v8::Value>* result);
  void Settle();
  JobMode mode_;
  bool started_ = false;
  bool ok_ = false;                    // what Work() returned
  std::vector<unsigned long> errors_;  // OpenSSL's, of the thread that ran Work()
  v8::Global<v8::Promise::Resolver> promise_;
};

inline constexpr Entry kJobMethods[] = {Method<&CryptoJob::Run>("run")};

// The constructor callback of a class C. Calls C(env) or C(env, args), then `bool
// C::Configure(args)`, which reads the arguments and returns false with an exception pending.
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
