"""Random graphs of modules, run under node and as an executable in several worlds (worlds.py): what the modules print while
they are loaded, and what they hold after load, and after their functions were called, must be equal.

    KILN=… KILN_NODE=… fuzz.py [--count N] [--seed N] [--batch N] [--keep FOLDER]
    fuzz.py --write FOLDER --seed N --count 1        only writes the graph, to read it

The graphs have CommonJS and ES modules, cycles, re-exports, registries, reads of the world, patches of globals and of other
modules, modules that throw, lazy and conditional loading, and top-level await. Graph N of a seed is the same in each run. A
program contains a batch of graphs, which share nothing but their process. A graph that differs is built again alone; the
program that differs is kept, and its folder printed. KILN_TEST_EVALUATE is as for traps.py.

Most graphs are quiet: few of their modules act or read, and none changes the surface (docs/baking.md). In programs of the
other graphs hardly any module can be baked, and one such graph prevents that in a whole program. So quiet graphs have
programs of their own, with fewer graphs. The last line says how many modules were baked.
"""
import argparse
import difflib
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile

import worlds

MODE = os.environ.get("KILN_TEST_EVALUATE", "none")
OPTIONS = ["--intl=none", "--with=all", *([] if MODE == "none" else [f"--evaluate={MODE}", "--explain"])]
WORLDS = [world for world in worlds.WORLDS if not world.terminal]

# Prints all that can be reached from a module's exports. References to what was printed already are numbers, so that two
# objects that are one are told from two equal ones.
SHOW = """\
exports.show = function show(value, seen = new Map(), depth = 0) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'symbol' || Object(value) !== value) return String(value);
  if (seen.has(value)) return `#${seen.get(value)}`;
  seen.set(value, seen.size);
  const parts = [];
  const inner = (one) => (depth > 7 ? '…' : show(one, seen, depth + 1));
  if (value instanceof Map) for (const [key, one] of value) parts.push(`${inner(key)} => ${inner(one)}`);
  for (const key of Reflect.ownKeys(value)) {
    if (typeof value === 'function' && ['length', 'name', 'prototype', 'arguments', 'caller'].includes(key)) continue;
    if (key === 'stack' || (Array.isArray(value) && key === 'length')) continue;
    let text;
    try {
      text = inner(value[key]);
    } catch (error) {
      text = `throws ${error.message}`;
    }
    parts.push(`${String(key)}: ${text}`);
  }
  const name = typeof value === 'function' ? `function ${value.name}`
    : Object.prototype.toString.call(value).slice(8, -1) + (Object.isFrozen(value) ? ' frozen' : '');
  return `${name} {${parts.join(', ')}}`;
};
exports.later = function later(value, log, seen = new Set()) {  // calls the functions that modules have for later
  if (Object(value) !== value || seen.has(value) || seen.size > 300) return;
  seen.add(value);
  for (const key of Reflect.ownKeys(value)) {
    if (['caller', 'callee', 'arguments', 'stack'].includes(key)) continue;
    let one;
    try {
      one = value[key];
      if (typeof one === 'function' && /^later/.test(String(key))) log.push(`${String(key)} gives`, one());
    } catch (error) {
      log.push(`${String(key)} throws ${error.message}`);
    }
    later(one, log, seen);
  }
};
"""

READS = ["process.env.PORT ?? 'none'", "process.env.HOME", "process.env.DEBUG ?? 'none'", "process.env.NODE_ENV ?? 'none'",
         "'CI' in process.env", "Object.keys(process.env).filter((key) => /^(APP|NODE)_/.test(key)).join()",
         "process.cwd().split('/').pop()", "process.argv.length", "process.stdout.isTTY === true",
         "new Date(0).getTimezoneOffset()", "Date.now() > performance.timeOrigin - 1000", "require('os').hostname()",
         "(({ USER = 'nobody' }) => USER)(process.env)", "process.argv.includes('--verbose')", "process.umask()",
         "typeof Math.random()", "typeof WebAssembly", "process.pid === require('process').pid"]


