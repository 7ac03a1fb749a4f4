// The callbacks by which nghttp2 reports to an Http2Session: headers, data, frames, the ends of
// streams. Most call JavaScript directly. They also enforce the limits on the number of streams,
// headers and invalid frames, and on memory.
#include <algorithm>
#include <cstring>

#include "runtime-stub/bindings/http2/stream.h"

namespace kiln::runtime {

namespace {

// If a stream has more bytes than this to send, its input waits until sending was tried.
constexpr size_t kMuchOutput = 4096;

Http2Session& Self(void* data) { return *static_cast<Http2Session*>(data); }

int32_t StreamOf(const nghttp2_frame* frame) {
  return frame->hd.type == NGHTTP2_PUSH_PROMISE ? frame->push_promise.promised_stream_id
                                                : frame->hd.stream_id;
}

v8::Local<v8::Value> Text(Env& env, const uint8_t* data, size_t size) {
  v8::Local<v8::String> string;
  if (!v8::String::NewFromOneByte(env.isolate, data, v8::NewStringType::kNormal, int(size))
           .ToLocal(&string))
    return v8::String::Empty(env.isolate);
  return string;
}

// The error of the protocol for one of nghttp2's.
uint32_t ProtocolError(int error) {
  switch (error) {
    case NGHTTP2_ERR_STREAM_CLOSED:
      return NGHTTP2_STREAM_CLOSED;
    case NGHTTP2_ERR_HEADER_COMP:
      return NGHTTP2_COMPRESSION_ERROR;
    case NGHTTP2_ERR_FRAME_SIZE_ERROR:
      return NGHTTP2_FRAME_SIZE_ERROR;
    case NGHTTP2_ERR_FLOW_CONTROL:
      return NGHTTP2_FLOW_CONTROL_ERROR;
    case NGHTTP2_ERR_REFUSED_STREAM:
      return NGHTTP2_REFUSED_STREAM;
    case NGHTTP2_ERR_PROTO:
    case NGHTTP2_ERR_HTTP_HEADER:
    case NGHTTP2_ERR_HTTP_MESSAGING:
      return NGHTTP2_PROTOCOL_ERROR;
    default:
      return NGHTTP2_INTERNAL_ERROR;
  }
}

nghttp2_session_callbacks* MakeCallbacks(bool padding) {
  nghttp2_session_callbacks* made;
  CHECK(nghttp2_session_callbacks_new(&made) == 0);
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      made, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
        return Self(data).OnBeginHeaders(frame);
      });
  nghttp2_session_callbacks_set_on_header_callback2(
      made,
      [](nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf* name, nghttp2_rcbuf* value,
         uint8_t flags, void* data) { return Self(data).OnHeader(frame, name, value, flags); });
  // Invalid headers are dropped; without this callback nghttp2 would reset the stream.
  nghttp2_session_callbacks_set_on_invalid_header_callback2(
      made, [](nghttp2_session*, const nghttp2_frame*, nghttp2_rcbuf*, nghttp2_rcbuf*, uint8_t,
               void*) { return 0; });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      made, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
        return Self(data).OnFrame(frame);
      });
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
      made, [](nghttp2_session*, const nghttp2_frame* frame, int error, void* data) {
        return Self(data).OnInvalidFrame(frame, error);
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      made, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size,
               void* data) { return Self(data).OnDataChunk(id, bytes, size); });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      made, [](nghttp2_session*, int32_t id, uint32_t code, void* data) {
        return Self(data).OnStreamClose(id, code);
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      made, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
        Self(data).OnFrameSent(frame);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_not_send_callback(
      made, [](nghttp2_session*, const nghttp2_frame* frame, int error, void* data) {
        return Self(data).OnFrameNotSent(frame, error);
      });
  nghttp2_session_callbacks_set_send_data_callback(
      made,
      [](nghttp2_session*, nghttp2_frame* frame, const uint8_t* header, size_t size,
         nghttp2_data_source*, void* data) { return Self(data).OnSendData(frame, header, size); });
  nghttp2_session_callbacks_set_error_callback2(
      made, [](nghttp2_session*, int error, const char*, size_t, void* data) {
        return Self(data).OnError(error);
      });
  if (padding)
    nghttp2_session_callbacks_set_select_padding_callback2(
        made, [](nghttp2_session*, const nghttp2_frame* frame, size_t max, void* data) {
          return nghttp2_ssize(Self(data).SelectPadding(frame, max));
        });
  return made;
}

}  // namespace

