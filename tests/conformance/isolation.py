"""Starts the tests in fresh network, process and mount namespaces where the system allows it.

Inside, the only network device is loopback, /etc/hosts has only localhost, and the end of the
first process ends all others. run_isolated() is called outside and set_up() inside.
"""

import fcntl
import json
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import node_test

NAMESPACES = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
KINDS = {
    "namespaces": NAMESPACES,
    "namespaces of a user": ["--user", "--map-root-user", *NAMESPACES],
}
SIOCSIFFLAGS = 0x8914  # linux/sockios.h
IFF_UP = 1


def run_isolated(command, input_text):
    """Runs a command in the best isolation there is, with `--isolation KIND` added, and
    returns its exit status. The command ends whenever this process ends."""
    kind, prefix, ending = choose()
    # The system sends `ending` when this process dies without a chance to do so.
    child = subprocess.Popen(
        ["setpriv", "--pdeathsig", ending.name, *prefix, *map(str, command), "--isolation", kind],
        stdin=subprocess.PIPE, text=True)
    try:
        child.communicate(input_text)
    finally:
        child.send_signal(ending)  # Of no effect if it has ended.
        status = child.wait()
    return status


def run_runner(label, folder, runner, options, names):
    """Runs a script that reads names of tests and writes JSON (runner.py) in isolation; returns the
    JSON, or ends the process. The file stays in `folder`."""
    out = folder / "result.json"
    folder.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    # Not in $TMPDIR: the path of a Unix socket is limited to 107 characters.
    scratch = Path(tempfile.mkdtemp(prefix="kiln-", dir="/tmp"))
    try:
        status = run_isolated(
            [sys.executable, runner, "--scratch", scratch, "--out", out, *options],
            "\n".join(names))
    finally:
        node_test.remove(scratch)
    if status != 0 or not out.is_file():
        sys.exit(f"{label}: the runner ended with status {status} and no result")
    print(f"{label}: what each test printed is in {out}", file=sys.stderr)
    return json.loads(out.read_text(encoding="utf-8"))


def choose():
    """Returns the first kind of isolation that works here, its command line, and the signal that
    ends it: unshare ends its namespaces, a runner without them has to clean up."""
    if shutil.which("unshare"):
        for kind, options in KINDS.items():
            trial = subprocess.run(["unshare", *options, "true"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   check=False)
            if trial.returncode == 0:
                return kind, ["unshare", *options], signal.SIGKILL
    return "none", [], signal.SIGTERM


def set_up(kind, scratch):
    """Inside: enables the loopback device and mounts a minimal /etc/hosts."""
    if kind == "none":
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    hosts = Path(scratch) / "hosts"
    hosts.write_text("127.0.0.1 localhost\n::1 localhost\n", encoding="ascii")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
