// internalBinding("diagnostics_channel"): subscriber counts, which native publishers read before
// they call JavaScript, by the index that JavaScript assigned to the channel.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

struct Channels {
  explicit Channels(Env& env) : subscribers(env, Slot::kChannelSubscribers, 1024) {}
  SharedArray<uint32_t> subscribers;
};

// JavaScript's factory of channels, (name, index) => channel; called when native code first
// publishes on a channel.
void LinkNativeChannel(Env& env, v8::Local<v8::Function> make) {
  env.Set(Slot::kChannelNames, make);
}

constexpr Entry kFunctions[] = {Method<LinkNativeChannel>("linkNativeChannel")};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "subscribers", env.State<Channels>().subscribers.js());
}

}  // namespace

extern const Binding kDiagnosticsChannelBinding;
const Binding kDiagnosticsChannelBinding = {
    .name = "diagnostics_channel", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
