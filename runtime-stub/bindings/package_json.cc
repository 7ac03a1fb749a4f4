// Reads package.json (package_json.h) with simdjson's on-demand parser, as Node does and in the
// same order, so that the same text is accepted: fields that are not listed here are skipped, and
// a syntax error inside of them is not noticed.
#include "runtime-stub/bindings/package_json.h"

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>

#include "simdjson.h"

#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {
namespace {

namespace json = simdjson::ondemand;

// The functions below return false if the text that they read is not valid JSON.

bool ReadString(json::value value, std::optional<std::string>* out) {
  std::string_view text;
  if (value.get_string().get(text)) return false;
  *out = text;
  return true;
}

// `exports` and `imports`: numbers, booleans and null count as absent.
bool ReadTable(json::value value, std::optional<std::string>* out) {
  json::json_type type;
  if (value.type().get(type)) return false;
  if (type == json::json_type::string) return ReadString(value, out);
  if (type != json::json_type::object && type != json::json_type::array) return true;
  std::string_view text;
  if (value.raw_json().get(text)) return false;
  *out = text;
  return true;
}

bool ReadType(json::value value, std::string* out) {
  std::string_view text;
  if (value.get_string().get(text)) return false;
  if (text == "commonjs" || text == "module") *out = text;
  return true;
}

// Node stores the text of `scripts`; here it is only validated.
bool CheckScripts(json::value value) {
  json::json_type type;
  std::string_view text;
  if (value.type().get(type)) return false;
  return type != json::json_type::object || !value.raw_json().get(text);
}

bool ReadField(json::raw_json_string key, json::value value, PackageConfig* out) {
  if (key == "name") return ReadString(value, &out->name);
  if (key == "main") return ReadString(value, &out->main), true;  // any other value is ignored
  if (key == "exports") return ReadTable(value, &out->exports);
  if (key == "imports") return ReadTable(value, &out->imports);
  if (key == "type") return ReadType(value, &out->type);
  return key != "scripts" || CheckScripts(value);
}

// Returns 0 or an errno.
int ReadWholeFile(const std::string& path, std::string* out) {
  if (embedded::Owns(path)) return embedded::ReadFile(path, out) ? 0 : ENOENT;
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  char buffer[16384];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) out->append(buffer, size_t(n));
  int error = n < 0 ? errno : 0;
  close(fd);
  return error;
}

}  // namespace

bool ParsePackageJson(std::string& text, PackageConfig* out) {
  json::parser parser;
  json::document document;
  json::object object;
  if (parser.iterate(text).get(document) || document.get_object().get(object)) return false;
  for (auto field : object) {
    json::raw_json_string key;
    json::value value;
    if (field.key().get(key) || field.value().get(value) || !ReadField(key, value, out))
      return false;
  }
  return true;
}

PackageJsonCache::Lookup PackageJsonCache::Read(const std::string& path, const PackageConfig** out,
                                                std::string* error) {
  auto [entry, is_new] = configs_.try_emplace(path);
  std::optional<PackageConfig>& config = entry->second;
  if (!is_new) {
    *out = config ? &*config : nullptr;
    return config ? Lookup::kFound : Lookup::kMissing;
  }
  // A file that cannot be read or parsed is read again at the next call; absence is cached.
  std::string text;
  int code = ReadWholeFile(path, &text);
  if (code == ENOENT || code == ENOTDIR || code == EISDIR) return Lookup::kMissing;
  Lookup outcome = Lookup::kFound;
  if (code != 0) {
    *error = "Cannot read package config " + path + ": " + uv_strerror(-code) + ".";
    outcome = Lookup::kUnreadable;
  } else if (!ParsePackageJson(text, &config.emplace())) {
    *error = "Invalid package config " + path + ".";
    outcome = Lookup::kInvalid;
  }
  if (outcome != Lookup::kFound) {
    configs_.erase(entry);
    return outcome;
  }
  config->path = path;
  *out = &*config;
  return outcome;
}

PackageJsonCache::Lookup PackageJsonCache::FindAbove(
    std::string_view path, const PackageConfig** out, std::string* error,
    const std::function<bool(const std::string&)>& may_read) {
  // The root folder itself is not searched.
  for (size_t slash; (slash = path.rfind('/')) != std::string_view::npos && slash > 0;) {
    path = path.substr(0, slash);
    if (path.ends_with("/node_modules")) break;
    const std::string file = std::string(path) + "/package.json";
    if (!may_read(file)) break;
    Lookup outcome = Read(file, out, error);
    if (outcome != Lookup::kMissing) return outcome;
  }
  return Lookup::kMissing;
}

}  // namespace kiln::runtime
