// The JavaScript library that the runtime carries: Node's, with Kiln's few replacements.
// Sources lie compressed in .rodata and are given to V8 as external strings, so they are
// neither copied into the heap nor into a snapshot, which refers to them by index. One is
// unpacked when V8 first asks for its characters: a start compiles from very few.
#pragma once

#include <v8.h>

#include <cstddef>
#include <string_view>

namespace kiln::runtime {

class Env;

struct LibrarySource {
  const char* id;      // "internal/util/inspect"
  const char* stored;  // a zstd frame, or the source itself when the sizes are equal
  size_t stored_size;
  size_t size;    // of the source in bytes
  bool two_byte;  // UTF-16, otherwise Latin-1
};

extern const LibrarySource kLibrarySources[];
extern const size_t kLibrarySourceCount;
extern "C" const char kiln_library_config[];  // process.config as JSON, zero-terminated

// Null when there is no such module.
const LibrarySource* FindLibrarySource(std::string_view id);

// The source as an external string. The same id gives the same resource.
v8::Local<v8::String> LibraryString(v8::Isolate* isolate, const LibrarySource& source);

// The app's script as an external string; the text must stay where it is.
v8::Local<v8::String> AppString(v8::Isolate* isolate, std::string_view ascii);
// A restored snapshot refers to the app's script: tell where it is before opening it.
void SetAppText(std::string_view ascii);

// Compiles a module as the function Node's loader expects (parameters depend on the id),
// for the main context or another one.
v8::MaybeLocal<v8::Function> CompileLibraryFunction(Env& env, std::string_view id,
                                                    v8::Local<v8::Context> context = {});

}  // namespace kiln::runtime
