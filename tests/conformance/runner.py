#!/usr/bin/python3
"""Runs the tests whose names come on stdin, inside the isolation that isolation.py made.

It writes a JSON file: {"isolation", "canaries_failed", "tests": {NAME: {"state", …}}}. run.py
starts it and judges the result against what is recorded. Each worker is a process, so that
processes that a test leaves running are the worker's own descendants (processes.py).
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.dont_write_bytecode = True

import canaries  # noqa: E402
import isolation  # noqa: E402
import node_test  # noqa: E402
import processes  # noqa: E402

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
    with workers(args, root, 1) as pool:
        result["canaries_failed"] = pool.submit(run_canaries).result()
    if not result["canaries_failed"]:
        run_all(args, root, names, result["tests"])
    result["tests"] = dict(sorted(result["tests"].items()))
    args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def run_all(args, root, names, verdicts):
    """Fills `verdicts`. Tests below sequential/ run after the others, one at a time."""
    started = time.monotonic()
    alone = [name for name in names if name.startswith("sequential/")]
    together = [name for name in names if not name.startswith("sequential/")]
    for batch, jobs in ((together, args.jobs), (alone, 1)):
        with workers(args, root, jobs) as pool:
            running = {pool.submit(run_one, name, args.attempts): name for name in batch}
            for done in as_completed(running):
                verdicts[running[done]] = done.result()
                if len(verdicts) % 100 == 0:
                    say(f"{len(verdicts)} of {len(names)}, {time.monotonic() - started:.0f} s")


def workers(args, root, jobs):
    context = multiprocessing.get_context("fork")
    slots = context.SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)
    return ProcessPoolExecutor(jobs, context, start_worker, (args, root, slots))


def start_worker(args, root, slots):
    global SETTING
    slot = slots.get()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    processes.adopt_orphans()
    SETTING = node_test.Setting(
        exe=args.exe, root=root, scratch=args.scratch / str(slot), slot=slot,
        timeout=args.timeout, watch=processes.Watch())


def run_one(name, attempts):
    return node_test.run_test(SETTING, name, attempts)


def run_canaries():
    return canaries.failures(SETTING)


def stop(*_):
    """Ends immediately, with all descendants: workers, and then the tests orphaned by them."""
    processes.end_descendants()
    os._exit(128 + signal.SIGTERM)


def say(text):
    print(f"conformance: {text}", file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exe", required=True)
    parser.add_argument("--tree", required=True, type=Path, help="the folder that holds test/")
    parser.add_argument("--scratch", required=True, type=Path, help="an empty folder")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--jobs", required=True, type=int)
    parser.add_argument("--timeout", required=True, type=float, help="seconds a test")
    parser.add_argument("--attempts", required=True, type=int)
    parser.add_argument("--isolation", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
