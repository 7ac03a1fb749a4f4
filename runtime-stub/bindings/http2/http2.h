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

// The functions that setCallbackFunctions() receives, in its order (internal/http2/core.js). The
// last two are called with a stream as receiver, the others with a session. Exceptions that they
// throw go to the process's handlers.
enum class Http2Callback {
  // (nghttp2 code, name of a Node error or null): the session must be destroyed.
  kError,
  // (stream id, parent's id, weight, exclusive); only with listeners.
  kPriority,
  // (): the peer's settings have changed; only with listeners.
  kSettings,
  // (Buffer of 8 bytes): the peer's ping; only with listeners.
  kPing,
  // (stream, id, category, flags of the frame, [name, value, ...], [name of a sensitive header,
  // ...]).
  kHeaders,
  // (stream id, type of frame, error code of RFC 9113, 7): a frame could not be sent.
  kFrameError,
  // (error code, last stream id, Buffer or undefined).
  kGoawayData,
  // (stream id, origin, field value), of RFC 7838, 4; only with listeners.
  kAltSvc,
  // ([origin, ...]), of RFC 8336.
  kOrigin,
  // (): the body was sent, and trailers may follow.
  kStreamTrailers,
  // (error code). A result of false, or an exception, destroys the stream here.
  kStreamClose,
  kCount,
};

// Positions in settingsBuffer: the settings, the flags (one bit for each setting that is set, at
// the setting's position), the number of custom settings, and the custom settings as pairs of id
// and value. Units and ranges are those of RFC 9113, 6.5.2, and RFC 8441, 3.
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
// The largest number of settings in one SETTINGS frame.
inline constexpr size_t kMaxSettings = kSettingFlags + kMaxCustomSettings;

// Positions in optionsBuffer; the last has one bit for each option that is set. The new session
// reads it once. The names are those of the options of http2.connect() and http2.createServer().
enum Http2OptionIndex {
  kOptionMaxDeflateDynamicTableSize,
  kOptionMaxReservedRemoteStreams,
  kOptionMaxSendHeaderBlockLength,
  kOptionPeerMaxConcurrentStreams,
  kOptionPaddingStrategy,
  kOptionMaxHeaderListPairs,
  kOptionMaxOutstandingPings,
  kOptionMaxOutstandingSettings,
  // In megabytes (10^6 bytes).
  kOptionMaxSessionMemory,
  kOptionMaxSettings,
  // Streams per second that the peer may reset, after a burst. Ignored unless both are set.
  kOptionStreamResetRate,
  kOptionStreamResetBurst,
  kOptionNoWhitespaceValidation,
  kOptionFlags,
};

// The arrays of the binding and its callbacks, which are in one slot and therefore in a snapshot.
// Use Env::State<Http2Shared>(). The pointers are valid as long as the Env: they point into the
// backing stores of arrays that the slot keeps alive.
struct Http2Shared {
  // Creates the arrays if the slot is empty, that is, unless a snapshot contained them.
  explicit Http2Shared(Env& env);
  // The array at `index`, which must be less than kArrays.
  v8::Local<v8::Value> Array(Env& env, uint32_t index) const;
  void SetCallback(Env& env, Http2Callback which, v8::Local<v8::Function> function);
  // Empty until JavaScript has set it.
  v8::Local<v8::Function> Callback(Env& env, Http2Callback which) const;

  // 9 numbers, written by Http2Session::RefreshState().
  double* session = nullptr;
  // 6 numbers, written by Http2Stream::RefreshState().
  double* stream = nullptr;
  // By Http2SettingIndex. JavaScript and native code write it in turn.
  uint32_t* settings = nullptr;
  // By Http2OptionIndex. Written by JavaScript only.
  uint32_t* options = nullptr;

  // sessionState, streamState, settingsBuffer, optionsBuffer, streamStats, sessionStats.
  static constexpr uint32_t kArrays = 6;
};

// `session.fields` of JavaScript, a Uint8Array over these bytes: which events have listeners, and
// two limits. JavaScript writes it; native code only clears kRemoteSettingsIsUpToDate.
struct Http2SessionFields {
  uint8_t bits;  // of Http2SessionBit
  // Numbers of listeners; the events are not reported while they are 0.
  uint8_t priority_listeners;
  uint8_t frame_error_listeners;
  uint8_t unused;
  // More invalid frames than this end the session with ERR_HTTP2_TOO_MANY_INVALID_FRAMES.
  uint32_t max_invalid_frames;
  // More streams in a row that were refused because of a limit end it too.
  uint32_t max_rejected_streams;
};
static_assert(sizeof(Http2SessionFields) == 12);

// Numbers of bits in Http2SessionFields::bits.
enum Http2SessionBit {
  kHasRemoteSettingsListeners,
  kRemoteSettingsIsUpToDate,
  kHasPingListeners,
  kHasAltsvcListeners,
};

// Bits of the `options` of request(), respond() and pushPromise(). kEmptyPayload: the message has
// no body, so its headers end it. kGetTrailers: call kStreamTrailers after the body.
enum Http2StreamOption { kEmptyPayload = 1, kGetTrailers = 2 };
// The padding of frames, where RFC 9113 allows it: none, up to a multiple of 8 bytes for the whole
// frame, or as much as the protocol allows.
enum class Http2Padding { kNone, kAligned, kMax };

