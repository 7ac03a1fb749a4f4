#!/usr/bin/python3
"""`./dev stress`: a baked heap under many starts and many collections.

    ./dev stress [--starts N] [--minutes N | --turns N] [--tsc]

Starts: the program is started N times (10,000). Each process has its heap at another place and another hash seed, and each must
print what node prints. Collections: executables that are built with V8's flags for stress, one for each line of STRESS, run in turn
until the time is up (10 minutes), or N times each. With --tsc the compiler of the benchmarks takes part, with a
tenth of the starts. In ctest this is `stress/sample`, with few starts and turns.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parent.parent
STRESS = ["--stress-compaction", "--gc-interval=200", "--stress-flush-code --gc-interval=500", "--stress-incremental-marking --gc-interval=1000",
          "--stress-scavenge=50", "--stress-marking=30", "--random-gc-interval=300", "--single-threaded-gc --gc-interval=300",
          "--stress-compaction-random --gc-interval=1500", "--semi-space-growth-factor=1 --max-semi-space-size=1 --stress-concurrent-allocation"]
LIB = "interface Array<T> {} interface Boolean {} interface CallableFunction {} interface Function {} interface IArguments {}\n" \
      "interface NewableFunction {} interface Number {} interface Object {} interface RegExp {} interface String {}\n"
SOURCE = "const shape = <T extends { a: number }>(x: T): T => x;\nexport const wrong: string = shape({ a: 1 }).a;\n"


def run(command, folder, what):
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, timeout=600, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode < 0 or done.returncode > 2:
        sys.exit(f"stress: {what}: status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.returncode, done.stdout


def build(entry, out, flags):
    done = subprocess.run([os.environ["KILN"], "build", str(entry), "-o", str(out), "--intl=none",
                           *(f"--v8-flag={flag}" for flag in flags.split())], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"stress: kiln build with {flags}: {done.stdout}{done.stderr}")
    return out


def programs(options):
    """Name: the entry, the arguments of a start, and of a run with collections."""
    found = {"program": (HERE / "program.mjs", [], ["12"])}
    if options.tsc:
        sys.path.insert(0, str(REPO / "scripts"))
        from benchmark.programs import TSC, have_tsc  # pylint: disable=import-outside-toplevel
        if have_tsc():
            found["tsc"] = (TSC, ["--version"], ["--noLib", "--strict", "--noEmit", "lib.d.ts", "a.ts"])
    return found


def many_starts(name, program, count, folder):
    entry, arguments, _ = program
    app = build(entry, folder / name, "")
    wanted = run([os.environ["KILN_NODE"], entry, *arguments], folder, f"node, {name}")
    for number in range(count):
        got = run([app, *arguments], folder, f"{name}, start {number}")
        if got != wanted:
            sys.exit(f"stress: {name}, start {number}: {got}, under node {wanted}")
    print(f"{name}: {count} starts are as under node", flush=True)


def collections(options, folder):
    cases, turns, runs, end = {}, 0, 0, time.monotonic() + options.minutes * 60
    for name, (entry, _, arguments) in programs(options).items():
        wanted = run([os.environ["KILN_NODE"], entry, *arguments], folder, f"node, {name}")
        for number, flags in enumerate(STRESS):
            cases[name, flags] = [build(entry, folder / f"{name}-{number}", flags), *arguments], wanted
    while turns < options.turns if options.turns else time.monotonic() < end:
        for (name, flags), (command, wanted) in cases.items():
            got = run(command, folder, f"{name} with {flags}, run {turns}")
            if got != wanted:
                sys.exit(f"stress: {name} with {flags}, run {turns}: {got}, under node {wanted}")
            runs += 1
            if not options.turns and time.monotonic() > end:
                break
        turns += 1
    print(f"{runs} runs with {len(STRESS)} kinds of collections are as under node", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev stress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--tsc", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stress-") as name:
        folder = pathlib.Path(name)
        (folder / "lib.d.ts").write_text(LIB)
        (folder / "a.ts").write_text(SOURCE)
        for program in programs(options).items():
            starts = options.starts if program[0] == "program" else options.starts // 10
            many_starts(*program, starts, folder)
        collections(options, folder)


if __name__ == "__main__":
    main()
