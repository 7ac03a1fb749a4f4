#include "runtime-stub/bindings/inspector/session.h"

#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/bindings/inspector/network.h"
#include "runtime-stub/bindings/inspector/node_domains.h"

namespace kiln::runtime::inspector {

namespace {

constexpr int kContextGroup = 1;

std::string ReplyText(int64_t id, const Reply& reply) {
  std::string text = "{\"id\":" + std::to_string(id);
  if (reply.code == 0) return text + ",\"result\":" + reply.result + "}";
  return text + ",\"error\":" + ObjectText([&](report::JsonWriter& w) {
           w.Number("code", reply.code);
           w.Text("message", reply.error);
           if (!reply.data.empty()) w.Text("data", reply.data);
         }) +
         "}";
}

}  // namespace

Session::Session(Agent& agent, v8_inspector::V8Inspector& inspector, Send send, bool prevents_exit)
    : agent_(agent), send_(std::move(send)), prevents_exit_(prevents_exit) {
  session_ = inspector.connect(kContextGroup, this, {}, v8_inspector::V8Inspector::kFullyTrusted);
  auto runtime = std::make_unique<NodeRuntimeDomain>(*this);
  node_runtime_ = runtime.get();
  domains_.push_back(std::move(runtime));
  auto network = std::make_unique<NetworkDomain>(*this);
  network_ = network.get();
  domains_.push_back(std::move(network));
  AddNodeDomains(*this, &domains_);
}

Session::~Session() { closed_ = true; }

void Session::Close() {
  closed_ = true;
  // The debugger must have no effect any more, although V8's session is on the stack.
  if (busy()) session_->stop();
  for (const auto& domain : domains_) domain->Disable();
}

void Session::Dispatch(std::string_view message) {
  if (closed_) return;
  depth_++;
  // A message of another domain is V8's, and so is one that is no command: V8 answers with the error.
  simdjson::dom::parser parser;
  simdjson::dom::element command;
  std::string_view method;
  int64_t id;
  bool known = false;
  if (!parser.parse(message.data(), message.size()).get(command) &&
      !command["method"].get_string().get(method) && !command["id"].get_int64().get(id)) {
    size_t dot = method.find('.');
    if (dot != method.npos &&
        !v8_inspector::V8InspectorSession::canDispatchMethod(MessageView(method)))
      for (const auto& domain : domains_) {
        if (domain->name() != method.substr(0, dot)) continue;
        simdjson::dom::element params;
        if (command["params"].get(params)) params = command;  // an object without such members
        std::optional<Reply> reply = domain->Run(method.substr(dot + 1), Params(params));
        if (!reply) break;
        known = true;
        SendText(ReplyText(id, *reply));
        break;
      }
  }
  if (!known) session_->dispatchProtocolMessage(MessageView(message));
  depth_--;
}

void Session::Notify(std::string_view method, std::string_view params) {
  SendText("{\"method\":\"" + std::string(method) + "\",\"params\":" + std::string(params) + "}");
}

void Session::sendResponse(int, std::unique_ptr<v8_inspector::StringBuffer> message) {
  SendText(ToUtf8(message->string()));
}

void Session::sendNotification(std::unique_ptr<v8_inspector::StringBuffer> message) {
  SendText(ToUtf8(message->string()));
}

void Session::SendText(std::string message) {
  if (closed_) return;
  depth_++;
  send_(std::move(message));
  depth_--;
}

}  // namespace kiln::runtime::inspector
