"""Guards of baked modules: an executable whose guards hold starts with the baked modules, any other start evaluates them,
and both print what node prints. Local guards decide only about CommonJS modules that need them, and their loaders.

Which snapshot an executable starts with cannot be seen from outside. So a copy of it, in which the baked snapshot is
destroyed, must fail exactly in those worlds in which the guards that are not local hold. Which modules are evaluated again can be seen by
a time that they keep, which a recipe allows: the clock stands still while modules are baked.

    KILN=… KILN_NODE=… guards.py
"""
import dataclasses
import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile

import worlds
from worlds import World

KILN, NODE = os.environ["KILN"], os.environ["KILN_NODE"]
BAKED_SNAPSHOT = 7  # snapshot/format/payload_format.h
BASE = {"PATH": worlds.PATH}

# The module reads what its guards are about when it is evaluated, and the entry prints what it has read.
FILES = {
    "main.js": """
const lib = require('lib'), loader = require('loader');
console.log(lib.read(), lib.same(module), process.env.NODE_ENV, !!process.stdout.isTTY, lib.other.list());
if (process.argv.includes('--times')) console.log(lib.time === 1e12, lib.other.time === 1e12, loader.time === 1e12);
""",
    # An ES module cannot be evaluated again, so the same guards are about the whole start.
    "main.mjs": """
import { lib, loader } from 'wrapper';
console.log(lib.read(), lib.same(undefined), process.env.NODE_ENV, !!process.stdout.isTTY, lib.other.list());
if (process.argv.includes('--times')) console.log(lib.time === 1e12, lib.other.time === 1e12, loader.time === 1e12);
""",
    "node_modules/wrapper/package.json": '{"name": "wrapper", "version": "1.0.0", "exports": "./index.mjs"}',
    "node_modules/wrapper/index.mjs": """
export { default as lib } from 'lib';
export { default as loader } from 'loader';
""",
    "node_modules/loader/package.json": '{"name": "loader", "version": "1.0.0"}',
    "node_modules/loader/index.js": "exports.lib = require('lib'); exports.time = Date.now();\n",
    "node_modules/lib/other.js": "const list = ['other']; exports.list = () => list.join(); exports.time = Date.now();\n",
    "node_modules/lib/package.json": '{"name": "lib", "version": "1.0.0"}',
    "node_modules/lib/index.js": """
const tty = require('tty');
const read = { debug: process.env.DEBUG, option: process.env.LIB_OPTION, mode: require('./mode'),
               terminals: [tty.isatty(0), tty.isatty(process.stdout.fd), process.stderr.isTTY].join(),
               flags: [process.argv.includes('--lib'), process.argv.indexOf('--') > 0],
               options: Object.keys(process.env).filter((key) => /^debug_/i.test(key)),
               console: process.env.LIB_TERM !== 'linux' };
delete process.env.LIB_DELETED;
exports.read = () => JSON.stringify(read);
exports.same = (main) => module.parent === main && (!main || main.children[0] === module) && require.main === main;
exports.other = require('./other');
exports.time = Date.now();
""",
    "node_modules/lib/mode.js": "module.exports = process.env.NODE_ENV === 'production' ? 'fast' : 'checked';\n",
}
GUARDS = {"env DEBUG", "env LIB_OPTION", "env NODE_ENV", "tty 0", "tty 1", "tty 2", "argv --lib", "argv --",
          "env-prefix debug_", "env-not LIB_TERM=linux", "env LIB_DELETED"}
# Of a user.
RECIPES = """
== term: only one value matters
package: lib 1.0.0
read: process.env LIB_TERM
code: process.env.LIB_TERM !== 'linux'
answer: guard env-not LIB_TERM=linux
why: The value is only compared.
== time: shows whether the module was evaluated when the app was built
package: lib 1.0.0
read: Date.now()
code: exports.time = Date.now();
answer: harmless
why: It is printed only by what looks for this difference.
"""

# world: do the guards hold there?
CASES = [
    (World("nothing", BASE), True),
    (World("other", {**BASE, "HOME": "/x", "LANG": "tr_TR.UTF-8", "LIB_OPTIONS": "1", "debug": "1"}), True),
    (World("arguments", BASE, ("--option", "--inspect", "x", "--library", "-")), True),
    (World("flag", BASE, ("x", "--lib")), False),
    (World("end", BASE, ("--", "x")), False),
    (World("prefix", {**BASE, "Debug_X": ""}), False),
    (World("near", {**BASE, "DEBUGX": "", "X": "DEBUG_=", "LIB_TERM": "xterm"}), True),
    (World("not", {**BASE, "LIB_TERM": "linux"}), False),
    (World("deleted", {**BASE, "LIB_DELETED": "x"}), False),
    (World("debug", {**BASE, "DEBUG": "lib"}), False),
    (World("empty", {**BASE, "LIB_OPTION": ""}), False),
    (World("option", {**BASE, "LIB_OPTION": "x"}), False),
    (World("mode", {**BASE, "NODE_ENV": "production"}), False),
    (World("node-debug", {**BASE, "NODE_DEBUG": "lib"}), False),  # a NODE_ variable: the start is not plain
    (World("terminal", {**BASE, "TERM": "dumb"}, terminal=True), False),
]


