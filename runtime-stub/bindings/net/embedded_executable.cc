#include "runtime-stub/bindings/net/embedded_executable.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "runtime-stub/payload/embedded_files.h"

namespace kiln::runtime {

namespace {

// Programs use the first numbers for their own purposes: 3 is systemd's, shells use up to 9.
constexpr int kFirstDescriptor = 63;

// A path for which execve() fails with an error.
const char* PathThatFailsWith(int error) {
  return error == UV_ENOENT ? "" : error == UV_ENOTDIR ? "/dev/null/file" : "/";
}

}  // namespace

EmbeddedExecutable::~EmbeddedExecutable() {
  if (fd_ >= 0) close(fd_);
}

void EmbeddedExecutable::Prepare(uv_process_options_t* options) {
  std::string_view file = options->file;
  // A folder on disk may have its name.
  if (options->cwd && embedded::Owns(options->cwd)) options->cwd = "";
  if (file.find('/') == std::string_view::npos) return;  // is searched in PATH
  // The child changes its directory first.
  std::string from_cwd;
  if (options->cwd && !file.starts_with('/')) {
    from_cwd = std::string(options->cwd) + '/' + options->file;
    file = from_cwd;
  }
  if (!embedded::Owns(file)) return;
  fd_ = embedded::OpenToExecute(file);
  if (fd_ < 0) {
    options->file = PathThatFailsWith(fd_);
    return;
  }
  stdio_.assign(options->stdio, options->stdio + options->stdio_count);
  int number = std::max(options->stdio_count, kFirstDescriptor);
  uv_stdio_container_t none = {};
  none.flags = UV_IGNORE;
  stdio_.resize(size_t(number), none);
  uv_stdio_container_t own = {};
  own.flags = UV_INHERIT_FD;
  own.data.fd = fd_;
  stdio_.push_back(own);
  path_ = "/proc/self/fd/" + std::to_string(number);
  options->file = path_.c_str();
  options->stdio = stdio_.data();
  options->stdio_count = int(stdio_.size());
}

std::string EmbeddedExecutable::OpenForExecve(std::string_view file) {
  fd_ = embedded::OpenToExecute(file);
  if (fd_ < 0) return {};
  fcntl(fd_, F_SETFD, 0);
  return "/proc/self/fd/" + std::to_string(fd_);
}

}  // namespace kiln::runtime
