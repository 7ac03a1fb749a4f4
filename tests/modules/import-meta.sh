. "$(dirname "$0")/common.sh"
# import.meta, attributes, data: and node: URLs, JSON, require.cache, createRequire.
files <<'APP'
-- main.mjs --
import * as lib from './lib/l.mjs?x=1#y';
console.log(Object.keys(import.meta).join(), Object.getPrototypeOf(import.meta), Object.isExtensible(import.meta), import.meta.main, import.meta === (() => import.meta)());
console.log(Object.entries(import.meta).map(([k, v]) => `${k}=${typeof v === 'function' ? v.name + v.length : v}`).join('\n')); console.log(Object.entries(lib.meta).map(([k, v]) => `${k}=${typeof v === 'function' ? typeof v : v}`).join('\n'));
console.log(Object.entries(Object.getOwnPropertyDescriptors(import.meta)).map(([k, d]) => k + [d.writable, d.enumerable, d.configurable, typeof d.get]).join('; '));
import.meta.own = 1; console.log(import.meta.own, lib.meta.own, lib.meta === import.meta, (await import('./lib/l.mjs')).meta === lib.meta, lib.meta.resolve('./z.mjs'), delete import.meta.main, import.meta.main);
import.meta.url = 'changed'; console.log(import.meta.url, import.meta.resolve('./q.mjs'), typeof import.meta.env, (0, eval)('typeof process'));
const { resolve } = import.meta; console.log(resolve('./a b.mjs'), new URL('./d.txt', lib.meta.url).pathname); console.log(process.argv[1] === import.meta.filename, process.argv.length);
-- lib/l.mjs --
export const { meta } = import;
APP
sed -i 's/export const { meta } = import;/export const meta = import.meta;/; s/; console.log(process.argv\[1\].*$//' src/lib/l.mjs src/main.mjs
as_node 'import.meta' main.mjs

