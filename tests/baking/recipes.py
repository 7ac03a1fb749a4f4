"""Recipes (baking/recipes.txt): the code of each is baked as part of a package, and the program prints what node prints
where its guards hold and where they do not. The case of a recipe below is the rest of the module that has the code, and
worlds in which an answer matters.

    KILN=… KILN_NODE=… recipes.py
"""
import os
import pathlib
import re
import sys
import tempfile

import worlds
from worlds import World

KILN, NODE = os.environ["KILN"], os.environ["KILN_NODE"]
BASE = {"PATH": worlds.PATH}
PLAIN = World("plain", BASE)
RECIPES = pathlib.Path(__file__).resolve().parents[2] / "baking/recipes.txt"

# name: (module with CODE in it, worlds in which the guards hold, worlds in which they do not)
CASES = {
    "debug-options": ("module.exports = CODE.map((key) => key + process.env[key]);",
                      [World("names", {**BASE, "DEBUG": "x", "DEBUGS": "1", "X_DEBUG_Y": "1"})],
                      [World("depth", {**BASE, "DEBUG_DEPTH": "3"}), World("small", {**BASE, "debug_Colors": "no"})]),
    "hot-functions": ("const SPAN = 16, COUNT = 800, now = Date.now; let count = 0, last = 0; const f = function(x) { CODE return x + 1; };"
                      "f(1); module.exports = [f(2), count < 3, Date.now === now];", [World("machine", BASE, machine=True)], []),
    "unicode-console": ("module.exports = (() => { CODE })();",
                        [World("xterm", {**BASE, "TERM": "xterm-256color"}), World("empty", {**BASE, "TERM": ""})],
                        [World("console", {**BASE, "TERM": "linux"})]),
    "unicode-console-2": ("const {env} = process; module.exports = (() => { CODE })();",
                          [World("xterm", {**BASE, "TERM": "xterm-256color"})],
                          [World("console", {**BASE, "TERM": "linux"})]),
    "unicode-console-program": ("const {env} = process; module.exports = (() => { CODE })();",
                                [World("program", {**BASE, "TERM_PROGRAM": "vscode"})], []),
}


CASES |= {
    "deprecation-paths": ("CODE () {} exports.base = () => basePath; exports.depd = depd; function depd() {}", [World("other", BASE)], []),
    "escape-tokens": ("let escSlash, escOpen, escClose, escComma, escPeriod; const f = () => { CODE\n return [escSlash, escOpen, escClose, escComma, escPeriod]; }; const tokens = f();"
                      "module.exports = [tokens.map((token) => token.replace(/[\\d.]+/, 'N')), new Set(tokens).size];",
                      [World("machine", BASE, machine=True)], []),
    "exit-listener-id": ("class Emitter { CODE } module.exports = typeof new Emitter().id;", [], []),
    "exit-listener-process": ("module.exports = CODE;", [], []),
    "services": ("const env = process.env; CODE module.exports = ['A_URL', { env: 'B', includes: 'b' }, { any: ['C', 'D'] }, { E: 'e' }].map(checkEnv);",
                 [World("others", {**BASE, "A": "1", "F": "e"})],
                 [World("first", {**BASE, "A_URL": "1"}), World("second", {**BASE, "B": "abc"}), World("third", {**BASE, "D": "1"}),
                  World("fourth", {**BASE, "E": "e"})]),
    "formatter-directory": ("var alwaysIgnoredDirectories = []; CODE #directories; ignorePatterns; get() { return cwd; } };"
                            "module.exports = { get: () => new DirectoryIgnorer().get() };", [World("other", BASE)], []),
    "read-concurrency": ("var os = require('os'); CODE lstat: 1 }; exports.count = () => CPU_COUNT;",
                         [World("machine", BASE, machine=True)], []),
    "system-type": ("const { type } = require('os'); module.exports = CODE;", [], []),
}


def read_recipes():
    """{name: (codes, guards)}"""
    recipes = {}
    text = re.sub(r"\n[ \t]+", "\0", RECIPES.read_text())
    for line in text.splitlines():
        if begin := re.match(r"== ([\w-]+): ", line):
            recipes[begin[1]] = ([], [])
            codes, guards = recipes[begin[1]]
        elif line.startswith("code: "):
            codes.append(re.sub(r"@(\w+)", r"\1", line[6:]).replace("\0", "\n"))
        elif line.startswith("answer: guard "):
            if not line.endswith(" *"):  # any name
                guards.append(line[14:])
    return recipes


def guards_of(app, folder):
    lines = worlds.run([KILN, "inspect", str(app)], BASE, folder, False)[0].splitlines()
    begin = next((i for i, line in enumerate(lines) if line.startswith("baked modules: ")), None)
    if begin is None:
        return None
    return [line.strip().removeprefix("local ") for line in lines[begin + 1:] if line.startswith("  ")]


def check(name, code, guards, folder):
    text, holds, differs = CASES[name]
    for path, contents in {"src/main.js": "const lib = require('lib'); console.log(lib, lib.base?.(), lib.get?.(), lib.count?.());\n",
                           "src/node_modules/lib/package.json": '{"name": "lib", "version": "1.0.0"}',
                           "src/node_modules/lib/index.js": text.replace("CODE", code) + "\n"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(contents)
    if message := worlds.build(KILN, folder / "src/main.js", folder / "app", ["--intl=none", "--evaluate=auto", "--explain"]):
        return [f"{name}: {message}"]
    found = guards_of(folder / "app", folder)
    if found is None or not set(guards) <= set(found):
        log = pathlib.Path(f"{folder / 'app'}.log").read_text()
        return [f"{name}: the guards of `{code}` are {found}, not {guards}\n{log}"]
    wrong, outputs = [], set()
    for world in [PLAIN, *holds, *differs]:
        node = worlds.launch([NODE, str(folder / "src/main.js")], world, folder)
        app = worlds.launch([str(folder / "app")], world, folder)
        outputs.add(node[0])
        if node != app or node[2] != 0:
            wrong.append(f"{name}, {world.name}: node {node}, the executable {app}")
    if differs and len(outputs) < 2:
        wrong.append(f"{name}: the answer makes no difference")
    return wrong


def main():
    recipes, wrong, count = read_recipes(), [], 0
    if set(recipes) != set(CASES):
        sys.exit(f"without a case or a recipe: {set(recipes) ^ set(CASES)}")
    for name, (codes, guards) in recipes.items():
        for code in codes:
            with tempfile.TemporaryDirectory(prefix="kiln-recipes-") as scratch:
                wrong += check(name, code, guards, pathlib.Path(scratch))
            count += 1
    print("\n".join(wrong) or f"{count} pieces of code")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
