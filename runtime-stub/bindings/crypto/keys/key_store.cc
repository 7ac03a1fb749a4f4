// Private keys by URL: createPrivateKey(new URL("file:///key.pem")). OpenSSL's STORE detects what
// the file contains; everything but private keys is skipped.
#include "runtime-stub/bindings/crypto/keys/key_store.h"

#include <openssl/store.h>
#include <openssl/ui.h>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"
#include "runtime-stub/env/permissions.h"

namespace kiln::runtime {
namespace {

using Store = std::unique_ptr<OSSL_STORE_CTX, FreeWith<OSSL_STORE_close>>;
using StoreItem = std::unique_ptr<OSSL_STORE_INFO, FreeWith<OSSL_STORE_INFO_free>>;
using UiMethod = std::unique_ptr<UI_METHOD, FreeWith<UI_destroy_method>>;

// The data of the passphrase callback: the passphrase, and whether it was requested but missing.
struct Passphrase {
  const SecretBytes* text = nullptr;
  bool requested_but_missing = false;
};

int AskPassphrase(char* buffer, int size, int writing, void* data) {
  auto* passphrase = static_cast<Passphrase*>(data);
  if (!passphrase->text) passphrase->requested_but_missing = true;
  return PassphraseCallback(buffer, size, writing, const_cast<SecretBytes*>(passphrase->text));
}

}  // namespace

PKey ReadStore(Env& env, v8::Local<v8::Value> source, v8::Local<v8::Value> passphrase) {
  // The location may be or contain a secret, so it is no part of the error.
  if (Refuses(env, Permission::kOpenSSLStore)) return nullptr;
  if (!source->IsObject()) {
    ThrowBadArgument(env, 0);
    return nullptr;
  }
  v8::Local<v8::Value> location = env.Get(source.As<v8::Object>(), "uri");
  v8::Local<v8::Value> wanted = env.Get(source.As<v8::Object>(), "properties");
  std::string uri = location->IsString() ? ToUtf8(env.isolate, location) : std::string();
  std::string properties = wanted->IsString() ? ToUtf8(env.isolate, wanted) : std::string();
  SecretBytes secret;
  Passphrase given;
  if (!passphrase->IsNullOrUndefined()) {
    if (!ToBytes(env, passphrase, &secret)) return nullptr;
    given.text = &secret;
  }

  ERR_clear_error();
  UiMethod ui(UI_UTIL_wrap_read_pem_callback(AskPassphrase, 0));
  Store store(ui ? OSSL_STORE_open_ex(uri.c_str(), nullptr,
                                      wanted->IsString() ? properties.c_str() : nullptr, ui.get(),
                                      &given, nullptr, nullptr, nullptr)
                 : nullptr);
  bool failed = !store || !OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  PKey key;
  while (!failed && !key && !OSSL_STORE_eof(store.get())) {
    StoreItem item(OSSL_STORE_load(store.get()));
    failed = !item;
    if (item && OSSL_STORE_INFO_get_type(item.get()) == OSSL_STORE_INFO_PKEY)
      key = AdoptPKey(OSSL_STORE_INFO_get1_PKEY(item.get()));
  }
  std::vector<unsigned long> errors = TakeOpenSslErrors();
  if (key) return key;
  if (given.requested_but_missing) {
    Error::Type("ERR_MISSING_PASSPHRASE", "Passphrase required for encrypted key").Throw(env);
  } else if (!failed) {
    ThrowOperationFailed(env, "No private key found through the OpenSSL STORE loader");
  } else if (errors.empty()) {
    ThrowOperationFailed(env, "Failed to load private key through an OpenSSL STORE loader");
  } else {
    // Loaders try the decoders one after the other; the last error is the relevant one.
    errors.insert(errors.begin(), errors.back());
    env.isolate->ThrowException(OpenSslException(env, errors, ""));
  }
  return nullptr;
}

}  // namespace kiln::runtime
