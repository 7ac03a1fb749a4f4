"""SQLite, compiled with the features of Node's: sqlite-TARGET/ with include/sqlite3.h and
lib/libsqlite3.a.

Debian's library lacks GEOPOLY, PERCENTILE and RBU, has other limits, and is older than Node's; the
source package of a newer suite has Node's version. SQLite's own scripts make the single file of
all its sources (the amalgamation), on this machine, without Tcl.
"""

import os
from pathlib import Path

from parts.common import PARTS, PartError, new_folder, run, say, scratch_folder

# What `PRAGMA compile_options` of Node 24.21 names and is no default.
DEFINES = """
SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_ENABLE_COLUMN_METADATA SQLITE_ENABLE_DBSTAT_VTAB
SQLITE_ENABLE_FTS3 SQLITE_ENABLE_FTS3_PARENTHESIS SQLITE_ENABLE_FTS5 SQLITE_ENABLE_GEOPOLY
SQLITE_ENABLE_MATH_FUNCTIONS SQLITE_ENABLE_PERCENTILE SQLITE_ENABLE_PREUPDATE_HOOK
SQLITE_ENABLE_RBU SQLITE_ENABLE_RTREE SQLITE_ENABLE_SESSION
""".split()
FLAGS = ["-std=gnu17", "-O2", "-w", "-fno-pie", "-ffunction-sections", "-fdata-sections", "-fno-ident"]


def fetch(target, source, key):
    """Builds the part. The sysroot must exist. `source` is Debian's entry for sqlite3's sources."""
    sysroot = PARTS / f"sysroot-{target.name}"
    say(f"SQLite {source.version}")
    with new_folder(f"sqlite-{target.name}", key) as folder, scratch_folder() as scratch:
        run(["tar", "-xf", source.path], "cannot unpack SQLite's sources", cwd=scratch)
        code = next(Path(scratch).iterdir())
        if not (code / "tool/mksqlite3c.tcl").is_file():
            raise PartError(f"Debian's sqlite3 {source.version} has no tool/mksqlite3c.tcl")
        env = dict(os.environ, CC="clang-19", CC_FOR_BUILD="clang-19")
        run(["./configure", "--disable-tcl", "--disable-readline"], "cannot configure SQLite", cwd=code,
            env=env)
        run(["make", "sqlite3.c"], "cannot make SQLite's sqlite3.c", cwd=code, env=env)
        run(["clang-19", f"--target={target.triple}", f"--sysroot={sysroot}",
             f"--gcc-install-dir={target.gcc_folder(sysroot)}", *FLAGS,
             *(f"-D{name}" for name in DEFINES), "-c", "sqlite3.c", "-o", "sqlite3.o"],
            "cannot compile SQLite", cwd=code)
        for name in ("include", "lib"):
            (folder / name).mkdir()
        run(["llvm-ar-19", "rcsD", folder / "lib/libsqlite3.a", "sqlite3.o"],
            "cannot make libsqlite3.a", cwd=code)
        (code / "sqlite3.h").rename(folder / "include/sqlite3.h")
