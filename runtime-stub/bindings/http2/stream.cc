// Http2Stream: one request with its response, or a push. JavaScript writes into a queue, from which
// nghttp2 takes as much as flow control allows; when the queue is empty, nghttp2 defers the stream
// until it is resumed. Received data goes to the listener, and the peer's window is enlarged only
// by the number of bytes that were read.
#include <algorithm>

#include "runtime-stub/bindings/http2/stream.h"
#include "runtime-stub/bindings/performance/performance.h"

namespace kiln::runtime {

namespace {

nghttp2_ssize ReadStreamOutput(nghttp2_session* handle, int32_t id, uint8_t*, size_t max,
                               uint32_t* flags, nghttp2_data_source*, void* data) {
  auto& session = *static_cast<Http2Session*>(data);
  if (Http2Stream* stream = session.FindStream(id)) return stream->ReadOutput(max, flags);
  // Destroyed before its end.
  nghttp2_submit_rst_stream(handle, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  return NGHTTP2_ERR_DEFERRED;
}

constexpr nghttp2_data_provider2 kProvider = {{}, ReadStreamOutput};

const nghttp2_data_provider2* ProviderFor(int options) {
  return options & kEmptyPayload ? nullptr : &kProvider;
}

}  // namespace

Http2Stream* Http2Stream::New(Http2Session& session, int32_t id, nghttp2_headers_category category,
                              int options) {
  v8::HandleScope scope(session.env().isolate);
  auto* stream =
      NewWrapped<Http2Stream>(session.env(), kHttp2StreamClass, session, id, category, options);
  if (session.closing()) {
    stream->Detach();
    return nullptr;
  }
  session.AddStream(stream);
  return stream;
}

int32_t Http2Stream::SubmitRequest(Http2Session& session, const Http2HeaderList& headers,
                                   int options) {
  return nghttp2_submit_request2(session.handle(), nullptr, headers.data(), headers.size(),
                                 ProviderFor(options), nullptr);
}

Http2Stream::Http2Stream(Env& env, Http2Session& session, int32_t id,
                         nghttp2_headers_category category, int options)
    : AsyncWrap(env, Provider::kHTTP2STREAM),
      StreamBase(*static_cast<AsyncWrap*>(this)),
      session_(&session),
      id_(id),
      category_(category),
      max_header_pairs_(session.max_header_pairs()) {
  uint32_t max =
      nghttp2_session_get_local_settings(session.handle(), NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
  max_headers_size_ = std::min(max, kMaxMaxHeaderListSize);
  has_trailers_ = (options & kGetTrailers) != 0;
  PushListener(&reader_);
  if (options & kEmptyPayload) ShutdownWritable();
}

Http2Stream::~Http2Stream() { DestroyListeners(); }

// ---------------------------------------------------------------- headers

void Http2Stream::StartHeaders(nghttp2_headers_category category) {
  TakeHeaders();
  category_ = category;
}

bool Http2Stream::AddHeader(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags) {
  if (nghttp2_rcbuf_get_buf(name).len == 0) return true;
  Http2Header header(name, value, flags);
  size_t size = header.size() + 32;  // the size by RFC 9113, 6.5.2
  if (!session_->HasMemory(size) || headers_.size() >= max_header_pairs_ ||
      headers_size_ + size > max_headers_size_)
    return false;
  if (first_header_ == 0) first_header_ = uv_hrtime();
  headers_.push_back(std::move(header));
  headers_size_ += size;
  // JavaScript receives them, but they are counted as long as the stream exists: a peer that never
  // ends its streams must not fill the memory with headers.
  headers_memory_ += size;
  session_->AddMemory(size);
  return true;
}

std::vector<Http2Header> Http2Stream::TakeHeaders() {
  headers_size_ = 0;
  return std::exchange(headers_, {});
}

// ---------------------------------------------------------------- input

int Http2Stream::ReadStart() {
  if (!Usable()) return UV_EPIPE;
  Http2Session::Scope scope(session_);
  reading_ = true;
  Trace("reading starting");
  nghttp2_session_consume_stream(session_->handle(), id_, std::exchange(unconsumed_, 0));
  return 0;
}

int Http2Stream::ReadStop() {
  reading_ = false;
  return 0;
}

void Http2Stream::Received(size_t size) {
  if (first_byte_ == 0) first_byte_ = uv_hrtime();
  received_bytes_ += size;
}

void Http2Stream::Consumed(size_t size) {
  if (!session_) return;
  if (reading_)
    nghttp2_session_consume_stream(session_->handle(), id_, size);
  else
    unconsumed_ += size;
}

void Http2Stream::Reader::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  if (nread < 0) return PassReadErrorToPrevious(nread);
  auto& self = static_cast<Http2Stream&>(*stream());
  if (nread == 0 || !self.session_) return;
  v8::HandleScope scope(self.env().isolate);
  v8::Context::Scope entered(self.env().context());
  size_t offset;
  v8::Local<v8::ArrayBuffer> buffer = self.session_->InputBuffer(buf.base, size_t(nread), &offset);
  (void)self.CallOnRead(nread, buffer, offset);
}

// ---------------------------------------------------------------- output

int Http2Stream::DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) {
  if (send) return UV_EINVAL;  // there is no way to send a handle
  if (!Usable() || !writable_) {
    req->Done(UV_EOF);
    return 0;
  }
  Http2Session::Scope scope(session_);
  for (size_t i = 0; i < count; i++) {
    Http2Output piece;
    piece.bytes = bufs[i];
    if (i == count - 1) {
      piece.request = req;
      piece.stream = this;
      Pin();
    }
    queue_.push_back(piece);
    available_ += bufs[i].len;
    session_->AddMemory(bufs[i].len);
  }
  nghttp2_session_resume_data(session_->handle(), id_);
  return 0;
}

// Finishes synchronously; the result 1 reports that to JavaScript.
int Http2Stream::DoShutdown(ShutdownWrap*) {
  if (!Usable()) return UV_EPIPE;
  ShutdownWritable();
  return 1;
}

void Http2Stream::ShutdownWritable() {
  Http2Session::Scope scope(session_);
  writable_ = false;
  nghttp2_session_resume_data(session_->handle(), id_);
}

// Returns the number of queued bytes for the next DATA frame. Runs inside nghttp2, and may run
// JavaScript.
nghttp2_ssize Http2Stream::ReadOutput(size_t max, uint32_t* flags) {
  Http2Keep keep(*this);
  if (first_byte_sent_ == 0) first_byte_sent_ = uv_hrtime();
  size_t amount = 0;
  for (;;) {
    // An empty write is used to learn when data can be sent. An empty piece at the end of a larger
    // write is finished with the pieces before it, whose memory the write owns.
    while (!queue_.empty() && queue_.front().bytes.len == 0) {
      Http2Output empty = queue_.front();
      queue_.pop_front();
      if (!empty.request) continue;
      if (std::exchange(front_started_, false) && session_)
        session_->PushOut(empty);
      else
        empty.Done();
    }
    if (finished_) return NGHTTP2_ERR_DEFERRED;  // a reset follows
    amount = std::min(available_, max);
    if (amount > 0 || !writable_) break;
    if (destroyed_) return NGHTTP2_ERR_DEFERRED;
    EmitWantsWrite(max);  // a pipe may write at once
    if (available_ == 0 && writable_) return NGHTTP2_ERR_DEFERRED;
  }
  if (amount > 0) {
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;  // MoveOutput takes the bytes
    available_ -= amount;
    session_->RemoveMemory(amount);
    sent_bytes_ += amount;
  }
  if (available_ == 0 && !writable_) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (has_trailers_) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      has_trailers_ = false;
      v8::HandleScope scope(env().isolate);
      v8::Context::Scope entered(env().context());
      v8::Local<v8::Function> function =
          env().State<Http2Shared>().Callback(env(), Http2Callback::kStreamTrailers);
      if (!destroyed_ && !function.IsEmpty()) (void)MakeCallback(function, {});
    }
  }
  return nghttp2_ssize(amount);
}

