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

// options->file, from the directory to which the child changes first.
std::string PathOf(const uv_process_options_t& options) {
  std::string file = options.file;
  if (!options.cwd || file.starts_with('/')) return file;
  return std::string(options.cwd) + '/' + file;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string_view::npos;) {
    size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

// Whether a script's first line says that node runs it; `options` become those for node.
bool IsForNode(std::string_view text, std::vector<std::string>* options) {
  if (!text.starts_with("#!")) return false;
  std::vector<std::string_view> words = Words(text.substr(2, text.find('\n') - 2));
  auto name = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  size_t at = 0;
  if (at < words.size() && name(words[at]) == "env") at++;
  if (at == 1 && at < words.size() && words[at] == "-S") at++;
  if (at >= words.size() || name(words[at]) != "node") return false;
  options->assign(words.begin() + long(at) + 1, words.end());
  return true;
}

}  // namespace

void EmbeddedExecutable::RunNodeScript(uv_process_options_t* options, const std::string& self) {
  std::string file = PathOf(*options), path, text;
  uv_stat_t stat;
  if (file.find('/') == std::string::npos || !embedded::Owns(file) ||
      embedded::Stat(file, &stat) != 0 || embedded::Access(file, X_OK) != 0 ||
      embedded::RealPath(file, &path) != 0 || !embedded::ReadFile(file, &text))
    return;
  std::vector<std::string> flags;
  if (!IsForNode(text, &flags)) return;
  // As the kernel does, without the argv[0] of the app.
  arguments_ = {self};
  arguments_.insert(arguments_.end(), flags.begin(), flags.end());
  arguments_.push_back(std::move(path));
  for (char** argument = options->args; argument && argument[0] && argument[1]; argument++)
    arguments_.push_back(argument[1]);
  for (std::string& argument : arguments_) pointers_.push_back(argument.data());
  pointers_.push_back(nullptr);
  options->file = self.c_str();
  options->args = pointers_.data();
}

EmbeddedExecutable::~EmbeddedExecutable() {
  if (fd_ >= 0) close(fd_);
}

void EmbeddedExecutable::Prepare(uv_process_options_t* options) {
  std::string_view file = options->file;
  // A folder on disk may have its name.
  if (options->cwd && embedded::Owns(options->cwd)) options->cwd = "";
  if (file.find('/') == std::string_view::npos) return;  // is searched in PATH
  std::string path = PathOf(*options);
  if (!embedded::Owns(path)) return;
  fd_ = embedded::OpenToExecute(path);
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
