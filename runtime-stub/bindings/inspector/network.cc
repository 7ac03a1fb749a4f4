#include "runtime-stub/bindings/inspector/network.h"

#include "runtime-stub/binding/binding.h"
#include "runtime-stub/bindings/inspector/agent.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime::inspector {

std::optional<Reply> NetworkDomain::Run(std::string_view method, const Params&) {
  if (method == "enable") {
    enabled_ = true;
    session_.agent().ToggleNetworkTracking(true);
    return Reply();
  }
  if (method == "disable") {
    Disable();
    return Reply();
  }
  return {};
}

void NetworkDomain::Disable() {
  if (!std::exchange(enabled_, false)) return;
  session_.agent().ToggleNetworkTracking(false);
}

void EmitProtocolEvent(Env& env, std::string event, v8::Local<v8::Object> params) {
  Agent* agent = Agent::Of(env);
  if (!agent || !env.options->GetBool("--experimental-network-inspection") ||
      !event.starts_with("Network."))
    return;
  v8::Local<v8::String> json;
  if (!v8::JSON::Stringify(env.context(), params).ToLocal(&json)) return;
  std::string text = kiln::runtime::ToUtf8(env.isolate, json);
  agent->ForEachSession([&](Session& session) {
    if (session.network().enabled()) session.Notify(event, text);
  });
}

Result<> PutNetworkResource(Env&, std::string, std::string) {
  return Error::Missing("inspector.putNetworkResource");
}

}  // namespace kiln::runtime::inspector
