#!/usr/bin/python3
"""Runs test262's tests of modules as apps: each is built by kiln, run, and must end as under node.

Node does not pass all of them (V8 13.6 has not all of the language, and a script is a CommonJS
module); there the app must fail in the same way. The differences that are known are in
results.txt with their reasons; any other is an error.
"""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue

sys.dont_write_bytecode = True

import judge  # noqa: E402
import suite  # noqa: E402

HERE = Path(__file__).resolve().parent
KNOWN = HERE / "results.txt"
FAST = 30  # tests of --fast


def main():
    args = parse()
    parts = Path(os.environ.get("KILN_PARTS") or die("KILN_PARTS is not set; use ./dev test262"))
    kiln = os.environ.get("KILN") or die("KILN is not set; use ./dev test262")
    tree = parts / "test262"
    if not tree.is_dir():
        die("the tests are not there; run scripts/fetch --test262")
    node = next((parts / "npm/node_modules").glob("node-linux-*/bin/node"))
    tests = suite.list_tests(tree)
    chosen = choose(args, tests)
    if not chosen:
        die("there is no test to run")
    known = read_known(tests)
    scratch = Path(tempfile.mkdtemp(prefix="kiln-", dir="/tmp"))
    try:
        setting = judge.Setting(tree, scratch, Path(kiln), node, suite.Harness(tree))
        outcomes = run_all(args, setting, chosen)
    finally:
        shutil.rmtree(scratch)
    return report(args, outcomes, known)


def run_all(args, setting, chosen):
    """Returns {name: Outcome}. Each worker has a folder of its own, since all apps have one entry."""
    folders = SimpleQueue()
    for number in range(args.jobs):
        folders.put(setting.prepare_folder(number))

    def run_one(test):
        folder = folders.get()
        try:
            return judge.run(setting, folder, test)
        finally:
            folders.put(folder)

    with ThreadPoolExecutor(args.jobs) as pool:
        outcomes = {}
        for test, outcome in zip(chosen, pool.map(run_one, chosen)):
            outcomes[test.name] = outcome
            if len(outcomes) % 100 == 0:
                print(f"test262: {len(outcomes)} of {len(chosen)}", file=sys.stderr, flush=True)
        return outcomes


def report(args, outcomes, known):
    different = {name for name, outcome in outcomes.items() if not outcome.is_equal}
    for name in sorted(different):
        if args.verbose or name not in known:
            print(f"{'known' if name in known else 'error'}: {name}\n"
                  f"  node: {outcomes[name].node}\n  kiln: {outcomes[name].kiln}")
    for name in sorted(set(known) & set(outcomes) - different):
        print(f"equal now, to be removed from {KNOWN.name}: {name}")
    passes = sum(outcome.kiln.passes for outcome in outcomes.values())
    node_passes = sum(outcome.node.passes for outcome in outcomes.values())
    print(f"test262: {len(outcomes) - len(different)} of {len(outcomes)} end as under node; "
          f"{passes} pass, {node_passes} under node")
    return 1 if different - set(known) else 0


def read_known(tests):
    """{name: reason} of results.txt, whose lines are `NAME: REASON`."""
    known = {}
    for number, line in enumerate(KNOWN.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        name, _, reason = line.partition(": ")
        if not reason or name not in tests:
            die(f"{KNOWN.name}:{number}: not `NAME: REASON` with the name of a test")
        known[name] = reason
    return known


def choose(args, tests):
    """The tests to run, by name. A sample is the same every time."""
    names = [name for name in tests
             if not args.pattern or any(fnmatch(name, glob) for glob in args.pattern)]
    if args.fast:
        names.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
        names = sorted(names[:FAST])
    return [tests[name] for name in names]


def die(text):
    print(f"test262: {text}", file=sys.stderr)
    sys.exit(1)


def parse():
    parser = argparse.ArgumentParser(prog="./dev test262", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pattern", action="append", default=[], metavar="GLOB",
                        help="only tests whose names match, e.g. 'module-code/namespace/*'")
    parser.add_argument("--fast", action="store_true", help=f"only a sample ({FAST} tests)")
    parser.add_argument("--verbose", action="store_true", help="print the known differences too")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
