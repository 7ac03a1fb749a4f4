// ES modules: class ModuleWrap of internalBinding("module_wrap"), and V8's callbacks for
// import() and import.meta.
#pragma once

#include <v8.h>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// Sets the isolate's callbacks for import() and import.meta, which call the functions that the
// library has registered in slots, and the callbacks of vm contexts (contextify.h). They are not
// part of a snapshot: call it at each start.
void InstallModuleCallbacks(Env& env);

// Compiles a source text module; `id` is stored in its host-defined options. `line` and `column` of
// the first character count from 0. With `use_compile_cache` uses the compile cache, otherwise
// `cached_data`, which may be null and is owned by V8 afterwards. `rejected` receives whether V8
// rejected the cached data. Empty with an exception pending.
v8::MaybeLocal<v8::Module> CompileModule(Env& env, v8::Local<v8::String> source,
                                         v8::Local<v8::String> url, int line, int column,
                                         v8::Local<v8::Symbol> id,
                                         v8::ScriptCompiler::CachedData* cached_data,
                                         bool use_compile_cache, bool* rejected);

// Adds those wrappers (instances of class ModuleWrap) in a JavaScript array to the map from modules
// to wrappers that are not in it. `first` is the index to start at. Instances that are made in this
// process are in the map already; those in a snapshot are not. Elements of other kinds are ignored.
void RegisterModuleWraps(Env& env, v8::Local<v8::Array> wraps, uint32_t first = 0);

// For the end of the process: whether the module that JavaScript marked as the entry point has
// finished. If a top-level await in it never settles, prints a warning with its position and
// returns false.
bool CheckUnsettledTopLevelAwait(Env& env);

}  // namespace kiln::runtime
