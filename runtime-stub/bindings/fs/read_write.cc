// Reading and writing descriptors, and what else is done to an open file. In flight, a
// request keeps the memory of the buffers, so that nothing JavaScript does to them (not
// even transferring them to another thread) takes it from under libuv.
#include <array>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

std::shared_ptr<v8::BackingStore> StoreOf(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView())
    return value.As<v8::ArrayBufferView>()->Buffer()->GetBackingStore();
  if (value->IsArrayBuffer()) return value.As<v8::ArrayBuffer>()->GetBackingStore();
  return value.As<v8::SharedArrayBuffer>()->GetBackingStore();
}

// The part of a buffer that (offset, length) name.
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
    Error::Range("ERR_OUT_OF_RANGE", "The range of bytes lies outside of the buffer").Throw(env);
    return false;
  }
  *out = uv_buf_init(reinterpret_cast<char*>(bytes.data) + size_t(from), unsigned(count));
  return true;
}

using Buffers = std::vector<uv_buf_t>;

bool GetBuffers(Env& env, v8::Local<v8::Value> value, Buffers* out,
                std::vector<v8::Local<v8::Value>>* values) {
  if (!value->IsArray()) {
    Error::Type("ERR_INVALID_ARG_TYPE", "The \"buffers\" argument must be an instance of Array")
        .Throw(env);
    return false;
  }
  auto list = value.As<v8::Array>();
  for (uint32_t i = 0; i < list->Length(); i++) {
    v8::Local<v8::Value> item;
    Bytes bytes;
    if (!list->Get(env.context(), i).ToLocal(&item)) return false;
    if (!GetBytes(item, &bytes)) {
      Error::Type("ERR_INVALID_ARG_TYPE", "The \"buffers\" argument must hold ArrayBufferViews")
          .Throw(env);
      return false;
    }
    out->push_back(uv_buf_init(reinterpret_cast<char*>(bytes.data), unsigned(bytes.size)));
    values->push_back(item);
  }
  return true;
}

using Transfer = int (*)(uv_loop_t*, uv_fs_t*, uv_file, const uv_buf_t[], unsigned, int64_t,
                         uv_fs_cb);

// Starts `function` on the request. `values` own the memory of the buffers.
void Start(Env& env, const Args& args, FsRequest* request, const Op& op, Transfer function, int fd,
           std::span<const uv_buf_t> buffers, std::span<const v8::Local<v8::Value>> values,
           int64_t position) {
  request->Begin(op);
  for (v8::Local<v8::Value> value : values) request->Keep(StoreOf(value));
  int rc = request->DispatchOnLoop(function, fd, buffers.data(), unsigned(buffers.size()), position,
                                   FsRequest::OnDone);
  request->SetReturnValue(args);
  if (rc < 0) request->Fail(rc);
}

void Finish(Env& env, const Args& args, const char* syscall, int rc) {
  if (rc < 0) return Error::Uv(rc, syscall).Throw(env);
  args.GetReturnValue().Set(rc);
}

// writeSync takes errors in an object, from which it makes the exception itself.
void FinishInto(Env& env, const Args& args, v8::Local<v8::Value> context, int rc) {
  if (rc >= 0) return args.GetReturnValue().Set(rc);
  if (!context->IsObject()) return Error::Uv(rc, "write").Throw(env);
  // A setter on Object.prototype may throw; that is then the error.
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
  Buffers buffers;
  std::vector<v8::Local<v8::Value>> values;
  if (!GetFd(env, args[0], &fd) || !GetBuffers(env, args[1], &buffers, &values)) return;
  int64_t position = GetPosition(args[2]);
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[3], false, &threw))
    return Start(env, args, request, op, function, fd, buffers, values, position);
  if (threw) return;
  SyncCall call;
  Finish(env, args, op.syscall,
         function(nullptr, &call.req, fd, buffers.data(), unsigned(buffers.size()), position,
                  nullptr));
}

}  // namespace

void Read(Env& env, const Args& args) {  // (fd, buffer, offset, length, position, req)
  int fd;
  uv_buf_t buffer;
  if (!GetFd(env, args[0], &fd) || !GetSlice(env, args[1], args[2], args[3], &buffer)) return;
  int64_t position = GetPosition(args[4]);
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[5], false, &threw))
    return Start(env, args, request, kRead, uv_fs_read, fd, {&buffer, 1}, std::array{args[1]},
                 position);
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
  int64_t position = GetPosition(args[4]);
  bool threw = false;
  if (FsRequest* request = FsRequest::From(env, args[5], false, &threw))
    return Start(env, args, request, kWrite, uv_fs_write, fd, {&buffer, 1}, std::array{args[1]},
                 position);
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
    return Start(env, args, request, kWrite, uv_fs_write, fd, {&buffer, 1}, {}, position);
  }
  if (threw) return;
  // console.log of a worker thread and many tools write short strings this way.
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