# Acts, and reads that no guard covers: a module with one is deferred. TRACE is the beginning of a printed line.
ACTS = ["console.log('TRACE loads');", "process.stdout.write('TRACE writes\\n');",
        "Promise.resolve().then(() => console.log('TRACE reacts'));", "queueMicrotask(() => console.log('TRACE microtask'));",
        "process.nextTick(() => log.push('tick'));", "process.once('exit', () => console.log('TRACE exit'));",
        "peek(() => log.push(process.getBuiltinModule('fs').readFileSync('world.txt', 'utf8')));",
        "peek(() => log.push(process.getBuiltinModule('fs').existsSync('world.txt')));",
        "log.push(process.env.PORT ?? 'no port');", "log.push(process.argv.slice(2).join());",
        "log.push(performance.now() > 0, process.hrtime().length);", "log.push(process.getBuiltinModule('os').tmpdir());",
        "if (process.env.PORT) console.log('TRACE port', process.env.PORT); else log.push('no port');"]

# What modules make of the language and of Node's library without an act or a read.
MADE = ["new (process.getBuiltinModule('events'))().on('one', (by) => log.push(by))",
        "((emitter) => { emitter.on('one', () => log.push('one')); return { later: () => emitter.emit('one') }; })"
        "(new (process.getBuiltinModule('events'))())",
        "process.getBuiltinModule('path').join('a', '..', 'b')", "Buffer.from('text').subarray(1)", "new URL('http://a.b/c?d=e')",
        "new TextEncoder().encode('text')", "new (process.getBuiltinModule('async_hooks').AsyncLocalStorage)()",
        "process.getBuiltinModule('util').promisify((done) => done(null, log.length))", "new AbortController()",
        "process.getBuiltinModule('crypto').createHash('sha256').update('text').digest('hex')", "structuredClone({ a: [1n, new Map()] })",
        "new URLSearchParams('a=b&c=d')", "new WeakRef(log)", "new Proxy(log, { get: (log, key) => log[key] })",
        "(function* () { yield log.push('generator'); yield 2; })()", "Object.freeze({ log })", "Object.create(null, { hidden: { value: log } })",
        "((pattern) => { pattern.test('aXbXc'); return { pattern, later: () => pattern.lastIndex }; })(/X/g)",
        "new Float64Array([0.1, -0, NaN])", "new DataView(new ArrayBuffer(4), 1)", "(function () { return arguments; })(1, log)",
        "log.push.bind(log, 'bound')", "new Set([log, -0, 2 ** 40])", "new Map([[log, 'by log']])", "Object(1n)", "[, 1, , log]",
        "(() => { let held; return { set later(to) { held = to; }, get later() { return () => (held ??= log.push('held')); } }; })()",
        "peek(() => { throw new Error('thrown'); })", "new (class { static #all = []; static { this.first = log; } "
        "later() { return this.constructor.first.length; } })()", "((strings) => strings)`a${1}b`", "Symbol('own')",
        "new Error('kept').message", "new RangeError('kept')", "(async () => 'async')()", "Promise.resolve(log)",
        "new (process.getBuiltinModule('string_decoder').StringDecoder)('utf8').write(Buffer.from([0xe2, 0x82]))",
        "process.getBuiltinModule('util').inspect(log)", "JSON.parse('{\"a\": [1, {\"b\": null}]}')",
        "((memo) => ({ later: () => memo.size, add: memo.set('a', log) }))(new Map())"]

# A module that others register with. What they get depends on the order in which they are evaluated.
REGISTRY = """\
const log = [];
const entries = new Map();
const known = new WeakMap();
let count = 0;
class Entry {
  static #made = 0;
  constructor(name, value) { this.name = name; this.value = value; this.number = ++Entry.#made; }
}
const listeners = [];
const api = {
  register(name, value) {
    const entry = new Entry(name, value);
    entries.set(name, entry);
    if (Object(value) === value) known.set(value, entry);
    for (const listener of listeners) listener(name);
    return entry;
  },
  next: () => ++count,
  names: () => [...entries.keys()].join(),
  listen(listener) { listeners.push(listener); return listeners.length; },
  numberOf: (value) => known.get(value)?.number,
  get single() { Object.defineProperty(api, 'single', { value: { made: count } }); return api.single; },
  laterAll: () => [...entries].map(([name, entry]) => `${name} ${entry.number}`).join(),
};
"""


