// Two functions of the ES module loader: the main file of a package without "exports", and whether
// a file without extension is WebAssembly.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "runtime-stub/bindings/fs/fs.h"

namespace kiln::runtime::fs {
namespace {

bool IsFile(const std::string& path) {
  if (embedded::Owns(path)) {
    uv_stat_t s;
    return embedded::Stat(path, &s) == 0 && !S_ISDIR(s.st_mode);
  }
  struct stat s;
  return stat(path.c_str(), &s) == 0 && !S_ISDIR(s.st_mode);
}

// path.resolve(base, relative) for an absolute base.
std::string ResolvePath(std::string_view base, std::string_view relative) {
  std::string joined = relative.starts_with('/') ? std::string(relative)
                                                 : std::string(base) + '/' + std::string(relative);
  std::string out;
  for (size_t i = 0; i < joined.size();) {
    size_t end = joined.find('/', i);
    if (end == std::string::npos) end = joined.size();
    std::string_view part = std::string_view(joined).substr(i, end - i);
    i = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      size_t cut = out.rfind('/');
      out.resize(cut == std::string::npos ? 0 : cut);
      continue;
    }
    out += '/';
    out += part;
  }
  return out.empty() ? "/" : out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out += char(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The path of the importing module, for error messages. The loader passes URLs that it has already
// parsed.
Result<std::string> PathOfUrl(std::string_view url) {
  size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return Error::Type("ERR_INVALID_URL", "Invalid URL");
  if (url.substr(0, colon) != "file")
    return Error::Type("ERR_INVALID_URL_SCHEME", "The URL must be of scheme file:");
  std::string_view path = url.substr(colon + 1);
  if (path.starts_with("//")) {
    path.remove_prefix(2);
    size_t slash = path.find('/');
    path = slash == std::string_view::npos ? "/" : path.substr(slash);
  }
  return PercentDecode(path.substr(0, path.find_first_of("?#")));
}

// By the index that the library uses: 0 to 6 are appended to the package's "main", 7 to 9 to
// "index".
constexpr const char* kWithMain[] = {"",          ".js",         ".json",      ".node",
                                     "/index.js", "/index.json", "/index.node"};
constexpr const char* kIndex[] = {".js", ".json", ".node"};

// internalBinding('constants').internal
enum ExtensionlessFormat { kJavaScript = 0, kWasm = 1 };

}  // namespace

void LegacyMainResolve(Env& env, const Args& args) {  // (package path, main, base URL)
  PathArg package(env, args[0]);
  if (!package.ok()) return;
  bool refused = false;
  auto is_file = [&](const std::string& path) {
    refused = refused || Refuses(env, Permission::kFileSystemRead, path);
    return !refused && IsFile(path);
  };
  std::string tried;
  if (args[1]->IsString()) {
    std::string main = ResolvePath(package.view(), ToUtf8(env.isolate, args[1]));
    tried = main;
    for (int i = 0; i < 7; i++)
      if (is_file(main + kWithMain[i])) return args.GetReturnValue().Set(i);
  }
  std::string index = ResolvePath(package.view(), "index");
  for (int i = 0; i < 3; i++)
    if (is_file(index + kIndex[i])) return args.GetReturnValue().Set(7 + i);
  if (refused) return;

  if (tried.empty()) tried = index + ".js";
  if (!args[2]->IsString())
    return Error::Type("ERR_INVALID_ARG_TYPE",
                       "The \"base\" argument must be of type string or an instance of URL.")
        .Throw(env);
  Result<std::string> base = PathOfUrl(ToUtf8(env.isolate, args[2]));
  if (!base.ok()) return base.error().Throw(env);
  Error::Plain("ERR_MODULE_NOT_FOUND",
               "Cannot find package '" + tried + "' imported from " + base.value())
      .Throw(env);
}

void GetFormatOfExtensionlessFile(Env& env, const Args& args) {  // (path)
  PathArg path(env, args[0]);
  if (!path.ok() || CannotRead(env, args, -1, path)) return;
  char magic[4] = {};
  ssize_t n = -1;
  if (path.embedded()) {
    uv_buf_t buffer = {magic, sizeof magic};
    std::shared_ptr<embedded::OpenFile> file;
    if (embedded::OpenFile::Open(path.view(), O_RDONLY, &file) == 0)
      n = file->Read({&buffer, 1}, 0);
  } else if (int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
    n = pread(fd, magic, sizeof magic, 0);
    close(fd);
  }
  bool wasm = n == 4 && std::memcmp(magic, "\0asm", 4) == 0;
  args.GetReturnValue().Set(int(wasm ? kWasm : kJavaScript));
}

}  // namespace kiln::runtime::fs
