// FileHandle: a file descriptor owned by a JavaScript object, the native part of FileHandle of
// fs.promises. It is also a stream for reading (http2 sends files with it). close() returns a
// promise. If a FileHandle is collected while open, the descriptor is closed with a warning.
#pragma once

#include <memory>

#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {

class FileHandle final : public AsyncWrap, public StreamBase, public Transferable {
 public:
  FileHandle(Env& env, int fd, std::string path);
  FileHandle(Env& env, const Args& args);  // (fd, offset, length)
  ~FileHandle() override;

  // Methods of the JavaScript class.
  void Close(const Args& args);
  Result<> CloseSync();
  void Release();

  // StreamBase
  bool IsAlive() override { return !closed_; }
  bool IsClosing() override { return closing_; }
  int GetFd() override { return fd_; }
  bool ReadsAtOnce() const override { return false; }  // the thread pool reads
  int ReadStart() override;
  int ReadStop() override;
  int DoShutdown(ShutdownWrap* req) override;
  int DoWrite(WriteWrap*, uv_buf_t*, size_t, uv_stream_t*) override { return UV_ENOSYS; }

  // Transferable: the descriptor moves to a new FileHandle.
  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override {
    return reading_ || closing_ || closed_ ? kNoTransfer : kTransfer;
  }
  std::unique_ptr<TransferData> Transfer() override;

 protected:
  void OnAttach() override;

 private:
  class CloseRequest;
  class ReadRequest;
  struct Shutdown;
  void AfterClose();
  void OnRead(ReadRequest* request, ssize_t result);

  int fd_;
  int64_t offset_ = -1;  // of the next read of the stream, in bytes; -1: the file's position
  int64_t length_ = -1;  // bytes that the stream will still read; -1: to the end of the file
  bool closing_ = false;
  bool closed_ = false;
  bool reading_ = false;
  ReadRequest* current_read_ = nullptr;
  v8::Global<v8::Promise> close_promise_;
  std::string path_;
};

}  // namespace kiln::runtime::fs
