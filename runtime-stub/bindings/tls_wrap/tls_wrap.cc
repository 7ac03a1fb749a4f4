// TlsWrap (tls_wrap.h): moves bytes from the stream below to JavaScript and back.
#include "runtime-stub/bindings/tls_wrap/tls_wrap.h"

#include <openssl/err.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "runtime-stub/bindings/tls_wrap/client_hello.h"

namespace kiln::runtime {

namespace {

// A larger buffer for encrypted bytes is freed after the write.
constexpr size_t kMostKept = 20 * 1024;

// About the memory that OpenSSL uses for a connection, reported to the garbage collector.
constexpr size_t kMemory = 40 * 1024;

// An upper bound for the size of the records that contain `size` bytes.
size_t EncryptedSize(size_t size) {
  constexpr size_t kRecord = 16384, kOverhead = 64;
  return size + (size / kRecord + 1) * kOverhead;
}

}  // namespace

TlsWrap::TlsWrap(Env& env, Side side, StreamBase* below, SSL_CTX* context, bool writes_pending)
    : AsyncWrap(env, Provider::kTLSWRAP),
      StreamBase(*static_cast<AsyncWrap*>(this)),
      side_(side),
      shared_(env.State<Shared>()),
      ssl_(SSL_new(context)),
      writes_pending_(writes_pending) {
  CHECK(ssl_);
  memory_.Increase(env.isolate, kMemory);
  SSL* ssl = ssl_.get();
  BIO* bio = buffers_.NewBio();
  SSL_set_bio(ssl, bio, bio);
  SSL_set_mode(
      ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_app_data(ssl, this);
  InstallCallbacks(context);
  if (is_server())
    SSL_set_accept_state(ssl);
  else
    SSL_set_connect_state(ssl);
  below->PushListener(this);
}

void TlsWrap::Destroy() {
  if (!ssl_) return;
  if (ssl_depth_ > 0)
    pending_free_ = std::move(ssl_);
  else
    ssl_.reset();
  memory_.Decrease(env().isolate, kMemory);
  if (below()) below()->RemoveListener(this);
  unsent_.clear();
  write_may_finish_ = true;
  if (empty_write_) FinishEmptyWrite(UV_ECANCELED);
  FinishWrite(UV_ECANCELED, kCanceled);
  if (direct_batch_) CancelDirectWrite();
  if (ShutdownWrap* req = std::exchange(shutdown_request_, nullptr)) req->Done(UV_ECANCELED);
}

void TlsWrap::Defer(std::function<void()> work) {
  Pin();
  env().SetImmediate([this, work = std::move(work)](Env&) {
    Callback callback(*this);
    work();
    Unpin();
  });
}

// Reads, continues the handshake and writes as far as possible. A nested call only requests another
// round.
void TlsWrap::Cycle() {
  if (cycling_ || ssl_depth_ > 0) {
    rerun_requested_ = true;
    return;
  }
  cycling_ = true;
  do {
    rerun_requested_ = false;
    WriteClear();
    ReadClear();
    SendCloseNotify();
    WriteEncrypted();
  } while (rerun_requested_ && ssl_);
  rerun_requested_ = false;
  cycling_ = false;
  ContinueShutdown();
}

// Must be called after a call into OpenSSL outside of Cycle() has returned.
void TlsWrap::Resume() {
  if (rerun_requested_ && ssl_depth_ == 0 && !cycling_) Defer([this] { Cycle(); });
}

// ---------------------------------------------------------------- errors

// The last error in OpenSSL's queue, in the long form; the queue is empty afterwards.
std::string TlsWrap::SslErrorText() {
  std::string text;
  ERR_print_errors_cb(
      [](const char* line, size_t size, void* out) {
        static_cast<std::string*>(out)->assign(line, size);
        return 1;
      },
      &text);
  return text;
}

// An Error from the queue, or an empty handle if the queue has no error with a reason.
v8::Local<v8::Value> TlsWrap::SslError() {
  unsigned long first = ERR_peek_error();
  const char* library = ERR_lib_error_string(first);
  const char* reason = ERR_reason_error_string(first);
  std::string text = SslErrorText();
  if (!reason) return {};
  v8::Local<v8::Object> error = v8::Exception::Error(env().Str(text)).As<v8::Object>();
  if (library) env().Set(error, "library", env().Str(library));
  env().Set(error, "reason", env().Str(reason));
  std::string code = "ERR_SSL_";
  for (const char* c = reason; *c; c++) code += *c == ' ' ? '_' : char(std::toupper(uint8_t(*c)));
  env().Set(error, "code", env().Str(code));
  return error;
}

// ---------------------------------------------------------------- reading

int TlsWrap::ReadStart() { return below() && !eof_ ? below()->ReadStart() : 0; }
int TlsWrap::ReadStop() { return below() ? below()->ReadStop() : 0; }

uv_buf_t TlsWrap::OnStreamAlloc(size_t suggested_size) {
  if (shared_.read_in_use) return StreamListener::OnStreamAlloc(suggested_size);
  if (!shared_.read) shared_.read = std::make_unique<char[]>(Shared::kReadSize);
  shared_.read_in_use = true;
  return uv_buf_init(shared_.read.get(), Shared::kReadSize);
}

void TlsWrap::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  Callback callback(*this);
  struct Release {
    TlsBuffers& buffers;
    Shared& shared;
    char* memory;
    ~Release() {
      buffers.Keep();
      if (memory && memory == shared.read.get())
        shared.read_in_use = false;
      else
        std::free(memory);
    }
  } release{buffers_, shared_, buf.base};

  if (eof_ || !ssl_) return;  // everything after close_notify is ignored
  if (nread < 0) {
    ReadClear();  // deliver earlier data first
    if (!ssl_ || eof_) return;
    if (nread == UV_EOF) eof_ = true;
    EmitRead(nread);
    return Resume();
  }
  if (nread == 0) return;
  buffers_.Lend({buf.base, size_t(nread)});
  if (hello_ != Hello::kDone) return ReadHello();
  Cycle();
}

// Passes clear text to the listener, in pieces of the size of the listener's buffers. False if the
// connection was destroyed meanwhile.
bool TlsWrap::DeliverClear(const char* data, size_t size) {
  while (size > 0) {
    uv_buf_t buf = EmitAlloc(size);
    size_t piece = std::min(size_t(buf.len), size);
    if (piece == 0) {
      EmitRead(UV_ENOBUFS, buf);
      return ssl_ != nullptr;
    }
    std::memcpy(buf.base, data, piece);
    EmitRead(ssize_t(piece), buf);
    if (!ssl_) return false;
    data += piece;
    size -= piece;
  }
  return true;
}

// SSL_read would also do the handshake. It is a separate step so that data that JavaScript writes
// when the connection becomes secure is sent here, and not after a record that may be invalid. A
// later handshake is left to SSL_read, since data may arrive during it. False: nothing can be read
// so far.
bool TlsWrap::FinishHandshake() {
  if (established_) return true;
  int done, error;
  {
    InSsl in(*this);
    SSL* ssl = ssl_.get();
    if (SSL_is_init_finished(ssl)) return true;
    done = SSL_do_handshake(ssl);
    error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, done);
  }
  if (ssl_ && done == 1) WriteClear();
  if (!ssl_) ERR_clear_error();
  if (ssl_ && done != 1) ReportReadError(error);
  return ssl_ && done == 1;
}

