// internalBinding("cares_wrap"): dns.lookup and dns.lookupService use the system's resolver
// (uv_getaddrinfo, uv_getnameinfo); the rest of dns uses c-ares (channel.cc, records.cc).
#include <ada/ada_idna.h>
#include <netdb.h>
#include <netinet/in.h>

#include "runtime-stub/binding/buffer.h"
#include "runtime-stub/binding/request_object.h"
#include "runtime-stub/binding/stream.h"
#include "runtime-stub/bindings/cares_wrap/channel.h"
#include "runtime-stub/bindings/net/address.h"

namespace kiln::runtime {
namespace {

enum Order : uint32_t { kVerbatim, kIpv4First, kIpv6First };

class AddrInfoRequest final : public Request<uv_getaddrinfo_t> {
 public:
  AddrInfoRequest(Env& env, uint32_t order)
      : Request(env, Provider::kGETADDRINFOREQWRAP), order_(order) {}

  static void OnDone(uv_getaddrinfo_t* raw, int status, addrinfo* list) {
    auto* req = static_cast<AddrInfoRequest*>(Request::Done(raw));
    Env& env = req->env();
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    [[maybe_unused]] v8::Local<v8::Object> keep = req->object();
    v8::Local<v8::Value> addresses = v8::Null(env.isolate);
    if (status == 0) {
      std::vector<v8::Local<v8::Value>> found;
      auto add = [&](bool ipv4, bool ipv6) {
        for (addrinfo* p = list; p; p = p->ai_next) {
          const void* address;
          if (ipv4 && p->ai_family == AF_INET)
            address = &reinterpret_cast<sockaddr_in*>(p->ai_addr)->sin_addr;
          else if (ipv6 && p->ai_family == AF_INET6)
            address = &reinterpret_cast<sockaddr_in6*>(p->ai_addr)->sin6_addr;
          else
            continue;
          char ip[INET6_ADDRSTRLEN];
          if (uv_inet_ntop(p->ai_family, address, ip, sizeof ip) == 0) found.push_back(env.Str(ip));
        }
      };
      switch (req->order_) {
        case kIpv4First:
          add(true, false);
          add(false, true);
          break;
        case kIpv6First:
          add(false, true);
          add(true, false);
          break;
        default:
          add(true, true);
      }
      if (found.empty()) status = UV_EAI_NODATA;
      addresses = v8::Array::New(env.isolate, found.data(), found.size());
    }
    uv_freeaddrinfo(list);
    (void)req->MakeCallback("oncomplete", {v8::Integer::New(env.isolate, status), addresses});
    delete req;
  }

 private:
  uint32_t order_;
};

class NameInfoRequest final : public Request<uv_getnameinfo_t> {
 public:
  explicit NameInfoRequest(Env& env) : Request(env, Provider::kGETNAMEINFOREQWRAP) {}

