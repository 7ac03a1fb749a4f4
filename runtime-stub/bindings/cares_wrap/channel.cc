// The c-ares channel and its queries. c-ares reports which sockets to watch; the event loop polls
// them, and a timer lets c-ares check for timeouts.
#include "runtime-stub/bindings/cares_wrap/channel.h"

#include <ada/ada_idna.h>
#include <netdb.h>
#include <netinet/in.h>

#include <memory>
#include <mutex>

#include "runtime-stub/binding/request_object.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/net/address.h"

namespace kiln::runtime {

const char* AresErrorCode(int status) {
  switch (status) {
#define KILN_ARES(name) \
  case ARES_E##name:    \
    return "E" #name;
    KILN_ARES(ADDRGETNETWORKPARAMS)
    KILN_ARES(BADFAMILY)
    KILN_ARES(BADFLAGS)
    KILN_ARES(BADHINTS)
    KILN_ARES(BADNAME)
    KILN_ARES(BADQUERY)
    KILN_ARES(BADRESP)
    KILN_ARES(BADSTR)
    KILN_ARES(CANCELLED)
    KILN_ARES(CONNREFUSED)
    KILN_ARES(DESTRUCTION)
    KILN_ARES(FILE)
    KILN_ARES(FORMERR)
    KILN_ARES(LOADIPHLPAPI)
    KILN_ARES(NODATA)
    KILN_ARES(NOMEM)
    KILN_ARES(NONAME)
    KILN_ARES(NOTFOUND)
    KILN_ARES(NOTIMP)
    KILN_ARES(NOTINITIALIZED)
    KILN_ARES(REFUSED)
    KILN_ARES(SERVFAIL)
    KILN_ARES(TIMEOUT)
#undef KILN_ARES
    case ARES_EOF:
      return "EOF";
  }
  return "UNKNOWN_ARES_ERROR";
}

namespace {

// A query in flight, attached to the QueryReqWrap that JavaScript passed. c-ares may finish it
// during the call that starts it; the result is always delivered from the loop.
class Query final : public AsyncWrap {
 public:
  Query(Channel& channel, int type)
      : AsyncWrap(channel.env(), Provider::kQUERYWRAP), channel_(channel), type_(type) {}

  // Callbacks of c-ares.
  static void OnReply(void* data, int status, int, unsigned char* reply, int size) {
    auto* self = static_cast<Query*>(data);
    if (status == ARES_SUCCESS) self->reply_.assign(reinterpret_cast<char*>(reply), size_t(size));
    self->Queue(status);
  }
  static void OnHost(void* data, int status, int, hostent* host) {
    auto* self = static_cast<Query*>(data);
    if (status == ARES_SUCCESS)
      for (char** name = host->h_aliases; *name; name++) self->names_.push_back(*name);
    self->Queue(status);
  }

 private:
  void Queue(int status) {
    channel_.QueryDone(status);
    env().SetImmediate([this, status](Env&) { Deliver(status); });
  }

  void Deliver(int status) {
    v8::HandleScope scope(env().isolate);
    v8::Context::Scope entered(env().context());
    [[maybe_unused]] v8::Local<v8::Object> keep = object();
    Answer answer;
    if (status == ARES_SUCCESS) {
      if (type_ == kReverseType) {
        std::vector<v8::Local<v8::Value>> names;
        for (const std::string& name : names_) names.push_back(env().Str(name));
        answer.records = v8::Array::New(env().isolate, names.data(), names.size());
      } else {
        status = ParseReply(env(), type_, reply_, &answer);
      }
    }
    if (status != ARES_SUCCESS) {
      (void)MakeCallback("oncomplete", {env().Name(AresErrorCode(status))});
    } else {
      std::vector<v8::Local<v8::Value>> args = {v8::Integer::New(env().isolate, 0), answer.records};
      if (!answer.ttls.IsEmpty()) args.push_back(answer.ttls);
      (void)MakeCallback("oncomplete", std::span<v8::Local<v8::Value>>(args));
    }
    channel_.Unpin();
    delete this;
  }

