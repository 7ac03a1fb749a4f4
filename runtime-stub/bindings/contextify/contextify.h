// vm contexts and scripts, as seen by the other files of this folder and by module_wrap.
//
// A vm context is a V8 context with a wrapper object (class ContextifyContext). The user's
// sandbox object, or the context's own global for vm.constants.DONT_CONTEXTIFY, holds the
// wrapper under a private symbol; the context holds the sandbox and the wrapper in its
// embedder data. So the three live and die together, and nothing is rooted from C++.
#pragma once

#include <v8.h>

#include <memory>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// Embedder data of vm contexts (Env's slots begin at 8 and are those of the main context).
enum ContextField : int {
  kSandboxField = 1,
  kContextifyField = 2,    // the wrapper
  kAllowStringsField = 3,  // false forbids eval
  kAllowWasmField = 4,     // false forbids compiling WebAssembly
};

class ContextifyContext final : public Wrapped {
 public:
  ContextifyContext(Env& env, std::unique_ptr<v8::MicrotaskQueue> queue);
  ~ContextifyContext() override;
  const char* type_name() const override { return "vm.Context"; }

  // Of a contextified object (or a vanilla global); null for any other value.
  static ContextifyContext* FromHolder(Env& env, v8::Local<v8::Value> holder);
  // Of a V8 context; null for the main context, and while one is being made.
  static ContextifyContext* FromContext(v8::Local<v8::Context> context);

  v8::Local<v8::Context> context() const {
    return object()->GetCreationContextChecked(env().isolate);
  }
  v8::Local<v8::Object> sandbox() const {
    return context()->GetEmbedderData(kSandboxField).As<v8::Object>();
  }
  v8::MicrotaskQueue* queue() const { return queue_.get(); }  // null: shares the main one

 private:
  std::unique_ptr<v8::MicrotaskQueue> queue_;
};

// Their templates: the wrapper, and the global with its interceptors.
extern const ClassEntry kContextifyContextClass;
extern const ClassEntry kContextifyGlobalClass;
extern const ClassEntry kContextifyScriptClass;

// makeContext(sandbox or symbol, name, origin, strings, wasm, ownQueue, hostDefinedOption)
void MakeContext(Env& env, const Args& args);
void CompileFunction(Env& env, const Args& args);
void CompileFunctionForCjsLoader(Env& env, const Args& args);
void ContainsModuleSyntax(Env& env, const Args& args);

// ---- callbacks of the isolate

// Who may compile from strings and WebAssembly, and what aborts the process under
// --abort-on-uncaught-exception. Call at each start.
void InstallContextCallbacks(Env& env);
// Hands the promise hooks of async_hooks (slots) to all vm contexts.
void UpdatePromiseHooks(Env& env);

// While one of these exists, an exception is going to be caught by native code, which V8
// does not see, and so does not abort.
class NoAbortScope {
 public:
  explicit NoAbortScope(Env& env);
  ~NoAbortScope();
  NoAbortScope(const NoAbortScope&) = delete;

 private:
  Env& env_;
};

// ---- compiling

// Host-defined options carry one symbol; the library finds by it what import() should do.
v8::Local<v8::PrimitiveArray> HostDefinedOptions(Env& env, v8::Local<v8::Symbol> id);
v8::ScriptOrigin MakeOrigin(Env& env, v8::Local<v8::Value> name, int line, int column,
                            v8::Local<v8::Symbol> id, bool is_module);
// A copy-free view of the bytes of a Buffer; null for undefined. V8 takes ownership.
v8::ScriptCompiler::CachedData* TakeCachedData(v8::Local<v8::Value> buffer);
// A Buffer with a code cache, empty if V8 made none.
v8::Local<v8::Value> CacheToBuffer(Env& env, std::unique_ptr<v8::ScriptCompiler::CachedData> data);
// Sets cachedDataRejected, cachedData and cachedDataProduced on `target`.
void StoreCacheResult(Env& env, v8::Local<v8::Object> target,
                      const v8::ScriptCompiler::Source& source, bool produce,
                      std::unique_ptr<v8::ScriptCompiler::CachedData> produced);
// Puts "file:line", the source line and ^^^ in front of a caught error's stack.
void DecorateErrorStack(Env& env, v8::Local<v8::Value> error, v8::Local<v8::Message> message);

}  // namespace kiln::runtime
