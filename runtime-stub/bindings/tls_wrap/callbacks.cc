// The callbacks that OpenSSL calls during a handshake (tls_wrap.h); most of them call JavaScript.
// The callbacks of a context are the same for all its connections; the TlsWrap is the application
// data of the SSL.
#include <openssl/err.h>

#include <cstring>

#include "runtime-stub/bindings/tls_wrap/tls_wrap.h"

namespace kiln::runtime {

namespace {

// JavaScript checks certificates after the handshake (verifyError).
int AcceptAll(int, X509_STORE_CTX*) { return 1; }

constexpr int kMaxSessionSize = 10 * 1024;

std::string_view Servername(const SSL* ssl) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  return name ? name : "";
}

}  // namespace

void TlsWrap::InstallCallbacks(SSL_CTX* context) {
  SSL* ssl = ssl_.get();
  SSL_set_verify(ssl, SSL_VERIFY_NONE, AcceptAll);
  SSL_set_info_callback(ssl, OnInfo);
  SSL_set_cert_cb(ssl, OnCertificate, nullptr);
  SSL_CTX_sess_set_get_cb(context, OnGetSession);
  SSL_CTX_sess_set_new_cb(context, OnNewSession);
  SSL_CTX_set_tlsext_status_cb(context, OnStatus);
  if (is_server()) SSL_CTX_set_tlsext_servername_callback(context, OnServername);
}

