// vm contexts and scripts: declarations for the files of this folder and for module_wrap.
//
// A vm context is a V8 context with a wrapper object (class ContextifyContext). The user's sandbox
// object (with vm.constants.DONT_CONTEXTIFY: the context's own global) refers to the wrapper by a
// private symbol; the context refers to the sandbox and the wrapper in its embedder data. So the
// garbage collector frees the three together, and C++ holds no strong handle.
#pragma once

#include <v8.h>

#include <memory>

#include "runtime-stub/binding/binding.h"

namespace kiln::runtime {

// The embedder data fields of vm contexts. (The slots of Env are fields of the main context.)
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

  // Of a sandbox object or global; null for any other value.
  static ContextifyContext* FromHolder(Env& env, v8::Local<v8::Value> holder);
  // Of a V8 context; null for the main context, and while the context is being created.
  static ContextifyContext* FromContext(v8::Local<v8::Context> context);

  v8::Local<v8::Context> context() const {
    return object()->GetCreationContextChecked(env().isolate);
  }
  v8::Local<v8::Object> sandbox() const {
    return context()->GetEmbedderData(kSandboxField).As<v8::Object>();
  }
  v8::MicrotaskQueue* queue() const { return queue_.get(); }  // null: the isolate's queue

 private:
  std::unique_ptr<v8::MicrotaskQueue> queue_;
};

// The classes of the wrapper and of the global object, which has interceptors.
extern const ClassEntry kContextifyContextClass;
extern const ClassEntry kContextifyGlobalClass;
extern const ClassEntry kContextifyScriptClass;

// makeContext(sandbox or symbol, name, origin, strings, wasm, ownQueue, hostDefinedOption)
void MakeContext(Env& env, const Args& args);
void CompileFunction(Env& env, const Args& args);
void CompileFunctionForCjsLoader(Env& env, const Args& args);
void ContainsModuleSyntax(Env& env, const Args& args);

// ---- Callbacks of the isolate

// Sets the callbacks that decide whether a context may compile strings and WebAssembly, and what
// aborts the process under --abort-on-uncaught-exception. They are not part of a snapshot: call it
// at each start.
void InstallContextCallbacks(Env& env);
// Sets the promise hooks of async_hooks (in slots) on all vm contexts.
void UpdatePromiseHooks(Env& env);

// While one of these exists, native code catches exceptions. V8 cannot detect that, and would abort
// under --abort-on-uncaught-exception.
class NoAbortScope {
 public:
  explicit NoAbortScope(Env& env);
  ~NoAbortScope();
  NoAbortScope(const NoAbortScope&) = delete;

 private:
  Env& env_;
};

// ---- Compiling

// Host-defined options with one symbol, by which the library finds what import() in that code does.
v8::Local<v8::PrimitiveArray> HostDefinedOptions(Env& env, v8::Local<v8::Symbol> id);
v8::ScriptOrigin MakeOrigin(Env& env, v8::Local<v8::Value> name, int line, int column,
                            v8::Local<v8::Symbol> id, bool is_module);
// A view, without a copy, of the bytes of a Buffer; null for undefined. The caller, usually V8,
// owns the object but not the bytes.
v8::ScriptCompiler::CachedData* TakeCachedData(v8::Local<v8::Value> buffer);
// A Buffer with a copy of a code cache; an empty Buffer if `data` is null.
v8::Local<v8::Value> CacheToBuffer(Env& env, std::unique_ptr<v8::ScriptCompiler::CachedData> data);
// Sets cachedDataRejected, cachedData and cachedDataProduced on `target`.
void StoreCacheResult(Env& env, v8::Local<v8::Object> target,
                      const v8::ScriptCompiler::Source& source, bool produce,
                      std::unique_ptr<v8::ScriptCompiler::CachedData> produced);
// Prepends "file:line", the source line and ^^^ to the stack of a caught error.
void DecorateErrorStack(Env& env, v8::Local<v8::Value> error, v8::Local<v8::Message> message);

}  // namespace kiln::runtime
