// Http2Stream is one stream of an Http2Session, and a StreamBase itself. See stream.cc.
#pragma once

#include <deque>

#include "runtime-stub/bindings/http2/session.h"

namespace kiln::runtime {

// A stream of a client's or a server's session. It is created by request() and pushPromise() of
// JavaScript or by the peer's headers, and is in its session's list until FinishDestroy(), which
// releases the session's memory. Then End() runs from the event loop, cancels the writes that are
// left, and unpins the stream, so the garbage collector can delete it. nghttp2 may close the stream
// earlier; JavaScript then destroys it.
class Http2Stream final : public AsyncWrap, public StreamBase {
 public:
  // Makes a stream and adds it to the session's list. Null if that failed (an async hook destroyed
  // the session). Owned by its JavaScript object, and pinned until End(). May run JavaScript (init
  // hooks). `options` has bits of Http2StreamOption.
  static Http2Stream* New(Http2Session& session, int32_t id, nghttp2_headers_category category,
                          int options);
  // Queues the HEADERS frame of a request. Returns the id of the new stream, which is positive, or
  // a negative error code of nghttp2. The caller must call New() before anything is sent.
  static int32_t SubmitRequest(Http2Session& session, const Http2HeaderList& headers, int options);
  // For New() only.
  Http2Stream(Env& env, Http2Session& session, int32_t id, nghttp2_headers_category category,
              int options);
  ~Http2Stream() override;

  int32_t id() const { return id_; }
  // As Http2Session::Trace().
  [[gnu::format(printf, 2, 3)]] void Trace(const char* format, ...) const;
  // Whether JavaScript, or the end of the session, has destroyed it: nothing is reported any more.
  bool destroyed() const { return destroyed_; }
  // Bytes that JavaScript has written and ReadOutput() has not returned.
  size_t available() const { return available_; }
  // The kind of the last block of headers (NGHTTP2_HCAT_...).
  nghttp2_headers_category category() const { return category_; }

  // ---- for the session
  // A new block begins; one that was not taken is dropped.
  void StartHeaders(nghttp2_headers_category category);
  // Adds to the block, and takes references to both buffers. A header with an empty name is
  // ignored. False if the block would have too many headers or bytes, or the session no memory; the
  // caller then resets the stream.
  bool AddHeader(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags);
  // The headers of the block, in order; the stream has none afterwards.
  std::vector<Http2Header> TakeHeaders();
  // The session has ended; the stream must not use it any more. Does not run JavaScript, so it may
  // be called during garbage collection.
  void Detach();
  // Finishes the remaining writes with UV_ECANCELED and unpins the stream. May run JavaScript. Call
  // it once, not inside of nghttp2.
  void End();
  // nghttp2 has closed the stream; the session reports that to JavaScript later.
  void NoteClosed(uint32_t code) {
    closed_ = true;
    Trace("closed with code %u", code);
  }
  // The stream was reset by this process, not by nghttp2 because of the peer.
  void NoteReset() { reset_ = true; }
  bool was_reset() const { return reset_; }
  // Removes the stream from its session. REQUIRES: nghttp2 is not receiving. Has no effect the
  // second time.
  void FinishDestroy();
  // Method destroy(): as FinishDestroy(), but deferred during a receive.
  void Destroy();
  // Count `size` bytes of DATA that arrived, and bytes that the listener has taken: those enlarge
  // the peer's window (RFC 9113, 5.2), at once while reading, otherwise at the next ReadStart().
  void Received(size_t size);
  void Consumed(size_t size);
  // Moves `size` bytes of the queue to the session's output, with the requests of the writes that
  // end in them. REQUIRES: ReadOutput() returned `size`.
  void MoveOutput(size_t size);
  // The nghttp2_data_source_read_callback2 of <nghttp2/nghttp2.h>: returns how many bytes, at most
  // `max`, the next DATA frame gets, or NGHTTP2_ERR_DEFERRED if there are none so far. Sets
  // NGHTTP2_DATA_FLAG_EOF in `flags` with the last bytes. May run JavaScript, which may write or
  // destroy the stream.
  nghttp2_ssize ReadOutput(size_t max, uint32_t* flags);

  // ---- StreamBase
  bool IsAlive() override { return session_ != nullptr && !destroyed_; }
  bool IsClosing() override { return false; }
  // libuv codes: UV_EPIPE after the stream was destroyed.
  int ReadStart() override;
  int ReadStop() override;
  bool HasWantsWrite() const override { return true; }
  // 1 (finished synchronously) or UV_EPIPE. The end is sent after the queued output.
  int DoShutdown(ShutdownWrap* req) override;
  // Queues the bytes, which `req` must keep alive until it is done. An empty write is done when
  // data could be sent. After the end the write is done with UV_EOF.
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) override;

  // ---- methods
  int32_t Id() { return id_; }
  // (headers, options), (headers), (headers): return 0, or a negative error code of nghttp2:
  // NGHTTP2_ERR_STREAM_CLOSED after destroy(). They throw if the headers are not an array
  // (Http2HeaderList). Info() sends a block before the response, such as 103.
  void Respond(const Args& args);
  void Info(const Args& args);
  void Trailers(const Args& args);
  // (headers, options): returns the new Http2Stream, or an error code of nghttp2.
  void PushPromise(const Args& args);
  // (error code of RFC 9113, 7): after the queued output. No effect on a closed stream.
  void RstStream(const Args& args);
  // RFC 9113, 5.3.1, deprecates priorities, so this does nothing.
  void Priority(const Args&) {}
  // Fills streamState: state, weight, sum of the dependencies' weights, closed by this side, by the
  // peer, window in bytes. If nghttp2 does not know the stream: NGHTTP2_STREAM_STATE_IDLE and
  // zeros.
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
  // Ends the output after what is queued.
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
  // Written by JavaScript and not moved to the session so far.
  std::deque<Http2Output> queue_;
  bool front_started_ = false;  // part of the first write was moved out
  size_t available_ = 0;        // bytes of the queue that ReadOutput has not returned so far
  size_t unconsumed_ = 0;       // bytes read while paused; not given back to the window
  // Between ReadStart() and ReadStop().
  bool reading_ = false;
  bool writable_ = true;
  bool has_trailers_ = false;
  // Four kinds of end: nghttp2 has closed it; this process submitted RST_STREAM; Destroy() was
  // called; FinishDestroy() has run.
  bool closed_ = false;
  bool reset_ = false;
  bool destroyed_ = false;
  bool finished_ = false;

  // Times in nanoseconds of uv_hrtime(); 0: not reached. For statistics, like the counts of bytes.
  uint64_t start_ = uv_hrtime();
  uint64_t first_header_ = 0;
  uint64_t first_byte_ = 0;
  uint64_t first_byte_sent_ = 0;
  uint64_t sent_bytes_ = 0;
  uint64_t received_bytes_ = 0;
};

}  // namespace kiln::runtime
