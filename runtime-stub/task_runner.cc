// The reader takes only the "scripts" of package.json and checks the rest for form.
#include "runtime-stub/task_runner.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

namespace kiln {

namespace {

struct Script {
  std::string name;
  std::optional<std::string> command;  // none: the value is no string
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // False: not JSON, or not an object. `found` tells whether there is an object "scripts".
  bool ReadScripts(std::vector<Script>* scripts, bool* found) {
    *found = false;
    bool ok = Object([&](const std::string& key) {
      if (key != "scripts" || Peek() != '{') return Value();
      *found = true;
      scripts->clear();
      return Object([&](const std::string& name) {
        Script script{name, {}};
        bool good = Peek() == '"' ? String(&script.command.emplace()) : Value();
        scripts->push_back(std::move(script));
        return good;
      });
    });
    return ok && Peek() == 0;
  }

 private:
  // The next character that is no blank; 0 at the end.
  char Peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) at_++;
    return at_ < text_.size() ? text_[at_] : 0;
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    at_++;
    return true;
  }
  bool String(std::string* out) {
    if (!Take('"')) return false;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        *out += c;
        continue;
      }
      if (at_ == text_.size()) return false;
      switch (char escape = text_[at_++]) {
        case 'n': *out += '\n'; break;
        case 't': *out += '\t'; break;
        case 'r': *out += '\r'; break;
        case 'b': *out += '\b'; break;
        case 'f': *out += '\f'; break;
        case 'u': {
          unsigned code = unsigned(std::strtoul(std::string(text_.substr(at_, 4)).c_str(),
                                                nullptr, 16));
          at_ += 4;
          if (code < 0x80) {
            *out += char(code);
          } else {
            if (code >= 0x800) *out += char(0xe0 | code >> 12);
            *out += code >= 0x800 ? char(0x80 | (code >> 6 & 63)) : char(0xc0 | code >> 6);
            *out += char(0x80 | (code & 63));
          }
          break;
        }
        default: *out += escape;
      }
    }
    return false;
  }
  template <class F>
  bool Object(F member) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      std::string key;
      if (!String(&key) || !Take(':') || !member(key)) return false;
    } while (Take(','));
    return Take('}');
  }
  bool Value() {
    if (++depth_ > 500) return false;
    bool ok = AnyValue();
    depth_--;
    return ok;
  }
  bool AnyValue() {
    std::string ignored;
    switch (Peek()) {
      case '"': return String(&ignored);
      case '{': return Object([&](const std::string&) { return Value(); });
      case '[':
        at_++;
        if (Take(']')) return true;
        do {
          if (!Value()) return false;
        } while (Take(','));
        return Take(']');
      default: {
        size_t end = text_.find_first_of(",]} \t\r\n", at_);
        std::string word(text_.substr(at_, end - at_));
        at_ = end == std::string_view::npos ? text_.size() : end;
        if (word == "true" || word == "false" || word == "null") return true;
        char* rest;
        std::strtod(word.c_str(), &rest);
        return !word.empty() && !*rest;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

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
  if (!in || !Reader(text).ReadScripts(&scripts, &found)) {
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
    std::fprintf(stderr, "Missing script: \"%s\" for %s\n\nAvailable scripts are:\n",
                 name.c_str(), file.c_str());
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
  if (const char* old = std::getenv("PATH")) path += old;
  setenv("PATH", path.c_str(), 1);
  setenv("NODE_RUN_SCRIPT_NAME", name.c_str(), 1);
  setenv("NODE_RUN_PACKAGE_JSON_PATH", file.c_str(), 1);
  return RunShell(directory, command);
}

}  // namespace kiln
