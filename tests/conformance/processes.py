"""Runs one program with limits of time and output, and ends all processes that it started.

A process that calls adopt_orphans() becomes the parent of every orphan below it. A worker
that runs one test at a time therefore finds all processes of that test among its own
descendants, whichever sessions and process groups they moved to, and signals nothing else.
"""

import contextlib
import ctypes
import os
import resource
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
OUTPUT_LIMIT = 64 << 20  # bytes, stdout and stderr together
KEPT_OUTPUT = 256 << 10  # bytes kept of the beginning, and as many of the end


@dataclass(frozen=True)
class Ended:
    """How a program ended: `status` is its exit status, or minus the signal's number."""
    status: int | None  # None if a limit ended it
    limit: str  # "", "timeout" or "flood"
    seconds: float
    stdout: str
    stderr: str


def adopt_orphans():
    """Makes this process the parent of orphans among its descendants."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl(PR_SET_CHILD_SUBREAPER) failed")


class Watch:
    """Wakes this process when a child ends: SIGCHLD writes into a pipe that wait() polls."""

    def __init__(self):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # for the tests, which inherit it
        self._read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._poll = select.poll()
        self._poll.register(self._read, select.POLLIN)

    def wait(self, seconds):
        """Returns when a child has ended, or after so many seconds."""
        if self._poll.poll(max(0, seconds) * 1000):
            try:
                os.read(self._read, 4096)
            except BlockingIOError:
                pass


def run(watch, command, *, cwd, env, scratch, timeout):
    """Runs a program in a new session, and ends all of its descendants afterwards.

    Its output goes to files in `scratch`, as in Node's own test runner: the type of the stream
    (file, pipe or terminal) decides whether process.stdout writes synchronously.
    """
    started = time.monotonic()
    outputs = [Path(scratch) / "stdout", Path(scratch) / "stderr"]
    with open(outputs[0], "wb") as stdout, open(outputs[1], "wb") as stderr:
        child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                 stdout=stdout, stderr=stderr, start_new_session=True)
    try:
        limit = wait(watch, child, outputs, started + timeout)
    finally:
        child.kill()
        status = child.wait()
        end_descendants()
    seconds = time.monotonic() - started
    return Ended(None if limit else status, limit, seconds, *map(read_output, outputs))


def wait(watch, child, outputs, deadline):
    """Waits for the program; returns the limit that it ran into, or "".

    Orphans are reaped immediately: tests check with process.kill(pid, 0) whether one has ended.
    """
    while True:
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == child.pid:
                return ""
            os.waitpid(ended.si_pid, 0)
        left = deadline - time.monotonic()
        if left <= 0:
            return "timeout"
        if sum(path.stat().st_size for path in outputs) > OUTPUT_LIMIT:
            return "flood"
        watch.wait(min(left, 0.5))


def end_descendants():
    """Kills children until there are none: children of a killed child become ours."""
    while children := list_children():
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        for pid in children:
            with contextlib.suppress(ChildProcessError):  # Another thread has reaped it.
                os.waitpid(pid, 0)


def list_children():
    """Process ids of this process's children, the ended ones among them."""
    return [int(pid) for task in Path("/proc/self/task").iterdir()
            for pid in (task / "children").read_text().split()]


def read_output(path):
    """The beginning and the end of an output file, as text."""
    with open(path, "rb") as file:
        data = file.read(KEPT_OUTPUT)
        size = file.seek(0, os.SEEK_END)
        if size > 2 * KEPT_OUTPUT:
            file.seek(-KEPT_OUTPUT, os.SEEK_END)
            data += b"\n[...]\n"
        else:
            file.seek(len(data))
        data += file.read()
    return data.decode("utf-8", "replace")
