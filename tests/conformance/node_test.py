"""Runs one of Node's tests and judges it.

A test is `EXE FLAGS FILE`, with the flags and the environment that the file's comments name,
started in the (copied) tree, with an empty folder for what it writes. The variables are those
of Node's tools/test.py and test/common.
"""

import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import processes

FLAGS = re.compile(r"^// +Flags:(.*)", re.M)
ENVIRONMENT = re.compile(r"^// +Env:(.*)", re.M)
# test/common's skip(), and the summary of node:test when no test of the file ran.
SKIPPED = re.compile(r"^1\.\.0 # Skipped: ?(.*)", re.M)
NONE_RAN = re.compile(r"^(?:#|\N{INFORMATION SOURCE}) pass 0\r?$", re.M)
ERROR = re.compile(r"^.*(?:Error\b|FATAL|[Aa]ssertion|Mismatched|not implemented).*$", re.M)
# A shell's exit status for a child that died by a signal counts as the signal.
CRASHES = {-128 - number for number in
           (signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE,
            signal.SIGSEGV)}
REASON_LENGTH = 240


@dataclass(frozen=True)
class Setting:
    """What is the same for all tests of a worker."""
    exe: str
    root: Path  # holds test/
    scratch: Path  # used by this worker only
    slot: int  # distinguishes the ports and folders of tests that run at the same time
    timeout: float
    watch: processes.Watch


def run_test(setting, name, attempts):
    """Returns a dictionary: state, seconds, why, output, attempts (how many it took)."""
    path = setting.root / "test" / name
    flags, extra = read_comments(path)
    if not name.startswith("sequential/"):
        extra = {"TEST_PARALLEL": "1", **extra}
    for attempt in range(1, attempts + 1):
        verdict = run_file(setting, path, flags, extra)
        verdict["attempts"] = attempt
        if verdict["state"] in ("pass", "skip"):
            break
    return verdict


def read_comments(path):
    """Returns the options and variables of a test's `// Flags:` and `// Env:` comments."""
    source = path.read_text(encoding="utf-8", errors="replace")
    flags = FLAGS.search(source)
    extra = ENVIRONMENT.search(source)
    pairs = [word.partition("=") for word in extra.group(1).split()] if extra else []
    return (flags.group(1).split() if flags else [],
            {key: value for key, equals, value in pairs if equals})


def run_file(setting, path, flags=(), extra=None, argv=(), timeout=None):
    """Runs one file and judges how it ended."""
    output, folder = setting.scratch / "output", setting.scratch / "w"
    for fresh in (output, folder):
        remove(fresh)
        fresh.mkdir(parents=True)
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "SHELL": "/bin/sh",
        "USER": "test", "HOME": str(folder), "TMPDIR": str(folder), "NODE_TEST_DIR": str(folder),
        "TEST_THREAD_ID": str(setting.slot), "NODE_SKIP_FLAG_CHECK": "1", **(extra or {})}
    ended = processes.run(setting.watch, [setting.exe, *flags, str(path), *argv],
                          cwd=setting.root, env=environment, scratch=output,
                          timeout=timeout or setting.timeout)
    verdict = judge(ended)
    verdict["why"] = verdict["why"].replace(f"{setting.root}/", "")
    return verdict


def judge(ended):
    """Returns the state of a test that ended in this way, and why it did not pass."""
    verdict = {"state": "", "seconds": round(ended.seconds, 2), "status": ended.status, "why": ""}
    skipped = SKIPPED.search(ended.stdout)
    if ended.limit:
        verdict["state"] = ended.limit
    elif ended.status == 0 and (skipped or NONE_RAN.search(ended.stdout)):
        verdict["state"] = "skip"
        verdict["why"] = skipped.group(1) if skipped else "node:test ran no test"
    elif ended.status == 0:
        verdict["state"] = "pass"
    else:
        died = ended.status < 0 or -ended.status in CRASHES
        verdict["state"] = "crash" if died else "fail"
    if verdict["state"] not in ("pass", "skip"):
        text = f"{ended.stderr}\n{ended.stdout}"
        found = ERROR.search(text)
        lines = [line for line in text.splitlines() if line.strip()] or [""]
        cause = (found.group(0) if found else lines[-1]).strip()[:REASON_LENGTH]
        verdict["why"] = cause if ended.limit else f"status {ended.status}: {cause}"
        verdict["output"] = f"{ended.stderr[-4000:]}\n{ended.stdout[-2000:]}"
    return verdict


def remove(folder):
    """Removes a folder, even if a test has removed permissions inside of it."""
    def allow(function, path, _):
        try:
            for blocked in (Path(path).parent, Path(path)):
                if not blocked.is_symlink():
                    blocked.chmod(0o700)
            function(path)
        except OSError:
            pass
    if folder.exists():
        shutil.rmtree(folder, onerror=allow)
