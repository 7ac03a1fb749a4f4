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
// The files: tls_wrap.cc moves the bytes (direct_write.cc on the shortest way), callbacks.cc is what OpenSSL calls, settings.cc and
// information.cc have the methods that set up a connection and describe it.
#pragma once

#include <openssl/ssl.h>
#include <v8-external-memory-accounter.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/crypto/common/error_state.h"
#include "runtime-stub/bindings/crypto/secure_context/secure_context.h"
#include "runtime-stub/bindings/tls_wrap/memory_bio.h"

namespace kiln::runtime {

// A connection. wrap() creates it for a stream, start() (clients only) or the first bytes begin the
// handshake, and destroySSL() ends it: the object then stays as a stream that is not alive, until
// the garbage collector deletes it. On the Env's thread only. What reads or writes may run
// JavaScript, which may call destroySSL().
class TlsWrap final : public AsyncWrap, public StreamBase, public StreamListener {
 public:
  enum class Side { kClient, kServer };

  // `below` is not owned; it notifies this listener when it is destroyed. `context` is borrowed:
  // the connection takes a reference. `writes_pending`: the stream's previous user still has writes
  // in flight; nothing is written until writesIssuedByPrevListenerDone().
  TlsWrap(Env& env, Side side, StreamBase* below, SSL_CTX* context, bool writes_pending);
  ~TlsWrap() override {
    Destroy();
    DestroyListeners();
  }

  bool is_server() const { return side_ == Side::kServer; }
  // The connection that an SSL belongs to. REQUIRES: the SSL was made by a TlsWrap that still
  // exists.
  static TlsWrap& Of(const SSL* ssl) { return *static_cast<TlsWrap*>(SSL_get_app_data(ssl)); }

  // ---- StreamBase
  // False after destroySSL(), and once the stream below has ended.
  bool IsAlive() override { return ssl_ && below() && below()->IsAlive(); }
  bool IsClosing() override { return !below() || below()->IsClosing(); }
  bool IsIpcPipe() override { return below() && below()->IsIpcPipe(); }
  // The descriptor of the stream below; -1 if there is none.
  int GetFd() override { return below() ? below()->GetFd() : -1; }
  // Return 0, or the libuv code of the stream below.
  int ReadStart() override;
  int ReadStop() override;
  // Sends close_notify (RFC 5246, 7.2.1), then shuts the stream below down with `req`. UV_ENOTCONN
  // without a stream below, UV_EALREADY while one waits, or the code of the stream below.
  int DoShutdown(ShutdownWrap* req) override;
  // Encrypts, or copies `bufs` until the handshake is done, so they need not outlive the call.
  // `req` is done when the stream below has written the bytes. UV_EBUSY while a write is in flight,
  // UV_EPROTO if OpenSSL failed or after destroySSL(), UV_EINVAL with a handle to send.
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send_handle) override;
  // DoWrite() copies or encrypts at once.
  bool CopiesWrites() const override { return true; }
  // Encrypts and writes if nothing has to wait. kDone: the stream below has accepted all bytes.
  Direct DoDirectWrite(v8::Local<v8::Object> req, uv_buf_t* bufs, size_t count, int* err) override;
  void AdoptWrite(WriteWrap* req) override { write_ = req; }
  // The text for the last error of DoWrite(); null if there is none. Valid until ClearErrorText().
  const char* ErrorText() const override { return error_.empty() ? nullptr : error_.c_str(); }
  void ClearErrorText() override { error_.clear(); }

  // ---- StreamListener, of the stream below
  // The buffer that all connections of the thread share; from malloc() while that is in use.
  uv_buf_t OnStreamAlloc(size_t suggested_size) override;
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
  void OnStreamAfterWrite(WriteWrap* req, int status) override;

  // ---- methods of kTlsWrapClass (settings.cc). Those with arguments throw ERR_INVALID_ARG_TYPE,
  // or a TypeError with Node's text, for a wrong one (LoadSession() ignores it). After destroySSL()
  // they have no effect.

