"""test262's tests of modules, with its harness, out of Debian's source of SpiderMonkey."""

import shutil
from pathlib import Path

from parts.common import new_folder, say, scratch_folder
from parts.sysroot import extract

TESTS = "js/src/tests/test262"  # in the archive
FOLDERS = ("module-code", "import", "export", "expressions/dynamic-import",
           "expressions/import.meta")


def fetch(entries, key):
    say(f"unpacking test262 of {entries[0].package} {entries[0].version}")
    wanted = (f"{TESTS}/shell.js", f"{TESTS}/harness/shell.js",
              *(f"{TESTS}/language/{name}/" for name in FOLDERS))
    with new_folder("test262", key) as folder, scratch_folder() as scratch:
        extract(entries[0].path, scratch, wanted)
        shutil.move(Path(scratch) / TESTS, folder / "test262")
