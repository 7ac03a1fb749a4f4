// internalBinding("js_udp_wrap"): a datagram socket whose packets come from JavaScript. Its only
// native user in Node is QUIC, which Kiln does not have. So no native listener exists, and
// emitReceived() and related functions throw.
#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {
namespace {

class JsUdp final : public AsyncWrap {
 public:
  JsUdp(Env& env, const Args&) : AsyncWrap(env, Provider::kJSUDPWRAP) {}

  int RecvStart() { return Call("onreadstart"); }
  int RecvStop() { return Call("onreadstop"); }
  Result<> NoListener() {
    return Error::Plain("ERR_INVALID_STATE", "No native listener is attached to this JSUDPWrap");
  }

 private:
  int Call(const char* method) {
    v8::Local<v8::Value> value;
    if (!MakeCallback(method, {}).ToLocal(&value)) return UV_EPROTO;
    return value->Int32Value(env().context()).FromMaybe(UV_EPROTO);
  }
};

constexpr Entry kMethods[] = {
    Method<&JsUdp::RecvStart>("recvStart"),     Method<&JsUdp::RecvStop>("recvStop"),
    Method<&JsUdp::NoListener>("emitReceived"), Method<&JsUdp::NoListener>("onSendDone"),
    Method<&JsUdp::NoListener>("onAfterBind"),
};
const ClassEntry kJsUdpClass = {.name = "JSUDPWrap",
                                .construct = Construct<JsUdp>,
                                .parent = &kAsyncWrapClass,
                                .methods = kMethods};
const ClassEntry* const kClasses[] = {&kJsUdpClass};

}  // namespace

extern const Binding kJsUdpWrapBinding;
const Binding kJsUdpWrapBinding = {.name = "js_udp_wrap", .classes = kClasses};

}  // namespace kiln::runtime
