// SecureContext (secure_context.h): versions, ciphers, curves, sessions. The methods for
// certificates and keys are in secure_context_credentials.cc.
#include "runtime-stub/bindings/crypto/secure_context/secure_context.h"

#include <openssl/comp.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <cstring>

#include "runtime-stub/bindings/crypto/keys/asymmetric_key.h"

namespace kiln::runtime {
namespace {

enum class Side { kBoth, kServer, kClient };

const SSL_METHOD* MethodOf(Side side) {
  switch (side) {
    case Side::kServer:
      return TLS_server_method();
    case Side::kClient:
      return TLS_client_method();
    default:
      return TLS_method();
  }
}

struct Protocol {
  Side side = Side::kBoth;
  int min;
  int max;
};

// OpenSSL's names for the `secureProtocol` option: FAMILY_method, FAMILY_server_method,
// FAMILY_client_method. Null, or why the name is refused.
std::optional<std::string> ParseProtocol(const std::string& name, Protocol* out) {
  constexpr std::string_view kMethod = "_method", kServer = "_server", kClient = "_client";
  std::string_view family = name;
  auto unknown = [&] { return "Unknown method: " + name; };
  if (!family.ends_with(kMethod)) return unknown();
  family.remove_suffix(kMethod.size());
  if (family.ends_with(kServer)) {
    out->side = Side::kServer;
    family.remove_suffix(kServer.size());
  } else if (family.ends_with(kClient)) {
    out->side = Side::kClient;
    family.remove_suffix(kClient.size());
  }
  if (family == "SSLv2" || family == "SSLv3") return std::string(family) + " methods disabled";
  if (family == "SSLv23") {  // all versions before TLS 1.3
    out->max = TLS1_2_VERSION;
  } else if (family == "TLS") {
    out->min = 0;
    out->max = TLS1_3_VERSION;
  } else if (family == "TLSv1") {
    out->min = out->max = TLS1_VERSION;
  } else if (family == "TLSv1_1") {
    out->min = out->max = TLS1_1_VERSION;
  } else if (family == "TLSv1_2") {
    out->min = out->max = TLS1_2_VERSION;
  } else {
    return unknown();
  }
  return {};
}

}  // namespace

SecureContext* SecureContext::FromValue(Env& env, v8::Local<v8::Value> value) {
  auto* self = UnwrapArgument<SecureContext>(env, kSecureContextClass, value);
  return self && self->context_ ? self : nullptr;
}

bool SecureContext::Ready() {
  ERR_clear_error();
  if (context_) return true;
  Error::Plain("ERR_CRYPTO_INVALID_STATE", "Invalid state: the SecureContext is closed")
      .Throw(env());
  return false;
}

bool SecureContext::TextArgument(const Args& args, std::string* out) {
  if (!Ready()) return false;
  if (!args[0]->IsString()) {
    ThrowBadArgument(env(), 0);
    return false;
  }
  *out = ToUtf8(env().isolate, args[0]);
  return true;
}

// init(name of a method or undefined, lowest version, highest version or 0)
void SecureContext::Init(const Args& args) {
  for (int i : {1, 2})
    if (!args[i]->IsInt32()) return ThrowBadArgument(env(), i);
  Protocol protocol{.min = args[1].As<v8::Int32>()->Value(),
                    .max = args[2].As<v8::Int32>()->Value()};
  if (protocol.max == 0) protocol.max = TLS1_3_VERSION;
  if (args[0]->IsString()) {
    std::optional<std::string> refused = ParseProtocol(ToUtf8(env().isolate, args[0]), &protocol);
    if (refused) return Error::Type("ERR_TLS_INVALID_PROTOCOL_METHOD", *refused).Throw(env());
  }

  StartOpenSsl();
  ERR_clear_error();
  Close();
  SslContext made(SSL_CTX_new(MethodOf(protocol.side)));
  if (!made) return ThrowOpenSsl(env(), "SSL_CTX_new");
  SSL_CTX* context = made.get();
  if (SSL_CTX_set_min_proto_version(context, protocol.min) != 1 ||
      SSL_CTX_set_max_proto_version(context, protocol.max) != 1)
    return ThrowOpenSsl(env(), "SSL_CTX_set_min_proto_version");
#ifndef OPENSSL_NO_COMP_ALG
  // Certificates are compressed only on request.
  SSL_CTX_set1_cert_comp_preference(context, nullptr, 0);
#endif
  SSL_CTX_set_options(context,
                      SSL_OP_NO_SSLv2 | SSL_OP_NO_SSLv3 | SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
  SSL_CTX_clear_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  // JavaScript keeps the sessions, OpenSSL does not.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_SERVER |
                                              SSL_SESS_CACHE_NO_INTERNAL |
                                              SSL_SESS_CACHE_NO_AUTO_CLEAR);
  if (!InstallTicketKeys(context))
    return ThrowOperationFailed(env(), "Error generating ticket keys");
  SSL_CTX_set_app_data(context, this);
  context_ = std::move(made);
}

void SecureContext::Close() {
  // Connections may still hold the SSL_CTX, which must not call back here any more.
  if (context_) SSL_CTX_set_app_data(context_.get(), nullptr);
  context_.reset();
  certificate_.reset();
  issuer_.reset();
  compressions_.clear();
  compressed_.clear();
  owns_store_ = true;
}

void SecureContext::SetCipherSuites(const Args& args) {
  std::string list;
  if (!TextArgument(args, &list)) return;
  if (SSL_CTX_set_ciphersuites(context_.get(), list.c_str()) != 1)
    ThrowOpenSsl(env(), "Failed to set ciphers");
}

void SecureContext::SetCiphers(const Args& args) {
  std::string list;
  if (!TextArgument(args, &list)) return;
  if (SSL_CTX_set_cipher_list(context_.get(), list.c_str()) == 1) return;
  // An empty list removes all ciphers up to TLS 1.2. OpenSSL reports that as an error.
  if (list.empty() && ERR_GET_REASON(ERR_peek_error()) == SSL_R_NO_CIPHER_MATCH)
    return ERR_clear_error();
  ThrowOpenSsl(env(), "Failed to set ciphers");
}

void SecureContext::SetSigalgs(const Args& args) {
  std::string list;
  if (!TextArgument(args, &list)) return;
  if (SSL_CTX_set1_sigalgs_list(context_.get(), list.c_str()) != 1)
    ThrowOpenSsl(env(), "Failed to set signature algorithms");
}

void SecureContext::SetEcdhCurve(const Args& args) {
  std::string list;
  if (!TextArgument(args, &list) || list == "auto") return;
  ScopedOpenSslErrors drop;
  if (SSL_CTX_set1_groups_list(context_.get(), list.c_str()) != 1)
    ThrowOperationFailed(env(), "Failed to set ECDH curve");
}

// setDHParam(true for OpenSSL's own choice, or PEM): returns a warning as text, or undefined. Bytes
// without Diffie-Hellman parameters are ignored, as in Node.
void SecureContext::SetDhParam(const Args& args) {
  if (!Ready()) return;
  if (args[0]->IsTrue()) {
    SSL_CTX_set_dh_auto(context_.get(), 1);
    return;
  }
  std::string storage;
  Bio bio = BioArgument(args, &storage);
  if (!bio) return;
  ScopedOpenSslErrors drop;
  PKey parameters = AdoptPKey(PEM_read_bio_Parameters(bio.get(), nullptr));
  if (!parameters || EVP_PKEY_is_a(parameters.get(), "DH") != 1) return;
  int bits = EVP_PKEY_get_bits(parameters.get());
  if (bits < 1024)
    return Error::Type("ERR_INVALID_ARG_VALUE", "DH parameter is less than 1024 bits").Throw(env());
  EVP_PKEY_up_ref(parameters.get());
  if (SSL_CTX_set0_tmp_dh_pkey(context_.get(), parameters.get()) != 1) {
    EVP_PKEY_free(parameters.get());
    return ThrowOperationFailed(env(), "Error setting temp DH parameter");
  }
  if (bits < 2048) args.GetReturnValue().Set(env().Str("DH parameter is less than 2048 bits"));
}

void SecureContext::SetMinProto(int32_t version) {
  if (Ready() && SSL_CTX_set_min_proto_version(context_.get(), version) != 1)
    ThrowOpenSsl(env(), "SSL_CTX_set_min_proto_version");
}
void SecureContext::SetMaxProto(int32_t version) {
  if (Ready() && SSL_CTX_set_max_proto_version(context_.get(), version) != 1)
    ThrowOpenSsl(env(), "SSL_CTX_set_max_proto_version");
}
double SecureContext::GetMinProto() {
  return Ready() ? double(SSL_CTX_get_min_proto_version(context_.get())) : 0;
}
double SecureContext::GetMaxProto() {
  return Ready() ? double(SSL_CTX_get_max_proto_version(context_.get())) : 0;
}

void SecureContext::SetOptions(double options) {
  if (Ready() && options >= 0 && options < 18446744073709551616.0)
    SSL_CTX_set_options(context_.get(), uint64_t(options));
}

void SecureContext::SetSessionIdContext(const Args& args) {
  std::string id;
  if (!TextArgument(args, &id)) return;
  if (SSL_CTX_set_session_id_context(context_.get(),
                                     reinterpret_cast<const unsigned char*>(id.data()),
                                     unsigned(id.size())) == 1)
    return;
  std::string text;
  ERR_print_errors_cb(
      [](const char* line, size_t size, void* out) {
        static_cast<std::string*>(out)->append(line, size);
        return 1;
      },
      &text);
  Error::Type("", text.empty() ? "SSL_CTX_set_session_id_context error" : text).Throw(env());
}

void SecureContext::SetSessionTimeout(int32_t seconds) {
  if (Ready() && seconds >= 0) SSL_CTX_set_timeout(context_.get(), seconds);
}

// ---------------------------------------------------------------- tickets

void SecureContext::GetTicketKeys(const Args& args) {
  if (!Ready()) return;
  TicketKeys* keys = TicketKeysOf(context_.get());
  args.GetReturnValue().Set(NewBuffer(env(), keys, sizeof *keys));
}

void SecureContext::SetTicketKeys(const Args& args) {
  if (!Ready()) return;
  static_assert(sizeof(TicketKeys) == 48);
  ReadBytes bytes(args[0]);
  if (!bytes.ok() || bytes.size() != sizeof(TicketKeys)) return ThrowBadArgument(env(), 0);
  std::memcpy(TicketKeysOf(context_.get()), bytes.data(), sizeof(TicketKeys));
  args.GetReturnValue().Set(true);
}

void SecureContext::EnableTicketKeyCallback() {
  if (Ready()) AskJavaScriptForTicketKeys(context_.get());
}

void SecureContext::External(const Args& args) {
  if (context_) args.GetReturnValue().Set(v8::External::New(env().isolate, context_.get()));
}

// ---------------------------------------------------------------- class

namespace {

// The indices of the parts in the array that onticketkeycallback returns.
void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  constexpr const char* kNames[] = {"kTicketKeyReturnIndex", "kTicketKeyHMACIndex",
                                    "kTicketKeyAESIndex", "kTicketKeyNameIndex",
                                    "kTicketKeyIVIndex"};
  for (int i = 0; i < 5; i++) made->Set(env.Name(kNames[i]), v8::Integer::New(env.isolate, i));
}

constexpr Entry kMethods[] = {
    Method<&SecureContext::Init>("init"),
    Method<&SecureContext::SetKey>("setKey"),
    Method<&SecureContext::SetCert>("setCert"),
    Method<&SecureContext::AddCaCert>("addCACert"),
    Method<&SecureContext::SetAllowPartialTrustChain>("setAllowPartialTrustChain"),
    Method<&SecureContext::AddCrl>("addCRL"),
    Method<&SecureContext::AddRootCerts>("addRootCerts"),
    Method<&SecureContext::SetCipherSuites>("setCipherSuites"),
    Method<&SecureContext::SetCiphers>("setCiphers"),
    Method<&SecureContext::SetSigalgs>("setSigalgs"),
    Method<&SecureContext::SetEcdhCurve>("setECDHCurve"),
    Method<&SecureContext::SetDhParam>("setDHParam"),
    Method<&SecureContext::SetMaxProto>("setMaxProto"),
    Method<&SecureContext::SetMinProto>("setMinProto"),
    Method<&SecureContext::GetMaxProto>("getMaxProto"),
    Method<&SecureContext::GetMinProto>("getMinProto"),
    Method<&SecureContext::SetOptions>("setOptions"),
    Method<&SecureContext::SetSessionIdContext>("setSessionIdContext"),
    Method<&SecureContext::SetSessionTimeout>("setSessionTimeout"),
    Method<&SecureContext::SetCertificateCompression>("setCertificateCompression"),
    Method<&SecureContext::Close>("close"),
    Method<&SecureContext::LoadPkcs12>("loadPKCS12"),
    Method<&SecureContext::SetTicketKeys>("setTicketKeys"),
    Method<&SecureContext::EnableTicketKeyCallback>("enableTicketKeyCallback"),
    MethodNoSideEffect<&SecureContext::GetTicketKeys>("getTicketKeys"),
    MethodNoSideEffect<&SecureContext::GetCertificate>("getCertificate"),
    MethodNoSideEffect<&SecureContext::GetIssuer>("getIssuer"),
    Method<&SecureContext::RefuseEngine>("setEngineKey"),
    Method<&SecureContext::RefuseEngine>("setClientCertEngine"),
};
constexpr Accessor kAccessors[] = {Get<&SecureContext::External>("_external")};

}  // namespace