  // Continues a handshake that waits for oncertcb, with the context in `sni_context`.
  void CertCbDone(const Args& args);
  // destroySSL(): cancels the writes and the shutdown in flight with UV_ECANCELED.
  void Destroy();
  // A server calls oncertcb({servername, OCSPRequest}) and waits for certCbDone().
  void EnableCertCb() { cert_callback_ = CertCallback::kWanted; }
  // A server calls ALPNCallback(Buffer of the offered protocols), which returns the offset of one
  // of them, or undefined: the handshake then fails with no_application_protocol.
  void EnableAlpnCb();
  // The reply to onclienthello({sessionId, servername, tlsTicket}): the handshake continues.
  void EndParser();
  // onkeylog(Buffer with a line), for all connections of the context.
  void EnableKeylogCallback();
  // onnewsession(id, session), and for a server onclienthello. A server then waits for
  // newSessionDone().
  void EnableSessionCallbacks();
  // Prints the messages of the handshake to stderr (SSL_trace() of <openssl/ssl.h>).
  void EnableTrace();
  // (Buffer with the session that onclienthello found). Bytes that are no session are ignored.
  void LoadSession(const Args& args);
  void NewSessionDone();
  // (Buffer): encrypted bytes, as if they were read from the stream below.
  void Receive(const Args& args);
  // Throws OpenSSL's error, such as in TLS 1.3, which has no renegotiation.
  void Renegotiate();
  // For clients, before start(): the server's response goes to onocspresponse(Buffer or null).
  void RequestOcsp();
  // (Buffer of protocols, each preceded by its length in a byte, RFC 7301, 3.1).
  void SetAlpnProtocols(const Args& args);
  // (SecureContext): a server's certificate, key and trusted roots. Throws OpenSSL's error.
  void SetKeyCert(const Args& args);
  void SetOcspResponse(const Args& args);
  void SetServername(const Args& args);
  // (Buffer): a client's session to resume. Throws once the handshake has started.
  void SetSession(const Args& args);
  // Whether a server requests a certificate, and whether the handshake fails without one.
  // JavaScript judges the certificate (verifyError) in either case.
  void SetVerifyMode(bool request, bool reject);
  void Start();
  void WritesIssuedByPrevListenerDone();
  // (bytes of clear text per record): returns 1, or 0 if OpenSSL does not accept the number.
  void SetMaxSendFragment(const Args& args);
  // Calls the function in the property [onpskexchange] of the object: for a server (identity, most
  // bytes of a key), which returns a key; for a client (hint or null, most bytes of a key, of an
  // identity), which returns {psk, identity}.
  void EnablePskCallback();
  void SetPskIdentityHint(const Args& args);

  // ---- and (information.cc)
  // Set the return value: for the shapes see information.cc; undefined if there is no such value or
  // after destroySSL(). They change nothing and do not run JavaScript; ExportKeyingMaterial() may
  // throw.
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
  // Encrypted bytes that the stream below has not written so far.
  double GetWriteQueueSize() {
    return double(buffers_.out.size() + (writing_ ? writing_->size() : written_size_));
  }

 protected:
  void OnAttach() override {
    AsyncWrap::OnAttach();
    AttachStream();
  }

 private:
  // Scope of every call into OpenSSL that may call back.
  class InSsl;
  // What all connections of a thread share.
  struct Shared;
  // Direct writes that are complete and will be reported together (direct_write.cc).
  struct DirectBatch;
  // Scope for JavaScript that runs while OpenSSL or the stream below waits for this object.
  // Exceptions go to the process's handlers even if there is JavaScript further up the stack (the
  // stream below may be implemented in JavaScript): the work here must continue.
  class Callback;

  StreamBase* below() const { return StreamListener::stream(); }
  // Both clear OpenSSL's queue of errors. SslError() returns an Error with the properties library,
  // reason and code ("ERR_SSL_..."), empty if the queue has none with a reason; SslErrorText() the
  // last error in the long form.
  v8::Local<v8::Value> SslError();
  std::string SslErrorText();

  // ---- moving bytes (tls_wrap.cc)
  // Reads, continues the handshake and writes as far as possible. Inside of OpenSSL or of itself it
  // only requests another round. Callers must expect `ssl_` to be null afterwards.
  void Cycle();
  // Schedules what was requested inside of OpenSSL. Call it after a call into OpenSSL outside of
  // Cycle().
  void Resume();
  // Whether clear text can be read; starts or continues the first handshake.
  bool FinishHandshake();
  void ReadClear();
  // `error` is a result of SSL_get_error(): the end emits UV_EOF, a failure calls onerror(Error).
  void ReportReadError(int error);
  void WriteClear();
  void WriteEncrypted();
  // Writes buffers_.out, which must not be empty, to the stream below. Returns whether that is
  // complete (or has failed, with a code in `*err`); otherwise OnStreamAfterWrite() is called later.
  bool WriteBelow(int* err);
  // The text of all buffers; in `joined` if it is in more than one.
  static std::string_view Join(const uv_buf_t* bufs, size_t count, std::string* joined);

