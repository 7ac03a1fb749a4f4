// Which functions of the library and of the app have bytecode, as a profile: what a training run
// (--train) has compiled, and what then is in the heap of a snapshot.
//
// A profile is text, a line for each source, sorted: the source's name ("library internal/util",
// "module 7", "script"), a tab, and its functions as "NUMBER:BYTES", separated by spaces and in
// order. V8 numbers the functions of a source in the order in which they begin, so a profile does not
// depend on the process. BYTES is the size of the bytecode. Before the sources there may be a line
// "*modules" and a tab: no bytecode of modules is discarded; or "*observed" and a tab: the profile is of
// a start in the snapshot builder, so nothing is discarded, and what apps like this one usually call later
// (runtime-stub/library/usual_functions.h) is compiled, too. All functions are for the main isolate's thread.
#pragma once

#include <v8.h>

#include <string>
#include <string_view>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// The profile of all functions that have bytecode. JavaScript may be running.
std::string CompiledFunctions(v8::Isolate* isolate);

// The same, with ":DESCRIPTION" after the bytes of the library's functions: the name and the length of
// their text, as in usual_functions.txt.
std::string DescribedFunctions(v8::Isolate* isolate);

// The profile of those that are not in the profile `before`, which is of the same process.
std::string CompiledSince(v8::Isolate* isolate, std::string_view before);

// Discards the bytecode of all functions, so that it is compiled anew for those that run from now on.
// Exceptions are functions that V8 never discards, such as generators. No JavaScript may be running.
// The snapshot builder has V8's flags for a single collection of garbage, which is enough; otherwise V8 collects
// several times.
void DiscardAllCode(v8::Isolate* isolate, bool in_builder = false);

// Compiles the functions of the profile, as far as they exist in the heap, and discards the bytecode of
// all others, unless the profile says that nothing is discarded. Modules of the library that it names and that were not loaded are compiled for
// TakeCompiledLibrary(). Lines that cannot be read are ignored. No JavaScript may be running.
void CompileFunctions(Env& env, std::string_view profile);

// What CompileLibraryFunction() would return for the main context, if it is in the snapshot: at the first
// call for each id. Otherwise empty.
v8::Local<v8::Function> TakeCompiledLibrary(Env& env, std::string_view id);

}  // namespace kiln::runtime
