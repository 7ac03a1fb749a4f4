// The JavaScript library inside the runtime: Node's, with patches and modules of Kiln
// (docs/node-library.md). The sources are compressed in .rodata and are given to V8 as external
// strings, so they are neither copied into the heap nor into a snapshot, which refers to them by
// index. A source is decompressed when V8 first asks for its characters: a start compiles
// functions of very few.
#pragma once

#include <v8.h>

#include <cstddef>
#include <string>
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
extern const char kLibraryDigest[];  // SHA-256 of all names and sources, 64 hexadecimal digits
extern "C" const char kiln_library_config[];  // process.config as JSON, zero-terminated

// Returns null when the library has no module of this id. From any thread.
const LibrarySource* FindLibrarySource(std::string_view id);

// The source as an external string. Strings of the same source share one resource.
v8::Local<v8::String> LibraryString(v8::Isolate* isolate, const LibrarySource& source);

// The app's script as an external string. The text is borrowed and must outlive every isolate.
v8::Local<v8::String> AppString(v8::Isolate* isolate, std::string_view ascii);
// Sets the text of the app's script for strings in a snapshot, before the snapshot is restored.
void SetAppText(std::string_view ascii);

// The source of a bundled module (payload/bundled_modules.h) as an external string.
v8::Local<v8::String> ModuleSourceString(v8::Isolate* isolate, uint32_t number);

// Which of these a string is: "library ID", "script", "module NUMBER"; empty for any other string.
std::string SourceNameOf(v8::Local<v8::String> string);

// Compiles a module as the function that Node's loader expects (parameters depend on the id),
// in the main context or another one. Empty with an exception pending: ERR_UNKNOWN_BUILTIN_MODULE
// for an unknown id.
v8::MaybeLocal<v8::Function> CompileLibraryFunction(Env& env, std::string_view id,
                                                    v8::Local<v8::Context> context = {});

// Kiln's own modules, whose functions are not in stack traces.
bool IsHiddenSource(std::string_view id);
// The same for a source that is not hidden. Uses its compiled code (library/library_code.h).
v8::MaybeLocal<v8::Function> CompileLibrarySource(v8::Isolate* isolate,
                                                  v8::Local<v8::Context> context,
                                                  const LibrarySource& source);

}  // namespace kiln::runtime