void Http2Stream::MoveOutput(size_t size) {
  while (size > 0 && !queue_.empty()) {
    Http2Output& front = queue_.front();
    front_started_ = !front.request || front.bytes.len > size;
    if (front.bytes.len > size) {
      Http2Output part;
      part.bytes.base = front.bytes.base;
      part.bytes.len = size;
      session_->PushOut(part);
      front.bytes.base += size;
      front.bytes.len -= size;
      return;
    }
    size -= front.bytes.len;
    session_->PushOut(front);
    queue_.pop_front();
  }
}

// ---------------------------------------------------------------- the end

// Ends the native stream of the JavaScript object. Queued output is sent before a reset.
void Http2Stream::Destroy() {
  if (destroyed_) return;
  destroyed_ = true;
  if (!session_) return;
  if (session_->receiving()) return session_->DeferDestroy(this);
  session_->FlushReset(id_);
  FinishDestroy();
}

void Http2Stream::FinishDestroy() {
  if (finished_ || !session_) return;
  destroyed_ = finished_ = true;
  Trace("tearing down stream");
  uint64_t end = uv_hrtime();
  session_->NoteStreamDuration(end - start_);
  EmitStatistics(end);
  TakeHeaders();
  session_->RemoveMemory(headers_memory_ + available_);
  available_ = 0;
  session_->RemoveStream(this);
  // A write that is being sent in part owns the memory of that part, so it ends with the send.
  if (front_started_ && session_->sending()) {
    while (!queue_.empty()) {
      Http2Output piece = queue_.front();
      queue_.pop_front();
      if (!piece.request) continue;
      static char nothing[1];
      piece.bytes.base = nothing;
      piece.bytes.len = 0;
      piece.status = UV_ECANCELED;
      session_->PushOut(piece);
      break;
    }
  }
  session_ = nullptr;
  // This may be inside one of nghttp2's callbacks.
  env().SetImmediate([this](Env&) { End(); });
}

