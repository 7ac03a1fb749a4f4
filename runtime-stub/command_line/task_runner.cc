// Finds package.json, reads its "scripts" with simdjson, and runs one of them.
#include "runtime-stub/command_line/task_runner.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "runtime-stub/platform/environment.h"
#include "simdjson.h"

namespace kiln::runtime {

namespace {

namespace json = simdjson::ondemand;

// Prints one line on stderr. Returns the exit code of a failure.
int Report(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return 1;
}

// Finds the command of a script in the text of a package.json. Returns 0, or 1 after printing
// what is wrong, in the words of Node.
int FindScript(std::string& text, const std::string& name, const std::string& file,
               std::string* command) {
  json::parser parser;
  json::document document;
  json::object root, scripts;
  if (parser.iterate(text).get(document)) return Report("Can't parse " + file);
  if (simdjson::error_code error = document.get_object().get(root))
    return Report(error == simdjson::INCORRECT_TYPE
                      ? "Root value unexpected not an object for " + file + "\n"
                      : "Can't parse " + file);
  if (root["scripts"].get_object().get(scripts))
    return Report("Can't find \"scripts\" field in " + file);
  std::string_view found;
  simdjson::error_code error = scripts[name].get_string().get(found);
  *command = found;
  if (!error) return 0;
  if (error == simdjson::INCORRECT_TYPE)
    return Report("Script \"" + name + "\" is unexpectedly not a string for " + file + "\n");
  Report("Missing script: \"" + name + "\" for " + file + "\n\nAvailable scripts are:");
  (void)scripts.reset();
  for (auto field : scripts) {
    std::string_view key, value;
    json::value script;
    if (!field.unescaped_key().get(key) && !field.value().get(script) &&
        !script.get_string().get(value))
      Report("  " + std::string(key) + ": " + std::string(value));
  }
  return 1;
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

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// REQUIRES: an absolute path.
std::string ParentOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

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
  // A script that a signal ends counts as done, as in Node.
  return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? 1 : 0;
}

}  // namespace

int RunPackageScript(const std::string& name, const std::vector<std::string>& arguments) {
  char cwd[4096];
  if (!getcwd(cwd, sizeof cwd)) {
    std::perror("Cannot find the current directory");
    return 1;
  }
  // The root folder itself is not searched; an empty package.json counts as absent.
  std::string path, file, text;
  for (std::string directory = cwd; directory.size() > 1; directory = ParentOf(directory)) {
    std::string bin = directory + "/node_modules/.bin";
    if (IsDirectory(bin)) path += bin + ":";
    if (!text.empty()) continue;
    file = directory + "/package.json";
    std::ifstream in(file, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  if (text.empty()) return Report(std::string("Can't find package.json for directory ") + cwd);
  std::string command;
  if (FindScript(text, name, file, &command) != 0) return 1;
  for (const std::string& argument : arguments) command += " " + Quote(argument);
  path += ReadUntrusted("PATH").value_or("");
  setenv("PATH", path.c_str(), 1);
  setenv("NODE_RUN_SCRIPT_NAME", name.c_str(), 1);
  setenv("NODE_RUN_PACKAGE_JSON_PATH", file.c_str(), 1);
  return RunShell(ParentOf(file), command);
}

}  // namespace kiln::runtime
