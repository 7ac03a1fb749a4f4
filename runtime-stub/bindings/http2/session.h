// Http2Session connects an nghttp2 session with the native stream below it: a socket, TLS, any
// StreamBase. See session.cc.
//
// nghttp2 calls back while it parses (receiving_) and while it serializes (gathering_), and each
// callback may run JavaScript, which may destroy the stream or the session and submit any frames.
// nghttp2 allows that, but its functions for sending and receiving are not reentrant, so everything
// that needs one of them waits until the running one has returned.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "runtime-stub/bindings/http2/http2.h"

namespace kiln::runtime {

class Http2Stream;

// A piece of output: bytes that the session has copied (`bytes.base` is null; they are the next
// `bytes.len` bytes of copied_), or bytes of a write to a stream, which the write owns until it is
// done. The last piece of a write has the request, and pins the stream.
struct Http2Output {
  uv_buf_t bytes = {};
  WriteWrap* request = nullptr;
  Http2Stream* stream = nullptr;
  // 0, or the libuv code with which the write fails.
  int status = 0;
  // Finishes the request with `status`, clears it, and unpins the stream. Does nothing for a piece
  // without request. May run JavaScript, which may destroy the session.
  void Done();
};

// The native object of an Http2Session of JavaScript, which creates it with `new` and connects it
// to a stream with consume(). It stays a listener of that stream, also after destroy(), unless the
// socket was closed before. The garbage collector deletes it (wrapped.h); its streams, pings and
// SETTINGS requests are pinned while they are in its lists. On the Env's thread only.
class Http2Session final : public AsyncWrap, public StreamListener {
 public:
  // Reads the options from the shared arrays (Http2Shared), and clears the custom settings there.
  Http2Session(Env& env, bool client);
  ~Http2Session() override;

  // Frames that are submitted during this scope are sent soon after it, from the event loop, in one
  // write. Keeps the session alive. Scopes nest; `session` may be null.
  class Scope {
   public:
    explicit Scope(Http2Session* session);
    ~Scope();
    Scope(const Scope&) = delete;

   private:
    Http2Session* session_ = nullptr;  // null: an outer scope or a running send does it
  };

  // Owned; valid as long as this object. Frames may be submitted at any time, in a Scope. REQUIRES
  // for nghttp2_session_mem_send2 and _mem_recv2: neither is running.
  nghttp2_session* handle() const { return handle_; }
  // "Http2Session client (async id)", for traces.
  std::string Label() const;
  // Prints a line to stderr if TracesHttp2(). `format` needs no newline.
  [[gnu::format(printf, 2, 3)]] void Trace(const char* format, ...) const;
  // Whether destroy() was called: frames are no longer reported to JavaScript.
  bool closing() const { return closing_; }
  // Whether nghttp2 is parsing input further up the stack.
  bool receiving() const { return receiving_; }
  uint32_t max_header_pairs() const { return max_header_pairs_; }
  // Calls JavaScript with the session as receiver. Empty if it threw, which has been reported, or
  // if no function was set.
  v8::MaybeLocal<v8::Value> Call(Http2Callback which,
                                 std::initializer_list<v8::Local<v8::Value>> args);

  // Sends everything that nghttp2 has queued, as far as flow control allows, and then continues
  // what waited for it: input, closing. Returns false, without sending, during a send or a receive,
  // which sends at its end. May run JavaScript.
  bool SendPendingData();

  // ---- for its streams
  // Pins the stream. RemoveStream() does not unpin it: Http2Stream::End() does.
  void AddStream(Http2Stream* stream);
  void RemoveStream(Http2Stream* stream);
  // Null if there is no such stream, or it has finished.
  Http2Stream* FindStream(int32_t id) const;
  // Sends RST_STREAM with an error code of RFC 9113, 7, after the stream's queued output.
  void DeferReset(int32_t id, uint32_t code);
  // Submits a deferred one now; false if there is none for the stream.
  bool FlushReset(int32_t id);
  // Submits RST_STREAM now, which nghttp2 sends before other frames of the stream.
  void Reset(int32_t id, uint32_t code);
  // The stream was destroyed while nghttp2 receives; FinishDestroy() is called afterwards. Pins the
  // stream until then.
  void DeferDestroy(Http2Stream* stream);
  // Whether `amount` more bytes are within maxSessionMemory. The caller must add what it uses, and
  // remove it again; nghttp2's own allocations are counted by Http2Allocator().
  bool HasMemory(size_t amount) const;
  void AddMemory(size_t amount) { memory_ += amount; }
  void RemoveMemory(size_t amount) { memory_ -= amount; }
  // Append to the output that the running send collects. REQUIRES: sending().
  void CopyOut(const void* data, size_t size);
  void PushOut(const Http2Output& piece) { output_.push_back(piece); }
  // From the time when output is collected until the stream below has written it.
  bool sending() const { return sending_; }
  void NoteStreamDuration(uint64_t nanoseconds);
  // The bytes at `data`, a part of the input that is being parsed, as an ArrayBuffer and an offset
  // in it. The buffer is shared by all parts of one piece of input, and owns it from then on. Bytes
  // outside of the input, or in a buffer that JavaScript has transferred, are copied.
  v8::Local<v8::ArrayBuffer> InputBuffer(const char* data, size_t size, size_t* offset);

