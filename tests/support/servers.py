"""Servers for tests: starts them, waits until they listen, and ends them by process id.

The first line that a server prints has its ports on 127.0.0.1. Waits are bounded; a server that
is not ended by `stop` ends with the test.
"""

import atexit
import os
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE = 30  # time limit, in seconds, for a server to print its ports


class Server:
    """`command` running in the background; `ports` are the integers that it printed."""

    def __init__(self, command, cwd=None):
        self.name = Path(command[0]).name
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL,
                                        stdout=self._out, stderr=self._err)
        atexit.register(self.stop)
        self.ports = self._await_ports()
        self.port = self.ports[0]

    def _await_ports(self):
        for _ in range(PATIENCE * 100):
            ended = self.process.poll() is not None  # checked first, so that a last line is read
            line, newline, _ = self._read(self._out).partition("\n")
            if newline:
                return [int(word) for word in line.split()]
            if ended:
                break
            time.sleep(0.01)
        raise RuntimeError(f"{self.name} does not listen (status {self.process.poll()}):\n{self.errors()}")

    @staticmethod
    def _read(file):
        return os.pread(file.fileno(), 1 << 20, 0).decode(errors="replace")

    def errors(self):
        """Returns what it has written to standard error (the first MiB)."""
        return self._read(self._err)

    def status(self):
        """Returns None while it runs, then its exit status."""
        return self.process.poll()

    def descriptors(self):
        """Returns the number of its open file descriptors."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def peak_memory(self):
        """Returns its peak resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    def stop(self):
        self.process.kill()
        self.process.wait()
        atexit.unregister(self.stop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
