"""Common functions of the scripts for each part: paths, running a client, and creating a folder
so that it is complete or absent.

The cache contains `downloads/` (the fetched files, each verified) and `parts/` (what the build
uses).  Every part has a stamp, the hash of everything that determines its contents; a part with
the right stamp is not checked further, so a second run is offline.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kiln"
PARTS = Path(os.environ.get("KILN_PARTS") or CACHE / "parts")
DOWNLOADS = CACHE / "downloads"
STAMPS = PARTS / ".stamps"


class PartError(Exception):
    """An error for the user: one line that says what is wrong and what to do."""


_say_lock = threading.Lock()


def say(text):
    """Prints one line of progress. Thread-safe: lines of parts fetched in parallel do not mix."""
    with _say_lock:
        print(f"fetch: {text}", file=sys.stderr, flush=True)


def run(argv, what, cwd=None, env=None, makes=None):
    """Runs a program and returns its output. Raises PartError with one line about the cause.

    `makes` is the file that it must create, for clients whose exit status is unreliable.
    """
    try:
        done = subprocess.run(
            [str(arg) for arg in argv], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    except FileNotFoundError as error:
        raise PartError(f"{what}: `{argv[0]}` is not installed (run ./dev setup)") from error
    if done.returncode != 0 or (makes and not Path(makes).is_file()):
        cause = reason(done.stderr) or reason(done.stdout) or f"`{argv[0]}` failed"
        raise PartError(f"{what}: {cause}")
    return done.stdout


CAUSE = re.compile(r"reason:|Unable to|Could not (?:connect|resolve)|integrity|ENOSPC|No space")


def reason(output):
    """Returns the line of a client's output that best describes the cause of an error."""
    lines = [line.strip() for line in output.splitlines()]
    lines = [line for line in lines if line and not line.startswith("W:")]
    causes = ([line for line in lines if CAUSE.search(line)] +
              [line for line in lines if line.startswith(("E:", "ERROR", "npm error", "npm ERR"))])
    return (causes or lines or [""])[0][:300]


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_of(*texts):
    """Returns the stamp of a part that is determined by these texts and files."""
    key = hashlib.sha256()
    for text in texts:
        data = text.read_bytes() if isinstance(text, Path) else str(text).encode()
        key.update(len(data).to_bytes(8, "little") + data)
    return key.hexdigest()


def is_stamped(part, key):
    stamp = STAMPS / part
    return (PARTS / part).is_dir() and stamp.is_file() and stamp.read_text() == key


@contextlib.contextmanager
def new_folder(part, stamp):
    """Yields a folder to fill, which replaces the part when the block ends without an exception.

    `stamp` is a function called at the end, since fetching may have changed the lock file.
    """
    PARTS.mkdir(parents=True, exist_ok=True)
    STAMPS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{part}-", dir=PARTS))
    try:
        folder.chmod(0o755)
        yield folder
        (STAMPS / part).unlink(missing_ok=True)
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=PARTS))
        if (PARTS / part).exists():
            (PARTS / part).rename(old / part)
        folder.rename(PARTS / part)
        (STAMPS / part).write_text(stamp())
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_download(path, name):
    """Moves a verified file to the downloads, atomically, since both are on one file system."""
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    target = DOWNLOADS / name
    os.replace(path, target)
    return target


def scratch_folder():
    """A temporary folder on the downloads' file system, for what is not verified yet."""
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix=".partial-", dir=DOWNLOADS)


@contextlib.contextmanager
def only_one():
    """Lets one fetch run at a time; a second one waits, and then finds nothing to do."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "fetch.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another fetch is running, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # Temporary folders of a run that was killed.
        for leftover in [*PARTS.glob(".*-*"), *DOWNLOADS.glob(".partial-*")]:
            shutil.rmtree(leftover, ignore_errors=True)
        yield
