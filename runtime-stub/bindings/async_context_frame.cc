// internalBinding("async_context_frame"): the value that V8 carries along promise
// reactions; AsyncLocalStorage keeps its frame there.
#include "runtime-stub/binding/binding.h"

namespace kiln {
namespace {

v8::Local<v8::Value> GetFrame(Env& env) {
  return env.isolate->GetContinuationPreservedEmbedderData();
}
void SetFrame(Env& env, v8::Local<v8::Value> frame) {
  env.isolate->SetContinuationPreservedEmbedderData(frame);
}

constexpr Entry kFunctions[] = {
    Method<GetFrame>("getContinuationPreservedEmbedderData"),
    Method<SetFrame>("setContinuationPreservedEmbedderData"),
};

}  // namespace

extern const Binding kAsyncContextFrameBinding;
const Binding kAsyncContextFrameBinding = {.name = "async_context_frame",
                                           .functions = kFunctions};

}  // namespace kiln