  static void OnDone(uv_getnameinfo_t* raw, int status, const char* host, const char* service) {
    auto* req = static_cast<NameInfoRequest*>(Request::Done(raw));
    Env& env = req->env();
    v8::HandleScope scope(env.isolate);
    v8::Context::Scope entered(env.context());
    [[maybe_unused]] v8::Local<v8::Object> keep = req->object();
    v8::Local<v8::Value> args[] = {v8::Integer::New(env.isolate, status), v8::Null(env.isolate),
                                   v8::Null(env.isolate)};
    if (status == 0) {
      args[1] = env.Str(host);
      args[2] = env.Str(service);
    }
    (void)req->MakeCallback("oncomplete", std::span<v8::Local<v8::Value>>(args));
    delete req;
  }
};

// (req, hostname, family 0 4 6, flags, order)
void GetAddrInfo(Env& env, const Args& args) {
  if (!IsFreeRequest(args[0])) return ThrowBadArgument(env, 0);
  if (!args[1]->IsString()) return ThrowBadArgument(env, 1);
  std::string name = ada::idna::to_ascii(ToUtf8(env.isolate, args[1]));
  addrinfo hints = {};
  switch (ToInt32(env, args[2])) {
    case 0:
      hints.ai_family = AF_UNSPEC;
      break;
    case 4:
      hints.ai_family = AF_INET;
      break;
    case 6:
      hints.ai_family = AF_INET6;
      break;
    default:
      return ThrowBadArgument(env, 2);
  }
  hints.ai_socktype = SOCK_STREAM;
  if (args[3]->IsInt32()) hints.ai_flags = args[3].As<v8::Int32>()->Value();
  auto* req = new AddrInfoRequest(env, uint32_t(ToInt32(env, args[4])));
  req->Attach(args[0].As<v8::Object>());
  int err = req->DispatchOnLoop(uv_getaddrinfo, AddrInfoRequest::OnDone, name.c_str(),
                                static_cast<const char*>(nullptr), &hints);
  if (err < 0) delete req;
  args.GetReturnValue().Set(err);
}

// (req, ip, port)
void GetNameInfo(Env& env, const Args& args) {
  if (!IsFreeRequest(args[0])) return ThrowBadArgument(env, 0);
  if (!args[1]->IsString()) return ThrowBadArgument(env, 1);
  std::string ip = ToUtf8(env.isolate, args[1]);
  uint32_t port = uint32_t(ToInt32(env, args[2]));
  sockaddr_storage address;
  if (ParseAddress(AF_INET, ip, port, &address) != 0 &&
      ParseAddress(AF_INET6, ip, port, &address) != 0)
    return ThrowBadArgument(env, 1);
  auto* req = new NameInfoRequest(env);
  req->Attach(args[0].As<v8::Object>());
  int err = req->DispatchOnLoop(uv_getnameinfo, NameInfoRequest::OnDone, AsSockaddr(address),
                                int(NI_NAMEREQD));
  if (err < 0) delete req;
  args.GetReturnValue().Set(err);
}

// The shortest spelling of an address; undefined if the text is not one.
v8::Local<v8::Value> CanonicalizeIp(Env& env, v8::Local<v8::Value> value) {
  std::string ip = ToUtf8(env.isolate, value);
  for (int family : {AF_INET, AF_INET6}) {
    char bytes[sizeof(in6_addr)];
    char text[INET6_ADDRSTRLEN];
    if (uv_inet_pton(family, ip.c_str(), bytes) != 0) continue;
    uv_inet_ntop(family, bytes, text, sizeof text);
    return env.Str(text);
  }
  return env.Undefined();
}

void ConvertIpv6StringToBuffer(Env& env, const Args& args) {
  unsigned char bytes[sizeof(in6_addr)];
  if (uv_inet_pton(AF_INET6, ToUtf8(env.isolate, args[0]).c_str(), bytes) != 0) {
    env.isolate->ThrowException(v8::Exception::Error(env.Str("Invalid IPv6 address")));
    return;
  }
  args.GetReturnValue().Set(NewBuffer(env, bytes, sizeof bytes));
}

std::string StrError(Env&, int32_t status) {
  return status == kSetServersPending ? "There are pending queries." : ares_strerror(status);
}

constexpr Entry kFunctions[] = {
    Method<GetAddrInfo>("getaddrinfo"),
    Method<GetNameInfo>("getnameinfo"),
    Method<CanonicalizeIp>("canonicalizeIP"),
    Method<ConvertIpv6StringToBuffer>("convertIpv6StringToBuffer"),
    Method<StrError>("strerror"),
};

const ClassEntry kAddrInfoReqClass = {.name = "GetAddrInfoReqWrap",
                                      .construct = ConstructRequest,
                                      .parent = &kAsyncWrapClass,
                                      .fields = kRequestFields};
const ClassEntry kNameInfoReqClass = {.name = "GetNameInfoReqWrap",
                                      .construct = ConstructRequest,
                                      .parent = &kAsyncWrapClass,
                                      .fields = kRequestFields};
const ClassEntry* const kClasses[] = {&kAddrInfoReqClass, &kNameInfoReqClass, &kQueryReqClass,
                                      &kChannelClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "AF_INET", AF_INET);
  SetConstant(env, exports, "AF_INET6", AF_INET6);
  SetConstant(env, exports, "AF_UNSPEC", AF_UNSPEC);
  SetConstant(env, exports, "AI_ADDRCONFIG", AI_ADDRCONFIG);
  SetConstant(env, exports, "AI_ALL", AI_ALL);
  SetConstant(env, exports, "AI_V4MAPPED", AI_V4MAPPED);
  SetConstant(env, exports, "DNS_ORDER_VERBATIM", kVerbatim);
  SetConstant(env, exports, "DNS_ORDER_IPV4_FIRST", kIpv4First);
  SetConstant(env, exports, "DNS_ORDER_IPV6_FIRST", kIpv6First);
}

}  // namespace

extern const Binding kCaresWrapBinding;
const Binding kCaresWrapBinding = {
    .name = "cares_wrap", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
