"""Programs in which it matters in which order the modules are evaluated, or what they ask and do. Built with `--evaluate=auto`
each must print what it prints under node, and `--explain` must say that certain modules are not baked, why, and that others are.

    KILN=… KILN_NODE=… order.py [NAME…]     runs those named, or all
    … order.py --from FILE                  runs those of a file
    … order.py --only-output                shows which programs print something else; for a Kiln that does not check the order

The programs are in order.txt, reads.txt, touch.txt, late.txt, skipped.txt and changed.txt. `== NAME: TITLE` begins one, and `-- PATH --` begins a file of it; the entry is main.js or
main.mjs. `recipes FILE` is for --recipes. `env NAME=VALUE` is a variable of the starts, and not of the build. `refused FILE: TEXT` is what --explain must say about a file (a part of its line), `baked FILE…` names files that must
be baked.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import worlds

HERE = pathlib.Path(__file__).resolve().parent


def read_programs(file_name):
    programs, files, lines = {}, {}, None
    for number, line in enumerate((HERE / file_name).read_text().splitlines(), 1):
        if begin := re.fullmatch(r"== ([\w-]+): (.+)", line):
            files, lines = {}, None
            programs[begin[1]] = {"title": begin[2], "files": files, "refused": [], "baked": [], "env": {}}
            program = programs[begin[1]]
        elif file := re.fullmatch(r"-- (\S+) --", line):
            lines = files.setdefault(file[1], [])
        elif lines is not None:
            lines.append(line)
        elif refused := re.fullmatch(r"refused (\S+): (.+)", line):
            program["refused"].append(refused.groups())
        elif line.startswith("recipes "):
            program["recipes"] = line.split()[1]
        elif env := re.fullmatch(r"env (\w+)=(.*)", line):
            program["env"][env[1]] = env[2]
        elif line.startswith("baked "):
            program["baked"] += line.split()[1:]
        elif line and not line.startswith("#"):
            sys.exit(f"{file_name}:{number}: not understood: {line}")
    return programs


def problems(program, folder, only_output):
    kiln, node = os.environ["KILN"], os.environ["KILN_NODE"]
    source = folder / "src"
    for name, lines in program["files"].items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    entry = source / next(name for name in ("main.js", "main.mjs") if name in program["files"])
    app, found = folder / "app", []
    recipes = ["--recipes", str(HERE / program["recipes"])] if "recipes" in program else []
    if failed := worlds.build(kiln, entry, app, ["--intl=none", "--with=all", "--evaluate=auto", "--explain", "--json", *recipes]):
        return [failed]
    explained = [json.loads(line) for line in pathlib.Path(f"{app}.log").read_text().splitlines() if line.startswith("{")]
    outputs = [subprocess.run(command, capture_output=True, text=True, timeout=worlds.SECONDS, stdin=subprocess.DEVNULL,
                              env={**os.environ, **program["env"]})
               for command in ([node, str(entry)], [str(app)])]
    if outputs[0].stdout != outputs[1].stdout or outputs[0].returncode != outputs[1].returncode:
        found.append(f"node prints {outputs[0].stdout!r}, the app {outputs[1].stdout!r} {outputs[1].stderr}")
    if not outputs[0].stdout.strip() or outputs[0].returncode:
        found.append(f"the program is wrong: {outputs[0].stderr}")
    if only_output:
        return found
    explained = [line for line in explained if line.get("type") == "bake"]
    found += [f"nothing is baked: {line['givenUp']}" for line in explained if "givenUp" in line]
    deferred = {}
    for line in explained:
        if line.get("state") == "deferred":
            text = line["text"] if "text" in line else f"{line['cause']} {line['loads']}"
            deferred[pathlib.PurePath(line["module"]).name] = text
    for name, text in program["refused"]:
        if text not in deferred.get(name, ""):
            found.append(f"{name} must be deferred because it {text}, but: {deferred.get(name, 'it is baked')}")
    for name in program["baked"]:
        if name in deferred:
            found.append(f"{name} must be baked, but it {deferred[name]}")
    return found


def main():
    only_output = "--only-output" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--only-output"]
    files = ["order.txt", "reads.txt", "touch.txt", "late.txt", "skipped.txt", "changed.txt"]
    if arguments[:1] == ["--from"]:
        files, arguments = arguments[1:], []
    programs = {}
    for file in files:
        programs |= read_programs(file)
    names = arguments or list(programs)
    wrong = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="order-") as folder:
            if found := problems(programs[name], pathlib.Path(folder), only_output):
                wrong.append(name)
                print(f"-- {name}: {programs[name]['title']}", *found, sep="\n", flush=True)
    print(f"{len(names) - len(wrong)} of {len(names)} programs are as they must be")
    if wrong and not only_output:
        sys.exit(1)


if __name__ == "__main__":
    main()