class Module:
    def __init__(self, index, rng, graph):
        self.index = index
        self.es = rng.random() < graph.es_share
        self.name = f"m{index}.{'mjs' if self.es else 'cjs'}"
        self.thrower = not self.es and rng.random() < (0.03 if graph.quiet else 0.06)
        self.acts = rng.random() < graph.act_share
        self.has_default = self.es and rng.random() < 0.5
        # What exports are: an object that is filled, one that replaces it, a function, a class
        self.style = "es" if self.es else rng.choice(["exports"] * 5 + ["own"] * 2 + ["function", "class", "late", "typescript"])
        self.reads = rng.random() < graph.read_share
        self.waits = self.es and graph.awaits and rng.random() < 0.3
        self.barrel = not self.es and self.index > 0 and rng.random() < 0.06
        if graph.package:  # where .js is one of both kinds
            self.name = self.name.replace({"module": ".mjs", "commonjs": ".cjs"}[graph.package], ".js")

    @property
    def target(self):
        return {"es": None, "exports": "exports", "typescript": "exports"}.get(self.style, "own")


class Graph:
    def __init__(self, seed, name):
        self.rng = rng = random.Random(seed)
        self.name = name
        self.quiet = rng.random() < 0.7
        self.es_share = rng.choice([0, 0.3, 0.5, 0.8, 1])
        self.read_share = rng.choice([0, 0.05, 0.2] if self.quiet else [0.1, 0.25, 0.5])
        self.act_share = rng.choice([0, 0.1, 0.25]) if self.quiet else 1
        self.cycle_share = rng.choice([0, 0, 0.15, 0.3])
        self.patch_share = 0 if self.quiet else rng.choice([0, 0.1, 0.4])
        self.order_share = 0 if self.quiet else rng.choice([0, 0, 0.4])  # of modules that add their names to a global list
        self.awaits = rng.random() < (0.1 if self.quiet else 0.25)
        # require() of an ES module that is being evaluated makes node fail in V8, so graphs have this or cycles.
        self.requires_es = not self.awaits and rng.random() < 0.5
        if self.requires_es:
            self.cycle_share = 0
        self.package = rng.choice([None, None, "module", "commonjs"])
        self.modules = [Module(index, rng, self) for index in range(rng.randint(3, 13))]
        self.registry = None
        if rng.random() < 0.5:
            can_be_es = self.requires_es or all(module.es for module in self.modules[1:])
            self.registry = "registry.mjs" if can_be_es and rng.random() < 0.5 else "registry.cjs"
        # require() of a module that awaits fails, so such graphs are entered by an ES module.
        if self.awaits:
            root = self.modules[0]
            root.es, root.style, root.name, root.thrower = True, "es", "m0.mjs", False
        self.modules[-1].barrel = False  # needs one after it
        if self.registry == "registry.mjs" and not (self.awaits or self.requires_es or self.modules[0].es):
            self.registry = "registry.cjs"

    def files(self):
        rng, root = self.rng, self.modules[0]
        files = {module.name: self.source(module) for module in self.modules}
        if self.awaits:
            files["entry.mjs"] = f"import * as root from './{root.name}';\nexport {{ root }};\n"
        else:
            files["entry.cjs"] = ("try {\n  exports.root = require('./" + root.name + "');\n} catch (error) {\n"
                                  "  exports.root = { failed: error.message, code: error.code };\n}\n")
        files["data.json"] = files["imported.json"] = '{ "name": "data", "list": [1, 2.5, { "deep": null }] }\n'
        if self.package:
            files["package.json"] = f'{{ "type": "{self.package}" }}\n'
        if self.registry:
            act = f"console.log('@{self.name} registry');\n" * (rng.random() < 0.15)
            files[self.registry] = REGISTRY + act + (
                "export default api;\nexport const { register, next } = api;\nexport { log, entries };\n"
                if self.registry.endswith(".mjs") else "exports.register = api.register;\nexports.next = api.next;\n"
                "exports.default = api;\nexports.log = log;\nexports.entries = entries;\n")
        return files

    @property
    def entry(self):
        return "entry.mjs" if self.awaits else "entry.cjs"

    def dependencies(self, module):
        """Pairs of another module and whether it is loaded while the module is."""
        rng, count = self.rng, len(self.modules)
        chosen = []
        for other in self.modules:
            if other is module or (other.es and not module.es and not self.requires_es):
                continue
            back = other.index <= module.index
            near = other.index == module.index + 1 and rng.random() < 0.92
            if near or rng.random() < (self.cycle_share if back else 2.5 / count):
                chosen.append(other)
        rng.shuffle(chosen)
        return chosen[:5]

    def source(self, module):
        rng = self.rng
        if module.barrel:
            other = rng.choice([one for one in self.modules[module.index + 1:] if self.requires_es or not one.es] or [None])
            if other:
                return rng.choice([f"module.exports = require('./{other.name}');\n",
                                   f"module.exports = {{ ...require('./{other.name}'), barrel: '{module.name}' }};\n",
                                   f"exports.v = 'v of {module.name}';\nexports.lazy = () => require('./{other.name}');\n"])
        lines = self.es_imports(module) if module.es else self.requires(module)
        self.values = [name for line in lines for name in re.findall(r"\b(d\d+)\b(?= from|,| =|;)", line)]
        self.values = list(dict.fromkeys(self.values))
        head = ["'use strict';"] if not module.es and rng.random() < 0.3 else []
        head += ["function peek(read) { try { return read(); } catch (error) { return error.name; } }", "var log = [];"]
        self.registers = any("register" in line for line in lines)
        body = self.body(module)
        cut = rng.randint(0, len(lines)) if not module.es and rng.random() < 0.4 else len(lines)
        # Some of a CommonJS module's requires come after some of its statements.
        own = {"own": ["const own = module.exports = {};"], "late": ["const own = {};"],
               "function": ["const own = module.exports = function main() { return log.length; };"],
               "class": ["const own = module.exports = class Main { constructor() { this.log = log; } };"],
               "typescript": ["Object.defineProperty(exports, '__esModule', { value: true });",
                              "exports.v = exports.f = exports.log = undefined;"],
               }.get(module.style, [])
        middle = rng.randint(0, len(body)) if cut < len(lines) else 0
        early = [line for line in body[:middle] if not re.search(r"\bd\d+\b", line)]
        late = [line for line in body[:middle] if re.search(r"\bd\d+\b", line)] + body[middle:]
        text = head + own + lines[:cut] + early + lines[cut:] + late
        if module.es:
            text = [line for line in lines if line.startswith(("import", "export"))] + head + \
                   ["import { createRequire } from 'node:module';", "const require = createRequire(import.meta.url);"] * \
                   any("require(" in line for line in body) + \
                   [line for line in lines if not line.startswith(("import", "export"))] + body
        if module.style == "late":
            text.append("module.exports = own;")
        if module.thrower:
            text.insert(rng.randint(len(head), len(text)) if module.style != "late" else len(text),
                        rng.choice([f"throw new Error('{module.name} throws');",
                                    f"if (process.env.PORT) throw new TypeError('{module.name}: ' + process.env.PORT);",
                                    f"globalThis.{self.name}_tries = (globalThis.{self.name}_tries ?? 0) + 1; "
                                    f"if (globalThis.{self.name}_tries < 2) throw new Error('first try');"]))
        return "".join(f"{line}\n" for line in text)

    def requires(self, module):
        rng, lines = self.rng, []
        for other in self.dependencies(module):
            name, path = f"d{other.index}", f"'./{other.name}'"
            risky = other.thrower or other.es or rng.random() < 0.2
            kind = rng.random()
            if risky:
                lines.append(f"let {name}; try {{ {name} = require({path}); }} "
                             f"catch (error) {{ {name} = {{ error: error.code ?? error.message }}; }}")
            elif kind < 0.6:
                lines.append(f"{rng.choice(['const', 'let', 'var'])} {name} = require({path});")
            elif kind < 0.75:
                lines.append(f"const {{ v: {name}_v, f: {name}_f }} = require({path});")
                lines.append(f"const {name} = {{ v: {name}_v, f: {name}_f }};")
            elif kind < 0.85:
                lines.append(f"const {name} = process.env.NODE_ENV === 'test' ? require({path}) : {{ v: 'not loaded' }};")
            else:
                lines.append(f"const {name} = {{ get v() {{ return require({path}).v; }} }};")
            if module.target == "exports" and rng.random() < (0.5 if module.style == "typescript" else 0.15):
                lines.append(rng.choice([
                    f"Object.defineProperty(exports, 'v{other.index}', {{ enumerable: true, get() {{ return {name}.v; }} }});",
                    f"exports.d{other.index} = {name};",
                    f"exports.copied{other.index} = Object.assign({{}}, {name}).v;",
                    # Only where the module's own names exist already: it cannot assign to getters.
                    f"for (const key in {name}) if (key !== 'default' && !Object.hasOwn(exports, key)) "
                    f"Object.defineProperty(exports, key, {{ enumerable: true, get: () => {name}[key] }});",
                ][:4 if module.style == "typescript" else 3]))
        if self.registry and rng.random() < 0.5:
            lines.insert(rng.randint(0, len(lines)), f"const {{ register, next }} = require('./{self.registry}');")
        return lines

    def es_imports(self, module):
        rng, lines = self.rng, []
        for other in self.dependencies(module):
            name, path = f"d{other.index}", f"'./{other.name}'"
            kind = rng.random()
            # An awaited import of a module in a cycle never ends.
            ends = self.awaits and not self.cycle_share and other.index > module.index
            if other.thrower or (kind < 0.1 and ends):
                lines.append(f"const {name} = await import({path}).then((one) => one, (error) => ({{ error: error.message }}));"
                             if ends else f"const {name} = {{ later: () => import({path}).then((one) => one.v, String) }};")
            elif kind < 0.3 and not other.barrel and (other.es or other.style == "exports"):
                lines.append(f"import {{ v as {name}_v, f as {name}_f, log as {name}_log }} from {path};")
                lines.append(f"const {name} = {{ get v() {{ return {name}_v; }}, f: (by) => {name}_f(by), "
                             f"get log() {{ return {name}_log; }} }};")
            elif kind < 0.55 or (other.es and not other.has_default):
                lines.append(f"import * as {name} from {path};")
            elif kind < 0.9:
                lines.append(f"import {name} from {path};")
            else:
                lines.append(f"import {path};")
        if rng.random() < 0.1:  # not data.json: what require() has for a file that was imported has no `id`, in node
            lines.append("import data from './imported.json' with { type: 'json' }; export { data };")
        if self.registry and rng.random() < 0.5:
            lines.append(rng.choice([f"import {{ register, next }} from './{self.registry}';",
                                     f"import * as registry from './{self.registry}'; const {{ register, next }} = registry;"]))
        for other in rng.sample(self.modules, min(2, len(self.modules))):
            if other.es and other.index > module.index and rng.random() < 0.5:
                lines.append(f"export * from './{other.name}';")
                if rng.random() < 0.5:
                    lines.append(f"export {{ v as v{other.index} }} from './{other.name}';")
                if rng.random() < 0.2:
                    lines.append(f"export * as all{other.index} from './{other.name}';")
                if other.has_default and rng.random() < 0.3:
                    lines.append(f"export {{ default as default{other.index} }} from './{other.name}';")
        return lines

    def body(self, module):
        rng = self.rng
        self.serial = 0

        def hold(name, expression):
            if module.es:
                return f"export const {name} = {expression};"
            return f"{module.target}.{name} = {expression};"

        def fresh(stem="x"):
            self.serial += 1
            return f"{stem}{module.index}_{self.serial}"

        def of():
            return rng.choice(self.values)

        def held():  # a default export in a cycle may not exist yet
            return f"peek(() => {of()})" if module.es and self.cycle_share else of()

        lines = [hold("v", f"'v of {module.name}'") if not module.es or rng.random() < 0.5
                 else f"export let v = 'v of {module.name}';"]
        lines.append(hold("f", f"(by) => {{ log.push(by); return log.length; }}")
                     if rng.random() < 0.7 else
                     ("export function f(by) { log.push(by); return 'hoisted'; }" if module.es
                      else f"{module.target}.f = f; function f(by) {{ log.push(by); return 'hoisted'; }}"))
        lines.append("export { log };" if module.es else hold("log", "log"))
        if module.es and lines[0].startswith("export let"):
            lines.append("export const change = (to) => { v = to; };")
        if module.has_default:
            lines.append(rng.choice(["export default { of: log };", "export default class { static log = log; }",
                                     "export default function named() { return v; }", f"export default '{module.name}';"]))
        read = lambda: rng.choice([one for one in READS if "require(" not in one] if module.es else READS)
        if module.reads:
            for _ in range(rng.randint(1, 2)):
                lines.append(hold(fresh("read"), read()))
        if module.waits:
            lines.append(rng.choice(["await null;", "await new Promise((resolve) => setTimeout(resolve, 1));",
                                     "{ const awaited = await Promise.resolve('awaited'); peek(() => log.push(awaited)); }"]))
        if rng.random() < self.order_share:
            lines.append(f"(globalThis.{self.name}_order ??= []).push('{module.name}');")
        g = self.name
        if self.quiet and module.acts:
            lines.append(rng.choice(ACTS).replace("TRACE", f"@{g} {module.name}"))
        if self.registers:
            lines.append(hold(fresh("entry"), f"peek(() => register('{module.name}', log).number)"))
            lines.append(hold(fresh("next"), "peek(() => next())"))
        if rng.random() < self.patch_share:
            lines.append(rng.choice([
                f"globalThis.{g}_shared = '{module.name} ' + (globalThis.{g}_shared ?? '').slice(0, 20);",
                f"Object.defineProperty(Array.prototype, '{g}_own', "
                f"{{ value: () => '{module.name}', configurable: true, writable: true }});",
                f"process.{g}_set = {read()};",
                f"process.env.{g.upper()}_SET = '{module.name}';",
                f"Object.freeze(log);",
            ]))
        choices = [
            lambda: hold(fresh("count"), f"(() => {{ let count = 0; return {{ get next() {{ return ++count; }} }}; }})()"),
            lambda: hold(fresh("later"), f"() => {read()}"),
            lambda: hold(fresh("later"), f"() => log.push('later') + ' ' + peek(() => v{'' if module.es else '_none'})"),
            lambda: hold(fresh("own"), f"new (class {{ #p = log; static s = '{module.name}'; "
                                       f"get p() {{ return this.#p.length; }} }})()"),
            lambda: hold(fresh("symbol"), f"Symbol.for('{g}')"),
            lambda: hold(fresh("made"), "new Function('return typeof process')()"),
            lambda: hold(fresh("json"), "peek(() => require('./data.json'))"),
            *4 * [lambda: hold(fresh("make"), rng.choice(MADE))],
            lambda: hold(fresh("later"), "() => console.log('@%s %s is called')" % (g, module.name)),
            lambda: hold(fresh("iterator"), "[1, 2, 3].values().map((one) => log.push(one))"),
            lambda: hold(fresh("date"), f"new Date({'2020, 0, 1' if module.reads else '0'}).getTime()"),
        ]
        if module.acts:
            choices += [
                lambda: hold(fresh("global"), f"typeof globalThis.{g}_shared + [].{g}_own?.() + "
                                              f"process.{g}_set + process.env.{g.upper()}_SET"),
                lambda: hold(fresh("promise"), f"Promise.resolve().then(() => peek(() => log.push('microtask')))"),
                # Where modules await, a timer may be due during load or after it.
                lambda: ("setImmediate(() => {});" if self.awaits
                         else f"setTimeout(() => peek(() => log.push('timer')), {rng.randint(1, 3)});"),
                lambda: "process.nextTick(() => peek(() => log.push('tick')));",
            ]
        if self.values:
            choices += 2 * [
                lambda: hold(fresh("stored"), held()),
                lambda: hold(fresh("stored"), f"[{held()}, {{ inner: {held()} }}]"),
                lambda: hold(fresh("map"), f"new Map([['key', {held()}]])"),
                lambda: hold(fresh("later"), f"() => peek(() => {of()}.v)"),
                lambda: hold(fresh("touch"), f"peek(() => `touched ${{{of()}.v}}`)"),
                lambda: hold(fresh("touch"), f"peek(() => Object.keys({of()}).length)"),
                lambda: hold(fresh("touch"), f"peek(() => typeof {of()})"),
                lambda: hold(fresh("same"), f"peek(() => {of()} === {of()})"),
                lambda: f"peek(() => {of()}.f('{module.name}'));",
                lambda: hold(fresh("result"), f"peek(() => {of()}.f?.('{module.name}') ?? 'no f')"),
                lambda: f"peek(() => {of()}.change?.('changed by {module.name}'));",
                lambda: f"peek(() => {{ {of()}.v = 'assigned by {module.name}'; }});",
                lambda: f"peek(() => {{ {of()}.log.push('pushed by {module.name}'); }});",
                lambda: hold(fresh("child"), f"peek(() => new (class extends {of()} {{}})().log.length)"),
                lambda: hold(fresh("copy"), f"peek(() => ({{ ...{of()} }}).v)"),
                lambda: hold(fresh("weak"), f"peek(() => new WeakMap([[{of()}, 1]]).has({of()}))"),
            ]
        if not module.es:
            others = [other for other in self.modules if other is not module and not other.es]
            higher = [other for other in others if other.index > module.index]
            now = higher if self.requires_es else others
            if others:
                choices.append(lambda: hold(fresh("later"), f"() => require('./{rng.choice(others).name}').v"))
            lazy = [other for other in self.modules if other.index > module.index]
            if lazy:
                choices.append(lambda: hold(fresh("later"), f"() => import('./{rng.choice(lazy).name}').then((one) => one.v, String)"))
            if now:
                choices.append(lambda: hold(fresh("again"), f"peek(() => require('./{rng.choice(now).name}').v)"))
            choices.append(lambda: hold(fresh("top"), "[this === module.exports, require.main === module].join()"))
            if module.acts:
                choices.append(lambda: hold(fresh("children"), "module.children.map((one) => one.id.split('/').pop()).join()"))
            # Not where ES modules import them: traps/expected.txt, mod-linked-*.
            if module.acts and others and not any(other.es for other in self.modules):
                choices += [
                    lambda: hold(fresh("cached"),
                                 f"peek(() => require.cache[require.resolve('./{rng.choice(others).name}')]?.loaded)"),
                    lambda: f"delete require.cache[require.resolve('./{rng.choice(others).name}')];",
                    lambda: hold(fresh("parent"), "module.parent === undefined ? 'none' : module.parent.id.split('/').pop()"),
                ]
        lines += [choice() for choice in rng.choices(choices, k=rng.randint(2, 8))]
        first, rest = lines[:3], lines[3:]
        rng.shuffle(rest)
        if rng.random() < 0.2:
            rest += first
            rng.shuffle(rest)
            first = []
        return first + rest


