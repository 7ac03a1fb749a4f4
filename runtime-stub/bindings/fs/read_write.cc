// Reading and writing descriptors, and other operations on open files. A request owns the memory of
// its buffers from the time their addresses are taken, so that JavaScript cannot free the memory
// that libuv uses, not even by transferring a buffer to another thread. JavaScript can run before
// the operation has started: creating a request calls the init hook of async_hooks.
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

// The part of a buffer that (offset, length) selects.
bool GetSlice(Env& env, v8::Local<v8::Value> buffer, v8::Local<v8::Value> offset,
              v8::Local<v8::Value> length, uv_buf_t* out) {
  Bytes bytes;
  if (!GetBytes(buffer, &bytes)) {
    Error::Type("ERR_INVALID_ARG_TYPE",
                "The \"buffer\" argument must be an instance of Buffer, TypedArray, or DataView.")
        .Throw(env);
    return false;
  }
  double from, count;
  if (!GetNumber(env, offset, "offset", &from) || !GetNumber(env, length, "length", &count))
    return false;
  if (!(from >= 0 && from <= double(bytes.size)) ||
      !(count >= 0 && count <= double(bytes.size) - from) || count > 2147483647.0) {
    Error::Range("ERR_OUT_OF_RANGE", "The range of bytes is outside of the buffer").Throw(env);
    return false;
  }
  *out = uv_buf_init(reinterpret_cast<char*>(bytes.data) + size_t(from), unsigned(count));
  return true;
}

using Memory = std::shared_ptr<v8::BackingStore>;

bool GetBuffers(Env& env, v8::Local<v8::Value> value, std::vector<uv_buf_t>* out,
                std::vector<Memory>* memory) {
  if (!value->IsArray()) {
    Error::Type("ERR_INVALID_ARG_TYPE", "The \"buffers\" argument must be an instance of Array")
        .Throw(env);
    return false;
  }
  std::vector<v8::Local<v8::Value>> values;
  switch (GetBufferList(env, value.As<v8::Array>(), &values)) {
    case ListResult::kThrew:
      return false;
    case ListResult::kNotABuffer:
      Error::Type("ERR_INVALID_ARG_TYPE", "The \"buffers\" argument must hold ArrayBufferViews")
          .Throw(env);
      return false;
    case ListResult::kDone:
      break;
  }
  for (v8::Local<v8::Value> item : values) {
    Bytes bytes;
    GetBytes(item, &bytes);
    uv_buf_t buf;
    buf.base = reinterpret_cast<char*>(bytes.data);
    buf.len = bytes.size;
    out->push_back(buf);
    memory->push_back(StoreOf(item));
  }
  return true;
}

using Transfer = int (*)(uv_loop_t*, uv_fs_t*, uv_file, const uv_buf_t[], unsigned, int64_t,
                         uv_fs_cb);

// Starts `function` on the request. `memory` owns the bytes of the buffers.
void Start(const Args& args, FsRequest* request, const Op& op, Transfer function, int fd,
           std::span<const uv_buf_t> buffers, std::span<const Memory> memory, int64_t position) {
  request->Begin(op);
  for (const Memory& store : memory) request->Keep(store);
  int rc = request->DispatchOnLoop(function, fd, buffers.data(), unsigned(buffers.size()), position,
                                   FsRequest::OnDone);
  request->SetReturnValue(args);
  if (rc < 0) request->Fail(rc);
}

// The result of a synchronous call that returned `rc`. libuv truncates it to an int, which the sum
// of many buffers can exceed; the request has the full value, unless libuv rejected the arguments.
ssize_t ResultOf(int rc, const SyncCall& call) { return call.req.result ? call.req.result : rc; }

void Finish(Env& env, const Args& args, const char* syscall, ssize_t result) {
  if (result < 0) return Error::Uv(int(result), syscall).Throw(env);
  args.GetReturnValue().Set(double(result));
}

// writeSync passes an object for errors, and creates the exception itself.
void FinishInto(Env& env, const Args& args, v8::Local<v8::Value> context, ssize_t result) {
  if (result >= 0) return args.GetReturnValue().Set(double(result));
  const int rc = int(result);
  if (!context->IsObject()) return Error::Uv(rc, "write").Throw(env);
  // If a setter on Object.prototype throws, that exception is the error.
  auto set = [&](const char* name, v8::Local<v8::Value> value) {
    return context.As<v8::Object>()->Set(env.context(), env.Name(name), value).IsJust();
  };
  if (set("errno", v8::Integer::New(env.isolate, rc)) && set("syscall", env.Name("write")))
    args.GetReturnValue().Set(rc);
}

constexpr Op kRead = {.syscall = "read", .to_js = ToInteger};
constexpr Op kWrite = {.syscall = "write", .to_js = ToInteger};

