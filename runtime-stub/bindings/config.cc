// internalBinding("config"): the features of this runtime. The library branches on them: without
// the inspector, for example, it does not load or mention it.
#include "runtime-stub/binding/binding.h"

// ICU is part of the V8 archive, with version numbers in its names and without headers.
extern "C" {
const char* uloc_getDefault_77();
int32_t uloc_toLanguageTag_77(const char* locale, char* tag, int32_t capacity, int8_t strict,
                              int32_t* error);
}

namespace kiln::runtime {
namespace {

// The BCP 47 tag of the locale that the environment variables name, such as "en-US".
std::optional<std::string> GetDefaultLocale(Env&) {
  char tag[160];
  int32_t error = 0;
  int32_t length = uloc_toLanguageTag_77(uloc_getDefault_77(), tag, sizeof tag, 1, &error);
  if (error > 0 || length <= 0 || length >= int32_t(sizeof tag)) return {};
  return std::string(tag, size_t(length));
}

constexpr Entry kFunctions[] = {MethodNoSideEffect<GetDefaultLocale>("getDefaultLocale")};

void Init(Env& env, v8::Local<v8::Object> exports) {
  struct Flag {
    const char* name;
    bool value;
  };
  constexpr Flag kFlags[] = {
      {"isDebugBuild", false},     {"openSSLIsBoringSSL", false},
      {"hasOpenSSL", true},        {"fipsMode", false},
      {"hasIntl", true},           {"hasTracing", true},
      {"hasNodeOptions", true},    {"hasInspector", false},
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
