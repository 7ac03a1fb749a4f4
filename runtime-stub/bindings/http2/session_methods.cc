// The methods of Http2Session that JavaScript calls. The frames that they submit are sent later
// from the event loop, so that several calls make one write.
#include <algorithm>
#include <cstring>

#include "runtime-stub/bindings/http2/stream.h"

namespace kiln::runtime {

// consume(handle): from now on the session reads the handle's stream.
void Http2Session::Consume(const Args& args) {
  StreamBase* below = StreamBase::FromValue(env(), args[0]);
  if (!below || stream()) return ThrowBadArgument(env(), 0);
  below->PushListener(this);
}

// receive(bytes): bytes that the socket has already read.
void Http2Session::JsReceive(const Args& args) {
  if (!args[0]->IsArrayBufferView()) return ThrowBadArgument(env(), 0);
  ReadBytes bytes(args[0]);
  if (bytes.size() == 0) return;
  uv_buf_t buf = StreamListener::OnStreamAlloc(bytes.size());
  if (!buf.base) return Fail(NGHTTP2_ERR_NOMEM);
  std::memcpy(buf.base, bytes.data(), bytes.size());
  OnStreamRead(ssize_t(bytes.size()), buf);
}

// destroy(code, the socket is closed already)
void Http2Session::Destroy(const Args& args) {
  uint32_t code = NGHTTP2_NO_ERROR;
  if (args[0]->IsUint32()) code = args[0].As<v8::Uint32>()->Value();
  Close(code, args[1]->IsTrue());
}

// request(headers, options, parent, weight, exclusive): returns the new stream, or an error code of
// nghttp2. The last three are priorities, which RFC 9113 removed; they are ignored.
void Http2Session::Request(const Args& args) {
  Http2HeaderList headers(env(), args[0]);
  if (!headers.ok()) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsInt32()) return ThrowBadArgument(env(), 1);
  if (closing_) return args.GetReturnValue().Set(NGHTTP2_ERR_SESSION_CLOSING);
  Scope scope(this);
  int options = args[1].As<v8::Int32>()->Value();
  int32_t id = Http2Stream::SubmitRequest(*this, headers, options);
  if (id <= 0) return args.GetReturnValue().Set(id);
  Http2Stream* stream = Http2Stream::New(*this, id, NGHTTP2_HCAT_HEADERS, options);
  if (!stream) return args.GetReturnValue().Set(NGHTTP2_ERR_SESSION_CLOSING);
  args.GetReturnValue().Set(stream->object());
}

// ping(payload, callback): false if too many wait for an acknowledgement. The callback is called
// when it arrives.
void Http2Session::JsPing(const Args& args) {
  uint8_t payload[8];
  if (args[0]->IsArrayBufferView()) {
    ReadBytes bytes(args[0]);
    if (bytes.size() != sizeof(payload)) return ThrowBadArgument(env(), 0);
    std::memcpy(payload, bytes.data(), sizeof(payload));
  } else {
    uint64_t now = uv_hrtime();
    std::memcpy(payload, &now, sizeof(payload));
  }
  if (!args[1]->IsFunction()) return ThrowBadArgument(env(), 1);
  auto* ping = NewWrapped<Http2Ping>(env(), kHttp2PingClass, args[1].As<v8::Function>());
  Http2Keep keep(*ping);
  Scope scope(this);
  if (closing_ || pings_.size() >= max_pings_ ||
      nghttp2_submit_ping(handle_, NGHTTP2_FLAG_NONE, payload) != 0) {
    ping->Done(false);
    return args.GetReturnValue().Set(false);
  }
  ping->Pin();
  pings_.push_back(ping);
  AddMemory(sizeof(Http2Ping));
  args.GetReturnValue().Set(true);
}

