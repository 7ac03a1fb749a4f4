// SecureContext: the settings that TLS connections share (certificates, keys, trusted roots,
// ciphers, versions, ticket keys), an SSL_CTX for the library's tls.SecureContext. Connections hold
// references to the SSL_CTX, which may outlive the JavaScript object.
#pragma once

#include <openssl/ssl.h>

#include <array>

#include "runtime-stub/bindings/crypto/certificates/x509.h"

namespace kiln::runtime {

using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

// The keys that protect session tickets. Owned by an SSL_CTX.
struct TicketKeys {
  std::array<unsigned char, 16> name, hmac, aes;
};

// Created without an SSL_CTX by `new`; init() creates it, close() or the garbage collector releases
// it. init() may be called again and then starts from defaults. The SSL_CTX's application data is
// this object, or null once it is closed.
class SecureContext final : public Wrapped {
 public:
  explicit SecureContext(Env& env, const Args&) : Wrapped(env) {}
  ~SecureContext() override { Close(); }
  const char* type_name() const override { return "SecureContext"; }

  // Null before init() and after close().
  SSL_CTX* get() const { return context_.get(); }
  // The context of a JavaScript value; null if it is not a SecureContext, or not usable.
  static SecureContext* FromValue(Env& env, v8::Local<v8::Value> value);
  // The requested certificate compressions, by OpenSSL's numbers, and the context's certificate
  // compressed with each. A connection that only takes over the certificate (SNI) needs them again.
  struct Compressed {
    int algorithm;
    std::string bytes;
    size_t original_size;
  };
  const std::vector<int>& compressions() const { return compressions_; }
  const std::vector<Compressed>& compressed() const { return compressed_; }

  // Methods of kSecureContextClass, for Node's lib/internal/tls/secure-context.js. After a failure
  // an exception is pending and the setting is unchanged or incomplete. Except for Init, Close,
  // External, RefuseEngine and the getters of certificates they throw ERR_CRYPTO_INVALID_STATE
  // before init(). Certificates and keys are PEM, as a string or bytes; lists (ciphers, curves,
  // signature algorithms) are OpenSSL's texts with colons.
  void Init(const Args& args);
  void Close();
  void SetKey(const Args& args);
  void SetCert(const Args& args);
  void AddCaCert(const Args& args);  // certificates that cannot be parsed are ignored
  void AddCrl(const Args& args);
  void AddRootCerts();
  void SetAllowPartialTrustChain();
  void LoadPkcs12(const Args& args);
  void SetCertificateCompression(const Args& args);
  void SetCipherSuites(const Args& args);
  void SetCiphers(const Args& args);
  void SetSigalgs(const Args& args);
  void SetEcdhCurve(const Args& args);
  void SetDhParam(const Args& args);
  // OpenSSL's numbers, such as TLS1_2_VERSION; 0 is the lowest or highest that it supports.
  void SetMinProto(int32_t version);
  void SetMaxProto(int32_t version);
  double GetMinProto();
  double GetMaxProto();
  void SetOptions(double options);
  void SetSessionIdContext(const Args& args);
  void SetSessionTimeout(int32_t seconds);
  // 48 bytes: name, HMAC key and AES key, as TicketKeys.
  void SetTicketKeys(const Args& args);
  void GetTicketKeys(const Args& args);
  void EnableTicketKeyCallback();
  // DER as a Buffer; null if there is none.
  void GetCertificate(const Args& args) { ReturnDer(args, certificate_); }
  void GetIssuer(const Args& args) { ReturnDer(args, issuer_); }
  void RefuseEngine(const Args& args);
  void External(const Args& args);

 private:
  // False with an exception pending if init() has not run. Empties OpenSSL's error queue.
  bool Ready();
  // The first argument, which must be a string. False with an exception pending.
  bool TextArgument(const Args& args, std::string* out);
  // The bytes of the first argument as a BIO on `storage`; null with an exception pending.
  Bio BioArgument(const Args& args, std::string* storage);
  Bio BioArgument(const Args& args, SecretBytes* storage);
  // Makes `certificate` the context's own; `chain` is sent with it. False with errors in OpenSSL's
  // queue.
  bool UseChain(X509* certificate, const std::vector<Certificate>& chain);
  void TrustCertificate(X509* certificate);
  // The context's own store of trusted certificates, for changes; made on the first call.
  X509_STORE* OwnStore();
  TicketKeys* ticket_keys();
  void ReturnDer(const Args& args, const Certificate& certificate);

  SslContext context_;
  bool owns_store_ = true;  // the SSL_CTX's store is not the shared one
  Certificate certificate_;
  Certificate issuer_;  // of certificate_; null if unknown
  std::vector<int> compressions_;
  std::vector<Compressed> compressed_;
};

// ---- session tickets (ticket_keys.cc)

// Sets new random keys and the callback that uses them; false if OpenSSL has no random numbers.
bool InstallTicketKeys(SSL_CTX* context);
// Null before InstallTicketKeys(). Valid as long as the context; not synchronized.
TicketKeys* TicketKeysOf(SSL_CTX* context);
// From now on JavaScript's `onticketkeycallback(name, iv, encrypt)` chooses the keys, a method of
// the object whose native part is the SSL_CTX's application data.
void AskJavaScriptForTicketKeys(SSL_CTX* context);

void GetSslCiphers(Env& env, const Args& args);
void GetCertificateCompressionAlgorithms(Env& env, const Args& args);
extern const ClassEntry kSecureContextClass;

}  // namespace kiln::runtime
