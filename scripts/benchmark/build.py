"""`./dev bench build`: what `kiln build` and `bun build --compile` cost.

Times include the child processes (esbuild, the runtime that takes the snapshot). kiln keeps linked
runtimes in $XDG_CACHE_HOME/kiln, so the first build of a machine is measured with an empty folder,
for both. Files are in the page cache in all rows.
"""

import itertools
import os
import shutil
import subprocess
import sys
import time

from benchmark.processes import summarize, wait_usage
from benchmark.programs import HELLO, TSC, TYPESCRIPT, WORK, bun_command, have_tsc, kiln_command

CACHE = WORK / "cache"


def _build(command):
    """Returns wall, user and sys in ms, peak RSS in MiB of the largest process, and page faults."""
    with open(WORK / "build.log", "w+", encoding="utf-8", errors="replace") as log:
        begin = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, cwd=WORK,
                                   env={**os.environ, "XDG_CACHE_HOME": str(CACHE)})
        usage = wait_usage(process)
        wall = time.monotonic() - begin
        if process.returncode != 0:
            log.seek(0)
            sys.exit(f"bench: {command[0]} failed ({process.returncode}): {log.read()[-400:]}")
    return (wall * 1e3, usage.ru_utime * 1e3, usage.ru_stime * 1e3, usage.ru_maxrss / 1024,
            usage.ru_minflt, usage.ru_majflt)


def _race(rounds, commands, before=lambda: None):
    """Builds in turn; `before` runs before each build. Returns summarize() of each."""
    taken = {who: [] for who in commands}
    for _ in range(rounds):
        for who, command in commands.items():
            before()
            taken[who].append(_build(command))
    return {who: summarize(builds) for who, builds in taken.items()}


def _empty_cache():
    shutil.rmtree(CACHE, ignore_errors=True)


def _prepare(name):
    """Returns a copy of the app that may be edited: its entry and its largest module."""
    folder = WORK / f"edited-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    if name == "hello":
        folder.mkdir(parents=True)
        entry = module = folder / HELLO.name
        shutil.copy(HELLO, entry)
    else:
        shutil.copytree(TYPESCRIPT, folder)
        entry, module = folder / "lib" / TSC.name, folder / "lib/_tsc.js"
    return entry, module


def _measure(report, rounds, name):
    entry, module = _prepare(name)
    commands = {"kiln": kiln_command(entry, WORK / "built"),
                "bun": bun_command(entry, WORK / "built-bun")}
    original, edits = module.read_text(encoding="utf-8"), itertools.count()

    def edit():
        module.write_text(f"{original}\nglobalThis.edited = {next(edits)};\n", encoding="utf-8")

    first = _race(max(1, rounds // 2), commands, _empty_cache)
    for command in commands.values():
        _build(command)  # fills the cache
    warm = _race(rounds, commands)
    edited = _race(rounds, commands, edit)
    module.write_text(original, encoding="utf-8")
    table = report.table(f"build-{name}", f"build of {name}, median of {rounds} in turn "
                         f"(the first: of {max(1, rounds // 2)})")
    for key, label, costs in (("warm", "", warm), ("first", "first build, empty cache, ", first),
                              ("edited", "after editing one file, ", edited)):
        for what, title in (("wall", "wall time"), ("user", "user time"), ("sys", "system time")):
            table.row(f"{key}-{what}", label + title, "s",
                      {who: cost[what] / 1e3 for who, cost in costs.items()})
        for what, title in (("minor", "page faults, minor"), ("major", "page faults, major")):
            table.row(f"{key}-{what}", label + title, "",
                      {who: cost[what] for who, cost in costs.items()})
    table.row("edited-warm", "after editing one file / unchanged, wall time", "x",
              {who: edited[who]["wall"] / warm[who]["wall"] for who in commands}, ratios={})


def measure(report, args):
    for name in ("hello", "tsc"):
        if name == "hello" or have_tsc():
            _measure(report, args.build_rounds, name)