def write_program(graphs, folder):
    """Writes the files of a program that loads the graphs and prints what they hold; returns its entry."""
    source = folder / "src"
    for graph in graphs:
        (source / graph.name).mkdir(parents=True)
        for name, text in graph.files().items():
            (source / graph.name / name).write_text(text)
    (source / "show.cjs").write_text(SHOW)
    lines = [f"import * as {graph.name} from './{graph.name}/{graph.entry}';" for graph in graphs]
    lines += ["import { show, later } from './show.cjs';",
              f"const graphs = {{ {', '.join(graph.name for graph in graphs)} }};",
              "const loaded = Object.values(graphs).map((graph) => show(graph.root));",
              "await new Promise((resolve) => setTimeout(resolve, 30));",
              "for (const [name, { root }] of Object.entries(graphs)) {",
              "  console.log(`== ${name}`);",
              "  console.log(loaded.shift());",
              "  const log = [];",
              "  later(root, log);",
              "  const results = await Promise.all(log.map((one) => Promise.resolve(one).catch(String)));",
              "  console.log(results.map((one) => show(one)).join('\\n'));",
              "  console.log(show(root));",
              "  const others = [globalThis[`${name}_order`], globalThis[`${name}_shared`], process[`${name}_set`]];",
              "  console.log(...others.map((one) => show(one)));",
              "}", ""]
    (source / "main.mjs").write_text("\n".join(lines))
    return source / "main.mjs"


