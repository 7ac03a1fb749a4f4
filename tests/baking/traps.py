"""Small programs, each with one trap for an executable whose modules were evaluated when it was built. Each runs under
node and as an executable in several worlds (worlds.py): outputs and exit status must be equal in each.

    KILN=… KILN_NODE=… traps.py [--part N/COUNT] [--keep] [NAME…]     runs those named, or all
    … traps.py --wrong                                                lists those that pass although everything is evaluated
    traps.py --list                                                   prints their names

KILN_TEST_EVALUATE is the value of `--evaluate` for the builds; `none` (the default) builds without the option.

The programs are in traps/*.txt. `== NAME: TITLE` begins one, and `-- PATH --` begins a file of it; the entry is main.js,
main.mjs or main.cjs. `options: …` adds options to its build, and `worlds: all` asks for a terminal, too; before the first
program they are for all of the file. A line `fresh LABEL: VALUE` of the output must have another value in each launch; all
other lines must be equal under node and in the executable.
With --wrong all modules but the entry are evaluated by the build, without any care; a trap that passes then shows nothing, or
is about something else: the order of modules, or what a deferral may break.
traps/expected.txt lists the traps that fail, with reasons; one of those that passes is an error.
"""
import argparse
import dataclasses
import difflib
import os
import pathlib
import re
import shutil
import sys
import tempfile

import worlds

HERE = pathlib.Path(__file__).resolve().parent
MODE = os.environ.get("KILN_TEST_EVALUATE", "none")
# One set of components for all, so that few runtimes are linked.
OPTIONS = ["--with=all", *([] if MODE == "none" else [f"--evaluate={MODE}"])]
# What is the same as in a build's world matters only if something was evaluated there.
USUAL_WORLDS = [world for world in worlds.WORLDS if not world.terminal and world.name != "switched" and (MODE != "none" or world.name != "plain")]


@dataclasses.dataclass
class Trap:
    name: str
    title: str
    options: list
    worlds: list
    files: dict = dataclasses.field(default_factory=dict)

    @property
    def entry(self):
        return next(name for name in ("main.js", "main.mjs", "main.cjs") if name in self.files)


def read_traps():
    traps = {}
    for path in sorted((HERE / "traps").glob("*.txt")):
        if path.name == "expected.txt":
            continue
        trap = lines = None
        options, chosen = ["--intl=none"], USUAL_WORLDS
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if begin := re.fullmatch(r"== ([\w.-]+): (.+)", line):
                trap, lines = Trap(*begin.groups(), options[:], chosen), None
                if trap.name in traps:
                    sys.exit(f"{path.name}:{number}: a second trap of the name {trap.name}")
                traps[trap.name] = trap
            elif file := re.fullmatch(r"-- (\S+) --", line):
                lines = trap.files.setdefault(file[1], [])
            elif lines is not None:
                lines.append(line)
            elif line.startswith("options: "):
                (trap.options if trap else options).extend(line.split()[1:])
            elif line == "worlds: all":
                if trap:
                    trap.worlds = worlds.WORLDS
                else:
                    chosen = worlds.WORLDS
            elif line and not line.startswith("#"):
                sys.exit(f"{path.name}:{number}: neither a trap nor a file begins here: {line}")
    for trap in traps.values():
        trap.entry  # each has one
    return traps


def write_files(trap, folder):
    for name, lines in trap.files.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        while lines and not lines[-1]:  # what separates it from the next trap
            lines.pop()
        path.write_text("".join(f"{line}\n" for line in lines))


def write_wrong(trap, folder):
    """Writes a program that evaluates what the entry loads when it is built, and the entry at start; returns its entry."""
    text = "\n".join(trap.files[trap.entry])
    loaded = re.findall(r"(?:require\(|from |^import )'(\./[^']+|pkg|[ab])'", text, flags=re.M)
    lines = [*(f"import '{name}';" for name in dict.fromkeys(loaded)), "import { startupSnapshot } from 'node:v8';",
             f"startupSnapshot.setDeserializeMainFunction(() => {{ import('./{trap.entry}'); }});"]
    path = folder / "src/wrong.mjs"
    path.write_text("\n".join(lines) + "\n")
    return path


