#!/usr/bin/python3
"""Builds Node's tests of ES modules as apps, each by itself, and runs the apps.

Which tests, and what is known of each, is in tests/compiled/results.txt. A test that is recorded
as passing and does not pass is an error; --update records what passes now.
"""

import argparse
import hashlib
import os
import signal
import sys
from fnmatch import fnmatch
from pathlib import Path

sys.dont_write_bytecode = True

import compiled_test  # noqa: E402  (adds tests/conformance to the path)
import isolation  # noqa: E402
import results  # noqa: E402

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
BUILD = Path(os.environ.get("KILN_BUILD") or REPO / "build/release")
FILE = HERE / "results.txt"
CONFORMANCE = HERE.parent / "conformance" / "results.txt"
FAST = 10  # tests of --fast


def main():
    args = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parts = os.environ.get("KILN_PARTS") or die("KILN_PARTS is not set; use ./dev compiled")
    kiln = os.environ.get("KILN") or die("KILN is not set; use ./dev compiled")
    tree = Path(parts) / "node-tests"
    if not (tree / "test").is_dir():
        die("Node's tests are not there; run ./dev fetch")
    try:
        recorded = results.parse(FILE.read_text(encoding="utf-8"), args.update)
    except results.ResultsError as error:
        die(error)
    if args.baked:
        return compare_baked(args, tree, kiln)
    names = list_tree(tree) if args.every else sorted(recorded)
    names = choose(args, names, recorded)
    missing = [name for name in names if not (tree / "test" / name).is_file()]
    if missing:
        die(f"{len(missing)} tests are not in {tree}, among them {missing[0]}")
    if not names:
        die("there is no test to run")
    result = run(args, tree, kiln, names)
    if result["canaries_failed"]:
        die("apps do not end as under node:\n  " + "\n  ".join(result["canaries_failed"]), 2)
    verdicts = result["tests"]
    if args.verbose or args.every:
        for name, verdict in verdicts.items():
            if verdict["state"] != "pass":
                kind = f"[{verdict['spawns']}] " if verdict["spawns"] else ""
                print(f"{verdict['state']} {name}: {kind}{verdict['why']}")
    status = 0 if args.every else report(args, recorded, verdicts)
    print_sums(verdicts)
    return status


def report(args, recorded, verdicts):
    """Prints how the run differs from what is recorded; returns the exit status."""
    changes = results.compare(recorded, verdicts)
    again = [name for name, verdict in verdicts.items()
             if verdict["state"] == "pass" and verdict["attempts"] > 1]
    if again:
        print(f"passed at a second attempt only: {', '.join(again)}")
    helped = [name for name, verdict in verdicts.items()
              if verdict["state"] == "pass" and verdict["fixtures"]]
    if helped:
        print(f"passed with more fixtures embedded only: {', '.join(helped)}")
    for name in changes.other:
        print(f"recorded as {recorded[name].state}, now {verdicts[name]['state']}: {name} "
              f"({verdicts[name]['why']})")
    if args.update:
        text = FILE.read_text(encoding="utf-8")
        FILE.write_text(results.render(results.add_passing(recorded, changes.new), text),
                        encoding="utf-8")
        print(f"{FILE.relative_to(REPO)}: {len(changes.new)} more recorded as passing")
    else:
        for name in changes.new:
            print(f"passes now: {name}")
        if changes.new:
            print(f"--update records these in {FILE.relative_to(REPO)}: {len(changes.new)}")
    for name in changes.lost:
        print(f"error: recorded as {recorded[name].state}, now {verdicts[name]['state']}: {name} "
              f"({verdicts[name]['why']})")
    return 1 if changes.lost else 0


