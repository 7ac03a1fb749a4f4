#!/usr/bin/env python3
"""Runs fuzz targets, two at a time, and prints the results.

    run.py [--build BUILD] [--seconds N] [--smoke] [--corpora FOLDER] [TARGET...]

BUILD is the build tree of the asan preset. The corpora, one folder for each target, stay in the
user's cache, so that a run continues where the last one ended; the first run begins with the
seeds of the target's script. Inputs that caused a failure are kept next to them, in findings/;
to reproduce one, run the target's program with its path.

With --smoke, for ctest, a target runs a fixed number of inputs, starting from its seeds, in a
temporary corpus.

A run is clean only if the fuzzer's output says that it is done, so neither a crash nor a process
that ended early counts as a success.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NAMES = re.findall(r"^kiln_fuzz_target\((\S+)\)", (HERE / "CMakeLists.txt").read_text(), re.M)
SMOKE_RUNS = 2000  # inputs of a target under ctest: the seeds, and mutations of them
# Enough for V8's heap, OpenSSL's keys and AddressSanitizer's quarantine.
LIMITS = ["-rss_limit_mb=4096", "-timeout=20", "-max_len=8192"]


def write_seeds(build, name, folder):
    stub = build / "runtime-stub/kiln-stub"
    subprocess.run([stub, "--expose-internals", HERE / "harness.js", name, folder], check=True)


def fuzz(name, build, corpora, limit):
    """Returns the number of executions, the coverage, and the failure found (or None)."""
    corpus = corpora / name
    findings = corpora / "findings" / name
    findings.mkdir(parents=True, exist_ok=True)
    if not pathlib.Path(f"{corpus}.dict").exists():  # the file that is written last
        write_seeds(build, name, corpus)
    command = [build / "tests/fuzz" / f"fuzz-{name}", limit, *LIMITS,
               f"-dict={corpus}.dict", f"-artifact_prefix={findings}/", "-print_final_stats=1",
               corpus]
    with open(corpora / f"{name}.log", "wb") as log:
        # The fuzzer's own leak check would report objects that V8 has not collected yet;
        # LeakSanitizer checks once, at the end.
        code = subprocess.run([*command, "-detect_leaks=0"], stdout=log, stderr=log,
                              stdin=subprocess.DEVNULL).returncode
    text = (corpora / f"{name}.log").read_text(errors="replace")
    units = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text)
    coverage = re.findall(r"cov: (\d+) ft: (\d+)", text)
    clean = code == 0 and re.search(r"^Done \d+ runs", text, re.M)
    finding = None
    if not clean:
        summary = re.findall(r"^SUMMARY: .*|^.*has left the process.*", text, re.M)
        # A leak is found at the end and cannot be attributed to an input.
        inputs = [file for file in re.findall(r"Test unit written to (\S+)", text)
                  if os.path.getsize(file) > 0]
        finding = f"{summary[0] if summary else f'exit code {code}'}"
        finding += f"\n    input {inputs[-1]}" if inputs else ""
        finding += f"\n    log   {corpora / f'{name}.log'}"
    return units[-1] if units else "0", coverage[-1] if coverage else ("0", "0"), finding


def main():
    parser = argparse.ArgumentParser(usage="./dev fuzz [TARGET...] [--seconds N]")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(NAMES))
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/asan",
                        help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=300, help="of each target (300)")
    parser.add_argument("--smoke", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--corpora", type=pathlib.Path, help="instead of ~/.cache/kiln/fuzz")
    args = parser.parse_args()
    for name in args.targets:
        if name not in NAMES:
            parser.error(f"there is no target {name}; there are {', '.join(NAMES)}")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    corpora = args.corpora or cache / "kiln/fuzz"
    limit = f"-max_total_time={args.seconds}"
    scratch = None
    if args.smoke:
        scratch = tempfile.TemporaryDirectory(prefix="kiln-fuzz-")
        corpora = pathlib.Path(scratch.name)
        limit = f"-runs={SMOKE_RUNS}"

    failed = False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = {name: pool.submit(fuzz, name, args.build.resolve(), corpora.resolve(), limit)
                for name in args.targets or NAMES}
        for name, job in jobs.items():
            units, (blocks, features), finding = job.result()
            print(f"{name:14} {units:>9} inputs  {blocks:>5} blocks  {features:>6} features  "
                  f"{finding or 'clean'}", flush=True)
            failed |= finding is not None
            if finding and args.smoke:
                sys.stdout.write((corpora / f"{name}.log").read_text(errors="replace")[-20000:])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
