// Http2Stream is one stream of an Http2Session, and a StreamBase itself. See stream.cc.
#pragma once

#include <deque>

#include "runtime-stub/bindings/http2/session.h"

namespace kiln::runtime {

class Http2Stream final : public AsyncWrap, public StreamBase {
 public:
  // Makes a stream and adds it to the session's list. Null if that failed (an async hook destroyed
  // the session).
  static Http2Stream* New(Http2Session& session, int32_t id, nghttp2_headers_category category,
                          int options);
  // Returns the id of the new stream, or a negative error code of nghttp2.
  static int32_t SubmitRequest(Http2Session& session, const Http2HeaderList& headers, int options);
  Http2Stream(Env& env, Http2Session& session, int32_t id, nghttp2_headers_category category,
              int options);
  ~Http2Stream() override;

  int32_t id() const { return id_; }
  [[gnu::format(printf, 2, 3)]] void Trace(const char* format, ...) const;
  bool destroyed() const { return destroyed_; }
  size_t available() const { return available_; }
  nghttp2_headers_category category() const { return category_; }

  // ---- for the session
  void StartHeaders(nghttp2_headers_category category);
  // False if there are too many headers.
  bool AddHeader(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags);
  std::vector<Http2Header> TakeHeaders();
  // The session has ended; the stream must not use it any more.
  void Detach();
  // Finishes the remaining writes and unpins the stream. May run JavaScript.
  void End();
  // nghttp2 has closed the stream; the session reports that to JavaScript later.
  void NoteClosed(uint32_t code) {
    closed_ = true;
    Trace("closed with code %u", code);
  }
  // The stream was reset from here, not by nghttp2.
  void NoteReset() { reset_ = true; }
  bool was_reset() const { return reset_; }
  void FinishDestroy();
  void Destroy();
  void Received(size_t size);
  void Consumed(size_t size);
  // Moves `size` bytes of the queue to the session's output. REQUIRES: ReadOutput returned `size`.
  void MoveOutput(size_t size);
  nghttp2_ssize ReadOutput(size_t max, uint32_t* flags);

  // ---- StreamBase
  bool IsAlive() override { return session_ != nullptr && !destroyed_; }
  bool IsClosing() override { return false; }
  int ReadStart() override;
  int ReadStop() override;
  bool HasWantsWrite() const override { return true; }
  int DoShutdown(ShutdownWrap* req) override;
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) override;

  // ---- methods
  int32_t Id() { return id_; }
  void Respond(const Args& args);
  void Info(const Args& args);
  void Trailers(const Args& args);
  void PushPromise(const Args& args);
  void RstStream(const Args& args);
  // RFC 9113 removed priorities.
  void Priority(const Args&) {}
  void RefreshState();

 protected:
  void OnAttach() override {
    AsyncWrap::OnAttach();
    AttachStream();
  }

 private:
  // Passes data to JavaScript as parts of the session's input. OnStreamAlloc returns no memory (a
  // null base), so the session passes the bytes in place.
  class Reader final : public StreamListener {
   public:
    uv_buf_t OnStreamAlloc(size_t size) override {
      uv_buf_t buf = uv_buf_init(nullptr, 0);
      buf.len = size;
      return buf;
    }
    void OnStreamRead(ssize_t nread, const uv_buf_t& buf) override;
  };

  bool Usable() const { return session_ && !destroyed_; }
  void ShutdownWritable();
  void EmitStatistics(uint64_t end);

  Http2Session* session_;  // null once detached
  int32_t id_;
  nghttp2_headers_category category_;
  Reader reader_;
  std::vector<Http2Header> headers_;
  size_t headers_size_ = 0;    // of the block that is being received
  size_t headers_memory_ = 0;  // of all blocks, until the stream ends
  uint32_t max_header_pairs_;
  size_t max_headers_size_;
  std::deque<Http2Output> queue_;
  bool front_started_ = false;  // part of the first write was moved out
  size_t available_ = 0;        // bytes of the queue that ReadOutput has not returned so far
  size_t unconsumed_ = 0;       // bytes read while paused; not given back to the window
  bool reading_ = false;
  bool writable_ = true;
  bool has_trailers_ = false;
  bool closed_ = false;
  bool reset_ = false;
  bool destroyed_ = false;
  bool finished_ = false;

  uint64_t start_ = uv_hrtime();
  uint64_t first_header_ = 0;
  uint64_t first_byte_ = 0;
  uint64_t first_byte_sent_ = 0;
  uint64_t sent_bytes_ = 0;
  uint64_t received_bytes_ = 0;
};

}  // namespace kiln::runtime
