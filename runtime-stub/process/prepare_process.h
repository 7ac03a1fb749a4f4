// What a process needs before anything else happens: descriptors, signals, limits.
#pragma once

namespace kiln::runtime {

// Opens /dev/null for standard descriptors that are closed, ignores SIGPIPE, SIGXFSZ and SIGUSR1,
// restores the default effect of all other signals, lets SIGINT and SIGTERM call RestoreStdio()
// before they end the process, and raises the soft limit
// of descriptors to the hard one, as Node does. Call it first, on the only thread.
void PrepareProcess();

// Leaves terminals and the standard descriptors as they were at PrepareProcess(): other processes
// share them and may not expect a non-blocking one. Safe in a signal handler.
void RestoreStdio();

}  // namespace kiln::runtime
