#include "compiler/train.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "snapshot/format/payload_format.h"
#include "support/file.h"
#include "support/process.h"

namespace kiln {
namespace {

// A file that is removed at the end.
class ScratchFile {
 public:
  explicit ScratchFile(std::string path) : path_(std::move(path)) {}
  ~ScratchFile() { (void)RemoveFile(path_); }
  ScratchFile(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Run {
  std::string name;  // as on the command line of Kiln
  Command command;
};

// What starts the executable: itself, or the target's emulator.
std::vector<std::string> Starter(const Options& options, const std::string& executable) {
  std::string_view runner = RunnerFor(*options.target);
  if (runner.empty()) return {executable};
  return {std::string(runner), executable};
}

Result<std::vector<Run>> RunsOf(const Options& options, const std::string& executable,
                                const TempDir& folder) {
  std::vector<Run> runs;
  for (const std::vector<std::string>& arguments : options.trainings) {
    Run run = {.name = "--train", .command = {.argv = Starter(options, executable)}};
    for (const std::string& argument : arguments) {
      run.name += " " + argument;
      run.command.argv.push_back(argument);
    }
    runs.push_back(std::move(run));
  }
  std::string app = executable;
  if (std::vector<std::string> starter = Starter(options, executable);
      starter.size() > 1 && !options.training_scripts.empty()) {
    // A program that a script can start by its name alone.
    app = folder.File("app");
    TRY(PendingFile file, PendingFile::Open(app));
    TRY_OK(file.Write("#!/bin/sh\nexec " + starter[0] + " '" + executable + "' \"$@\"\n"));
    TRY_OK(file.Commit(0777));
  }
  for (const std::string& script : options.training_scripts)
    runs.push_back({.name = "--train-script " + script,
                    .command = {.argv = {AbsolutePath(script)},
                                .environment = EnvironmentWith("KILN_TRAIN_APP", app)}});
  return runs;
}

std::string LastLines(const std::string& text) {
  constexpr size_t kMost = 2000;
  std::string_view tail = text;
  if (tail.size() > kMost) tail = tail.substr(tail.find('\n', tail.size() - kMost) + 1);
  while (tail.ends_with('\n')) tail.remove_suffix(1);
  return std::string(tail);
}

Error WithOutput(Error error, const ProcessResult& result) {
  if (std::string text = LastLines(result.errors); !text.empty()) error.notes.push_back(text);
  return error;
}

Result<> Perform(const Run& run, Diagnostics& diagnostics) {
  Command command = run.command;
  command.timeout_seconds = int(format::kTrainingSeconds);
  auto result = RunProcess(command);
  if (!result.ok()) {
    Error error = std::move(result).error();
    error.notes.push_back("This was the training run " + run.name + ".");
    return error;
  }
  if (result->timed_out)
    return WithOutput(
        Error{"The training run " + run.name + " did not end within " +
              std::to_string(format::kTrainingSeconds) + " seconds"}
            .Note("A server is trained with --train-script, by a program that also stops it."),
        *result);
  if (result->signal != 0)
    return WithOutput(Error{"The training run " + run.name + " " + result->Describe()}, *result);
  if (result->exit_code != 0) {
    Diagnostic warning = {.text = "The training run " + run.name + " " + result->Describe(),
                          .severity = Severity::kWarning};
    if (std::string text = LastLines(result->errors); !text.empty()) warning.notes.push_back(text);
    diagnostics.Add(std::move(warning));
  }
  return {};
}

}  // namespace

Result<TrainingProfile> Train(const Options& options, const std::string& output,
                              const WriteExecutable& write, Diagnostics& diagnostics,
                              Progress& progress) {
  progress.Begin("train");
  TRY(TempDir folder, TempDir::Make("kiln-train"));
  std::string records = folder.File("records");
  TRY_OK(MakeDirectories(records));
  // Beside the output, where it finds the packages of --external.
  ScratchFile executable(JoinPath(
      DirectoryOf(output), "." + BaseNameOf(output) + ".training-" + std::to_string(getpid())));
  TRY_OK(write(executable.path(), records));
  TRY(std::vector<Run> runs, RunsOf(options, executable.path(), folder));
  for (const Run& run : runs) TRY_OK(Perform(run, diagnostics));

  TrainingProfile profile;
  TRY(std::vector<std::string> names, ListDirectory(records));
  size_t processes = 0;
  for (const std::string& name : names) {
    if (name.ends_with(".part")) continue;
    TRY(std::string text, ReadFile(JoinPath(records, name)));
    TRY_OK(profile.Add(text));
    ++processes;
  }
  if (profile.empty())
    return Error{"The training runs have recorded nothing"}.Note(
        "A process records when it ends by itself or by SIGTERM, SIGINT or SIGHUP. A script of "
        "--train-script has to start the program $KILN_TRAIN_APP.");
  progress.End(profile.bytes(), std::to_string(profile.functions()) + " functions of " +
                                    std::to_string(processes) +
                                    (processes == 1 ? " process" : " processes"));
  Json json = Json::Object();
  json.Set("type", "train").Set("functions", uint64_t(profile.functions()));
  json.Set("bytes", profile.bytes()).Set("runs", uint64_t(runs.size()));
  json.Set("processes", uint64_t(processes));
  progress.ReportJson(json);
  return profile;
}

}  // namespace kiln
