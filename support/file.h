// Files and folders, with readable errors.
//
// No function leaves a partial file: WriteFileAtomically writes to a temporary file in the same
// folder and renames it at the end; temporary files and folders are owned by objects that remove
// them, and are also removed when a signal ends the process (see InstallInterruptCleanup).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace kiln {

// The whole contents, which may be any bytes. Also reads files whose size is not known before
// (pipes, /proc). An Error for a folder.
Result<std::string> ReadFile(const std::string& path);

// Writes a new file or replaces one; it appears complete or not at all. There is no fsync: a crash
// of the machine may lose the file, but a crash of Kiln cannot leave a part of it. `mode` are
// permission bits, less those of the umask. The folder must exist. See PendingFile for links and
// devices.
Result<> WriteFileAtomically(const std::string& path, std::string_view bytes, uint32_t mode = 0666);

// Creates the folder and those above it that are missing, with mode 0777 less the umask. Not an
// error if it exists already; an Error if a file has the name of one.
Result<> MakeDirectories(const std::string& path);
Result<> RemoveFile(const std::string& path);  // no error if it does not exist
// Removes a file or a folder with its contents; does not follow symbolic links. Ignores errors,
// also that it does not exist.
void RemoveTree(const std::string& path);

// These follow symbolic links, and are also false if the path cannot be examined (no permission on
// a folder above it, a link to nothing).
bool Exists(const std::string& path);
bool IsDirectory(const std::string& path);
bool IsRegularFile(const std::string& path);
bool IsExecutable(const std::string& path);  // by its owner

// Removes the files of a cache that were used least recently, by their modification time, until there
// are at most `count` with together at most `bytes`. Ignores hidden names and errors.
void RemoveLeastRecent(const std::string& folder, size_t count, uint64_t bytes);

// Names in a folder (not paths), sorted bytewise, without . and ..
Result<std::vector<std::string>> ListDirectory(const std::string& path);

// Paths as text: up to RelativePath no function looks at the disk, except that AbsolutePath reads
// the working directory.
//
// "a/b". An empty part is skipped, and an absolute `b` is returned alone. Does not normalize.
std::string JoinPath(std::string_view a, std::string_view b);
std::string DirectoryOf(std::string_view path);  // "." if there is none
// The last part, without slashes at the end: "c" for "a/b/c/"; "/" for "/".
std::string BaseNameOf(std::string_view path);
std::string ExtensionOf(std::string_view path);  // ".js", or ""
bool IsAbsolutePath(std::string_view path);
// As NormalizePath, made absolute with the working directory.
std::string AbsolutePath(std::string_view path);
// Without ".", "..", doubled slashes and slashes at the end. A relative path keeps leading "..";
// the empty path gives ".". "a/.." is removed even if `a` is a symbolic link.
std::string NormalizePath(std::string_view path);
// From folder `base` to `path`, both absolute: "../x/y"; "." if they are the same.
std::string RelativePath(std::string_view path, std::string_view base);
// The working directory, absolute; "/" if it cannot be determined.
std::string CurrentDirectory();
// The absolute path without symbolic links. An Error if there is no such file.
Result<std::string> RealPath(const std::string& path);
// The file of the running program, without symbolic links (/proc/self/exe); "" without /proc.
std::string ExecutablePath();

// $XDG_CACHE_HOME/kiln or $HOME/.cache/kiln, not created. A variable that is not an absolute path
// is ignored; "" if both are.
std::string CacheDirectory();

// A new folder in $TMPDIR (or /tmp) that only this user can enter. It is removed with its contents
// when the object is destroyed or assigned to, ignoring errors, or when a signal ends the process.
// After a move the target owns the folder and the source none.
class TempDir {
 public:
  // The folder's name is `prefix`, a hyphen and six random characters (mkdtemp).
  static Result<TempDir> Make(std::string_view prefix = "kiln");
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  ~TempDir();

  const std::string& path() const { return path_; }
  // The path of `name` in the folder; creates nothing.
  std::string File(std::string_view name) const { return JoinPath(path_, name); }

 private:
  explicit TempDir(std::string path);
  void Remove();
  std::string path_;
};

// A file that is being written and has no name, or a hidden temporary one, until Commit. If the
// file system supports O_TMPFILE, even a killed process leaves no file. Without a Commit, or if it
// fails, the destructor discards what was written and an older file of that name stays.
//
// A target that is a symbolic link stays one: the file that it points to is replaced. A device or a
// pipe is written to directly, and Commit does nothing.
class PendingFile {
 public:
  // Opens a file that is to become `target`, in the same folder, which must exist. An Error if
  // `target` is a folder, or if its folder cannot be written.
  static Result<PendingFile> Open(const std::string& target);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  // For writing by other means (compiler/lld.h). Owned by this object; -1 after Commit has closed
  // it.
  int fd() const { return fd_; }
  // Appends all of `bytes`.
  Result<> Write(std::string_view bytes);
  // Whether WriteAt works: not for a pipe or a device.
  bool is_file() const { return !target_.empty(); }
  // Appends `bytes`, which are the whole contents of the open file `fd` (-1: of none): the kernel
  // copies those if it can.
  Result<> CopyFile(int fd, std::string_view bytes);
  // Replaces bytes that were written before. REQUIRES: is_file().
  Result<> WriteAt(uint64_t offset, std::string_view bytes);
  // Gives the file its mode (without the bits of the umask) and its name, replacing an older file,
  // and closes it. REQUIRES: called at most once, and no Write after it.
  Result<> Commit(uint32_t mode);

 private:
  PendingFile(std::string target, std::string temporary, int fd)
      : target_(std::move(target)), temporary_(std::move(temporary)), fd_(fd) {}

  std::string target_;     // empty if a device or a pipe is written in place
  std::string temporary_;  // empty while the file has no name
  int fd_ = -1;
};

// From now on SIGINT, SIGTERM and SIGHUP first remove all temporary files and folders and
// then end the process as the signal does by default. SIGHUP stays ignored if it is (nohup). Call
// once, before other threads start: they must inherit that these signals are blocked, so that the
// thread which this function starts receives them.
void InstallInterruptCleanup();

}  // namespace kiln
