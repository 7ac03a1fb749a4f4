// internalBinding("udp_wrap"): datagram sockets with uv_udp_t. A datagram is sent without a request
// if the system accepts it without waiting: send() then returns its size plus one, so that
// JavaScript can distinguish this from a request in flight (0) and from an error.
#include <cstdlib>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/request_object.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/net/address.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {
namespace {

// The request of a SendWrap object, which JavaScript creates.
class SendRequest final : public Request<uv_udp_send_t> {
 public:
  // `memory` owns the bytes of the datagram, and lives as long as the request.
  SendRequest(Env& env, size_t size, bool has_callback,
              std::vector<std::shared_ptr<v8::BackingStore>> memory)
      : Request(env, Provider::kUDPSENDWRAP),
        size_(size),
        has_callback_(has_callback),
        memory_(std::move(memory)) {}
  int Cancel() override { return UV_ENOSYS; }

  static void OnSent(uv_udp_send_t* raw, int status) {
    auto* req = static_cast<SendRequest*>(Request::Done(raw));
    Env& env = req->env();
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    [[maybe_unused]] v8::Local<v8::Object> keep = req->object();
    if (req->has_callback_)
      (void)req->MakeCallback("oncomplete", {v8::Integer::New(env.isolate, status),
                                             v8::Number::New(env.isolate, double(req->size_))});
    delete req;
  }

 private:
  size_t size_;
  bool has_callback_;
  std::vector<std::shared_ptr<v8::BackingStore>> memory_;
};

class Udp final : public HandleWrap {
 public:
  explicit Udp(Env& env)
      : HandleWrap(env, Provider::kUDPWRAP, reinterpret_cast<uv_handle_t*>(&handle_)) {
    CHECK(uv_udp_init(env.loop, &handle_) == 0);
    handle_.data = static_cast<HandleWrap*>(this);
  }
  Udp(Env& env, const Args&) : Udp(env) {}

  uv_udp_t* udp() { return &handle_; }

  int GetFd() {
    uv_os_fd_t fd = UV_EBADF;
    uv_fileno(uv_handle(), &fd);
    return fd;
  }
  int Open(int32_t fd) { return is_closing() ? UV_EBADF : uv_udp_open(&handle_, fd); }
  int Bind(std::string address, v8::Local<v8::Value> port, v8::Local<v8::Value> flags) {
    return BindAs(AF_INET, address, port, flags);
  }
  int Bind6(std::string address, v8::Local<v8::Value> port, v8::Local<v8::Value> flags) {
    return BindAs(AF_INET6, address, port, flags);
  }
  int Connect(std::string address, v8::Local<v8::Value> port) {
    return ConnectTo(AF_INET, address, port);
  }
  int Connect6(std::string address, v8::Local<v8::Value> port) {
    return ConnectTo(AF_INET6, address, port);
  }
  int Disconnect() { return is_closing() ? UV_EBADF : uv_udp_connect(&handle_, nullptr); }
  void Send(const Args& args) { args.GetReturnValue().Set(SendTo(AF_INET, args)); }
  void Send6(const Args& args) { args.GetReturnValue().Set(SendTo(AF_INET6, args)); }
  int RecvStart();
  int RecvStop() { return is_closing() ? UV_EBADF : uv_udp_recv_stop(&handle_); }
  void GetPeerName(const Args& args) {
    args.GetReturnValue().Set(GetName(env(), args, &handle_, uv_udp_getpeername));
  }
  void GetSockName(const Args& args) {
    args.GetReturnValue().Set(GetName(env(), args, &handle_, uv_udp_getsockname));
  }

