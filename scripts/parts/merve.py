"""merve, the lexer with which Node finds the names that a CommonJS module exports:
merve-TARGET/ with include/merve.h and lib/libmerve.a.

The source is in deps/merve of Debian's nodejs package, which is downloaded for V8's files
anyway. Any version of it will do: merve has no release of its own in Debian or npm, and its
interface does not depend on Node's. What is compiled is printed by process.versions.merve.
"""

from pathlib import Path

from parts.common import PARTS, SCRIPTS, PartError, new_folder, run, say, scratch_folder
from parts.sysroot import extract

# Brackets beyond the 2048th are written behind merve's arrays. See the patch itself.
NESTING_PATCH = SCRIPTS / "parts/merve-nesting.patch"
FLAGS = ["-std=c++20", "-O2", "-fno-exceptions", "-fno-rtti", "-fno-pie",
         "-ffunction-sections", "-fdata-sections", "-fno-ident"]


def fetch(target, source, key):
    """`source` is Debian's entry for the sources of nodejs; the sysroot is there."""
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
    """Patches merve; where the patch does not fit, returns flags that check its arrays."""
    try:
        run(["patch", "-p1", "-s", "-N", "-i", NESTING_PATCH], "it does not fit", cwd=code)
    except PartError:
        say(f"{NESTING_PATCH.name} does not fit merve of nodejs {source.version}: a CommonJS file "
            "with thousands of nested brackets will abort the program that imports it")
        return ["-D_GLIBCXX_ASSERTIONS"]
    return []