  // ---- direct writes (direct_write.cc)
  void ReportLater(v8::Local<v8::Object> req);
  static void ReportWrites(Env& env, DirectBatch& batch);
  bool HasUnreportedWrite() const;
  // Reports a direct write with UV_ECANCELED, unless it was reported.
  void CancelDirectWrite();
  // False if the connection was destroyed meanwhile.
  bool DeliverClear(const char* data, size_t size);
  bool IsOurs(const WriteWrap* req) const;
  // The bytes are in buffers_.out; must be offered again; caused an error, which is in OpenSSL's
  // queue.
  enum class Written { kAll, kDeferred, kFailed };
  Written Encrypt(const char* data, size_t size);
  // Ends the user's write, unless it has to wait for the handshake (write_may_finish_).
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
  // Sets the callbacks of the SSL and of its context; the latter are the same for all connections.
  void InstallCallbacks(SSL_CTX* context);
  // Their arguments and results are those of <openssl/ssl.h>: SSL_CTX_set_info_callback(),
  // SSL_CTX_sess_set_get_cb() and so on. Most run JavaScript inside of a call to OpenSSL, so none
  // may call functions that read, write or free the SSL.
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
  // Uses the context in the property `sni_context`, if any. Returns SSL_TLSEXT_ERR_OK or _NOACK.
  int SelectSniContext();
  // Takes over certificate, key and trusted roots of another context. False with errors in
  // OpenSSL's queue.
  bool UseCredentials(SecureContext& context);
  bool UseTrust(SSL_CTX* context);

  using SslPointer = std::unique_ptr<SSL, FreeWith<SSL_free>>;
  using Session = std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>>;

  static constexpr const char* kCanceled = "Canceled because of SSL destruction";
  const Side side_;
  Shared& shared_;
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
  // Number of writes that have finished, so that deferred work does not end a later one.
  uint64_t write_number_ = 0;
  bool write_may_finish_ = false;  // stays true after the first handshake
  bool in_write_ = false;
  // Clear text; encrypted by WriteClear().
  std::string unsent_;
  std::shared_ptr<const std::string> writing_;  // shared with the request below
  size_t written_size_ = 0;  // bytes of a write that is complete, but not reported
  bool write_in_flight_ = false;
  bool starting_write_ = false;
  WriteWrap* write_below_ = nullptr;  // null also if it finished synchronously
  bool write_broken_ = false;         // the stream below failed; nothing more is written
  // The direct write that waits to be reported, or is being reported: its place, and its async id.
  DirectBatch* direct_batch_ = nullptr;
  size_t direct_index_ = 0;
  double direct_id_ = 0;
  // An empty write, which is passed on to the stream below.
  WriteWrap* empty_write_ = nullptr;
  WriteWrap* empty_write_below_ = nullptr;
  bool starting_empty_write_ = false;
  // See ErrorText().
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
  // From loadSession(), for OpenSSL's next lookup.
  Session next_session_;
  std::string ocsp_response_;
  bool has_ocsp_response_ = false;
  bool alpn_callback_ = false;
  std::string alpn_protocols_;
};

extern const ClassEntry kTlsWrapClass;

// setWriteReporter(function): sets what reports direct writes (direct_write.cc).
void SetWriteReporter(Env& env, v8::Local<v8::Function> function);

// Buffers are shared so that an idle connection needs none.
struct TlsWrap::Shared {
  explicit Shared(Env&) {}
  static constexpr size_t kReadSize = 65536;
  std::unique_ptr<char[]> read;
  bool read_in_use = false;
  // Memory for TlsBuffers::out; its size is 0.
  std::string out;
  // The last batch, null if it was reported, and Env::immediates_added() when it was started.
  std::shared_ptr<DirectBatch> batch;
  uint64_t batch_number = 0;
};

class TlsWrap::InSsl {
 public:
  explicit InSsl(TlsWrap& wrap) : wrap_(wrap) {
    wrap_.ssl_depth_++;
    if (HasOpenSslErrors()) ERR_clear_error();
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
