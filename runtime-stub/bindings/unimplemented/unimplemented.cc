// Bindings that belong to later issues: their names and constants are here, so that the
// library's modules load, and every native function or class throws an Error that names
// it. The tables (NAME.inc) hold what Node 24.21's binding of that name has. A real
// binding, in its own file, replaces the one here: these symbols are weak.
#include "runtime-stub/bindings/unimplemented/unimplemented.h"

#define KILN_NAME "sqlite"
#define KILN_TABLE "runtime-stub/bindings/unimplemented/sqlite.inc"
#define KILN_SCOPE sqlite_names
#define KILN_SYMBOL kSqliteBinding
#include "runtime-stub/bindings/unimplemented/expand.inc"
#define KILN_NAME "wasi"
#define KILN_TABLE "runtime-stub/bindings/unimplemented/wasi.inc"
#define KILN_SCOPE wasi_names
#define KILN_SYMBOL kWasiBinding
#include "runtime-stub/bindings/unimplemented/expand.inc"
#define KILN_NAME "webstorage"
#define KILN_TABLE "runtime-stub/bindings/unimplemented/webstorage.inc"
#define KILN_SCOPE webstorage_names
#define KILN_SYMBOL kWebstorageBinding
#include "runtime-stub/bindings/unimplemented/expand.inc"