// Headers per block, if maxHeaderListPairs is not set.
inline constexpr uint32_t kDefaultMaxHeaderPairs = 128;
// Bytes of one block of headers as RFC 9113, 6.5.2, counts them: the first caps maxHeaderListSize,
// the second is what getDefaultSettings() reports.
inline constexpr uint32_t kMaxMaxHeaderListSize = 16777215;
inline constexpr uint32_t kDefaultMaxHeaderListSize = 65535;

// Adds `constants` and `nameForErrorCode` of the binding (constants.cc).
void AddHttp2Constants(Env& env, v8::Local<v8::Object> exports);

// Whether NODE_DEBUG_NATIVE requests traces of HTTP/2 on stderr. Read once per process;
// thread-safe.
bool TracesHttp2();

// Reads the settings in settingsBuffer into `out`, in the order in which Node sends them, and
// returns their number. Removes the custom ones from the buffer: the next session or SETTINGS frame
// must not contain them again. Values are not checked; nghttp2 rejects invalid ones.
size_t TakeHttp2Settings(Http2Shared& shared, nghttp2_settings_entry (&out)[kMaxSettings]);

// Headers to send, from the array [text, count] that buildNgHeaderString() of
// internal/http2/util.js builds, where the text is name\0value\0flag for each header, in Latin-1.
// The only flag is NGHTTP2_NV_FLAG_NO_INDEX. A text that does not have `count` headers, such as one
// with a zero byte in a value, gives one header that nghttp2 refuses when the frame is submitted.
class Http2HeaderList {
 public:
  Http2HeaderList(Env& env, v8::Local<v8::Value> list);
  // Whether the value was such an array; if not, the caller throws.
  bool ok() const { return ok_; }
  // Points into this object. nghttp2 copies the headers when they are submitted.
  const nghttp2_nv* data() const { return headers_.data(); }
  size_t size() const { return headers_.size(); }

 private:
  bool ok_ = false;
  std::string text_;
  std::vector<nghttp2_nv> headers_;
};

// A received header. Holds references to nghttp2's buffers, which nghttp2's allocator counts for
// the session, so it must not outlive the session. A moved-from object may only be destroyed.
class Http2Header {
 public:
  Http2Header(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags);
  Http2Header(Http2Header&& other) noexcept
      : name_(std::exchange(other.name_, nullptr)),
        value_(std::exchange(other.value_, nullptr)),
        flags_(other.flags_) {}
  ~Http2Header();
  // Bytes of name and value.
  size_t size() const;
  // The sender forbade to index it (RFC 7541, 7.1.3): http2.sensitiveHeaders.
  bool sensitive() const { return flags_ & NGHTTP2_NV_FLAG_NO_INDEX; }
  // Strings of the bytes as Latin-1; an empty string if one is too long for V8.
  v8::Local<v8::Value> NameToJs(Env& env) const;
  v8::Local<v8::Value> ValueToJs(Env& env) const;

 private:
  nghttp2_rcbuf* name_;
  nghttp2_rcbuf* value_;
  uint8_t flags_;
};

// ---------------------------------------------------------------- requests

// The request of ping(): a PING frame that waits for its acknowledgement. The session pins it until
// then; pings are acknowledged in the order in which they were sent.
class Http2Ping final : public AsyncWrap {
 public:
  Http2Ping(Env& env, v8::Local<v8::Function> callback)
      : AsyncWrap(env, Provider::kHTTP2PING), callback_(env.isolate, callback) {}
  // Time of construction, in nanoseconds of uv_hrtime().
  uint64_t start() const { return start_; }
  // Calls back (ack, milliseconds since construction, payload as a Buffer or undefined). `payload`
  // has 8 bytes or is null; `ack` is false if no acknowledgement will arrive. Runs JavaScript. Call
  // it once.
  void Done(bool ack, const uint8_t* payload = nullptr);

 private:
  v8::Global<v8::Function> callback_;
  uint64_t start_ = uv_hrtime();
};

// The same for settings(), whose callback receives (ack, milliseconds). When the session closes,
// those that wait are dropped without a call.
class Http2Settings final : public AsyncWrap {
 public:
  Http2Settings(Env& env, v8::Local<v8::Function> callback)
      : AsyncWrap(env, Provider::kHTTP2SETTINGS), callback_(env.isolate, callback) {}
  void Done(bool ack);

 private:
  v8::Global<v8::Function> callback_;
  uint64_t start_ = uv_hrtime();
};

// Keeps a wrapped object alive during a block in which JavaScript runs. Everything else about it
// may change meanwhile: check the state of a stream or session again after each call.
class Http2Keep {
 public:
  explicit Http2Keep(Wrapped& wrapped) : wrapped_(wrapped) { wrapped.Pin(); }
  ~Http2Keep() { wrapped_.Unpin(); }
  Http2Keep(const Http2Keep&) = delete;

 private:
  Wrapped& wrapped_;
};

}  // namespace kiln::runtime