void TlsWrap::ReadClear() {
  if (hello_ != Hello::kDone || eof_ || !ssl_) return;
  if (ssl_depth_ > 0) {
    rerun_requested_ = true;
    return;
  }
  if (!FinishHandshake()) return;
  char out[16384];  // a record
  for (;;) {
    int size, error;
    {
      InSsl in(*this);
      SSL* ssl = ssl_.get();
      size = SSL_read(ssl, out, sizeof out);
      error = size > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, size);
    }
    if (!ssl_) return ERR_clear_error();
    if (size <= 0) return ReportReadError(error);
    if (!DeliverClear(out, size_t(size))) return;
    // Nothing is left; another SSL_read would only return "try again".
    if (buffers_.empty() && SSL_pending(ssl_.get()) == 0) return;
  }
}

void TlsWrap::ReportReadError(int error) {
  if (error == SSL_ERROR_ZERO_RETURN) {
    if (eof_) return;
    eof_ = true;
    return EmitRead(UV_EOF);
  }
  if (error != SSL_ERROR_SSL && error != SSL_ERROR_SYSCALL) return;
  v8::HandleScope handles(env().isolate);
  v8::Local<v8::Value> exception = SslError();
  if (exception.IsEmpty()) return;
  // Send the alert before JavaScript closes the stream.
  if (!buffers_.out.empty()) WriteEncrypted();
  (void)MakeCallback("onerror", {exception});
}

