// Runs `STUB --kiln-take-snapshot IMAGE OUT`, natively or under the target's emulator.
#include "snapshot/take.h"

#include <cstring>

#include "support/file.h"
#include "support/json.h"
#include "support/process.h"

namespace kiln {
namespace {

// Evaluating an app may take long, but an app that waits for the network or a lock must be ended.
constexpr int kTimeoutSeconds = 300;

constexpr std::string_view kProblem = "kiln-problem ";
constexpr std::string_view kWritten = "snapshot";

// What internal/kiln/problems reports: {"severity", "text", "name", "line", "column", "lineText"}.
Diagnostic ProblemOf(std::string_view line) {
  auto json = Json::Parse(line);
  if (!json.ok()) return Error{std::string(line)};
  const Json& problem = *json;
  Diagnostic diagnostic;
  diagnostic.text = problem["text"].AsString();
  diagnostic.severity =
      problem["severity"].AsString() == "warning" ? Severity::kWarning : Severity::kError;
  diagnostic.location = {.file = problem["name"].AsString(),
                         .line = int(problem["line"].AsNumber()),
                         .column = int(problem["column"].AsNumber()),
                         .line_text = problem["lineText"].AsString()};
  return diagnostic;
}

// Splits the runtime's output into messages: an unindented line begins one, indented lines (a JS
// stack) belong to it.
void CollectMessages(std::string_view text, Severity severity, Diagnostics& diagnostics) {
  std::vector<Diagnostic> found;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string line(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty()) continue;
    if (line.starts_with(kProblem)) {
      found.push_back(ProblemOf(std::string_view(line).substr(kProblem.size())));
    } else if (found.empty() || line[0] != ' ') {
      found.push_back({std::move(line), {}, {}, severity});
    } else if (found.back().notes.empty()) {
      found.back().notes.push_back(std::move(line));
    } else {
      found.back().notes.back() += "\n" + line;
    }
  }
  for (Diagnostic& diagnostic : found) diagnostics.Add(std::move(diagnostic));
}

}  // namespace

Result<SnapshotRun> SnapshotRun::Start(std::string_view image, const std::string& stub,
                                       const Target& target) {
  TRY(TempDir folder, TempDir::Make("kiln-snapshot"));
  std::string image_path = folder.File("image"), out_path = folder.File(kWritten);
  TRY_OK(WriteFileAtomically(image_path, image));
  // The app's working directory is empty: it does not contain these two files either.
  std::string empty = folder.File("cwd");
  TRY_OK(MakeDirectories(empty));

  Command command = {.argv = {stub, "--kiln-take-snapshot", image_path, out_path,
                              JoinPath(DirectoryOf(stub), "library-code")},
                     .environment = std::vector<std::string>{"PATH=/usr/bin:/bin", "TZ=UTC",
                                                             "LANG=C.UTF-8", "HOME=/"},
                     .directory = empty};
  std::string_view runner = RunnerFor(target);
  if (!runner.empty()) command.argv.insert(command.argv.begin(), std::string(runner));
  auto child = ChildProcess::Start(command);
  if (!child.ok()) {
    Error error = std::move(child).error();
    if (!runner.empty())
      error.notes.push_back("The snapshot of " + std::string(target.name) +
                            " is written by its own runtime under " + std::string(runner) +
                            "; install qemu-user-static.");
    return error;
  }
  return SnapshotRun(std::move(folder), std::move(child).value());
}

Result<Snapshot> SnapshotRun::Finish(Diagnostics& diagnostics) {
  TRY(ProcessResult run, child_.Wait(kTimeoutSeconds));
  if (!run.output.empty())
    diagnostics.AddInfo("The app printed this while it was built:", {}, {run.output});
  if (!run.ok()) {
    CollectMessages(run.errors, Severity::kError, diagnostics);
    if (run.errors.starts_with(kProblem)) return Error{"The app has errors"};
    return Error{"Cannot take the snapshot: the runtime " + run.Describe()};
  }
  CollectMessages(run.errors, Severity::kWarning, diagnostics);

  auto written = ReadFile(folder_.File(kWritten));
  if (!written.ok())
    return Error{"The app ended before its snapshot was taken"}.Note(
        "With --evaluate it must not call process.exit() while it is built.");
  std::string bytes = std::move(written).value();
  format::SnapshotPrefix prefix;
  if (bytes.size() <= sizeof prefix) return Error{"The runtime wrote an empty snapshot"};
  std::memcpy(&prefix, bytes.data(), sizeof prefix);
  Snapshot snapshot;
  snapshot.reference_hash = prefix.reference_hash;
  snapshot.v8_version.assign(prefix.v8_version,
                             strnlen(prefix.v8_version, sizeof prefix.v8_version));
  snapshot.blob = std::move(bytes);
  snapshot.blob.erase(0, sizeof prefix);
  return snapshot;
}

Result<Snapshot> TakeSnapshot(std::string_view image, const std::string& stub, const Target& target,
                              Diagnostics& diagnostics) {
  TRY(SnapshotRun run, SnapshotRun::Start(image, stub, target));
  return run.Finish(diagnostics);
}

}  // namespace kiln
