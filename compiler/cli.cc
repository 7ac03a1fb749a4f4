// The command line. Each subcommand parses its arguments, calls the library and prints the result.
// Diagnostics go to stderr, or to stdout as JSON with --json.
#include "compiler/cli.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "compiler/build.h"
#include "compiler/inspect.h"
#include "compiler/installation.h"
#include "compiler/link.h"
#include "compiler/options.h"
#include "compiler/progress.h"
#include "support/file.h"
#include "support/json.h"
#include "support/process.h"

namespace kiln {
namespace {

using Arguments = std::vector<std::string>;

constexpr char kHelp[] = R"(kiln makes one static executable of a JavaScript or TypeScript app.

  kiln build ENTRY [options]     build the app
  kiln run ENTRY [args…]         build it into the cache and run it
  kiln targets                   list the systems that Kiln can build for
  kiln inspect FILE [--verify]   list what an executable contains; check its hash
  kiln --version, kiln --help

Options of build. run takes the same, before ENTRY; what follows ENTRY goes to the app.

  -o FILE                  the executable (default: ENTRY without its extension)
  --target T               linux-x64, …; see kiln targets (default: this machine's)
  --link=FORM              modules (default): each ES module is one of V8's own; scope: all are one
                           function, for a smaller file; docs/options.md lists what differs
  --minify                 shorten the app's code; always with --link=scope
  --define NAME=VALUE      replace an expression, e.g. process.env.NODE_ENV='"production"'
  --external NAME          do not bundle this package; at run time it is looked for in the folders
                           node_modules beside the executable and above; may contain a *
  --packages=WHERE         bundled (default): packages that are not in the executable are not found;
                           disk: they are looked for wherever node does
  --asset GLOB             embed these files; the app reads them at the same relative path
  --conditions NAME        a further condition for "exports" in package.json
  --sourcemap=MODE         inline (default): stack traces name your own files and lines;
                           external: FILE.map; none
  --intl=MODE              full (default): all languages; en: English; none: no Intl data
  --with=NAME,…            include these optional components even if the app seems not to use them:
                           crypto, http2, brotli-encoder, brotli-decoder, zstd-encoder, sqlite, all
  --evaluate=WHAT          auto: evaluate modules during the build where no program can tell;
                           none (default); all: run the app during the build and start from the
                           heap it leaves, with the function given to
                           v8.startupSnapshot.setDeserializeMainFunction
  --explain                print which modules are evaluated during the build, and why others not
  --defer PATTERN          never evaluate these modules during the build: a package, or a path
                           with * and **
  --bake PATTERN           what these modules read is harmless: evaluate them all the same
  --bake-env NAME=VALUE    evaluate modules as if this variable had this value, or without =VALUE as
                           if it were absent; at a start where it differs they are evaluated again
  --recipes FILE           what is known about reads in the code of packages, see docs/baking.md
  --train ARGUMENTS        run the executable with these arguments, and compile what runs for its start
  --train-script FILE      the same with a program that starts $KILN_TRAIN_APP, a server for
                           instance, and ends it
  --strict                 fail if the executable would contain secrets (otherwise a warning)
  --allow-secret NAME      this one is meant: the name of a variable, or a kind such as home or jwt
  --v8-flag FLAG           a flag for V8, e.g. --v8-flag=--max-old-space-size=4096
  --exec-argv-extension=M  which Node options the executable accepts: none (default); env: those
                           in NODE_OPTIONS; cli: --node-options="…"; node: node's whole command
                           line, which never runs the app
  --permission             what the executable may do, at every start: nothing with files outside of
                           it, processes, threads, … but what these allow:
  --allow-fs-read PATH     read this file, what is in this folder, or what begins so (PATH*)
  --allow-fs-write PATH    the same for writing; * for all
  --allow-child-process, --allow-worker, --allow-wasi, --allow-inspector, --allow-openssl-store,
  --allow-addons           as options of node
  --inspect                the executable can be debugged: it takes node's --inspect, --inspect-brk and
                           others as its first arguments, and SIGUSR1 opens the port
  --no-rehash              start faster with a fixed hash seed; not for untrusted input
  --heap=FORM              what a start reads: images of the heap (image, the default), or V8's
                           bytecodes (read), which is slower and takes less room; verified:
                           images, after the build has compared them with V8's heap
  --symbols                keep the names of native functions, for profilers
  --no-cache               use nothing that earlier builds have left in the cache, and keep nothing
  --json                   progress and messages on stdout, one JSON object per line
)";

void Print(const Diagnostics& diagnostics, bool json) {
  RenderStyle style = json ? RenderStyle::kJson : StyleFor(2);
  for (const Diagnostic& diagnostic : diagnostics.all())
    std::fputs(Render(diagnostic, style).c_str(), json ? stdout : stderr);
}

int Fail(Error error, bool json = false, int code = 1) {
  error.severity = Severity::kError;
  std::fflush(stdout);
  std::fputs(Render(error, json ? RenderStyle::kJson : StyleFor(2)).c_str(),
             json ? stdout : stderr);
  return code;
}

// The diagnostics report what is wrong in the app, and where. The error of the step that failed
// only summarizes them, so it is printed without "error:".
int FailBuild(const Diagnostics& diagnostics, Error error, bool json) {
  Print(diagnostics, json);
  if (!diagnostics.has_errors() || json) return Fail(std::move(error), json);
  std::fprintf(stderr, "%s\n", error.text.c_str());
  return 1;
}

int RunBuild(const Arguments& arguments) {
  Result<Options> options = ParseOptions(arguments, false);
  if (!options.ok()) return Fail(std::move(options).error(), false, 2);
  bool json = options->json;
  Progress progress(json        ? ProgressStyle::kJson
                    : isatty(2) ? ProgressStyle::kTerminal
                                : ProgressStyle::kPlain);
  Diagnostics diagnostics;
  Result<Executable> executable = Build(*options, diagnostics, progress);
  progress.Abandon();
  if (!executable.ok()) return FailBuild(diagnostics, std::move(executable).error(), json);
  Print(diagnostics, json);
  if (json) {
    Json result = Json::Object();
    result.Set("type", "result").Set("output", executable->path).Set("bytes", executable->size);
    result.Set("ms", int64_t(progress.TotalMilliseconds() + 0.5));
    std::printf("%s\n", result.Write().c_str());
  } else {
    std::fprintf(stderr, "  %-9s %8s %10s   %s\n", "done",
                 FormatTime(progress.TotalMilliseconds()).c_str(),
                 FormatSize(executable->size).c_str(), options->output.c_str());
  }
  return 0;
}

int RunRun(const Arguments& arguments) {
  Result<Options> options = ParseOptions(arguments, true);
  if (!options.ok()) return Fail(std::move(options).error(), false, 2);
  Progress progress(ProgressStyle::kSilent);
  Diagnostics diagnostics;
  Result<Executable> executable = BuildCached(*options, diagnostics, progress);
  if (!executable.ok()) return FailBuild(diagnostics, std::move(executable).error(), options->json);
  Print(diagnostics, options->json);
  std::fflush(stdout);
  Command command = {.argv = {executable->path}};
  std::string_view runner = RunnerFor(*options->target);
  if (!runner.empty()) command.argv.insert(command.argv.begin(), std::string(runner));
  for (const std::string& argument : options->arguments) command.argv.push_back(argument);
  return Fail(ExecProcess(command), options->json);
}

int RunTargets(const Arguments& arguments) {
  bool json = arguments.size() == 1 && arguments[0] == "--json";
  if (!arguments.empty() && !json)
    return Fail({"kiln targets takes no arguments but --json"}, false, 2);
  Result<Installation> installation = FindInstallation();
  if (!installation.ok()) return Fail(std::move(installation).error(), json);
  Json list = Json::Array();
  for (const Target& target : AllTargets()) {
    bool installed = installation->HasTarget(target);
    std::string_view runner = RunnerFor(target);
    if (json) {
      Json entry = Json::Object();
      entry.Set("name", target.name).Set("installed", installed);
      entry.Set("host", &target == &HostTarget()).Set("description", target.description);
      if (!runner.empty()) entry.Set("emulator", runner);
      list.Push(std::move(entry));
      continue;
    }
    std::printf("%-12s %-14s %s%s%s\n", std::string(target.name).c_str(),
                installed ? "installed" : "not installed", std::string(target.description).c_str(),
                &target == &HostTarget() ? " (this machine)" : "",
                runner.empty() ? "" : (", snapshot under " + std::string(runner)).c_str());
  }
  if (json) std::printf("%s\n", list.Write().c_str());
  return 0;
}

int RunInspect(const Arguments& arguments) {
  std::string file;
  InspectOptions options;
  for (const std::string& argument : arguments) {
    if (argument == "--verify")
      options.verify = true;
    else if (argument == "--json")
      options.json = true;
    else if (argument.starts_with("-") || !file.empty())
      return Fail({"kiln inspect FILE [--verify] [--json], not " + argument}, false, 2);
    else
      file = argument;
  }
  if (file.empty())
    return Fail(Error{"kiln inspect needs a file"}.Note("For example `kiln inspect app`."), false,
                2);
  Result<std::string> text = Inspect(file, options);
  if (!text.ok()) return Fail(std::move(text).error(), options.json);
  std::fputs(text->c_str(), stdout);
  return 0;
}

// Commands that are not in the help: they link something for the target.
int RunLink(const Arguments& arguments,
            Result<> (*link)(const TargetFiles& files, const Options& options)) {
  Arguments with_entry = arguments;
  with_entry.push_back("stub");
  Result<Options> options = ParseOptions(with_entry, false);
  if (!options.ok()) return Fail(std::move(options).error(), false, 2);
  Result<Installation> installation = FindInstallation();
  if (!installation.ok()) return Fail(std::move(installation).error());
  Result<TargetFiles> files = FindTargetFiles(*installation, *options->target);
  if (!files.ok()) return Fail(std::move(files).error());
  Result<> linked = link(*files, *options);
  if (!linked.ok()) return Fail(std::move(linked).error());
  return 0;
}

// The last step of building Kiln itself (targets/kiln_target.cmake).
int RunLinkStub(const Arguments& arguments) {
  return RunLink(arguments, [](const TargetFiles& files, const Options& options) {
    return LinkStub(files, AbsolutePath(options.output));
  });
}

// What another kiln starts (compiler/linked_runtime.h).
int RunLinkRuntime(const Arguments& arguments) {
  return RunLink(arguments, [](const TargetFiles& files, const Options& options) {
    return LinkRuntime(files, {options.intl, options.components, options.symbols}, options.output);
  });
}

}  // namespace

int RunCli(int argc, char** argv) {
  Arguments arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  std::string name = arguments.empty() ? "" : arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  for (const std::string& argument : arguments) {
    // After the entry of `run`, --help belongs to the app.
    if (name == "run" && !argument.starts_with("-") && argument != "run") break;
    if (argument == "--help" || argument == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
  }
  if (name == "--version" || name == "-v") {
    std::printf("kiln %s\n", KILN_VERSION);
    return 0;
  }
  if (name.empty()) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  arguments.erase(arguments.begin());
  InstallInterruptCleanup();
  if (name == "build") return RunBuild(arguments);
  if (name == "run") return RunRun(arguments);
  if (name == "targets") return RunTargets(arguments);
  if (name == "inspect") return RunInspect(arguments);
  if (name == "link-stub") return RunLinkStub(arguments);
  if (name == "link-runtime") return RunLinkRuntime(arguments);
  return Fail(Error{"There is no command \"" + name + "\""}.Note("`kiln --help` lists them."),
              false, 2);
}

}  // namespace kiln