const ClassEntry kSecureContextClass = {.name = "SecureContext",
                                        .construct = Construct<SecureContext>,
                                        .methods = kMethods,
                                        .accessors = kAccessors,
                                        .customize = Customize};

// The names of all ciphers for TLS. OpenSSL does not list those of TLS 1.3 that are disabled, so
// they are added.
void GetSslCiphers(Env& env, const Args& args) {
  StartOpenSsl();
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_method()));
  std::unique_ptr<SSL, FreeWith<SSL_free>> ssl(context ? SSL_new(context.get()) : nullptr);
  if (!ssl) return ThrowOpenSsl(env, "SSL_new");
  v8::LocalVector<v8::Value> names(env.isolate);
  STACK_OF(SSL_CIPHER)* ciphers = SSL_get_ciphers(ssl.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++)
    names.push_back(env.Str(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i))));
  for (const char* name :
       {"tls_aes_256_gcm_sha384", "tls_chacha20_poly1305_sha256", "tls_aes_128_gcm_sha256",
        "tls_aes_128_ccm_8_sha256", "tls_aes_128_ccm_sha256"})
    names.push_back(env.Str(name));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

// The certificate compressions of the linked OpenSSL.
void GetCertificateCompressionAlgorithms(Env& env, const Args& args) {
  v8::LocalVector<v8::Value> names(env.isolate);
  if (COMP_zlib()) names.push_back(env.Name("zlib"));
  if (COMP_brotli()) names.push_back(env.Name("brotli"));
  if (COMP_zstd()) names.push_back(env.Name("zstd"));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, names.data(), names.size()));
}

}  // namespace kiln::runtime
