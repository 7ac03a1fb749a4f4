// Session tickets in the format of OpenSSL 1.0, which Node keeps so that the servers of a cluster
// can share 48 bytes: a name, and the keys of AES-128-CBC and HMAC-SHA256, 16 bytes each.
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>
#include <mutex>

#include "runtime-stub/bindings/crypto/secure_context/secure_context.h"

namespace kiln::runtime {
namespace {

constexpr int kPartSize = 16;

int KeysIndex() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* keys, CRYPTO_EX_DATA*, int, long, void*) {
        if (keys) OPENSSL_cleanse(keys, sizeof(TicketKeys));
        delete static_cast<TicketKeys*>(keys);
      });
  return index;
}

bool StartHmac(EVP_MAC_CTX* hmac, const unsigned char* key, size_t size) {
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                         OSSL_PARAM_construct_end()};
  return EVP_MAC_init(hmac, key, size, params) == 1;
}

bool StartAes(EVP_CIPHER_CTX* aes, const unsigned char* key, const unsigned char* iv, int encrypt) {
  return EVP_CipherInit_ex2(aes, EVP_aes_128_cbc(), key, iv, encrypt, nullptr) == 1;
}

// Returns 1 to continue, 0 for an unknown ticket, a negative number for a failure.
int UseOwnKeys(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* aes,
               EVP_MAC_CTX* hmac, int encrypt) {
  TicketKeys* keys = TicketKeysOf(SSL_get_SSL_CTX(ssl));
  if (encrypt) {
    std::memcpy(name, keys->name.data(), kPartSize);
    if (RAND_bytes(iv, kPartSize) != 1) return -1;
  } else if (std::memcmp(name, keys->name.data(), kPartSize) != 0) {
    return 0;
  }
  return StartAes(aes, keys->aes.data(), iv, encrypt) &&
                 StartHmac(hmac, keys->hmac.data(), kPartSize)
             ? 1
             : -1;
}

enum TicketKeyIndex { kReturn, kHmac, kAes, kName, kIv };

int AskJavaScript(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* aes,
                  EVP_MAC_CTX* hmac, int encrypt) {
  auto* context = static_cast<SecureContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (!context || !context->attached()) return -1;
  Env& env = context->env();
  v8::HandleScope scope(env.isolate);
  v8::Context::Scope entered(env.context());
  ScopedOpenSslErrors drop;
  v8::TryCatch reported(env.isolate);  // OpenSSL continues, whatever JavaScript threw
  reported.SetVerbose(true);
  v8::Local<v8::Object> object = context->object();
  v8::Local<v8::Value> callback = env.Get(object, "onticketkeycallback");
  if (!callback->IsFunction()) return -1;
  v8::Local<v8::Value> args[] = {NewBuffer(env, name, kPartSize), NewBuffer(env, iv, kPartSize),
                                 v8::Boolean::New(env.isolate, encrypt != 0)};
  v8::Local<v8::Value> parts;
  if (!MakeCallback(env, object, callback.As<v8::Function>(), args).ToLocal(&parts) ||
      !parts->IsArray())
    return -1;
  auto part = [&](TicketKeyIndex index) -> v8::Local<v8::Value> {
    v8::Local<v8::Value> value;
    if (!parts.As<v8::Array>()->Get(env.context(), index).ToLocal(&value)) return env.Undefined();
    return value;
  };
  v8::Local<v8::Value> result = part(kReturn);
  if (!result->IsInt32()) return -1;
  int status = result.As<v8::Int32>()->Value();
  if (status < 0) return status;
  ReadBytes hmac_key(part(kHmac)), aes_key(part(kAes));
  if (!hmac_key.ok() || !aes_key.ok() || aes_key.size() != kPartSize) return -1;
  if (encrypt) {
    ReadBytes new_name(part(kName)), new_iv(part(kIv));
    if (!new_name.ok() || !new_iv.ok() || new_name.size() != kPartSize ||
        new_iv.size() != kPartSize)
      return -1;
    std::memcpy(name, new_name.data(), kPartSize);
    std::memcpy(iv, new_iv.data(), kPartSize);
  }
  return StartHmac(hmac, hmac_key.data(), hmac_key.size()) &&
                 StartAes(aes, aes_key.data(), iv, encrypt)
             ? status
             : -1;
}

}  // namespace

TicketKeys* TicketKeysOf(SSL_CTX* context) {
  return static_cast<TicketKeys*>(SSL_CTX_get_ex_data(context, KeysIndex()));
}

bool InstallTicketKeys(SSL_CTX* context) {
  auto keys = std::make_unique<TicketKeys>();
  if (RAND_bytes(reinterpret_cast<unsigned char*>(keys.get()), sizeof(TicketKeys)) != 1 ||
      SSL_CTX_set_ex_data(context, KeysIndex(), keys.get()) != 1)
    return false;
  keys.release();
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, UseOwnKeys);
  return true;
}

void AskJavaScriptForTicketKeys(SSL_CTX* context) {
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, AskJavaScript);
}

}  // namespace kiln::runtime