  Channel& channel_;  // pinned by this query
  int type_;
  std::string reply_;
  std::vector<std::string> names_;
};

std::mutex library_mutex;

}  // namespace

const ClassEntry kQueryReqClass = {.name = "QueryReqWrap",
                                   .construct = ConstructRequest,
                                   .parent = &kAsyncWrapClass,
                                   .fields = kRequestFields};

// A socket of c-ares in the loop; deleted when libuv has closed the handle.
struct Channel::Socket {
  uv_poll_t poll;
  Channel* channel;
  ares_socket_t socket;
};

Channel::Channel(Env& env, const Args& args)
    : AsyncWrap(env, Provider::kDNSCHANNEL),
      timeout_(ToInt32(env, args[0])),
      tries_(ToInt32(env, args[1])),
      max_timeout_(ToInt32(env, args[2])) {}

Channel::~Channel() {
  if (ares_) ares_destroy(ares_);
  CloseTimer();
}

ares_channel_t* Channel::ares() {
  if (!ares_) Open();
  return ares_;
}

bool Channel::Open() {
  ares_options options = {};
  options.flags = ARES_FLAG_NOCHECKRESP;
  options.sock_state_cb = [](void* data, ares_socket_t socket, int read, int write) {
    static_cast<Channel*>(data)->OnSocketState(socket, read != 0, write != 0);
  };
  options.sock_state_cb_data = this;
  options.timeout = timeout_;
  options.tries = tries_;
  options.qcache_max_ttl = 0;
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_TRIES |
             ARES_OPT_QUERY_CACHE;
  if (max_timeout_ > 0) {
    options.maxtimeout = max_timeout_;
    mask |= ARES_OPT_MAXTIMEOUTMS;
  }
  int status;
  {
    // Initializes c-ares once for all threads; the function is not thread-safe.
    std::lock_guard lock(library_mutex);
    static int library_status = ares_library_init(ARES_LIB_INIT_ALL);
    status = library_status;
  }
  if (status == ARES_SUCCESS) status = ares_init_options(&ares_, &options, mask);
  if (status == ARES_SUCCESS) return true;
  ares_ = nullptr;
  Error::Plain(AresErrorCode(status), AresErrorCode(status)).Throw(env());
  return false;
}

void Channel::OnSocketState(ares_socket_t socket, bool read, bool write) {
  auto it = sockets_.find(socket);
  if (!read && !write) {
    if (it != sockets_.end()) {
      auto* handle = reinterpret_cast<uv_handle_t*>(&it->second->poll);
      sockets_.erase(it);
      uv_close(handle, [](uv_handle_t* h) { delete static_cast<Socket*>(h->data); });
    }
    if (sockets_.empty()) CloseTimer();
    return;
  }
  if (it == sockets_.end()) {
    StartTimer();
    auto* fresh = new Socket;
    fresh->channel = this;
    fresh->socket = socket;
    if (uv_poll_init_socket(env().loop, &fresh->poll, socket) < 0) {
      delete fresh;  // the query will time out
      return;
    }
    fresh->poll.data = fresh;
    it = sockets_.emplace(socket, fresh).first;
  }
  uv_poll_start(&it->second->poll, (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0),
                [](uv_poll_t* poll, int status, int events) {
                  auto* s = static_cast<Socket*>(poll->data);
                  Channel* channel = s->channel;
                  if (channel->timer_) uv_timer_again(channel->timer_);
                  // After an error c-ares determines the cause itself.
                  bool readable = status < 0 || (events & UV_READABLE);
                  bool writable = status < 0 || (events & UV_WRITABLE);
                  ares_process_fd(channel->ares_, readable ? s->socket : ARES_SOCKET_BAD,
                                  writable ? s->socket : ARES_SOCKET_BAD);
                });
}

void Channel::StartTimer() {
  if (!timer_) {
    timer_ = new uv_timer_t;
    timer_->data = this;
    uv_timer_init(env().loop, timer_);
  } else if (uv_is_active(reinterpret_cast<uv_handle_t*>(timer_))) {
    return;
  }
  uint64_t interval = timeout_ <= 0 || timeout_ > 1000 ? 1000 : uint64_t(timeout_);
  uv_timer_start(
      timer_,
      [](uv_timer_t* timer) {
        auto* self = static_cast<Channel*>(timer->data);
        ares_process_fd(self->ares_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      },
      interval, interval);
}

void Channel::CloseTimer() {
  if (!timer_) return;
  uv_close(reinterpret_cast<uv_handle_t*>(timer_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
  timer_ = nullptr;
}

void Channel::QueryStarted() {
  queries_++;
  Pin();
}

void Channel::QueryDone(int status) {
  queries_--;
  last_query_ok_ = status != ARES_ECONNREFUSED;
}

// Without resolv.conf, c-ares uses a server at 127.0.0.1. While that is the only server and it does
// not reply, the file is read again before each query.
void Channel::EnsureServers() {
  if (last_query_ok_ || !default_servers_) return;
  ares_addr_port_node* servers = nullptr;
  ares_get_servers_ports(ares_, &servers);
  if (!servers) return;
  bool fallback = !servers->next && servers->family == AF_INET &&
                  servers->addr.addr4.s_addr == htonl(INADDR_LOOPBACK) && servers->tcp_port == 0 &&
                  servers->udp_port == 0;
  ares_free_data(servers);
  if (!fallback) {
    default_servers_ = false;
    return;
  }
  ares_destroy(ares_);
  ares_ = nullptr;
  CloseTimer();
}

namespace {

// The arguments of every query: (req, name).
bool GetQuery(Env& env, const Args& args, std::string* name) {
  if (!IsFreeRequest(args[0]) || !args[1]->IsString()) {
    ThrowBadArgument(env, args[1]->IsString() ? 0 : 1);
    return false;
  }
  *name = ToUtf8(env.isolate, args[1]);
  return true;
}

}  // namespace

void Channel::Start(const Args& args, int type) {
  std::string name;
  if (!GetQuery(env(), args, &name) || !ares()) return;
  EnsureServers();
  if (!ares()) return;
  auto* query = new kiln::runtime::Query(*this, type);
  query->Attach(args[0].As<v8::Object>());
  query->Pin();
  QueryStarted();
  ares_query(ares_, ada::idna::to_ascii(name).c_str(), ARES_CLASS_IN, type,
             kiln::runtime::Query::OnReply, query);
  args.GetReturnValue().Set(0);
}

void Channel::GetHostByAddr(const Args& args) {
  std::string name;
  if (!GetQuery(env(), args, &name) || !ares()) return;
  char address[sizeof(in6_addr)];
  int family = AF_INET, size = sizeof(in_addr);
  if (uv_inet_pton(AF_INET, name.c_str(), address) != 0) {
    family = AF_INET6;
    size = sizeof(in6_addr);
    if (uv_inet_pton(AF_INET6, name.c_str(), address) != 0)
      return args.GetReturnValue().Set(UV_EINVAL);
  }
  auto* query = new kiln::runtime::Query(*this, kReverseType);
  query->Attach(args[0].As<v8::Object>());
  query->Pin();
  QueryStarted();
  ares_gethostbyaddr(ares_, address, size, family, kiln::runtime::Query::OnHost, query);
  args.GetReturnValue().Set(0);
}

// [[address, port], ...]; port 0 means the default port.
void Channel::GetServers(const Args& args) {
  if (!ares()) return;
  ares_addr_port_node* servers = nullptr;
  ares_get_servers_ports(ares_, &servers);
  std::vector<v8::Local<v8::Value>> list;
  for (ares_addr_port_node* s = servers; s; s = s->next) {
    char ip[INET6_ADDRSTRLEN];
    uv_inet_ntop(s->family, &s->addr, ip, sizeof ip);
    v8::Local<v8::Value> pair[] = {env().Str(ip), v8::Integer::New(env().isolate, s->udp_port)};
    list.push_back(v8::Array::New(env().isolate, pair, 2));
  }
  ares_free_data(servers);
  args.GetReturnValue().Set(v8::Array::New(env().isolate, list.data(), list.size()));
}

// [[4 or 6, address, port], ...]
void Channel::SetServers(const Args& args) {
  if (queries_ > 0) return args.GetReturnValue().Set(kSetServersPending);
  if (!args[0]->IsArray()) return ThrowBadArgument(env(), 0);
  if (!ares()) return;
  auto array = args[0].As<v8::Array>();
  if (array->Length() == 0) return args.GetReturnValue().Set(ares_set_servers(ares_, nullptr));
  v8::Local<v8::Context> context = env().context();
  std::vector<ares_addr_port_node> servers(array->Length());
  int status = ARES_SUCCESS;
  for (uint32_t i = 0; i < servers.size(); i++) {
    v8::Local<v8::Value> item, family, ip, port;
    if (!array->Get(context, i).ToLocal(&item)) return;
    if (!item->IsArray()) return ThrowBadArgument(env(), 0);
    auto triple = item.As<v8::Array>();
    if (!triple->Get(context, 0).ToLocal(&family) || !triple->Get(context, 1).ToLocal(&ip) ||
        !triple->Get(context, 2).ToLocal(&port))
      return;
    ares_addr_port_node& server = servers[i];
    server.family = ToInt32(env(), family) == 6 ? AF_INET6 : AF_INET;
    server.tcp_port = server.udp_port = ToInt32(env(), port);
    server.next = i + 1 < servers.size() ? &servers[i + 1] : nullptr;
    if (uv_inet_pton(server.family, ToUtf8(env().isolate, ip).c_str(), &server.addr) != 0)
      status = ARES_EBADSTR;
  }
  if (status == ARES_SUCCESS) status = ares_set_servers_ports(ares_, servers.data());
  if (status == ARES_SUCCESS) default_servers_ = false;
  args.GetReturnValue().Set(status);
}

// setLocalAddress(ip, ip of the other family or undefined): a family that is not given is reset to
// "any".
void Channel::SetLocalAddress(const Args& args) {
  if (!ares()) return;
  bool set4 = false, set6 = false;
  in_addr ip4 = {};
  in6_addr ip6 = {};
  auto fail = [&](const char* text) { Error::Type("ERR_INVALID_ARG_VALUE", text).Throw(env()); };
  for (int i = 0; i < 2; i++) {
    if (i == 1 && args[1]->IsUndefined()) break;
    std::string ip = ToUtf8(env().isolate, args[i]);
    if (uv_inet_pton(AF_INET, ip.c_str(), &ip4) == 0) {
      if (set4) return fail("Cannot specify two IPv4 addresses.");
      set4 = true;
    } else if (uv_inet_pton(AF_INET6, ip.c_str(), &ip6) == 0) {
      if (set6) return fail("Cannot specify two IPv6 addresses.");
      set6 = true;
    } else {
      return fail("Invalid IP address.");
    }
  }
  ares_set_local_ip4(ares_, ntohl(ip4.s_addr));
  ares_set_local_ip6(ares_, ip6.s6_addr);
}

namespace {

constexpr Entry kMethods[] = {
    Method<&Channel::GetHostByAddr>("getHostByAddr"),
    Method<&Channel::Query<ARES_REC_TYPE_A>>("queryA"),
    Method<&Channel::Query<ARES_REC_TYPE_ANY>>("queryAny"),
    Method<&Channel::Query<ARES_REC_TYPE_AAAA>>("queryAaaa"),
    Method<&Channel::Query<ARES_REC_TYPE_CAA>>("queryCaa"),
    Method<&Channel::Query<ARES_REC_TYPE_CNAME>>("queryCname"),
    Method<&Channel::Query<ARES_REC_TYPE_MX>>("queryMx"),
    Method<&Channel::Query<ARES_REC_TYPE_NAPTR>>("queryNaptr"),
    Method<&Channel::Query<ARES_REC_TYPE_NS>>("queryNs"),
    Method<&Channel::Query<ARES_REC_TYPE_PTR>>("queryPtr"),
    Method<&Channel::Query<ARES_REC_TYPE_SRV>>("querySrv"),
    Method<&Channel::Query<ARES_REC_TYPE_SOA>>("querySoa"),
    Method<&Channel::Query<ARES_REC_TYPE_TLSA>>("queryTlsa"),
    Method<&Channel::Query<ARES_REC_TYPE_TXT>>("queryTxt"),
    Method<&Channel::GetServers>("getServers"),
    Method<&Channel::SetServers>("setServers"),
    Method<&Channel::SetLocalAddress>("setLocalAddress"),
    Method<&Channel::Cancel>("cancel"),
};

}  // namespace

const ClassEntry kChannelClass = {.name = "ChannelWrap",
                                  .construct = Construct<Channel>,
                                  .parent = &kAsyncWrapClass,
                                  .methods = kMethods};

}  // namespace kiln::runtime
