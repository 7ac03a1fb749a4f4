// internalBinding("tcp_wrap"): TCP sockets, servers and clients, with uv_tcp_t.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/bindings/net/address.h"
#include "runtime-stub/bindings/net/connection.h"

namespace kiln::runtime {
namespace {

enum SocketType { kSocket, kServer };

// A socket that is being sent to another thread.
class SocketInTransit final : public TransferData {
 public:
  SocketInTransit(int fd, SocketType type) : fd_(fd), type_(type) {}
  ~SocketInTransit() override {
    if (fd_ >= 0) close(fd_);  // not received
  }
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context>) override;

 private:
  int fd_;
  SocketType type_;
};

class Tcp final : public LibuvStream, public Transferable {
 public:
  Tcp(Env& env, SocketType type)
      : LibuvStream(env, type == kServer ? Provider::kTCPSERVERWRAP : Provider::kTCPWRAP,
                    reinterpret_cast<uv_stream_t*>(&handle_)),
        type_(type) {
    CHECK(uv_tcp_init(env.loop, &handle_) == 0);
    handle_.data = static_cast<HandleWrap*>(this);
  }
  Tcp(Env& env, const Args& args)
      : Tcp(env, args[0]->IsInt32() && args[0].As<v8::Int32>()->Value() == kServer ? kServer
                                                                                   : kSocket) {}

  // postMessage() moves a socket: another thread receives its descriptor, and this handle closes.
  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kTransfer; }
  std::unique_ptr<TransferData> Transfer() override {
    uv_os_fd_t fd;
    if (is_closing() || uv_fileno(uv_handle(), &fd) != 0) return nullptr;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return nullptr;
    Close();
    return std::make_unique<SocketInTransit>(copy, type_);
  }

  int Open(int32_t fd) {
    if (is_closing()) return UV_EBADF;
    if (int err = CheckStreamFd(fd)) return err;
    return uv_tcp_open(&handle_, fd);
  }
  int Bind(std::string address, v8::Local<v8::Value> port, v8::Local<v8::Value> flags) {
    // The flag for IPv6 only has no meaning for an IPv4 socket.
    return BindAs(AF_INET, address, port, ToInt32(env(), flags) & ~UV_TCP_IPV6ONLY);
  }
  int Bind6(std::string address, v8::Local<v8::Value> port, v8::Local<v8::Value> flags) {
    return BindAs(AF_INET6, address, port, ToInt32(env(), flags));
  }
  int Listen(v8::Local<v8::Value> backlog) {
    return kiln::runtime::Listen<AcceptTcp>(*this, backlog);
  }
  int Connect(v8::Local<v8::Object> req, std::string address, double port) {
    return ConnectTo(AF_INET, req, address, port);
  }
  int Connect6(v8::Local<v8::Object> req, std::string address, double port) {
    return ConnectTo(AF_INET6, req, address, port);
  }
  void GetSockName(const Args& args) {
    args.GetReturnValue().Set(GetName(env(), args, &handle_, uv_tcp_getsockname));
  }
  void GetPeerName(const Args& args) {
    args.GetReturnValue().Set(GetName(env(), args, &handle_, uv_tcp_getpeername));
  }
  int SetNoDelay(bool on) { return uv_tcp_nodelay(&handle_, on); }

  // (enable, seconds to the first probe, seconds between probes, number of probes)
  int SetKeepAlive(bool on, std::optional<double> delay, std::optional<double> interval,
                   std::optional<double> count) {
    int err = uv_tcp_keepalive(&handle_, on, Saturate<unsigned>(delay.value_or(0)));
    if (err != 0 || !on) return err;
    if (interval && (err = SetOption(IPPROTO_TCP, TCP_KEEPINTVL, Saturate<int>(*interval))))
      return err;
    if (count && (err = SetOption(IPPROTO_TCP, TCP_KEEPCNT, Saturate<int>(*count)))) return err;
    return 0;
  }