void TlsWrap::SetVerifyMode(bool request, bool reject) {
  if (!ssl_) return;
  int mode = SSL_VERIFY_NONE;
  if (is_server() && request) {
    mode = SSL_VERIFY_PEER;
    if (reject) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_set_verify(ssl_.get(), mode, AcceptAll);
}

void TlsWrap::OnInfo(const SSL* const_ssl, int where, int) {
  if (!(where & (SSL_CB_HANDSHAKE_START | SSL_CB_HANDSHAKE_DONE))) return;
  SSL* ssl = const_cast<SSL*>(const_ssl);  // SSL_renegotiate_pending wants it
  TlsWrap& self = Of(ssl);
  Callback callback(self);
  if (where & SSL_CB_HANDSHAKE_START) {
    // JavaScript counts renegotiations, because many of them are an attack.
    double now = double(uv_now(self.env().loop) - self.env().timer_base);
    (void)self.MakeCallback("onhandshakestart", {v8::Number::New(self.env().isolate, now)});
  }
  // OpenSSL also reports "done" after a HelloRequest that this side sends.
  if (where & SSL_CB_HANDSHAKE_DONE && !SSL_renegotiate_pending(ssl)) {
    self.established_ = true;
    (void)self.MakeCallback("onhandshakedone", {});
  }
}

// ---------------------------------------------------------------- sessions

SSL_SESSION* TlsWrap::OnGetSession(SSL* ssl, const unsigned char*, int, int* copy) {
  *copy = 0;  // OpenSSL takes over the reference
  return Of(ssl).next_session_.release();
}

int TlsWrap::OnNewSession(SSL* ssl, SSL_SESSION* session) {
  TlsWrap& self = Of(ssl);
  if (!self.session_callbacks_) return 0;
  int size = i2d_SSL_SESSION(session, nullptr);
  if (size <= 0 || size > kMaxSessionSize) return 0;
  Callback callback(self);
  std::string bytes(size_t(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(bytes.data());
  i2d_SSL_SESSION(session, &at);
  unsigned id_size = 0;
  const unsigned char* id = SSL_SESSION_get_id(session, &id_size);
  // A server continues when JavaScript has stored the session (newSessionDone).
  if (self.is_server()) self.awaiting_new_session_ = true;
  (void)self.MakeCallback("onnewsession",
                          {NewBuffer(self.env(), id, id_size), NewBuffer(self.env(), bytes)});
  return 0;
}

void TlsWrap::OnKeylog(const SSL* ssl, const char* line) {
  TlsWrap& self = Of(ssl);
  Callback callback(self);
  (void)self.MakeCallback("onkeylog", {NewBuffer(self.env(), std::string(line) + "\n")});
}

// ---------------------------------------------------------------- server name, certificates

// The last point at which a server can choose its certificate. The handshake waits here for
// SNICallback and for OCSP responses, which are asynchronous.
int TlsWrap::OnCertificate(SSL* ssl, void*) {
  TlsWrap& self = Of(ssl);
  if (!self.is_server() || self.cert_callback_ == CertCallback::kNotWanted) return 1;
  if (self.cert_callback_ == CertCallback::kRunning) return -1;  // called again: still waiting
  self.cert_callback_ = CertCallback::kRunning;
  Env& env = self.env();
  Callback callback(self);
  v8::Local<v8::String> servername;
  if (!Latin1String(env, Servername(ssl)).ToLocal(&servername)) return 0;
  v8::Local<v8::Object> info = v8::Object::New(env.isolate);
  env.Set(info, "servername", servername);
  env.Set(info, "OCSPRequest",
          v8::Boolean::New(env.isolate, SSL_get_tlsext_status_type(ssl) == TLSEXT_STATUSTYPE_ocsp));
  (void)self.MakeCallback("oncertcb", {info});
  return self.cert_callback_ == CertCallback::kRunning ? -1 : 1;
}

bool TlsWrap::UseTrust(SSL_CTX* context) {
  SSL* ssl = ssl_.get();
  if (SSL_set1_verify_cert_store(ssl, SSL_CTX_get_cert_store(context)) != 1) return false;
  SSL_set_client_CA_list(ssl, SSL_dup_CA_list(SSL_CTX_get_client_CA_list(context)));
  return true;
}

bool TlsWrap::UseCredentials(SecureContext& from) {
  SSL* ssl = ssl_.get();
  SSL_CTX* context = from.get();
  X509* certificate = SSL_CTX_get0_certificate(context);
  if (!certificate) return false;
  STACK_OF(X509)* chain = nullptr;
  // Otherwise OpenSSL could still choose a certificate of the default context with another type of
  // key.
  if (SSL_CTX_get0_chain_certs(context, &chain) != 1) return false;
  SSL_certs_clear(ssl);
  if (SSL_use_certificate(ssl, certificate) != 1 ||
      SSL_use_PrivateKey(ssl, SSL_CTX_get0_privatekey(context)) != 1)
    return false;
  return !chain || SSL_set1_chain(ssl, chain) == 1;
}

// certCbDone(): continues, with the context in `sni_context` if it is set.
void TlsWrap::CertCbDone(const Args&) {
  if (cert_callback_ != CertCallback::kRunning) return;
  v8::Local<v8::Value> value = env().Get(object(), "sni_context");
  SecureContext* context = SecureContext::FromValue(env(), value);
  if (context && ssl_) {
    if (UseCredentials(*context) && !UseTrust(context->get()))
      return ThrowOpenSsl(env(), "CertCbDone");
    ERR_clear_error();
#ifndef OPENSSL_NO_COMP_ALG
    if (!context->compressions().empty()) {
      std::vector<int> algorithms = context->compressions();
      SSL_set1_cert_comp_preference(ssl_.get(), algorithms.data(), algorithms.size());
      for (const SecureContext::Compressed& c : context->compressed()) {
        std::string bytes = c.bytes;  // OpenSSL's parameter is not const
        SSL_set1_compressed_cert(ssl_.get(), c.algorithm,
                                 reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                 c.original_size);
      }
    }
#endif
  } else if (!context && value->IsObject()) {
    (void)MakeCallback("onerror", {v8::Exception::TypeError(env().Str("Invalid SNI context"))});
    return;
  }
  cert_callback_ = CertCallback::kNotWanted;
  Cycle();
}

void TlsWrap::SetKeyCert(const Args& args) {
  if (!is_server() || !ssl_) return;
  SecureContext* context = SecureContext::FromValue(env(), args[0]);
  if (!context) return Error::Type("", "Must give a SecureContext as first argument").Throw(env());
  ERR_clear_error();
  if (!UseCredentials(*context) || !UseTrust(context->get())) ThrowOpenSsl(env(), "SetKeyCert");
}

int TlsWrap::OnServername(SSL* ssl, int*, void*) {
  TlsWrap& self = Of(ssl);
  std::string_view name = Servername(ssl);
  if (name.empty()) return SSL_TLSEXT_ERR_NOACK;
  Env& env = self.env();
  Callback callback(self);
  v8::Local<v8::Value> owner;
  v8::Local<v8::String> text;
  if (!self.object()->Get(env.context(), env.Symbol("owner_symbol")).ToLocal(&owner) ||
      !Latin1String(env, name).ToLocal(&text))
    return SSL_TLSEXT_ERR_NOACK;
  if (owner->IsObject()) env.Set(owner.As<v8::Object>(), "servername", text);
  return self.SelectSniContext();
}

// JavaScript may have chosen a context before the handshake (`sni_context`).
int TlsWrap::SelectSniContext() {
  v8::Local<v8::Value> value = env().Get(object(), "sni_context");
  if (!ssl_ || !value->IsObject()) return SSL_TLSEXT_ERR_NOACK;
  SecureContext* context = SecureContext::FromValue(env(), value);
  if (!context) {
    (void)MakeCallback("onerror", {v8::Exception::TypeError(env().Str("Invalid SNI context"))});
    return SSL_TLSEXT_ERR_NOACK;
  }
  SSL_CTX_set_tlsext_status_cb(context->get(), OnStatus);
  SSL_set_SSL_CTX(ssl_.get(), context->get());
  UseTrust(context->get());
  return SSL_TLSEXT_ERR_OK;
}

// ---------------------------------------------------------------- OCSP stapling

int TlsWrap::OnStatus(SSL* ssl, void*) {
  TlsWrap& self = Of(ssl);
  if (!self.is_server()) {
    const unsigned char* response = nullptr;
    long size = SSL_get_tlsext_status_ocsp_resp(ssl, &response);
    Callback callback(self);
    v8::Local<v8::Value> value = v8::Null(self.env().isolate);
    if (response && size >= 0) value = NewBuffer(self.env(), response, size_t(size));
    (void)self.MakeCallback("onocspresponse", {value});
    return 1;  // a listener that rejects the response destroys the connection
  }
  if (!self.has_ocsp_response_) return SSL_TLSEXT_ERR_NOACK;
  self.has_ocsp_response_ = false;
  std::string response;
  response.swap(self.ocsp_response_);
  void* copy = OPENSSL_memdup(response.data(), response.size());
  if (SSL_set_tlsext_status_ocsp_resp(ssl, copy, long(response.size())) != 1) OPENSSL_free(copy);
  return SSL_TLSEXT_ERR_OK;
}

// ---------------------------------------------------------------- ALPN

// `in` is a list of names, each preceded by a byte with its length.
int TlsWrap::OnAlpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
  TlsWrap& self = Of(ssl);
  if (self.alpn_callback_)
    return self.AskForAlpn(out, out_size, {reinterpret_cast<const char*>(in), in_size});
  if (self.alpn_protocols_.empty()) return SSL_TLSEXT_ERR_NOACK;
  auto* own = reinterpret_cast<const unsigned char*>(self.alpn_protocols_.data());
  int result = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, own,
                                     unsigned(self.alpn_protocols_.size()), in, in_size);
  // Without a common protocol a fatal alert is sent (RFC 7301, 3.2).
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// JavaScript returns the offset of the chosen protocol in `offered`, or undefined to refuse all.
int TlsWrap::AskForAlpn(const unsigned char** out, unsigned char* out_size,
                        std::string_view offered) {
  Callback callback(*this);
  v8::Local<v8::Value> result;
  if (!MakeCallback("ALPNCallback", {NewBuffer(env(), offered)}).ToLocal(&result) ||
      !result->IsUint32())
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  size_t at = result.As<v8::Uint32>()->Value();
  if (at >= offered.size() || at + 1 + uint8_t(offered[at]) > offered.size())
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out_size = uint8_t(offered[at]);
  *out = reinterpret_cast<const unsigned char*>(offered.data()) + at + 1;
  return SSL_TLSEXT_ERR_OK;
}

// ---------------------------------------------------------------- pre-shared keys

namespace {

v8::Local<v8::Value> AskForPsk(TlsWrap& wrap, std::vector<v8::Local<v8::Value>> args) {
  Env& env = wrap.env();
  v8::Local<v8::Value> function, result;
  if (!wrap.object()->Get(env.context(), env.Symbol("onpskexchange")).ToLocal(&function) ||
      !function->IsFunction() ||
      !wrap.MakeCallback(function.As<v8::Function>(), args).ToLocal(&result))
    return env.Undefined();
  return result;
}

// Returns the size of the key, or 0 if there is no key or it is too long.
unsigned CopyPsk(v8::Local<v8::Value> value, unsigned char* psk, unsigned max) {
  if (!value->IsArrayBufferView()) return 0;
  ReadBytes bytes(value);
  if (bytes.size() > max) return 0;
  std::memcpy(psk, bytes.data(), bytes.size());
  return unsigned(bytes.size());
}

}  // namespace

unsigned TlsWrap::OnPskServer(SSL* ssl, const char* identity, unsigned char* psk, unsigned max) {
  TlsWrap& self = Of(ssl);
  v8::Isolate* isolate = self.env().isolate;
  Callback callback(self);
  v8::Local<v8::String> text;
  // An identity that is not valid UTF-8 would be changed by the conversion to a string.
  if (!v8::String::NewFromUtf8(isolate, identity).ToLocal(&text) ||
      ToUtf8(isolate, text) != identity)
    return 0;
  return CopyPsk(AskForPsk(self, {text, v8::Integer::NewFromUnsigned(isolate, max)}), psk, max);
}

unsigned TlsWrap::OnPskClient(SSL* ssl, const char* hint, char* identity, unsigned max_identity,
                              unsigned char* psk, unsigned max_psk) {
  TlsWrap& self = Of(ssl);
  Env& env = self.env();
  Callback callback(self);
  v8::Local<v8::Value> hint_text = v8::Null(env.isolate);
  if (hint) hint_text = env.Str(hint);
  v8::Local<v8::Value> result =
      AskForPsk(self, {hint_text, v8::Integer::NewFromUnsigned(env.isolate, max_psk),
                       v8::Integer::NewFromUnsigned(env.isolate, max_identity)});
  if (!result->IsObject()) return 0;
  v8::Local<v8::Object> object = result.As<v8::Object>();
  v8::Local<v8::Value> name = env.Get(object, "identity");
  if (!name->IsString()) return 0;
  std::string text = ToUtf8(env.isolate, name);
  if (text.size() > max_identity) return 0;
  unsigned size = CopyPsk(env.Get(object, "psk"), psk, max_psk);
  if (size == 0) return 0;
  // OpenSSL's buffer has one byte more than `max_identity`, for the zero at the end.
  std::memcpy(identity, text.c_str(), text.size() + 1);
  return size;
}

void TlsWrap::EnablePskCallback() {
  if (!ssl_) return;
  SSL_set_psk_server_callback(ssl_.get(), OnPskServer);
  SSL_set_psk_client_callback(ssl_.get(), OnPskClient);
}

// ---------------------------------------------------------------- enabling callbacks

void TlsWrap::EnableKeylogCallback() {
  if (ssl_) SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(ssl_.get()), OnKeylog);
}

void TlsWrap::EnableSessionCallbacks() {
  if (!ssl_) return;
  session_callbacks_ = true;
  if (is_server() && !established_) hello_ = Hello::kReading;
}

void TlsWrap::EnableAlpnCb() {
  if (!ssl_) return;
  alpn_callback_ = true;
  SSL_CTX_set_alpn_select_cb(SSL_get_SSL_CTX(ssl_.get()), OnAlpn, nullptr);
}

void TlsWrap::SetAlpnProtocols(const Args& args) {
  ReadBytes bytes(args[0]);
  if (!args[0]->IsArrayBufferView())
    return Error::Type("", "Must give a Buffer as first argument").Throw(env());
  if (!ssl_) return;
  if (!is_server()) {
    SSL_set_alpn_protos(ssl_.get(), bytes.data(), unsigned(bytes.size()));
    return;
  }
  alpn_protocols_ = bytes.view();
  SSL_CTX_set_alpn_select_cb(SSL_get_SSL_CTX(ssl_.get()), OnAlpn, nullptr);
}

}  // namespace kiln::runtime
