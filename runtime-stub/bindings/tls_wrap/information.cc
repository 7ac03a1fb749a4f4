// The methods that return properties of a connection. After destroySSL they return undefined.
#include <openssl/err.h>
#include <openssl/objects.h>

#include "runtime-stub/bindings/tls_wrap/tls_wrap.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {

namespace {

v8::Local<v8::Value> OrUndefined(Env& env, const char* text) {
  if (!text) return env.Undefined();
  return env.Str(text);
}

// Returns the bytes of a Finished message, through one of OpenSSL's two functions for it.
void ReturnFinished(Env& env, const Args& args, const SSL* ssl,
                    size_t (*get)(const SSL*, void*, size_t)) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  size_t size = get(ssl, bytes, sizeof bytes);
  if (size > 0) args.GetReturnValue().Set(NewBuffer(env, bytes, std::min(size, sizeof bytes)));
}

// The result of verifying the peer's certificate: X509_V_OK or an error. A connection needs no
// certificate with a pre-shared key, or if it is resumed in TLS 1.3, where that is a pre-shared
// key.
long VerifyResult(SSL* ssl) {
  if (SSL_get0_peer_certificate(ssl)) return SSL_get_verify_result(ssl);
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  const SSL_SESSION* session = SSL_get_session(ssl);
  if (cipher && SSL_CIPHER_get_auth_nid(cipher) == NID_auth_psk) return X509_V_OK;
  if (session && SSL_SESSION_get_protocol_version(session) == TLS1_3_VERSION &&
      SSL_session_reused(ssl))
    return X509_V_OK;
  return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
}

const char* SignatureName(int nid) {
  switch (nid) {
    case EVP_PKEY_RSA:
      return "RSA";
    case EVP_PKEY_RSA_PSS:
      return "RSA-PSS";
    case EVP_PKEY_DSA:
      return "DSA";
    case EVP_PKEY_EC:
      return "ECDSA";
    case NID_ED25519:
      return "Ed25519";
    case NID_ED448:
      return "Ed448";
    case NID_id_GostR3410_2001:
      return "gost2001";
    case NID_id_GostR3410_2012_256:
      return "gost2012_256";
    case NID_id_GostR3410_2012_512:
      return "gost2012_512";
    default: {
      const char* name = OBJ_nid2sn(nid);
      return name ? name : "UNDEF";
    }
  }
}

}  // namespace

void TlsWrap::GetServername(const Args& args) {
  if (!ssl_) return;
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  if (!name) return args.GetReturnValue().Set(false);
  v8::Local<v8::String> text;
  if (Latin1String(env(), name).ToLocal(&text)) args.GetReturnValue().Set(text);
}

// exportKeyingMaterial(length, label, context or undefined)
void TlsWrap::ExportKeyingMaterial(const Args& args) {
  if (!ssl_) return;
  if (!args[0]->IsUint32()) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsString()) return ThrowBadArgument(env(), 1);
  std::string label = ToUtf8(env().isolate, args[1]), context;
  bool has_context = !args[2]->IsUndefined();
  if (has_context) {
    ReadBytes bytes(args[2]);
    if (!bytes.ok()) return ThrowBadArgument(env(), 2);
    context = bytes.view();
  }
  size_t size = args[0].As<v8::Uint32>()->Value();
  std::unique_ptr<v8::BackingStore> store = NewUninitializedStore(env(), size);
  ERR_clear_error();
  if (SSL_export_keying_material(
          ssl_.get(), static_cast<unsigned char*>(store->Data()), size, label.data(), label.size(),
          reinterpret_cast<const unsigned char*>(context.data()), context.size(), has_context) != 1)
    return ThrowOpenSsl(env(), "SSL_export_keying_material");
  args.GetReturnValue().Set(NewBufferOwning(env(), std::move(store)));
}

void TlsWrap::IsSessionReused(const Args& args) {
  if (ssl_) args.GetReturnValue().Set(SSL_session_reused(ssl_.get()) == 1);
}

void TlsWrap::GetAlpnNegotiatedProtocol(const Args& args) {
  if (!ssl_) return;
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  if (size == 0) return args.GetReturnValue().Set(false);
  v8::Local<v8::String> text;
  if (Latin1String(env(), {reinterpret_cast<const char*>(protocol), size}).ToLocal(&text))
    args.GetReturnValue().Set(text);
}

// ---------------------------------------------------------------- certificates

void TlsWrap::GetCertificate(const Args& args) {
  X509* own = ssl_ ? SSL_get_certificate(ssl_.get()) : nullptr;
  if (own) args.GetReturnValue().Set(CertificateToObject(env(), own));
}

void TlsWrap::GetX509Certificate(const Args& args) {
  X509* own = ssl_ ? SSL_get_certificate(ssl_.get()) : nullptr;
  if (own) args.GetReturnValue().Set(NewX509Handle(env(), ShareCertificate(own)));
}

// getPeerCertificate(detailed)
void TlsWrap::GetPeerCertificate(const Args& args) {
  if (ssl_)
    args.GetReturnValue().Set(PeerCertificateToObject(env(), ssl_.get(), !args[0]->IsTrue()));
}

void TlsWrap::GetPeerX509Certificate(const Args& args) {
  if (ssl_) args.GetReturnValue().Set(PeerX509Handle(env(), ssl_.get()));
}

