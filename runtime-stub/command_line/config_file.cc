// Each option becomes the argument that would set it: true is --x, false is --no-x, a list
// repeats --x=value.
#include "runtime-stub/command_line/config_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "simdjson.h"

#include "runtime-stub/command_line/options.h"

namespace kiln::runtime {

namespace {

namespace json = simdjson::ondemand;

// Reads one document. The order of the checks is Node's, since the first failure decides the
// message; where Node fails without a message, so does this.
class Reader {
 public:
  Reader(const std::string& path, ConfigFile* out) : path_(path), out_(*out) {}

  bool Read(std::string& text) {
    json::parser parser;
    json::document document;
    json::object root;
    if (parser.iterate(text).get(document)) return Fail("Can't parse " + path_);
    if (simdjson::error_code error = document.get_object().get(root))
      return Fail(error == simdjson::INCORRECT_TYPE
                      ? "Root value unexpected not an object for " + path_ + "\n"
                      : "Can't parse " + path_);
    for (auto field : root)
      if (!Group(field)) return false;
    return true;
  }

 private:
  bool Fail(const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return false;
  }

  bool Group(simdjson::simdjson_result<json::field>& field) {
    std::string_view text;
    if (field.unescaped_key().get(text)) return false;
    const std::string key(text);
    if (key == "$schema") return true;
    if (key == "testRunner")
      return Fail("the \"testRunner\" namespace has been removed. Use \"test\" instead.");
    if (key != "nodeOptions" && key != "test" && key != "watch" && key != "permission")
      return Fail("Unknown namespace " + key);
    json::object options;
    if (field.value().get_object().get(options))
      return Fail("\"" + key + "\" value unexpected for " + path_ + " (should be an object)");
    for (auto option : options)
      if (!Option(key, option)) return false;
    return true;
  }

  bool Option(const std::string& group, simdjson::simdjson_result<json::field>& field) {
    std::string_view text;
    json::value value;
    if (field.unescaped_key().get(text) || field.value().get(value)) return false;
    const std::string key(text), name = "--" + key;
    int index = FindOption(name);
    const bool node_options = group == "nodeOptions";
    if (index < 0 ||
        (node_options ? !kOptions[index].allowed_in_env : group != kOptions[index].name_space))
      return Fail("Unknown or not allowed option " + key + " for namespace " + group);
    if (!seen_.insert(name).second) return Fail("Option " + name + " is already defined");
    std::vector<std::string>& out = node_options ? out_.node_options : out_.group_options;
    switch (kOptions[index].type) {
      case OptionType::kNoOp:
        return Fail("No-op flag " + name + " is currently not supported");
      case OptionType::kV8Option:
        return Fail("V8 flag " + name + " is currently not supported");
      default:
        return Value(name, kOptions[index].type, value, out) || Fail("Invalid value for " + name);
    }
  }

  // False when the value is not of the option's type.
  static bool Value(const std::string& name, OptionType type, json::value value,
                    std::vector<std::string>& out) {
    switch (type) {
      case OptionType::kBoolean: {
        bool on;
        if (value.get_bool().get(on)) return false;
        out.push_back(on ? name : "--no-" + name.substr(2));
        return true;
      }
      case OptionType::kInteger: {
        int64_t number;
        if (value.get_int64().get(number)) return false;
        out.push_back(name + "=" + std::to_string(number));
        return true;
      }
      case OptionType::kUInteger:
      case OptionType::kHostPort: {
        uint64_t number;
        if (value.get_uint64().get(number)) return false;
        out.push_back(name + "=" + std::to_string(number));
        return true;
      }
      case OptionType::kStringList: {
        json::array list;
        if (value.get_array().get(list)) return Text(name, value, out);
        for (auto element : list) {
          json::value item;
          if (element.get(item) || !Text(name, item, out)) return false;
        }
        return true;
      }
      case OptionType::kString:
        return Text(name, value, out);
      default:
        return false;
    }
  }

  static bool Text(const std::string& name, json::value value, std::vector<std::string>& out) {
    std::string_view text;
    if (value.get_string().get(text)) return false;
    out.push_back(name + "=" + std::string(text));
    return true;
  }

  const std::string& path_;
  ConfigFile& out_;
  std::set<std::string> seen_;
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
  if (!Reader(path, out).Read(text)) {
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
