"""merve, the lexer with which Node finds the names that a CommonJS module exports:
merve-TARGET/ with include/merve.h and lib/libmerve.a.

The source is in deps/merve of Debian's nodejs package, which is downloaded for V8's files
anyway. Any version of the package is usable: merve is not in Debian or npm separately, and its
interface does not depend on Node's. process.versions.merve is the version that was compiled.
"""

from pathlib import Path

from parts.common import PARTS, SCRIPTS, PartError, new_folder, run, say, scratch_folder
from parts.sysroot import extract

# merve writes brackets nested deeper than 2048 past the end of its arrays (see the patch).
NESTING_PATCH = SCRIPTS / "parts/merve-nesting.patch"
FLAGS = ["-std=c++20", "-O2", "-fno-exceptions", "-fno-rtti", "-fno-pie",
         "-ffunction-sections", "-fdata-sections", "-fno-ident"]


def fetch(target, source, key):
    """Builds the part. The sysroot must exist. `source` is Debian's entry for nodejs' sources."""
    sysroot = PARTS / f"sysroot-{target.name}"
    say("merve, Node's lexer of CommonJS exports")
    with new_folder(f"merve-{target.name}", key) as folder, scratch_folder() as scratch:
        extract(source.path, scratch, "deps/merve/")
        code = Path(scratch) / "deps/merve"
        if not (code / "merve.cpp").is_file():
            raise PartError(f"Debian's nodejs {source.version} has no deps/merve: another package "
                            "has it now, which scripts/parts.toml should name")
        flags = FLAGS + limit_nesting(code, source)
        run(["clang++-19", f"--target={target.triple}", f"--sysroot={sysroot}",
             f"--gcc-install-dir={target.gcc_folder(sysroot)}", *flags,
             "-c", "merve.cpp", "-o", "merve.o"], "cannot compile merve", cwd=code)
        for name in ("include", "lib"):
            (folder / name).mkdir()
        run(["llvm-ar-19", "rcsD", folder / "lib/libmerve.a", "merve.o"],
            "cannot make libmerve.a", cwd=code)
        (code / "merve.h").rename(folder / "include/merve.h")


def limit_nesting(code, source):
    """Patches merve. Returns compiler flags: bounds checks if the patch does not fit."""
    try:
        run(["patch", "-p1", "-s", "-N", "-i", NESTING_PATCH], "the patch does not fit", cwd=code)
    except PartError:
        say(f"{NESTING_PATCH.name} does not fit merve of nodejs {source.version}: a CommonJS file "
            "with thousands of nested brackets will abort the program that imports it")
        return ["-D_GLIBCXX_ASSERTIONS"]
    return []
