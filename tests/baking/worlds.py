"""The worlds in which a program runs under node and as an executable: environment, arguments, working folder, terminal,
clock and machine differ between them. Used by traps.py and fuzz.py.

A launch returns the outputs as text and the exit status, with what two runs never have in common replaced: the folder of
the sources (/kiln in an executable), the process id in warnings, and frames of Node's own loader.
"""
import dataclasses
import fcntl
import functools
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import threading

SECONDS = 60  # for one launch or build, on a busy machine


@dataclasses.dataclass(frozen=True, eq=False)
class World:
    name: str
    env: dict
    args: tuple = ()
    terminal: bool = False
    machine: bool = False  # another host name, umask, number of processors and monotonic clock, where allowed


PATH = "/usr/local/bin:/usr/bin:/bin"
WORLDS = [
    # What a build may assume: what it evaluates should be usable here.
    World("plain", {"PATH": PATH, "HOME": "/", "LANG": "C.UTF-8", "TZ": "UTC"}),
    # A user at a terminal. Not for every program, because of the time that it takes.
    World("terminal", {"PATH": PATH, "HOME": "/home/user", "USER": "user", "LANG": "en_US.UTF-8", "TERM": "xterm-256color",
                       "COLORTERM": "truecolor", "NODE_ENV": "production", "COLUMNS": "91", "LINES": "33"}, terminal=True),
    # As plain in all that programs look at to choose colours and the like, but another configuration and machine.
    World("configured", {"PATH": PATH, "HOME": "/srv/app", "LANG": "C.UTF-8", "TZ": "UTC", "PORT": "8443", "USER": "service",
                         "DATABASE_URL": "db://other", "TMPDIR": "/var/tmp"}, ("--port", "80", "word"), machine=True),
    # A plain start at which what programs look at is set. For those programs that look at it.
    World("switched", {"PATH": PATH, "HOME": "/", "LANG": "C.UTF-8", "TZ": "UTC", "DEBUG": "*", "CI": "1", "FORCE_COLOR": "3",
                       "NODE_ENV": "production", "TERM": "linux"}, ("--color",)),
    # Everything else.
    World("odd", {"PATH": PATH, "HOME": "/home/odd", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kolkata", "DEBUG": "*", "CI": "true",
                  "FORCE_COLOR": "2", "NODE_ENV": "test", "TERM": "dumb", "PORT": "1", "NODE_DEBUG": "trap",
                  "EMPTY": "", "APP_X": "x"}, ("--verbose", "--color=256")),
]
# Of `kiln build`: nothing of it may be seen in any world above.
BUILDER = {"PATH": PATH, "HOME": "/home/builder", "USER": "builder", "LANG": "de_DE.UTF-8", "TZ": "Pacific/Kiritimati",
           "DEBUG": "builder", "NODE_ENV": "development", "TERM": "vt100", "CI": "builder", "PORT": "9999",
           "DATABASE_URL": "db://builder", "APP_BUILDER": "1", "NODE_DEBUG": "builder"}


def build(kiln, entry, output, options, seconds=SECONDS):
    """Returns kiln's messages if the build failed, otherwise an empty string."""
    cache = os.environ.get("XDG_CACHE_HOME", str(pathlib.Path.home() / ".cache"))  # linked runtimes
    log = pathlib.Path(f"{output}.log")
    with log.open("wb") as messages:
        process = subprocess.Popen([kiln, "build", str(entry), "-o", str(output), *options], cwd=pathlib.Path(output).parent,
                                   env={**BUILDER, "XDG_CACHE_HOME": cache}, stdin=subprocess.DEVNULL, stdout=messages,
                                   stderr=subprocess.STDOUT, start_new_session=True)
    status = ended(process, seconds)
    return f"kiln build: status {status}\n{log.read_text(errors='replace')}" if status else ""


def ended(process, seconds):
    """The exit status of a process that leads its own session, which ends when it takes too long."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"none after {seconds} seconds"


def other_clock():
    return ["unshare", "--time", "--monotonic", "864000", "--boottime", "864000", "--uts", "--fork", "--"]


@functools.cache
def other_clock_refused():
    """Why the clock and host name cannot be changed here, or an empty string. The time of day has no namespace."""
    tried = subprocess.run([*other_clock(), "hostname", "other-machine"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip() or "unshare failed"


def machine_prefix():
    processor = min(os.sched_getaffinity(0))
    # By their paths: the PATH of the program may have only some commands.
    hostname, taskset = (shutil.which(name) or name for name in ("hostname", "taskset"))
    shell = ["sh", "-c", f'umask 027; exec {taskset} -c {processor} "$@"', "sh"]
    if other_clock_refused():
        return shell
    shell[2] = f"{hostname} other-machine; " + shell[2]
    return [*other_clock(), *shell]


def launch(command, world, folder):
    """Runs it in the world's own folder below `folder`, which has sources in `folder`/src (for node)."""
    cwd = pathlib.Path(folder) / f"in-{world.name}"
    cwd.mkdir(exist_ok=True)
    (cwd / "world.txt").write_text(world.name)
    if world.machine:
        command = machine_prefix() + command
    outcome = run([*command, *world.args], world.env, cwd, world.terminal)
    return tuple(normalised(text, folder) for text in outcome[:2]) + outcome[2:]


def normalised(text, folder):
    source = f"{folder}/src"
    text = text.replace(f"file://{source}", "file:///kiln").replace(source, "/kiln").replace("\r\n", "\n")
    text = re.sub(r"\((node|app):\d+\)", "(node:PID)", text)
    text = re.sub(r"^([A-Z]+ (?:\x1b\[33m)?)\d+", r"\1PID", text, flags=re.M)  # util.debuglog
    text = re.sub(r"\(Use `\S+ ", "(Use `node ", text)
    text = re.sub(r"^((?:\x1b\[90m)? +at .*) \{$", r"\1", text, flags=re.M)  # the brace moves with the line removed below
    return re.sub(r"^(\x1b\[90m)? +at .*node:internal/(modules|process|main|bootstrap|vm|timers).*\n", "", text, flags=re.M)


def run(command, env, cwd, terminal):
    """Returns (stdout, stderr, status). At a terminal stdin and stdout are one, stderr is another."""
    if terminal:
        (out_reader, out), (err_reader, err) = pty.openpty(), pty.openpty()
        for fd in (out, err):
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 91, 0, 0))
        standard_input = out
    else:
        (out_reader, out), (err_reader, err) = os.pipe(), os.pipe()
        standard_input = subprocess.DEVNULL
    process = subprocess.Popen(command, env=env, cwd=cwd, stdin=standard_input, stdout=out, stderr=err,
                               start_new_session=True)
    os.close(out)
    os.close(err)
    texts = [bytearray(), bytearray()]
    readers = [threading.Thread(target=read_all, args=pair) for pair in ((out_reader, texts[0]), (err_reader, texts[1]))]
    for reader in readers:
        reader.start()
    status = ended(process, SECONDS)
    for reader in readers:
        reader.join()
    return (*(text.decode(errors="replace") for text in texts), status)


def read_all(fd, text):
    while True:
        try:
            read = os.read(fd, 65536)
        except OSError:  # a terminal whose other end is closed: EIO
            break
        if not read:
            break
        text += read
    os.close(fd)
