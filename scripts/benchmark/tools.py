"""`./dev bench tools`: starts of command-line tools, compared with Bun's executables that have bytecode.

The packages of tests/bench/tools are installed once, into the user's cache. Each tool is built by
kiln, by kiln with training of the same command, by bun and by bun with --bytecode; all take turns on
one processor with node, in a folder with the files of tests/bench/tools/in. A program whose output or
status is not node's is left out of the row, with the reason printed.
"""

import shutil
import subprocess

from benchmark import processes
from benchmark.programs import BUN, CACHE, KILN, NODE, SOURCES, WORK, run

TOOLS = SOURCES / "tools"
INSTALLED = CACHE / "bench-tools"
FOLDER = WORK / "tools"

# Name: the entry, in the installed folder, and what is run.
ESLINT = ["--no-config-lookup", "--rule", "no-unused-vars: error", "--rule", "no-undef: error",
          "--rule", "prefer-const: error", "--rule", "eqeqeq: error", "--global", "module"]
COMMANDS = {
    "tsc --version": ("node_modules/typescript/lib/tsc.js", ["--version"]),
    "tsc FILE": ("node_modules/typescript/lib/tsc.js",
                 ["--noLib", "--strict", "--target", "es2022", "--outDir", "out", "lib.d.ts", "a.ts"]),
    "prettier --check": ("prettier.mjs", ["--no-config", "--check", "a.js"]),
    "eslint --version": ("node_modules/eslint/bin/eslint.js", ["--version"]),
    "eslint FILE": ("node_modules/eslint/bin/eslint.js", [*ESLINT, "a.js"]),
    "webpack --version": ("webpack.js", ["--version"]),
    "rollup --version": ("node_modules/@rollup/wasm-node/dist/bin/rollup", ["--version"]),
    "terser FILE": ("terser.mjs", ["a.js"]),
}
PROGRAMS = ("auto", "trained", "bun", "bun-bc")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"}


def add_options(parser):
    parser.add_argument("--tool-rounds", type=int, default=9, help="tools: starts of each (9)")


def _install():
    """The installed copy of tests/bench/tools; a copy of package.json says what is installed."""
    stamp, wanted = INSTALLED / "installed.json", (TOOLS / "package.json").read_bytes()
    if not stamp.is_file() or stamp.read_bytes() != wanted:
        shutil.rmtree(INSTALLED, ignore_errors=True)
        INSTALLED.mkdir(parents=True)
        shutil.copy(TOOLS / "package.json", INSTALLED)
        run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=INSTALLED)
        stamp.write_bytes(wanted)
    for source in [*TOOLS.glob("*.mjs"), *TOOLS.glob("*.js")]:
        shutil.copy(source, INSTALLED)


def _work_folder():
    folder = FOLDER / "cwd"
    if not folder.is_dir():
        shutil.copytree(TOOLS / "in", folder)
    return folder


def _training(arguments):
    """A program that trains an executable with these arguments, in the folder of the files."""
    path = FOLDER / "train.sh"
    words = " ".join(f"'{word}'" for word in arguments)
    path.write_text(f"#!/bin/sh\ncd '{_work_folder()}' && \"$KILN_TRAIN_APP\" {words}\nexit 0\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _build(name, entry, arguments):
    """{program: executable}."""
    entry = INSTALLED / entry
    outs = {who: FOLDER / f"{name.replace(' ', '-')}-{who}" for who in PROGRAMS}
    # Bun's build fails for a require() in a try block whose package is not installed.
    bun = [BUN, "build", "--compile", entry, "--external=jiti*", "--external=svgo",
           "--external=@napi-rs/*", "--external=sharp", "--outfile"]
    module = [] if entry.suffix != ".mjs" else ["--format=esm"]
    commands = {"auto": [KILN, "build", entry, "-o", outs["auto"]],
                "trained": [KILN, "build", entry, "-o", outs["trained"], f"--train-script={_training(arguments)}"],
                "bun": [*bun, outs["bun"]], "bun-bc": [*bun, outs["bun-bc"], "--bytecode", *module]}
    built = {}
    for who, command in commands.items():
        done = subprocess.run([str(word) for word in command], cwd=FOLDER, check=False, text=True,
                              capture_output=True)
        if done.returncode == 0:
            built[who] = outs[who]
        else:
            print(f"  {name}: {who} cannot build it: {(done.stdout + done.stderr).strip()[-200:]}")
    return built


def _result(command):
    """What a program does: its status and its output."""
    done = subprocess.run([str(word) for word in command], cwd=_work_folder(), env=ENVIRONMENT, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def _equal(name, commands):
    """The programs that do what node does."""
    expected = _result(commands["node"])
    if expected[0] > 2:
        raise SystemExit(f"bench: {name} fails under node: {expected[1][-300:]}")
    equal = {}
    for who, command in commands.items():
        got = _result(command)
        if got == expected:
            equal[who] = command
        else:
            print(f"  {name}: {who} is left out: it ends with {got[0]} and prints {got[1][:100]!r}")
    return equal, expected[0]


def _cells(values):
    return "".join(f"{'' if value is None else f'{value:.2f}':>9}" for value in values)


def measure(report, args):
    FOLDER.mkdir(parents=True, exist_ok=True)
    _install()
    rows = {}
    print(f"\ncommand-line tools, {args.tool_rounds} starts in turn, one processor; times and memory relative to node's")
    head = "".join(f"{who:>9}" for who in PROGRAMS)
    print(f"  {'':<20}{'node ms':>8}{head}  {'auto/bun-bc':>12}{'trained/bun-bc':>15}   memory:{head}")
    for name, (entry, arguments) in COMMANDS.items():
        if args.apps and name.split(" ", maxsplit=1)[0] not in args.apps.split(","):
            continue
        built = _build(name, entry, arguments)
        commands = {"node": [NODE, INSTALLED / entry]} | {who: [exe] for who, exe in built.items()}
        commands, status = _equal(name, {who: [*command, *arguments] for who, command in commands.items()})
        costs = processes.launch(args.tool_rounds, commands, status=status, cwd=_work_folder(), env=ENVIRONMENT)
        wall, rss = ({who: costs[who][key] / costs["node"][key] if who in costs else None for who in PROGRAMS}
                     for key in ("wall", "rss"))
        against = [wall[who] / wall["bun-bc"] if wall[who] and wall["bun-bc"] else None for who in ("auto", "trained")]
        print(f"  {name:<20}{costs['node']['wall']:>8.1f}{_cells(wall.values())}  {_cells(against[:1]):>12}"
              f"{_cells(against[1:]):>15}          {_cells(rss.values())}", flush=True)
        rows[name] = {"node": costs["node"]["wall"], "time": wall, "memory": rss}
    report.about["tools"] = rows
