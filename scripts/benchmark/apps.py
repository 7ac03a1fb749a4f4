"""`./dev bench apps`: the start of real npm apps as executables, relative to node.

The apps are those of `./dev apps`; run-apps itself lays them out, builds them and knows their
commands, so that both measure the same programs. Each app has one row: the time of its quick command
(of a server: from exec to the end of the first response) for kiln with --evaluate=none, auto and auto
trained with the same command, bun and bun with --bytecode, each relative to node's; the same of peak memory; and how many of the
modules that the app evaluates at its start are baked with --evaluate=auto. All programs of an app
take turns on one processor, and their medians are compared.
"""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

from benchmark import processes
from benchmark.programs import BUN, CACHE, HOST, KILN, NODE, PARTS, REPO, WORK

# Columns, with the tools of run-apps that build them. Ratios are to node.
BUILDS = {"none": ("kiln", "--evaluate=none"), "auto": ("kiln", "--evaluate=auto"),
          "trained": ("kiln", "--train-script"), "bun": ("bun", None), "bun-bc": ("bun-bc", None)}
YARDSTICK = REPO / "../shared/yardstick"
FOLDER = WORK / "apps"
SERVER_ROUNDS = 9


def add_options(parser):
    parser.add_argument("--app-rounds", type=int, default=15, help="apps: starts of each (15)")
    parser.add_argument("--instructions", action="store_true",
                        help="apps: also count the instructions of Kiln's, with callgrind")


