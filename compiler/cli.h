// The command line: subcommands, help, exit codes.
#pragma once

namespace kiln {

// Runs the command in `argv` and prints its result. Returns the exit status: 0 done, 1 failed, 2
// the command line is wrong. `kiln run` replaces the process by the app and then does not return.
// Messages go to stderr, with --json to stdout. Call once, from main, before other threads start
// (InstallInterruptCleanup).
int RunCli(int argc, char** argv);

}  // namespace kiln
