// The compile cache (compile_cache.h). With NODE_DEBUG_NATIVE=COMPILE_CACHE it prints the same
// messages as Node.
#include "runtime-stub/bindings/compile_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "runtime-stub/binding/convert.h"
#include "runtime-stub/bindings/file_url.h"
#include "runtime-stub/env/permissions.h"
#include "runtime-stub/payload/embedded_files.h"
#include "runtime-stub/payload/payload.h"
#include "runtime-stub/platform/environment.h"
#include "runtime-stub/platform/target.h"
#include "runtime-stub/platform/versions.h"
#include "support/fnv.h"

namespace kiln::runtime {

using v8::ScriptCompiler;

namespace {

constexpr uint32_t kMagic = 0x4b43434b;

struct Header {
  uint32_t magic, code_size, code_hash, data_size, data_hash;
};

uint32_t Hash(std::string_view bytes, uint64_t basis = kFnvBasis) {
  uint64_t hash = Fnv1a64(bytes, basis);
  return uint32_t(hash ^ hash >> 32);
}

std::string Hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "%08x", value);
  return text;
}

// The name of the folder in the cache for this runtime and user.
std::string Tag() {
  return std::string("kiln-v" KILN_NODE_VERSION "-") + kTargetArchName + "-" +
         Hex(ScriptCompiler::CachedDataVersionTag()) + "-" + std::to_string(getuid());
}

