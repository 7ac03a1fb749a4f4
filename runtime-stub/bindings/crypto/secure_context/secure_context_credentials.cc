// Certificates, keys and trusted roots of a SecureContext (secure_context.h).
//
// A context without `ca` shares the store of default roots with the others of its thread. A method
// that would change that store (a revocation list, a PKCS#12 file's authorities, a flag) first
// gives the context its own store.
#include <openssl/engineerr.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <climits>

#include "runtime-stub/bindings/crypto/certificates/root_certificates.h"
#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"
#include "runtime-stub/bindings/crypto/secure_context/secure_context.h"

namespace kiln::runtime {
namespace {

// Reads all further certificates of a PEM text; false if it ends with an invalid one.
bool ReadRest(BIO* bio, std::vector<Certificate>* out) {
  while (X509* next = PEM_read_bio_X509(bio, nullptr, NoPassphrase, nullptr))
    out->push_back(AdoptCertificate(next));
  unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
    return false;
  ERR_clear_error();
  return true;
}

}  // namespace

Bio SecureContext::BioArgument(const Args& args, std::string* storage) {
  if (!Ready()) return {};
  if (!DecodeValue(env(), args[0], Encoding::kUtf8, storage) || storage->size() > INT_MAX) {
    ThrowBadArgument(env(), 0);
    return {};
  }
  return ReadOnlyBio(*storage);
}

Bio SecureContext::BioArgument(const Args& args, SecretBytes* storage) {
  if (!Ready()) return {};
  if (!(args[0]->IsString() || ReadBytes(args[0]).ok()) || !ToBytes(env(), args[0], storage) ||
      storage->size() > INT_MAX) {
    ThrowBadArgument(env(), 0);
    return {};
  }
  return ReadOnlyBio(*storage);
}

X509_STORE* SecureContext::OwnStore() {
  if (!owns_store_) {
    SSL_CTX_set_cert_store(context_.get(), NewRootStore(env()).release());
    owns_store_ = true;
  }
  return SSL_CTX_get_cert_store(context_.get());
}

void SecureContext::AddRootCerts() {
  if (!Ready()) return;
  X509_STORE* store = SharedRootStore(env());
  X509_STORE_up_ref(store);
  SSL_CTX_set_cert_store(context_.get(), store);
  owns_store_ = false;
}

void SecureContext::SetAllowPartialTrustChain() {
  if (Ready()) X509_STORE_set_flags(OwnStore(), X509_V_FLAG_PARTIAL_CHAIN);
}

// setKey(PEM, passphrase or undefined)
void SecureContext::SetKey(const Args& args) {
  SecretBytes storage, passphrase;
  Bio bio = BioArgument(args, &storage);
  if (!bio) return;
  if (args[1]->IsString())
    passphrase = DecodeSecret(env(), args[1].As<v8::String>(), Encoding::kUtf8);
  SecretBytes* given = &passphrase;
  PKey key = AdoptPKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, PassphraseCallback, given));
  if (!key) return ThrowOpenSsl(env(), "PEM_read_bio_PrivateKey");
  if (SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1)
    return ThrowOpenSsl(env(), "SSL_CTX_use_PrivateKey");
  ERR_clear_error();
}

bool SecureContext::UseChain(X509* certificate, const std::vector<Certificate>& chain) {
  if (SSL_CTX_use_certificate(context_.get(), certificate) != 1) return false;
  SSL_CTX_clear_extra_chain_certs(context_.get());
  Certificate issuer;
  for (const Certificate& next : chain) {
    if (SSL_CTX_add1_chain_cert(context_.get(), next.get()) != 1) return false;
    if (!issuer && IsIssuedBy(certificate, next.get())) issuer = next;
  }
  if (!issuer) issuer = FindIssuer(context_.get(), certificate);
  certificate_ = ShareCertificate(certificate);
  issuer_ = std::move(issuer);
  return true;
}

// setCert(PEM): the certificate, followed by those to send with it.
void SecureContext::SetCert(const Args& args) {
  std::string storage;
  Bio bio = BioArgument(args, &storage);
  if (!bio) return;
  certificate_.reset();
  issuer_.reset();
  Certificate own =
      AdoptCertificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassphrase, nullptr));
  std::vector<Certificate> chain;
  if (!own || !ReadRest(bio.get(), &chain) || !UseChain(own.get(), chain))
    ThrowOpenSsl(env(), "SSL_CTX_use_certificate_chain");
  ERR_clear_error();
}

void SecureContext::TrustCertificate(X509* certificate) {
  X509_STORE_add_cert(OwnStore(), certificate);
  SSL_CTX_add_client_CA(context_.get(), certificate);
}

// addCACert(PEM): a certificate that cannot be parsed, and all after it, are ignored, as in Node.
void SecureContext::AddCaCert(const Args& args) {
  std::string storage;
  Bio bio = BioArgument(args, &storage);
  if (!bio) return;
  ScopedOpenSslErrors drop;
  while (X509* next = PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassphrase, nullptr))
    TrustCertificate(AdoptCertificate(next).get());
}

