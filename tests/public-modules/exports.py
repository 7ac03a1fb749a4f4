"""What each public module exports, in an app and under the official node: names, types, parameters and attributes of all
properties must be the same (exports.js), except for those that export_differences.txt lists with a reason. A line of that
list that does not differ any more is an error. Writes what it found for docs/api.md (api_table.py).

    KILN=… KILN_NODE=… exports.py [--update]
"""
import concurrent.futures
import fnmatch
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LIST = HERE / "export_differences.txt"
KILN, NODE = os.environ["KILN"], os.environ["KILN_NODE"]
# Modules that need a flag, or do not exist under the official binary: loading them must fail in the same way.
NOT_THERE = ["node:quic", "node:ffi", "node:vfs", "node:nothing"]


def listed_differences():
    reasons = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            label, _, reason = line.partition(" | ")
            if label in reasons or not reason:
                sys.exit(f"{LIST.name}: {label} is listed twice, or without a reason")
            reasons[label] = reason
    return reasons


def public_modules():
    names = subprocess.run([NODE, "-p", "require('module').builtinModules.join('\\n')"], check=True,
                           capture_output=True, text=True).stdout.split()
    return names + NOT_THERE


def lines_of(command, module):
    run = subprocess.run([*command, module], capture_output=True, text=True, timeout=60, check=False,
                         stdin=subprocess.DEVNULL, env={**os.environ, "NODE_NO_WARNINGS": "1"})
    if run.returncode or not run.stdout:
        sys.exit(f"{command} {module} ended with {run.returncode}\n{run.stderr}")
    return dict(line.split(": ", 1) for line in run.stdout.splitlines())


def differences(app):
    """For each module: the number of properties under node, and {place: (under node, in the app)}."""
    def compare(module):
        node, ours = lines_of([NODE, str(HERE / "exports.js")], module), lines_of([app], module)
        return len(node), {place: (node.get(place, "absent"), ours.get(place, "absent"))
                           for place in node.keys() | ours.keys() if node.get(place) != ours.get(place)}
    modules = public_modules()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(modules, pool.map(compare, modules)))


def main():
    reasons = listed_differences()
    stale, unlisted, compared = set(reasons), 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        app = os.path.join(scratch, "app")
        built = subprocess.run([KILN, "build", str(HERE / "exports.js"), "-o", app, "--with=all"],
                               capture_output=True, text=True, check=False)
        if built.returncode:
            sys.exit(f"kiln build failed:\n{built.stdout}{built.stderr}")
        for count, found in differences(app).values():
            compared += count
            for place, (node, ours) in sorted(found.items()):
                known = [pattern for pattern in reasons if fnmatch.fnmatchcase(place, pattern)]
                stale.difference_update(known)
                if not known:
                    unlisted += 1
                    print(f"{place}\n  < {node}\n  > {ours}")
    for label in sorted(stale):
        print(f"{LIST.name}: {label} does not differ any more")
    print(f"{compared} properties, {unlisted} differences that are not listed")
    if unlisted or stale or compared < 5000:
        sys.exit(1)


main()
