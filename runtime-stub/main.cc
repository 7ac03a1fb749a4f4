#include "runtime-stub/process/start.h"

int main(int argc, char** argv) { return kiln::runtime::RunStub(argc, argv); }
