// The compile cache of NODE_COMPILE_CACHE and module.enableCompileCache(): V8's code cache
// of each module, and TypeScript after stripping, in one file per module below a folder
// that is particular to this version, V8 and user.
//
// A file is five uint32 (magic, source size, source hash, data size, data hash) and the
// data. Entries live in memory from the first use of a module until Persist writes the new
// ones, at exit or on module.flushCompileCache().
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
  explicit CompileCache(Env& env) : env_(env) {}

  struct Entry {
    CachedCodeType type;
    uint32_t key = 0, code_size = 0, code_hash = 0;
    std::string source_name, file, data;
    bool refreshed = false, persisted = false;
    const char* type_name() const;
    // For V8, on this entry's memory; null when there is no data.
    v8::ScriptCompiler::CachedData* View() const;
  };

  // internalBinding('modules').compileCacheStatus
  enum Status { kFailed, kEnabled, kAlreadyEnabled, kDisabled };
  Status Enable(const std::string& directory, bool portable, std::string* message,
                std::string* result_directory);
  const std::string& directory();  // empty while it is off

  // The entry of a source, read from disk if it is there; null while the cache is off.
  Entry* Find(v8::Local<v8::String> code, v8::Local<v8::String> name, CachedCodeType type);
  Entry* FindByKey(uint32_t key);
  void Keep(Entry* entry, v8::Local<v8::Function> compiled, bool rejected);
  void Keep(Entry* entry, v8::Local<v8::Module> compiled, bool rejected);
  void KeepText(Entry* entry, std::string text);
  void Persist();
  void Debug(const char* format, ...) __attribute__((format(printf, 2, 3)));

 private:
  void StartFromEnvironment();
  void Load(Entry& entry);
  bool StartKeeping(Entry* entry, bool rejected);
  Env& env_;
  bool started_ = false;
  bool debug_ = false;
  bool portable_ = false;
  std::string directory_;
  std::unordered_map<uint32_t, std::unique_ptr<Entry>> entries_;
};

// Writes what is new; does nothing when the cache is off. Called before the process ends.
void FlushCompileCache(Env& env);

}  // namespace kiln::runtime
