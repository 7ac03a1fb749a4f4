// TlsWrap: TLS over any stream. It is a stream itself (of clear text, towards JavaScript) and a
// listener of the stream below (of encrypted bytes). OpenSSL is between them, with memory buffers
// on both sides:
//
//   stream below ── OnStreamRead ─▶ buffers_ ── ReadClear (SSL_read) ─▶ EmitRead
//   stream below ◀─ WriteEncrypted ─ buffers_.out ◀─ (SSL_write) DoWrite, WriteClear
//
// Handshakes happen inside of SSL_read and SSL_write, which produce or consume bytes and
// call back into JavaScript on the way. Two rules keep that safe:
//
//   * JavaScript may destroy the connection (destroySSL) in any callback. `ssl_` is null
//     from then on; the SSL itself is freed when the last call into it has returned.
//     Code that ran JavaScript checks `ssl_` again before it continues.
//   * OpenSSL is not called from its own callbacks. Code that would do so sets `rerun_requested_`,
//     and Cycle does the work when the outer call has returned.
//
// The files: tls_wrap.cc moves the bytes, callbacks.cc is what OpenSSL calls, settings.cc and
// information.cc have the methods that set up a connection and describe it.
#pragma once

#include <openssl/ssl.h>
#include <v8-external-memory-accounter.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/crypto/secure_context/secure_context.h"
#include "runtime-stub/bindings/tls_wrap/memory_bio.h"

namespace kiln::runtime {

class TlsWrap final : public AsyncWrap, public StreamBase, public StreamListener {
 public:
  enum class Side { kClient, kServer };

  // `below` is not owned; it notifies this listener when it is destroyed. `context` is borrowed: the
  // connection takes a reference. `writes_pending`: the stream's previous user still has writes in
  // flight; nothing is written until writesIssuedByPrevListenerDone().
  TlsWrap(Env& env, Side side, StreamBase* below, SSL_CTX* context, bool writes_pending);
  ~TlsWrap() override {
    Destroy();
    DestroyListeners();
  }

  bool is_server() const { return side_ == Side::kServer; }
  // The connection that an SSL belongs to.
  static TlsWrap& Of(const SSL* ssl) { return *static_cast<TlsWrap*>(SSL_get_app_data(ssl)); }

  // ---- StreamBase
  bool IsAlive() override { return ssl_ && below() && below()->IsAlive(); }
  bool IsClosing() override { return !below() || below()->IsClosing(); }
  bool IsIpcPipe() override { return below() && below()->IsIpcPipe(); }
  int GetFd() override { return below() ? below()->GetFd() : -1; }
  int ReadStart() override;
  int ReadStop() override;
  int DoShutdown(ShutdownWrap* req) override;
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send_handle) override;
  const char* ErrorText() const override { return error_.empty() ? nullptr : error_.c_str(); }
  void ClearErrorText() override { error_.clear(); }

  // ---- StreamListener, of the stream below
  uv_buf_t OnStreamAlloc(size_t suggested_size) override;
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
  void OnStreamAfterWrite(WriteWrap* req, int status) override;

  // ---- methods of kTlsWrapClass (settings.cc)
  void CertCbDone(const Args& args);
  void Destroy();
  void EnableCertCb() { cert_callback_ = CertCallback::kWanted; }
  void EnableAlpnCb();
  void EndParser();
  void EnableKeylogCallback();
  void EnableSessionCallbacks();
  void EnableTrace();
  void LoadSession(const Args& args);
  void NewSessionDone();
  void Receive(const Args& args);
  void Renegotiate();
  void RequestOcsp();
  void SetAlpnProtocols(const Args& args);
  void SetKeyCert(const Args& args);
  void SetOcspResponse(const Args& args);
  void SetServername(const Args& args);
  void SetSession(const Args& args);
  void SetVerifyMode(bool request, bool reject);
  void Start();
  void WritesIssuedByPrevListenerDone();
  void SetMaxSendFragment(const Args& args);
  void EnablePskCallback();
  void SetPskIdentityHint(const Args& args);

  // ---- and (information.cc)
  void ExportKeyingMaterial(const Args& args);
  void IsSessionReused(const Args& args);
  void GetAlpnNegotiatedProtocol(const Args& args);
  void GetCertificate(const Args& args);
  void GetX509Certificate(const Args& args);
  void GetCipher(const Args& args);
  void GetEphemeralKeyInfo(const Args& args);
  void GetFinished(const Args& args);
  void GetPeerFinished(const Args& args);
  void GetPeerCertificate(const Args& args);
  void GetPeerX509Certificate(const Args& args);
  void GetProtocol(const Args& args);
  void GetServername(const Args& args);
  void GetSession(const Args& args);
  void GetSharedSigalgs(const Args& args);
  void GetTlsTicket(const Args& args);
  void VerifyError(const Args& args);
  double GetWriteQueueSize() {
    return double(buffers_.out.size() + (writing_ ? writing_->size() : 0));
  }

 protected:
  void OnAttach() override {
    AsyncWrap::OnAttach();
    AttachStream();
  }

 private:
  // Scope of every call into OpenSSL that may call back.
  class InSsl;
  // Scope for JavaScript that runs while OpenSSL or the stream below waits for this object.
  // Exceptions go to the process's handlers even if there is JavaScript further up the stack (the
  // stream below may be implemented in JavaScript): the work here must continue.
  class Callback;

  StreamBase* below() const { return StreamListener::stream(); }
  v8::Local<v8::Value> SslError();
  std::string SslErrorText();