files <<'APP'
-- main.mjs --
import data from './d.json' with { type: 'json' }; import { default as same } from './d.json' with { 'type': "json" }; import * as ns from './d.json' with { type: 'json' }; import { createRequire } from 'node:module';
const require = createRequire(import.meta.url); const t = async (label, p) => { try { console.log(label, await p()); } catch (e) { console.log(label, e.name, e.code, e.message.split('\n')[0]); } };
console.log(data === same, ns, Object.keys(ns), data === require('./d.json'), JSON.stringify(data), Object.getPrototypeOf(data.__proto__) === null, data.n);
await t('with', () => import('./d.json', { with: { type: 'json' } }).then((m) => m.default === data)); await t('without', () => import('./d.json')); await t('wrong type', () => import('./d.json', { with: { type: 'css' } })); await t('unknown key', () => import('./d.json', { with: { type: 'json', other: 'x' } })); await t('js as json', () => import('./js.mjs', { with: { type: 'json' } })); await t('empty', () => import('./js.mjs', { with: {} }).then((m) => m.js)); await t('options undefined', () => import('./js.mjs', undefined).then((m) => m.js)); await t('options null', () => import('./js.mjs', null)); await t('with null', () => import('./js.mjs', { with: null })); await t('number', () => import('./d.json', { with: { type: 1 } })); await t('type text', () => import('./js.mjs', { with: { type: 'javascript' } }));
await t('specifier object', () => import({ toString: () => './js.mjs' }).then((m) => m.js)); await t('specifier throws', () => import({ toString() { throw new RangeError('mine'); } })); await t('symbol', () => import(Symbol('s'))); await t('undefined', () => import(undefined)); await t('number spec', () => import(5)); await t('array', () => import(['./js.mjs']).then((m) => m.js));
await t('bad json', () => import('./bad.json', { with: { type: 'json' } })); await t('bad require', () => require('./bad.json'.slice(0))); await t('require json', () => require('./d.json').n);
-- d.json --
{ "n": 1, "__proto__": { "x": 1 }, "a": [null, "é"] }
-- js.mjs --
export const js = 'js';
-- bad.json --
{ "a": 
APP
as_node 'JSON and attributes' main.mjs --asset src/bad.json

files <<'APP'
-- main.mjs --
import d, { named } from 'data:text/javascript,export default "data"; export const named = import.meta.url.length;'; import j from 'data:application/json,{"a":1}' with { type: 'json' };
import 'data:text/javascript,globalThis.fromData = typeof import.meta.dirname + typeof import.meta.resolve + import.meta.main'; import * as os from 'node:os'; import os2 from 'os'; import { sep } from 'data:text/javascript,export * from "node:path"';
console.log(d, named, j, fromData, os.default === os2, sep, (await import('data:text/javascript,export default "data"; export const named = import.meta.url.length;')).default);
APP
as_node 'static imports of data: URLs' main.mjs

files <<'APP'
-- main.mjs --
const t = async (label, p) => { try { console.log(label, await p()); } catch (e) { console.log(label, e.name, e.code, e.message.split('\n')[0]); } };
const js = (text) => import('data:text/javascript,' + text), load = (s, o) => import(s, o), url = 'data:text/javascript,export default Symbol()';
await t('same', async () => (await load(url)).default === (await load(url)).default); await t('base64', () => load('data:text/javascript;base64,' + btoa('export default 64')).then((m) => m.default)); await t('charset', () => load('data:text/javascript;charset=utf-8,export default "%C3%A9"').then((m) => m.default)); await t('unknown', () => load('data:text/plain,x')); await t('relative', () => js('import "./x.mjs"')); await t('bare', () => js('import "fs"; export default 1').then((m) => m.default)); await t('throws', () => js('throw new Error("of data")')); await t('syntax', () => js('let a b')); await t('json', () => load('data:application/json,[1]', { with: { type: 'json' } }).then((m) => m.default)); await t('json without', () => load('data:application/json,[1]')); await t('file', () => js('export { x } from "' + new URL('./x.mjs', import.meta.url) + '"').then(async (m) => m.x === (await import('./x.mjs')).x));
await t('http', () => load('https://example.com/x.mjs')); await t('node', () => load('node:path').then((m) => m.default.sep + Object.keys(m).includes('join'))); await t('internal', () => load('internal/util')); await t('node nope', () => load('node:nope')); await t('ftp', () => load('ftp://x/y')); await t('x', async () => (await import('./x.mjs')).x === (await load(new URL('./x.mjs', import.meta.url).href)).x); await t('nested data', () => js('export { default } from "data:text/javascript,export default 1"').then((m) => m.default)); await t('stack', () => js('export const f = () => { throw new Error("e") }').then((m) => { try { m.f(); } catch (e) { return e.stack.split('\n')[1].trim(); } }));
-- x.mjs --
export const x = Symbol('x');
APP
as_node 'import() of data: and node: URLs' main.mjs

files <<'APP'
-- main.mjs --
import module, { createRequire, builtinModules, Module } from 'node:module'; import path from 'node:path';
const require = createRequire(import.meta.url), other = createRequire(path.join(import.meta.dirname, 'deep/none.js'));
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.name, e.code, e.message.split('\n')[0]); } };
t('main', () => require.main); t('cache', () => require.cache === Module._cache); t('keys', () => Object.keys(require).join()); t('other', () => other('./x.cjs') + other.resolve('./x.cjs')); t('package', () => other('p')); t('same', () => require('./deep/x.cjs') === other('./x.cjs')); t('module', () => require('module') === Module && module === Module); t('builtin', () => builtinModules.includes('fs'));
t('cached', () => { const id = require.resolve('./deep/x.cjs'); require.cache[id].exports = 'changed'; return require('./deep/x.cjs'); }); t('fake', () => { require.cache[path.join(import.meta.dirname, 'fake.js')] = { exports: 'fake', loaded: true }; return require('./fake.js'.slice(0)); });
t('counts', () => { const id = require.resolve('./deep/count.cjs'); const a = require('./deep/count.cjs'); delete require.cache[id]; return [a, require('./deep/count.cjs')].join(); }); t('url', () => createRequire(new URL('./deep/', import.meta.url))('./x.cjs')); t('relative', () => createRequire('./x.js')); t('module._load', () => Module._load('./deep/y.cjs', null)); t('parent', () => require('./deep/parent.cjs')); t('extensions', () => Object.keys(require.extensions).join());
t('hook', () => { require.extensions['.txt'] = (m, f) => { m.exports = 'text ' + path.basename(f); }; return require('./deep/t.txt'); }); t('_resolveFilename', () => { const old = Module._resolveFilename; Module._resolveFilename = (s, ...r) => s === 'virtual' ? old('./deep/y.cjs', ...r) : old(s, ...r); const v = require('vir' + 'tual'.slice(0)); Module._resolveFilename = old; return v; }); t('_load', () => { const old = Module._load; Module._load = (s, ...r) => s.includes('mocked') ? 'a mock' : old(s, ...r); const v = require('mocked'.slice(0)); Module._load = old; return v; });
-- deep/x.cjs --
module.exports = 'x';
-- deep/y.cjs --
module.exports = 'y';
-- deep/count.cjs --
module.exports = globalThis.c = (globalThis.c ?? 0) + 1;
-- deep/parent.cjs --
module.exports = [module.parent?.id, require.main === undefined, module.id, module.paths[0]].join();
-- deep/t.txt --
text
-- deep/node_modules/p/index.js --
module.exports = 'package p';
APP
as_node 'createRequire and the cache' main.mjs --asset src/deep
report_differences
