// The domain Network: notifications that JavaScript makes (inspector.Network, internal/inspector/network*.js)
// for debuggers that have enabled it.
#pragma once

#include <string>

#include "runtime-stub/bindings/inspector/session.h"
#include "runtime-stub/env/error.h"

namespace kiln::runtime::inspector {

class NetworkDomain final : public Domain {
 public:
  explicit NetworkDomain(Session& session) : session_(session) {}
  std::string_view name() const override { return "Network"; }
  std::optional<Reply> Run(std::string_view method, const Params& params) override;
  void Disable() override;
  bool enabled() const { return enabled_; }
  Session& session() { return session_; }

 private:
  Session& session_;
  bool enabled_ = false;
};

// emitProtocolEvent(event, params): sends "Network.requestWillBeSent", for example, to all sessions that
// have enabled the domain. Without --experimental-network-inspection it has no effect.
void EmitProtocolEvent(Env& env, std::string event, v8::Local<v8::Object> params);

// putNetworkResource(url, text)
Result<> PutNetworkResource(Env& env, std::string url, std::string text);

}  // namespace kiln::runtime::inspector
