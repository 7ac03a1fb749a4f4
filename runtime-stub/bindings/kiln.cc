// internalBinding("kiln"): what the runtime tells its own main script about the app.
#include "runtime-stub/app.h"
#include "runtime-stub/binding/binding.h"

namespace kiln {
namespace {

// The bundle's function; compiled in the snapshot, or now when there is none.
v8::Local<v8::Value> AppFunction(Env& env) {
  if (env.GetFunction(Slot::kAppFunction).IsEmpty() && env.payload &&
      !CompileApp(env, *env.payload))
    return {};
  return env.Get(Slot::kAppFunction);
}

std::string EntryPath(Env& env) { return env.payload ? env.payload->entry : std::string(); }

// The bundle's source map as JSON text, empty when it was built without one.
v8::Local<v8::String> SourceMap(Env& env) {
  return env.Str(env.payload ? env.payload->source_map : std::string_view());
}

constexpr Entry kFunctions[] = {
    Method<AppFunction>("appFunction"),
    Method<EntryPath>("entry"),
    Method<SourceMap>("sourceMap"),
};

}  // namespace

extern const Binding kKilnBinding;
const Binding kKilnBinding = {.name = "kiln", .functions = kFunctions};

}  // namespace kiln