  // A dual-stack socket has an option for each protocol; setting one of them is enough.
  int SetTypeOfService(int32_t tos) {
    int err4 = SetOption(IPPROTO_IP, IP_TOS, tos);
    int err6 = SetOption(IPPROTO_IPV6, IPV6_TCLASS, tos);
    return err4 == 0 || err6 == 0 ? 0 : err4;
  }
  int GetTypeOfService() {
    uv_os_fd_t fd;
    if (int err = uv_fileno(uv_handle(), &fd)) return err;
    int value = 0;
    socklen_t size = sizeof value;
    if (getsockopt(fd, IPPROTO_IP, IP_TOS, &value, &size) == 0) return value;
    size = sizeof value;
    if (getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, &size) == 0) return value;
    return -errno;
  }

  // Closes with RST instead of FIN.
  int Reset(v8::Local<v8::Value> callback) {
    return CloseWith([&](uv_close_cb done) { return uv_tcp_close_reset(&handle_, done); },
                     callback);
  }

 private:
  int SetOption(int level, int name, int value) {
    uv_os_fd_t fd;
    if (int err = uv_fileno(uv_handle(), &fd)) return err;
    return setsockopt(fd, level, name, &value, sizeof value) == 0 ? 0 : -errno;
  }

  int BindAs(int family, const std::string& text, v8::Local<v8::Value> port, int flags) {
    if (is_closing()) return UV_EBADF;
    sockaddr_storage address;
    if (int err = ParseAddress(family, text, uint32_t(ToInt32(env(), port)), &address)) return err;
    return uv_tcp_bind(&handle_, AsSockaddr(address), unsigned(flags));
  }

  int ConnectTo(int family, v8::Local<v8::Object> object, const std::string& text, double port) {
    if (is_closing()) return UV_EBADF;
    sockaddr_storage address;
    if (int err = ParseAddress(family, text, Saturate<uint32_t>(port), &address)) return err;
    return ConnectRequest::Start(*this, Provider::kTCPCONNECTWRAP, object,
                                 [&](uv_connect_t* req, uv_connect_cb done) {
                                   return uv_tcp_connect(req, &handle_, AsSockaddr(address), done);
                                 });
  }

  uv_tcp_t handle_;
  SocketType type_;
};

constexpr Entry kMethods[] = {
    Method<&Tcp::Open>("open"),
    Method<&Tcp::Bind>("bind"),
    Method<&Tcp::Listen>("listen"),
    Method<&Tcp::Connect>("connect"),
    Method<&Tcp::Bind6>("bind6"),
    Method<&Tcp::Connect6>("connect6"),
    Method<&Tcp::GetSockName>("getsockname"),
    Method<&Tcp::GetPeerName>("getpeername"),
    Method<&Tcp::SetNoDelay>("setNoDelay"),
    Method<&Tcp::SetKeepAlive>("setKeepAlive"),
    Method<&Tcp::SetTypeOfService>("setTypeOfService"),
    Method<&Tcp::GetTypeOfService>("getTypeOfService"),
    Method<&Tcp::Reset>("reset"),
};

// The properties that net.js sets on every socket exist from the start, so that all sockets have
// the same hidden class.
void CustomizeTcp(Env& env, v8::Local<v8::FunctionTemplate> made) {
  v8::Local<v8::ObjectTemplate> instance = made->InstanceTemplate();
  instance->Set(env.Name("reading"), v8::False(env.isolate));
  instance->Set(env.Symbol("owner_symbol"), v8::Null(env.isolate));
  instance->Set(env.Name("onconnection"), v8::Null(env.isolate));
}

const ClassEntry kTcpClass = {.name = "TCP",
                              .construct = Construct<Tcp>,
                              .parent = &kLibuvStreamClass,
                              .methods = kMethods,
                              .fields = StreamBase::kFields,
                              .customize = CustomizeTcp};
const ClassEntry kTcpConnectClass = {.name = "TCPConnectWrap",
                                     .construct = ConstructRequest,
                                     .parent = &kAsyncWrapClass,
                                     .fields = kRequestFields};
const ClassEntry* const kClasses[] = {&kTcpClass, &kTcpConnectClass};

v8::MaybeLocal<v8::Object> SocketInTransit::Receive(Env& env, v8::Local<v8::Context>) {
  Tcp* socket = NewWrapped<Tcp>(env, kTcpClass, type_);
  if (int err = socket->Open(fd_)) {
    socket->Close();
    Error::Uv(err, "open").Throw(env);
    return {};
  }
  fd_ = -1;
  return socket->object();
}

void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> constants = v8::Object::New(env.isolate);
  SetConstant(env, constants, "SOCKET", kSocket);
  SetConstant(env, constants, "SERVER", kServer);
  SetConstant(env, constants, "UV_TCP_IPV6ONLY", UV_TCP_IPV6ONLY);
  SetConstant(env, constants, "UV_TCP_REUSEPORT", UV_TCP_REUSEPORT);
  env.Set(exports, "constants", constants);
}

}  // namespace

v8::MaybeLocal<v8::Object> AcceptTcp(Env& env, AsyncWrap& parent, uv_stream_t* server) {
  DefaultTriggerScope trigger(parent);
  Tcp* client = NewWrapped<Tcp>(env, kTcpClass, kSocket);
  if (uv_accept(server, client->uv_stream()) == 0) return client->object();
  client->Close();
  return {};
}

extern const Binding kTcpWrapBinding;
const Binding kTcpWrapBinding = {.name = "tcp_wrap", .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