def compare_baked(args, tree, kiln):
    """Builds tests that pass under `./dev conformance` with --evaluate=none and with auto; returns the exit status. A
    test may fail as an app (it starts node, or names files only at run time), but then it must fail in both."""
    passing = [name for name, known in results.parse(CONFORMANCE.read_text(encoding="utf-8")).items()
               if known.state == "pass" and (tree / "test" / name).is_file()]
    passing.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
    names = sorted(passing[:args.baked])
    kinds = {}
    for kind in ("none", "auto"):
        args.option.append(f"--evaluate={kind}")
        kinds[kind] = run(args, tree, kiln, names)["tests"]
        args.option.pop()
    different = [name for name in names
                 if kinds["none"][name]["state"] != kinds["auto"][name]["state"]]
    for name in different:
        none, auto = kinds["none"][name], kinds["auto"][name]
        print(f"error: {name}: {none['state']} with none ({none['why']}), "
              f"{auto['state']} with auto ({auto['why']})")
    for kind, verdicts in kinds.items():
        good = sum(verdict["state"] == "pass" for verdict in verdicts.values())
        print(f"compiled: {good} of {len(names)} tests of `./dev conformance` pass as apps with "
              f"--evaluate={kind}")
    print(f"compiled: {len(names) - len(different)} of {len(names)} end alike")
    return 1 if different else 0


def print_sums(verdicts):
    """Tests that start node are counted apart: node would not run the bundle."""
    alone = [verdict for verdict in verdicts.values() if not verdict["spawns"]]
    others = [verdict for verdict in verdicts.values() if verdict["spawns"]]
    for what, group in (("tests that do not start node", alone), ("tests that start node", others)):
        if group:
            good = sum(verdict["state"] == "pass" for verdict in group)
            print(f"compiled: {good} of {len(group)} {what} pass, {100 * good / len(group):.1f} %")


def list_tree(tree):
    """All tests of the kind that results.txt has some of."""
    test = tree / "test"
    return sorted(str(path.relative_to(test)) for path in
                  [*test.glob("es-module/test-*.js"), *test.glob("es-module/test-*.mjs"),
                   *test.glob("parallel/test-*.mjs")])


def choose(args, names, recorded):
    """The names of the tests to run, sorted. A sample is the same every time."""
    names = [name for name in names
             if not (args.fast and recorded[name].state != "pass")
             and not (args.pattern and not any(
                 fnmatch(name, glob) or fnmatch(Path(name).name, glob) for glob in args.pattern))]
    if args.fast:
        names.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
        names = sorted(names[:FAST])
    return names


def run(args, tree, kiln, names):
    """Runs the tests (compiled_runner.py) and returns the JSON that it wrote. The file is kept."""
    return isolation.run_runner(
        "compiled", BUILD / "compiled", HERE / "compiled_runner.py",
        ["--kiln", kiln, "--tree", tree, "--jobs", args.jobs, "--timeout", args.timeout,
         *(f"--option={option}" for option in args.option)], names)


def die(text, status=1):
    print(f"compiled: {text}", file=sys.stderr)
    sys.exit(status)


def parse():
    parser = argparse.ArgumentParser(
        prog="./dev compiled", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pattern", action="append", default=[], metavar="GLOB",
                        help="only tests whose names match")
    parser.add_argument("--fast", action="store_true",
                        help=f"only a sample of what is known to pass ({FAST} tests)")
    parser.add_argument("--every", action="store_true",
                        help="all tests of this kind in the tree, also those that are not listed")
    parser.add_argument("--baked", type=int, metavar="N",
                        help="N tests that pass under ./dev conformance, chosen by the hashes of "
                             "their names, with --evaluate=none and with auto: are they alike?")
    parser.add_argument("--update", action="store_true",
                        help="record in tests/compiled/results.txt what passes now")
    parser.add_argument("--verbose", action="store_true",
                        help="name each test that does not pass, and why")
    parser.add_argument("--option", action="append", default=[], metavar="OPTION",
                        help="a further option of kiln build, e.g. --option=--link=scope")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--timeout", type=int, default=20, help="seconds a test (20)")
    args = parser.parse_args()
    if args.update and (args.option or args.every):
        parser.error("--update records what passes of the list without further options")
    return args


if __name__ == "__main__":
    sys.exit(main())