void Http2Stream::Detach() {
  headers_.clear();
  session_ = nullptr;
}

void Http2Stream::End() {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  while (!queue_.empty()) {
    Http2Output piece = queue_.front();
    queue_.pop_front();
    piece.status = UV_ECANCELED;
    piece.Done();
  }
  // Notify pipes. The listeners at the bottom stay for writes in flight.
  while (listener() != &reader_) {
    StreamListener* top = listener();
    RemoveListener(top);
    top->OnStreamDestroy();
  }
  EmitDestroy();
  Unpin();  // pinned by AddStream
}

void Http2Stream::EmitStatistics(uint64_t end) {
  if (!IsObserved(env(), ObservedType::kHttp2)) return;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  auto since_start = [this](uint64_t time) { return time == 0 ? 0 : double(time - start_) / 1e6; };
  v8::Local<v8::Object> details = v8::Object::New(env().isolate);
  env().Set(details, "bytesRead", double(received_bytes_));
  env().Set(details, "bytesWritten", double(sent_bytes_));
  env().Set(details, "id", double(id_));
  env().Set(details, "timeToFirstByte", since_start(first_byte_));
  env().Set(details, "timeToFirstByteSent", since_start(first_byte_sent_));
  env().Set(details, "timeToFirstHeader", since_start(first_header_));
  DeferObserve(env(), ObservedType::kHttp2, "Http2Stream", start_, end, details);
}

// ---------------------------------------------------------------- methods

void Http2Stream::Respond(const Args& args) {
  if (!Usable()) return args.GetReturnValue().Set(NGHTTP2_ERR_STREAM_CLOSED);
  Http2HeaderList headers(env(), args[0]);
  if (!headers.ok()) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsInt32()) return ThrowBadArgument(env(), 1);
  int options = args[1].As<v8::Int32>()->Value();
  if (options & kGetTrailers) has_trailers_ = true;
  if (!writable_) options |= kEmptyPayload;
  Http2Session::Scope scope(session_);
  args.GetReturnValue().Set(nghttp2_submit_response2(session_->handle(), id_, headers.data(),
                                                     headers.size(), ProviderFor(options)));
}

void Http2Stream::Info(const Args& args) {
  if (!Usable()) return args.GetReturnValue().Set(NGHTTP2_ERR_STREAM_CLOSED);
  Http2HeaderList headers(env(), args[0]);
  if (!headers.ok()) return ThrowBadArgument(env(), 0);
  Http2Session::Scope scope(session_);
  args.GetReturnValue().Set(nghttp2_submit_headers(session_->handle(), NGHTTP2_FLAG_NONE, id_,
                                                   nullptr, headers.data(), headers.size(),
                                                   nullptr));
}

