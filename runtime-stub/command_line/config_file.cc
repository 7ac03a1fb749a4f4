// Each option becomes the argument that would set it: true is --x, false is --no-x, a list
// repeats --x=value.
#include "runtime-stub/command_line/config_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "runtime-stub/command_line/json_reader.h"
#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {

namespace {

class Reader {
 public:
  Reader(const std::string& path, std::string_view text, ConfigFile* out)
      : path_(path), json_(text), out_(*out) {}

  bool Read() {
    if (json_.Peek() != '{') {
      bool other = json_.Peek() != 0 && json_.Skip();
      return other ? Complain("Root value unexpected not an object for " + path_ + "\n")
                   : Complain("Can't parse " + path_);
    }
    bool ok = json_.Object([&](const std::string& key) { return Group(key); });
    if (complained_) return false;
    if (!ok || json_.Peek() != 0) return Complain("Can't parse " + path_);
    return true;
  }

 private:
  bool Complain(const std::string& text) {
    if (!complained_) std::fprintf(stderr, "%s\n", text.c_str());
    complained_ = true;
    return false;
  }

  bool Group(const std::string& key) {
    if (key == "$schema") return json_.Skip();
    if (key == "testRunner")
      return Complain("the \"testRunner\" namespace has been removed. Use \"test\" instead.");
    if (key != "nodeOptions" && key != "test" && key != "watch" && key != "permission")
      return Complain("Unknown namespace " + key);
    if (json_.Peek() != '{')
      return Complain("\"" + key + "\" value unexpected for " + path_ + " (should be an object)");
    return json_.Object([&](const std::string& name) { return Option(key, name); });
  }

  bool Option(const std::string& group, const std::string& key) {
    const std::string name = "--" + key;
    int index = FindOption(name);
    const bool node_options = group == "nodeOptions";
    if (index < 0 ||
        (node_options ? !kOptions[index].allowed_in_env : group != kOptions[index].name_space))
      return Complain("Unknown or not allowed option " + key + " for namespace " + group);
    if (!seen_.insert(name).second) return Complain("Option " + name + " is already defined");
    return Value(name, kOptions[index].type, node_options ? out_.node_options : out_.group_options);
  }

  bool Value(const std::string& name, OptionType type, std::vector<std::string>& out) {
    auto invalid = [&] { return Complain("Invalid value for " + name); };
    char first = json_.Peek();
    switch (type) {
      case OptionType::kNoOp:
        return Complain("No-op flag " + name + " is currently not supported");
      case OptionType::kV8Option:
        return Complain("V8 flag " + name + " is currently not supported");
      case OptionType::kBoolean: {
        bool value;
        if (!json_.Boolean(&value)) return invalid();
        out.push_back(value ? name : "--no-" + name.substr(2));
        return true;
      }
      case OptionType::kInteger:
      case OptionType::kUInteger:
      case OptionType::kHostPort: {
        std::string digits = first == '"' || first == '{' || first == '[' ? "" : json_.Word();
        size_t sign = type == OptionType::kInteger && digits.starts_with("-") ? 1 : 0;
        if (digits.size() == sign ||
            digits.find_first_not_of("0123456789", sign) != std::string::npos)
          return invalid();
        out.push_back(name + "=" + digits);
        return true;
      }
      case OptionType::kString:
      case OptionType::kStringList: {
        auto text = [&] {
          std::string value;
          if (json_.Peek() != '"' || !json_.String(&value)) return false;
          out.push_back(name + "=" + value);
          return true;
        };
        bool ok = type == OptionType::kStringList && first == '[' ? json_.Array(text) : text();
        return ok || invalid();
      }
    }
    return invalid();
  }

  const std::string& path_;
  JsonReader json_;
  ConfigFile& out_;
  std::set<std::string> seen_;
  bool complained_ = false;
};

}  // namespace

bool ReadConfigFile(const std::string& path, ConfigFile* out, std::string* error) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) {
    std::string reason = std::strerror(errno);
    if (!reason.empty()) reason[0] = char(std::tolower(reason[0]));
    std::fprintf(stderr, "Cannot read configuration from %s: %s\n", path.c_str(), reason.c_str());
    *error = path + ": not found";
    return false;
  }
  std::string text;
  char chunk[4096];
  while (size_t n = std::fread(chunk, 1, sizeof chunk, file)) text.append(chunk, n);
  std::fclose(file);
  if (!Reader(path, text, out).Read()) {
    *error = path + ": invalid content";
    return false;
  }
  // Its options have always gone through the syntax of NODE_OPTIONS, where a blank would
  // smuggle in another one.
  std::string joined;
  for (const std::string& option : out->node_options) joined += option + " ";
  std::vector<std::string> errors;
  if (SplitNodeOptions(joined, &errors).size() != out->node_options.size() || !errors.empty()) {
    *error = "The number of NODE_OPTIONS doesn't match the number of flags in the config file";
    return false;
  }
  return true;
}

}  // namespace kiln::runtime