// (fd, buffers, position, req)
void TransferBuffers(Env& env, const Args& args, const Op& op, Transfer function) {
  int fd;
  std::vector<uv_buf_t> buffers;
  std::vector<Memory> memory;
  if (!GetFd(env, args[0], &fd) || !GetBuffers(env, args[1], &buffers, &memory)) return;
  int64_t position = GetPosition(args[2]);
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[3], false, &threw))
    return Start(args, request, op, function, fd, buffers, memory, position);
  if (threw) return;
  SyncCall call;
  int rc =
      function(nullptr, &call.req, fd, buffers.data(), unsigned(buffers.size()), position, nullptr);
  Finish(env, args, op.syscall, ResultOf(rc, call));
}

}  // namespace

void Read(Env& env, const Args& args) {  // (fd, buffer, offset, length, position, req)
  int fd = -1;
  uv_buf_t buffer;
  const bool is_embedded = EmbeddedFile::From(env, args[0]);
  if ((!is_embedded && !GetFd(env, args[0], &fd)) ||
      !GetSlice(env, args[1], args[2], args[3], &buffer))
    return;
  const Memory memory[] = {StoreOf(args[1])};
  int64_t position = GetPosition(args[4]);
  if (is_embedded) {
    RunOnEmbedded(env, args, 5, kRead,
                  [buffer, position, keep = memory[0]](embedded::OpenFile& file, JobResult& r) {
                    r.rc = file.Read({&buffer, 1}, position);
                  });
    return;
  }
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[5], false, &threw))
    return Start(args, request, kRead, uv_fs_read, fd, {&buffer, 1}, memory, position);
  if (threw) return;
  SyncCall call;
  Finish(env, args, "read", uv_fs_read(nullptr, &call.req, fd, &buffer, 1, position, nullptr));
}

void ReadBuffers(Env& env, const Args& args) { TransferBuffers(env, args, kRead, uv_fs_read); }

// (fd, buffer, offset, length, position, req) or (..., undefined, context)
void WriteBuffer(Env& env, const Args& args) {
  int fd;
  uv_buf_t buffer;
  if (!GetFd(env, args[0], &fd) || !GetSlice(env, args[1], args[2], args[3], &buffer)) return;
  const Memory memory[] = {StoreOf(args[1])};
  int64_t position = GetPosition(args[4]);
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[5], false, &threw))
    return Start(args, request, kWrite, uv_fs_write, fd, {&buffer, 1}, memory, position);
  if (threw) return;
  SyncCall call;
  FinishInto(env, args, args[6],
             uv_fs_write(nullptr, &call.req, fd, &buffer, 1, position, nullptr));
}

void WriteBuffers(Env& env, const Args& args) { TransferBuffers(env, args, kWrite, uv_fs_write); }

// (fd, string, position, encoding, req) or (..., undefined, context)
void WriteString(Env& env, const Args& args) {
  int fd;
  if (!GetFd(env, args[0], &fd)) return;
  int64_t position = GetPosition(args[2]);
  Encoding encoding = ParseEncoding(env, args[3], Encoding::kUtf8);
  v8::Local<v8::String> string;
  if (!args[1]->ToString(env.context()).ToLocal(&string)) return;
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[4], false, &threw)) {
    request->KeepText(DecodeString(env, string, encoding));
    uv_buf_t buffer = uv_buf_init(request->text().data(), unsigned(request->text().size()));
    return Start(args, request, kWrite, uv_fs_write, fd, {&buffer, 1}, {}, position);
  }
  if (threw) return;
  // A fast path: console.log of a worker thread and many tools write short strings.
  char small[2048];
  std::string large;
  char* data = small;
  size_t size = encoding == Encoding::kUtf8 ? size_t(string->Length()) * 3
                                            : DecodedSize(env, string, encoding);
  if (size <= sizeof small) {
    size = kiln::runtime::WriteString(env, small, sizeof small, string, encoding);
  } else {
    large = DecodeString(env, string, encoding);
    data = large.data();
    size = large.size();
  }
  uv_buf_t buffer = uv_buf_init(data, unsigned(size));
  SyncCall call;
  FinishInto(env, args, args[5],
             uv_fs_write(nullptr, &call.req, fd, &buffer, 1, position, nullptr));
}

void FTruncate(Env& env, const Args& args) {  // (fd, length, req)
  int fd;
  double length;
  if (!GetFd(env, args[0], &fd) || !GetNumber(env, args[1], "len", &length)) return;
  Run(env, args, 2, {.syscall = "ftruncate"}, nullptr, uv_fs_ftruncate, fd,
      Saturate<int64_t>(length));
}

void FDataSync(Env& env, const Args& args) {
  int fd;
  if (!GetFd(env, args[0], &fd)) return;
  Run(env, args, 1, {.syscall = "fdatasync"}, nullptr, uv_fs_fdatasync, fd);
}

void FSync(Env& env, const Args& args) {
  int fd;
  if (!GetFd(env, args[0], &fd)) return;
  Run(env, args, 1, {.syscall = "fsync"}, nullptr, uv_fs_fsync, fd);
}

}  // namespace kiln::runtime::fs
