// The options of a worker thread, from those of its parent, its environment and its `execArgv`.
#pragma once

#include <string>
#include <vector>

#include "runtime-stub/command_line/options.h"
#include "runtime-stub/env/env.h"
#include "runtime-stub/env/variables.h"

namespace kiln::runtime {

struct WorkerOptions {
  RunOptions options;
  // What cannot be used of execArgv, and of NODE_OPTIONS. If one is not empty, there is no worker.
  std::vector<std::string> invalid_exec_argv, invalid_node_options;
};

// `variables`: those of the worker, null for the process's. `own_env`: the app has passed an
// environment; `exec_argv`: null if it has passed none. Without both, the parent's options are copied.
// Otherwise options that concern a thread have their defaults unless one of the two sets them, as in
// Node. NODE_OPTIONS counts only where the executable itself reads it.
WorkerOptions OptionsForWorker(Env& parent, const Variables* variables, bool own_env,
                               std::vector<std::string>* exec_argv);

}  // namespace kiln::runtime