// Creates a folder and its parents; returns 0 or a libuv code.
int MakeFolders(const std::string& path) {
  for (size_t slash = 0; slash != std::string::npos;) {
    slash = path.find('/', slash + 1);
    if (mkdir(path.substr(0, slash).c_str(), 0777) != 0 && errno != EEXIST) {
      int error = errno;
      struct stat found;
      // mkdir() may also fail for a folder that exists, where the process may not create one.
      if (stat(path.substr(0, slash).c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
        return uv_translate_sys_error(error);
    }
  }
  struct stat made;
  if (stat(path.c_str(), &made) != 0) return uv_translate_sys_error(errno);
  return S_ISDIR(made.st_mode) ? 0 : UV_ENOTDIR;
}

std::string AbsolutePath(const std::string& path) {
  std::error_code failed;
  std::string absolute = std::filesystem::absolute(path, failed).lexically_normal();
  if (failed) return path;
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

}  // namespace

const char* CompileCache::Entry::type_name() const {
  constexpr const char* kNames[] = {"CommonJS", "ESM", "StrippedTypeScript",
                                    "TransformedTypeScript", "TransformedTypeScriptWithSourceMaps"};
  return kNames[size_t(type)];
}

ScriptCompiler::CachedData* CompileCache::Entry::View() const {
  if (data.empty()) return nullptr;
  return new ScriptCompiler::CachedData(reinterpret_cast<const uint8_t*>(data.data()),
                                        int(data.size()),
                                        ScriptCompiler::CachedData::BufferNotOwned);
}

void CompileCache::Debug(const char* format, ...) {
  if (!debug_) return;
  va_list args;
  va_start(args, format);
  std::vfprintf(stderr, format, args);
  va_end(args);
}

void CompileCache::StartFromEnvironment() {
  started_ = true;
  const std::string debug = ReadTrusted("NODE_DEBUG_NATIVE").value_or("");
  debug_ = debug.find("COMPILE_CACHE") != std::string::npos ||
           debug.find("compile_cache") != std::string::npos;
  if (env_.payload && env_.payload->IsConfined()) return;  // a cache contains code
  const std::string directory = ReadTrusted("NODE_COMPILE_CACHE").value_or("");
  if (directory.empty() || env_.building_snapshot) return;
  std::string message, result;
  Enable(directory, ReadTrusted("NODE_COMPILE_CACHE_PORTABLE") == "1", &message, &result);
}

CompileCache::Status CompileCache::EnableDefault(const std::string& directory, bool portable,
                                                 std::string* message,
                                                 std::string* result_directory) {
  if (HasMoreRightsThanItsUser()) {
    *message = "A process with more rights than its user needs the directory as an argument";
    return kDisabled;
  }
  Status status = Enable(directory, portable, message, result_directory);
  if (status != kEnabled) return status;
  for (const std::string& folder : {*result_directory, directory_}) {
    struct stat found;
    if (stat(folder.c_str(), &found) == 0 && found.st_uid == geteuid() &&
        (found.st_mode & S_IWOTH) == 0)
      continue;
    *message = "The cache directory " + folder + " can be changed by other users";
    result_directory->clear();
    directory_.clear();
    return kFailed;
  }
  return kEnabled;
}

CompileCache::Status CompileCache::Enable(const std::string& directory, bool portable,
                                          std::string* message, std::string* result_directory) {
  if (env_.building_snapshot) {
    *message = "There is no compile cache while the app is built";
    return kDisabled;
  }
  if (!started_) StartFromEnvironment();
  if (!directory_.empty()) {
    *result_directory = directory_;
    return kAlreadyEnabled;
  }
  if (!ReadTrusted("NODE_DISABLE_COMPILE_CACHE").value_or("").empty()) {
    *message = "Disabled by NODE_DISABLE_COMPILE_CACHE";
    Debug("[compile cache] %s.\n", message->c_str());
    return kDisabled;
  }
  std::string base = AbsolutePath(directory);
  std::string tag = Tag();
  std::string folder = base + "/" + tag;
  Debug("[compile cache] resolved path %s + %s -> %s\n", directory.c_str(), tag.c_str(),
        folder.c_str());
  for (bool writing : {true, false}) {
    if (Allows(env_, writing ? Permission::kFileSystemWrite : Permission::kFileSystemRead, folder))
      continue;
    *message = std::string("Skipping compile cache because ") + (writing ? "write" : "read") +
               " permission for " + folder + " is not granted";
    Debug("[compile cache] %s.\n", message->c_str());
    return kFailed;
  }
  int rc = MakeFolders(folder);
  Debug("[compile cache] creating cache directory %s...%s\n", folder.c_str(),
        rc < 0 ? uv_strerror(rc) : "success");
  if (rc < 0) {
    *message = std::string("Cannot create cache directory: ") + uv_strerror(rc);
    Debug("[compile cache] %s.\n", message->c_str());
    return kFailed;
  }
  directory_ = folder;
  portable_ = portable;
  *result_directory = base;
  return kEnabled;
}

const std::string& CompileCache::directory() {
  if (!started_) StartFromEnvironment();
  return directory_;
}

CompileCache::Entry* CompileCache::Find(v8::Local<v8::String> code, v8::Local<v8::String> name,
                                        CachedCodeType type) {
  if (!started_) StartFromEnvironment();
  if (directory_.empty()) return nullptr;
  std::string source_name = ToUtf8(env_.isolate, name);
  std::string path = source_name;
  if (!source_name.starts_with("/") && !FileUrlToPath(source_name, &path)) path.clear();
  // Nothing on disk replaces the code of an executable.
  if (embedded::Owns(path)) return nullptr;
  std::string key_name = source_name;
  if (portable_) {
    // The key is relative to the folder, so that the cache and the app can be moved together.
    if (!path.empty()) {
      std::string relative =
          std::filesystem::path(AbsolutePath(path)).lexically_relative(directory_).string();
      if (!relative.empty()) {
        key_name = relative;
        Debug("[compile cache] using relative path %s from %s\n", relative.c_str(),
              directory_.c_str());
      }
    }
  }
  std::string text = ToUtf8(env_.isolate, code);
  uint32_t code_hash = Hash(text);
  uint32_t key = Hash(key_name, kFnvBasis + uint64_t(type));
  std::unique_ptr<Entry>& entry = entries_[key];
  if (entry && entry->code_hash == code_hash) return entry.get();
  entry = std::make_unique<Entry>();
  entry->type = type;
  entry->key = key;
  entry->code_size = uint32_t(text.size());
  entry->code_hash = code_hash;
  entry->source_name = source_name;
  entry->file = directory_ + "/" + Hex(key);
  Load(*entry);
  return entry.get();
}

CompileCache::Entry* CompileCache::FindByKey(uint32_t key) {
  auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : it->second.get();
}

void CompileCache::Load(Entry& entry) {
  Debug("[compile cache] reading cache from %s for %s %s...", entry.file.c_str(), entry.type_name(),
        entry.source_name.c_str());
  int fd = open(entry.file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    Debug(" %s\n", uv_strerror(uv_translate_sys_error(errno)));
    return;
  }
  Header header = {};
  ssize_t n = read(fd, &header, sizeof header);
  std::string data;
  auto differs = [&](const char* what, uint32_t expected, uint32_t actual) {
    if (expected != actual) Debug("%s mismatch: expected %u, actual %u\n", what, expected, actual);
    return expected != actual;
  };
  bool ok = n == sizeof header;
  if (!ok) Debug("reading header failed, bytes read %zd\n", n);
  ok = ok && !differs("magic number", kMagic, header.magic) &&
       !differs("code size", entry.code_size, header.code_size) &&
       !differs("code hash", entry.code_hash, header.code_hash);
  if (ok) {
    char buffer[65536];
    while ((n = read(fd, buffer, sizeof buffer)) > 0) data.append(buffer, size_t(n));
    ok = !differs("cache size", header.data_size, uint32_t(data.size())) &&
         !differs("cache hash", header.data_hash, Hash(data));
  }
  close(fd);
  if (!ok) return;
  entry.data = std::move(data);
  Debug(" success, size=%zu\n", entry.data.size());
}

bool CompileCache::MustRefresh(Entry* entry, bool rejected) {
  const char* state = rejected ? "rejected" : entry->data.empty() ? "not initialized" : "accepted";
  Debug("[compile cache] V8 code cache for %s %s was %s, ", entry->type_name(),
        entry->source_name.c_str(), state);
  bool keep = !entry->data.empty() && !rejected;
  Debug("%s the in-memory entry\n", keep                  ? "keeping"
                                    : entry->data.empty() ? "initializing"
                                                          : "refreshing");
  if (!keep) {
    entry->refreshed = true;
    entry->persisted = false;
  }
  return !keep;
}

void CompileCache::Keep(Entry* entry, v8::Local<v8::Function> compiled, bool rejected) {
  if (!MustRefresh(entry, rejected)) return;
  std::unique_ptr<ScriptCompiler::CachedData> made(
      ScriptCompiler::CreateCodeCacheForFunction(compiled));
  if (made) entry->data.assign(reinterpret_cast<const char*>(made->data), size_t(made->length));
}

void CompileCache::Keep(Entry* entry, v8::Local<v8::Module> compiled, bool rejected) {
  if (!MustRefresh(entry, rejected)) return;
  std::unique_ptr<ScriptCompiler::CachedData> made(
      ScriptCompiler::CreateCodeCache(compiled->GetUnboundModuleScript()));
  if (made) entry->data.assign(reinterpret_cast<const char*>(made->data), size_t(made->length));
}

void CompileCache::KeepText(Entry* entry, std::string text) {
  Debug("[compile cache] saving transpilation cache for %s %s\n", entry->type_name(),
        entry->source_name.c_str());
  entry->data = std::move(text);
  entry->refreshed = true;
  entry->persisted = false;
}

// Each file is written under a temporary name and renamed, so that other processes never read a
// partial file.
void CompileCache::Persist() {
  if (directory_.empty()) return;
  for (auto& [key, entry] : entries_) {
    const char* type = entry->type_name();
    const char* name = entry->source_name.c_str();
    const char* reason = entry->data.empty() ? "the cache was not initialized"
                         : !entry->refreshed ? "cache was the same"
                         : entry->persisted  ? "cache was already persisted"
                                             : nullptr;
    if (reason) {
      Debug("[compile cache] skip persisting %s %s because %s\n", type, name, reason);
      continue;
    }
    Header header = {kMagic, entry->code_size, entry->code_hash, uint32_t(entry->data.size()),
                     Hash(entry->data)};
    std::string temporary = entry->file + ".XXXXXX";
    Debug("[compile cache] Creating temporary file for cache of %s (%s)...", name, type);
    int fd = mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0) {
      Debug("failed. %s\n", uv_strerror(uv_translate_sys_error(errno)));
      continue;
    }
    Debug(" -> %s\n", temporary.c_str());
    Debug("[compile cache] writing cache for %s %s to temporary file %s [%u %u %u %u %u]...", type,
          name, temporary.c_str(), header.magic, header.code_size, header.data_size,
          header.code_hash, header.data_hash);
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    bytes += entry->data;
    size_t done = 0;
    while (done < bytes.size()) {
      ssize_t n = write(fd, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      done += size_t(n);
    }
    bool ok = close(fd) == 0 && done == bytes.size();
    Debug("%s", ok ? "success\n" : "failed\n");
    Debug("[compile cache] Renaming %s to %s...", temporary.c_str(), entry->file.c_str());
    ok = ok && rename(temporary.c_str(), entry->file.c_str()) == 0;
    Debug("%s", ok ? "success\n" : "failed\n");
    if (ok)
      entry->persisted = true;
    else
      unlink(temporary.c_str());
  }
  Debug("[compile cache] Clear deserialized cache.\n");
  entries_.clear();
}

void FlushCompileCache(Env& env) { env.State<CompileCache>().Persist(); }

}  // namespace kiln::runtime
