"""`./dev bench start`, `memory`, `size` and `tsc`: what starting a program costs, and its size."""

from benchmark import processes
from benchmark.programs import HELLO, NODE, SOURCES, TSC, WORK, build, have_tsc, kiln_command, run
from benchmark.report import PROGRAMS


def _starts(table, rounds, commands, limits=(), instructions=None):
    processes.add_cost_rows(table, processes.launch(rounds, commands), limits)
    free = processes.launch(rounds, commands, pinned=False)
    table.row("free-wall", "wall time, all processors", "ms",
              {who: cost["wall"] for who, cost in free.items()})
    processes.add_instruction_rows(table, commands, instructions)


def measure_start(report, args):
    table = report.table("hello", f"start of hello world, {args.rounds} in turn, one processor")
    _starts(table, args.rounds, build(HELLO, "hello"), {"rss": 24}, instructions=21)


def measure_tsc(report, args):
    rounds = max(5, args.rounds // 3)
    table = report.table("tsc", f"start of tsc --version, {rounds} in turn, one processor")
    if have_tsc():
        _starts(table, rounds, {who: [*command, "--version"]
                                for who, command in build(TSC, "tsc").items()})


def measure_memory(report, _):
    table = report.table("memory", "memory of a waiting hello world, 0.5 s after output")
    commands = build(SOURCES / "hello_held.js", "hello-held")
    for copies, label in ((1, "PSS"), (processes.COPIES, f"PSS of each of {processes.COPIES}")):
        table.row(f"pss-{copies}", label, "MiB", {who: processes.held_pss(commands[who], copies)
                                                  for who in PROGRAMS})


def measure_size(report, _):
    table = report.table("size", "size of hello world")
    bun = build(HELLO, "hello")["bun"][0].stat().st_size / 1e6
    for intl, limit in (("none", 42), ("en", 46), ("full", None)):
        out = WORK / f"hello-{intl}"
        run(kiln_command(HELLO, out, f"--intl={intl}"))
        values = {"kiln": out.stat().st_size / 1e6}
        if intl == "full":  # as theirs have it
            values |= {"bun": bun, "node": NODE.stat().st_size / 1e6}
        table.row(intl, f"--intl={intl}", "MB", values, limit=limit and ("kiln", "<=", limit))