// settings(callback): sends the settings in settingsBuffer. Returns the same as ping.
void Http2Session::JsSettings(const Args& args) {
  if (!args[0]->IsFunction()) return ThrowBadArgument(env(), 0);
  nghttp2_settings_entry entries[kMaxSettings];
  size_t count = TakeHttp2Settings(env().State<Http2Shared>(), entries);
  auto* request = NewWrapped<Http2Settings>(env(), kHttp2SettingsClass, args[0].As<v8::Function>());
  Http2Keep keep(*request);
  Scope scope(this);
  if (closing_ || settings_.size() >= max_settings_ ||
      nghttp2_submit_settings(handle_, NGHTTP2_FLAG_NONE, entries, count) != 0) {
    request->Done(false);
    return args.GetReturnValue().Set(false);
  }
  request->Pin();
  settings_.push_back(request);
  AddMemory(sizeof(Http2Settings));

  // nghttp2 does not store settings that it does not know.
  for (size_t i = 0; i < count; i++) {
    const nghttp2_settings_entry& entry = entries[i];
    if (entry.settings_id <= NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE ||
        entry.settings_id == NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL)
      continue;
    auto it = std::find_if(local_custom_.begin(), local_custom_.end(),
                           [&](const auto& known) { return known.id == entry.settings_id; });
    if (it != local_custom_.end())
      it->value = entry.value;
    else if (local_custom_.size() < kMaxCustomSettings)
      local_custom_.push_back({entry.settings_id, entry.value, true});
  }
  args.GetReturnValue().Set(true);
}

// goaway(code, last stream id, data). A last id of 0 means the last that was received.
void Http2Session::Goaway(const Args& args) {
  v8::Local<v8::Context> context = env().context();
  uint32_t code;
  int32_t last;
  if (!args[0]->Uint32Value(context).To(&code) || !args[1]->Int32Value(context).To(&last)) return;
  if (closing_) return;
  if (last <= 0) last = nghttp2_session_get_last_proc_stream_id(handle_);
  Scope scope(this);
  ReadBytes data(args[2]);
  if (nghttp2_submit_goaway(handle_, NGHTTP2_FLAG_NONE, last, code, data.data(),
                            data.ok() ? data.size() : 0) == 0)
    goaways_++;
}

// altsvc(stream id, origin, value): either the id is 0 or the origin is empty.
void Http2Session::AltSvc(const Args& args) {
  if (!args[0]->IsInt32()) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsString()) return ThrowBadArgument(env(), 1);
  if (!args[2]->IsString()) return ThrowBadArgument(env(), 2);
  if (closing_) return;
  int32_t id = args[0].As<v8::Int32>()->Value();
  std::string origin = DecodeString(env(), args[1].As<v8::String>(), Encoding::kLatin1);
  std::string value = DecodeString(env(), args[2].As<v8::String>(), Encoding::kLatin1);
  Scope scope(this);
  int rc = nghttp2_submit_altsvc(handle_, NGHTTP2_FLAG_NONE, id,
                                 reinterpret_cast<const uint8_t*>(origin.data()), origin.size(),
                                 reinterpret_cast<const uint8_t*>(value.data()), value.size());
  if (rc != 0) Error::Plain("ERR_HTTP2_ERROR", nghttp2_strerror(rc)).Throw(env());
}

// origin(text, count): origins, each followed by a zero byte.
void Http2Session::Origin(const Args& args) {
  if (!args[0]->IsString()) return ThrowBadArgument(env(), 0);
  if (!args[1]->IsUint32()) return ThrowBadArgument(env(), 1);
  if (closing_) return;
  std::string text = DecodeString(env(), args[0].As<v8::String>(), Encoding::kLatin1);
  std::vector<nghttp2_origin_entry> origins;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\0', at), text.size());
    origins.push_back({reinterpret_cast<uint8_t*>(text.data()) + at, end - at});
    at = end + 1;
  }
  if (origins.size() != args[1].As<v8::Uint32>()->Value()) return ThrowBadArgument(env(), 1);
  Scope scope(this);
  int rc = nghttp2_submit_origin(handle_, NGHTTP2_FLAG_NONE, origins.data(), origins.size());
  if (rc != 0) Error::Plain("ERR_HTTP2_ERROR", nghttp2_strerror(rc)).Throw(env());
}

// After GOAWAY was sent and the last stream has ended, nghttp2 wants neither to read nor to write.
bool Http2Session::HasPendingData() {
  return nghttp2_session_want_write(handle_) != 0 || nghttp2_session_want_read(handle_) != 0;
}

bool Http2Session::SetNextStreamId(double id) {
  return id > 0 && id <= INT32_MAX && nghttp2_session_set_next_stream_id(handle_, int32_t(id)) == 0;
}

int32_t Http2Session::SetLocalWindowSize(int32_t size) {
  Scope scope(this);
  return nghttp2_session_set_local_window_size(handle_, NGHTTP2_FLAG_NONE, 0, size);
}

