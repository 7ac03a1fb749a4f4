// What a process needs before anything else happens: descriptors, signals, limits.
#pragma once

namespace kiln::runtime {

// Opens /dev/null for standard descriptors that are closed, ignores SIGPIPE, SIGXFSZ and SIGUSR1, lets
// SIGINT and SIGTERM restore the terminal before they end the process, and raises the soft limit
// of descriptors to the hard one, as Node does. Call it first, on the only thread.
void PrepareProcess();

}  // namespace kiln::runtime
