. "$(dirname "$0")/common.sh"
# node:repl in an app (report 37): evaluation, commands, completion, top-level await, streams of its own.
files <<'APP'
-- main.js --
const repl = require('node:repl'), { PassThrough } = require('stream'), fs = require('fs'), path = require('path'), os = require('os');
const session = (options, lines, prepare = () => {}) => new Promise((done) => {
  const input = new PassThrough(), output = new PassThrough(); let text = ''; output.on('data', (d) => { text += d; });
  const r = repl.start({ prompt: '> ', input, output, terminal: false, ...options }); prepare(r); r.on('exit', () => { console.log(text.replaceAll(__dirname, 'D').replace(/^    at .*\n/gm, '')); console.log('--'); done(r); });
  (async () => { for (const line of lines) { input.write(line + '\n'); await new Promise((t) => setTimeout(t, 5)); } input.end(); })();
});
const complete = (r, text) => new Promise((done) => r.complete(text, (e, [all, on]) => done(`${on}: ${all.filter(Boolean).length} ${all.filter(Boolean).slice(0, 5)}`)));
(async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'kiln-repl-')); fs.writeFileSync(path.join(dir, 'load.js'), 'const loaded = 5;\nfunction twice(x) {\n  return 2 * x;\n}\n'); fs.writeFileSync(path.join(dir, 'm.js'), 'exports.fromDisk = 1;'); process.chdir(dir);
  await session({}, ['1 + 1', 'const a = { b: [1, 2, { c: 3 }] }', 'a', 'function f() {', '  return 5;', '}', 'f()', 'foo.bar', 'throw new TypeError("thrown")', '_error.message', 'let x = 1; x = 2', '_', '`${x}`', '{ a: 1 }', '1n ** 70n', '[...Array(3).keys()]', 'var y = 1;', 'syntax error here', '"unterminated', 'class A { #p = 1 }; new A()', 'Symbol("s")', 'new Map([[1, { a: 2 }]])', '/re/g', 'undefined', 'null', '(() => {})', 'new Error("e").message']);
  await session({}, ['await Promise.resolve(3)', 'const p = await new Promise((r) => setTimeout(r, 3, "later"))', 'p', 'await Promise.reject(new Error("rejected"))', 'for await (const z of [1]) console.log(typeof z)', '(await import("node:os")).EOL', 'const { readFileSync } = await import("fs"); typeof readFileSync', 'import fs from "fs"']);
  await session({}, ['.help', '.load load.js', 'twice(loaded)', '.break', '.save saved.js', '.hello', '.nope', '.clear', 'require("./m").fromDisk', 'require("os").EOL', 'fs.constants.R_OK', 'typeof module', 'require("' + require.resolve('./lib') + '").lib', 'require.resolve("fs")', 'module.paths.length > 1', 'path.sep'], (r) => r.defineCommand('hello', { help: 'greets', action(n) { this.output.write('hello!\n'); this.displayPrompt(); } })); console.log(fs.readFileSync('saved.js', 'utf8').trim().split('\n').length);
  await session({ eval: (cmd, context, file, done) => done(cmd.trim() === 'bad' ? new Error('from eval') : null, cmd.trim().toUpperCase() + ' ' + file), writer: (v) => `<${v?.message ?? v}>` }, ['abc', 'bad', '.exit', 'not read']);
  await session({ replMode: repl.REPL_MODE_STRICT, ignoreUndefined: true, prompt: '$ ' }, ['undefined', 'undeclared = 1', 'this === globalThis', 'answer', 'context'], (r) => { r.context.answer = 42; Object.defineProperty(r.context, 'context', { value: 'read only' }); });
  await session({ useGlobal: true }, ['globalThis.leaked = 7', 'process.pid > 0']); console.log(globalThis.leaked, repl.builtinModules?.length > 30, Object.keys(repl).join());
  const r = await session({}, ['const local = { first: 1, second: 2 }'], async (r) => { for (const text of ['conso', 'console.lo', 'Mat', 'Math.ma', 'process.ver', 'require("f', 'require("fs/p', '.lo', 'globalThis.Arr', '"".toUp', 'import("o', 'nothing.at.all', 'local.']) console.log(await complete(r, text)); });
  const t = repl.start({ input: new PassThrough(), output: new PassThrough(), terminal: true, useColors: true, preview: false }); console.log(t.useColors, t.terminal, t.getPrompt(), t.historySize ?? t.history?.length, new repl.REPLServer({ input: new PassThrough(), output: new PassThrough() }) instanceof repl.REPLServer, repl.writer({ a: 1 }), repl.isValidSyntax?.('1 +')); t.close();
  t.setupHistory(path.join(dir, 'history'), (e, again) => { console.log(e, again === t); fs.rmSync(dir, { recursive: true }); });
})();
-- lib.js --
exports.lib = 'bundled lib';
APP
as_node 'sessions' main.js --asset src/lib.js

files <<'APP'
-- main.mjs --
import repl, { start, REPLServer } from 'node:repl'; import { PassThrough } from 'node:stream'; const output = new PassThrough(); output.on('data', (d) => process.stdout.write(d));
const input = new PassThrough(); const r = start({ input, output, prompt: '' }); console.log(r instanceof REPLServer, repl.start === start, process.getBuiltinModule('repl') === repl); r.on('exit', () => console.log('exit')); r.on('reset', () => console.log('reset')); input.end('1+1\n.clear\nawait import("data:text/javascript,export default 5").then((m) => m.default)\nprocess.exitCode = 3\n');
APP
as_node 'from an ES module' main.mjs
report_differences
