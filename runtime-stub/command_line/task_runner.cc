// Takes only the "scripts" of package.json and checks the rest for form.
#include "runtime-stub/command_line/task_runner.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "runtime-stub/command_line/json_reader.h"
#include "runtime-stub/platform/environment.h"

namespace kiln::runtime {

namespace {

struct Script {
  std::string name;
  std::optional<std::string> command;  // none: the value is no string
};

// Answers false for text that is no JSON object. `found` tells of an object "scripts".
bool ReadScripts(std::string_view text, std::vector<Script>* scripts, bool* found) {
  *found = false;
  JsonReader json(text);
  auto script = [&](const std::string& name) {
    Script one{name, {}};
    bool good = json.Peek() == '"' ? json.String(&one.command.emplace()) : json.Skip();
    scripts->push_back(std::move(one));
    return good;
  };
  bool ok = json.Object([&](const std::string& key) {
    if (key != "scripts" || json.Peek() != '{') return json.Skip();
    *found = true;
    scripts->clear();
    return json.Object(script);
  });
  return ok && json.Peek() == 0;
}

// A word as the shell reads it back.
std::string Quote(const std::string& word) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (char c : word) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

int RunShell(const std::string& directory, const std::string& command) {
  std::fflush(nullptr);
  pid_t child = fork();
  if (child < 0) {
    std::perror("Cannot start a process");
    return 1;
  }
  if (child == 0) {
    if (chdir(directory.c_str()) == 0)
      execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

}  // namespace

int RunPackageScript(const std::string& name, const std::vector<std::string>& arguments) {
  char cwd[4096];
  if (!getcwd(cwd, sizeof cwd)) {
    std::perror("Cannot find the current directory");
    return 1;
  }
  std::string directory = cwd, path;
  for (;;) {
    std::string prefix = directory == "/" ? "" : directory;
    if (Exists(prefix + "/node_modules/.bin")) path += prefix + "/node_modules/.bin:";
    if (Exists(prefix + "/package.json")) break;
    if (directory == "/") {
      std::fprintf(stderr, "Can't find package.json for directory %s\n", cwd);
      return 1;
    }
    size_t slash = directory.rfind('/');
    directory = slash == 0 ? "/" : directory.substr(0, slash);
  }
  std::string file = (directory == "/" ? "" : directory) + "/package.json";
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<Script> scripts;
  bool found;
  if (!in || !ReadScripts(text, &scripts, &found)) {
    std::fprintf(stderr, "Can't parse %s\n", file.c_str());
    return 1;
  }
  if (!found) {
    std::fprintf(stderr, "Can't find \"scripts\" field in %s\n", file.c_str());
    return 1;
  }
  const Script* script = nullptr;
  for (const Script& s : scripts)
    if (s.name == name) script = &s;
  if (!script) {
    std::fprintf(stderr, "Missing script: \"%s\" for %s\n\nAvailable scripts are:\n", name.c_str(),
                 file.c_str());
    for (const Script& s : scripts)
      if (s.command) std::fprintf(stderr, "  %s: %s\n", s.name.c_str(), s.command->c_str());
    return 1;
  }
  if (!script->command) {
    std::fprintf(stderr, "Script \"%s\" is unexpectedly not a string for %s\n", name.c_str(),
                 file.c_str());
    return 1;
  }
  std::string command = *script->command;
  for (const std::string& argument : arguments) command += " " + Quote(argument);
  path += ReadUntrusted("PATH").value_or("");
  setenv("PATH", path.c_str(), 1);
  setenv("NODE_RUN_SCRIPT_NAME", name.c_str(), 1);
  setenv("NODE_RUN_PACKAGE_JSON_PATH", file.c_str(), 1);
  return RunShell(directory, command);
}

}  // namespace kiln::runtime
