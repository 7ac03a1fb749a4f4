// The compile cache of NODE_COMPILE_CACHE and module.enableCompileCache(): V8's code cache of each
// module, and TypeScript after type stripping. Each module has one file, in a folder whose name
// depends on the versions of Node and V8 and on the user.
//
// A file contains five uint32 in host order (magic, source size, source hash, data size, data hash)
// and the data. Entries stay in memory from the first use of a module. Persist() writes the new
// ones, at exit or on module.flushCompileCache(). Everything here is for the Env's thread.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

// internalBinding('modules').cachedCodeTypes
enum class CachedCodeType : uint8_t {
  kCommonJs,
  kEsm,
  kStrippedTypeScript,
  kTransformedTypeScript,
  kTransformedTypeScriptWithSourceMaps,
  kCount
};

class CompileCache {
 public:
  // Use Env::State<CompileCache>(). NODE_COMPILE_CACHE is read at the first use, not here.
  explicit CompileCache(Env& env) : env_(env) {}

  // One source text. Created by Find(), filled from its file or by Keep(), written by Persist().
  struct Entry {
    CachedCodeType type;
    // A hash of name and type, which names the file; size in bytes and hash of the source as UTF-8.
    uint32_t key = 0, code_size = 0, code_hash = 0;
    // The name that was passed to Find(), the path of the file, and V8's or the transformed text.
    std::string source_name, file, data;
    // Whether `data` was made by this process, and whether it was then written to the file.
    bool refreshed = false, persisted = false;
    // As Node's debug messages have it: "CommonJS". Static storage.
    const char* type_name() const;
    // The data for V8, borrowed from this entry; null if there is none. V8 owns the returned
    // object.
    v8::ScriptCompiler::CachedData* View() const;
  };

  // internalBinding('modules').compileCacheStatus
  enum Status { kFailed, kEnabled, kAlreadyEnabled, kDisabled };
  // Creates the folder below `directory`, which `result_directory` receives as an absolute path.
  // `portable`: entries are found by path relative to the folder. `message` receives the reason if
  // the result is kFailed or kDisabled.
  Status Enable(const std::string& directory, bool portable, std::string* message,
                std::string* result_directory);
  // The same for a directory that the app did not name: its folders must belong to this process's
  // user, and no other user may write there, because a cache contains code.
  Status EnableDefault(const std::string& directory, bool portable, std::string* message,
                       std::string* result_directory);
  const std::string& directory();  // empty if the cache is disabled

  // The entry for a source text, read from its file if there is one; null if the cache is disabled, and
  // for modules that are embedded in the executable.
  // Valid until Persist(), or Find() with the same `name` and `type` and another text.
  Entry* Find(v8::Local<v8::String> code, v8::Local<v8::String> name, CachedCodeType type);
  // An entry that Find() has returned, by Entry::key, valid as long as that result; null if there
  // is none.
  Entry* FindByKey(uint32_t key);
  // Store V8's code cache of `compiled` in the entry, if it had no data or V8 `rejected` it.
  void Keep(Entry* entry, v8::Local<v8::Function> compiled, bool rejected);
  void Keep(Entry* entry, v8::Local<v8::Module> compiled, bool rejected);
  // Stores stripped or transformed TypeScript, in place of what the entry has.
  void KeepText(Entry* entry, std::string text);
  // Writes the new entries to their files and removes all from memory. Errors are only logged.
  void Persist();
  // Prints to stderr if NODE_DEBUG_NATIVE contains COMPILE_CACHE. Adds no newline.
  void Debug(const char* format, ...) __attribute__((format(printf, 2, 3)));

 private:
  void StartFromEnvironment();
  void Load(Entry& entry);
  bool MustRefresh(Entry* entry, bool rejected);  // marks the entry as new if so
  Env& env_;
  bool started_ = false;
  bool debug_ = false;
  bool portable_ = false;
  std::string directory_;
  std::unordered_map<uint32_t, std::unique_ptr<Entry>> entries_;
};

// CompileCache::Persist() for the end of the process; does nothing if the cache is disabled.
void FlushCompileCache(Env& env);

}  // namespace kiln::runtime
