// Starting an embedded file as a program (child_process, process.execve). The kernel needs a
// descriptor of it, so the file is copied into one in memory, and the child executes
// /proc/self/fd/NUMBER. A script's interpreter opens that path again, so the child keeps the
// descriptor, above those that the app passes on. Needs /proc. On the Env's thread.
#pragma once

#include <uv.h>

#include <string>
#include <string_view>
#include <vector>

namespace kiln::runtime {

class EmbeddedExecutable {
 public:
  EmbeddedExecutable() = default;
  EmbeddedExecutable(const EmbeddedExecutable&) = delete;
  ~EmbeddedExecutable();

  // If options->file is an embedded, executable script of node ("#!/usr/bin/env node"), changes it
  // and options->args, so that this executable (at `self`) runs it; nothing otherwise. Call it
  // before Prepare(), and before ChildVariable() (platform/own_children.h).
  void RunNodeScript(uv_process_options_t* options, const std::string& self);

  // If options->file is an embedded file, changes it and options->stdio for uv_spawn, which fails as
  // for such a file on disk; nothing otherwise. An embedded working directory does not exist for
  // the child. What `options` refers to then is owned by this.
  void Prepare(uv_process_options_t* options);

  // Opens an embedded file. Returns the path for execve(), in this process and until this is
  // destroyed; empty if that fails.
  std::string OpenForExecve(std::string_view file);

 private:
  int fd_ = -1;
  std::string path_;
  std::vector<std::string> arguments_;
  std::vector<char*> pointers_;
  std::vector<uv_stdio_container_t> stdio_;
};

}  // namespace kiln::runtime