// Returns the number of writes. JavaScript's timeouts check whether it grows, and also read it from
// the object.
uint32_t Http2Session::UpdateChunksSent() {
  env().Set(object(), "chunksSentSinceLastWrite", double(chunks_sent_));
  return chunks_sent_;
}

void Http2Session::RefreshState() {
  double* state = env().State<Http2Shared>().session;
  state[0] = nghttp2_session_get_effective_local_window_size(handle_);
  state[1] = nghttp2_session_get_effective_recv_data_length(handle_);
  state[2] = nghttp2_session_get_next_stream_id(handle_);
  state[3] = nghttp2_session_get_local_window_size(handle_);
  state[4] = nghttp2_session_get_last_proc_stream_id(handle_);
  state[5] = nghttp2_session_get_remote_window_size(handle_);
  state[6] = double(nghttp2_session_get_outbound_queue_size(handle_));
  state[7] = double(nghttp2_session_get_hd_deflate_dynamic_table_size(handle_));
  state[8] = double(nghttp2_session_get_hd_inflate_dynamic_table_size(handle_));
}

void Http2Session::RefreshSettings(uint32_t (*get)(nghttp2_session*, nghttp2_settings_id),
                                   const std::vector<CustomSetting>& custom) {
  uint32_t* settings = env().State<Http2Shared>().settings;
  settings[kSettingHeaderTableSize] = get(handle_, NGHTTP2_SETTINGS_HEADER_TABLE_SIZE);
  settings[kSettingEnablePush] = get(handle_, NGHTTP2_SETTINGS_ENABLE_PUSH);
  settings[kSettingInitialWindowSize] = get(handle_, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE);
  settings[kSettingMaxFrameSize] = get(handle_, NGHTTP2_SETTINGS_MAX_FRAME_SIZE);
  settings[kSettingMaxConcurrentStreams] = get(handle_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  settings[kSettingMaxHeaderListSize] = get(handle_, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
  settings[kSettingEnableConnectProtocol] = get(handle_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL);
  uint32_t count = 0;
  for (const CustomSetting& one : custom) {
    if (!one.known) continue;  // the peer has not sent it
    settings[kSettingCustom + 2 * count] = uint32_t(one.id);
    settings[kSettingCustom + 2 * count + 1] = one.value;
    count++;
  }
  settings[kSettingCustomCount] = count;
}

namespace {

// new Http2Session(NGHTTP2_SESSION_SERVER or ..._CLIENT)
void ConstructSession(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  args.This()->SetAlignedPointerInInternalField(0, nullptr);
  if (!args[0]->IsInt32()) return ThrowBadArgument(env, 0);
  int32_t type = args[0].As<v8::Int32>()->Value();
  // The numbers in http2.constants.
  constexpr int32_t kServer = 0, kClient = 1;
  if (type != kServer && type != kClient) return ThrowBadArgument(env, 0);
  (new Http2Session(env, type == kClient))->Attach(args.This());
}

constexpr Entry kMethods[] = {
    Method<&Http2Session::Origin>("origin"),
    Method<&Http2Session::AltSvc>("altsvc"),
    Method<&Http2Session::JsPing>("ping"),
    Method<&Http2Session::Consume>("consume"),
    Method<&Http2Session::JsReceive>("receive"),
    Method<&Http2Session::Destroy>("destroy"),
    Method<&Http2Session::Goaway>("goaway"),
    Method<&Http2Session::HasPendingData>("hasPendingData"),
    Method<&Http2Session::JsSettings>("settings"),
    Method<&Http2Session::Request>("request"),
    Method<&Http2Session::SetNextStreamId>("setNextStreamID"),
    Method<&Http2Session::SetLocalWindowSize>("setLocalWindowSize"),
    Method<&Http2Session::UpdateChunksSent>("updateChunksSent"),
    Method<&Http2Session::RefreshState>("refreshState"),
    Method<&Http2Session::LocalSettings>("localSettings"),
    Method<&Http2Session::RemoteSettings>("remoteSettings"),
    Method<&Http2Session::SetGracefulClose>("setGracefulClose"),
};

}  // namespace

const ClassEntry kHttp2SessionClass = {.name = "Http2Session",
                                       .construct = ConstructSession,
                                       .parent = &kAsyncWrapClass,
                                       .methods = kMethods};

}  // namespace kiln::runtime