// ---------------------------------------------------------------- the client's first message

void TlsWrap::ReadHello() {
  if (hello_ == Hello::kJavaScript) return;
  ClientHello hello;
  HelloResult result = ParseClientHello(buffers_.Unread(), &hello);
  if (result == HelloResult::kIncomplete) return;
  if (result == HelloResult::kOther) return EndHello();
  hello_ = Hello::kJavaScript;
  v8::Local<v8::Object> info = v8::Object::New(env().isolate);
  v8::Local<v8::String> servername;
  if (!Latin1String(env(), hello.servername).ToLocal(&servername)) return EndHello();
  env().Set(info, "sessionId", NewBuffer(env(), hello.session_id));
  env().Set(info, "servername", servername);
  env().Set(info, "tlsTicket", v8::Boolean::New(env().isolate, hello.has_ticket));
  (void)MakeCallback("onclienthello", {info});
}

void TlsWrap::EndHello() {
  if (hello_ == Hello::kDone) return;
  hello_ = Hello::kDone;
  Cycle();
}

// ---------------------------------------------------------------- writing

TlsWrap::Written TlsWrap::Encrypt(const char* data, size_t size) {
  if (ssl_depth_ > 0) {
    rerun_requested_ = true;
    return Written::kDeferred;
  }
  if (buffers_.out.empty()) buffers_.out.swap(shared_.out);
  if (established_) buffers_.out.reserve(buffers_.out.size() + EncryptedSize(size));
  InSsl in(*this);
  SSL* ssl = ssl_.get();
  size_t written = 0;
  if (SSL_write_ex(ssl, data, size, &written) == 1) return Written::kAll;
  int error = SSL_get_error(ssl, 0);
  return error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL ? Written::kFailed
                                                              : Written::kDeferred;
}

// Clear text that could not be encrypted before the handshake was done.
void TlsWrap::WriteClear() {
  if (hello_ != Hello::kDone || !ssl_ || unsent_.empty()) return;
  std::string text;
  text.swap(unsent_);
  Written written = Encrypt(text.data(), text.size());
  if (!ssl_ || written == Written::kAll) return;
  if (written == Written::kDeferred) {
    unsent_ = std::move(text);
    return;
  }
  write_may_finish_ = true;
  std::string error = SslErrorText();
  FinishWrite(UV_EPROTO, error.c_str());
}

void TlsWrap::WriteEncrypted() {
  if (hello_ != Hello::kDone || write_in_flight_ || write_broken_ || awaiting_new_session_ ||
      writes_pending_)
    return;
  if (established_ && write_) write_may_finish_ = true;
  if (!ssl_ || !below()) return;
  if (buffers_.out.empty()) {
    if (!unsent_.empty()) return;
    if (!in_write_) return FinishWrite(0);
    // The write must not finish before DoWrite has returned.
    return Defer([this, number = write_number_] {
      if (number == write_number_) FinishWrite(0);
    });
  }

  int err = 0;
  if (!WriteBelow(&err)) return;
  // Neither the user's write nor the next one below may finish inside of this call.
  if (err != 0 && !in_write_) return OnStreamAfterWrite(nullptr, err);
  Defer([this, err] { OnStreamAfterWrite(nullptr, err); });
}

