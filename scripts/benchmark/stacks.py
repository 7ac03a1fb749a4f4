"""`./dev bench stacks`: what reading `error.stack` costs in an app of 900 modules and 20 MB, with
source maps, compared with the same app without maps, and with node, which has none either.

The app is written here. Four modules each import each other in a circle. A module has 72 typed
functions that call the next module's, and the fourth makes the error, so each stack has frames of
four modules.
"""

import json
import shutil
import statistics

from benchmark import processes
from benchmark.programs import NODE, WORK, kiln_command, run

MODULES = 900
FUNCTIONS = 72
STACKS = 1000
FOLDER = WORK / "stacks-source"

_FUNCTION = """
/** Adds up what is longer than the limit. */
export function sum{n}(depth: number, value: Item | undefined): string {{
  const parts: string[] = [value?.name ?? 'nothing', `${{depth}}`];
  for (const part of value?.parts ?? []) {{
    if (part.length > {n}) parts.push(part.slice(0, {n}).toUpperCase());
  }}
  return depth > 0 ? next.sum{n}(depth - 1, value) : new Error(parts.join()).stack!;
}}
"""

_MAIN = """
const [way, count] = [process.argv[2], Number(process.argv[3])];
let length = 0;
const begin = process.hrtime.bigint();
for (let i = 0; i < count; i++) {
  const module = modules[way === 'all' ? i % modules.length : 0] as Record<string, Function>;
  length += module[`sum${i % functions}`](3, { name: 'item', parts: [] }).length;
}
const ms = Number(process.hrtime.bigint() - begin) / 1e6;
console.log(JSON.stringify({ ms, length: length > 0 }));
"""


def _write_app():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "package.json").write_text('{ "type": "module" }\n', encoding="utf-8")
    size = 0
    for module in range(MODULES):
        text = (f"import * as next from './m{module // 4 * 4 + (module + 1) % 4}.ts';\n"
                "interface Item { name: string; parts: string[] }\n"
                + "".join(_FUNCTION.format(n=n) for n in range(FUNCTIONS)))
        (FOLDER / f"m{module}.ts").write_text(text, encoding="utf-8")
        size += len(text)
    (FOLDER / "main.ts").write_text(
        "".join(f"import * as m{n} from './m{n}.ts';\n" for n in range(MODULES))
        + f"const modules = [{', '.join(f'm{n}' for n in range(MODULES))}];\n"
        + f"const functions = {FUNCTIONS};\n" + _MAIN, encoding="utf-8")
    return FOLDER / "main.ts", size


def measure(report, args):
    """The rows "time" are of the loop that reads the stacks; those of memory are of the process."""
    entry, size = _write_app()
    table = report.table("stacks", f"stacks in an app of {MODULES} modules and "
                         f"{size / 1e6:.0f} MB, median of {2 * args.compute_rounds + 1} runs in turn")
    maps, without = WORK / "stacks", WORK / "stacks-without-maps"
    run(kiln_command(entry, maps))
    run(kiln_command(entry, without, "--sourcemap=none"))
    pinned = ["taskset", "-c", str(processes.processor())]
    commands = {"kiln": [maps], "without": [without], "node": [NODE, entry]}
    for way, count, label in (("none", 0, "no stack"), ("one", 1, "one stack"),
                              ("one", STACKS, f"{STACKS} stacks of one module"),
                              ("all", STACKS, f"{STACKS} stacks of all modules")):
        key = f"{way}-{count}"
        ms = {who: [] for who in commands}
        for _ in range(2 * args.compute_rounds + 1):
            for who, command in commands.items():
                ms[who].append(json.loads(run([*pinned, *command, way, str(count)]).stdout)["ms"])
        time = {who: statistics.median(taken) for who, taken in ms.items()}
        rss = {who: cost["rss"] for who, cost in processes.launch(
            args.compute_rounds, {who: [*command, way, str(count)]
                                  for who, command in commands.items()}).items()}
        if count:
            table.row(f"{key}-time", f"{label}, time", "ms",
                      {who: time[who] for who in ("kiln", "node")},
                      limit=("node", "<=", 1.5) if count > 1 else None,
                      note=f"without maps {time['without']:.1f} ms")
        ratio = rss["kiln"] / rss["without"]
        table.row(f"{key}-rss", f"{label}, memory, peak RSS", "MiB",
                  {who: rss[who] for who in ("kiln", "node")},
                  ratios={"node": rss["kiln"] / rss["node"], "without": ratio},
                  limit=("without", "<=", 1.05) if way == "one" else None,
                  note=f"with maps {ratio:.2f} x without")
