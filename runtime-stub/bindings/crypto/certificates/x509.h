// Certificates for JavaScript, in two forms: the class X509Certificate, whose methods the library
// calls one by one, and the "legacy object" of tls.TLSSocket.getPeerCertificate(), with everything
// in properties. Both use the same functions, so that they never differ.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>

#include "runtime-stub/bindings/crypto/common/crypto.h"

namespace kiln::runtime {

// Immutable once it is made; shared by wrappers, stores and threads. Adopt takes over the caller's
// reference, Share takes a further one.
using Certificate = std::shared_ptr<X509>;
inline Certificate AdoptCertificate(X509* certificate) {
  return Certificate(certificate, X509_free);
}
inline Certificate ShareCertificate(X509* certificate) {
  if (certificate) X509_up_ref(certificate);
  return AdoptCertificate(certificate);
}

// ---- text (x509_text.cc), UTF-8. Empty if the certificate does not have the field.

// The bytes (at most INT_MAX) as a BIO to read from; they must outlive it. Null if out of memory.
Bio ReadOnlyBio(std::string_view bytes);
// A passphrase callback for OpenSSL's PEM readers. Certificates are not encrypted, and OpenSSL's
// own callback would ask at the terminal.
int NoPassphrase(char* buffer, int size, int writing, void*);
// The bytes written to a memory BIO.
std::string TextOf(const Bio& bio);
// Empty if OpenSSL fails; its queue is unchanged. The PEM text ends with a line break.
std::string PemOf(X509* certificate);
std::string DerOf(X509* certificate);
// "C=DE\nO=..." with the values escaped as in RFC 2253.
std::optional<std::string> NameText(const X509_NAME* name);
// "DNS:example.org, IP Address:127.0.0.1". A name with characters that could be taken for
// syntax is written as a JSON string.
std::optional<std::string> AltNamesText(const X509* certificate);
// Lines such as "OCSP - URI:http://ocsp.example.org".
std::optional<std::string> InfoAccessText(const X509* certificate);
// "Nov 29 23:00:00 2026 GMT".
std::string TimeText(const ASN1_TIME* time);
// The digest of the DER form as "AB:CD:..."; the serial number in upper-case hexadecimal digits.
std::optional<std::string> FingerprintText(const X509* certificate, const EVP_MD* digest);
std::optional<std::string> SerialText(const X509* certificate);
// Object identifiers of the extended key usage, as numbers with dots.
std::optional<std::vector<std::string>> KeyUsages(const X509* certificate);
bool IsCertificateAuthority(X509* certificate);
// Compares names, key identifiers and key usage (X509_check_issued); the signature is not verified.
bool IsIssuedBy(X509* certificate, X509* issuer);
// "CERT_HAS_EXPIRED" for X509_V_ERR_CERT_HAS_EXPIRED, ...; "UNSPECIFIED" for errors that Node has
// no name for. A constant.
const char* VerifyErrorCode(long error);

// ---- objects

// The legacy object (x509_legacy.cc); fields that the certificate does not have are undefined.
v8::Local<v8::Object> CertificateToObject(Env& env, X509* certificate);
// The legacy object of a connection's peer; undefined if it sent no certificate. Unless
// `abbreviated`, the property `issuerCertificate` leads to the issuer's object.
v8::Local<v8::Value> PeerCertificateToObject(Env& env, SSL* ssl, bool abbreviated);
// The issuer of `certificate`, from the store of `context`; may be null.
Certificate FindIssuer(SSL_CTX* context, X509* certificate);

// A handle for the library's class X509Certificate (x509.cc). `issuer` is the handle of
// its issuer's certificate, if that is known.
v8::Local<v8::Object> NewX509Handle(Env& env, Certificate certificate,
                                    v8::Local<v8::Value> issuer = {});
// The handle of a connection's peer with its chain; undefined if it sent no certificate.
v8::Local<v8::Value> PeerX509Handle(Env& env, SSL* ssl);

// parseX509(PEM or DER bytes): returns a handle, or throws OpenSSL's first error.
void ParseX509(Env& env, const Args& args);
extern const ClassEntry kX509CertificateClass;

}  // namespace kiln::runtime
