#include "runtime-stub/env/permissions.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

namespace kiln::runtime {

namespace {

struct Description {
  const char* name;  // in process.permission.has()
  const char* in_errors;
  const char* option;  // to give it; null if several are needed
  const char* channel;
  int number;  // of the channel
};
constexpr Description kDescriptions[kPermissionCount] = {
    {"fs", "FileSystem", nullptr, "node:permission-model:fs", 0},
    {"fs.read", "FileSystemRead", "--allow-fs-read", "node:permission-model:fs", 0},
    {"fs.write", "FileSystemWrite", "--allow-fs-write", "node:permission-model:fs", 0},
    {"child", "ChildProcess", "--allow-child-process", "node:permission-model:child", 1},
    {"worker", "WorkerThreads", "--allow-worker", "node:permission-model:worker", 2},
    {"inspector", "Inspector", "--allow-inspector", "node:permission-model:inspector", 3},
    {"wasi", "WASI", "--allow-wasi", "node:permission-model:wasi", 4},
    {"addon", "Addon", "--allow-addons", "node:permission-model:addon", 5},
    {"openssl.store", "OpenSSLStore", "--allow-openssl-store",
     "node:permission-model:openssl-store", 6},
};

const Description& Describe(Permission permission) { return kDescriptions[int(permission)]; }

uint16_t Bit(Permission permission) { return uint16_t(1u << int(permission)); }

bool IsFolder(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string PatternOf(std::string path) {
  if (IsFolder(path)) path += path.ends_with('/') ? "*" : "/*";
  return path;
}

bool Matches(std::string_view pattern, std::string_view path) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return path == pattern;
  std::string_view start = pattern.substr(0, star);
  // The folder itself, too. Node's tree ignores one character of a start that ends otherwise; that
  // would grant more than was asked for.
  return path.starts_with(start) ||
         (start.ends_with('/') && path.size() + 1 == start.size() && start.starts_with(path));
}

// Where the path leads to; of a file that does not exist, from the folders that do.
std::string Target(const std::string& path) {
  char real[PATH_MAX];
  if (realpath(path.c_str(), real)) return real;
  // A link that leads to nothing yet: a write would create what it names.
  char link[PATH_MAX];
  const size_t slash = path.rfind('/');
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  if (ssize_t n = readlink(path.c_str(), link, sizeof link); n > 0) {
    std::string_view text(link, size_t(n));
    // A chain of links that has no end leads nowhere; the kernel refuses it, too.
    static thread_local int depth = 0;
    if (depth >= 40) return path;
    depth++;
    std::string next =
        text.starts_with('/') ? std::string(text) : Target(folder) + "/" + std::string(text);
    std::string end = Target(ResolvedPath(next));
    depth--;
    return end;
  }
  if (path == "/") return path;
  std::string parent = Target(folder);
  return (parent == "/" ? "" : parent) + path.substr(slash);
}

}  // namespace

std::optional<Permission> PermissionByName(std::string_view name) {
  for (int i = 0; i < kPermissionCount; i++)
    if (name == kDescriptions[i].name) return Permission(i);
  return std::nullopt;
}

std::string ResolvedPath(std::string_view path) {
  std::string whole(path);
  if (!path.starts_with('/')) {
    char folder[PATH_MAX];
    whole = std::string(getcwd(folder, sizeof folder) ? folder : "") + "/" + whole;
  }
  std::string out;
  for (size_t at = 0; at < whole.size();) {
    size_t end = std::min(whole.find('/', at), whole.size());
    std::string_view part = std::string_view(whole).substr(at, end - at);
    if (part == "..")
      out.erase(std::min(out.rfind('/'), out.size()));
    else if (!part.empty() && part != ".")
      out.append("/").append(part);
    at = end + 1;
  }
  return out.empty() ? "/" : out;
}

// ------------------------------------------------------------------ GrantedPaths

void GrantedPaths::Add(std::string pattern) {
  if (!Has(pattern)) patterns_.push_back(std::move(pattern));
}

void GrantedPaths::Grant(std::string_view value, bool with_links) {
  if (value == "*") {
    all_ = true;
    return;
  }
  std::string path = ResolvedPath(value);
  Add(PatternOf(path));
  if (with_links && path.find('*') == path.npos)
    if (std::string target = Target(path); target != path) Add(PatternOf(target));
}

void GrantedPaths::Drop(std::string_view path) {
  if (path.empty()) {
    all_ = false;
    patterns_.clear();
  } else if (!all_) {
    std::erase(patterns_, PatternOf(ResolvedPath(path)));
  }
}

bool GrantedPaths::Has(std::string_view path) const {
  return all_ || std::any_of(patterns_.begin(), patterns_.end(),
                             [&](const std::string& pattern) { return Matches(pattern, path); });
}

bool GrantedPaths::HasBelow(std::string_view folder) const {
  const std::string start = folder == "/" ? "/" : std::string(folder) + "/";
  return all_ || std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
           return pattern.starts_with(start);
         });
}

// ------------------------------------------------------------------ Permissions

