#include "runtime-stub/process/own_start.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {

namespace {

// The limits on entries that start each other (docs/starting-itself.md).
constexpr size_t kMaxAncestors = 6;
constexpr size_t kMaxSameArguments = 2;

// Options that are a program by themselves.
bool NeedsNoScript(const RunOptions& options) {
  constexpr const char* kActions[] = {
      "[has_eval_string]", "--build-snapshot", "--check",
      "--completion-bash", "--entry-url",      "--help",
      "--interactive",     "--prof-process",   "--test",
      "--v8-options",      "--version",
  };
  for (const char* name : kActions)
    if (options.GetBool(name)) return true;
  return !options.GetString("--run").empty();
}

// The embedded file that `node PATH` would run, or empty.
std::string FindEmbedded(const std::string& path) {
  uv_stat_t info;
  for (const char* end : {"", ".js", ".json", ".ts", "/index.js", "/index.json", "/index.ts"})
    if (std::string file = path + end, real; embedded::Stat(file, &info) == 0 &&
                                             S_ISREG(info.st_mode) &&
                                             embedded::RealPath(file, &real) == 0)
      return real;
  return "";
}

bool IsFile(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// Whether an argument that is no embedded path means a script on disk, rather than being one of the
// app's own arguments.
bool MeansScript(const std::string& argument) {
  if (argument == "-") return true;  // the script is in stdin
  size_t slash = argument.rfind('/');
  std::string_view name = argument;
  if (slash != std::string::npos) name.remove_prefix(slash + 1);
  size_t dot = name.rfind('.');
  if (dot != std::string_view::npos && dot > 0) {
    constexpr std::string_view kExtensions[] = {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"};
    return std::find(std::begin(kExtensions), std::end(kExtensions), name.substr(dot)) !=
           std::end(kExtensions);
  }
  // A name alone is a subcommand, also if a file of this name is in the current folder.
  return slash != std::string::npos && (IsFile(argument) || IsFile(argument + ".js"));
}

void Report(const std::string& program, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), text.c_str());
}

// Whether the entry may run once more, below other entries that have started each other.
bool MayRunEntry(const OwnParent& parent, const std::vector<std::string>& args) {
  if (parent.kind == StartKind::kName) return true;
  std::vector<Ancestor> ancestors = CountingAncestors(parent.ancestors);
  const uint64_t own = HashArguments({args.begin() + 1, args.end()});
  auto same = std::count_if(ancestors.begin(), ancestors.end(),
                            [&](const Ancestor& one) { return one.arguments == own; });
  if (ancestors.size() < kMaxAncestors && size_t(same) < kMaxSameArguments) return true;
  Report(args[0],
         "this program has started itself again and again" +
             (args.size() > 1 ? " (now with the argument '" + args[1] + "', which is no script)"
                              : std::string()) +
             ", so it ends here");
  return false;
}

}  // namespace

std::string ResolvePath(std::string path) {
  if (!path.starts_with('/')) {
    char folder[4096];
    path = std::string(getcwd(folder, sizeof folder) ? folder : "") + "/" + path;
  }
  std::string out;
  for (size_t at = 0; at < path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string_view part = std::string_view(path).substr(at, end - at);
    if (part == "..") out.erase(std::min(out.rfind('/'), out.size()));
    if (!part.empty() && part != "." && part != "..") out.append("/").append(part);
    at = end + 1;
  }
  return out.empty() ? "/" : out;
}

Program ProgramOfOwnStart(const OwnParent& parent, const std::vector<std::string>& args,
                          const Payload& payload, std::string* module) {
  auto entry = [&] { return MayRunEntry(parent, args) ? Program::kEntry : Program::kRefused; };
  auto decide = [&] {
    const bool by_name = parent.kind == StartKind::kName ||
                         (parent.kind == StartKind::kWithin && args[0].find('/') == args[0].npos);
    std::vector<std::string> rest = args, node_options;
    if (!by_name) {
      RunOptions options;
      std::vector<std::string> errors;
      ParseOptions(&rest, &node_options, OptionSource::kCommandLine, &options, &errors);
      // The user of a process with more rights must not choose options, which may load code.
      if (!parent.trusted && rest.size() != args.size())
        return NeedsNoScript(options) ? Program::kNode : entry();
      if (parent.kind != StartKind::kModule && !V8KnowsFlags(options)) return entry();
      if (!errors.empty() || NeedsNoScript(options)) return Program::kNode;
    }
    if (rest.size() < 2 || rest[1].empty()) return entry();
    if (std::string path = ResolvePath(rest[1]); embedded::Owns(path)) {
      std::string file = FindEmbedded(path);
      if (file.empty()) return Program::kNode;  // reports that it does not exist
      if (file != payload.entry) *module = std::move(file);
      return Program::kModule;
    }
    if (parent.kind == StartKind::kModule || (!by_name && MeansScript(rest[1])))
      return Program::kNode;
    return entry();
  };
  Program program = decide();
  if (program == Program::kNode && parent.trusted && !HasOwnParentProcess()) program = entry();
  if (parent.trusted || program == Program::kEntry || program == Program::kRefused) return program;
  if (program == Program::kModule && module->empty()) return program;
  Report(args[0],
         "has more rights than the user who started it, so it runs nothing but its own entry");
  return Program::kRefused;
}

}  // namespace kiln::runtime
