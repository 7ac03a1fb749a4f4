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

Result<std::string> ReadFile(const std::string& path);

// Writes a new file or replaces one; it appears complete or not at all. There is no fsync: a crash
// of the machine may lose the file, but a crash of Kiln cannot leave a part of it.
Result<> WriteFileAtomically(const std::string& path, std::string_view bytes, uint32_t mode = 0666);

Result<> MakeDirectories(const std::string& path);
Result<> RemoveFile(const std::string& path);  // no error if it does not exist
void RemoveTree(const std::string& path);      // ignores errors

bool Exists(const std::string& path);  // follows symbolic links
bool IsDirectory(const std::string& path);
bool IsRegularFile(const std::string& path);

// Names in a folder, sorted, without . and ..
Result<std::vector<std::string>> ListDirectory(const std::string& path);

// Paths as text. Join skips empty parts, and an absolute second part wins.
std::string JoinPath(std::string_view a, std::string_view b);
std::string DirectoryOf(std::string_view path);  // "." if there is none
std::string BaseNameOf(std::string_view path);
std::string ExtensionOf(std::string_view path);  // ".js", or ""
bool IsAbsolutePath(std::string_view path);
// Without ".", "..", doubled slashes; made absolute with the working directory.
std::string AbsolutePath(std::string_view path);
std::string NormalizePath(std::string_view path);
// From folder `base` to `path`, both absolute: "../x/y"; "." if they are the same.
std::string RelativePath(std::string_view path, std::string_view base);
std::string CurrentDirectory();
Result<std::string> RealPath(const std::string& path);  // resolves symbolic links
std::string ExecutablePath();                           // of this process

// $XDG_CACHE_HOME/kiln or ~/.cache/kiln, not created; empty if there is no home.
std::string CacheDirectory();

// A new folder in $TMPDIR that is removed with its contents.
class TempDir {
 public:
  static Result<TempDir> Make(std::string_view prefix = "kiln");
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return JoinPath(path_, name); }

 private:
  explicit TempDir(std::string path);
  void Remove();
  std::string path_;
};

// A file that is being written and has no name, or a hidden temporary one, until Commit. If the
// file system supports O_TMPFILE, even a killed process leaves no file.
class PendingFile {
 public:
  // Opens a file that is to become `target`, in the same folder.
  static Result<PendingFile> Open(const std::string& target);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  int fd() const { return fd_; }
  Result<> Write(std::string_view bytes);
  // Gives the file its mode (without the bits of the umask) and its name, replacing an older file.
  Result<> Commit(uint32_t mode);

 private:
  PendingFile(std::string target, std::string temporary, int fd)
      : target_(std::move(target)), temporary_(std::move(temporary)), fd_(fd) {}

  std::string target_;     // empty if a device or a pipe is written in place
  std::string temporary_;  // empty while the file has no name
  int fd_ = -1;
};

// From now on SIGINT, SIGTERM and SIGHUP first remove all temporary files and folders and
// then end the process as the signal does by default. Call once, before other threads start.
void InstallInterruptCleanup();

}  // namespace kiln