def _load_run_apps():
    """The program run-apps as a module, and its arguments; None if there is none."""
    root = os.environ.get("KILN_YARDSTICK") or YARDSTICK
    path = os.path.join(root, "apps/run-apps")
    if not os.path.isfile(path) or not (CACHE / "apps/open/node_modules").is_dir():
        print("  the apps are not installed; ./dev apps --install installs them")
        return None, None
    spec = importlib.util.spec_from_loader("run_apps",
                                           importlib.machinery.SourceFileLoader("run_apps", path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    arguments = argparse.Namespace(
        root=os.path.dirname(path), work=str(CACHE / "apps"), group="open", only=None, tool="node",
        node=str(NODE), bun=str(BUN), esbuild=str(PARTS / f"npm/node_modules/@esbuild/{HOST}/bin/esbuild"),
        kiln_cmd=str(KILN), build_timeout=300)
    return module, arguments


def _kiln_with(name, flag):
    """A command that adds a flag to `kiln build ENTRY -o OUT`, for run-apps."""
    path = FOLDER / f"kiln-{name}"
    path.write_text(f'#!/bin/sh\nexec "{KILN}" "$@" {flag} --explain --json\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _build(run_apps, arguments, case, name):
    """Builds a case. Returns the executable, or None, and the baked and all modules, if known."""
    tool, flag = BUILDS[name]
    folder = FOLDER / case["name"] / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    options = argparse.Namespace(**{**vars(arguments), "tool": tool, "work": str(folder)})
    if name == "trained":
        flag = f"{flag}={_training_script(case, folder)}"
    if flag:
        options.kiln_cmd = _kiln_with(name, flag)
    out = folder / "out"
    built = run_apps.build(options, case, str(out))
    if not built["ok"]:
        print(f"  {case['name']}: {name} cannot build it: {built['why']}")
        return None, None
    share = None
    for line in (folder / "out.log").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith('{"type":"bake","baked"'):
            summary = json.loads(line)
            share = summary["baked"], summary["modules"]
    return built["exe"], share


def _training_script(case, folder):
    """A program for --train-script that does what is measured."""
    run_ = {} if case.get("kind") == "server" else _quick(case) or {}
    path = folder / "train.py"
    path.write_text(f"""#!{sys.executable}
import http.client, os, subprocess
process = subprocess.Popen([os.environ["KILN_TRAIN_APP"], *{run_.get("args", [])!r}],
                           cwd={str(_folder_of(case))!r}, env={_environment(case, run_)!r},
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
for line in process.stdout:
    if {case.get("kind") == "server"!r} and line.startswith(b"ready "):
        connection = http.client.HTTPConnection("127.0.0.1", int(line.split()[1]), timeout=20)
        connection.request("GET", {case.get("requests", [{}])[0].get("path", "/")!r})
        connection.getresponse().read()
        connection.close()
        process.terminate()
process.wait(60)
""", encoding="utf-8")
    path.chmod(0o755)
    return path


def _environment(case, run_):
    """Of the app's processes: nothing of this one's."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "LANG": "C.UTF-8", "TZ": "UTC",
                   "TERM": "xterm-256color", "TMPDIR": "/tmp", "PORT": "0"}
    for more in (case.get("env"), run_.get("env")):
        environment |= more or {}
    return environment


def _folder_of(case):
    """A new working directory with the files that the case reads."""
    folder = FOLDER / case["name"] / "cwd"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = os.path.join(case["src"], "in")
    if os.path.isdir(source):
        shutil.copytree(source, folder / "in")
    return folder


def _first_response(run_apps, case, command, folder):
    """(ms from exec to the end of the first response, peak RSS in MiB) of a server."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command], cwd=folder, env=_environment(case, {}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {processes.processor()}))
    try:
        for line in process.stdout:
            if line.startswith(b"ready "):
                answer = run_apps.ask(int(line.split()[1]), case["requests"][0])
                wall = (time.monotonic() - begin) * 1e3
                if "failed" in answer:
                    sys.exit(f"bench: {case['name']}: {answer['failed']}")
                break
        else:
            sys.exit(f"bench: the server {command[0]} ended before it was ready")
        process.send_signal(signal.SIGKILL)
        return wall, processes.wait_usage(process).ru_maxrss / 1024
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        process.stdout.close()


def _measure_server(run_apps, case, commands, rounds):
    found = {who: [] for who in commands}
    for _ in range(min(rounds, SERVER_ROUNDS) + 1):
        for who, command in commands.items():
            found[who].append(_first_response(run_apps, case, command, _folder_of(case)))
    return {who: {"wall": statistics.median(wall for wall, _ in values[1:]),
                  "rss": statistics.median(rss for _, rss in values[1:])}
            for who, values in found.items()}


def _quick(case):
    """The command of a case that is measured, as in run-apps; None for one that needs a terminal or
    text on its standard input."""
    if case.get("kind") == "tty" and "quick" not in case:
        return None
    run_ = {"args": case["quick"]} if "quick" in case else case.get("runs", [{}])[0]
    return None if run_.get("stdin") else run_


def _measure(run_apps, case, commands, rounds):
    """Returns {program: {"wall", "rss"}} and how to count the instructions of a command."""
    if case.get("kind") == "server":
        return _measure_server(run_apps, case, commands, rounds), None
    quick = _quick(case)
    if quick is None:
        return None, None
    status = quick.get("rc", case.get("rc", 0))
    options = {"cwd": _folder_of(case), "env": _environment(case, quick)}
    arguments = quick.get("args", [])
    costs = processes.launch(rounds, {who: [*command, *arguments] for who, command in commands.items()},
                             status=status, **options)
    return costs, lambda command: processes.callgrind([*command, *arguments], status=status, **options)


def _mean(values):
    values = [value for value in values if value]
    return statistics.geometric_mean(values) if values else None


def _cells(values, width=8):
    return "".join(f"{'' if value is None else f'{value:.2f}':>{width}}" for value in values)


def measure(report, args):
    print(f"\nnpm apps, quick command or first response, {args.app_rounds} in turn, one processor")
    run_apps, arguments = _load_run_apps()
    if run_apps is None:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    arguments.only = args.apps
    cases = run_apps.load(arguments)
    run_apps.stage(arguments, cases)
    head = "".join(f"{name:>8}" for name in BUILDS)
    print(f"  {'':<14}{'node':>8}  time relative to node's{'':>18}  memory relative to node's")
    print(f"  {'':<14}{'ms':>8}{head}{head}   baked" +
          ("  M instructions: none, auto, trained" if args.instructions else ""))
    rows = {}
    for case in cases:
        row = _measure_app(run_apps, arguments, case, args)
        if row is None:
            continue
        rows[case["name"]] = row
        baked = row["baked"]
        print(f"  {case['name']:<14}{row['node']:>8.1f}{_cells(row['time'].values())}"
              f"{_cells(row['memory'].values())}   "
              + (f"{baked[0]}/{baked[1]}" if baked else "")
              + ("  " + ", ".join(f"{count:.1f}" for count in row["instructions"].values() if count)
                 if args.instructions else ""), flush=True)
    if not rows:
        return
    for kind, chosen in (("cli", [row for row in rows.values() if not row["server"]]),
                         ("servers", [row for row in rows.values() if row["server"]]),
                         ("all", list(rows.values()))):
        print(f"  {f'mean, {kind}':<14}{'':>8}"
              f"{_cells(_mean(row['time'][name] for row in chosen) for name in BUILDS)}"
              f"{_cells(_mean(row['memory'][name] for row in chosen) for name in BUILDS)}   "
              f"{len(chosen)} apps")
    shares = [row["baked"][0] / row["baked"][1] for row in rows.values()
              if row["baked"] and row["baked"][1]]
    if shares:
        print(f"  baked, median of {len(shares)} apps: {statistics.median(shares):.0%} of the modules")
    report.about["apps"] = rows


def _measure_app(run_apps, arguments, case, args):
    commands, baked = {"node": [str(NODE), case["entry_path"]]}, None
    for name in BUILDS:
        exe, share = _build(run_apps, arguments, case, name)
        if exe:
            commands[name] = [exe]
        if name == "auto":
            baked = share
    try:
        costs, count = _measure(run_apps, case, commands, args.app_rounds)
    except SystemExit as error:  # a program that failed; the other apps are still measured
        print(f"  {case['name']}: {error}")
        return None
    return _compare(costs, count, case, commands, baked, args)


def _compare(costs, count, case, commands, baked, args):
    if costs is None:
        print(f"  {case['name']}: has no command without a terminal or text on its standard input")
        return None

    def relative(key):
        return {name: costs[name][key] / costs["node"][key] if name in costs else None
                for name in BUILDS}

    counted = {}
    if args.instructions and count:
        counted = {name: count(commands[name]) for name in ("none", "auto", "trained") if name in commands}
    return {"node": costs["node"]["wall"], "time": relative("wall"), "memory": relative("rss"),
            "baked": baked, "instructions": counted, "server": case.get("kind") == "server"}
