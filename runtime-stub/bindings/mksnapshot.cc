// internalBinding("mksnapshot"): v8.startupSnapshot. While the builder evaluates an app
// (--evaluate), the flag byte is 1, and the app can register callbacks that run before the heap is
// written and after it was restored. In a running executable the byte is 0, and the library throws
// ERR_NOT_BUILDING_SNAPSHOT.
#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {
namespace {

struct Flag {
  explicit Flag(Env& env) : building(env, Slot::kBuildingSnapshot, 1) {}
  SharedArray<uint8_t> building;
};

template <Slot slot>
void SetOnce(Env& env, v8::Local<v8::Function> f) {
  if (!env.GetFunction(slot).IsEmpty())
    return Error::Plain("ERR_INVALID_STATE", "Invalid state: the function is set already")
        .Throw(env);
  env.Set(slot, f);
}

// The builder script as a function (require, __filename, __dirname).
v8::MaybeLocal<v8::Function> CompileSerializeMain(Env& env, v8::Local<v8::String> filename,
                                                  v8::Local<v8::String> text) {
  v8::ScriptOrigin origin(filename, 0, 0, true);
  v8::ScriptCompiler::Source source(text, origin);
  v8::Local<v8::String> parameters[] = {env.Name("require"), env.Name("__filename"),
                                        env.Name("__dirname")};
  return v8::ScriptCompiler::CompileFunction(env.context(), &source, 3, parameters);
}

// There is no embedder that has a preload function.
void RunEmbedderPreload(Env&, const Args&) {}

constexpr Entry kFunctions[] = {
    Method<RunEmbedderPreload>("runEmbedderPreload"),
    Method<CompileSerializeMain>("compileSerializeMain"),
    Method<SetOnce<Slot::kSnapshotSerialize>>("setSerializeCallback"),
    Method<SetOnce<Slot::kSnapshotDeserialize>>("setDeserializeCallback"),
    Method<SetOnce<Slot::kSnapshotMain>>("setDeserializeMainFunction"),
};

void Init(Env& env, v8::Local<v8::Object> exports) {
  env.Set(exports, "anonymousMainPath", env.Str("__node_anonymous_main"));
  env.State<Flag>().building[0] = env.building_snapshot;
  env.Set(exports, "isBuildingSnapshotBuffer", env.State<Flag>().building.js());
}

}  // namespace

extern const Binding kMksnapshotBinding;
const Binding kMksnapshotBinding = {.name = "mksnapshot", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
