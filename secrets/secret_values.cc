// Which values are secrets is decided by their names and their looks: a value that many programs
// contain anyway would only be a false alarm.
#include "secrets/secret_values.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "support/file.h"
#include "support/json.h"

namespace kiln {
namespace {

constexpr size_t kLeast = 8;         // characters of a value
constexpr size_t kLongestWord = 15;  // letters; random text without digits is longer
constexpr size_t kLeastName = 4;     // characters of names of users and machines
constexpr size_t kLongestToken = 4096;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsLower(c) || IsUpper(c); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Variables with values of the machine's software or of the build itself, which are no secrets and
// may be in the app for good reason. * at the end stands for any name that begins so.
constexpr std::string_view kHarmless[] = {
    // Folders and programs of the system, and where the build runs. What is below the user's home
    // is found by that.
    "PATH", "MANPATH", "INFOPATH", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH", "PYTHONPATH", "NODE_PATH",
    "PWD", "OLDPWD", "INIT_CWD", "SHELL", "EDITOR", "VISUAL", "PAGER", "BROWSER", "MAIL", "TMPDIR",
    "TMP", "TEMP", "NODE", "NVM_*", "VOLTA_*", "FNM_*", "JAVA_HOME", "GOPATH", "GOROOT", "_",
    // Terminal, desktop and language.
    "TERM", "TERM_*", "COLORTERM", "LS_COLORS", "LSCOLORS", "GREP_COLOR*", "LESS*", "LANG",
    "LANGUAGE", "LC_*", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_*", "DBUS_*", "DESKTOP_*", "GTK_*",
    "QT_*", "WINDOWID", "VTE_*", "PS1", "PS2", "PS4", "PROMPT_COMMAND", "DEBIAN_FRONTEND",
    // Names that are looked for with rules of their own.
    "HOME", "USER", "LOGNAME", "USERNAME", "HOSTNAME", "HOST", "SUDO_USER", "SUDO_COMMAND",
    // npm: package.json, which may be embedded, and npm's own settings; tokens are excepted below.
    "NODE_ENV", "NODE_OPTIONS", "NODE_DEBUG", "DEBUG", "npm_*", "PNPM_*", "YARN_*", "BUN_*",
    // Compilers and build tools.
    "CC", "CXX", "LD", "AR", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CPPFLAGS", "MAKEFLAGS", "MFLAGS",
    "CMAKE_*", "CTEST_*", "CCACHE_*", "NINJA_*", "ASAN_OPTIONS", "UBSAN_OPTIONS", "GTEST_*",
    "KILN*",
    // What CI services say about the build: the repository, the commit, links.
    "CI", "CI_*", "GITHUB_*", "RUNNER_*", "GITLAB_*", "BUILD_*", "TRAVIS_*", "CIRCLE_*",
    "JENKINS_*", "BUILDKITE_*", "TF_BUILD", "VERCEL_*", "NETLIFY_*", "AWS_REGION",
    "AWS_DEFAULT_REGION", "AWS_PROFILE", "SOURCE_DATE_EPOCH"};

// Parts of names of variables that hold secrets, in upper case.
bool NamesSecret(std::string_view name) {
  std::string upper;
  for (char c : name) upper += IsLower(c) ? char(c & ~0x20) : c;
  constexpr std::array kParts = {
      "TOKEN",   "SECRET",     "PASSW",     "PASSPHRASE", "CREDENTIAL", "API_KEY", "APIKEY",
      "PRIVATE", "ACCESS_KEY", "ACCESSKEY", "AUTHTOKEN",  "_AUTH",      "AUTH_",   "_PW",
      "_PWD",    "JWT",        "SIGNATURE", "_KEY",       "KEY_",       "SESSION", "COOKIE"};
  return upper == "KEY" || std::ranges::any_of(kParts, [&](std::string_view part) {
           return upper.find(part) != std::string::npos;
         });
}

bool IsHarmlessName(std::string_view name) {
  if (NamesSecret(name) && name != "DBUS_SESSION_BUS_ADDRESS" && name != "XDG_SESSION_ID")
    return false;
  return std::ranges::any_of(kHarmless, [&](std::string_view pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                  : name == pattern;
  });
}

// Words and the number of them, if there is nothing else than letters and single separators.
size_t WordCount(std::string_view value) {
  size_t count = 0;
  for (size_t i = 0; i < value.size();) {
    size_t end = i;
    while (end < value.size() && IsLetter(value[end])) end++;
    if (end == i || end - i > kLongestWord) return 0;
    count++;
    if (end == value.size()) return count;
    if (std::string_view("-_.,:/ ").find(value[end]) == std::string_view::npos) return 0;
    i = end + 1;
  }
  return count;
}

// Numbers, dates with times, addresses and versions: "1.2.3-beta.1".
bool IsNumeric(std::string_view value) {
  if (value.starts_with('v')) value.remove_prefix(1);
  size_t end = std::min(value.find_first_not_of("0123456789+-.,:/ "), value.size());
  std::string_view rest = value.substr(end);
  if (rest.empty()) return true;
  bool is_date = end >= 8 && std::ranges::count(value.substr(0, end), '-') == 2;
  if (is_date && rest.find_first_not_of("0123456789+-.:TZ") == std::string_view::npos) return true;
  bool is_version = std::ranges::count(value.substr(0, end), '.') >= 2 && value[end - 1] == '-';
  return is_version && rest.size() <= 10;
}

// One or more folders, of which each is below one that every system has.
bool IsSystemPath(std::string_view value) {
  while (!value.empty()) {
    std::string_view path = value.substr(0, value.find(':'));
    value.remove_prefix(std::min(value.size(), path.size() + 1));
    constexpr std::array<std::string_view, 13> kRoots = {"/usr", "/bin", "/sbin", "/lib", "/etc",
                                                         "/opt", "/var", "/tmp",  "/dev", "/proc",
                                                         "/sys", "/run", "/nix"};
    if (std::ranges::none_of(kRoots, [&](std::string_view root) {
          return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
        }))
      return false;
  }
  return true;
}

bool IsPlainUrl(std::string_view value) {
  size_t at = value.find("://");
  return at != std::string_view::npos && at < 12 && value.find('@') == std::string_view::npos &&
         value.find_first_of("?#") == std::string_view::npos;
}

// The password of scheme://user:password@host, or nothing.
std::string PasswordOfUrl(std::string_view value) {
  size_t begin = value.find("://");
  if (begin == std::string_view::npos) return "";
  std::string_view authority = value.substr(begin + 3, value.find('/', begin + 3) - begin - 3);
  size_t sign = authority.rfind('@'), colon = authority.find(':');
  if (sign == std::string_view::npos || colon >= sign) return "";
  return std::string(authority.substr(colon + 1, sign - colon - 1));
}

// Whether a value of a variable of that name is none that anybody would keep secret.
bool IsHarmless(std::string_view name, std::string_view value) {
  if (value.size() < kLeast || IsNumeric(value) || IsSystemPath(value)) return true;
  size_t words = WordCount(value);
  return words == 1 || (words == 2 && !NamesSecret(name));
}

// A token, and neither a word nor a sentence.
bool LooksRandom(std::string_view name, std::string_view value) {
  return !IsHarmless(name, value) && std::ranges::any_of(value, IsDigit) &&
         std::ranges::any_of(value, IsLetter) && value.find_first_of(" \t\r\n") == value.npos;
}

// Without white space and quotes around it.
std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\n\"'";
  size_t begin = text.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kAround) + 1 - begin);
}

