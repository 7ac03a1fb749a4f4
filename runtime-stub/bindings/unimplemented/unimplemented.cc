// Unimplemented bindings: their names and constants exist, so that modules of the library can be
// loaded; every native function or class throws an Error with its name. The tables (NAME.inc) have
// the names of Node 24.21's binding. The symbols are weak: a real binding, in its own file,
// replaces the one here.
#include "runtime-stub/bindings/unimplemented/unimplemented.h"

#define KILN_NAME "wasi"
#define KILN_TABLE "runtime-stub/bindings/unimplemented/wasi.inc"
#define KILN_SCOPE wasi_names
#define KILN_SYMBOL kWasiBinding
#include "runtime-stub/bindings/unimplemented/expand.inc"
