// The `kiln` command. The code is in cli.cc, so that tests can call it too.
#include "compiler/cli.h"

int main(int argc, char** argv) { return kiln::RunCli(argc, argv); }