template <class F>
void ForEachLine(std::string_view text, F&& use) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    use(line);
  }
}

// Name and value of `export NAME = "VALUE"`; both empty if there is no separator.
std::pair<std::string_view, std::string_view> SplitSetting(std::string_view line, char separator) {
  constexpr std::string_view kExport = "export ";
  if (line.starts_with(kExport)) line.remove_prefix(kExport.size());
  size_t at = line.find(separator);
  if (at == std::string_view::npos) return {};
  return {Trimmed(line.substr(0, at)), Trimmed(line.substr(at + 1))};
}

void CollectNamed(const Json& json, std::vector<NamedValue>& out) {
  for (const Json& item : json.items()) CollectNamed(item, out);
  for (const auto& [name, value] : json.members()) {
    CollectNamed(value, out);
    const std::string& text = value.AsString();
    if (NamesSecret(name) && LooksRandom(name, text)) out.emplace_back(name, text);
  }
}

// All strings in a JSON value; or the text, if it is none.
void CollectStrings(const Json& json, std::vector<std::string>& strings) {
  if (json.is_string()) strings.push_back(json.AsString());
  for (const Json& item : json.items()) CollectStrings(item, strings);
  for (const auto& [key, member] : json.members()) CollectStrings(member, strings);
}

std::vector<std::string> StringsOf(const std::string& define) {
  std::vector<std::string> strings;
  if (auto json = Json::Parse(define); json.ok()) CollectStrings(*json, strings);
  return strings;
}