def sections(text):
    """What each graph has printed: the lines that begin with @ and its name, at any time, and its section."""
    traces, rest = {}, []
    for line in text.splitlines():
        trace = re.match(r"@(\w+) ", line)
        if trace:
            traces.setdefault(trace[1], []).append(line)
        else:
            rest.append(line)
    found = dict(re.findall(r"^== (\w+)\n(.*?)(?=^== |\Z)", "\n".join([*rest, ""]), flags=re.M | re.S))
    return {name: "\n".join([*traces.get(name, []), section]) for name, section in found.items()}


class Counts:
    def __init__(self):
        self.builds = self.modules = self.baked = 0

    def add(self, log):
        self.builds += 1
        found = re.search(r"^ +(\d+) of (\d+) modules? baked", log, flags=re.M)
        if found:
            self.baked += int(found[1])
            self.modules += int(found[2])


def run_node(graphs, folder):
    """Writes and runs a program under node. Returns its entry, and what it printed in each world, or None if it failed."""
    entry = write_program(graphs, folder)
    outcomes = {}
    for world in WORLDS:
        out, err, status = outcomes[world] = worlds.launch([os.environ["KILN_NODE"], str(entry)], world, str(folder))
        if status or "ERR_INTERNAL_ASSERTION" in out + err or len(sections(out)) != len(graphs):
            return entry, None
    return entry, outcomes


