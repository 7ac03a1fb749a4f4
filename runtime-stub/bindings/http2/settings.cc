// Converts settings and headers between JavaScript and nghttp2, and has the requests that wait for
// an acknowledgement.
#include <algorithm>
#include <cstring>

#include "runtime-stub/bindings/http2/http2.h"

namespace kiln::runtime {

size_t TakeHttp2Settings(Http2Shared& shared, nghttp2_settings_entry (&out)[kMaxSettings]) {
  static constexpr int32_t kIds[kSettingFlags] = {
      NGHTTP2_SETTINGS_HEADER_TABLE_SIZE,       NGHTTP2_SETTINGS_ENABLE_PUSH,
      NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,     NGHTTP2_SETTINGS_MAX_FRAME_SIZE,
      NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,  NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
      NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL,
  };
  // The order on the wire is Node's.
  static constexpr Http2SettingIndex kOrder[kSettingFlags] = {
      kSettingHeaderTableSize,       kSettingEnablePush,   kSettingMaxConcurrentStreams,
      kSettingInitialWindowSize,     kSettingMaxFrameSize, kSettingMaxHeaderListSize,
      kSettingEnableConnectProtocol,
  };
  uint32_t* settings = shared.settings;
  size_t count = 0;
  for (Http2SettingIndex i : kOrder)
    if (settings[kSettingFlags] & (1u << i)) out[count++] = {kIds[i], settings[i]};
  size_t custom = std::min<size_t>(settings[kSettingCustomCount], kMaxCustomSettings);
  for (size_t i = 0; i < custom; i++) {
    const uint32_t* pair = settings + kSettingCustom + 2 * i;
    out[count++] = {int32_t(pair[0] & 0xffff), pair[1]};
  }
  settings[kSettingCustomCount] = 0;
  return count;
}

// ---------------------------------------------------------------- headers

Http2HeaderList::Http2HeaderList(Env& env, v8::Local<v8::Value> list) {
  if (!list->IsArray()) return;
  v8::Local<v8::Value> text, number;
  if (!list.As<v8::Array>()->Get(env.context(), 0).ToLocal(&text) || !text->IsString() ||
      !list.As<v8::Array>()->Get(env.context(), 1).ToLocal(&number) || !number->IsUint32())
    return;
  ok_ = true;
  text_ = DecodeString(env, text.As<v8::String>(), Encoding::kLatin1);
  size_t count = number.As<v8::Uint32>()->Value();
  headers_.reserve(std::min(count, text_.size() / 3));
  auto* at = reinterpret_cast<uint8_t*>(text_.data());
  uint8_t* end = at + text_.size();
  while (at < end && headers_.size() < count) {
    auto* name_end = static_cast<uint8_t*>(std::memchr(at, 0, size_t(end - at)));
    if (!name_end) break;
    uint8_t* value = name_end + 1;
    auto* value_end = static_cast<uint8_t*>(std::memchr(value, 0, size_t(end - value)));
    if (!value_end || value_end + 1 == end) break;
    // No other flag: with those about copying, nghttp2 would keep pointers to this memory.
    uint8_t flags = value_end[1] & NGHTTP2_NV_FLAG_NO_INDEX;
    headers_.push_back({at, value, size_t(name_end - at), size_t(value_end - value), flags});
    at = value_end + 2;
  }
  if (at == end && headers_.size() == count) return;
  static uint8_t zero = 0;
  headers_.assign(1, {&zero, &zero, 1, 1, NGHTTP2_NV_FLAG_NONE});
}

Http2Header::Http2Header(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags)
    : name_(name), value_(value), flags_(flags) {
  nghttp2_rcbuf_incref(name_);
  nghttp2_rcbuf_incref(value_);
}

Http2Header::~Http2Header() {
  if (name_) nghttp2_rcbuf_decref(name_);
  if (value_) nghttp2_rcbuf_decref(value_);
}

size_t Http2Header::size() const {
  return nghttp2_rcbuf_get_buf(name_).len + nghttp2_rcbuf_get_buf(value_).len;
}

namespace {

v8::Local<v8::Value> TextToJs(Env& env, nghttp2_rcbuf* text, v8::NewStringType type) {
  nghttp2_vec bytes = nghttp2_rcbuf_get_buf(text);
  v8::Local<v8::String> string;
  if (!v8::String::NewFromOneByte(env.isolate, bytes.base, type, int(bytes.len)).ToLocal(&string))
    return v8::String::Empty(env.isolate);
  return string;
}

}  // namespace

v8::Local<v8::Value> Http2Header::NameToJs(Env& env) const {
  return TextToJs(env, name_, v8::NewStringType::kInternalized);
}

v8::Local<v8::Value> Http2Header::ValueToJs(Env& env) const {
  // nghttp2's own table holds the common values, such as "GET".
  return TextToJs(env, value_,
                  nghttp2_rcbuf_is_static(value_) ? v8::NewStringType::kInternalized
                                                  : v8::NewStringType::kNormal);
}

// ---------------------------------------------------------------- requests

namespace {
double MillisecondsSince(uint64_t start) { return double(uv_hrtime() - start) / 1e6; }
}  // namespace

void Http2Ping::Done(bool ack, const uint8_t* payload) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Value> args[] = {v8::Boolean::New(env().isolate, ack),
                                 v8::Number::New(env().isolate, MillisecondsSince(start_)),
                                 env().Undefined()};
  if (payload) args[2] = NewBuffer(env(), payload, 8);
  (void)MakeCallback(callback_.Get(env().isolate), args);
  EmitDestroy();
}

void Http2Settings::Done(bool ack) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Value> args[] = {v8::Boolean::New(env().isolate, ack),
                                 v8::Number::New(env().isolate, MillisecondsSince(start_))};
  (void)MakeCallback(callback_.Get(env().isolate), args);
  EmitDestroy();
}

const ClassEntry kHttp2PingClass = {.name = "Http2Ping", .parent = &kAsyncWrapClass};
const ClassEntry kHttp2SettingsClass = {.name = "Http2Settings", .parent = &kAsyncWrapClass};

}  // namespace kiln::runtime
