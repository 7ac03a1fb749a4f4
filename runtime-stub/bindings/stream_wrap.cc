// internalBinding("stream_wrap"): the request classes of streams, and the array with which reads
// and writes return more than one number (binding/stream.h).
#include "runtime-stub/binding/stream.h"

namespace kiln::runtime {
namespace {

void Init(Env& env, v8::Local<v8::Object> exports) {
  SetConstant(env, exports, "kReadBytesOrError", kReadBytesOrError);
  SetConstant(env, exports, "kArrayBufferOffset", kArrayBufferOffset);
  SetConstant(env, exports, "kBytesWritten", kBytesWritten);
  SetConstant(env, exports, "kLastWriteWasAsync", kLastWriteWasAsync);
  env.Set(exports, "streamBaseState", env.stream_base_state.js());
}

const ClassEntry* const kClasses[] = {&kShutdownWrapClass, &kWriteWrapClass};
const ClassEntry* const kHiddenClasses[] = {&kLibuvStreamClass};

}  // namespace

extern const Binding kStreamWrapBinding;
const Binding kStreamWrapBinding = {
    .name = "stream_wrap", .classes = kClasses, .hidden_classes = kHiddenClasses, .init = Init};

}  // namespace kiln::runtime