// Names that say nothing about whose machine it is, or are in many texts.
bool IsCommonName(std::string_view name) {
  constexpr std::string_view kCommon[] = {
      "root",        "admin",       "administrator", "user",     "users",     "username",
      "guest",       "nobody",      "daemon",        "node",     "nodejs",    "ubuntu",
      "debian",      "fedora",      "centos",        "alpine",   "linux",     "arch",
      "runner",      "runneradmin", "vsts",          "jenkins",  "gitlab",    "github",
      "travis",      "circleci",    "buildkite",     "builder",  "build",     "buildbot",
      "docker",      "vagrant",     "ec2-user",      "cloud",    "codespace", "vscode",
      "gitpod",      "developer",   "devel",         "work",     "worker",    "workspace",
      "test",        "tester",      "testing",       "demo",     "default",   "localhost",
      "localdomain", "local",       "host",          "hostname", "server",    "client",
      "desktop",     "laptop",      "computer",      "machine",  "container", "sandbox",
      "home",        "service",     "system",        "deploy",   "staging",   "production",
      "development", "www-data",    "http",          "https",    "site",      "data",
      "database",    "postgres",    "mysql",         "redis",    "mail",      "main",
      "master",      "proxy",       "public",        "private",  "remote",    "name"};
  return std::ranges::find(kCommon, name) != std::end(kCommon);
}

class Collector {
 public:
  void Add(std::string_view kind, std::string name, std::string value, bool is_word = false,
           bool is_common = false) {
    if (value.size() < kLeastName) return;
    auto [known, is_new] = places_.emplace(value, out_.size());
    if (!is_new) {
      if (!name.empty()) out_[known->second].other_names.push_back(std::move(name));
      return;
    }
    out_.push_back({kind, std::move(name), std::move(value), is_word, is_common});
  }

  std::vector<SecretValue> Take() { return std::move(out_); }

 private:
  std::vector<SecretValue> out_;
  std::map<std::string, size_t> places_;
};

// "alice:x:1000:1000:Alice:/home/alice:/bin/sh" of the user's number.
std::vector<std::string> PasswordEntry() {
  auto text = ReadFile("/etc/passwd");
  if (!text.ok()) return {};
  std::string number = std::to_string(getuid());
  for (std::string_view rest = *text; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::vector<std::string> fields;
    for (size_t i = 0; i <= line.size();) {
      size_t end = std::min(line.find(':', i), line.size());
      fields.emplace_back(line.substr(i, end - i));
      i = end + 1;
    }
    if (fields.size() >= 6 && fields[2] == number) return fields;
  }
  return {};
}

std::string VariableOf(const BuildMachine& machine, std::string_view name) {
  for (const std::string& variable : machine.environment)
    if (variable.starts_with(name) && variable.size() > name.size() && variable[name.size()] == '=')
      return variable.substr(name.size() + 1);
  return "";
}

}  // namespace

