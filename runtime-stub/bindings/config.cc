// internalBinding("config"): the features of this runtime. The library branches on them: without
// the inspector, for example, it does not load or mention it.
#include "runtime-stub/binding/binding.h"
#include "runtime-stub/binding/registry.h"

namespace kiln::runtime {
namespace {

// The BCP 47 tag of the locale that the environment variables name, such as "en-US". V8's rules, not
// ICU's: "en-US" for the locale C, "und" for a name that is no language tag.
std::string GetDefaultLocale(Env& env) { return env.isolate->GetDefaultLocale(); }

constexpr Entry kFunctions[] = {MethodNoSideEffect<GetDefaultLocale>("getDefaultLocale")};

void Init(Env& env, v8::Local<v8::Object> exports) {
  struct Flag {
    const char* name;
    bool value;
  };
  const Flag kFlags[] = {
      {"isDebugBuild", false},
      {"openSSLIsBoringSSL", false},
      {"hasOpenSSL", true},
      {"fipsMode", false},
      {"hasIntl", true},
      {"hasTracing", true},
      {"hasNodeOptions", true},
      {"hasInspector", SelectedComponents().Has(OptionalComponent::kInspector)},
      {"noBrowserGlobals", false},
  };
  for (const Flag& flag : kFlags) {
    exports
        ->DefineOwnProperty(env.context(), env.Name(flag.name),
                            v8::Boolean::New(env.isolate, flag.value), v8::ReadOnly)
        .Check();
  }
  SetConstant(env, exports, "bits", 64);
}

}  // namespace

extern const Binding kConfigBinding;
const Binding kConfigBinding = {.name = "config", .functions = kFunctions, .init = Init};

}  // namespace kiln::runtime
