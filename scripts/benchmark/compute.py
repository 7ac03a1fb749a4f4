"""`./dev bench compute` and `modules`: the speed of JavaScript, and of modules that are loaded."""

import json
import statistics
import sys

from benchmark.programs import NODE, BUN, SOURCES, WORK, kiln_command, run
from benchmark.report import PROGRAMS, ratios_of

WORKLOADS = ("scheduler", "constraints", "regexp", "json", "sort")


def _take_turns(rounds, title, commands):
    """Runs the programs in turn. Returns what each printed, in lists by program."""
    printed = {who: [] for who in commands}
    for _ in range(rounds):
        for who, command in commands.items():
            printed[who].append(json.loads(run(command).stdout))
    checks = {one["check"] for runs in printed.values() for one in runs}
    if len(checks) != 1:
        sys.exit(f"bench: {title}: the programs compute different things: {checks}")
    return printed


def measure_compute(report, args):
    table = report.table("compute", f"computing, median of {args.compute_rounds} runs in turn")
    ratios = []
    for name in WORKLOADS:
        source, program = SOURCES / f"{name}.js", WORK / name
        run(kiln_command(source, program))
        printed = _take_turns(args.compute_rounds, name, {"kiln": [program], "bun": [BUN, source],
                                                          "node": [NODE, source]})
        ms = {who: statistics.median(one["ms"] for one in runs) for who, runs in printed.items()}
        table.row(name, name, "ms", ms)
        ratios.append(ratios_of(ms))
    table.row("mean", "geometric mean", "", {}, limit=("node", "<=", 1.05),
              ratios={who: statistics.geometric_mean(one[who] for one in ratios)
                      for who in PROGRAMS[1:]})


def measure_modules(report, args):
    """Modules that run: in both forms of the bundle and with node. Calls are compared with the
    scope form, in which the names are variables of one function."""
    table = report.table("modules", f"modules that run, the least of {args.compute_rounds} runs")
    source = SOURCES / "modules/main.mjs"
    commands = {"kiln": [WORK / "modules"], "scope": [WORK / "modules-scope"],
                "node": [NODE, source]}
    run(kiln_command(source, WORK / "modules"))
    run(kiln_command(source, WORK / "modules-scope", "--link=scope"))
    printed = _take_turns(args.compute_rounds, "modules", commands)
    for name in printed["kiln"][0]["result"]:
        least = {who: min(one["result"][name] for one in runs) for who, runs in printed.items()}
        values = {who: least[who] for who in ("kiln", "node")}
        if "()" in name:
            table.row(name, name, "ns", values)
        else:
            table.row(name, name, "ns", values, limit=("scope", "<=", 1.05),
                      ratios={**ratios_of(values), "scope": least["kiln"] / least["scope"]},
                      note=f"kiln/scope {least['kiln'] / least['scope']:.2f}")
