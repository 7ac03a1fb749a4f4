// The permission model: what --permission and the --allow options let a thread do. Every native
// function that opens, changes or names a file, starts a process or thread, or loads native code
// asks Refuses() first, and returns if it answers true. Without --permission that costs one
// comparison. The rules are Node's (nodejs.org/api/permissions.html), with one addition: the
// permissions that `kiln build` puts into an executable also hold for what symbolic links lead to.
//
//   if (Refuses(env, Permission::kFileSystemRead, path)) return;  // an exception is pending
//
// Everything here is for the Env's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-stub/env/env.h"

namespace kiln::runtime {

enum class Permission : uint8_t {
  kFileSystem,  // reading and writing every file
  kFileSystemRead,
  kFileSystemWrite,
  kChildProcess,
  kWorkerThreads,
  kInspector,
  kWASI,
  kAddon,
  kOpenSSLStore,
};
constexpr int kPermissionCount = int(Permission::kOpenSSLStore) + 1;

// The permission that process.permission.has() calls `name`, such as "fs.read".
std::optional<Permission> PermissionByName(std::string_view name);

// The files that may be read, or written.
class GrantedPaths {
 public:
  // As one value of --allow-fs-read: "*", or a path, which is resolved now. A folder grants what is
  // in it. Of a path with a "*" only the part before it counts, and grants what begins so.
  // `with_links`: the path that it leads to is granted too.
  void Grant(std::string_view value, bool with_links);
  // Takes back what Grant() of the same path gave; an empty path: everything.
  void Drop(std::string_view path);
  // `path` must be absolute and resolved.
  bool Has(std::string_view path) const;
  bool all() const { return all_; }
  // Whether something below the folder is granted.
  bool HasBelow(std::string_view folder) const;

 private:
  void Add(std::string pattern);
  bool all_ = false;
  std::vector<std::string> patterns_;  // as Grant() got them, resolved; of folders with "/*"
};

class Permissions {
 public:
  // What the command line gives; null if it has neither --permission nor --permission-audit.
  struct Given {
    std::vector<std::string> read, write;
    bool child_process = false, worker = false, inspector = false, wasi = false, addons = false,
         openssl_store = false;
    bool audit = false;   // report, but allow
    bool strict = false;  // also check what symbolic links lead to
  };
  explicit Permissions(const Given& given);

  // Whether the permission is given, for this path or, if that is empty, in general.
  bool Has(Permission permission, std::string_view path) const;
  // REQUIRES for a path: permission is one of the kFileSystem ones.
  void Drop(Permission permission, std::string_view path);

  // Whether lstat() and the existence of a file are known: as in Node those of all files, because paths are
  // resolved step by step. With `strict` only of files that can be read and of the folders above them.
  bool Sees(std::string_view path) const;

  bool audit() const { return audit_; }
  // Files that can be read in any case, because they are in the executable. May be null.
  bool (*always_readable)(std::string_view path) = nullptr;
  // What the thread that started this one was allowed to do then: nobody gets more.
  std::shared_ptr<const Permissions> parent;
  // A report of a refusal is being delivered, so what its listeners try is not reported.
  bool reporting = false;

 private:
  bool HasPath(const GrantedPaths& granted, std::string_view path) const;
  GrantedPaths read_, write_;
  uint16_t others_ = 0;  // a bit for each permission without paths
  bool audit_ = false;
  bool strict_ = false;
};

// path.resolve(): absolute, without ".", ".." and double slashes.
std::string ResolvedPath(std::string_view path);

// Whether a function may go on; reports a refusal to the diagnostics channels of the permission
// model, which runs JavaScript. Throws nothing.
bool IsGranted(Env& env, Permission permission, std::string_view resource = {});
// The error that Node throws for a refusal.
v8::Local<v8::Value> AccessDenied(Env& env, Permission permission, std::string_view resource);

// Out of line, for the case that there is a permission model.
bool RefusesNow(Env& env, Permission permission, std::string_view resource);
// Whether the permission is missing; if so, an ERR_ACCESS_DENIED is pending.
inline bool Refuses(Env& env, Permission permission, std::string_view resource = {}) {
  return env.permissions && RefusesNow(env, permission, resource);
}

// Whether a function may go on, for those that answer in another way than by an exception.
inline bool Allows(Env& env, Permission permission, std::string_view resource = {}) {
  return !env.permissions || IsGranted(env, permission, resource) || env.permissions->audit();
}

// Publishes on the channel of the permission that it was dropped.
void ReportDrop(Env& env, Permission permission, std::string_view resource);

}  // namespace kiln::runtime
