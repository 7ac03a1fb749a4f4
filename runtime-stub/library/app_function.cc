// Compiles the app's bundle. Its function has one parameter, `__kiln`: the exports of
// internal/kiln/bundle. The script is named after the entry file, and import() in it uses the
// library's default loader.
#include "runtime-stub/library/app_function.h"

#include "runtime-stub/library/library.h"

namespace kiln::runtime {

bool CompileApp(Env& env, const Payload& payload) {
  v8::Isolate* isolate = env.isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::PrimitiveArray> host_options = v8::PrimitiveArray::New(isolate, 1);
  host_options->Set(isolate, 0, env.Symbol("vm_dynamic_import_main_context_default"));
  v8::ScriptOrigin origin(env.Str(payload.entry), 0, 0, true, -1, {}, false, false, false,
                          host_options);
  v8::ScriptCompiler::Source source(AppString(isolate, payload.script), origin);
  v8::Local<v8::String> parameter = env.Name("__kiln");
  v8::Local<v8::Function> function;
  if (!v8::ScriptCompiler::CompileFunction(env.context(), &source, 1, &parameter)
           .ToLocal(&function))
    return false;
  env.Set(Slot::kAppFunction, function);
  return true;
}

}  // namespace kiln::runtime
