// FileHandle: a file descriptor owned by a JavaScript object, the native part of FileHandle of
// fs.promises. It is also a stream for reading (http2 sends files with it). close() returns a
// promise. If a FileHandle is collected while open, the descriptor is closed with a warning.
#pragma once

#include <memory>

#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {

// It is open until close(), closeSync(), the shutdown of the stream, a transfer to another thread
// or the garbage collector. It is pinned while a read or close is in flight. On the Env's thread
// only.
class FileHandle final : public AsyncWrap, public StreamBase, public Transferable {
 public:
  // Owns `fd`. `path` is for a message and may be empty.
  FileHandle(Env& env, int fd, std::string path);
  // The constructor of JavaScript: (fd, offset, length), where the last two are those of the
  // stream, in bytes, and -1 or another type means none. A `fd` that is not an integer makes a
  // closed object.
  FileHandle(Env& env, const Args& args);
  ~FileHandle() override;

  // Methods of the JavaScript class.
  // Returns a promise, the same one for each call; it is rejected with UV_EBADF if the file was
  // closed otherwise.
  void Close(const Args& args);
  // Closes on this thread, which may block. Returns the error of close(), after which the file is
  // closed as well. No effect on a closed file.
  Result<> CloseSync();
  // releaseFD(): the object no longer owns the descriptor, and is closed.
  void Release();

  // StreamBase
  bool IsAlive() override { return !closed_; }
  bool IsClosing() override { return closing_; }
  int GetFd() override { return fd_; }
  bool ReadsAtOnce() const override { return false; }  // the thread pool reads
  // Reads one piece of at most 64 kB at a time on the thread pool, until ReadStop(). Returns 0, or
  // UV_EOF after close(); errors of reads are emitted.
  int ReadStart() override;
  int ReadStop() override;
  // Closes the file; `req` is done afterwards, with the result of close().
  int DoShutdown(ShutdownWrap* req) override;
  int DoWrite(WriteWrap*, uv_buf_t*, size_t, uv_stream_t*) override { return UV_ENOSYS; }

  // Transferable: the descriptor moves to a new FileHandle.
  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override {
    return reading_ || closing_ || closed_ ? kNoTransfer : kTransfer;
  }
  // Leaves this object closed. The descriptor is closed if nobody receives it.
  std::unique_ptr<TransferData> Transfer() override;

 protected:
  void OnAttach() override;

 private:
  class CloseRequest;
  class ReadRequest;
  struct Shutdown;
  // Marks the object as closed, and ends a stream that is reading with UV_EOF.
  void AfterClose();
  void OnRead(ReadRequest* request, ssize_t result);

  int fd_;
  int64_t offset_ = -1;  // of the next read of the stream, in bytes; -1: the file's position
  int64_t length_ = -1;  // bytes that the stream will still read; -1: to the end of the file
  bool closing_ = false;
  bool closed_ = false;
  bool reading_ = false;
  // Owned; null between reads. It pins this object.
  ReadRequest* current_read_ = nullptr;
  // Empty until close().
  v8::Global<v8::Promise> close_promise_;
  std::string path_;
};

}  // namespace kiln::runtime::fs
