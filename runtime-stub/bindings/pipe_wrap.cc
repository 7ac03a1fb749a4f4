// internalBinding("pipe_wrap"): Unix domain sockets and the pipes of child processes. A
// pipe of type IPC can carry handles (binding/stream.h, pendingHandle).
#include "runtime-stub/bindings/net/address.h"
#include "runtime-stub/bindings/net/connection.h"
#include "runtime-stub/env/permissions.h"

namespace kiln::runtime {
namespace {

enum PipeType { kSocket, kServer, kIpc };

class Pipe final : public LibuvStream {
 public:
  Pipe(Env& env, PipeType type)
      : LibuvStream(env, type == kServer ? Provider::kPIPESERVERWRAP : Provider::kPIPEWRAP,
                    reinterpret_cast<uv_stream_t*>(&handle_)) {
    CHECK(uv_pipe_init(env.loop, &handle_, type == kIpc) == 0);
    handle_.data = static_cast<HandleWrap*>(this);
  }
  Pipe(Env& env, const Args& args) : Pipe(env, TypeOf(args[0])) {}

  // On Linux, a name that begins with a zero byte is in the abstract namespace.
  Result<int> Bind(std::string name) {
    if (is_closing()) return UV_EBADF;
    if (CannotUse(name)) return Error::Pending();
    return uv_pipe_bind2(&handle_, name.data(), name.size(), UV_PIPE_NO_TRUNCATE);
  }
  int Listen(v8::Local<v8::Value> backlog) {
    return kiln::runtime::Listen<AcceptPipe>(*this, backlog);
  }
  Result<int> Connect(v8::Local<v8::Object> object, std::string name) {
    if (is_closing()) return UV_EBADF;
    if (CannotUse(name)) return Error::Pending();
    return ConnectRequest::Start(*this, Provider::kPIPECONNECTWRAP, object,
                                 [&](uv_connect_t* req, uv_connect_cb done) {
                                   return uv_pipe_connect2(req, &handle_, name.data(), name.size(),
                                                           UV_PIPE_NO_TRUNCATE, done);
                                 });
  }
  int Open(int32_t fd) {
    if (is_closing()) return UV_EBADF;
    if (int err = CheckStreamFd(fd)) return err;
    return uv_pipe_open(&handle_, fd);
  }
  int Fchmod(int32_t mode) { return is_closing() ? UV_EBADF : uv_pipe_chmod(&handle_, mode); }

 private:
  // A socket with a path is a file: the kernel asks for the right to write it, and so does the permission
  // model, which Node's does not. A name in the abstract namespace is none.
  bool CannotUse(const std::string& name) {
    return !name.starts_with('\0') && Refuses(env(), Permission::kFileSystemWrite, name);
  }
  static PipeType TypeOf(v8::Local<v8::Value> value) {
    int type = value->IsInt32() ? value.As<v8::Int32>()->Value() : 0;
    return type == kServer ? kServer : type == kIpc ? kIpc : kSocket;
  }
  uv_pipe_t handle_;
};

constexpr Entry kMethods[] = {
    Method<&Pipe::Bind>("bind"), Method<&Pipe::Listen>("listen"), Method<&Pipe::Connect>("connect"),
    Method<&Pipe::Open>("open"), Method<&Pipe::Fchmod>("fchmod"),
};

const ClassEntry kPipeClass = {.name = "Pipe",
                               .construct = Construct<Pipe>,
                               .parent = &kLibuvStreamClass,
                               .methods = kMethods,
                               .fields = StreamBase::kFields};
const ClassEntry kPipeConnectClass = {.name = "PipeConnectWrap",
                                      .construct = ConstructRequest,
                                      .parent = &kAsyncWrapClass,
                                      .fields = kRequestFields};
const ClassEntry* const kClasses[] = {&kPipeClass, &kPipeConnectClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  SetConstant(env, constants, "SOCKET", kSocket);
  SetConstant(env, constants, "SERVER", kServer);
  SetConstant(env, constants, "IPC", kIpc);
  SetConstant(env, constants, "UV_READABLE", UV_READABLE);
  SetConstant(env, constants, "UV_WRITABLE", UV_WRITABLE);
  env.Set(exports, "constants", constants);
}

}  // namespace

v8::MaybeLocal<v8::Object> AcceptPipe(Env& env, AsyncWrap& parent, uv_stream_t* server) {
  DefaultTriggerScope trigger(parent);
  Pipe* client = NewWrapped<Pipe>(env, kPipeClass, kSocket);
  if (uv_accept(server, client->uv_stream()) == 0) return client->object();
  client->Close();
  return {};
}

extern const Binding kPipeWrapBinding;
const Binding kPipeWrapBinding = {.name = "pipe_wrap", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