def differences(graphs, folder, counts):
    """Builds and runs a program of these graphs. Returns text for each graph that differs, under "" what is of all, and
    the graphs with which node fails and which are therefore left out."""
    left_out = []
    entry, nodes = run_node(graphs, folder)
    if not nodes and len(graphs) > 1:
        for graph in graphs:
            shutil.rmtree(folder / "src")
            if not run_node([graph], folder)[1]:
                left_out.append(graph)
        shutil.rmtree(folder / "src")
        graphs = [graph for graph in graphs if graph not in left_out]
        if not graphs:
            return {}, left_out
        entry, nodes = run_node(graphs, folder)
    if not nodes:
        return {}, graphs
    failed = worlds.build(os.environ["KILN"], entry, folder / "app", OPTIONS, seconds=240)
    if failed:
        return {"": failed}, left_out
    counts.add((folder / "app.log").read_text(errors="replace"))
    (folder / "src").rename(folder / "hidden")
    found = {}
    for world in WORLDS:
        out, err, status = worlds.launch([str(folder / "app")], world, str(folder))
        wanted, got = sections(nodes[world][0]), sections(out)
        for name in wanted:
            if wanted[name] != got.get(name):
                both = (re.split(r"\n|(?<=[{,]) ", text) for text in (wanted[name], got.get(name, "")))
                lines = list(difflib.unified_diff(*both, "node", "app", lineterm="", n=2))[2:40]
                found.setdefault(name, "\n".join([f"in the world `{world.name}`:", *lines]))
        if (err, status) != nodes[world][1:]:
            found[""] = f"in the world `{world.name}`: status {status}, node's is {nodes[world][2]}\n{err[:3000]}"
        if not found and out != nodes[world][0]:
            lines = difflib.unified_diff(nodes[world][0].splitlines(), out.splitlines(), "node", "app", lineterm="", n=2)
            found[""] = "\n".join([f"in the world `{world.name}` lines have another order:", *list(lines)[:60]])
    (folder / "hidden").rename(folder / "src")
    return found, left_out


