// Input and output of an Http2Session. Input waits in a queue, which nghttp2 parses from the front;
// JavaScript receives the bodies as parts of these buffers, without a copy. Output is collected
// from nghttp2 and from the queues of the streams, and sent by one write. While that write is in
// flight nothing is read, so a peer that does not read responses cannot send more requests.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime-stub/bindings/http2/stream.h"

namespace kiln::runtime {

void Http2Output::Done() {
  if (!request) return;
  WriteWrap* done = std::exchange(request, nullptr);
  Http2Stream* owner = std::exchange(stream, nullptr);
  done->Done(status);
  owner->Unpin();
}

// ---------------------------------------------------------------- input

void Http2Session::OnStreamRead(ssize_t nread, const uv_buf_t& buf) {
  v8::HandleScope handles(env().isolate);
  v8::Context::Scope entered(env().context());
  if (nread <= 0 || closing_) {
    std::free(buf.base);
    if (nread < 0) PassReadErrorToPrevious(nread);
    return;
  }
  Scope scope(this);
  bytes_received_ += uint64_t(nread);
  // Release the unused part.
  void* data = size_t(nread) < buf.len ? std::realloc(buf.base, size_t(nread)) : buf.base;
  if (!data) data = buf.base;
  AddMemory(size_t(nread));
  input_.push_back({.data = static_cast<char*>(data), .size = size_t(nread)});
  Receive();
}

void Http2Session::Receive() {
  if (receiving_ || gathering_) return;
  Http2Keep keep(*this);
  while (!input_.empty() && !closing_) {
    Input& front = input_.front();
    receiving_ = true;
    paused_ = false;
    Trace("receiving %zu bytes, offset %zu", front.size, front.offset);
    error_code_ = nullptr;
    nghttp2_ssize size = nghttp2_session_mem_recv2(
        handle_, reinterpret_cast<uint8_t*>(front.data) + front.offset, front.size - front.offset);
    receiving_ = false;
    if (size < 0) {
      DropInput();
      if (!closing_) Fail(int(size), error_code_);  // otherwise it was stopped on purpose
      break;
    }
    // The end of a paused frame must still be reported, even if all bytes are consumed.
    front.offset += size_t(size);
    if (!paused_) {
      RemoveMemory(front.size);
      if (!front.store) std::free(front.data);
      input_.pop_front();
    }
    if (closing_) break;
    SendPendingData();
    FinishDestroyedStreams();
    if (paused_ && sending_) break;  // continues after the write
  }
  ContinueClose();
  StopReadingIfBusy();
}

void Http2Session::DropInput() {
  for (Input& piece : input_) {
    RemoveMemory(piece.size);
    if (!piece.store) std::free(piece.data);
  }
  input_.clear();
  paused_ = false;
}

v8::Local<v8::ArrayBuffer> Http2Session::InputBuffer(const char* data, size_t size,
                                                     size_t* offset) {
  Input* front = input_.empty() ? nullptr : &input_.front();
  bool inside = front && data >= front->data && data + size <= front->data + front->size;
  if (inside && !front->store) {
    front->store = v8::ArrayBuffer::NewBackingStore(
        front->data, front->size, [](void* memory, size_t, void*) { std::free(memory); }, nullptr);
    front->buffer.Reset(env().isolate, v8::ArrayBuffer::New(env().isolate, front->store));
  }
  if (inside) {
    v8::Local<v8::ArrayBuffer> buffer = front->buffer.Get(env().isolate);
    *offset = size_t(data - front->data);
    if (!buffer->WasDetached()) return buffer;
  }
  // Not in the input, or JavaScript has transferred the whole buffer.
  *offset = 0;
  v8::Local<v8::ArrayBuffer> copy = v8::ArrayBuffer::New(env().isolate, size);
  std::memcpy(copy->Data(), data, size);
  return copy;
}

void Http2Session::StopReadingIfBusy() {
  if (reading_stopped_ || closing_ || !stream()) return;
  if (nghttp2_session_want_read(handle_) != 0 && !writing_) return;
  reading_stopped_ = true;
  stream()->ReadStop();
}

// ---------------------------------------------------------------- output

Http2Session::Scope::Scope(Http2Session* session) {
  if (!session || session->in_scope_ || session->write_scheduled_) return;
  session->in_scope_ = true;
  session->Pin();
  session_ = session;
}

Http2Session::Scope::~Scope() {
  if (!session_) return;
  session_->in_scope_ = false;
  session_->ScheduleWrite();
  session_->Unpin();
}

void Http2Session::ScheduleWrite() {
  if (write_scheduled_ || closing_ || nghttp2_session_want_write(handle_) == 0) return;
  write_scheduled_ = true;
  Pin();
  env().SetImmediate([this](Env& env) {
    v8::HandleScope handles(env.isolate);
    if (write_scheduled_) {  // not sent otherwise in the meantime
      CallbackScope scope(*this);
      SendPendingData();
    }
    Unpin();
  });
}

bool Http2Session::SendPendingData() {
  write_scheduled_ = false;
  if (closed_) return true;
  if (sending_ || receiving_) return false;
  Http2Keep keep(*this);
  Send();
  if (!input_.empty() && !paused_) Receive();  // arrived while output was collected
  ContinueClose();
  NotifyIfGracefullyClosed();
  return true;
}

void Http2Session::CopyOut(const void* data, size_t size) {
  copied_.append(static_cast<const char*>(data), size);
  Http2Output piece;
  piece.bytes.len = size;  // the address is set when everything is collected
  output_.push_back(piece);
}

// REQUIRES: neither a send nor a receive is under way.
void Http2Session::Send() {
  write_scheduled_ = false;
  sending_ = gathering_ = true;
  nghttp2_ssize size;
  const uint8_t* data;
  while ((size = nghttp2_session_mem_send2(handle_, &data)) > 0) CopyOut(data, size_t(size));
  gathering_ = false;
  if (size < 0) {  // out of memory, or a header block that cannot be compressed
    Fail(int(size));
    // The collected output still consists of whole frames.
  }

  // The loop above is needed even without a stream below: nghttp2 closes streams as it sends.
  if (!stream()) return Sent();

  std::vector<uv_buf_t> buffers;
  buffers.reserve(output_.size());
  char* copied = copied_.data();
  for (const Http2Output& piece : output_) {
    if (piece.bytes.len == 0) continue;  // only marks the end of a write
    bytes_sent_ += piece.bytes.len;
    buffers.push_back(piece.bytes);
    if (piece.bytes.base) continue;
    buffers.back().base = copied;
    copied += piece.bytes.len;
  }
  if (buffers.empty()) return Sent();
  chunks_sent_++;
  Trace("sending %zu pieces", buffers.size());
  writing_ = true;
  Pin();  // the write uses this object's memory
  StreamWriteResult result = stream()->Write(buffers.data(), buffers.size());
  if (!result.async) {
    writing_ = false;
    Unpin();
    Sent();
  } else if (result.wrap) {  // not finished synchronously
    write_ = result.wrap;
  }
  StopReadingIfBusy();
}

// Ends a send: notifies the streams, and does the work that waited for it. May run JavaScript.
void Http2Session::Sent() {
  sending_ = false;
  write_ = nullptr;
  copied_.clear();
  if (copied_.capacity() > 65536) copied_.shrink_to_fit();
  std::vector<Http2Output> output;
  output.swap(output_);
  // A failed write is reported by the stream below, which closes the session.
  for (Http2Output& piece : output) piece.Done();

  std::vector<std::pair<int32_t, uint32_t>> closed;
  closed.swap(closed_streams_);
  for (auto [id, code] : closed) ReportStreamClose(id, code);

  if (resets_.empty()) return;
  std::vector<std::pair<int32_t, uint32_t>> resets;
  resets.swap(resets_);
  if (!sending_ && !receiving_ && !closed_) Send();  // output that was queued before the resets
  for (auto [id, code] : resets) Reset(id, code);
}

void Http2Session::OnStreamAfterWrite(WriteWrap* req, int status) {
  // Other code may have written to the stream before it was consumed.
  if (!writing_ || (write_ && req != write_))
    return StreamListener::OnStreamAfterWrite(req, status);
  v8::HandleScope handles(env().isolate);
  v8::Context::Scope entered(env().context());
  Http2Keep keep(*this);
  writing_ = false;
  Unpin();
  Sent();
  FinishDestroyedStreams();
  if (closing_) return ContinueClose();
  if (reading_stopped_ && !writing_ && stream() && nghttp2_session_want_read(handle_) != 0) {
    reading_stopped_ = false;
    stream()->ReadStart();
  }
  if (!input_.empty()) Receive();
  ScheduleWrite();
  NotifyIfGracefullyClosed();
}

void Http2Session::DeferReset(int32_t id, uint32_t code) { resets_.emplace_back(id, code); }

bool Http2Session::FlushReset(int32_t id) {
  auto it = std::find_if(resets_.begin(), resets_.end(),
                         [id](const auto& reset) { return reset.first == id; });
  if (it == resets_.end()) return false;
  uint32_t code = it->second;
  resets_.erase(it);
  Reset(id, code);
  return true;
}

void Http2Session::Reset(int32_t id, uint32_t code) {
  Scope scope(this);
  if (Http2Stream* stream = FindStream(id)) stream->NoteReset();
  nghttp2_submit_rst_stream(handle_, NGHTTP2_FLAG_NONE, id, code);
}

}  // namespace kiln::runtime