// verifyError(): an Error with a code such as CERT_HAS_EXPIRED, or null.
void TlsWrap::VerifyError(const Args& args) {
  if (!ssl_) return;
  long result = VerifyResult(ssl_.get());
  if (result == X509_V_OK) return args.GetReturnValue().SetNull();
  std::string reason = X509_verify_cert_error_string(result);
  bool uses_system = env().options && env().options->GetBool("--use-system-ca");
  if (result == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
      result == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
      (result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT && !uses_system))
    reason += "; if the root CA is installed locally, try running Node.js with --use-system-ca";
  args.GetReturnValue().Set(Error::Plain(VerifyErrorCode(result), reason).ToJs(env()));
}

// ---------------------------------------------------------------- results of the handshake

void TlsWrap::GetProtocol(const Args& args) {
  if (ssl_) args.GetReturnValue().Set(env().Str(SSL_get_version(ssl_.get())));
}

void TlsWrap::GetCipher(const Args& args) {
  const SSL_CIPHER* cipher = ssl_ ? SSL_get_current_cipher(ssl_.get()) : nullptr;
  if (!cipher) return;
  v8::Local<v8::Object> result = v8::Object::New(env().isolate);
  env().Set(result, "name", OrUndefined(env(), SSL_CIPHER_get_name(cipher)));
  env().Set(result, "standardName", OrUndefined(env(), SSL_CIPHER_standard_name(cipher)));
  env().Set(result, "version", OrUndefined(env(), SSL_CIPHER_get_version(cipher)));
  args.GetReturnValue().Set(result);
}

// {type, name, size} of the key that the server generated for this connection; known to a client
// only.
void TlsWrap::GetEphemeralKeyInfo(const Args& args) {
  if (!ssl_) return;
  if (is_server()) return args.GetReturnValue().SetNull();
  SSL* ssl = ssl_.get();
  ScopedOpenSslErrors drop;
  EVP_PKEY* raw = nullptr;
  SSL_get_peer_tmp_key(ssl, &raw);
  PKey key = AdoptPKey(raw);
  const char *type = nullptr, *name = nullptr;
  v8::Local<v8::Value> size = env().Undefined();
  char group[80];
  int kind = key ? EVP_PKEY_get_id(key.get()) : NID_undef;
  if (kind == EVP_PKEY_DH) {
    type = "DH";
  } else if (kind == EVP_PKEY_X25519 || kind == EVP_PKEY_X448) {
    type = "ECDH";
    name = OBJ_nid2sn(kind);
  } else if (kind == EVP_PKEY_EC &&
             EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) == 1) {
    type = "ECDH";
    name = group;
  }
  if (type) {
    size = v8::Integer::New(env().isolate, EVP_PKEY_get_bits(key.get()));
  } else if ((name = SSL_get0_group_name(ssl))) {
    type = "TLSGroup";  // a hybrid of several, such as X25519MLKEM768
  }
  v8::Local<v8::Object> result = v8::Object::New(env().isolate);
  env().Set(result, "type", OrUndefined(env(), type));
  env().Set(result, "name", OrUndefined(env(), name));
  env().Set(result, "size", size);
  args.GetReturnValue().Set(result);
}

void TlsWrap::GetFinished(const Args& args) {
  if (ssl_) ReturnFinished(env(), args, ssl_.get(), SSL_get_finished);
}
void TlsWrap::GetPeerFinished(const Args& args) {
  if (ssl_) ReturnFinished(env(), args, ssl_.get(), SSL_get_peer_finished);
}

void TlsWrap::GetSession(const Args& args) {
  SSL_SESSION* session = ssl_ ? SSL_get_session(ssl_.get()) : nullptr;
  int size = session ? i2d_SSL_SESSION(session, nullptr) : 0;
  if (size <= 0) return;
  std::string bytes(size_t(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(bytes.data());
  i2d_SSL_SESSION(session, &at);
  args.GetReturnValue().Set(NewBuffer(env(), bytes));
}

void TlsWrap::GetTlsTicket(const Args& args) {
  SSL_SESSION* session = ssl_ ? SSL_get_session(ssl_.get()) : nullptr;
  if (!session) return;
  const unsigned char* ticket = nullptr;
  size_t size = 0;
  SSL_SESSION_get0_ticket(session, &ticket, &size);
  if (ticket) args.GetReturnValue().Set(NewBuffer(env(), ticket, size));
}

// Names such as "RSA-PSS+SHA256", in the order of preference.
void TlsWrap::GetSharedSigalgs(const Args& args) {
  if (!ssl_) return;
  SSL* ssl = ssl_.get();
  int count = SSL_get_shared_sigalgs(ssl, 0, nullptr, nullptr, nullptr, nullptr, nullptr);
  v8::LocalVector<v8::Value> names(env().isolate);
  for (int i = 0; i < count; i++) {
    int signature = 0, digest = 0;
    SSL_get_shared_sigalgs(ssl, i, &signature, &digest, nullptr, nullptr, nullptr);
    const char* digest_name = OBJ_nid2sn(digest);
    names.push_back(env().Str(std::string(SignatureName(signature)) + "+" +
                              (digest_name ? digest_name : "UNDEF")));
  }
  args.GetReturnValue().Set(v8::Array::New(env().isolate, names.data(), names.size()));
}

}  // namespace kiln::runtime
