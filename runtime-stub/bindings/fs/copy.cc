// copyFile, and the native parts of fs.cpSync and fs.rmSync. They use the error_code overloads of
// std::filesystem, because exceptions are disabled. Messages and codes are Node's; as in Node,
// these errors have a positive errno.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "runtime-stub/bindings/fs/fs.h"
#include "runtime-stub/payload/copied_links.h"

namespace kiln::runtime::fs {
namespace {

namespace stdfs = std::filesystem;
using stdfs::file_type;

// Node's ErrnoException: "ENOENT, MESSAGE 'path'".
void ThrowErrno(Env& env, int code, const char* syscall, const std::string& message,
                const std::string& path) {
  char name[64] = "";
  if (code > 0) uv_err_name_r(-code, name, sizeof name);
  auto error = v8::Exception::Error(env.Str(std::string(name) + ", " + message + " '" + path + "'"))
                   .As<v8::Object>();
  env.Set(error, "errno", double(code));
  env.Set(error, "code", env.Str(name));
  env.Set(error, "path", env.Str(path));
  env.Set(error, "syscall", env.Str(syscall));
  env.isolate->ThrowException(error);
}

struct CopyError {
  std::error_code std;  // a failed call for `path`
  std::string path;
  int uv = 0;  // or an error of libuv
  const char* syscall = "cp";
  const char* code = "";  // or an error code of Node, with `message`
  std::string message;

  static CopyError Std(std::error_code error, const std::string& path) {
    return {.std = error, .path = path};
  }
  static CopyError Uv(int rc, const char* syscall, const std::string& path) {
    return {.path = path, .uv = rc, .syscall = syscall};
  }
  static CopyError Coded(const char* code, const std::string& message) {
    return {.code = code, .message = message};
  }

