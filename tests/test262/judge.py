"""Runs one test under node and as an app, and judges how both ended.

A test is imported by an entry that loads test262's harness before it and prints a line after it.
Its ending is what it printed on stdout, its exit status, and the error that ended it. An error that
`kiln build` reports is the app's: node, too, reports errors of syntax before it runs anything.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import suite

TIMEOUT = 60  # seconds; kiln build takes about one
HERE = Path(__file__).resolve().parent
EVALUATED = "evaluated"
COMPLETE = "Test262:AsyncTestComplete"
ENTRY = """import './harness.cjs';
import './test262/language/{path}';
console.log('{evaluated}');
"""
THROWN = re.compile(r"^(?:Uncaught )?(\w*Error\b.*)$", re.M)
BUILD_ERROR = re.compile(r"^\S+:\d+:\d+: error: (.*)$", re.M)


@dataclass(frozen=True)
class Setting:
    tree: Path  # has test262/
    scratch: Path
    kiln: Path
    node: Path
    harness: suite.Harness

    def prepare_folder(self, number):
        """Returns a folder with the tests, which are ES modules there, as their fixtures are."""
        folder = self.scratch / str(number)
        shutil.copytree(self.tree, folder)
        (folder / "package.json").write_text('{"type": "module"}\n', encoding="ascii")
        shutil.copy(HERE / "harness.cjs", folder)
        return folder


@dataclass(frozen=True)
class Ending:
    status: int  # 1 if the build failed
    output: str
    error: str  # the first line of the error that ended it, or ""
    passes: bool  # by test262's own rules

    def __str__(self):
        return f"status {self.status}, {self.output!r}, {self.error or 'no error'}"


@dataclass(frozen=True)
class Outcome:
    node: Ending
    kiln: Ending

    @property
    def is_equal(self):
        return ((self.node.status, self.node.output, self.node.error) ==
                (self.kiln.status, self.kiln.output, self.kiln.error))


def run(setting, folder, test):
    entry, app = folder / "entry.mjs", folder / "app"
    path = Path(test.name)
    if not test.is_module:  # The nearest to a script that node has.
        path = path.with_suffix(".cjs")
        shutil.copy(folder / "test262/language" / test.name, folder / "test262/language" / path)
    entry.write_text(ENTRY.format(path=path, evaluated=EVALUATED), encoding="utf-8")
    (folder / "shell.js").write_text(setting.harness.text(test), encoding="utf-8")
    node = ending(execute([setting.node, entry], folder), folder, test)
    app.unlink(missing_ok=True)
    built = execute([setting.kiln, "build", entry, "-o", app], folder)
    if built.returncode != 0:
        return Outcome(node, build_ending(built, folder, test))
    return Outcome(node, ending(execute([app], folder), folder, test))


def execute(command, folder):
    try:
        return subprocess.run(command, cwd=folder, timeout=TIMEOUT, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"no end after {TIMEOUT} s")


def ending(done, folder, test):
    found = THROWN.search(done.stderr)
    return ending_of(done.returncode, done.stdout, found[1] if found else "", folder, test)


def build_ending(built, folder, test):
    """Kiln prints V8's message with the position; only errors of syntax stop the build here."""
    found = BUILD_ERROR.search(built.stderr)
    error = f"SyntaxError: {found[1]}" if found else f"kiln build: {built.stderr[-300:]!r}"
    return ending_of(built.returncode, "", error, folder, test)


def ending_of(status, output, error, folder, test):
    output, error = (text.replace(f"{folder}/", "/kiln/") for text in (output, error))
    if test.error:
        passes = status == 1 and error.startswith(test.error)
    else:
        passes = status == 0 and EVALUATED in output and (not test.is_async or COMPLETE in output)
    return Ending(status, output, error, passes)