const nghttp2_session_callbacks* Http2Callbacks(bool padding) {
  static const nghttp2_session_callbacks* const plain = MakeCallbacks(false);
  static const nghttp2_session_callbacks* const padded = MakeCallbacks(true);
  return padding ? padded : plain;
}

// ---------------------------------------------------------------- headers

// The start of a new stream, or of further headers (trailers) on a known one.
int Http2Session::OnBeginHeaders(const nghttp2_frame* frame) {
  if (closing_) return NGHTTP2_ERR_CALLBACK_FAILURE;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  int32_t id = StreamOf(frame);
  Trace("beginning headers for stream %d", id);
  if (Http2Stream* stream = FindStream(id)) {
    if (!stream->destroyed()) stream->StartHeaders(frame->headers.cat);
    return 0;
  }
  size_t max = nghttp2_session_get_local_settings(handle_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  nghttp2_headers_category category =
      frame->hd.type == NGHTTP2_PUSH_PROMISE ? NGHTTP2_HCAT_REQUEST : frame->headers.cat;
  if (streams_.size() < max && HasMemory(sizeof(Http2Stream)) &&
      Http2Stream::New(*this, id, category, 0)) {
    rejected_streams_ = 0;
    return 0;
  }
  if (rejected_streams_++ > fields_->max_rejected_streams) return NGHTTP2_ERR_CALLBACK_FAILURE;
  nghttp2_submit_rst_stream(handle_, NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int Http2Session::OnHeader(const nghttp2_frame* frame, nghttp2_rcbuf* name, nghttp2_rcbuf* value,
                           uint8_t flags) {
  if (closing_) return NGHTTP2_ERR_CALLBACK_FAILURE;
  Http2Stream* stream = FindStream(StreamOf(frame));
  if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (stream->destroyed() || stream->AddHeader(name, value, flags)) return 0;
  nghttp2_submit_rst_stream(handle_, NGHTTP2_FLAG_NONE, stream->id(), NGHTTP2_ENHANCE_YOUR_CALM);
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

void Http2Session::OnHeadersFrame(const nghttp2_frame* frame) {
  Http2Stream* stream = FindStream(StreamOf(frame));
  if (!stream || stream->destroyed()) return;
  Http2Keep keep(*stream);
  std::vector<Http2Header> headers = stream->TakeHeaders();
  // Name, value, name, value...
  v8::LocalVector<v8::Value> list(env().isolate), sensitive(env().isolate);
  list.reserve(headers.size() * 2);
  for (const Http2Header& header : headers) {
    list.push_back(header.NameToJs(env()));
    if (header.sensitive()) sensitive.push_back(list.back());
    list.push_back(header.ValueToJs(env()));
  }
  headers.clear();
  (void)Call(Http2Callback::kHeaders,
             {stream->object(), v8::Integer::New(env().isolate, stream->id()),
              v8::Integer::New(env().isolate, stream->category()),
              v8::Integer::New(env().isolate, frame->hd.flags),
              v8::Array::New(env().isolate, list.data(), list.size()),
              v8::Array::New(env().isolate, sensitive.data(), sensitive.size())});
}

// ---------------------------------------------------------------- data

int Http2Session::OnDataChunk(int32_t id, const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // The connection's window never limits the peer; the windows of the streams do.
  nghttp2_session_consume_connection(handle_, size);
  Http2Stream* stream = FindStream(id);
  if (closing_ || !stream || stream->destroyed()) return 0;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  Http2Keep keep(*stream);
  stream->Received(size);
  while (size > 0 && !stream->destroyed()) {
    uv_buf_t buf = stream->EmitAlloc(size);
    size_t part = std::min(buf.len, size);
    if (part == 0) {
      stream->EmitRead(UV_ENOBUFS, buf);
      break;
    }
    if (buf.base)
      std::memcpy(buf.base, data, part);
    else  // the stream's own reader uses the bytes in place
      buf.base = const_cast<char*>(reinterpret_cast<const char*>(data));
    data += part;
    size -= part;
    stream->EmitRead(ssize_t(part), buf);
    stream->Consumed(part);
  }
  if (closing_ || sending_ || stream->available() > kMuchOutput) {
    paused_ = true;
    return NGHTTP2_ERR_PAUSE;
  }
  return 0;
}

int Http2Session::OnDataFrame(const nghttp2_frame* frame) {
  Trace("handling data frame for stream %d", frame->hd.stream_id);
  Http2Stream* stream = FindStream(frame->hd.stream_id);
  if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && stream && !stream->destroyed()) {
    Http2Keep keep(*stream);
    stream->EmitRead(UV_EOF);
  } else if (frame->hd.length == 0) {
    return TooManyInvalidFrames();  // an empty frame without END_STREAM
  }
  return 0;
}

// Called once nghttp2 has the header of a DATA frame; its bytes come from the stream's queue.
int Http2Session::OnSendData(const nghttp2_frame* frame, const uint8_t* header, size_t size) {
  static const char kZeros[256] = {};
  Http2Stream* stream = FindStream(frame->hd.stream_id);
  if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  size_t padding = frame->data.padlen;
  CopyOut(header, 9);
  if (padding > 0) {
    uint8_t length = uint8_t(padding - 1);
    CopyOut(&length, 1);
  }
  stream->MoveOutput(size);
  if (padding > 1) CopyOut(kZeros, padding - 1);
  return 0;
}

size_t Http2Session::SelectPadding(const nghttp2_frame* frame, size_t max) const {
  size_t size = frame->hd.length;
  switch (padding_) {
    case Http2Padding::kNone:
      break;
    case Http2Padding::kMax:
      return max;
    case Http2Padding::kAligned: {
      // The size of the whole frame, with its 9 bytes of header, becomes a multiple of 8.
      size_t over = (size + 9) % 8;
      return over == 0 ? size : std::min(max, size + 8 - over);
    }
  }
  return size;
}

// ---------------------------------------------------------------- frames

// When JavaScript destroys the session, nghttp2 must stop reading: it would reply to frames after
// the last valid one. Returning a failure is the only way to stop it.
int Http2Session::OnFrame(const nghttp2_frame* frame) {
  frames_received_++;
  Trace("complete frame received: type: %d", frame->hd.type);
  if (closing_) return NGHTTP2_ERR_CALLBACK_FAILURE;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  switch (frame->hd.type) {
    case NGHTTP2_DATA:
      if (int error = OnDataFrame(frame); error != 0) return error;
      break;
    case NGHTTP2_HEADERS:
    case NGHTTP2_PUSH_PROMISE:
      OnHeadersFrame(frame);
      break;
    case NGHTTP2_SETTINGS:
      OnSettingsFrame(frame);
      break;
    case NGHTTP2_PRIORITY:
      OnPriorityFrame(frame);
      break;
    case NGHTTP2_GOAWAY:
      OnGoawayFrame(frame);
      break;
    case NGHTTP2_PING:
      OnPingFrame(frame);
      break;
    case NGHTTP2_ALTSVC:
      OnAltSvcFrame(frame);
      break;
    case NGHTTP2_ORIGIN:
      OnOriginFrame(frame);
      break;
    default:
      break;
  }
  return closing_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

void Http2Session::OnSettingsFrame(const nghttp2_frame* frame) {
  if (frame->hd.flags & NGHTTP2_FLAG_ACK) {
    if (settings_.empty()) return Fail(NGHTTP2_ERR_PROTO);
    Http2Settings* request = settings_.front();
    settings_.pop_front();
    RemoveMemory(sizeof(Http2Settings));
    request->Done(true);
    request->Unpin();
    return;
  }
  fields_->bits &= uint8_t(~(1u << kRemoteSettingsIsUpToDate));
  for (size_t i = 0; i < frame->settings.niv; i++)
    for (CustomSetting& custom : remote_custom_)
      if (custom.id == frame->settings.iv[i].settings_id)
        custom = {custom.id, frame->settings.iv[i].value, true};
  if (fields_->bits & (1u << kHasRemoteSettingsListeners)) (void)Call(Http2Callback::kSettings, {});
}

void Http2Session::OnPingFrame(const nghttp2_frame* frame) {
  if (frame->hd.flags & NGHTTP2_FLAG_ACK) {
    // An acknowledgement of a ping that was not sent is a protocol error.
    if (pings_.empty()) return Fail(NGHTTP2_ERR_PROTO);
    Http2Ping* ping = pings_.front();
    pings_.pop_front();
    RemoveMemory(sizeof(Http2Ping));
    ping_rtt_ = uv_hrtime() - ping->start();
    ping->Done(true, frame->ping.opaque_data);
    ping->Unpin();
    return;
  }
  if (!(fields_->bits & (1u << kHasPingListeners))) return;
  (void)Call(Http2Callback::kPing, {NewBuffer(env(), frame->ping.opaque_data, 8)});
}

void Http2Session::OnGoawayFrame(const nghttp2_frame* frame) {
  const nghttp2_goaway& goaway = frame->goaway;
  v8::Local<v8::Value> data = env().Undefined();
  if (goaway.opaque_data_len > 0)
    data = NewBuffer(env(), goaway.opaque_data, goaway.opaque_data_len);
  (void)Call(Http2Callback::kGoawayData,
             {v8::Integer::NewFromUnsigned(env().isolate, goaway.error_code),
              v8::Integer::New(env().isolate, goaway.last_stream_id), data});
}

// Priorities have no effect (RFC 9113 deprecates them), but listeners still receive them.
void Http2Session::OnPriorityFrame(const nghttp2_frame* frame) {
  if (fields_->priority_listeners == 0) return;
  const nghttp2_priority_spec& spec = frame->priority.pri_spec;
  (void)Call(Http2Callback::kPriority, {v8::Integer::New(env().isolate, frame->hd.stream_id),
                                        v8::Integer::New(env().isolate, spec.stream_id),
                                        v8::Integer::New(env().isolate, spec.weight),
                                        v8::Boolean::New(env().isolate, spec.exclusive != 0)});
}

void Http2Session::OnAltSvcFrame(const nghttp2_frame* frame) {
  if (!(fields_->bits & (1u << kHasAltsvcListeners))) return;
  const auto* service = static_cast<const nghttp2_ext_altsvc*>(frame->ext.payload);
  (void)Call(Http2Callback::kAltSvc, {v8::Integer::New(env().isolate, frame->hd.stream_id),
                                      Text(env(), service->origin, service->origin_len),
                                      Text(env(), service->field_value, service->field_value_len)});
}

void Http2Session::OnOriginFrame(const nghttp2_frame* frame) {
  const auto* origins = static_cast<const nghttp2_ext_origin*>(frame->ext.payload);
  v8::LocalVector<v8::Value> list(env().isolate);
  for (size_t i = 0; i < origins->nov; i++)
    list.push_back(Text(env(), origins->ov[i].origin, origins->ov[i].origin_len));
  (void)Call(Http2Callback::kOrigin, {v8::Array::New(env().isolate, list.data(), list.size())});
}

// ---------------------------------------------------------------- ends and errors

int Http2Session::OnStreamClose(int32_t id, uint32_t code) {
  if (Http2Stream* stream = FindStream(id)) stream->NoteClosed(code);
  // JavaScript may end the session now, so the stream's pending output is sent first: its trailers
  // may still be queued.
  if (code == NGHTTP2_NO_ERROR && !closing_ && (gathering_ || nghttp2_session_want_write(handle_)))
    closed_streams_.emplace_back(id, code);
  else
    ReportStreamClose(id, code);
  return 0;
}

void Http2Session::ReportStreamClose(int32_t id, uint32_t code) {
  Http2Stream* stream = FindStream(id);
  if (!stream || stream->destroyed()) return;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  Http2Keep keep(*stream);
  v8::Local<v8::Function> function =
      env().State<Http2Shared>().Callback(env(), Http2Callback::kStreamClose);
  v8::Local<v8::Value> arg = v8::Integer::NewFromUnsigned(env().isolate, code);
  v8::Local<v8::Value> taken;
  // Reset if JavaScript does not know the stream.
  if (function.IsEmpty() ||
      !stream->MakeCallback(function, std::span<v8::Local<v8::Value>>(&arg, 1)).ToLocal(&taken) ||
      taken->IsFalse())
    stream->Destroy();
}

int Http2Session::TooManyInvalidFrames() {
  if (invalid_frames_++ <= fields_->max_invalid_frames) return 0;
  error_code_ = "ERR_HTTP2_TOO_MANY_INVALID_FRAMES";
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Session::OnInvalidFrame(const nghttp2_frame* frame, int error) {
  if (closing_) return 0;
  Trace("invalid frame received (%u/%u), code: %d", invalid_frames_, fields_->max_invalid_frames,
        error);
  if (int stop = TooManyInvalidFrames()) return stop;
  // Errors of the connection: nghttp2 has queued a GOAWAY, and the session must end. An overflow of
  // the window of a single stream ends only that stream.
  bool connection = error == NGHTTP2_ERR_FLOW_CONTROL && frame->hd.stream_id == 0;
  if (nghttp2_is_fatal(error) || error == NGHTTP2_ERR_STREAM_CLOSED || error == NGHTTP2_ERR_PROTO ||
      connection)
    Fail(error);
  return 0;
}

// A GOAWAY that nghttp2 sends on its own ends the session, which must be reported to JavaScript. So
// does a peer that overruns the window of a stream, although nghttp2 1.64 only resets the stream:
// that peer ignores flow control.
void Http2Session::OnFrameSent(const nghttp2_frame* frame) {
  frames_sent_++;
  if (frame->hd.type == NGHTTP2_GOAWAY) {
    if (goaways_ > 0)
      goaways_--;
    else if (!closing_)
      Fail(NGHTTP2_ERR_PROTO);
  } else if (frame->hd.type == NGHTTP2_RST_STREAM && !closing_ &&
             frame->rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR) {
    Http2Stream* stream = FindStream(frame->hd.stream_id);
    if (stream && !stream->was_reset()) Fail(NGHTTP2_ERR_PROTO);
  }
}

int Http2Session::OnFrameNotSent(const nghttp2_frame* frame, int error) {
  Trace("frame type %d was not sent, code: %d", frame->hd.type, error);
  // Frames that are lost because the session or the stream ends are not reported.
  if (closing_ || error == NGHTTP2_ERR_SESSION_CLOSING || error == NGHTTP2_ERR_STREAM_CLOSED ||
      error == NGHTTP2_ERR_STREAM_CLOSING)
    return 0;
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  (void)Call(Http2Callback::kFrameError,
             {v8::Integer::New(env().isolate, frame->hd.stream_id),
              v8::Integer::New(env().isolate, frame->hd.type),
              v8::Integer::NewFromUnsigned(env().isolate, ProtocolError(error))});
  return 0;
}

int Http2Session::OnError(int error) {
  // The other side does not speak HTTP/2.
  if (error == NGHTTP2_ERR_SETTINGS_EXPECTED && !closing_) Fail(NGHTTP2_ERR_PROTO);
  return 0;
}

}  // namespace kiln::runtime