  // ---- methods
  // Methods of the JavaScript class. They throw ERR_INVALID_ARG_TYPE for arguments of another form;
  // the results are as commented in session_methods.cc. The frames that they submit are sent later,
  // from the event loop; only Destroy() and JsReceive() may write at once.
  void Consume(const Args& args);
  void JsReceive(const Args& args);
  void Destroy(const Args& args);
  void Request(const Args& args);
  void JsPing(const Args& args);
  void JsSettings(const Args& args);
  void Goaway(const Args& args);
  void AltSvc(const Args& args);
  void Origin(const Args& args);
  // False once GOAWAY was sent or received and the last stream has ended.
  bool HasPendingData();
  // From now on `ongracefulclosecomplete` is called after a send that leaves HasPendingData()
  // false.
  void SetGracefulClose() { graceful_ = true; }
  // False if the id is out of range, or not one that this side may use next.
  bool SetNextStreamId(double id);
  // In bytes, for the connection. Returns 0 or an error code of nghttp2.
  int32_t SetLocalWindowSize(int32_t size);
  // Returns the number of writes to the stream below, and sets it as `chunksSentSinceLastWrite`.
  uint32_t UpdateChunksSent();
  // Fills sessionState; LocalSettings() and RemoteSettings() fill settingsBuffer.
  void RefreshState();
  void LocalSettings() { RefreshSettings(nghttp2_session_get_local_settings, local_custom_); }
  void RemoteSettings() { RefreshSettings(nghttp2_session_get_remote_settings, remote_custom_); }

  // ---- the stream below
  // Owns `buf`, which must come from malloc, as StreamListener::OnStreamAlloc() allocates it.
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
  void OnStreamAfterWrite(WriteWrap* req, int status) override;
  void OnStreamDestroy() override;

  // ---- callbacks of nghttp2 (callbacks.cc); a result other than 0 stops it
  // Called with the arguments of the callbacks in <nghttp2/nghttp2.h> of these names. Frames are
  // borrowed for the call. NGHTTP2_ERR_CALLBACK_FAILURE ends the receive,
  // NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE resets the stream, and NGHTTP2_ERR_PAUSE (OnDataChunk()
  // only) stops between two pieces of a frame.
  int OnBeginHeaders(const nghttp2_frame* frame);
  int OnHeader(const nghttp2_frame* frame, nghttp2_rcbuf* name, nghttp2_rcbuf* value,
               uint8_t flags);
  int OnFrame(const nghttp2_frame* frame);
  int OnInvalidFrame(const nghttp2_frame* frame, int error);
  int OnFrameNotSent(const nghttp2_frame* frame, int error);
  void OnFrameSent(const nghttp2_frame* frame);
  int OnStreamClose(int32_t id, uint32_t code);
  int OnDataChunk(int32_t id, const uint8_t* data, size_t size);
  // Collects a DATA frame: its header of 9 bytes, `size` bytes of the stream's queue, and the
  // padding.
  int OnSendData(const nghttp2_frame* frame, const uint8_t* header, size_t size);
  // Returns the size of the padded payload, from the frame's own to `max`.
  size_t SelectPadding(const nghttp2_frame* frame, size_t max) const;
  int OnError(int error);

 protected:
  void OnAttach() override;

 private:
  friend nghttp2_mem Http2Allocator(Http2Session* session);

  // A piece of input, allocated by malloc. Once JavaScript has received a part, `store` owns it.
  struct Input {
    char* data;
    size_t size;
    size_t offset = 0;
    std::shared_ptr<v8::BackingStore> store;
    v8::Global<v8::ArrayBuffer> buffer;
  };
  struct CustomSetting {
    int32_t id;
    uint32_t value;
    bool known;
  };