  int AddMembership(std::string group, v8::Local<v8::Value> interface) {
    return Membership(group, interface, UV_JOIN_GROUP);
  }
  int DropMembership(std::string group, v8::Local<v8::Value> interface) {
    return Membership(group, interface, UV_LEAVE_GROUP);
  }
  int AddSourceMembership(std::string source, std::string group, v8::Local<v8::Value> interface) {
    return SourceMembership(source, group, interface, UV_JOIN_GROUP);
  }
  int DropSourceMembership(std::string source, std::string group, v8::Local<v8::Value> interface) {
    return SourceMembership(source, group, interface, UV_LEAVE_GROUP);
  }
  int SetMulticastInterface(std::string interface) {
    if (is_closing()) return UV_EBADF;
    return uv_udp_set_multicast_interface(&handle_, interface.c_str());
  }
  int SetMulticastTtl(v8::Local<v8::Value> v) { return SetInt(uv_udp_set_multicast_ttl, v); }
  int SetMulticastLoopback(v8::Local<v8::Value> v) { return SetInt(uv_udp_set_multicast_loop, v); }
  int SetBroadcast(v8::Local<v8::Value> v) { return SetInt(uv_udp_set_broadcast, v); }
  int SetTtl(v8::Local<v8::Value> v) { return SetInt(uv_udp_set_ttl, v); }

  void BufferSize(const Args& args);
  double GetSendQueueSize() { return double(uv_udp_get_send_queue_size(&handle_)); }
  double GetSendQueueCount() { return double(uv_udp_get_send_queue_count(&handle_)); }

 private:
  int BindAs(int family, const std::string& text, v8::Local<v8::Value> port,
             v8::Local<v8::Value> flags) {
    if (is_closing()) return UV_EBADF;
    sockaddr_storage address;
    if (int err = ParseAddress(family, text, uint32_t(ToInt32(env(), port)), &address)) return err;
    return uv_udp_bind(&handle_, AsSockaddr(address), unsigned(ToInt32(env(), flags)));
  }
  int ConnectTo(int family, const std::string& text, v8::Local<v8::Value> port) {
    if (is_closing()) return UV_EBADF;
    sockaddr_storage address;
    if (int err = ParseAddress(family, text, uint32_t(ToInt32(env(), port)), &address)) return err;
    return uv_udp_connect(&handle_, AsSockaddr(address));
  }
  std::optional<std::string> Optional(v8::Local<v8::Value> value) {
    if (value->IsNullOrUndefined()) return {};
    return ToUtf8(env().isolate, value);
  }
  int Membership(const std::string& group, v8::Local<v8::Value> interface, uv_membership what) {
    if (is_closing()) return UV_EBADF;
    auto name = Optional(interface);
    return uv_udp_set_membership(&handle_, group.c_str(), name ? name->c_str() : nullptr, what);
  }
  int SourceMembership(const std::string& source, const std::string& group,
                       v8::Local<v8::Value> interface, uv_membership what) {
    if (is_closing()) return UV_EBADF;
    auto name = Optional(interface);
    int err = uv_udp_set_source_membership(&handle_, group.c_str(), name ? name->c_str() : nullptr,
                                           source.c_str(), what);
    return err;
  }
  int SetInt(int (*set)(uv_udp_t*, int), v8::Local<v8::Value> value) {
    return is_closing() ? int(UV_EBADF) : set(&handle_, ToInt32(env(), value));
  }
  int SendTo(int family, const Args& args);
  void OnRecv(ssize_t nread, const uv_buf_t& buf, const sockaddr* address);