  bool failed() const { return std || uv < 0 || *code; }
  void Throw(Env& env) const {
    if (*code) return Error::Plain(code, message).Throw(env);
    if (uv < 0) return Error::Uv(uv, syscall, path).Throw(env);
    ThrowErrno(env, std.value(), syscall, std.message(), path);
  }
};

CopyError SetTimes(const uv_stat_t& s, const std::string& to) {
  SyncCall set;
  int rc = uv_fs_utime(nullptr, &set.req, to.c_str(), s.st_atim.tv_sec + s.st_atim.tv_nsec / 1e9,
                       s.st_mtim.tv_sec + s.st_mtim.tv_nsec / 1e9, nullptr);
  return rc < 0 ? CopyError::Uv(rc, "utime", to) : CopyError();
}

CopyError CopyTimes(const std::string& from, const std::string& to) {
  if (embedded::Owns(from)) {
    uv_stat_t s;
    int rc = embedded::Stat(from, &s);
    return rc < 0 ? CopyError::Uv(rc, "stat", from) : SetTimes(s, to);
  }
  SyncCall call;
  int rc = uv_fs_stat(nullptr, &call.req, from.c_str(), nullptr);
  return rc < 0 ? CopyError::Uv(rc, "stat", from) : SetTimes(call.req.statbuf, to);
}

std::vector<std::string> Parts(const stdfs::path& path) {
  std::error_code error;
  stdfs::path absolute = stdfs::absolute(path, error);
  std::vector<std::string> parts;
  for (const stdfs::path& part : error ? path : absolute)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

bool IsInside(const stdfs::path& outer, const stdfs::path& inner) {
  auto a = Parts(outer), b = Parts(inner);
  return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

struct CopyOptions {
  bool force, dereference, error_on_exist, verbatim_symlinks, preserve_timestamps;
};

// Copies a symbolic link. Unless it is copied verbatim, its target is made absolute, so that it
// refers to the same file from the destination.
CopyError CopyLink(const stdfs::path& from, const stdfs::path& to, const CopyOptions& options) {
  std::error_code error;
  std::string folder = to.parent_path();
  if (options.verbatim_symlinks) {
    stdfs::copy_symlink(from, to, error);
    return error ? CopyError::Std(error, folder) : CopyError();
  }
  stdfs::path target = stdfs::read_symlink(from, error);
  if (error) return CopyError::Std(error, folder);
  if (stdfs::exists(to, error)) {
    if (stdfs::is_symlink(to, error)) {
      stdfs::path current = stdfs::read_symlink(to, error);
      if (error) return CopyError::Std(error, folder);
      if (!options.dereference && stdfs::is_directory(target, error) && IsInside(target, current))
        return CopyError::Coded(
            "ERR_FS_CP_EINVAL",
            "Cannot copy " + target.string() + " to a subdirectory of self " + current.string());
      // Unlinking the destination would remove the source, which is below it.
      if (stdfs::is_directory(to, error) && IsInside(current, target))
        return CopyError::Coded(
            "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY",
            "cannot overwrite " + current.string() + " with " + target.string());
      stdfs::remove(to, error);
      if (error) return CopyError::Std(error, folder);
    } else if (stdfs::is_regular_file(to, error) &&
               (!options.dereference || (!options.force && options.error_on_exist))) {
      return CopyError::Std(std::make_error_code(std::errc::file_exists), to);
    }
  }
  error.clear();
  stdfs::path absolute =
      stdfs::weakly_canonical(stdfs::absolute(from.parent_path() / target, error), error);
  if (error) return CopyError::Std(error, folder);
  stdfs::create_symlink(absolute, to, error);
  return error ? CopyError::Std(error, folder) : CopyError();
}

CopyError AlreadyExists(const stdfs::path& path) {
  return CopyError::Coded("ERR_FS_CP_EEXIST",
                          "[ERR_FS_CP_EEXIST]: Target already exists: cp returned EEXIST (" +
                              path.string() + " already exists)");
}

CopyError CopyRegular(const stdfs::path& from, const stdfs::path& to, const CopyOptions& options) {
  auto how = options.force            ? stdfs::copy_options::overwrite_existing
             : options.error_on_exist ? stdfs::copy_options::none
                                      : stdfs::copy_options::skip_existing;
  std::error_code error;
  stdfs::copy_file(from, to, how, error);
  if (error == std::errc::file_exists) return AlreadyExists(to);
  if (error) return CopyError::Std(error, to.parent_path());
  return options.preserve_timestamps ? CopyTimes(from, to) : CopyError();
}

CopyError CopyTree(const stdfs::path& from, const stdfs::path& to, const CopyOptions& options) {
  std::error_code error;
  stdfs::directory_iterator entry(from, error), end;
  if (error) return CopyError::Std(error, from);
  for (; entry != end; entry.increment(error)) {
    if (error) return CopyError::Std(error, from);
    stdfs::path target = to / entry->path().filename();
    CopyError failure;
    if (entry->is_symlink(error)) {
      failure = CopyLink(entry->path(), target, options);
    } else if (entry->is_directory(error)) {
      stdfs::create_directory(target, error);
      if (error) return CopyError::Std(error, target);
      failure = CopyTree(entry->path(), target, options);
    } else if (entry->is_regular_file(error)) {
      failure = CopyRegular(entry->path(), target, options);
    }
    if (failure.failed()) return failure;
  }
  return error ? CopyError::Std(error, from) : CopyError();
}

// A link of an embedded tree; `is_copied` becomes false if what it leads to must be copied instead.
CopyError CopyEmbeddedLink(const std::string& from, const std::string& to,
                           const CopyOptions& options, const std::string& tree, bool* is_copied) {
  std::string link;
  if (options.verbatim_symlinks)
    *is_copied = embedded::ReadLink(from, &link) == 0;
  else
    *is_copied = !options.dereference && embedded::StaysLink(from, tree, &link);
  if (!*is_copied) return {};
  std::error_code error;
  stdfs::file_status target = stdfs::symlink_status(to, error);
  if (target.type() == file_type::symlink || (target.type() == file_type::regular && options.force))
    stdfs::remove(to, error);
  else if (target.type() == file_type::regular)
    return options.error_on_exist ? AlreadyExists(to) : CopyError();
  stdfs::create_symlink(link, to, error);
  return error ? CopyError::Std(error, to) : CopyError();
}

// The same for embedded files. `tree` is the folder with which the copy began, with a slash.
CopyError CopyEmbeddedTree(const std::string& from, const std::string& to,
                           const CopyOptions& options, const std::string& tree) {
  std::vector<embedded::Item> items;
  int rc = embedded::List(from, &items);
  if (rc < 0) return CopyError::Uv(rc, "cp", from);
  for (const embedded::Item& item : items) {
    std::string source = from + '/' + item.name, target = to + '/' + item.name;
    bool is_folder = item.type == UV_DIRENT_DIR;
    if (item.type == UV_DIRENT_LINK) {
      bool is_copied = false;
      CopyError failure = CopyEmbeddedLink(source, target, options, tree, &is_copied);
      if (failure.failed()) return failure;
      if (is_copied) continue;
      uv_stat_t s;
      rc = embedded::Stat(source, &s);
      if (rc < 0) return CopyError::Uv(rc, "cp", source);
      is_folder = S_ISDIR(s.st_mode);
    }
    if (is_folder) {
      std::error_code error;
      stdfs::create_directory(target, error);
      if (error) return CopyError::Std(error, target);
      CopyError failure = CopyEmbeddedTree(source, target, options, tree);
      if (failure.failed()) return failure;
      continue;
    }
    rc = embedded::CopyOut(source, target.c_str(), options.force ? 0 : UV_FS_COPYFILE_EXCL);
    if (rc == UV_EEXIST && !options.error_on_exist) continue;
    if (rc == UV_EEXIST) return AlreadyExists(target);
    if (rc < 0) return CopyError::Uv(rc, "cp", target);
    if (options.preserve_timestamps) {
      CopyError failure = CopyTimes(source, target);
      if (failure.failed()) return failure;
    }
  }
  return {};
}

// The type of the file at a path, embedded or not.
stdfs::file_status StatusOf(const PathArg& path, bool follow, std::error_code& error) {
  if (path.embedded()) {
    uv_stat_t s;
    int rc = follow ? embedded::Stat(path.view(), &s) : embedded::LStat(path.view(), &s);
    error = rc < 0 ? std::error_code(-rc, std::generic_category()) : std::error_code();
    if (rc < 0) return stdfs::file_status(file_type::not_found);
    return stdfs::file_status(S_ISDIR(s.st_mode)   ? file_type::directory
                              : S_ISLNK(s.st_mode) ? file_type::symlink
                                                   : file_type::regular);
  }
  return follow ? stdfs::status(path.c_str(), error) : stdfs::symlink_status(path.c_str(), error);
}

// Whether both paths name the same file, which exists.
bool IsSame(const PathArg& src, const PathArg& dest) {
  std::error_code error;
  if (!src.embedded() && !dest.embedded())
    return stdfs::equivalent(src.c_str(), dest.c_str(), error);
  uv_stat_t source, target;
  return src.embedded() && dest.embedded() && embedded::Stat(src.view(), &source) == 0 &&
         embedded::Stat(dest.view(), &target) == 0 && source.st_ino == target.st_ino;
}

CopyError CheckPaths(const PathArg& src, const PathArg& dest, bool dereference, bool recursive) {
  std::error_code error;
  stdfs::path from = src.c_str(), to = dest.c_str();
  // As in Node, `dereference` examines the link itself here.
  stdfs::file_status source = StatusOf(src, !dereference, error);
  if (error) return CopyError::Uv(-error.value(), dereference ? "stat" : "lstat", from);
  if (source.type() == file_type::not_found)
    return CopyError::Uv(UV_ENOENT, dereference ? "stat" : "lstat", from);
  stdfs::file_status target = StatusOf(dest, dereference, error);
  bool exists = !error && target.type() != file_type::not_found;
  bool is_directory =
      source.type() == file_type::directory || (dereference && source.type() == file_type::symlink);
  std::string from_text = from, to_text = to;

  if (exists) {
    if (IsSame(src, dest))
      return CopyError::Coded("ERR_FS_CP_EINVAL", "src and dest cannot be the same " + to_text);
    bool onto_directory = target.type() == file_type::directory;
    if (is_directory && !onto_directory)
      return CopyError::Coded(
          "ERR_FS_CP_DIR_TO_NON_DIR",
          "Cannot overwrite non-directory " + to_text + " with directory " + from_text);
    if (!is_directory && onto_directory)
      return CopyError::Coded("ERR_FS_CP_NON_DIR_TO_DIR", "Cannot overwrite directory " + to_text +
                                                              " with non-directory " + from_text);
  }
  if (!from_text.ends_with('/')) from_text += '/';
  CopyError into_itself = CopyError::Coded(
      "ERR_FS_CP_EINVAL", "Cannot copy " + from_text + " to a subdirectory of self " + to_text);
  if (is_directory && to_text.starts_with(from_text)) return into_itself;
  if (!src.embedded() && !dest.embedded()) {
    for (stdfs::path parent = to.parent_path();
         from.parent_path() != parent && parent.has_parent_path() && parent.parent_path() != parent;
         parent = parent.parent_path()) {
      bool same = stdfs::equivalent(from, parent, error);
      if (error) break;  // the parent does not exist yet
      if (same) return into_itself;
    }
  }
  if (is_directory && !recursive)
    return CopyError::Coded("ERR_FS_EISDIR",
                            "Recursive option not enabled, cannot copy a directory: " + from_text);
  switch (source.type()) {
    case file_type::socket:
      return CopyError::Coded("ERR_FS_CP_SOCKET", "Cannot copy a socket file: " + to_text);
    case file_type::fifo:
      return CopyError::Coded("ERR_FS_CP_FIFO_PIPE", "Cannot copy a FIFO pipe: " + to_text);
    case file_type::unknown:
      return CopyError::Coded("ERR_FS_CP_UNKNOWN", "Cannot copy an unknown file type: " + to_text);
    default:
      break;
  }
  if (dest.embedded()) return CopyError::Uv(UV_EROFS, "cp", to);
  if (!exists || !stdfs::exists(to.parent_path(), error))
    stdfs::create_directories(to.parent_path(), error);
  return {};
}

// Whether trying again may succeed.
bool IsTransient(std::error_code error) {
  return error == std::errc::device_or_resource_busy || error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system ||
         error == std::errc::directory_not_empty || error == std::errc::operation_not_permitted;
}

// Files of a folder are not asked for one by one: permissions of a folder are those of all in it. A link
// that is followed may lead elsewhere, as in Node.
bool CannotCopy(Env& env, const Args& args, const PathArg& src, const PathArg& dest) {
  return CannotRead(env, args, -1, src) || CannotWrite(env, args, -1, dest);
}

}  // namespace

void CopyFile(Env& env, const Args& args) {  // (src, dest, mode, req)
  int flags;
  if (!GetMode(env, args[2], &flags)) return;
  PathArg src(env, args[0], "src"), dest(env, args[1], "dest");
  if (!src.ok() || !dest.ok()) return;
  if (CannotRead(env, args, 3, src) || CannotWrite(env, args, 3, dest)) return;
  Op op = {.syscall = "copyfile", .dest = dest.view()};
  if (src.embedded() || dest.embedded())
    return RunJob(env, args, 3, op, src.view(),
                  [s = src.str(), d = dest.str(), flags](JobResult& r) {
                    r.rc = embedded::Owns(s) ? embedded::CopyOut(s, d.c_str(), flags) : UV_EROFS;
                  });
  Run(env, args, 3, op, src.c_str(), uv_fs_copyfile, src.c_str(), dest.c_str(), flags);
}

void RmSync(Env& env, const Args& args) {  // (path, maxRetries, recursive, retryDelay)
  PathArg path(env, args[0]);
  int retries, delay;
  if (!path.ok() || !GetInt(env, args[1], "maxRetries", &retries) ||
      !GetInt(env, args[3], "retryDelay", &delay))
    return;
  if (CannotWrite(env, args, -1, path)) return;
  bool recursive = args[2]->IsTrue();
  std::string text = path.str();
  if (path.embedded()) {
    int rc = ChangeError(text, /*of_link=*/true);
    if (rc == UV_ENOENT) return;
    return Error::Uv(rc, "rm", text).Throw(env);
  }
  std::error_code error;
  stdfs::file_status status = stdfs::symlink_status(path.c_str(), error);
  if (status.type() == file_type::not_found) return;
  if (status.type() == file_type::directory && !recursive)
    return Error::Plain("ERR_FS_EISDIR", "Path is a directory: " + text).Throw(env);

  for (int attempt = 1; retries >= 0; attempt++, retries--) {
    if (recursive)
      stdfs::remove_all(path.c_str(), error);
    else
      stdfs::remove(path.c_str(), error);
    if (!error || error == std::errc::no_such_file_or_directory) return;
    if (!IsTransient(error)) break;
    if (delay > 0 && retries > 0) usleep(useconds_t(attempt) * useconds_t(delay) * 1000);
  }

  struct {
    std::errc error;
    const char* message;
  } constexpr kKnown[] = {
      {std::errc::operation_not_permitted, "Operation not permitted: "},
      {std::errc::directory_not_empty, "Directory not empty: "},
      {std::errc::not_a_directory, "Not a directory: "},
      {std::errc::permission_denied, "Permission denied: "},
  };
  for (const auto& known : kKnown)
    if (error == known.error)
      return ThrowErrno(env, error.value(), "rm", known.message + text, text);
  ThrowErrno(env, UV_UNKNOWN, "rm", "Unknown error: " + error.message(), text);
}

void CpSyncCheckPaths(Env& env, const Args& args) {  // (src, dest, dereference, recursive)
  PathArg src(env, args[0], "src"), dest(env, args[1], "dest");
  if (!src.ok() || !dest.ok() || CannotCopy(env, args, src, dest)) return;
  CopyError error = CheckPaths(src, dest, args[2]->IsTrue(), args[3]->IsTrue());
  if (error.failed()) error.Throw(env);
}

// cpSyncOverrideFile(src, dest, mode, preserveTimestamps): replaces an existing file.
void CpSyncOverrideFile(Env& env, const Args& args) {
  PathArg src(env, args[0], "src"), dest(env, args[1], "dest");
  int mode;
  if (!src.ok() || !dest.ok() || !GetMode(env, args[2], &mode)) return;
  if (CannotCopy(env, args, src, dest)) return;
  if (dest.embedded()) return Error::Uv(UV_EROFS, "cp", dest.view()).Throw(env);
  std::error_code error;
  if (!stdfs::remove(dest.c_str(), error))
    return ThrowErrno(env, error.value(), "unlink", error.message(), dest.str());
  if (src.embedded()) {
    int rc = embedded::CopyOut(src.view(), dest.c_str(), mode);
    if (rc < 0) return Error::Uv(rc, "cp", src.view(), dest.view()).Throw(env);
  } else if (mode == 0) {
    if (!stdfs::copy_file(src.c_str(), dest.c_str(), error))
      return ThrowErrno(env, error.value(), "cp", error.message(), dest.str());
  } else {
    SyncCall call;
    int rc = uv_fs_copyfile(nullptr, &call.req, src.c_str(), dest.c_str(), mode, nullptr);
    if (rc < 0) return Error::Uv(rc, "cp", src.view(), dest.view()).Throw(env);
  }
  if (!args[3]->IsTrue()) return;
  CopyError failure = CopyTimes(src.str(), dest.str());
  if (failure.failed()) failure.Throw(env);
}

// (src, dest, force, dereference, errorOnExist, verbatimSymlinks, preserveTimestamps)
void CpSyncCopyDir(Env& env, const Args& args) {
  PathArg src(env, args[0], "src"), dest(env, args[1], "dest");
  if (!src.ok() || !dest.ok() || CannotCopy(env, args, src, dest)) return;
  CopyOptions options = {.force = args[2]->IsTrue(),
                         .dereference = args[3]->IsTrue(),
                         .error_on_exist = args[4]->IsTrue(),
                         .verbatim_symlinks = args[5]->IsTrue(),
                         .preserve_timestamps = args[6]->IsTrue()};
  if (dest.embedded()) return Error::Uv(UV_EROFS, "cp", dest.view()).Throw(env);
  std::error_code error;
  stdfs::create_directories(dest.c_str(), error);
  if (error) return ThrowErrno(env, error.value(), "cp", error.message(), dest.str());
  CopyError failure = src.embedded()
                          ? CopyEmbeddedTree(src.str(), dest.str(), options, src.str() + '/')
                          : CopyTree(src.c_str(), dest.c_str(), options);
  if (failure.failed()) failure.Throw(env);
}

}  // namespace kiln::runtime::fs
