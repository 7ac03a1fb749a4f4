// internalBinding("async_context_frame"): the value that V8 passes along promise reactions.
// AsyncLocalStorage keeps its frame there.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

// V8 provides both functions for JavaScript of its embedder. Optimized code accesses the value
// inline, where a native function would be a call: each nextTick would make four of them.
void Init(Env& env, v8::Local<v8::Object> exports) {
  v8::Local<v8::Object> extras = env.context()->GetExtrasBindingObject();
  for (const char* name :
       {"getContinuationPreservedEmbedderData", "setContinuationPreservedEmbedderData"})
    env.Set(exports, name, env.Get(extras, name));
}

}  // namespace

extern const Binding kAsyncContextFrameBinding;
const Binding kAsyncContextFrameBinding = {.name = "async_context_frame", .init = Init};

}  // namespace kiln::runtime
