// esbuild as a child process, controlled through its service protocol (`--service`).
//
// It is used to transform single files (many at a time: StartTransform returns at once,
// FinishTransform waits), and to link a graph of ES modules, during which it requests from a plugin
// what each import means and what each file contains. The protocol is that of one version, which
// scripts/npm/package-lock.json pins; Start refuses others. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bundler/wire.h"
#include "support/process.h"
#include "support/result.h"

namespace kiln {

// One error or warning of esbuild, in its words. Lines and columns count from 1, columns in bytes.
struct EsbuildMessage {
  std::string text;
  Location location;  // with the file name that was passed to esbuild
  std::vector<std::string> notes;
};

// `map` is JSON, "" without a flag for source maps. If there are errors, `code` is empty.
struct TransformOutput {
  std::string code;
  std::string map;
  std::vector<EsbuildMessage> errors, warnings;
};

// As TransformOutput, of the one file that a build makes.
struct BuildOutput {
  std::string code;
  std::string map;
  std::vector<EsbuildMessage> errors, warnings;
};

// Handles esbuild's requests during a build. Implemented by bundler/link_esm.cc. Its functions are
// called by Esbuild::Build, on the caller's thread. They may use StartTransform and
// FinishTransform, but not Build.
class EsbuildPlugin {
 public:
  // A module is identified by `path` and `name_space` together; "file" is the name space of files
  // on disk.
  struct Resolution {
    std::string path;
    std::string name_space;
    std::string error;         // not empty: the import cannot be resolved
    bool side_effects = true;  // false: esbuild may leave the module out if nothing uses it
  };
  // `loader` is a name of esbuild's ("js", "json", …).
  struct Source {
    std::string contents;
    std::string loader = "js";
  };

  virtual ~EsbuildPlugin() = default;
  // Which module `specifier` means. `importer` and `name_space` are from an earlier Resolution, or
  // belong to the entry text. `kind` is esbuild's name for the form of the import:
  // "import-statement", "require-call", "dynamic-import", "require-resolve", …
  virtual Resolution OnResolve(const std::string& specifier, const std::string& importer,
                               const std::string& name_space, const std::string& kind) = 0;
  // The text of a module, by path and name space of its Resolution.
  virtual Source OnLoad(const std::string& path, const std::string& name_space) = 0;
};

// One running esbuild process. Created by Start, used by one thread for any number of requests,
// ended by the destructor. After an Error that says that it ended, every further request fails.
class Esbuild {
 public:
  // Starts the program at `binary`. An error if it is not esbuild in the version that this kiln
  // was built for, or does not respond within 20 seconds. The destructor kills it.
  static Result<std::unique_ptr<Esbuild>> Start(const std::string& binary);

  // Sends `code` with esbuild's command-line flags and returns an id for FinishTransform. If
  // esbuild has ended, FinishTransform reports it. Results that are never fetched stay in memory.
  uint32_t StartTransform(std::string code, const std::vector<std::string>& flags);
  // Waits for the result. Errors in the text are in its `errors`; an Error means that esbuild
  // refused the request or has ended. REQUIRES: `id` from StartTransform, used once.
  Result<TransformOutput> FinishTransform(uint32_t id);

  // Links what `entry_text` (JavaScript) imports into one text. Paths in messages and in the source
  // map are relative to `directory`. Nothing is written to disk. Errors as for FinishTransform.
  // REQUIRES: `plugin` outlives the call.
  Result<BuildOutput> Build(const std::string& entry_text, const std::string& directory,
                            std::vector<std::string> flags, EsbuildPlugin& plugin);

 private:
  explicit Esbuild(ChildProcess child) : child_(std::move(child)) {}

  // Sends a request and returns its id. Await handles packets until the response to `id` is there,
  // with `plugin` null while esbuild cannot have requests for it.
  uint32_t Send(Wire request);
  Result<> ReadPacket();
  Result<Wire> Await(uint32_t id, EsbuildPlugin* plugin);
  void Respond(const WirePacket& request, EsbuildPlugin* plugin);

  ChildProcess child_;
  std::string failure_;  // the first failed write; reported by the next Await
  uint32_t next_id_ = 0;
  // Packets that arrived while another was awaited: responses by id, requests in their order.
  std::map<uint32_t, Wire> responses_;
  std::deque<WirePacket> requests_;
};

// An esbuild process that is started when it is first needed: an app that is JavaScript only may
// not need it at all. Not thread-safe.
class LazyEsbuild {
 public:
  explicit LazyEsbuild(std::string binary) : binary_(std::move(binary)) {}

  // The process, owned by this object; errors as of Esbuild::Start. After a success it succeeds
  // always.
  Result<Esbuild*> Get();

 private:
  std::string binary_;
  std::unique_ptr<Esbuild> started_;
};

}  // namespace kiln