def programs(options):
    """Numbers of graphs for each program: graphs that have top-level await, and quiet ones, have programs of their own."""
    kinds = {}
    for number in range(options.seed, options.seed + options.count):
        graph = graph_of(number)
        kinds.setdefault((graph.quiet, graph.awaits), []).append(number)
    for (quiet, _), numbers in sorted(kinds.items()):
        size = options.quiet_batch if quiet else options.batch
        yield from (numbers[start:start + size] for start in range(0, len(numbers), size))


def graph_of(number):
    return Graph(number, f"g{number}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=20, help="graphs in a program")
    parser.add_argument("--quiet-batch", type=int, default=20, help="quiet graphs in a program")
    parser.add_argument("--keep", help="folder for programs that differ; without it a temporary one")
    parser.add_argument("--write", help="write the graphs as one program into this folder, and do nothing else")
    options = parser.parse_args()
    if options.write:
        numbers = range(options.seed, options.seed + options.count)
        print(write_program([graph_of(number) for number in numbers], pathlib.Path(options.write)))
        return
    scratch = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="fuzz-"))
    scratch.mkdir(exist_ok=True)
    wrong, left_out, counts = [], [], Counts()
    for numbers in programs(options):
        folder = scratch / f"batch-{numbers[0]}"
        folder.mkdir()
        found, without = differences([graph_of(number) for number in numbers], folder, counts)
        left_out += [graph.name for graph in without]
        suspects = [number for number in numbers if f"g{number}" in found] or (list(numbers) if found else [])
        alone = False
        for number in suspects:
            own = scratch / f"graph-{number}"
            own.mkdir()
            again, _ = differences([graph_of(number)], own, Counts())
            if again:
                alone = True
                wrong.append(str(number))
                print(f"-- graph {number}, kept in {own}\n" + "\n".join(again.values()), flush=True)
            else:
                shutil.rmtree(own)
        if found and not alone:
            wrong += map(str, suspects)
            print(f"-- graphs {', '.join(map(str, suspects))}, only together: {folder}")
            print("\n".join(found.values()), flush=True)
        else:
            shutil.rmtree(folder)
    if left_out:  # an internal assertion of require() of ES modules, or an error that the root module does not catch
        print(f"left out, because node fails: {' '.join(left_out)}")
        if len(left_out) * 20 > max(options.count, 100):
            sys.exit("these are too many: the generator is wrong")
    print(f"{counts.builds} programs, {counts.baked} of {counts.modules} modules baked")
    if not wrong:
        if not options.keep:
            shutil.rmtree(scratch)
        print(f"{options.count - len(left_out)} graphs are equal, from {options.seed} on")
    else:
        sys.exit(f"{len(wrong)} of {options.count} graphs differ: {' '.join(wrong)}")


if __name__ == "__main__":
    main()
