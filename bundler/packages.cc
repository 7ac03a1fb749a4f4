// Caches over stat, realpath and package.json.
#include "bundler/packages.h"

#include <sys/stat.h>

#include <algorithm>

#include "support/file.h"
#include "support/result.h"

namespace kiln {
namespace {

// The builtin modules that require() finds without node:, sorted. Others exist only with node:.
constexpr std::string_view kBuiltins[] = {"_http_agent",
                                          "_http_client",
                                          "_http_common",
                                          "_http_incoming",
                                          "_http_outgoing",
                                          "_http_server",
                                          "_stream_duplex",
                                          "_stream_passthrough",
                                          "_stream_readable",
                                          "_stream_transform",
                                          "_stream_wrap",
                                          "_stream_writable",
                                          "_tls_common",
                                          "_tls_wrap",
                                          "assert",
                                          "assert/strict",
                                          "async_hooks",
                                          "buffer",
                                          "child_process",
                                          "cluster",
                                          "console",
                                          "constants",
                                          "crypto",
                                          "dgram",
                                          "diagnostics_channel",
                                          "dns",
                                          "dns/promises",
                                          "domain",
                                          "events",
                                          "fs",
                                          "fs/promises",
                                          "http",
                                          "http2",
                                          "https",
                                          "inspector",
                                          "inspector/promises",
                                          "module",
                                          "net",
                                          "os",
                                          "path",
                                          "path/posix",
                                          "path/win32",
                                          "perf_hooks",
                                          "process",
                                          "punycode",
                                          "querystring",
                                          "readline",
                                          "readline/promises",
                                          "repl",
                                          "stream",
                                          "stream/consumers",
                                          "stream/promises",
                                          "stream/web",
                                          "string_decoder",
                                          "sys",
                                          "timers",
                                          "timers/promises",
                                          "tls",
                                          "trace_events",
                                          "tty",
                                          "url",
                                          "util",
                                          "util/types",
                                          "v8",
                                          "vm",
                                          "wasi",
                                          "worker_threads",
                                          "zlib"};
constexpr std::string_view kSchemeOnly[] = {"sea", "sqlite", "test", "test/reporters"};

}  // namespace

PathType Packages::TypeOf(const std::string& path) {
  auto [entry, is_new] = types_.try_emplace(path, PathType::kMissing);
  if (is_new) {
    struct stat info;
    if (stat(path.c_str(), &info) == 0)
      entry->second = S_ISDIR(info.st_mode) ? PathType::kDirectory : PathType::kFile;
  }
  return entry->second;
}

std::string Packages::RealPathOf(const std::string& path) {
  auto [entry, is_new] = real_.try_emplace(path);
  if (is_new) {
    auto real = RealPath(path);
    entry->second = real.ok() ? *real : path;
    if (entry->second != path) links_.insert(path);
  }
  return entry->second;
}

const PackageJson* Packages::At(const std::string& directory) {
  auto [entry, is_new] = packages_.try_emplace(directory);
  if (is_new) {
    std::string path = JoinPath(directory, "package.json");
    if (!IsFile(path)) return nullptr;
    auto text = ReadFile(path);
    if (!text.ok()) return nullptr;
    auto json = Json::Parse(*text);
    if (!json.ok() || !json->is_object()) return nullptr;
    auto package = std::make_unique<PackageJson>();
    package->directory = directory;
    package->json = std::move(*json);
    package->name = package->json["name"].AsString();
    package->type = package->json["type"].AsString();
    if (package->type != "module" && package->type != "commonjs") package->type.clear();
    entry->second = std::move(package);
  }
  return entry->second.get();
}

const PackageJson* Packages::ScopeOf(const std::string& file) {
  std::string folder = DirectoryOf(file);
  while (!folder.ends_with("/node_modules")) {
    if (const PackageJson* package = At(folder)) return package;
    if (folder == "/" || folder.empty()) break;
    folder = DirectoryOf(folder);
  }
  return nullptr;
}

std::string Packages::PackageRootOf(const std::string& file) {
  constexpr std::string_view kMark = "/node_modules/";
  if (size_t at = file.rfind(kMark); at != std::string::npos) {
    size_t begin = at + kMark.size();
    std::string name = PackageNameOf(std::string_view(file).substr(begin));
    if (!name.empty() && begin + name.size() < file.size())
      return file.substr(0, begin + name.size());
  }
  std::string folder = DirectoryOf(file);
  std::string nearest;
  while (true) {
    if (const PackageJson* package = At(folder)) {
      if (nearest.empty()) nearest = folder;
      if (!package->name.empty()) return folder;
    }
    if (folder == "/" || folder.empty()) return nearest;
    folder = DirectoryOf(folder);
  }
}

bool InNodeModules(std::string_view path) {
  return path.find("/node_modules/") != std::string_view::npos;
}

std::string PackageNameOf(std::string_view specifier) {
  if (specifier.empty() || specifier[0] == '.' || specifier[0] == '/' || specifier[0] == '#')
    return {};
  size_t end = specifier.find('/');
  if (specifier[0] == '@') {
    if (end == std::string_view::npos) return {};
    end = specifier.find('/', end + 1);
  }
  std::string name(specifier.substr(0, end));
  if (name.find('\\') != std::string::npos || name.find('%') != std::string::npos) return {};
  return name;
}

std::string BuiltinNameOf(std::string_view specifier) {
  bool scheme = specifier.starts_with("node:");
  if (scheme) specifier.remove_prefix(5);
  if (std::binary_search(std::begin(kBuiltins), std::end(kBuiltins), specifier) ||
      (scheme && std::find(std::begin(kSchemeOnly), std::end(kSchemeOnly), specifier) !=
                     std::end(kSchemeOnly)))
    return std::string(specifier);
  return {};
}

}  // namespace kiln
