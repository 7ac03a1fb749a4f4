"""`./dev bench start`, `memory`, `copies`, `size`, `tsc` and `growth`: what starting a program costs, and
its size."""

from benchmark import processes
from benchmark.programs import (HELLO, NODE, SOURCES, TSC, TYPESCRIPT, WORK, build, have_tsc, kiln_command,
                                run)
from benchmark.report import PROGRAMS


def _starts(table, rounds, commands, limits=(), instructions=None):
    processes.add_cost_rows(table, processes.launch(rounds, commands, sampled=True), limits)
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


# Programs that print a line and wait. tsc waits at its end.
_COPIES = {
    "tsc": ("tsc --version", f"""
process.on('exit', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
require({str(TSC)!r});
""", ["--version"]),
    "express": ("an express server", f"""
const app = require({str(TYPESCRIPT.parent / 'express')!r})();
app.get('/', (request, response) => response.send('hello'));
app.listen(0, '127.0.0.1', () => console.log('ready'));
""", []),
}


def measure_copies(report, _):
    """PSS of programs with much in their heaps: what several processes of one executable share."""
    if not have_tsc():
        return
    table = report.table("copies", f"memory of {processes.COPIES} waiting copies, with images of the heap and with V8's reader")
    for name, (label, source, arguments) in _COPIES.items():
        entry = WORK / f"{name}-held.js"
        entry.write_text(source, encoding="utf-8")
        commands = build(entry, f"{name}-held")
        read = WORK / f"{name}-held-read"
        run(kiln_command(entry, read, "--heap=read"))
        for copies in (1, processes.COPIES):
            values = {who: processes.held_pss([*commands[who], *arguments], copies) for who in PROGRAMS}
            other = processes.held_pss([read, *arguments], copies)
            table.row(f"pss-{name}-{copies}", f"{label}, PSS of each of {copies}" if copies > 1 else f"{label}, PSS", "MiB",
                      values, limit=("kiln", "<=", 0.7 * other) if copies > 1 else None,
                      note=f"--heap=read {other:.1f}: {values['kiln'] / other:.2f} of that")


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


_HELD = """
const kept = [];
for (let i = 0; i < COUNT; i++) {
  const name = `item ${i} of the table`;
  kept.push({ name, numbers: [i, i + 1, i + 2], pair: { left: name, right: [name] }, get: () => name });
}
exports.kept = kept;
"""


def measure_growth(report, _):
    """What each MB of heap that evaluated modules have left adds to a start, with images of the heap
    and with V8's reader."""
    table = report.table("growth", "instructions of a start by the size of its heap, callgrind")
    held, forms = {}, ("image", "read")
    folder = WORK / "growth"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.js").write_text("const { kept } = require('./held');\nif (!kept) throw kept;\n"
                                    "if (process.argv[2]) console.log(process.memoryUsage().heapUsed);\n",
                                    encoding="utf-8")
    for size in (0, 1, 5, 10, 20):
        # 380 bytes an item
        (folder / "held.js").write_text(_HELD.replace("COUNT", str(size * 1_000_000 // 380)),
                                        encoding="utf-8")
        for form in forms:
            out = WORK / f"growth-{form}"
            run(kiln_command(folder / "main.js", out, f"--heap={form}"))
            held[size, form] = (int(run([out, "size"]).stdout) / 1e6, processes.callgrind([out]))
        heap = held[size, "image"][0] - held[0, "image"][0]
        table.row(f"{size}", f"{heap:.1f} MB more", "M", {"kiln": held[size, "image"][1]},
                  note=f"--heap=read {held[size, 'read'][1]:.1f} M")
    for form, limit in (("image", ("kiln", "<=", 1)), ("read", None)):
        heap, instructions = (held[20, form][i] - held[0, form][i] for i in (0, 1))
        table.row(f"growth-{form}", f"instructions of each MB more, --heap={form}", "M",
                  {"kiln": instructions / heap}, limit=limit)
