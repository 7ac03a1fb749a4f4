// ES modules: class ModuleWrap of internalBinding("module_wrap"), and V8's callbacks for
// import() and import.meta.
#pragma once

#include <v8.h>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Sets the isolate's callbacks for import() and import.meta, which find the functions that
// the library registered in slots, and those of vm contexts (contextify.h). Not part of a
// snapshot: call at each start.
void InstallModuleCallbacks(Env& env);

// Compiles a source text module; `id` goes into its host-defined options. With
// `use_compile_cache` the compile cache is asked, else `cached_data` (may be null) is used.
// V8 takes ownership of it.
v8::MaybeLocal<v8::Module> CompileModule(Env& env, v8::Local<v8::String> source,
                                         v8::Local<v8::String> url, int line, int column,
                                         v8::Local<v8::Symbol> id,
                                         v8::ScriptCompiler::CachedData* cached_data,
                                         bool use_compile_cache, bool* rejected);

// At exit: whether the module that JavaScript marked as the entry point has ended. If it
// waits for a top-level await for ever, a warning names the place and this is false.
bool CheckUnsettledTopLevelAwait(Env& env);

}  // namespace kiln::runtime
