#!/usr/bin/python3
"""Builds and runs the tests whose names come on stdin, inside the isolation of isolation.py.

It writes a JSON file: {"isolation", "canaries_failed", "tests": {NAME: {"state", …}}}, which
run.py compares with what is recorded. The workers are those of tests/conformance/runner.py.
"""

import argparse
import json
import multiprocessing
import shutil
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.dont_write_bytecode = True

import compiled_test  # noqa: E402  (adds tests/conformance to the path)
import compiled_canaries  # noqa: E402
import isolation  # noqa: E402
import processes  # noqa: E402
from runner import stop  # noqa: E402

SETTING = None  # of a worker


def main():
    args = parse()
    names = sys.stdin.read().split()
    processes.adopt_orphans()
    signal.signal(signal.SIGTERM, stop)
    isolation.set_up(args.isolation, args.scratch)
    # Some tests write next to their fixtures, so they get a copy of the tree.
    root = args.scratch / "node"
    shutil.copytree(args.tree / "test", root / "test", symlinks=True)
    say(f"{len(names)} tests, {args.jobs} at a time, isolation: {args.isolation}")
    result = {"isolation": args.isolation, "canaries_failed": [], "tests": {}}
    started = time.monotonic()
    with workers(args, root) as pool:
        result["canaries_failed"] = pool.submit(run_canaries).result()
        if not result["canaries_failed"]:
            running = {pool.submit(run_one, name): name for name in names}
            for done in as_completed(running):
                result["tests"][running[done]] = done.result()
                if len(result["tests"]) % 20 == 0:
                    say(f"{len(result['tests'])} of {len(names)}, "
                        f"{time.monotonic() - started:.0f} s")
    result["tests"] = dict(sorted(result["tests"].items()))
    args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def workers(args, root):
    context = multiprocessing.get_context("fork")
    slots = context.SimpleQueue()
    for slot in range(args.jobs):
        slots.put(slot)
    return ProcessPoolExecutor(args.jobs, context, start_worker, (args, root, slots))


def start_worker(args, root, slots):
    global SETTING
    slot = slots.get()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    processes.adopt_orphans()
    SETTING = compiled_test.Setting(
        exe=args.kiln, root=root, scratch=args.scratch / str(slot), slot=slot,
        timeout=args.timeout, watch=processes.Watch(), extra=tuple(args.option))


def run_one(name):
    return compiled_test.run_test(SETTING, name, attempts=2)


def run_canaries():
    return compiled_canaries.failures(SETTING)


def say(text):
    print(f"compiled: {text}", file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiln", required=True)
    parser.add_argument("--tree", required=True, type=Path, help="the folder that holds test/")
    parser.add_argument("--scratch", required=True, type=Path, help="an empty folder")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--jobs", required=True, type=int)
    parser.add_argument("--timeout", required=True, type=float, help="seconds a test")
    parser.add_argument("--option", action="append", default=[], help="of kiln build")
    parser.add_argument("--isolation", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
