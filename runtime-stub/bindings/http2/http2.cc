// internalBinding("http2"): the table of the binding, the arrays that it shares with JavaScript,
// and the functions that do not belong to a session.
#include "runtime-stub/bindings/http2/http2.h"

namespace kiln::runtime {
namespace {

constexpr struct {
  const char* name;
  size_t length;
  bool floating;
} kArrayTable[Http2Shared::kArrays] = {
    {"sessionState", 9, true},
    {"streamState", 6, true},
    {"settingsBuffer", kSettingCustom + 2 * kMaxCustomSettings, false},
    {"optionsBuffer", kOptionFlags + 1, false},
    {"streamStats", 6, true},
    {"sessionStats", 9, true},
};

template <class T>
T* DataOf(v8::Local<v8::Value> array) {
  auto view = array.As<v8::TypedArray>();
  return reinterpret_cast<T*>(static_cast<char*>(view->Buffer()->Data()) + view->ByteOffset());
}

}  // namespace

Http2Shared::Http2Shared(Env& env) {
  v8::HandleScope scope(env.isolate);
  if (!env.Get(Slot::kHttp2Shared)->IsArray()) {
    v8::Local<v8::Value> values[kArrays + size_t(Http2Callback::kCount)];
    for (uint32_t i = 0; i < kArrays; i++) {
      size_t length = kArrayTable[i].length;
      auto memory = v8::ArrayBuffer::New(
          env.isolate, length * (kArrayTable[i].floating ? sizeof(double) : sizeof(uint32_t)));
      if (kArrayTable[i].floating)
        values[i] = v8::Float64Array::New(memory, 0, length);
      else
        values[i] = v8::Uint32Array::New(memory, 0, length);
    }
    for (uint32_t i = kArrays; i < std::size(values); i++) values[i] = env.Undefined();
    env.Set(Slot::kHttp2Shared, v8::Array::New(env.isolate, values, std::size(values)));
  }
  session = DataOf<double>(Array(env, 0));
  stream = DataOf<double>(Array(env, 1));
  settings = DataOf<uint32_t>(Array(env, 2));
  options = DataOf<uint32_t>(Array(env, 3));
}

v8::Local<v8::Value> Http2Shared::Array(Env& env, uint32_t index) const {
  return env.Get(Slot::kHttp2Shared).As<v8::Array>()->Get(env.context(), index).ToLocalChecked();
}

void Http2Shared::SetCallback(Env& env, Http2Callback which, v8::Local<v8::Function> function) {
  env.Get(Slot::kHttp2Shared)
      .As<v8::Array>()
      ->Set(env.context(), kArrays + uint32_t(which), function)
      .Check();
}

v8::Local<v8::Function> Http2Shared::Callback(Env& env, Http2Callback which) const {
  v8::Local<v8::Value> value = Array(env, kArrays + uint32_t(which));
  return value->IsFunction() ? value.As<v8::Function>() : v8::Local<v8::Function>();
}

namespace {

void SetCallbackFunctions(Env& env, const Args& args) {
  for (int i = 0; i < int(Http2Callback::kCount); i++)
    if (!args[i]->IsFunction()) return ThrowBadArgument(env, i);
  auto& shared = env.State<Http2Shared>();
  for (int i = 0; i < int(Http2Callback::kCount); i++)
    shared.SetCallback(env, Http2Callback(i), args[i].As<v8::Function>());
}

std::string ErrorString(Env&, int32_t error) { return nghttp2_strerror(error); }

// The settings in settingsBuffer as the payload of a SETTINGS frame; undefined if one of them is
// invalid.
v8::Local<v8::Value> PackSettings(Env& env) {
  nghttp2_settings_entry entries[kMaxSettings];
  size_t count = TakeHttp2Settings(env.State<Http2Shared>(), entries);
  uint8_t payload[6 * kMaxSettings];
  nghttp2_ssize size = nghttp2_pack_settings_payload2(payload, sizeof(payload), entries, count);
  if (size < 0) return env.Undefined();
  return NewBuffer(env, payload, size_t(size));
}

void RefreshDefaultSettings(Env& env) {
  uint32_t* settings = env.State<Http2Shared>().settings;
  settings[kSettingHeaderTableSize] = NGHTTP2_DEFAULT_HEADER_TABLE_SIZE;
  settings[kSettingEnablePush] = 1;
  settings[kSettingMaxConcurrentStreams] = UINT32_MAX;
  settings[kSettingInitialWindowSize] = NGHTTP2_INITIAL_WINDOW_SIZE;
  settings[kSettingMaxFrameSize] = 16384;
  settings[kSettingMaxHeaderListSize] = kDefaultMaxHeaderListSize;
  settings[kSettingEnableConnectProtocol] = 0;
  settings[kSettingFlags] = (1u << kSettingFlags) - 1;
  settings[kSettingCustomCount] = 0;
}

void Init(Env& env, v8::Local<v8::Object> exports) {
  auto& shared = env.State<Http2Shared>();
  for (uint32_t i = 0; i < Http2Shared::kArrays; i++)
    env.Set(exports, kArrayTable[i].name, shared.Array(env, i));
  SetConstant(env, exports, "kBitfield", offsetof(Http2SessionFields, bits));
  SetConstant(env, exports, "kSessionPriorityListenerCount",
              offsetof(Http2SessionFields, priority_listeners));
  SetConstant(env, exports, "kSessionFrameErrorListenerCount",
              offsetof(Http2SessionFields, frame_error_listeners));
  SetConstant(env, exports, "kSessionMaxInvalidFrames",
              offsetof(Http2SessionFields, max_invalid_frames));
  SetConstant(env, exports, "kSessionMaxRejectedStreams",
              offsetof(Http2SessionFields, max_rejected_streams));
  SetConstant(env, exports, "kSessionUint8FieldCount", sizeof(Http2SessionFields));
  SetConstant(env, exports, "kSessionHasRemoteSettingsListeners", kHasRemoteSettingsListeners);
  SetConstant(env, exports, "kSessionRemoteSettingsIsUpToDate", kRemoteSettingsIsUpToDate);
  SetConstant(env, exports, "kSessionHasPingListeners", kHasPingListeners);
  SetConstant(env, exports, "kSessionHasAltsvcListeners", kHasAltsvcListeners);
  AddHttp2Constants(env, exports);
}

constexpr Entry kFunctions[] = {
    Method<ErrorString>("nghttp2ErrorString"),
    Method<RefreshDefaultSettings>("refreshDefaultSettings"),
    Method<PackSettings>("packSettings"),
    Method<SetCallbackFunctions>("setCallbackFunctions"),
};
const ClassEntry* const kClasses[] = {&kHttp2StreamClass, &kHttp2SessionClass};
const ClassEntry* const kHiddenClasses[] = {&kHttp2PingClass, &kHttp2SettingsClass};

}  // namespace

extern const Binding kHttp2Binding;
const Binding kHttp2Binding = {.name = "http2",
                               .functions = kFunctions,
                               .classes = kClasses,
                               .hidden_classes = kHiddenClasses,
                               .init = Init};

}  // namespace kiln::runtime
