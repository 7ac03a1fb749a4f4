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

// A piece of output: bytes that the session has copied (`bytes.base` is null), or bytes of a write
// to a stream. The last piece of a write has the request, and pins the stream.
struct Http2Output {
  uv_buf_t bytes = {};
  WriteWrap* request = nullptr;
  Http2Stream* stream = nullptr;
  int status = 0;
  // Finishes the request with `status` and clears it. May run JavaScript.
  void Done();
};

class Http2Session final : public AsyncWrap, public StreamListener {
 public:
  // Reads the options from the shared arrays (Http2Shared).
  Http2Session(Env& env, bool client);
  ~Http2Session() override;

  // Frames that are submitted during this scope are sent soon after it, from the event loop. Keeps
  // the session alive.
  class Scope {
   public:
    explicit Scope(Http2Session* session);
    ~Scope();
    Scope(const Scope&) = delete;

   private:
    Http2Session* session_ = nullptr;  // null: an outer scope or a running send does it
  };

  nghttp2_session* handle() const { return handle_; }
  std::string Label() const;  // for traces
  [[gnu::format(printf, 2, 3)]] void Trace(const char* format, ...) const;
  bool closing() const { return closing_; }
  bool receiving() const { return receiving_; }
  uint32_t max_header_pairs() const { return max_header_pairs_; }
  v8::MaybeLocal<v8::Value> Call(Http2Callback which,
                                 std::initializer_list<v8::Local<v8::Value>> args);

  // Sends everything that nghttp2 has queued, as far as flow control allows. False during a send or
  // a receive, which sends at its end.
  bool SendPendingData();

  // ---- for its streams
  void AddStream(Http2Stream* stream);
  void RemoveStream(Http2Stream* stream);
  Http2Stream* FindStream(int32_t id) const;
  // Sends RST_STREAM after the stream's queued output.
  void DeferReset(int32_t id, uint32_t code);
  bool FlushReset(int32_t id);  // sends a deferred one now; false if there is none
  void Reset(int32_t id, uint32_t code);
  // The stream was destroyed while nghttp2 receives; FinishDestroy is called afterwards.
  void DeferDestroy(Http2Stream* stream);
  bool HasMemory(size_t amount) const;
  void AddMemory(size_t amount) { memory_ += amount; }
  void RemoveMemory(size_t amount) { memory_ -= amount; }
  void CopyOut(const void* data, size_t size);
  void PushOut(const Http2Output& piece) { output_.push_back(piece); }
  bool sending() const { return sending_; }
  void NoteStreamDuration(uint64_t nanoseconds);
  // The bytes at `data`, a part of the input that is being parsed, as an ArrayBuffer and an offset
  // in it.
  v8::Local<v8::ArrayBuffer> InputBuffer(const char* data, size_t size, size_t* offset);

  // ---- methods
  void Consume(const Args& args);
  void JsReceive(const Args& args);
  void Destroy(const Args& args);
  void Request(const Args& args);
  void JsPing(const Args& args);
  void JsSettings(const Args& args);
  void Goaway(const Args& args);
  void AltSvc(const Args& args);
  void Origin(const Args& args);
  bool HasPendingData();
  void SetGracefulClose() { graceful_ = true; }
  bool SetNextStreamId(double id);
  int32_t SetLocalWindowSize(int32_t size);
  uint32_t UpdateChunksSent();
  void RefreshState();
  void LocalSettings() { RefreshSettings(nghttp2_session_get_local_settings, local_custom_); }
  void RemoteSettings() { RefreshSettings(nghttp2_session_get_remote_settings, remote_custom_); }

  // ---- the stream below
  void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
  void OnStreamAfterWrite(WriteWrap* req, int status) override;
  void OnStreamDestroy() override;

  // ---- callbacks of nghttp2 (callbacks.cc); a result other than 0 stops it
  int OnBeginHeaders(const nghttp2_frame* frame);
  int OnHeader(const nghttp2_frame* frame, nghttp2_rcbuf* name, nghttp2_rcbuf* value,
               uint8_t flags);
  int OnFrame(const nghttp2_frame* frame);
  int OnInvalidFrame(const nghttp2_frame* frame, int error);
  int OnFrameNotSent(const nghttp2_frame* frame, int error);
  void OnFrameSent(const nghttp2_frame* frame);
  int OnStreamClose(int32_t id, uint32_t code);
  int OnDataChunk(int32_t id, const uint8_t* data, size_t size);
  int OnSendData(const nghttp2_frame* frame, const uint8_t* header, size_t size);
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

  void ReadOptions(nghttp2_option* option) const;  // options that nghttp2 enforces
  void ReadLimits();                               // options that this class enforces
  void Receive();
  void DropInput();
  void Send();
  void Sent();
  void ScheduleWrite();
  void StopReadingIfBusy();
  void ReportStreamClose(int32_t id, uint32_t code);
  void FinishDestroyedStreams();
  void NotifyIfGracefullyClosed();
  void Close(uint32_t code, bool socket_closed);
  void ContinueClose();
  void EmitStatistics();
  void RefreshSettings(uint32_t (*get)(nghttp2_session*, nghttp2_settings_id),
                       const std::vector<CustomSetting>& custom);
  void Fail(int error, const char* code = nullptr);
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
  std::shared_ptr<v8::BackingStore> fields_store_;
  Http2SessionFields* fields_;
  std::unordered_map<int32_t, Http2Stream*> streams_;  // pinned
  std::deque<Http2Ping*> pings_;                       // pinned
  std::deque<Http2Settings*> settings_;                // pinned
  std::vector<CustomSetting> local_custom_;
  std::vector<CustomSetting> remote_custom_;  // those that JavaScript requested

  // Limits.
  uint32_t max_header_pairs_ = kDefaultMaxHeaderPairs;
  size_t max_pings_ = 10;
  size_t max_settings_ = 10;
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