bool TlsWrap::WriteBelow(int* err) {
  std::string& out = buffers_.out;
  write_in_flight_ = starting_write_ = true;
  uv_buf_t buf = {out.data(), out.size()};
  uv_buf_t* rest = &buf;
  size_t count = 1;
  bool try_write = below()->HasTryWrite();
  *err = try_write ? below()->TryWrite(&rest, &count) : 0;
  if (try_write && (*err != 0 || count == 0)) {
    starting_write_ = false;
    written_size_ = out.size();
    out.clear();
    if (out.capacity() <= kMostKept) out.swap(shared_.out);
    std::string().swap(out);
    return true;
  }
  size_t done = out.size() - (count ? rest->len : 0);
  auto bytes = std::make_shared<std::string>(std::exchange(out, {}));
  buf = {bytes->data() + done, bytes->size() - done};
  writing_ = bytes;
  StreamWriteResult result = below()->Write(&buf, 1, nullptr, {}, try_write);
  starting_write_ = false;
  if (result.wrap) {  // destroySSL does not stop it, and then nothing else keeps this object alive
    write_below_ = result.wrap;
    result.wrap->KeepStorage(std::move(bytes));
  }
  *err = result.err;
  return !result.async || result.err != 0;
}

// The stream's previous user, or JavaScript with its handle, may write to it as well.
bool TlsWrap::IsOurs(const WriteWrap* req) const {
  if (writes_pending_) return false;
  return !req || starting_write_ || starting_empty_write_ || req == write_below_ ||
         req == empty_write_below_;
}

void TlsWrap::OnStreamAfterWrite(WriteWrap* req, int status) {
  if (!IsOurs(req)) {
    if (previous_listener()) previous_listener()->OnStreamAfterWrite(req, status);
    return;
  }
  Callback callback(*this);
  if (starting_empty_write_ || (req && req == empty_write_below_)) return FinishEmptyWrite(status);
  writing_.reset();
  written_size_ = 0;
  write_below_ = nullptr;
  if (!ssl_) status = UV_ECANCELED;
  if (status != 0) {
    write_in_flight_ = false;
    write_broken_ = true;
    if (!shutdown_) FinishWrite(status);
    return ContinueShutdown();
  }
  WriteClear();
  write_in_flight_ = false;
  WriteEncrypted();
  if (rerun_requested_) Cycle();
  ContinueShutdown();
}

void TlsWrap::FinishWrite(int status, const char* error) {
  if (!write_may_finish_ || !write_) return;
  WriteWrap* done = std::exchange(write_, nullptr);
  write_number_++;
  done->Done(status, error);
}

void TlsWrap::FinishEmptyWrite(int status) {
  empty_write_below_ = nullptr;
  if (WriteWrap* done = std::exchange(empty_write_, nullptr)) done->Done(status);
}

// An empty write makes no record, but it is passed to the stream below, so it finishes after
// everything before it. Handshake messages that are due are sent first.
int TlsWrap::WriteNothing(WriteWrap* req, uv_buf_t* bufs, size_t count) {
  ReadClear();
  if (!ssl_ || !below()) return UV_ECANCELED;
  if (!buffers_.out.empty() || write_in_flight_ || ssl_depth_ > 0) {
    if (write_) return UV_EBUSY;
    write_ = req;
    in_write_ = true;
    WriteEncrypted();
    in_write_ = false;
    Resume();
    return 0;
  }
  empty_write_ = req;
  starting_empty_write_ = true;
  StreamWriteResult result = below()->Write(bufs, count);
  starting_empty_write_ = false;
  if (result.err != 0 && empty_write_) {
    empty_write_ = nullptr;
    return result.err;
  }
  if (result.async)
    empty_write_below_ = result.wrap;
  else
    Defer([this] { FinishEmptyWrite(0); });
  return 0;
}