def sections(kiln_executable):
    """Returns {kind: (offset in the file, size)}."""
    data = kiln_executable.read_bytes()
    at = -1
    while (at := data.find(b"KILNPAY1", at + 1)) >= 0:
        version, _, count, zero = struct.unpack_from("<4I", data, at + 8)
        if version == 4 and zero == 0 and count < 64:
            rows = [struct.unpack_from("<2I3Q", data, at + 80 + i * 32) for i in range(count)]
            return {kind: (at + offset, size) for kind, _, offset, size, _ in rows}
    sys.exit("there is no payload in the executable")


def without_baked_snapshot(app, copy):
    shutil.copy(app, copy)
    offset, size = sections(app)[BAKED_SNAPSHOT]
    with copy.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(size))
    return copy


def check(folder, cases, options, guards, local, entry="main.js"):
    """Builds the app in folder/src, and returns what is wrong. `local`: all guards are local."""
    wrong = []
    app = folder / "app"
    if message := worlds.build(KILN, folder / "src" / entry, app, ["--intl=none", "--evaluate=auto", *options]):
        return [message]
    inspected = worlds.run([KILN, "inspect", str(app)], BASE, folder, False)[0].splitlines()
    begin = next((i for i, line in enumerate(inspected) if line.startswith("baked modules: ")), None)
    if begin is None:
        return ["nothing is baked\n" + pathlib.Path(f"{app}.log").read_text()]
    found = set()
    for line in inspected[begin + 1:]:
        if not line.startswith("  "):
            break
        found.add(line.strip())
    if found != ({"(none)"} if local else guards):
        wrong.append(f"{entry}: the guards are {sorted(found)}, not {sorted(guards)}")
    described = json.loads(worlds.run([KILN, "inspect", "--json", str(app)], BASE, folder, False)[0])["baked"]
    kinds = [described["localGuards"], described["guards"]] if local else [described["guards"], described["localGuards"]]
    if set(kinds[0]) != guards or kinds[1] or bool(described["localModules"]) != local or \
            described["bytes"] != sections(app)[BAKED_SNAPSHOT][1]:
        wrong.append(f"kiln inspect --json: {described}")
    broken = without_baked_snapshot(app, folder / "broken")
    for world, holds in cases:
        node = worlds.launch([NODE, str(folder / "src" / entry)], world, folder)
        kiln = worlds.launch([str(app)], world, folder)
        if node != kiln:
            wrong.append(f"{world.name}: node {node}, the executable {kiln}")
        if node[2] != 0:
            wrong.append(f"{world.name}: node fails: {node}")
        is_used = holds or (local and not world.name.startswith("node-"))
        other = worlds.launch([str(broken)], world, folder)
        if (other[2] == 0) == is_used or (not is_used and other != node):
            wrong.append(f"{world.name}: the baked snapshot is {'not used' if is_used else 'used'}: {other}")
        if world.terminal:
            continue
        times = worlds.launch([str(app)], dataclasses.replace(world, args=(*world.args, "--times")), folder)
        baked = [str(value).lower() for value in (holds, is_used, holds)]  # lib, other, loader
        if times[2] != 0 or times[0].splitlines()[-1].split() != baked:
            wrong.append(f"{world.name}: baked {baked}: {times}")
    return wrong


def main():
    wrong = []
    with tempfile.TemporaryDirectory(prefix="kiln-guards-") as scratch:
        folder = pathlib.Path(scratch)
        for name, text in FILES.items():
            path = folder / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / "recipes").write_text(RECIPES)
        options = ["--recipes", str(folder / "recipes")]
        wrong += check(folder, CASES, options, GUARDS, True)
        wrong += check(folder, CASES, options, GUARDS, False, "main.mjs")
        # With --exec-argv-extension=env options have effects, so the start is not plain.
        wrong += check(folder, [CASES[0], (World("node-options", {**BASE, "NODE_OPTIONS": "--stack-trace-limit=3"}), False)],
                       [*options, "--exec-argv-extension=env"], GUARDS, True)
    print("\n".join(wrong) or f"{2 * len(CASES) + 2} worlds")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
