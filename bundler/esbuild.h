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
#include <vector>

#include "bundler/wire.h"
#include "support/process.h"
#include "support/result.h"

namespace kiln {

struct EsbuildMessage {
  std::string text;
  Location location;  // with the file name that was passed to esbuild
  std::vector<std::string> notes;
};

struct TransformOutput {
  std::string code;
  std::string map;
  std::vector<EsbuildMessage> errors, warnings;
};

struct BuildOutput {
  std::string code;
  std::string map;
  std::vector<EsbuildMessage> errors, warnings;
};

// Handles esbuild's requests during a build.
class EsbuildPlugin {
 public:
  struct Resolution {
    std::string path;
    std::string name_space;
    std::string error;  // not empty: the import cannot be resolved
  };
  struct Source {
    std::string contents;
    std::string loader = "js";
  };

  virtual ~EsbuildPlugin() = default;
  // `importer` and `name_space` are from an earlier Resolution.
  virtual Resolution OnResolve(const std::string& specifier, const std::string& importer,
                               const std::string& name_space, const std::string& kind) = 0;
  virtual Source OnLoad(const std::string& path, const std::string& name_space) = 0;
};

class Esbuild {
 public:
  // Starts the program at `binary`. An error if it is not esbuild in the version that this kiln
  // was built for.
  static Result<std::unique_ptr<Esbuild>> Start(const std::string& binary);

  uint32_t StartTransform(std::string code, const std::vector<std::string>& flags);
  // Waits for the result. REQUIRES: `id` from StartTransform, used once.
  Result<TransformOutput> FinishTransform(uint32_t id);

  // Links what `entry_text` imports. Paths in messages and in the source map are relative
  // to `directory`.
  Result<BuildOutput> Build(const std::string& entry_text, const std::string& directory,
                            std::vector<std::string> flags, EsbuildPlugin& plugin);

 private:
  explicit Esbuild(ChildProcess child) : child_(std::move(child)) {}

  uint32_t Send(Wire request);
  Result<> ReadPacket();
  Result<Wire> Await(uint32_t id, EsbuildPlugin* plugin);
  void Respond(const WirePacket& request, EsbuildPlugin* plugin);

  ChildProcess child_;
  std::string failure_;  // the first failed write; reported by the next Await
  uint32_t next_id_ = 0;
  std::map<uint32_t, Wire> responses_;
  std::deque<WirePacket> requests_;
};

}  // namespace kiln
