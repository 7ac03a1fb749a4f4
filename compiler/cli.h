// The command line: subcommands, help, exit codes.
#pragma once

namespace kiln {

// Returns the exit status: 0 done, 1 failed, 2 the command line is wrong.
int RunCli(int argc, char** argv);

}  // namespace kiln
