"""Every public module in an app and under the official node: calls.js is run by both for each module, and must print the
same lines, except for those that differences.txt lists. A line of that list that does not differ any more is an error.

    KILN=… KILN_NODE=… run.py [MODULE…]      prints the lines that differ (< node, > app)
"""
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KILN, NODE = os.environ["KILN"], os.environ["KILN_NODE"]
SECONDS = 60  # for the calls of one module


def listed_differences():
    reasons = {}
    for line in (HERE / "differences.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            label, reason = line.split(" | ")
            if label in reasons or not reason:
                sys.exit(f"differences.txt: {label} is listed twice, or without a reason")
            reasons[label] = reason
    return reasons


def public_modules():
    names = subprocess.run([NODE, "-p", "require('module').builtinModules.join('\\n')"], check=True,
                           capture_output=True, text=True).stdout.split()
    return [name for name in names if name != "sys"]  # util under its old name, with a warning


def lines_of(command, module, scratch):
    """What the calls print: label -> text of all lines with that label."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    work, out = folder / "work", folder / "out"
    work.mkdir()
    # Into a file: under node a terminal or a pipe would be another kind of stream.
    with out.open("wb") as stdout:
        try:
            status = subprocess.run([*command, module], cwd=work, stdin=subprocess.DEVNULL, stdout=stdout,
                                    stderr=subprocess.DEVNULL, timeout=SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            status = f"none after {SECONDS} seconds"
    lines = {"status": str(status)}
    for line in out.read_text(errors="replace").splitlines():
        label = re.split(r" -> |: ", line, maxsplit=1)[0]
        text = re.sub(r"\b[\d.]+(e-\d+)?m?s\b", "TIME", line)
        lines[label] = f"{lines[label]}\n{text}" if label in lines else text
    return lines


def compare(module, app, scratch):
    node = lines_of([NODE, str(HERE / "calls.js")], module, scratch)
    ours = lines_of([app], module, scratch)
    return module, len(node), {label: (node.get(label, ""), ours.get(label, ""))
                               for label in node.keys() | ours.keys() if node.get(label) != ours.get(label)}


def main():
    modules = sys.argv[1:] or public_modules()
    reasons = listed_differences()
    stale, unlisted, calls = set(reasons), 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        app = os.path.join(scratch, "app")
        built = subprocess.run([KILN, "build", str(HERE / "calls.js"), "-o", app, "--with=all", "--intl=en"],
                               capture_output=True, text=True, check=False)
        if built.returncode:
            sys.exit(f"kiln build failed:\n{built.stdout}{built.stderr}")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for module, count, differences in pool.map(lambda m: compare(m, app, scratch), modules):
                calls += count
                if count < 2:
                    sys.exit(f"node printed nothing for {module}")
                for label, (node, ours) in sorted(differences.items()):
                    known = next((p for p in reasons if fnmatch.fnmatchcase(label, p)), None)
                    if known:
                        stale.discard(known)
                        continue
                    unlisted += 1
                    print(f"{module}\n< {node}\n> {ours}")
    if not sys.argv[1:]:
        for label in sorted(stale):
            print(f"differences.txt: {label} does not differ any more; remove the line")
        unlisted += len(stale)
    print(f"{len(modules)} modules, {calls} labels, {unlisted} problems")
    return 1 if unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
