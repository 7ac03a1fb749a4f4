// The methods that set up a connection and run it, and the table of internalBinding("tls_wrap").
#include <openssl/err.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "runtime-stub/bindings/tls_wrap/tls_wrap.h"

namespace kiln::runtime {

// Starts the handshake with an attempt to read: OpenSSL then sends the ClientHello.
void TlsWrap::Start() {
  if (started_ || is_server()) return;
  started_ = true;
  Cycle();
}

void TlsWrap::EndParser() { EndHello(); }

void TlsWrap::NewSessionDone() {
  awaiting_new_session_ = false;
  Cycle();
}

void TlsWrap::WritesIssuedByPrevListenerDone() {
  writes_pending_ = false;
  WriteEncrypted();
}

// receive(bytes): treats them as read from the stream below.
void TlsWrap::Receive(const Args& args) {
  Bytes bytes;
  if (!GetBytes(args[0], &bytes)) return ThrowBadArgument(env(), 0);
  std::string data(bytes.view());  // copied, because JavaScript may run and change them
  for (std::string_view rest = data; !rest.empty() && IsAlive() && !IsClosing();) {
    uv_buf_t buf = OnStreamAlloc(rest.size());
    size_t size = std::min(size_t(buf.len), rest.size());
    std::memcpy(buf.base, rest.data(), size);
    rest.remove_prefix(size);
    OnStreamRead(ssize_t(size), buf);
  }
}

void TlsWrap::Renegotiate() {
  if (!ssl_) return;
  ERR_clear_error();
  if (SSL_renegotiate(ssl_.get()) != 1) ThrowOpenSsl(env(), "SSL_renegotiate");
}

void TlsWrap::RequestOcsp() {
  if (ssl_) SSL_set_tlsext_status_type(ssl_.get(), TLSEXT_STATUSTYPE_ocsp);
}

void TlsWrap::SetOcspResponse(const Args& args) {
  if (args.Length() < 1)
    return Error::Type("ERR_MISSING_ARGS", "OCSP response argument is mandatory").Throw(env());
  ReadBytes bytes(args[0]);
  if (!bytes.ok())
    return Error::Type("ERR_INVALID_ARG_TYPE", "OCSP response must be a buffer").Throw(env());
  ocsp_response_ = bytes.view();
  has_ocsp_response_ = true;
}

void TlsWrap::SetServername(const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
  if (!ssl_ || is_server() || started_) return;
  std::string name = ToUtf8(env().isolate, args[0]);
  SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
}

// setSession(bytes): a client's session to resume. Invalid bytes are ignored. After the start
// OpenSSL would return to the method that negotiates the version, and lose the state of the running
// handshake.
void TlsWrap::SetSession(const Args& args) {
  if (args.Length() < 1)
    return Error::Type("ERR_MISSING_ARGS", "Session argument is mandatory").Throw(env());
  ReadBytes bytes(args[0]);
  if (!bytes.ok())
    return Error::Type("ERR_INVALID_ARG_TYPE", "Session must be a buffer").Throw(env());
  if (!ssl_) return;
  if (!SSL_in_before(ssl_.get()))
    return Error::Plain("", "A session can be set before the handshake only").Throw(env());
  ScopedOpenSslErrors drop;
  const unsigned char* at = bytes.data();
  Session session(d2i_SSL_SESSION(nullptr, &at, long(bytes.size())));
  if (session && SSL_set_session(ssl_.get(), session.get()) != 1)
    Error::Plain("", "SSL_set_session error").Throw(env());
}

// loadSession(bytes): the session that a server found for the id in the ClientHello.
void TlsWrap::LoadSession(const Args& args) {
  ReadBytes bytes(args[0]);
  if (!bytes.ok()) return;
  ScopedOpenSslErrors drop;
  const unsigned char* at = bytes.data();
  next_session_.reset(d2i_SSL_SESSION(nullptr, &at, long(bytes.size())));
}

void TlsWrap::SetMaxSendFragment(const Args& args) {
  if (!args[0]->IsInt32()) return ThrowBadArgument(env(), 0);
  if (!ssl_) return;
  ScopedOpenSslErrors drop;
  int size = args[0].As<v8::Int32>()->Value();
  args.GetReturnValue().Set(int32_t(SSL_set_max_send_fragment(ssl_.get(), size)));
}

void TlsWrap::SetPskIdentityHint(const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
  if (!ssl_) return;
  std::string hint = ToUtf8(env().isolate, args[0]);
  ScopedOpenSslErrors drop;
  if (SSL_use_psk_identity_hint(ssl_.get(), hint.c_str()) == 1) return;
  (void)MakeCallback("onerror", {Error::Plain("ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED",
                                              "Failed to set PSK identity hint")
                                     .ToJs(env())});
}

// Prints the messages on the wire to stderr. Errors of printing are ignored; they must not be
// reported as the connection's.
void TlsWrap::EnableTrace() {
  if (!ssl_) return;
  trace_.reset(BIO_new_fp(stderr, BIO_NOCLOSE | BIO_FP_TEXT));
  SSL_set_msg_callback(ssl_.get(), [](int write, int version, int type, const void* data,
                                      size_t size, SSL* ssl, void* out) {
    ScopedOpenSslErrors drop;
    SSL_trace(write, version, type, data, size, ssl, out);
  });
  SSL_set_msg_callback_arg(ssl_.get(), trace_.get());
}

namespace {

// wrap(stream, context, is a server, the stream has writes in flight)
void Wrap(Env& env, const Args& args) {
  StreamBase* stream = StreamBase::FromValue(env, args[0]);
  if (!stream) return ThrowBadArgument(env, 0);
  SecureContext* context = SecureContext::FromValue(env, args[1]);
  if (!context) return ThrowBadArgument(env, 1);
  auto side = args[2]->IsTrue() ? TlsWrap::Side::kServer : TlsWrap::Side::kClient;
  TlsWrap* wrap =
      NewWrapped<TlsWrap>(env, kTlsWrapClass, side, stream, context->get(), args[3]->IsTrue());
  args.GetReturnValue().Set(wrap->object());
}

// `new TLSWrap()` makes an object without a native part, whose methods do nothing.
void ConstructEmpty(const Args& args) {
  if (!RequireNew(Env::From(args.GetIsolate()), args)) return;
  args.This()->SetAlignedPointerInInternalField(0, nullptr);
  args.This()->SetAlignedPointerInInternalField(StreamBase::kStreamField, nullptr);
}

constexpr Entry kMethods[] = {
    Method<&TlsWrap::CertCbDone>("certCbDone"),
    Method<&TlsWrap::Destroy>("destroySSL"),
    Method<&TlsWrap::EnableCertCb>("enableCertCb"),
    Method<&TlsWrap::EnableAlpnCb>("enableALPNCb"),
    Method<&TlsWrap::EndParser>("endParser"),
    Method<&TlsWrap::EnableKeylogCallback>("enableKeylogCallback"),
    Method<&TlsWrap::EnableSessionCallbacks>("enableSessionCallbacks"),
    Method<&TlsWrap::EnableTrace>("enableTrace"),
    MethodNoSideEffect<&TlsWrap::GetServername>("getServername"),
    Method<&TlsWrap::LoadSession>("loadSession"),
    Method<&TlsWrap::NewSessionDone>("newSessionDone"),
    Method<&TlsWrap::Receive>("receive"),
    Method<&TlsWrap::Renegotiate>("renegotiate"),
    Method<&TlsWrap::RequestOcsp>("requestOCSP"),
    Method<&TlsWrap::SetAlpnProtocols>("setALPNProtocols"),
    Method<&TlsWrap::SetKeyCert>("setKeyCert"),
    Method<&TlsWrap::SetOcspResponse>("setOCSPResponse"),
    Method<&TlsWrap::SetServername>("setServername"),
    Method<&TlsWrap::SetSession>("setSession"),
    Method<&TlsWrap::SetVerifyMode>("setVerifyMode"),
    Method<&TlsWrap::Start>("start"),
    Method<&TlsWrap::WritesIssuedByPrevListenerDone>("writesIssuedByPrevListenerDone"),
    MethodNoSideEffect<&TlsWrap::ExportKeyingMaterial>("exportKeyingMaterial"),
    MethodNoSideEffect<&TlsWrap::IsSessionReused>("isSessionReused"),
    MethodNoSideEffect<&TlsWrap::GetAlpnNegotiatedProtocol>("getALPNNegotiatedProtocol"),
    MethodNoSideEffect<&TlsWrap::GetCertificate>("getCertificate"),
    MethodNoSideEffect<&TlsWrap::GetX509Certificate>("getX509Certificate"),
    MethodNoSideEffect<&TlsWrap::GetCipher>("getCipher"),
    MethodNoSideEffect<&TlsWrap::GetEphemeralKeyInfo>("getEphemeralKeyInfo"),
    MethodNoSideEffect<&TlsWrap::GetFinished>("getFinished"),
    MethodNoSideEffect<&TlsWrap::GetPeerCertificate>("getPeerCertificate"),
    MethodNoSideEffect<&TlsWrap::GetPeerX509Certificate>("getPeerX509Certificate"),
    MethodNoSideEffect<&TlsWrap::GetPeerFinished>("getPeerFinished"),
    MethodNoSideEffect<&TlsWrap::GetProtocol>("getProtocol"),
    MethodNoSideEffect<&TlsWrap::GetSession>("getSession"),
    MethodNoSideEffect<&TlsWrap::GetSharedSigalgs>("getSharedSigalgs"),
    MethodNoSideEffect<&TlsWrap::GetTlsTicket>("getTLSTicket"),
    MethodNoSideEffect<&TlsWrap::VerifyError>("verifyError"),
    Method<&TlsWrap::SetMaxSendFragment>("setMaxSendFragment"),
    Method<&TlsWrap::EnablePskCallback>("enablePskCallback"),
    Method<&TlsWrap::SetPskIdentityHint>("setPskIdentityHint"),
};
constexpr Accessor kAccessors[] = {Get<&TlsWrap::GetWriteQueueSize>("writeQueueSize")};
constexpr Entry kFunctions[] = {Method<SetWriteReporter>("setWriteReporter"), Method<Wrap>("wrap")};

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "HAVE_SSL_TRACE", 1);
}

const ClassEntry* const kClasses[] = {&kTlsWrapClass};

}  // namespace

const ClassEntry kTlsWrapClass = {.name = "TLSWrap",
                                  .construct = ConstructEmpty,
                                  .parent = &kAsyncWrapClass,
                                  .methods = kMethods,
                                  .more_methods = kStreamMethods,
                                  .accessors = kAccessors,
                                  .more_accessors = kStreamAccessors,
                                  .fields = StreamBase::kFields,
                                  .customize = StreamBase::Customize};

extern const Binding kTlsWrapBinding;
const Binding kTlsWrapBinding = {
    .name = "tls_wrap", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