  // Take the options of Http2OptionIndex: those that nghttp2 enforces, and those that this class
  // does.
  void ReadOptions(nghttp2_option* option) const;  // options that nghttp2 enforces
  void ReadLimits();
  // Parses the queued input until it is used up, the session closes, or a paused frame has to wait
  // for a write. Does nothing inside of nghttp2.
  void Receive();
  void DropInput();
  // Collects and writes. Sent() is called when the write is done, which may be inside of Send().
  void Send();
  void Sent();
  // Sends from the event loop, if nghttp2 has anything to send.
  void ScheduleWrite();
  void StopReadingIfBusy();
  // Calls kStreamClose, and destroys the stream if JavaScript does not know it.
  void ReportStreamClose(int32_t id, uint32_t code);
  void FinishDestroyedStreams();
  void NotifyIfGracefullyClosed();
  // Starts to close, and continues after each send and receive (session.cc has the steps). The last
  // step calls `ondone`.
  void Close(uint32_t code, bool socket_closed);
  void ContinueClose();
  void EmitStatistics();
  void RefreshSettings(uint32_t (*get)(nghttp2_session*, nghttp2_settings_id),
                       const std::vector<CustomSetting>& custom);
  // Calls kError; JavaScript then destroys the session. `error` is an error code of nghttp2.
  void Fail(int error, const char* code = nullptr);
  // Counts one; returns 0, or the result with which a callback stops nghttp2.
  int TooManyInvalidFrames();

  void OnHeadersFrame(const nghttp2_frame* frame);
  void OnSettingsFrame(const nghttp2_frame* frame);
  void OnPingFrame(const nghttp2_frame* frame);
  void OnGoawayFrame(const nghttp2_frame* frame);
  void OnPriorityFrame(const nghttp2_frame* frame);
  void OnAltSvcFrame(const nghttp2_frame* frame);
  void OnOriginFrame(const nghttp2_frame* frame);
  int OnDataFrame(const nghttp2_frame* frame);

  nghttp2_session* handle_ = nullptr;
  const bool client_;
  // Shared with `session.fields`; fields_ points into it.
  std::shared_ptr<v8::BackingStore> fields_store_;
  Http2SessionFields* fields_;
  std::unordered_map<int32_t, Http2Stream*> streams_;  // pinned
  std::deque<Http2Ping*> pings_;                       // pinned
  std::deque<Http2Settings*> settings_;                // pinned
  // Settings that nghttp2 does not store: those sent, and those that JavaScript accepts from the
  // peer. `known`: the value was sent or received.
  std::vector<CustomSetting> local_custom_;
  std::vector<CustomSetting> remote_custom_;

  // Limits.
  uint32_t max_header_pairs_ = kDefaultMaxHeaderPairs;
  size_t max_pings_ = 10;
  size_t max_settings_ = 10;
  // maxSessionMemory, in bytes.
  uint64_t max_memory_ = 10000000;
  Http2Padding padding_ = Http2Padding::kNone;
  uint32_t invalid_frames_ = 0;
  uint32_t rejected_streams_ = 0;
  uint32_t goaways_ = 0;         // submitted by this class and not sent so far
  uint64_t memory_ = 0;          // of input, output and headers
  uint64_t nghttp2_memory_ = 0;  // of nghttp2's allocator

  // Receiving.
  std::deque<Input> input_;
  bool receiving_ = false;  // inside nghttp2_session_mem_recv2
  bool paused_ = false;     // it stopped between pieces of a DATA frame
  bool reading_stopped_ = false;
  // Static; see Fail().
  const char* error_code_ = nullptr;  // why a callback made nghttp2 fail

  // Sending.
  bool in_scope_ = false;
  bool write_scheduled_ = false;
  bool sending_ = false;    // from collecting output to the end of the write
  bool gathering_ = false;  // inside nghttp2_session_mem_send2
  bool writing_ = false;
  WriteWrap* write_ = nullptr;  // the write in flight, once DoWrite has returned
  std::string copied_;
  std::vector<Http2Output> output_;
  uint32_t chunks_sent_ = 0;

  // Work that waits for the end of a send.
  std::vector<std::pair<int32_t, uint32_t>> resets_;
  std::vector<std::pair<int32_t, uint32_t>> closed_streams_;
  std::vector<Http2Stream*> destroyed_streams_;  // also for the end of a receive

  // Closing.
  bool graceful_ = false;
  bool closing_ = false;
  bool socket_closed_ = false;
  bool purged_ = false;
  bool terminated_ = false;
  bool closed_ = false;
  uint32_t close_code_ = 0;

  // Statistics.
  uint64_t start_ = uv_hrtime();
  uint64_t ping_rtt_ = 0;
  uint64_t bytes_sent_ = 0;
  uint64_t bytes_received_ = 0;
  uint32_t frames_received_ = 0;
  uint32_t frames_sent_ = 0;
  uint32_t stream_count_ = 0;
  size_t max_concurrent_streams_ = 0;
  double stream_average_duration_ = 0;
};

}  // namespace kiln::runtime
