// Code that was compiled when the snapshot was made, for modules that the app loads later: by import(),
// or by a require() that no start reaches.
#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace kiln::runtime {

// While it exists V8 accepts the code of one module (payload/module_code.h), whatever V8's flags are, as
// it accepts the code in the snapshot. On the isolate's thread.
class BundledCode {
 public:
  // `source` is what will be compiled. Only the module's own text has code.
  explicit BundledCode(v8::Local<v8::String> source);
  ~BundledCode();
  BundledCode(const BundledCode&) = delete;
  BundledCode& operator=(const BundledCode&) = delete;

  // For ScriptCompiler::Source, which owns it; null if there is none. V8 rejects what was made for
  // another snapshot.
  v8::ScriptCompiler::CachedData* Take() const;

 private:
  std::span<const uint8_t> code_;
};

// Code caches of the modules that a start does not load, with their table, to be appended to a blob of
// `blob_size` bytes (CodeTrailer). For an isolate that was started from this blob. A copy of the process does a part
// of the work. REQUIRES: the process has one thread.
std::string MakeModuleCode(v8::Local<v8::Context> context, size_t blob_size);

}  // namespace kiln::runtime