Permissions::Permissions(const Given& given) : audit_(given.audit), strict_(given.strict) {
  for (const std::string& path : given.read) read_.Grant(path, given.strict);
  for (const std::string& path : given.write) write_.Grant(path, given.strict);
  auto allow = [&](bool allowed, Permission permission) {
    if (allowed) others_ |= Bit(permission);
  };
  allow(given.child_process, Permission::kChildProcess);
  allow(given.worker, Permission::kWorkerThreads);
  allow(given.inspector, Permission::kInspector);
  allow(given.wasi, Permission::kWASI);
  allow(given.addons, Permission::kAddon);
  allow(given.openssl_store, Permission::kOpenSSLStore);
}

bool Permissions::HasPath(const GrantedPaths& granted, std::string_view path) const {
  if (granted.all()) return true;
  if (path.empty()) return false;
  const std::string resolved = ResolvedPath(path);
  if (!granted.Has(resolved)) return false;
  // The kernel follows a link before "..", so what the path leads to is found from the text as it
  // was given.
  if (!strict_) return true;
  const std::string given =
      path.starts_with('/') ? std::string(path) : ResolvedPath(".") + "/" + std::string(path);
  return granted.Has(Target(resolved)) && granted.Has(Target(given));
}

bool Permissions::Has(Permission permission, std::string_view path) const {
  if (parent && !parent->Has(permission, path)) return false;
  switch (permission) {
    case Permission::kFileSystem:
      return read_.all() && write_.all();
    case Permission::kFileSystemRead:
      return (!path.empty() && always_readable && always_readable(path)) || HasPath(read_, path);
    case Permission::kFileSystemWrite:
      return HasPath(write_, path);
    default:
      return others_ & Bit(permission);
  }
}

bool Permissions::Sees(std::string_view path) const {
  if (parent && !parent->Sees(path)) return false;
  if (!strict_ || read_.all() || (always_readable && always_readable(path))) return true;
  const std::string resolved = ResolvedPath(path);
  return read_.Has(resolved) || read_.HasBelow(resolved);
}

void Permissions::Drop(Permission permission, std::string_view path) {
  const bool both = permission == Permission::kFileSystem;
  if (both || permission == Permission::kFileSystemRead) read_.Drop(path);
  if (both || permission == Permission::kFileSystemWrite) write_.Drop(path);
  others_ &= uint16_t(~Bit(permission));
}

// ------------------------------------------------------------------ refusals

namespace {

v8::Local<v8::Object> NewMessage(Env& env, Permission permission, std::string_view resource) {
  v8::Local<v8::Name> names[] = {env.Name("permission"), env.Name("resource")};
  v8::Local<v8::Value> values[] = {env.Str(Describe(permission).in_errors), env.Str(resource)};
  return v8::Object::New(env.isolate, v8::Null(env.isolate), names, values, 2);
}

// Publishes the message, if the channel has subscribers. Exceptions of these are process warnings or
// uncaught, as Node's channels make them.
void Publish(Env& env, Permission permission, std::string_view resource, bool dropped) {
  Permissions& permissions = *env.permissions;
  if (permissions.reporting || !env.can_call_into_js()) return;
  v8::HandleScope scope(env.isolate);
  v8::Local<v8::Context> context = env.context();
  v8::Local<v8::Function> find = env.GetFunction(Slot::kChannelNames);
  v8::Local<v8::Value> channel;
  if (find.IsEmpty()) return;  // nobody has loaded diagnostics_channel
  // Each channel of native code has a number; these are the only ones.
  v8::Local<v8::Value> named[] = {env.Str(Describe(permission).channel),
                                  v8::Integer::New(env.isolate, Describe(permission).number)};
  v8::TryCatch caught(env.isolate);
  if (!find->Call(context, env.Undefined(), 2, named).ToLocal(&channel) || !channel->IsObject())
    return;
  v8::Local<v8::Value> publish = env.Get(channel.As<v8::Object>(), "publish");
  if (!publish->IsFunction()) return;
  v8::Local<v8::Object> message = NewMessage(env, permission, resource);
  if (dropped) env.Set(message, "drop", v8::True(env.isolate));
  v8::Local<v8::Value> argument = message;
  permissions.reporting = true;
  (void)publish.As<v8::Function>()->Call(context, channel, 1, &argument);
  permissions.reporting = false;
}

}  // namespace

bool IsGranted(Env& env, Permission permission, std::string_view resource) {
  if (!env.permissions || env.permissions->Has(permission, resource)) return true;
  Publish(env, permission, resource, false);
  return false;
}

void ReportDrop(Env& env, Permission permission, std::string_view resource) {
  Publish(env, permission, resource, true);
}

v8::Local<v8::Value> AccessDenied(Env& env, Permission permission, std::string_view resource) {
  const Description& one = Describe(permission);
  std::string message = "Access to this API has been restricted. ";
  if (one.option) message += std::string("Use ") + one.option + " to manage permissions.";
  v8::Local<v8::Value> error = Error::Plain("ERR_ACCESS_DENIED", message).ToJs(env);
  env.Set(error.As<v8::Object>(), "permission", env.Str(one.in_errors));
  env.Set(error.As<v8::Object>(), "resource", env.Str(resource));
  return error;
}

bool RefusesNow(Env& env, Permission permission, std::string_view resource) {
  if (IsGranted(env, permission, resource) || env.permissions->audit()) return false;
  env.isolate->ThrowException(AccessDenied(env, permission, resource));
  return true;
}

}  // namespace kiln::runtime
