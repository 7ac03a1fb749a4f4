// ConnectionsList: the connections of an HTTP server. The server uses it to find connections that
// are idle (server.closeIdleConnections) or too slow (headersTimeout, requestTimeout).
#include <algorithm>

#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/bindings/http_parser/parser.h"

namespace kiln::runtime {
namespace {

class ConnectionsList final : public Wrapped {
 public:
  ConnectionsList(Env& env, const Args&)
      : Wrapped(env), connections_(std::make_shared<Connections>()) {}
  const char* type_name() const override { return "ConnectionsList"; }
  const std::shared_ptr<Connections>& connections() const { return connections_; }

  void All(const Args& args) {
    Return(args, connections_->all, [](HttpParser*) { return true; });
  }
  void Idle(const Args& args) {
    Return(args, connections_->all, [](HttpParser* p) { return p->message_start() == 0; });
  }
  void Active(const Args& args) {
    Return(args, connections_->active, [](HttpParser*) { return true; });
  }

  // expired(headers timeout, request timeout), in milliseconds; 0 means no limit. Returns each
  // connection only once.
  void Expired(const Args& args) {
    uint64_t headers = Nanoseconds(args[0]);
    uint64_t request = Nanoseconds(args[1]);
    if (request > 0 && headers > request) std::swap(headers, request);
    uint64_t now = uv_hrtime();
    uint64_t headers_deadline = headers > 0 && now > headers ? now - headers : 0;
    uint64_t request_deadline = request > 0 && now > request ? now - request : 0;
    std::vector<HttpParser*> expired;
    for (HttpParser* p : connections_->active) {
      bool slow_headers = !p->headers_completed() && p->message_start() < headers_deadline;
      if (slow_headers || p->message_start() < request_deadline) expired.push_back(p);
    }
    Return(args, expired, [](HttpParser*) { return true; });
    for (HttpParser* p : expired) connections_->active.Erase(p);
  }

 private:
  static uint64_t Nanoseconds(v8::Local<v8::Value> ms) {
    return ms->IsNumber() ? Saturate<uint64_t>(ms.As<v8::Number>()->Value() * 1e6) : 0;
  }

  // Returns the parsers in the order of their messages' start; idle ones (start 0) come first.
  template <class List, class F>
  void Return(const Args& args, const List& list, F wanted) {
    std::vector<HttpParser*> chosen;
    std::copy_if(list.begin(), list.end(), std::back_inserter(chosen), wanted);
    std::sort(chosen.begin(), chosen.end(), [](HttpParser* a, HttpParser* b) {
      return a->message_start() != b->message_start() ? a->message_start() < b->message_start()
                                                      : a < b;
    });
    v8::LocalVector<v8::Value> objects(env().isolate);
    for (HttpParser* p : chosen) objects.push_back(p->object());
    args.GetReturnValue().Set(v8::Array::New(env().isolate, objects.data(), objects.size()));
  }

  std::shared_ptr<Connections> connections_;
};

constexpr Entry kMethods[] = {
    Method<&ConnectionsList::All>("all"),
    Method<&ConnectionsList::Idle>("idle"),
    Method<&ConnectionsList::Active>("active"),
    Method<&ConnectionsList::Expired>("expired"),
};

}  // namespace

const ClassEntry kConnectionsListClass = {
    .name = "ConnectionsList", .construct = Construct<ConnectionsList>, .methods = kMethods};

std::shared_ptr<Connections> ConnectionsOf(Env& env, v8::Local<v8::Value> value) {
  auto* list = UnwrapArgument<ConnectionsList>(env, kConnectionsListClass, value);
  return list ? list->connections() : nullptr;
}

}  // namespace kiln::runtime