  uv_udp_t handle_;
};

// (req, list, length, port, address, hasCallback), or without port and address on a
// connected socket.
int Udp::SendTo(int family, const Args& args) {
  if (is_closing()) return UV_EBADF;
  if (!IsFreeRequest(args[0]) || !args[1]->IsArray()) return UV_EINVAL;
  bool with_address = args.Length() == 6;
  bool has_callback = args[with_address ? 5 : 3]->IsTrue();

  // Reading the arguments may run JavaScript; the addresses of the bytes are taken afterwards.
  std::vector<v8::Local<v8::Value>> chunks;
  if (GetBufferList(env(), args[1].As<v8::Array>(), &chunks) != ListResult::kDone) return UV_EINVAL;
  sockaddr_storage address;
  const sockaddr* to = nullptr;
  if (with_address) {
    std::string text = ToUtf8(env().isolate, args[4]);
    if (int err = ParseAddress(family, text, uint32_t(ToInt32(env(), args[3])), &address))
      return err;
    to = AsSockaddr(address);
  }
  if (is_closing()) return UV_EBADF;
  if (!IsFreeRequest(args[0])) return UV_EINVAL;

  std::vector<uv_buf_t> storage(chunks.size());
  size_t size = 0;
  for (size_t i = 0; i < storage.size(); i++) {
    Bytes bytes;
    GetBytes(chunks[i], &bytes);
    storage[i].base = reinterpret_cast<char*>(bytes.data);
    storage[i].len = bytes.size;
    size += bytes.size;
  }
  std::span<uv_buf_t> bufs(storage);
  bool try_send = !env().options || !env().options->GetBool("--test-udp-no-try-send");
  int err = UV_EAGAIN;
  if (try_send) err = uv_udp_try_send(&handle_, bufs.data(), unsigned(bufs.size()), to);
  if (err >= 0) {
    size_t sent = size_t(err);
    while (!bufs.empty() && bufs[0].len <= sent) {
      sent -= bufs[0].len;
      bufs = bufs.subspan(1);
    }
    if (bufs.empty()) return int(size) + 1;
    bufs[0].base += sent;
    bufs[0].len -= sent;
  } else if (err != UV_ENOSYS && err != UV_EAGAIN) {
    return err;
  }

  std::vector<std::shared_ptr<v8::BackingStore>> memory;
  for (v8::Local<v8::Value> chunk : chunks) memory.push_back(StoreOf(chunk));
  auto* req = new SendRequest(env(), size, has_callback, std::move(memory));
  {
    DefaultTriggerScope trigger(*this);
    req->Attach(args[0].As<v8::Object>());
  }
  // The init hook of async_hooks, which Attach() calls, may have closed the socket.
  if (is_closing()) {
    delete req;
    return UV_EBADF;
  }
  err = req->Dispatch(uv_udp_send, &handle_, bufs.data(), unsigned(bufs.size()), to,
                      SendRequest::OnSent);
  if (err < 0) delete req;
  return err;
}

int Udp::RecvStart() {
  if (is_closing()) return UV_EBADF;
  int err = uv_udp_recv_start(
      &handle_,
      [](uv_handle_t*, size_t suggested_size, uv_buf_t* buf) {
        buf->base = static_cast<char*>(std::malloc(suggested_size));
        buf->len = buf->base ? suggested_size : 0;
      },
      [](uv_udp_t* handle, ssize_t nread, const uv_buf_t* buf, const sockaddr* address, unsigned) {
        auto* self = static_cast<Udp*>(static_cast<HandleWrap*>(handle->data));
        self->OnRecv(nread, *buf, address);
      });
  return err == UV_EALREADY ? 0 : err;  // already bound and receiving is not an error
}

void Udp::OnRecv(ssize_t nread, const uv_buf_t& buf, const sockaddr* address) {
  if (nread == 0 && !address) return std::free(buf.base);  // nothing to read
  Env& e = env();
  v8::HandleScope scope(e.isolate);
  v8::Context::Scope entered(e.context());
  v8::Local<v8::Value> args[] = {v8::Integer::New(e.isolate, int(nread)), object(), e.Undefined(),
                                 e.Undefined()};
  if (nread < 0) {
    std::free(buf.base);
  } else {
    void* data = std::realloc(buf.base, size_t(nread) + (nread == 0));
    args[2] = NewBufferOwning(e, data ? data : buf.base, size_t(nread));
    args[3] = AddressToJs(e, address);
  }
  (void)MakeCallback("onmessage", std::span<v8::Local<v8::Value>>(args));
}

// bufferSize(size, receive, ctx): reads the size if it is 0, otherwise sets it. On an error, stores
// it in ctx and returns undefined.
void Udp::BufferSize(const Args& args) {
  bool receive = args[1]->IsTrue();
  int size = 0;
  int err = UV_EINVAL;
  if (args[0]->IsInt32()) {
    size = args[0].As<v8::Int32>()->Value();
    err =
        receive ? uv_recv_buffer_size(uv_handle(), &size) : uv_send_buffer_size(uv_handle(), &size);
  }
  if (err == 0) return args.GetReturnValue().Set(size);
  if (!args[2]->IsObject()) return;
  auto context = args[2].As<v8::Object>();
  env().Set(context, "errno", double(err));
  env().Set(context, "code", env().Str(uv_err_name(err)));
  env().Set(context, "message", env().Str(uv_strerror(err)));
  env().Set(context, "syscall", env().Str(receive ? "uv_recv_buffer_size" : "uv_send_buffer_size"));
}

constexpr Entry kMethods[] = {
    Method<&Udp::RecvStart>("recvStart"),
    Method<&Udp::RecvStop>("recvStop"),
    Method<&Udp::Open>("open"),
    Method<&Udp::Bind>("bind"),
    Method<&Udp::Connect>("connect"),
    Method<&Udp::Send>("send"),
    Method<&Udp::Bind6>("bind6"),
    Method<&Udp::Connect6>("connect6"),
    Method<&Udp::Send6>("send6"),
    Method<&Udp::Disconnect>("disconnect"),
    Method<&Udp::GetPeerName>("getpeername"),
    Method<&Udp::GetSockName>("getsockname"),
    Method<&Udp::AddMembership>("addMembership"),
    Method<&Udp::DropMembership>("dropMembership"),
    Method<&Udp::AddSourceMembership>("addSourceSpecificMembership"),
    Method<&Udp::DropSourceMembership>("dropSourceSpecificMembership"),
    Method<&Udp::SetMulticastInterface>("setMulticastInterface"),
    Method<&Udp::SetMulticastTtl>("setMulticastTTL"),
    Method<&Udp::SetMulticastLoopback>("setMulticastLoopback"),
    Method<&Udp::SetBroadcast>("setBroadcast"),
    Method<&Udp::SetTtl>("setTTL"),
    Method<&Udp::BufferSize>("bufferSize"),
    Method<&Udp::GetSendQueueSize>("getSendQueueSize"),
    Method<&Udp::GetSendQueueCount>("getSendQueueCount"),
};
constexpr Accessor kAccessors[] = {Get<&Udp::GetFd>("fd")};

// As for TCP: all sockets have the same hidden class.
void CustomizeUdp(Env& env, v8::Local<v8::FunctionTemplate> made) {
  made->InstanceTemplate()->Set(env.Symbol("owner_symbol"), v8::Null(env.isolate));
}

const ClassEntry kUdpClass = {.name = "UDP",
                              .construct = Construct<Udp>,
                              .parent = &kHandleWrapClass,
                              .methods = kMethods,
                              .accessors = kAccessors,
                              .customize = CustomizeUdp};
const ClassEntry kSendClass = {.name = "SendWrap",
                               .construct = ConstructRequest,
                               .parent = &kAsyncWrapClass,
                               .fields = kRequestFields};
const ClassEntry* const kClasses[] = {&kUdpClass, &kSendClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  SetConstant(env, constants, "UV_UDP_IPV6ONLY", UV_UDP_IPV6ONLY);
  SetConstant(env, constants, "UV_UDP_REUSEADDR", UV_UDP_REUSEADDR);
  SetConstant(env, constants, "UV_UDP_REUSEPORT", UV_UDP_REUSEPORT);
  env.Set(exports, "constants", constants);
}

}  // namespace

v8::MaybeLocal<v8::Object> AcceptUdp(Env& env, AsyncWrap& parent, uv_stream_t* server) {
  DefaultTriggerScope trigger(parent);
  Udp* socket = NewWrapped<Udp>(env, kUdpClass);
  if (uv_accept(server, reinterpret_cast<uv_stream_t*>(socket->udp())) == 0)
    return socket->object();
  socket->Close();
  return {};
}

extern const Binding kUdpWrapBinding;
const Binding kUdpWrapBinding = {.name = "udp_wrap", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