void Http2Stream::Trailers(const Args& args) {
  if (!Usable()) return args.GetReturnValue().Set(NGHTTP2_ERR_STREAM_CLOSED);
  Http2HeaderList headers(env(), args[0]);
  if (!headers.ok()) return ThrowBadArgument(env(), 0);
  Http2Session::Scope scope(session_);
  // Some browsers refuse empty trailers, so an empty DATA frame ends the stream instead.
  int rc = headers.size() == 0
               ? nghttp2_submit_data2(session_->handle(), NGHTTP2_FLAG_END_STREAM, id_, &kProvider)
               : nghttp2_submit_trailer(session_->handle(), id_, headers.data(), headers.size());
  args.GetReturnValue().Set(rc);
}

// pushPromise(headers, options): returns the new stream, or an error code of nghttp2.
void Http2Stream::PushPromise(const Args& args) {
  if (!Usable()) return args.GetReturnValue().Set(NGHTTP2_ERR_STREAM_CLOSED);
  Http2HeaderList headers(env(), args[0]);
  if (!headers.ok()) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsInt32()) return ThrowBadArgument(env(), 1);
  Http2Session& session = *session_;
  Http2Session::Scope scope(&session);
  int32_t id = nghttp2_submit_push_promise(session.handle(), NGHTTP2_FLAG_NONE, id_, headers.data(),
                                           headers.size(), nullptr);
  if (id <= 0) return args.GetReturnValue().Set(id);
  Http2Stream* pushed = New(session, id, NGHTTP2_HCAT_HEADERS, args[1].As<v8::Int32>()->Value());
  if (!pushed) return args.GetReturnValue().Set(NGHTTP2_ERR_SESSION_CLOSING);
  args.GetReturnValue().Set(pushed->object());
}

void Http2Stream::RstStream(const Args& args) {
  if (!args[0]->IsUint32()) return ThrowBadArgument(env(), 0);
  if (!Usable() || closed_) return;
  // nghttp2 sends resets before other frames, so pending output must be handed to it first. During
  // a send or a receive that has to be deferred.
  uint32_t code = args[0].As<v8::Uint32>()->Value();
  Http2Session& session = *session_;
  if (!session.SendPendingData())
    session.DeferReset(id_, code);
  else if (Usable() && !closed_)
    session.Reset(id_, code);
}

void Http2Stream::RefreshState() {
  double* state = env().State<Http2Shared>().stream;
  nghttp2_session* handle = session_ ? session_->handle() : nullptr;
  nghttp2_stream* stream = handle ? nghttp2_session_find_stream(handle, id_) : nullptr;
  if (!stream) {
    std::fill_n(state, 6, 0);
    state[0] = NGHTTP2_STREAM_STATE_IDLE;
    return;
  }
  state[0] = nghttp2_stream_get_state(stream);
  state[1] = nghttp2_stream_get_weight(stream);
  state[2] = nghttp2_stream_get_sum_dependency_weight(stream);
  state[3] = nghttp2_session_get_stream_local_close(handle, id_);
  state[4] = nghttp2_session_get_stream_remote_close(handle, id_);
  state[5] = nghttp2_session_get_stream_local_window_size(handle, id_);
}

namespace {
constexpr Entry kMethods[] = {
    Method<&Http2Stream::Id>("id"),
    Method<&Http2Stream::Destroy>("destroy"),
    Method<&Http2Stream::Priority>("priority"),
    Method<&Http2Stream::PushPromise>("pushPromise"),
    Method<&Http2Stream::Info>("info"),
    Method<&Http2Stream::Trailers>("trailers"),
    Method<&Http2Stream::Respond>("respond"),
    Method<&Http2Stream::RstStream>("rstStream"),
    Method<&Http2Stream::RefreshState>("refreshState"),
};
}  // namespace

const ClassEntry kHttp2StreamClass = {.name = "Http2Stream",
                                      .parent = &kAsyncWrapClass,
                                      .methods = kMethods,
                                      .more_methods = kStreamMethods,
                                      .more_accessors = kStreamAccessors,
                                      .fields = StreamBase::kFields,
                                      .customize = StreamBase::Customize};

}  // namespace kiln::runtime
