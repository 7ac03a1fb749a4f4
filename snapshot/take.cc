// Runs `STUB --kiln-take-snapshot IMAGE OUT CODE [PLAN [PROFILE]]` and `STUB --kiln-observe IMAGE RUN CODE`, natively or
// under the target's emulator. snapshot_builder/observed_runs.h of the runtime has the protocol of the latter.
#include "snapshot/take.h"

#include <cstdlib>
#include <cstring>

#include "support/file.h"
#include "support/json.h"
#include "support/process.h"

namespace kiln {
namespace {

// Evaluating an app may take long, but an app that waits for the network or a lock must be ended. An
// observed process also has a limit of processor time (snapshot_builder/take_snapshot.cc).
constexpr int kTimeoutSeconds = 300;

constexpr const char *kTakes = "--kiln-take-snapshot", *kObserves = "--kiln-observe";
constexpr std::string_view kProblem = "kiln-problem ";
constexpr std::string_view kFailed = "failed\t";
// Files in a builder's folder.
constexpr std::string_view kWritten = "snapshot", kPlan = "plan", kTraining = "training";

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

// In the other world everything is different that may be without changing what guards compare.
std::vector<std::string> Environment(bool other_world) {
  if (!other_world) return {"PATH=/usr/bin:/bin", "TZ=UTC", "LANG=C.UTF-8", "HOME=/"};
  return {"PATH=/usr/local/bin:/usr/bin:/bin",
          "TZ=Asia/Kathmandu",
          "LANG=de_DE.UTF-8",
          "LC_ALL=de_DE.UTF-8",
          "HOME=/home/other",
          "USER=other",
          "LOGNAME=other",
          "TMPDIR=/var/tmp",
          "PWD=/",
          "SHELL=/bin/other",
          "HOSTNAME=other"};
}

// The lines of the file that the runtime reads.
std::string Lines(const ObservedRun& run) {
  std::string text;
  auto add = [&](std::string_view key, const auto&... numbers) {
    text += key;
    ((text += " " + std::to_string(numbers)), ...);
    text += '\n';
  };
  for (int number : run.plan.order) add("order", number);
  for (int number : run.plan.baked) add("baked", number);
  for (auto [module, shape] : run.plan.shapes) add("shape", module, shape);
  for (auto [module, loaded] : run.plan.below) add("below", module, loaded);
  for (auto [module, what] : run.plan.late) add("late", module, what);
  for (int number : run.plan.local) add("local", number);
  for (auto [module, other] : run.watch) add("watch", module, other);
  for (int number : run.surface) add("surface", number);
  if (run.deep) add("deep", 1);
  if (run.own_changes) add("own", 1);
  if (run.watches_only) add("watches", 1);
  if (run.bakes_only) add("bakes", 1);
  if (run.calls) add("calls", 1);
  if (run.other_world) add("world", 2);
  return text;
}

// The builder with the image, in the folder: `STUB MODE IMAGE OUT CODE ARGUMENTS`.
Result<ChildProcess> StartRuntime(const TempDir& folder, const char* mode, std::string_view image,
                                  const std::string& stub, const Target& target,
                                  const std::string& out_path, std::vector<std::string> arguments,
                                  bool other_world, const std::vector<std::string>& environment) {
  std::string image_path = folder.File("image");
  TRY_OK(WriteFileAtomically(image_path, image));
  // The app's working directory is empty: it does not contain these files either.
  std::string empty = folder.File(other_world ? "other-cwd" : "cwd");
  TRY_OK(MakeDirectories(empty));

  Command command = {
      .argv = {stub, mode, image_path, out_path, JoinPath(DirectoryOf(stub), "library-code")},
      .environment = Environment(other_world),
      .directory = empty};
  for (std::string& argument : arguments) command.argv.push_back(std::move(argument));
  // The last one of a name is the one that counts.
  for (const std::string& variable : environment) {
    std::string_view name = std::string_view(variable).substr(0, variable.find('=') + 1);
    std::erase_if(*command.environment, [&](const auto& old) { return old.starts_with(name); });
    command.environment->push_back(variable);
  }
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
  return child;
}

// An empty plan is not passed on. `waits`: for Continue(), which gets the plan's training.
Result<SnapshotBuilder> StartTaking(std::string_view image, const std::string& stub,
                                    const Target& target, const BakePlan& plan, bool waits) {
  TRY(TempDir folder, TempDir::Make("kiln-snapshot"));
  std::vector<std::string> arguments;
  if (std::string text = Lines({.plan = plan}); !text.empty() || waits) {
    arguments.push_back(folder.File(kPlan));
    TRY_OK(WriteFileAtomically(arguments.back(), text));
  }
  if (waits) arguments.push_back(folder.File(kTraining));
  TRY(ChildProcess child, StartRuntime(folder, kTakes, image, stub, target, folder.File(kWritten),
                                       std::move(arguments), false, plan.environment));
  return SnapshotBuilder{std::move(folder), std::move(child)};
}

// With the plan's training.
Result<SnapshotBuilder> StartTaking(std::string_view image, const std::string& stub,
                                    const Target& target, const BakePlan& plan) {
  const bool trained = !plan.training.empty();
  TRY(SnapshotBuilder builder, StartTaking(image, stub, target, plan, trained));
  if (trained) TRY_OK(builder.Continue(plan.training));
  return builder;
}

std::string_view TextOf(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// How the builder ended and what it wrote; no file is an empty text.
struct BuilderResult {
  ProcessResult run;
  std::string output;
};

Result<BuilderResult> FinishBuilder(SnapshotBuilder& builder, int timeout_seconds) {
  TRY(ProcessResult run, builder.child.Wait(timeout_seconds));
  auto written = ReadFile(builder.folder.File(kWritten));
  return BuilderResult{std::move(run), written.ok() ? std::move(written).value() : ""};
}

Result<Snapshot> ReadSnapshot(std::string bytes) {
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

// Reads the line "failed", the module and the reason, which are separated by tabs. Newlines and
// tabs of the reason are escaped.
BakeFailure ReadFailure(std::string_view line) {
  BakeFailure failure;
  line.remove_prefix(kFailed.size());
  failure.module = std::atoi(std::string(line).c_str());
  size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return {-1, "the runtime gave no reason"};
  line = line.substr(tab + 1, line.find('\n') - tab - 1);
  for (size_t i = 0; i < line.size(); ++i) {
    bool escaped =
        line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == 'n' || line[i + 1] == 't');
    failure.reason += !escaped ? line[i] : line[++i] == 'n' ? '\n' : '\t';
  }
  return failure;
}

}  // namespace

Result<SnapshotRun> SnapshotRun::Start(std::string_view image, const std::string& stub,
                                       const Target& target, std::string_view training) {
  BakePlan plan;
  plan.training = training;
  TRY(SnapshotBuilder builder, StartTaking(image, stub, target, plan));
  return SnapshotRun(std::move(builder));
}

Result<SnapshotRun> SnapshotRun::StartWaiting(const BakeInput& input) {
  TRY(SnapshotBuilder builder, StartTaking(input.image, input.stub, input.target, {}, true));
  SnapshotRun run(std::move(builder));
  run.input_ = &input;
  return run;
}

Result<> SnapshotRun::Continue(std::string_view training) {
  if (training.empty()) return builder_.Continue({});
  stored_.emplace(*input_, kTakes, ObservedRun{.plan = {.training = std::string(training)}});
  // What the runtime says about the app is the same.
  return builder_.Continue(stored_->value ? std::string_view() : training);
}

Result<Snapshot> SnapshotRun::Finish(Diagnostics& diagnostics) {
  TRY(BuilderResult result, FinishBuilder(builder_, kTimeoutSeconds));
  const ProcessResult& run = result.run;
  if ((!run.ok() || result.output.empty()) && std::exchange(stored_, {})) {
    // Without the functions it may be possible; if not, that run has the app's errors, too.
    TRY(builder_, StartTaking(input_->image, input_->stub, input_->target, {}));
    return Finish(diagnostics);
  }
  if (!run.output.empty())
    diagnostics.AddInfo("The app printed this while it was built:", {}, {run.output});
  if (!run.ok()) {
    CollectMessages(run.errors, Severity::kError, diagnostics);
    if (run.errors.starts_with(kProblem)) return Error{"The app has errors"};
    return Error{"Cannot take the snapshot: the runtime " + run.Describe()};
  }
  CollectMessages(run.errors, Severity::kWarning, diagnostics);

  if (result.output.empty())
    return Error{"The app ended before its snapshot was taken"}.Note(
        "With --evaluate it must not call process.exit() while it is built.");
  if (stored_ && stored_->value) return ReadSnapshot(*std::move(stored_->value));
  if (stored_) stored_->Store(result.output);
  return ReadSnapshot(std::move(result.output));
}

void ReportMessages(const Snapshot& snapshot, Diagnostics& diagnostics) {
  CollectMessages(snapshot.messages, Severity::kWarning, diagnostics);
}

Result<Snapshot> TakeSnapshot(std::string_view image, const std::string& stub, const Target& target,
                              Diagnostics& diagnostics) {
  TRY(SnapshotRun run, SnapshotRun::Start(image, stub, target));
  return run.Finish(diagnostics);
}

BakeInput::BakeInput(std::string_view image, std::string stub, const Target& target,
                     std::string_view identity, BuildCache& cache)
    : image(image),
      stub(std::move(stub)),
      target(target),
      cache(cache.has_file() ? &cache : nullptr),
      key(cache.has_file() ? CacheKeyOf("bake input", image, identity, target.name) : Digest{}) {}

StoredResult::StoredResult(const BakeInput& input, const char* mode, const ObservedRun& run)
    : cache_(input.cache) {
  if (!cache_) return;
  std::string environment;
  for (const std::string& variable : run.plan.environment) environment += variable + '\0';
  key_ = CacheKeyOf("bake", mode, TextOf(input.key), Lines(run), environment,
                    std::to_string(run.repetition), run.plan.training);
  value = cache_->Find(key_);
}

void StoredResult::Store(const std::string& output) {
  if (cache_) cache_->Put(key_, output);
}

Result<> SnapshotBuilder::Continue(std::string_view training) {
  if (!training.empty()) TRY_OK(WriteFileAtomically(folder.File(kTraining), training));
  child.CloseInput();
  return {};
}

// ---------------------------------------------------------------- observed runs

Result<std::unique_ptr<ObservingRuntime>> ObservingRuntime::Start(
    const BakeInput& input, bool other_world, const std::vector<std::string>& environment) {
  TRY(TempDir folder, TempDir::Make("kiln-observe"));
  TRY(ChildProcess child, StartRuntime(folder, kObserves, input.image, input.stub, input.target,
                                       folder.File("run"), {}, other_world, environment));
  return std::unique_ptr<ObservingRuntime>(
      new ObservingRuntime(std::move(folder), std::move(child)));
}

std::string ObservingRuntime::FileOf(int number, std::string_view kind) const {
  return folder_.File("run-" + std::to_string(number) + std::string(kind));
}

Result<int> ObservingRuntime::Begin(const ObservedRun& run) {
  const int number = ++runs_;
  TRY_OK(WriteFileAtomically(FileOf(number, "-plan"), Lines(run)));
  // If it has ended, Finish() returns nothing.
  (void)child_.Write("run " + std::to_string(number) + "\n");
  return number;
}

std::optional<std::string> ObservingRuntime::Finish(int number) {
  while (!ended_.contains(number)) {
    char buffer[256];
    auto size = has_ended_ ? Result<size_t>(size_t(0))
                           : child_.Read(buffer, sizeof buffer, kTimeoutSeconds);
    if (!size.ok() || *size == 0) {
      has_ended_ = true;
      child_.Kill();
      return {};
    }
    output_.append(buffer, *size);
    for (size_t end; (end = output_.find('\n')) != std::string::npos; output_.erase(0, end + 1)) {
      // The number of a run and whether it has ended well.
      const char* line = output_.c_str();
      const char* space = std::strchr(line, ' ');
      ended_[std::atoi(line)] = space && std::strncmp(space, " 0\n", 3) == 0;
    }
  }
  if (!ended_[number]) return {};
  auto record = ReadFile(FileOf(number, "-record"));
  if (!record.ok()) return {};
  return std::move(record).value();
}

void ObservingRuntime::End(int number) {
  if (!has_ended_ && !ended_.contains(number))
    (void)child_.Write("end " + std::to_string(number) + "\n");
}

Result<ObservingRuntime*> ObservingRuntimes::For(const BakeInput& input, const ObservedRun& run) {
  std::unique_ptr<ObservingRuntime>& runtime = runtimes_[{run.other_world, run.plan.environment}];
  if (!runtime) {
    TRY(runtime, ObservingRuntime::Start(input, run.other_world, run.plan.environment));
  }
  return runtime.get();
}

BakingProcess::StartedRun::StartedRun(StartedRun&& other) noexcept
    : runtime_(std::exchange(other.runtime_, nullptr)), number_(other.number_) {}

BakingProcess::StartedRun& BakingProcess::StartedRun::operator=(StartedRun&& other) noexcept {
  std::swap(runtime_, other.runtime_);
  std::swap(number_, other.number_);
  return *this;
}

BakingProcess::StartedRun::~StartedRun() {
  if (runtime_) runtime_->End(number_);
}

std::optional<std::string> BakingProcess::StartedRun::Finish() {
  return std::exchange(runtime_, nullptr)->Finish(number_);
}

// ---------------------------------------------------------------- both kinds of runs

Result<BakingProcess> BakingProcess::Observe(const BakeInput& input, const ObservedRun& run,
                                             ObservingRuntimes& runtimes) {
  BakingProcess process(input);
  process.stored_.emplace(input, kObserves, run);
  if (process.is_known()) return process;
  TRY(ObservingRuntime * runtime, runtimes.For(input, run));
  TRY(int number, runtime->Begin(run));
  process.observed_ = StartedRun(runtime, number);
  return process;
}

Result<BakingProcess> BakingProcess::TakeSnapshot(const BakeInput& input, const BakePlan& plan) {
  BakingProcess process(input);
  process.stored_.emplace(input, kTakes, ObservedRun{.plan = plan});
  if (process.is_known()) return process;
  TRY(process.builder_, StartTaking(input.image, input.stub, input.target, plan));
  return process;
}

Result<BakingProcess> BakingProcess::BeginSnapshot(const BakeInput& input, const BakePlan& plan) {
  BakingProcess process(input);
  TRY(process.builder_, StartTaking(input.image, input.stub, input.target, plan, true));
  return process;
}

Result<> BakingProcess::Continue(const BakePlan& plan) {
  stored_.emplace(*input_, kTakes, ObservedRun{.plan = plan});
  if (!is_known()) return builder_->Continue(plan.training);
  builder_.reset();
  return {};
}

Result<std::variant<Snapshot, BakeFailure>> BakingProcess::FinishTaking() {
  std::string output, messages;
  if (is_known()) {
    output = *std::move(stored_->value);
  } else {
    TRY(BuilderResult result, FinishBuilder(*builder_, kTimeoutSeconds));
    output = std::move(result.output);
    messages = result.run.errors;
    if (!result.run.ok() && !output.starts_with(kFailed)) {
      std::string problem = "the runtime " + result.run.Describe();
      std::string message = result.run.errors.substr(0, result.run.errors.find('\n'));
      if (!message.empty()) problem += ": " + message;
      return {BakeFailure{-1, std::move(problem)}};
    }
    // Only complete results are stored.
    stored_->Store(output);
  }
  if (output.starts_with(kFailed)) return {ReadFailure(output)};
  auto snapshot = ReadSnapshot(std::move(output));
  if (!snapshot.ok()) return {BakeFailure{-1, snapshot.error().text}};
  snapshot->messages = std::move(messages);
  return {std::move(snapshot).value()};
}

std::optional<std::string> BakingProcess::FinishObserving() {
  if (is_known()) return std::move(stored_->value);
  std::optional<std::string> record = observed_.Finish();
  if (record) stored_->Store(*record);
  return record;
}

}  // namespace kiln