BuildMachine ThisMachine() {
  BuildMachine machine;
  for (char** variable = environ; variable && *variable; ++variable)
    machine.environment.emplace_back(*variable);
  std::vector<std::string> entry = PasswordEntry();
  machine.home = VariableOf(machine, "HOME");
  if (machine.home.empty() && !entry.empty()) machine.home = entry[5];
  machine.user = VariableOf(machine, "USER");
  if (machine.user.empty()) machine.user = VariableOf(machine, "LOGNAME");
  if (machine.user.empty() && !entry.empty()) machine.user = entry[0];
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0) machine.host = host;
  return machine;
}

std::vector<NamedValue> NamedSecretsIn(std::string_view path, std::string_view text) {
  std::vector<NamedValue> out;
  std::string_view name = path.substr(path.rfind('/') + 1);
  std::string_view extension = name.substr(std::min(name.rfind('.'), name.size()));
  if (extension == ".json") {
    if (auto json = Json::Parse(text); json.ok()) CollectNamed(*json, out);
    return out;
  }
  bool is_env = extension == ".env" || name.starts_with(".env.");
  bool is_yaml = extension == ".yaml" || extension == ".yml";
  constexpr std::array<std::string_view, 6> kSettings = {".ini",  ".toml", ".properties",
                                                         ".conf", ".cfg",  ".npmrc"};
  if (is_env || is_yaml || name == "credentials" ||
      std::ranges::find(kSettings, extension) != kSettings.end()) {
    ForEachLine(text, [&](std::string_view line) {
      auto [key, value] = SplitSetting(line, is_yaml ? ':' : '=');
      if (NamesSecret(key) && (is_env ? !IsHarmless(key, value) : LooksRandom(key, value)))
        out.emplace_back(key, value);
    });
  } else if (std::string_view value = Trimmed(text);
             NamesSecret(name) && value.size() < kLongestToken && LooksRandom(name, value)) {
    out.emplace_back(name, value);
  }
  return out;
}

std::vector<SecretValue> SecretValuesOf(const BuildMachine& machine, const GivenValues& given) {
  Collector out;
  auto split = [](const std::string& variable) {
    size_t equals = variable.find('=');
    return std::pair(variable.substr(0, equals),
                     equals == std::string::npos ? "" : variable.substr(equals + 1));
  };
  for (const std::string& variable : machine.environment) {
    auto [name, value] = split(variable);
    // A phrase may be part of a longer word of another meaning.
    if (!IsHarmlessName(name) && !IsHarmless(name, value))
      out.Add(kEnvironmentKind, name, value, WordCount(value) > 0);
    if (std::string password = PasswordOfUrl(value); !IsHarmless(name, password))
      out.Add(kEnvironmentKind, name, std::move(password));
  }
  // What is given on the command line is known to the user, so it counts only if it looks secret.
  for (const std::string& variable : given.baked_environment) {
    auto [name, value] = split(variable);
    if (!IsHarmless(name, value) && !IsPlainUrl(value)) out.Add(kBakeEnvKind, name, value);
  }
  for (const auto& [name, text] : given.defines)
    for (std::string& value : StringsOf(text))
      if (!IsHarmless(name, value) && !IsPlainUrl(value))
        out.Add(kDefineKind, name, std::move(value));

  for (const auto& [name, value] : given.in_files) out.Add(kFileKind, name, value);

  std::string home = machine.home;
  while (home.ends_with('/')) home.pop_back();
  std::string last = home.substr(home.rfind('/') + 1);
  if (home.starts_with('/') && !IsSystemPath(home))
    out.Add(kHomeKind, "", home, true, IsCommonName(last) || home.rfind('/') == 0);
  if (!IsCommonName(machine.user)) out.Add(kUserKind, "", machine.user, true);
  std::string host = machine.host.substr(0, machine.host.find('.'));
  if (!IsCommonName(host)) out.Add(kHostKind, "", host, true);
  if (machine.host != host && !machine.host.starts_with("localhost"))
    out.Add(kHostKind, "", machine.host, true);
  return out.Take();
}

}  // namespace kiln
