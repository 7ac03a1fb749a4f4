. "$(dirname "$0")/common.sh"
# WebAssembly modules, as Node 24 imports them: what they import and export, cycles, several instances, source phase.

# wasm_files: writes the .wasm files of ./src, assembled by hand.
wasm_files() {
  "$KILN_NODE" - <<'JS'
const fs = require('fs');
const text = (s) => [Buffer.byteLength(s), ...Buffer.from(s)];
const list = (items) => [items.length, ...items.flat()];
const section = (id, items) => { const body = list(items); return [id, ...(body.length < 128 ? [body.length] : [body.length & 127 | 128, body.length >> 7]), ...body]; };
const i32 = 0x7f, none = [0x60, 0, 0], unary = [0x60, 1, i32, 1, i32], nullary = [0x60, 0, 1, i32];
const code = (...ops) => [ops.length + 2, 0, ...ops, 0x0b];
const write = (path, ...sections) => {
  fs.mkdirSync('src/' + path.replace(/[^/]*$/, ''), { recursive: true });
  fs.writeFileSync('src/' + path, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]));
};
const types = section(1, [none, unary, nullary]);
// (func (export "inc") (param i32) (result i32) local.get 0; i32.const 1; i32.add), a memory, a global, a table
write('plain.wasm', types, section(3, [[1], [2]]), section(4, [[0x70, 0, 2]]), section(5, [[0, 1]]),
      section(6, [[i32, 1, 0x41, 7, 0x0b], [i32, 0, 0x41, 8, 0x0b]]),
      section(7, [[...text('inc'), 0, 0], [...text('memory'), 2, 0], [...text('mutable'), 3, 0], [...text('constant'), 3, 1], [...text('table'), 1, 0], [...text('a name'), 0, 1], [...text('default'), 0, 0]]),
      section(10, [code(0x20, 0, 0x41, 1, 0x6a), code(0x41, 42)]));
const importer = (path, specifier, name, exported) =>
  write(path, types, section(2, [[...text(specifier), ...text(name), 0, 1]]), section(3, [[1]]), section(7, [[...text(exported), 0, 1]]), section(10, [code(0x20, 0, 0x10, 0)]));
importer('from-esm.wasm', './lib/esm.mjs', 'double', 'call');
importer('from-cjs.wasm', './lib/cjs.cjs', 'triple', 'call');
importer('from-wasm.wasm', './plain.wasm', 'inc', 'call');
importer('from-package.wasm', 'pkg', 'negate', 'call');
importer('from-hash.wasm', '#hash', 'double', 'call');
importer('no-name.wasm', './lib/esm.mjs', 'absent', 'call');
importer('no-module.wasm', './lib/gone.mjs', 'f', 'call');
importer('cycle.wasm', './cycle.mjs', 'back', 'call');
importer('no-function.wasm', './lib/esm.mjs', 'number', 'call');
importer('node_modules/pkg/inner.wasm', './index.js', 'negate', 'call');
// (start) calls the import with 5
write('starts.wasm', types, section(2, [[...text('./lib/esm.mjs'), ...text('log'), 0, 1]]), section(3, [[0]]), [8, 1, 1], section(10, [code(0x41, 5, 0x10, 0, 0x1a)]));
write('traps.wasm', types, section(3, [[0]]), [8, 1, 0], section(10, [code(0x00)]));
write('exports-nothing.wasm');
fs.writeFileSync('src/broken.wasm', 'this is no WebAssembly');
JS
}
files <<'APP'
-- package.json --
{"imports": {"#hash": "./lib/esm.mjs"}}
-- main.mjs --
import { inc, memory, mutable, constant, table, 'a name' as named } from './plain.wasm';
import * as plain from './plain.wasm'; import byDefault from './plain.wasm'; import { call as fromEsm } from './from-esm.wasm'; import { call as fromCjs } from './from-cjs.wasm';
import { call as fromWasm } from './from-wasm.wasm'; import { call as fromPackage } from './from-package.wasm'; import { call as fromHash } from './from-hash.wasm'; import { inner } from 'pkg';
import './exports-nothing.wasm'; import './starts.wasm'; import * as cycle from './cycle.mjs'; import source source from './plain.wasm'; import * as again from './plain.wasm?again';
const t = async (label, f) => { try { console.log(label, await f()); } catch (e) { console.log(label, e?.name, e?.code, `${e?.message}`.split('\n')[0].replace(/\/[^ ]*\/(?=[^ /]*(wasm|mjs))/g, '')); } };
console.log(inc(1), memory instanceof WebAssembly.Memory, mutable, constant, table.length, named(), byDefault(5), Object.keys(plain).join(), Object.prototype.toString.call(plain), plain[Symbol.toStringTag]);
console.log(fromEsm(4), fromCjs(4), fromWasm(4), fromPackage(4), fromHash(4), inner(6), globalThis.started, cycle.call(3));
console.log(source instanceof WebAssembly.Module, WebAssembly.Module.exports(source).map((x) => x.name).join(), again.inc === inc, again.memory === memory, typeof again.inc);
await t('import()', async () => (await import('./plain.wasm')) === plain);
await t('import.source()', async () => (await import.source('./plain.wasm')) === source);
await t('computed', async () => (await import(['./plain', 'wasm'].join('.'))) === plain);
await t('broken', () => import('./broken.wasm'));
await t('traps', () => import('./traps.wasm'));
await t('traps again', () => import('./traps.wasm'));
await t('no name', () => import('./no-name.wasm'));
await t('no module', () => import('./no-module.wasm'));
await t('no function', () => import('./no-function.wasm'));
await t('attributes', () => import('./plain.wasm', { with: { type: 'json' } }));
await t('resolve', () => import.meta.resolve('./plain.wasm').split('/').pop());
await t('require', async () => Object.keys((await import('./requires.cjs')).default()));
await t('gone', () => import('./gone.wasm'));
-- requires.cjs --
module.exports = () => { try { return require('./plain.wasm'); } catch (e) { console.log(e.name, e.message); } require.extensions['.wasm'] = (m, f) => { m.exports = new WebAssembly.Instance(new WebAssembly.Module(require('fs').readFileSync(f))).exports; }; return require('./plain.wasm'); };
-- lib/esm.mjs --
export const double = (x) => 2 * x, number = 5, log = (x) => globalThis.started = `started with ${x}`;
-- lib/cjs.cjs --
exports.triple = (x) => 3 * x;
-- cycle.mjs --
import { call } from './cycle.wasm';
export function back(x) { return x + 100; } export { call };
-- node_modules/pkg/index.js --
import { call } from './inner.wasm'; export function negate(x) { return -x; } export const inner = (x) => call(x);
-- node_modules/pkg/package.json --
{"name": "pkg", "type": "module", "exports": "./index.js"}
APP
wasm_files
as_node 'WebAssembly modules' main.mjs
files <<'APP'
-- main.wasm.mjs --
import { call } from './from-esm.wasm' with {}; export { call }; export * from './plain.wasm'; export { default as other } from './plain.wasm';
import * as self from './main.wasm.mjs';
console.log(Object.keys(self).join(), self.call(21), self.other(1));
console.log((await import('data:application/wasm;base64,AGFzbQEAAAA=')), await import('data:application/wasm,nothing').catch((e) => [e.name, e.message].join()));
-- lib/esm.mjs --
export const double = (x) => 2 * x;
APP
wasm_files
as_node 'exported again, and data: URLs' main.wasm.mjs
report_differences