void SecureContext::AddCrl(const Args& args) {
  std::string storage;
  Bio bio = BioArgument(args, &storage);
  if (!bio) return;
  ScopedOpenSslErrors drop;
  std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>> list(
      PEM_read_bio_X509_CRL(bio.get(), nullptr, NoPassphrase, nullptr));
  if (!list) return ThrowOperationFailed(env(), "Failed to parse CRL");
  X509_STORE* store = OwnStore();
  if (X509_STORE_add_crl(store, list.get()) != 1)
    return ThrowOperationFailed(env(), "Failed to add CRL");
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

// loadPKCS12(bytes) or loadPKCS12(bytes, passphrase as bytes)
void SecureContext::LoadPkcs12(const Args& args) {
  if (args.Length() < 1)
    return Error::Type("ERR_MISSING_ARGS", "PFX certificate argument is mandatory").Throw(env());
  if (!args[0]->IsString() && !args[0]->IsArrayBufferView())
    return ThrowOperationFailed(env(), "Unable to load PFX certificate");
  SecretBytes storage;
  SecretBytes passphrase(1);  // for OpenSSL ends with a zero
  Bio bio = BioArgument(args, &storage);
  if (!bio) return;
  if (args.Length() > 1) {
    ReadBytes bytes(args[1]);
    if (!bytes.ok())
      return Error::Type("ERR_INVALID_ARG_TYPE", "Pass phrase must be a buffer").Throw(env());
    passphrase = SecretBytes(bytes.size() + 1);
    std::copy_n(bytes.data(), bytes.size(), passphrase.begin());
  }
  certificate_.reset();
  issuer_.reset();

  std::unique_ptr<PKCS12, FreeWith<PKCS12_free>> file(d2i_PKCS12_bio(bio.get(), nullptr));
  EVP_PKEY* key_out = nullptr;
  X509* certificate_out = nullptr;
  STACK_OF(X509)* others = nullptr;
  bool ok =
      file && PKCS12_parse(file.get(), passphrase.data(), &key_out, &certificate_out, &others) == 1;
  PKey key = AdoptPKey(key_out);
  Certificate certificate = AdoptCertificate(certificate_out);
  std::vector<Certificate> chain;
  for (int i = 0; i < sk_X509_num(others); i++)
    chain.push_back(AdoptCertificate(sk_X509_value(others, i)));
  sk_X509_free(others);
  if (ok && !key) return ThrowOperationFailed(env(), "Unable to load private key from PFX data");
  if (ok && !certificate)
    return ThrowOperationFailed(env(), "Unable to load certificate from PFX data");
  if (ok && UseChain(certificate.get(), chain) &&
      SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1) {
    for (const Certificate& authority : chain) TrustCertificate(authority.get());
    return ERR_clear_error();
  }

  unsigned long error = ERR_peek_error();
  ERR_clear_error();
  if (ERR_GET_REASON(error) == ERR_R_UNSUPPORTED)
    return Error::Plain("ERR_CRYPTO_UNSUPPORTED_OPERATION", "Unsupported PKCS12 PFX data")
        .Throw(env());
  const char* reason = ERR_reason_error_string(error);
  Error::Plain("", reason ? reason : "Unknown error").Throw(env());
}

// setCertificateCompression(packed): the number of algorithms in the lowest byte, then one per
// byte, by OpenSSL's numbers.
void SecureContext::SetCertificateCompression(const Args& args) {
  if (!Ready()) return;
  if (!args[0]->IsUint32()) return ThrowBadArgument(env(), 0);
  long highest = SSL_CTX_get_max_proto_version(context_.get());
  if (highest != 0 && highest < TLS1_3_VERSION)
    return Error::Type("ERR_INVALID_ARG_VALUE",
                       "certificateCompression requires a TLS protocol range that includes "
                       "TLSv1.3")
        .Throw(env());
  uint32_t packed = args[0].As<v8::Uint32>()->Value();
  uint32_t count = packed & 0xff;
  constexpr uint32_t kMost = TLSEXT_comp_cert_limit - 1;
  if (count == 0 || count > kMost)
    return Error::Type("ERR_INVALID_ARG_VALUE", "certificateCompression must specify fewer than " +
                                                    std::to_string(kMost) + " algorithms")
        .Throw(env());
  std::vector<int> algorithms;
  for (uint32_t i = 1; i <= count; i++) algorithms.push_back(int(packed >> (8 * i) & 0xff));
  ScopedOpenSslErrors drop;
  if (SSL_CTX_set1_cert_comp_preference(context_.get(), algorithms.data(), algorithms.size()) != 1)
    return ThrowOperationFailed(env(), "Failed to set certificate compression preference");
  // Does nothing if there is no certificate, or if compression makes it no smaller.
  SSL_CTX_compress_certs(context_.get(), 0);
  compressed_.clear();
  for (int algorithm : algorithms) {
    unsigned char* bytes = nullptr;
    size_t original = 0;
    size_t size = SSL_CTX_get1_compressed_cert(context_.get(), algorithm, &bytes, &original);
    if (size > 0 && bytes)
      compressed_.push_back({algorithm, {reinterpret_cast<char*>(bytes), size}, original});
    OPENSSL_free(bytes);
  }
  compressions_ = std::move(algorithms);
}

// setEngineKey(key, engine), setClientCertEngine(engine): OpenSSL's engines are shared
// libraries, which a static executable cannot load. This fails as OpenSSL does for an engine
// that it cannot find.
void SecureContext::RefuseEngine(const Args&) {
  constexpr int kLoadFailed = 103;  // DSO_R_LOAD_FAILED of a header that is not public
  StartOpenSsl();
  ERR_clear_error();
  ERR_raise(ERR_LIB_DSO, kLoadFailed);
  ERR_raise(ERR_LIB_ENGINE, ENGINE_R_NO_SUCH_ENGINE);
  ThrowOpenSsl(env(), "engines cannot be loaded");
}

void SecureContext::ReturnDer(const Args& args, const Certificate& certificate) {
  if (!certificate) return args.GetReturnValue().SetNull();
  args.GetReturnValue().Set(NewBuffer(env(), DerOf(certificate.get())));
}

}  // namespace kiln::runtime
