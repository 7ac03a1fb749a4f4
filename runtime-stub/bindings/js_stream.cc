// internalBinding("js_stream"): a native stream on top of a JavaScript stream
// (internal/js_stream_socket), so that TLS and HTTP/2 can use any Duplex. Reads and writes call
// onreadstart, onreadstop, onwrite and onshutdown of the wrapper.
#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {
namespace {

class JsStream final : public AsyncWrap, public StreamBase {
 public:
  JsStream(Env& env, const Args&)
      : AsyncWrap(env, Provider::kJSSTREAM), StreamBase(*static_cast<AsyncWrap*>(this)) {}

  bool IsAlive() override { return true; }
  bool IsClosing() override;
  int ReadStart() override { return Call("onreadstart", {}); }
  int ReadStop() override { return Call("onreadstop", {}); }
  int DoShutdown(ShutdownWrap* req) override {
    v8::HandleScope scope(env().isolate);
    shutdowns_.push_back(req);
    int err = Call("onshutdown", {req->object()});
    if (err != 0) std::erase(shutdowns_, req);
    return err;
  }
  int DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) override;

  // (req, status)
  void FinishWrite(const Args& args) { Finish(kWriteWrapClass, args, writes_); }
  void FinishShutdown(const Args& args) { Finish(kShutdownWrapClass, args, shutdowns_); }
  void ReadBuffer(Bytes bytes);
  void EmitEof() { EmitRead(UV_EOF); }

 protected:
  void OnAttach() override {
    AsyncWrap::OnAttach();
    AttachStream();
  }

 private:
  int32_t Status(v8::Local<v8::Value> value) {
    return value->Int32Value(env().context()).FromMaybe(UV_EPROTO);
  }
  int Call(const char* method, std::initializer_list<v8::Local<v8::Value>> args);
  // Ends a request, if JavaScript has it. The object's class does not prove what is attached to it,
  // because shutdown(new WriteWrap()) is possible.
  template <class R>
  void Finish(const ClassEntry& entry, const Args& args, std::vector<R*>& pending) {
    auto* req = UnwrapArgument<AsyncWrap>(env(), entry, args[0]);
    int status = Status(args[1]);
    auto it = std::find(pending.begin(), pending.end(), req);
    if (it == pending.end()) return;
    R* done = *it;
    pending.erase(it);
    done->Done(status);
  }

  // The requests that were passed to JavaScript and not finished.
  std::vector<WriteWrap*> writes_;
  std::vector<ShutdownWrap*> shutdowns_;
};

// The method's result as a libuv code; UV_EPROTO if it threw (the exception was reported as
// uncaught).
int JsStream::Call(const char* method, std::initializer_list<v8::Local<v8::Value>> args) {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Value> value;
  if (!MakeCallback(method, args).ToLocal(&value)) return UV_EPROTO;
  return Status(value);
}

bool JsStream::IsClosing() {
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  v8::Local<v8::Value> value;
  return !MakeCallback("isclosing", {}).ToLocal(&value) || value->IsTrue();
}

int JsStream::DoWrite(WriteWrap* req, uv_buf_t* bufs, size_t count, uv_stream_t* send) {
  if (send) return UV_EINVAL;  // handles cannot be passed through JavaScript
  v8::HandleScope scope(env().isolate);
  v8::Context::Scope entered(env().context());
  std::vector<v8::Local<v8::Value>> buffers;
  for (size_t i = 0; i < count; i++) buffers.push_back(NewBuffer(env(), bufs[i].base, bufs[i].len));
  writes_.push_back(req);
  int err = Call("onwrite",
                 {req->object(), v8::Array::New(env().isolate, buffers.data(), buffers.size())});
  if (err != 0) std::erase(writes_, req);
  return err;
}

// Passes bytes that JavaScript has read to the listener, in pieces of the size of its memory.
void JsStream::ReadBuffer(Bytes bytes) {
  std::string data(bytes.view());  // the listener may run JavaScript
  for (size_t offset = 0; offset < data.size();) {
    uv_buf_t buf = EmitAlloc(data.size() - offset);
    size_t size = std::min(buf.len, data.size() - offset);
    if (size == 0) return EmitRead(UV_ENOBUFS, buf);
    std::memcpy(buf.base, data.data() + offset, size);
    offset += size;
    EmitRead(ssize_t(size), buf);
  }
}

constexpr Entry kMethods[] = {
    Method<&JsStream::FinishWrite>("finishWrite"),
    Method<&JsStream::FinishShutdown>("finishShutdown"),
    Method<&JsStream::ReadBuffer>("readBuffer"),
    Method<&JsStream::EmitEof>("emitEOF"),
};
const ClassEntry kJsStreamClass = {.name = "JSStream",
                                   .construct = Construct<JsStream>,
                                   .parent = &kAsyncWrapClass,
                                   .methods = kMethods,
                                   .more_methods = kStreamMethods,
                                   .more_accessors = kStreamAccessors,
                                   .fields = StreamBase::kFields,
                                   .customize = StreamBase::Customize};
const ClassEntry* const kClasses[] = {&kJsStreamClass};

}  // namespace

extern const Binding kJsStreamBinding;
const Binding kJsStreamBinding = {.name = "js_stream", .classes = kClasses};

}  // namespace kiln::runtime
