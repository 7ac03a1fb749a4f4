// The command line: subcommands, help, exit codes.
#pragma once

namespace kiln {

// 0: done; 1: it could not be done; 2: the command line makes no sense.
int RunCli(int argc, char** argv);

}  // namespace kiln
