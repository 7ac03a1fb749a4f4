"""Builds one of Node's tests as an app, runs the app and judges how it ended.

The flags of a test's `// Flags:` comment become options of the build: V8's own flags are given
with --v8-flag, Node's in NODE_OPTIONS. A name that kiln cannot find during the build, and that
the test expects to be missing, is given with --external, as kiln's message says.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "conformance"))

import node_test  # noqa: E402
import processes  # noqa: E402

# Flags that node does not accept in NODE_OPTIONS, because they are V8's.
V8_FLAGS = re.compile(r"--(no-)?(trace-gc|expose[-_]gc|allow-natives-syntax|max-|stack-size|harmony|"
                      r"gc-|abort-on-uncaught-exception|js-|turbo|sparkplug|always-)")
LEFT_TO_RUN_TIME = re.compile(r"pass --external (\S+) to look for it when the app runs")
BUILD_ERROR = re.compile(r"^.*error: .*$", re.M)
THROWN = re.compile(r"^\w*Error(?: \[\w+\])?: .*(?:\n(?! {4}at ).+|\n$)*", re.M)
# test/common loads it if the process has --expose-internals.
INTERNALS = "internal/*"
# Files that a test names only at run time, for a second build if the test fails without them.
FIXTURES = ("test/fixtures/es-modules", "test/fixtures/es-module-loaders",
            "test/fixtures/node_modules", "test/fixtures/syntax", "test/fixtures/*.*js",
            "test/common")
# A file in the folder above test/, so that paths are /kiln/test/es-module/… as in Node's repository.
ROOT_FILE = "README.md"
BUILD_ATTEMPTS = 8
BUILD_TIMEOUT = 120  # seconds

# How tests start another node; what they give it is not the bundle.
SPAWNS = re.compile(r"\bexecPath\b|\bspawnPromisified\b|\bspawnSyncAndAssert\b|"
                    r"\bspawnSyncAndExit\w*\b|\bnodeProcess\b|\bspawn(?:Sync)?\(\s*['\"]node['\"]")
# fork() starts process.execPath too, and passes flags with execArgv.
FORKS_WITH_FLAGS = re.compile(r"\bfork\([^;]*execArgv", re.S)


@dataclass(frozen=True)
class Setting(node_test.Setting):
    """As for node_test; `exe` is the kiln command."""
    extra: tuple = ()  # further options of kiln build


def spawns_node(source):
    """Why the test is one that starts `node` with flags or files, or ""."""
    found = SPAWNS.search(source)
    if found:
        return f"starts node ({found.group(0)})"
    return "forks node with flags (execArgv)" if FORKS_WITH_FLAGS.search(source) else ""


def run_test(setting, name, attempts):
    """Returns a dictionary: state, seconds, why, output, attempts, spawns, externals, fixtures."""
    path = setting.root / "test" / name
    verdict = build_and_run(setting, path, attempts, ())
    if name.startswith("es-module/") and verdict["state"] == "fail":
        verdict = build_and_run(setting, path, attempts, FIXTURES)
    verdict["spawns"] = spawns_node(path.read_text(encoding="utf-8", errors="replace"))
    return verdict


def build_and_run(setting, path, attempts, fixtures):
    app = setting.scratch / "app"
    verdict, externals = build(setting, path, app, fixtures)
    if verdict is None:
        for attempt in range(1, attempts + 1):
            verdict = run_app(setting, path, app)
            verdict["attempts"] = attempt
            if verdict["state"] in ("pass", "skip"):
                break
    app.unlink(missing_ok=True)
    return {"output": "", **verdict, "externals": externals, "fixtures": bool(fixtures)}


def build(setting, path, app, fixtures=()):
    """Builds `app`. Returns (None, externals), or a verdict in place of None if that failed."""
    flags, _ = node_test.read_comments(path)
    options = [f"--v8-flag={flag}" for flag in flags if V8_FLAGS.match(flag)]
    if node_options(flags):
        options.append("--exec-argv-extension=env")
    for asset in (ROOT_FILE, *fixtures):
        options += ["--asset", asset]
    (setting.root / ROOT_FILE).touch()
    externals = [INTERNALS]
    setting.scratch.mkdir(parents=True, exist_ok=True)
    for _ in range(BUILD_ATTEMPTS):
        command = [setting.exe, "build", path, "-o", app, *options, *setting.extra]
        for external in externals:
            command += ["--external", external]
        try:
            built = subprocess.run(command, cwd=setting.root, timeout=BUILD_TIMEOUT, check=False,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired:
            return failed_build("timeout", "the build has not ended", ""), externals
        text = built.stdout.decode("utf-8", "replace")
        if built.returncode == 0:
            return None, externals[1:]
        missing = set(LEFT_TO_RUN_TIME.findall(text)) - set(externals)
        if not missing:
            break
        externals += sorted(missing)
    state = "crash" if built.returncode < 0 else "fail"
    found = BUILD_ERROR.search(text)
    last = (text.strip().splitlines() or [""])[-1]
    why = (found.group(0) if found else last).replace(f"{setting.root}/", "")
    return failed_build(state, why[:node_test.REASON_LENGTH], text), externals[1:]


def failed_build(state, why, output):
    return {"state": state, "seconds": 0, "status": None, "why": f"kiln build: {why}",
            "output": output[-6000:], "attempts": 1}


def node_options(flags):
    return " ".join(flag for flag in joined(flags) if not V8_FLAGS.match(flag))


def joined(flags):
    """The flags, each with the value that follows it as a further word."""
    found = []
    for flag in flags:
        if flag.startswith("-") or not found:
            found.append(flag)
        else:
            found[-1] += f" {flag}"
    return found


def run_app(setting, path, app, argv=(), timeout=None):
    """Runs the app in the tree and judges how it ended."""
    flags, extra = node_test.read_comments(path)
    output, folder = setting.scratch / "output", setting.scratch / "w"
    for fresh in (output, folder):
        node_test.remove(fresh)
        fresh.mkdir(parents=True)
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "SHELL": "/bin/sh",
        "USER": "test", "HOME": str(folder), "TMPDIR": str(folder), "NODE_TEST_DIR": str(folder),
        "TEST_THREAD_ID": str(setting.slot), "NODE_SKIP_FLAG_CHECK": "1",
        "TEST_PARALLEL": "1", **extra}
    if node_options(flags):
        environment["NODE_OPTIONS"] = node_options(flags)
    ended = processes.run(setting.watch, [app, *argv], cwd=setting.root, env=environment,
                          scratch=output, timeout=timeout or setting.timeout)
    verdict = node_test.judge(ended)
    thrown = THROWN.search(verdict.get("output", ""))
    if thrown and not ended.limit:
        verdict["why"] = f"status {ended.status}: {thrown.group(0)[:node_test.REASON_LENGTH]}"
    verdict["why"] = verdict["why"].replace(f"{setting.root}/", "")
    return verdict
