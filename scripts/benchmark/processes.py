"""What processes cost: time, instructions, page faults and memory.

Linux measures the sum of user and system time exactly, but divides it by what the timer interrupt
sees (every 4 ms), so one start of 10 ms has 0, 4, 8 or 10 ms of user time, and one that no interrupt
has seen has user time only. The sum's median is therefore divided by what perf sees every 50 us, or, where
perf cannot run, by the shares that user and system time have in all starts together.
"""

import functools
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmark.programs import SOURCES, WORK, run
from benchmark.report import PROGRAMS

WARM_UP = 3
COPIES = 10
UNITS = {"wall": "ms", "user": "ms", "sys": "ms", "rss": "MiB"}


def processor():
    """The processor that programs are pinned to. Others are left to the rest of the system."""
    return max(os.sched_getaffinity(0))


def summarize(starts, share=None):
    """Returns the cost of a start from lists of (wall, user, sys in ms, peak RSS in MiB, minor and
    major page faults): medians, with the division of processor time described above. `share` is
    that of user time if it was sampled."""
    wall, user, system, rss, minor, major = zip(*starts)
    total = statistics.median(map(sum, zip(user, system)))
    if share is None:
        share = sum(user) / max(sum(user) + sum(system), 1e-9)
    return {"wall": statistics.median(wall), "user": total * share, "sys": total * (1 - share),
            "cpu": total, "rss": statistics.median(rss), "minor": statistics.median(minor),
            "major": statistics.median(major)}


def _launcher():
    program, source = WORK / "launch", SOURCES / "launch.cc"
    if not program.is_file() or program.stat().st_mtime < source.stat().st_mtime:
        run(["clang++-19", "-std=c++20", "-O2", "-static", source, "-o", program])
    return program


def sampled_user_share(command, rounds):
    """Returns the share of user mode in the processor time of starts, which perf samples; None if it
    cannot."""
    samples = WORK / "samples.perf"
    argv = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "20000", "-o", samples, _launcher(),
            rounds, processor(), ":", *command]
    try:
        recorded = subprocess.run([str(word) for word in argv], capture_output=True, check=False)
        text = subprocess.run(["perf", "script", "-i", str(samples), "-F", "comm,ip"],
                              capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return None
    if recorded.returncode != 0:
        return None
    # The kernel's addresses have the highest bit. A process has the launcher's name until exec.
    seen = [int(address, 16) >> 63 == 0 for name, address in
            (line.rsplit(None, 1) for line in text.splitlines() if line.strip())
            if name.strip() != "launch"]
    return sum(seen) / len(seen) if len(seen) > 1000 else None


def launch(rounds, commands, pinned=True, status=0, sampled=False, **options):
    """Starts the commands, a dictionary, in turn; they must end with this status. `sampled`: once
    more with perf, for the shares of user and system time. `options` are those of
    subprocess.run(). Returns summarize() of each."""
    argv = [_launcher(), rounds + WARM_UP, processor() if pinned else "any"]
    for command in commands.values():
        argv += [":", *command]
    starts = [line.split() for line in run(argv, **options).stdout.splitlines()]
    result = {}
    for number, (who, command) in enumerate(commands.items()):
        mine = [start for start in starts if start[0] == str(number)][WARM_UP:]
        failed = [start[7] for start in mine if start[7] != str(status)]
        if failed:
            sys.exit(f"bench: {command[0]} ended with status {failed[0]}")
        result[who] = summarize([(float(wall) / 1e3, float(user) / 1e3, float(system) / 1e3,
                                  int(rss) / 1024, int(minor), int(major))
                                 for _, wall, user, system, rss, minor, major, _ in mine],
                                sampled_user_share(command, rounds) if sampled else None)
    return result


def callgrind(command, seconds=300, status=0, **options):
    """Returns millions of instructions in user mode, or None if valgrind cannot run the program or
    it does not end with this status."""
    try:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             *(str(word) for word in command)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace", timeout=seconds, check=False,
            **options)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    collected = re.search(r"Collected : (\d+)", done.stderr)
    return int(collected.group(1)) / 1e6 if collected and done.returncode == status else None


def _perf_count(command):
    done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions", *map(str, command)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    count = re.search(r"^(\d+),,instructions", done.stderr, re.MULTILINE)
    return int(count.group(1)) / 1e6 if count else None


@functools.cache
def have_perf():
    """Virtual machines often have no counters."""
    return shutil.which("perf") is not None and _perf_count(["/bin/true"]) is not None


def perf(command):
    """Returns millions of instructions in user and kernel mode, or None if they cannot be counted."""
    return _perf_count(command) if have_perf() else None


def wait_usage(process):
    """Waits for a subprocess.Popen. Returns the struct rusage of it and the children it waited for."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def pss(pid):
    """The process's memory in MiB; a page that n processes map counts 1/n."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE).group(1)) / 1024


def held_pss(command, copies):
    """Starts copies of a program that prints a line and then waits. Returns the mean PSS half a
    second after all have printed."""
    running = [subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE) for _ in range(copies)]
    try:
        for process in running:
            if not process.stdout.readline():
                sys.exit(f"bench: {command[0]} ended before its memory was read")
        time.sleep(0.5)
        return statistics.mean(pss(process.pid) for process in running)
    finally:
        for process in running:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()


def add_cost_rows(table, costs, limits=()):
    """Adds a row for each quantity of summarize(). `limits` has those of Kiln by quantity."""
    limits = dict(limits)
    for key, label in (("wall", "wall time"), ("user", "user time"), ("sys", "system time"),
                       ("minor", "page faults, minor"), ("major", "page faults, major"),
                       ("rss", "memory, peak RSS")):
        if not all(key in cost for cost in costs.values()):
            continue
        limit = ("kiln", "<=", limits[key]) if key in limits else None
        table.row(key, label, UNITS.get(key, ""),
                  {who: costs[who][key] for who in PROGRAMS if who in costs}, limit=limit)


def add_instruction_rows(table, commands, limit=None):
    """Adds the instructions of one start: callgrind's, which are exact, and perf's, which include
    the kernel's but need counters that virtual machines often lack."""
    counted = {who: callgrind(command) for who, command in commands.items()}
    if counted["kiln"] is None:
        sys.exit("bench: callgrind cannot count the instructions of Kiln's executable")
    table.row("instructions", "instructions, user mode (callgrind)", "M", counted,
              limit=("kiln", "<=", limit) if limit else None)
    table.row("perf", "instructions, user and kernel (perf)", "M",
              {who: perf(command) for who, command in commands.items()},
              note="" if have_perf() else "no counters on this machine")