// A single piece is encrypted in place; several are joined into one record.
std::string_view TlsWrap::Join(const uv_buf_t* bufs, size_t count, std::string* joined) {
  size_t size = 0, pieces = 0, last = 0;
  for (size_t i = 0; i < count; i++) {
    size += bufs[i].len;
    if (bufs[i].len == 0) continue;
    pieces++;
    last = i;
  }
  if (pieces <= 1) return {bufs[last].base, bufs[last].len};
  joined->reserve(size);
  for (size_t i = 0; i < count; i++) joined->append(bufs[i].base, bufs[i].len);
  return *joined;
}

int TlsWrap::DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send_handle) {
  if (send_handle) return UV_EINVAL;
  if (!ssl_) {
    error_ = "Write after DestroySSL";
    return UV_EPROTO;
  }
  // Nothing is sent any more, so a write that came after the failed one would never finish: HTTP/2
  // sends GOAWAY when its last frames could not be sent, and waits for that.
  if (write_broken_) return UV_EPIPE;
  // A stream has one write at a time.
  if (write_ || empty_write_ || HasUnreportedWrite()) return UV_EBUSY;
  std::string joined;
  std::string_view text = Join(bufs, count, &joined);
  if (text.empty()) return WriteNothing(req, bufs, count);
  write_ = req;
  in_write_ = true;
  Written written = Encrypt(text.data(), text.size());
  // JavaScript may have destroyed the connection, which finishes the write.
  if (!ssl_) {
    in_write_ = false;
    return 0;
  }
  if (written == Written::kFailed) {
    ERR_clear_error();
    write_ = nullptr;
    in_write_ = false;
    return UV_EPROTO;
  }
  if (written == Written::kDeferred)
    unsent_ = joined.empty() ? std::string(text) : std::move(joined);
  WriteEncrypted();
  in_write_ = false;
  Resume();
  return 0;
}

// ---------------------------------------------------------------- shutdown

void TlsWrap::SendCloseNotify() {
  if (!close_notify_due_ || !ssl_) return;
  if (ssl_depth_ > 0) {
    rerun_requested_ = true;
    return;
  }
  close_notify_due_ = false;
  InSsl in(*this);
  SSL* ssl = ssl_.get();
  if (SSL_shutdown(ssl) == 0) SSL_shutdown(ssl);  // again, to read the peer's if it has arrived
  ERR_clear_error();
}

// The stream below is shut down right after it received the close_notify: it sends its queued data
// first. A peer that closes on close_notify would reply to later data with a reset, so the end is
// sent together with it. The shutdown is later while the close_notify waits for a write, or while
// OpenSSL is on the stack (the handshake's end calls JavaScript, which may end the stream there).
int TlsWrap::DoShutdown(ShutdownWrap* req) {
  if (!below()) return UV_ENOTCONN;
  if (shutdown_request_) return UV_EALREADY;
  shutdown_ = true;
  shutdown_request_ = req;
  close_notify_due_ = !inner_has_ended_;
  SendCloseNotify();
  WriteEncrypted();
  Resume();
  return PassShutdown();
}

int TlsWrap::PassShutdown() {
  if (!shutdown_request_ || ssl_depth_ > 0) return 0;
  if (write_in_flight_ && !buffers_.out.empty()) return 0;
  ShutdownWrap* req = std::exchange(shutdown_request_, nullptr);
  if (!below()) return UV_ECANCELED;
  if (below()->async_wrap().provider() == Provider::kTLSWRAP)
    static_cast<TlsWrap*>(below())->inner_has_ended_ = true;
  return below()->DoShutdown(req);
}

void TlsWrap::ContinueShutdown() {
  ShutdownWrap* req = shutdown_request_;
  if (int err = PassShutdown(); err != 0) req->Done(err);
}

}  // namespace kiln::runtime
