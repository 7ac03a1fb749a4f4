// internalBinding("worker") for the main thread: its identity, and the constants of worker_threads.
// Worker threads are unimplemented: `new Worker` throws an Error.
#include "runtime-stub/binding/async_wrap.h"

namespace kiln::runtime {
namespace {

void NewWorker(const Args& args) {
  Error::Missing("worker.Worker").Throw(Env::From(args.GetIsolate()));
}
const ClassEntry kWorkerClass = {
    .name = "Worker", .construct = NewWorker, .parent = &kAsyncWrapClass};

// The port to the parent thread; the main thread has none.
void GetEnvMessagePort(Env&, const Args&) {}

constexpr Entry kFunctions[] = {Method<GetEnvMessagePort>("getEnvMessagePort")};
const ClassEntry* const kClasses[] = {&kWorkerClass};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "threadId", 0);
  env.Set(exports, "threadName", env.Str(""));
  env.Set(exports, "isMainThread", v8::True(env.isolate));
  env.Set(exports, "isInternalThread", v8::False(env.isolate));
  env.Set(exports, "ownsProcessState", v8::True(env.isolate));
  static constexpr const char* kLimits[] = {"kMaxYoungGenerationSizeMb", "kMaxOldGenerationSizeMb",
                                            "kCodeRangeSizeMb", "kStackSizeMb",
                                            "kTotalResourceLimitCount"};
  for (int i = 0; i < 5; i++) SetConstant(env, exports, kLimits[i], i);
}

}  // namespace

extern const Binding kWorkerBinding;
const Binding kWorkerBinding = {
    .name = "worker", .functions = kFunctions, .classes = kClasses, .init = Init};

}  // namespace kiln::runtime
