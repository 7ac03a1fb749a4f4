// internalBinding("async_context_frame"): the value that V8 carries along promise
// reactions; AsyncLocalStorage keeps its frame there.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

// V8 has both functions for its embedder's JavaScript. Optimized code reads and writes the
// value in line, where a native function would be a call: each nextTick makes four of them.
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
