"""Secrets that are planted in small apps: each must be reported where it is, with only its first three characters, and what is no secret
must not be.

    KILN=… secrets.py [--list]     --list prints a line for each planted secret

The programs are in secrets.txt, in the form of order.py: `== NAME: TITLE` begins one, `-- PATH --` a file. `flags …` are options of the
build, `env NAME=VALUE` its environment, besides that of a user alice on this machine. `secret KIND NAME VALUE WHERE` is what must be
reported: NAME `-` for kinds without one; VALUE may contain blanks written as \\s; WHERE is FILE:LINE, `state` or `guards`, or
several of them with commas. `encoded FILE ENCODING TEXT` makes
a file of the text: utf16, base64 or latin1. FOLDER in a file is the folder of the build.
"""
import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KILN = os.environ["KILN"]


def read_programs():
    programs, lines, program = {}, None, None
    for number, line in enumerate((HERE / "secrets.txt").read_text().splitlines(), 1):
        if begin := re.fullmatch(r"== ([\w-]+): (.+)", line):
            lines = None
            program = programs[begin[1]] = {"title": begin[2], "files": {}, "flags": [], "env": {}, "secrets": [], "encoded": []}
        elif file := re.fullmatch(r"-- (\S+) --", line):
            lines = program["files"].setdefault(file[1], [])
        elif lines is not None:
            lines.append(line)
        elif line.startswith("flags "):
            program["flags"] += line.split()[1:]
        elif line.startswith("env "):
            name, value = line[4:].split("=", 1)
            program["env"][name] = value
        elif line.startswith("secret "):
            kind, name, value, where = line.split()[1:]
            program["secrets"].append((kind, name, value.replace("\\s", " "), where))
        elif line.startswith("encoded "):
            program["encoded"].append(line.split(maxsplit=3)[1:])
        elif line and not line.startswith("#"):
            sys.exit(f"secrets.txt:{number}: not understood: {line}")
    return programs


def environment(program, folder):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR") if name in os.environ}
    kept.setdefault("XDG_CACHE_HOME", kept["HOME"] + "/.cache")
    return kept | {"HOME": "/home/alice-w", "USER": "alice-w", "LANG": "en_US.UTF-8", "TERM": "xterm-256color"} | program["env"]


def build(program, folder, *more):
    source = folder / "src"
    for name, lines in program["files"].items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines).replace("FOLDER", str(folder)) + "\n")
    for name, encoding, text in program["encoded"]:
        text = text.encode().decode("unicode_escape")
        data = base64.b64encode(text.encode()) if encoding == "base64" else text.encode("utf-16" if encoding == "utf16" else encoding)
        (source / name).write_bytes(data)
    entry = next(name for name in ("main.js", "main.mjs", "main.ts") if name in program["files"])
    flags = ["--intl=none", *(["--evaluate=auto"] if not any(f.startswith("--evaluate") for f in program["flags"]) else []), *program["flags"], *more]
    return subprocess.run([KILN, "build", f"src/{entry}", "-o", "app", *flags], cwd=folder, capture_output=True, text=True, timeout=120,
                          env=environment(program, folder))


def places_of(found):
    return {place.get("file", place["in"]).removeprefix("src/") + (f":{place['line']}" if "line" in place else "") for place in found["places"]}


def problems(name, program, folder, listed):
    result = build(program, folder, "--json")
    if result.returncode:
        return [f"the build fails: {result.stdout} {result.stderr}"]
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    found = [line for line in lines if line["type"] == "secret"]
    wrong, left = [], list(found)
    for kind, variable, value, where in program["secrets"]:
        match = next((one for one in left if one["kind"] == kind and (variable == "-" or variable in one["names"]) and
                      one["value"] == value[:3] and places_of(one) == set(where.split(","))), None)
        listed.append((name, kind, variable, where, "reported" if match else "MISSED"))
        if match:
            left.remove(match)
        else:
            wrong.append(f"not reported: {kind} {variable} {value} in {where}")
        if value in result.stdout or value in result.stderr:
            wrong.append(f"the report has the whole value {value}")
    wrong += [f"reported, but no secret: {json.dumps(one)}" for one in left]
    if len([line for line in lines if line["type"] == "warning"]) != len(found):
        wrong.append("not as many warnings as secrets: " + result.stdout)
    return wrong


def options_work(folder):
    """--strict and --allow-secret, with one app."""
    program = {"files": {"main.js": ["console.log(require('./lib').token);"],
                         "lib.js": ["exports.token = 'tok_4711_abc';", "exports.key = 'AKIA4S6ZQJ2PWLX7RT3M';"]},
               "flags": [], "env": {"SERVICE_TOKEN": "tok_4711_abc"}, "encoded": []}
    wrong, app = [], folder / "app"
    app.write_text("older")
    strict = build(program, folder, "--strict")
    for text in ("error: The executable contains the value of the environment variable SERVICE_TOKEN (\"tok…\")", "src/lib.js:1:",
                 "an access key for AWS (\"AKI…\")", "The executable would contain 2 secrets, and --strict is given"):
        if text not in strict.stderr:
            wrong.append(f"--strict does not say {text!r}: {strict.stderr}")
    if strict.returncode != 1 or app.read_text() != "older" or {path.name for path in folder.iterdir()} != {"src", "app"}:
        wrong.append(f"--strict: status {strict.returncode}, files {list(folder.iterdir())}")
    if build(program, folder, "--strict", "--allow-secret", "SERVICE_TOKEN").returncode != 1:
        wrong.append("one allowed secret allows the other one")
    allowed = build(program, folder, "--strict", "--allow-secret", "SERVICE_TOKEN", "--allow-secret=aws-key")
    if allowed.returncode or "The executable contains" in allowed.stderr:
        wrong.append(f"--allow-secret: {allowed.stderr}")
    warned = build(program, folder)
    if warned.returncode or "warning: The executable contains" not in warned.stderr or "--allow-secret SERVICE_TOKEN" not in warned.stderr:
        wrong.append(f"without --strict: {warned.returncode} {warned.stderr}")
    return wrong


def main():
    failed, listed = 0, []
    checks = [(name, lambda folder, name=name, program=program: problems(name, program, folder, listed))
              for name, program in read_programs().items()]
    for name, check in [*checks, ("--strict", options_work)]:
        with tempfile.TemporaryDirectory(prefix="secrets-") as folder:
            if wrong := check(pathlib.Path(folder)):
                failed += 1
                print(f"-- {name}", *wrong, sep="\n", flush=True)
    if "--list" in sys.argv:
        for number, row in enumerate(listed, 1):
            print(f"{number:3}", *(f"{cell:22}" for cell in row))
    print(f"{len(listed)} secrets are planted, {sum(row[4] == 'reported' for row in listed)} are reported")
    sys.exit(1 if failed or len(listed) < 30 else 0)


main()