def without_fresh(text, values):
    """Replaces the values of `fresh` lines, after adding them to `values`, a list for each label."""
    def replace(match):
        values.setdefault(match[1], []).append(match[2])
        return f"fresh {match[1]}: *"
    return re.sub(r"^fresh (.+?): (.*)$", replace, text, flags=re.M)


def repeated(values, who):
    return [f"{who}: `{label}` had the same value in two launches: {seen}"
            for label, seen in values.items() if len(set(seen)) < len(seen)]


def differences(trap, folder, wrong=False):
    """Returns what differs, as lines to print. `wrong`: evaluate everything but the entry in the build."""
    kiln, node = os.environ["KILN"], os.environ["KILN_NODE"]
    write_files(trap, folder)
    app, source, hidden = folder / "app", folder / "src", folder / "hidden"
    if wrong:
        failed = worlds.build(kiln, write_wrong(trap, folder), app, [*OPTIONS, *trap.options, "--evaluate"], 15)
    else:
        failed = worlds.build(kiln, source / trap.entry, app, OPTIONS + trap.options)
    if failed:
        return failed.splitlines()
    found, fresh = [], {"node": {}, "app": {}}
    outcomes = {}
    for world in trap.worlds:
        outcomes["node", world] = worlds.launch([node, str(source / trap.entry)], world, str(folder))
    source.rename(hidden)  # the app must not need it
    again = any("fresh " in outcome[0] for outcome in outcomes.values())
    for world in trap.worlds[:1] * again + trap.worlds:  # twice in one world
        outcomes["app", world] = worlds.launch([str(app)], world, str(folder))
        out = without_fresh(outcomes["app", world][0], fresh["app"])
        outcomes["app", world] = (out, *outcomes["app", world][1:])
    for world in trap.worlds:
        out, err, status = outcomes["node", world]
        outcomes["node", world] = (without_fresh(out, fresh["node"]), err, status)
        pairs = zip(("stdout", "stderr", "status"), outcomes["node", world], outcomes["app", world])
        for what, wanted, got in pairs:
            if wanted != got:
                lines = difflib.unified_diff(str(wanted).splitlines(), str(got).splitlines(), "node", "app", lineterm="", n=1)
                found += [f"in the world `{world.name}`, {what}:", *list(lines)[2:40]]
        if not any(outcomes["node", world][:2]):
            found.append(f"in the world `{world.name}` node printed nothing: the trap shows nothing")
    return found + repeated(fresh["node"], "node") + repeated(fresh["app"], "the app")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default="1/1", help="which of how many equal parts to run")
    parser.add_argument("--keep", action="store_true", help="keep the folders of those that fail")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="list the traps that pass if everything is evaluated")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    traps = read_traps()
    if options.list:
        print("\n".join(f"{trap.name:28} {trap.title}" for trap in traps.values()))
        return
    expected = dict(line.split(" | ", 1) for line in (HERE / "traps/expected.txt").read_text().splitlines()
                    if line and not line.startswith("#"))
    if unknown := [name for name in [*options.names, *expected] if name not in traps]:
        sys.exit(f"there are no such traps: {', '.join(unknown)}")
    if worlds.other_clock_refused():
        print(f"without another monotonic clock and host name: {worlds.other_clock_refused()}")
    part, count = map(int, options.part.split("/"))
    chosen = options.names or sorted(traps)[part - 1::count]
    wrong = []
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="traps-"))
    for name in chosen:
        folder = scratch / name
        folder.mkdir()
        found = differences(traps[name], folder, options.wrong)
        if options.wrong:
            if not found:
                print(f"{name:28} {traps[name].title}", flush=True)
            wrong += [name] * bool(found)
        elif bool(found) != (name in expected):
            wrong.append(name)
            print(f"-- {name}: {traps[name].title}")
            print("\n".join(found) or "it passes: remove it from expected.txt", flush=True)
        if not (found and options.keep and not options.wrong):
            shutil.rmtree(folder)
    if options.wrong:
        print(f"{len(wrong)} of {len(chosen)} traps notice that everything is evaluated when the executable is built")
        return
    if options.keep and wrong:
        print(f"kept in {scratch}")
    else:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{len(chosen) - len(wrong)} of {len(chosen)} traps are as they must be")
    if wrong:
        sys.exit(f"{len(wrong)} traps are not as they must be: {' '.join(wrong)}")


if __name__ == "__main__":
    main()
