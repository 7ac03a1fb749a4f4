#!/usr/bin/python3
"""Compares what the start of some apps costs with figures.json: instructions in user mode (counted
by callgrind); with --evaluate=none the objects and bytes of the snapshot's heap, as V8 counts them
when it writes it; with --evaluate=auto the bytes of the snapshot with evaluated modules. A figure that is larger by more than the tolerance is an error; one that is smaller by more
is printed. --update writes what is measured now.

express and typescript are those of `./dev apps --install`; without them, only hello and compare are measured.

    KILN=build/release/bin/kiln tests/counters/run.py [--update] [hello|compare|express|tsc …]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "figures.json"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kiln"
MODULES = CACHE / "apps/open/node_modules"
# Parts of a figure. Instructions of C's memory functions depend on the processor.
TOLERANCE = {"instructions": 0.05, "objects": 0.01, "bytes": 0.01}
SKIPPED = 77


def apps():
    """{name: (entry, or the text of one; arguments)} of those that are installed."""
    found = {"hello": ("console.log('hello');\n", []),
             "compare": ("console.log('b'.localeCompare('a') > 0 ? 'after' : 'before');\n", [])}
    if (MODULES / "express").is_dir():
        found["express"] = ("const app = require('express')();\n"
                            "app.get('/', (request, response) => response.send('hello'));\n"
                            "console.log(typeof app);\n", [])
    if (MODULES / "typescript").is_dir():
        found["tsc"] = (MODULES / "typescript/lib/tsc.js", ["--version"])
    return found


def build(entry, out, *flags):
    """Builds an app. Returns what kiln prints."""
    done = subprocess.run([os.environ["KILN"], "build", entry, "-o", out, "--no-cache", *flags],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"kiln build {entry} failed:\n{done.stdout}")
    return done.stdout


def build_baked(entry, out):
    """Builds an app with evaluated modules. Returns the bytes of its larger snapshot."""
    lines = [json.loads(line) for line in
             build(entry, out, "--evaluate=auto", "--explain", "--json").splitlines()
             if line.startswith("{")]
    return {"bytes": max(line["bytes"] for line in lines
                         if line.get("stage") == "snapshot" or "baked" in line)}


def build_plain(entry, out):
    """Builds an app without evaluated modules. Returns the objects and bytes of its heap."""
    text = build(entry, out, "--evaluate=none", "--v8-flag=--serialization-statistics")
    # One table for each context (the second is the app's), the isolate, strings and read-only objects.
    tables, table = {}, None
    for line in text.splitlines():
        if name := re.search(r"(\w+)Serializer:$", line):
            table = tables[name.group(1)] = []
        elif row := re.match(r"\s+(\d+)\s+(\d+)\s+\w+\s+\w+_TYPE$", line):
            table.append((int(row.group(1)), int(row.group(2))))
    rows = [row for name in ("Context", "Startup", "SharedHeap") for row in tables.get(name, [])]
    if len(rows) < 50:
        sys.exit(f"V8 printed no statistics of the heap:\n{text}")
    return {"objects": sum(count for count, _ in rows), "bytes": sum(size for _, size in rows)}


def instructions(command):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    count = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not count:
        sys.exit(f"callgrind cannot count the instructions of {command[0]}:\n{done.stderr}")
    return int(count.group(1))


def measure(name, entry, arguments, folder):
    figures = {}
    if isinstance(entry, str):
        source = folder / f"{name}.js"
        source.write_text(entry, encoding="ascii")
        if not (folder / "node_modules").exists() and MODULES.is_dir():
            (folder / "node_modules").symlink_to(MODULES)
        entry = source
    for evaluate, make in (("none", build_plain), ("auto", build_baked)):
        out = folder / f"{name}-{evaluate}"
        heap = make(entry, out)
        figures[evaluate] = {"instructions": instructions([str(out), *arguments]), **heap}
        out.unlink()
    return figures


def compare(name, known, measured):
    """Prints each figure. Returns whether none is too large."""
    good = True
    for evaluate, figures in measured.items():
        for what, value in figures.items():
            before = known.get(evaluate, {}).get(what)
            if before is None:
                print(f"{name} --evaluate={evaluate}: {value:,} {what}; there is no figure yet")
                continue
            change = value / before - 1
            verdict = "" if abs(change) <= TOLERANCE[what] else \
                "TOO LARGE" if change > 0 else "smaller: write it with --update"
            good = good and verdict != "TOO LARGE"
            print(f"{name} --evaluate={evaluate}: {value:,} {what} ({change:+.1%}) {verdict}".rstrip())
    return good


def main():
    if not shutil.which("valgrind"):
        print("there is no valgrind; scripts/host-tools installs it")
        return SKIPPED
    update = "--update" in sys.argv
    chosen = [name for name in sys.argv[1:] if name != "--update"]
    known = json.loads(FIGURES.read_text(encoding="ascii")) if FIGURES.is_file() else {}
    found = apps()
    for name in {"express", "tsc"} - set(found):
        print(f"{name} is not installed; ./dev apps --install installs it")
    good = True
    with tempfile.TemporaryDirectory(prefix="kiln-counters-") as folder:
        for name, (entry, arguments) in found.items():
            if chosen and name not in chosen:
                continue
            measured = measure(name, entry, arguments, Path(folder))
            good = compare(name, known.get(name, {}), measured) and good
            if update:
                known[name] = measured
                FIGURES.write_text(json.dumps(known, indent=1) + "\n", encoding="ascii")
    if not good and not update:
        print("If the increase is intended, write the new figures with --update and say why.")
    return 0 if good or update else 1


if __name__ == "__main__":
    sys.exit(main())
