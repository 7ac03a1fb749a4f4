// HTTP/2: the declarations that the files of this binding share with JavaScript and with each
// other. session.h has the session, stream.h its streams. Everything runs on the Env's thread.
#pragma once

#define NGHTTP2_NO_SSIZE_T
#include <nghttp2/nghttp2.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {

extern const ClassEntry kHttp2SessionClass;
extern const ClassEntry kHttp2StreamClass;
extern const ClassEntry kHttp2PingClass;
extern const ClassEntry kHttp2SettingsClass;

// ---------------------------------------------------------------- shared with JavaScript

// The functions that setCallbackFunctions() receives, in its order. The last two are called with a
// stream as receiver, the others with a session.
enum class Http2Callback {
  kError,
  kPriority,
  kSettings,
  kPing,
  kHeaders,
  kFrameError,
  kGoawayData,
  kAltSvc,
  kOrigin,
  kStreamTrailers,
  kStreamClose,
  kCount,
};

// Positions in settingsBuffer: the settings, the flags (one bit for each setting that is set), the
// number of custom settings, and the custom settings as pairs of id and value.
enum Http2SettingIndex {
  kSettingHeaderTableSize,
  kSettingEnablePush,
  kSettingInitialWindowSize,
  kSettingMaxFrameSize,
  kSettingMaxConcurrentStreams,
  kSettingMaxHeaderListSize,
  kSettingEnableConnectProtocol,
  kSettingFlags,
  kSettingCustomCount,
  kSettingCustom,
};
inline constexpr size_t kMaxCustomSettings = 10;
inline constexpr size_t kMaxSettings = kSettingFlags + kMaxCustomSettings;

// Positions in optionsBuffer; the last has one bit for each option that is set.
enum Http2OptionIndex {
  kOptionMaxDeflateDynamicTableSize,
  kOptionMaxReservedRemoteStreams,
  kOptionMaxSendHeaderBlockLength,
  kOptionPeerMaxConcurrentStreams,
  kOptionPaddingStrategy,
  kOptionMaxHeaderListPairs,
  kOptionMaxOutstandingPings,
  kOptionMaxOutstandingSettings,
  kOptionMaxSessionMemory,
  kOptionMaxSettings,
  kOptionStreamResetRate,
  kOptionStreamResetBurst,
  kOptionNoWhitespaceValidation,
  kOptionFlags,
};

// The arrays of the binding and its callbacks, which are in one slot and therefore in a snapshot.
// Use Env::State<Http2Shared>(). The pointers are valid as long as the Env.
struct Http2Shared {
  explicit Http2Shared(Env& env);
  v8::Local<v8::Value> Array(Env& env, uint32_t index) const;
  void SetCallback(Env& env, Http2Callback which, v8::Local<v8::Function> function);
  // Empty until JavaScript has set it.
  v8::Local<v8::Function> Callback(Env& env, Http2Callback which) const;

  double* session = nullptr;
  double* stream = nullptr;
  uint32_t* settings = nullptr;
  uint32_t* options = nullptr;

  static constexpr uint32_t kArrays = 6;  // sessionState, streamState, settingsBuffer,
                                          // optionsBuffer, streamStats, sessionStats
};

// `session.fields` of JavaScript: which events have listeners, and two limits.
struct Http2SessionFields {
  uint8_t bits;  // of Http2SessionBit
  uint8_t priority_listeners;
  uint8_t frame_error_listeners;
  uint8_t unused;
  uint32_t max_invalid_frames;
  uint32_t max_rejected_streams;
};
static_assert(sizeof(Http2SessionFields) == 12);

enum Http2SessionBit {
  kHasRemoteSettingsListeners,
  kRemoteSettingsIsUpToDate,
  kHasPingListeners,
  kHasAltsvcListeners,
};

enum Http2StreamOption { kEmptyPayload = 1, kGetTrailers = 2 };
enum class Http2Padding { kNone, kAligned, kMax };

inline constexpr uint32_t kDefaultMaxHeaderPairs = 128;
inline constexpr uint32_t kMaxMaxHeaderListSize = 16777215;
inline constexpr uint32_t kDefaultMaxHeaderListSize = 65535;

void AddHttp2Constants(Env& env, v8::Local<v8::Object> exports);

// Whether NODE_DEBUG_NATIVE requests traces of HTTP/2 on stderr.
bool TracesHttp2();

// Reads the settings in settingsBuffer and returns their number. Removes the custom ones from the
// buffer: the next session or SETTINGS frame must not contain them again.
size_t TakeHttp2Settings(Http2Shared& shared, nghttp2_settings_entry (&out)[kMaxSettings]);

// Headers to send: [text, count], where the text is name\0value\0flag for each header. A value that
// contains a zero byte gives one header that nghttp2 refuses.
class Http2HeaderList {
 public:
  Http2HeaderList(Env& env, v8::Local<v8::Value> list);
  bool ok() const { return ok_; }  // the value had that form
  const nghttp2_nv* data() const { return headers_.data(); }
  size_t size() const { return headers_.size(); }

 private:
  bool ok_ = false;
  std::string text_;
  std::vector<nghttp2_nv> headers_;
};

// A received header. Holds references to nghttp2's buffers, so it must not outlive the session.
class Http2Header {
 public:
  Http2Header(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags);
  Http2Header(Http2Header&& other) noexcept
      : name_(std::exchange(other.name_, nullptr)),
        value_(std::exchange(other.value_, nullptr)),
        flags_(other.flags_) {}
  ~Http2Header();
  size_t size() const;
  bool sensitive() const { return flags_ & NGHTTP2_NV_FLAG_NO_INDEX; }
  v8::Local<v8::Value> NameToJs(Env& env) const;
  v8::Local<v8::Value> ValueToJs(Env& env) const;

 private:
  nghttp2_rcbuf* name_;
  nghttp2_rcbuf* value_;
  uint8_t flags_;
};

// ---------------------------------------------------------------- requests

// A PING or a SETTINGS frame that waits for its acknowledgement, or whose acknowledgement will not
// arrive (`ack` is false).
class Http2Ping final : public AsyncWrap {
 public:
  Http2Ping(Env& env, v8::Local<v8::Function> callback)
      : AsyncWrap(env, Provider::kHTTP2PING), callback_(env.isolate, callback) {}
  uint64_t start() const { return start_; }
  // Calls back (ack, milliseconds, payload). `payload` has 8 bytes or is null.
  void Done(bool ack, const uint8_t* payload = nullptr);

 private:
  v8::Global<v8::Function> callback_;
  uint64_t start_ = uv_hrtime();
};

class Http2Settings final : public AsyncWrap {
 public:
  Http2Settings(Env& env, v8::Local<v8::Function> callback)
      : AsyncWrap(env, Provider::kHTTP2SETTINGS), callback_(env.isolate, callback) {}
  void Done(bool ack);

 private:
  v8::Global<v8::Function> callback_;
  uint64_t start_ = uv_hrtime();
};

// Keeps a wrapped object alive during a block in which JavaScript runs.
class Http2Keep {
 public:
  explicit Http2Keep(Wrapped& wrapped) : wrapped_(wrapped) { wrapped.Pin(); }
  ~Http2Keep() { wrapped_.Unpin(); }
  Http2Keep(const Http2Keep&) = delete;

 private:
  Wrapped& wrapped_;
};

}  // namespace kiln::runtime
