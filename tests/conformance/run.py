#!/usr/bin/python3
"""Runs Node's own tests on `node` as Kiln compiles it from tests/conformance/node.js.

Which tests, and what is known of each, is in tests/conformance/results.txt. A test that is
recorded as passing and does not pass is an error; --update records what passes now.
"""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

sys.dont_write_bytecode = True

import isolation  # noqa: E402
import results  # noqa: E402

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
BUILD = Path(os.environ.get("KILN_BUILD") or REPO / "build/release")
FAST = 150  # tests of --fast


def main():
    args = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parts = os.environ.get("KILN_PARTS") or die("KILN_PARTS is not set; use ./dev conformance")
    tree = Path(parts) / "node-tests"
    if not (tree / "test").is_dir():
        die("Node's tests are not there; run ./dev fetch")
    try:
        recorded = results.load(lenient=args.update)
    except results.ResultsError as error:
        die(error)

    names = choose(args, recorded)
    missing = [name for name in names if not (tree / "test" / name).is_file()]
    unknown = [name for name in missing if recorded[name].state != "absent"]
    if unknown:
        die(f"{len(unknown)} tests are not in {tree}, among them {unknown[0]}")
    names = [name for name in names if name not in missing]
    if not names:
        die("there is no test to run")
    exe = Path(args.exe).absolute() if args.exe else compile_node()
    if not os.access(exe, os.X_OK):
        die(f"there is no program {exe}")
    result = run(args, tree, exe, names)
    if result["canaries_failed"]:
        die("the executable does not end as node does:\n  " +
            "\n  ".join(result["canaries_failed"]), 2)
    verdicts = result["tests"]
    print_areas(verdicts)
    if args.verbose:
        for name, verdict in verdicts.items():
            if verdict["state"] != "pass":
                print(f"{verdict['state']} {name}: {verdict['why']}")
    return report(args, recorded, verdicts)


def report(args, recorded, verdicts):
    """Prints how the run differs from what is recorded; returns the exit status."""
    changes = results.compare(recorded, verdicts)
    again = [name for name, verdict in verdicts.items()
             if verdict["state"] == "pass" and verdict["attempts"] > 1]
    if again:
        print(f"passed at a second attempt only: {', '.join(again)}")
    for name in changes.other:
        print(f"recorded as {recorded[name].state}, now {verdicts[name]['state']}: {name} "
              f"({verdicts[name]['why']})")
    if args.update:
        results.save(results.add_passing(recorded, changes.new))
        print(f"{results.FILE.relative_to(REPO)}: {len(changes.new)} more recorded as passing")
    else:
        for name in changes.new:
            print(f"passes now: {name}")
        if changes.new:
            print(f"--update records these in {results.FILE.relative_to(REPO)}: {len(changes.new)}")
    for name in changes.lost:
        print(f"error: recorded as {recorded[name].state}, now {verdicts[name]['state']}: {name} "
              f"({verdicts[name]['why']})")
    good = sum(verdict["state"] == "pass" for verdict in verdicts.values())
    print(f"conformance: {good} passed, {len(verdicts) - good} failed" +
          ("" if args.fast else f", {len(changes.lost)} of these unexpectedly"))
    return 1 if changes.lost else 0


def choose(args, recorded):
    """The names of the tests to run, sorted. A sample is the same every time."""
    names = [name for name in sorted(recorded)
             if not (args.fast and recorded[name].state != "pass")
             and not (args.area and results.area_of(name) not in args.area)
             and not (args.pattern and not any(
                 fnmatch(name, glob) or fnmatch(Path(name).name, glob) for glob in args.pattern))]
    if args.sample:
        names.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
        names = sorted(names[:args.sample])
    return names


def compile_node():
    """Kiln's own `node`, compiled again when kiln, the runtime or its source is newer."""
    kiln = Path(os.environ.get("KILN") or die("KILN is not set; use ./dev conformance"))
    main, out = HERE / "node.js", BUILD / "conformance/node"
    sources = [kiln, main, *kiln.parent.parent.glob("lib/kiln/targets/*/stub*")]
    newest = max(source.stat().st_mtime for source in sources)
    if not out.is_file() or out.stat().st_mtime < newest:
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [kiln, "build", main, "-o", out, "--exec-argv-extension=node", "--inspect"]
        if subprocess.run(command, check=False).returncode != 0:
            die(f"kiln could not compile {main.relative_to(REPO)}")
    return out


def run(args, tree, exe, names):
    """Runs the tests (runner.py) and returns the JSON that it wrote. The file is kept."""
    return isolation.run_runner(
        "conformance", BUILD / "conformance", HERE / "runner.py",
        ["--exe", exe, "--tree", tree, "--jobs", args.jobs, "--timeout", args.timeout,
         "--attempts", 2], names)


def print_areas(verdicts):
    """Prints a line for each area, the largest first, and the sum of all."""
    areas = {}
    for name, verdict in verdicts.items():
        states = areas.setdefault(results.area_of(name), [])
        states.append(verdict["state"])
    everything = [state for states in areas.values() for state in states]
    by_size = sorted(areas.items(), key=lambda item: (-len(item[1]), item[0]))
    for area, states in [*by_size, ("all", everything)]:
        rest = ", ".join(f"{state} {states.count(state)}" for state in results.STATES[1:]
                         if state in states)
        good = states.count("pass")
        print(f"{area:<24}{good:>5} of {len(states):>5} {100 * good / len(states):>6.1f} %  "
              f"{rest}".rstrip())


def die(text, status=1):
    print(f"conformance: {text}", file=sys.stderr)
    sys.exit(status)


def parse():
    parser = argparse.ArgumentParser(
        prog="./dev conformance", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--area", action="append", default=[], metavar="A,B",
                        help="only these areas (fs, vm, stream, …)")
    parser.add_argument("--pattern", action="append", default=[], metavar="GLOB",
                        help="only tests whose names match")
    parser.add_argument("--fast", action="store_true",
                        help=f"only a sample of what is known to pass ({FAST} tests)")
    parser.add_argument("--sample", type=int, metavar="N",
                        help="only N tests, the same every time")
    parser.add_argument("--update", action="store_true",
                        help="record in tests/conformance/results.txt what passes now")
    parser.add_argument("--verbose", action="store_true",
                        help="name each test that does not pass, and why")
    parser.add_argument("--exe", help="judge this executable instead, e.g. a node or bun")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--timeout", type=int, default=20, help="seconds a test (20)")
    args = parser.parse_args()
    args.area = [area for given in args.area for area in given.split(",")]
    if args.fast and args.sample is None:
        args.sample = FAST
    if args.update and args.exe:
        parser.error("--update records what Kiln's executable passes, not that of --exe")
    return args


if __name__ == "__main__":
    sys.exit(main())