  // ---- moving bytes (tls_wrap.cc)
  void Cycle();
  void Resume();
  bool FinishHandshake();
  void ReadClear();
  void ReportReadError(int error);
  void WriteClear();
  void WriteEncrypted();
  bool DeliverClear(const char* data, size_t size);
  bool IsOurs(const WriteWrap* req) const;
  enum class Written { kAll, kDeferred, kFailed };
  Written Encrypt(const char* data, size_t size);
  void FinishWrite(int status, const char* error = nullptr);
  void FinishEmptyWrite(int status);
  int WriteNothing(WriteWrap* req, uv_buf_t* bufs, size_t count);
  void SendCloseNotify();
  int PassShutdown();
  void ContinueShutdown();
  // Runs `work` from the event loop, and keeps this object alive until then.
  void Defer(std::function<void()> work);
  void ReadHello();
  void EndHello();

  // ---- what OpenSSL calls (callbacks.cc)
  void InstallCallbacks(SSL_CTX* context);
  static void OnInfo(const SSL* ssl, int where, int ret);
  static SSL_SESSION* OnGetSession(SSL* ssl, const unsigned char* id, int size, int* copy);
  static int OnNewSession(SSL* ssl, SSL_SESSION* session);
  static void OnKeylog(const SSL* ssl, const char* line);
  static int OnCertificate(SSL* ssl, void*);
  static int OnServername(SSL* ssl, int* alert, void*);
  static int OnStatus(SSL* ssl, void*);
  static int OnAlpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*);
  static unsigned OnPskServer(SSL* ssl, const char* identity, unsigned char* psk, unsigned max);
  static unsigned OnPskClient(SSL* ssl, const char* hint, char* identity, unsigned max_identity,
                              unsigned char* psk, unsigned max_psk);
  int AskForAlpn(const unsigned char** out, unsigned char* out_size, std::string_view offered);
  int SelectSniContext();
  // Takes over certificate, key and trusted roots of another context. False with errors in
  // OpenSSL's queue.
  bool UseCredentials(SecureContext& context);
  bool UseTrust(SSL_CTX* context);

  using SslPointer = std::unique_ptr<SSL, FreeWith<SSL_free>>;
  using Session = std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>>;

  const Side side_;
  v8::ExternalMemoryAccounter memory_;
  TlsBuffers buffers_;       // declared before the SSL, whose BIO uses it
  Bio trace_;                // likewise
  SslPointer ssl_;           // null after destroySSL
  SslPointer pending_free_;  // destroyed, while calls into it are on the stack
  int ssl_depth_ = 0;
  bool cycling_ = false;
  bool rerun_requested_ = false;

  bool started_ = false;
  bool established_ = false;  // the first handshake is done
  bool eof_ = false;          // nothing more will be read
  bool writes_pending_;       // of the previous user of the stream below

  // The user's write: its request, clear text that waits for a handshake, and the encrypted bytes
  // that the stream below is writing.
  WriteWrap* write_ = nullptr;
  uint64_t write_number_ = 0;
  bool write_may_finish_ = false;  // stays true after the first handshake
  bool in_write_ = false;
  std::string unsent_;
  std::shared_ptr<const std::string> writing_;  // shared with the request below
  bool write_in_flight_ = false;
  bool starting_write_ = false;
  WriteWrap* write_below_ = nullptr;  // null also if it finished synchronously
  bool write_broken_ = false;         // the stream below failed; nothing more is written
  // An empty write, which is passed on to the stream below.
  WriteWrap* empty_write_ = nullptr;
  WriteWrap* empty_write_below_ = nullptr;
  bool starting_empty_write_ = false;
  std::string error_;

  bool shutdown_ = false;  // requested; errors of writes are ignored from then on
  bool close_notify_due_ = false;
  // The user is TLS itself, and its close_notify has ended the stream. A second one from here would
  // reach a peer that has closed, which replies with a reset that discards the data it had sent.
  // Node does not send one either.
  bool inner_has_ended_ = false;
  ShutdownWrap* shutdown_request_ = nullptr;  // not passed to the stream below so far

  enum class Hello { kDone, kReading, kJavaScript };
  Hello hello_ = Hello::kDone;
  enum class CertCallback { kNotWanted, kWanted, kRunning };
  CertCallback cert_callback_ = CertCallback::kNotWanted;
  bool session_callbacks_ = false;
  bool awaiting_new_session_ = false;
  Session next_session_;
  std::string ocsp_response_;
  bool has_ocsp_response_ = false;
  bool alpn_callback_ = false;
  std::string alpn_protocols_;
};

extern const ClassEntry kTlsWrapClass;

class TlsWrap::InSsl {
 public:
  explicit InSsl(TlsWrap& wrap) : wrap_(wrap) {
    wrap_.ssl_depth_++;
    ERR_clear_error();
  }
  ~InSsl() {
    if (--wrap_.ssl_depth_ == 0) wrap_.pending_free_.reset();
  }
  InSsl(const InSsl&) = delete;

 private:
  TlsWrap& wrap_;
};

class TlsWrap::Callback {
 public:
  explicit Callback(TlsWrap& wrap)
      : handles_(wrap.env().isolate),
        context_(wrap.env().context()),
        keep_(wrap.object()),
        reported_(wrap.env().isolate) {
    reported_.SetVerbose(true);
  }

 private:
  v8::HandleScope handles_;
  v8::Context::Scope context_;
  v8::Local<v8::Object> keep_;
  v8::TryCatch reported_;
  ScopedOpenSslErrors drop_;  // errors that JavaScript causes do not belong to the connection
};

}  // namespace kiln::runtime
