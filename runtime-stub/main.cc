#include "runtime-stub/start.h"

int main(int argc, char** argv) { return kiln::RunStub(argc, argv); }
