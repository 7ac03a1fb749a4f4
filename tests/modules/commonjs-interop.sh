. "$(dirname "$0")/common.sh"
# ES modules import CommonJS: found export names, default, `module.exports`, __esModule (as cjs-module-lexer has it).
files <<'APP'
-- main.mjs --
import * as names from './names.cjs'; import * as re from './re.cjs'; import * as def from './define.cjs'; import * as obj from './object.cjs'; import * as es from './es.cjs'; import * as babel from './babel.cjs'; import * as fn from './fn.cjs'; import * as late from './late.cjs'; import * as none from './none.cjs'; import * as prim from './prim.cjs'; import * as ts from './ts.cjs'; import * as spread from './spread.cjs'; import * as self from './self.cjs'; import * as strange from './strange.cjs'; import * as getters from './getters.cjs'; import * as unsafe from './unsafe.cjs';
for (const [k, ns] of Object.entries({ names, re, def, obj, es, babel, fn, late, none, prim, ts, spread, self, strange, getters, unsafe })) console.log(k, Object.keys(ns).join(), Object.keys(ns).map((n) => n === 'default' || n === 'module.exports' ? typeof ns[n] : String(ns[n])).join());
console.log(fn.default(), fn['module.exports'] === fn.default, es.default.default, es['module.exports'] === es.default, prim.default);
import { a as named, 'module.exports' as me } from './names.cjs'; import { default as d } from './names.cjs'; import mixed, { b } from './names.cjs'; import { default as esDefault, __esModule } from './es.cjs';
console.log(named, me === d, mixed === d, b, esDefault, __esModule);
export { a as out } from './names.cjs'; export * from './re.cjs'; export * as all from './names.cjs'; import * as me2 from './main.mjs'; console.log(Object.keys(me2).join());
-- names.cjs --
exports.a = 1; exports['b'] = 2; module.exports.c = 3; if (false) exports.never = 4; function f() { exports.inner = 5; } exports.d = exports.e = 6; exports['a-b'] = 7; exports.default = 8; /* exports.comment = 1 */ 'exports.string = 1';
-- re.cjs --
module.exports = require('./names.cjs'); module.exports.extra = 1;
-- define.cjs --
Object.defineProperty(exports, 'x', { enumerable: true, value: 'x' }); Object.defineProperty(exports, 'y', { enumerable: true, get: function () { return q.p; } }); Object.defineProperty(exports, 'z', { value: 1 }); Object.defineProperty(exports, 'w', { get: () => 'w' }); const q = { p: 'y' };
-- object.cjs --
const a = 1, b = 2; module.exports = { a, b, 'c': 3, d: 4, [a]: 5, ...{ s: 6 }, e };  function e() {}
-- es.cjs --
Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'es default'; exports.named = 1;
-- babel.cjs --
'use strict'; exports.__esModule = true; var _names = require('./names.cjs'); Object.keys(_names).forEach(function (key) { if (key === 'default' || key === '__esModule') return; if (key in exports && exports[key] === _names[key]) return; Object.defineProperty(exports, key, { enumerable: true, get: function () { return _names[key]; } }); }); exports.default = void 0;
-- fn.cjs --
module.exports = function () { return 'fn'; }; module.exports.prop = 1; module.exports.default = 2;
-- late.cjs --
exports.early = 1; setTimeout(() => { exports.early = 2; exports.added = 3; });
-- none.cjs --
console.log('none runs', this === module.exports);
-- prim.cjs --
module.exports = 42;
-- ts.cjs --
"use strict"; var __exportStar = (this && this.__exportStar) || function (m, exports) { for (var p in m) if (p !== "default" && !Object.prototype.hasOwnProperty.call(exports, p)) exports[p] = m[p]; }; Object.defineProperty(exports, "__esModule", { value: true }); exports.own = void 0; __exportStar(require("./names.cjs"), exports); exports.own = 'own';
-- spread.cjs --
module.exports = { ...require('./names.cjs'), more: 1 };
-- self.cjs --
exports.one = 1; module.exports = { two: 2 };
-- strange.cjs --
exports['a\u0062c'] = 1; exports.π = 2; exports['🌐'] = 3; exports['\ud83c'] = 4; exports[''] = 5; exports.class = 6; exports['then '] = 7;
-- getters.cjs --
let n = 0; Object.defineProperty(exports, 'n', { enumerable: true, get() { return ++n; } }); Object.defineProperty(exports, 'throws', { enumerable: true, get: function () { return missing.x; } }); const missing = { x: 'x' };
-- unsafe.cjs --
exports.a = 1; exports.a = 2; module.exports.toString = 3; exports.__proto__ = null; exports.hasOwnProperty = 4;
APP
as_node 'export names' main.mjs

files <<'APP'
-- main.mjs --
import cjs, { count, obj, arr } from './c.cjs'; import * as ns from './c.cjs'; import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
cjs.inc(); console.log(count, ns.count, cjs.count, ns.default === cjs, require('./c.cjs') === cjs, ns === await import('./c.cjs'));
cjs.replace(); console.log(obj, ns.obj, cjs.obj, arr.length, ns);
console.log(require.cache[require.resolve('./c.cjs')].exports === cjs, delete require.cache[require.resolve('./c.cjs')], require('./c.cjs') === cjs, (await import('./c.cjs')).default === cjs);
import fs, { readFileSync, promises } from 'node:fs'; import * as fsns from 'fs'; import { syncBuiltinESMExports } from 'node:module';
const old = fs.readFileSync; fs.readFileSync = () => 'patched'; console.log(readFileSync === old, fsns.readFileSync === old); syncBuiltinESMExports(); console.log(readFileSync(), fsns.readFileSync(), fsns.default === fs, promises === fs.promises, Object.isFrozen(fsns)); fs.readFileSync = old; syncBuiltinESMExports(); console.log(readFileSync === old);
fs.own = 1; syncBuiltinESMExports(); console.log('own' in fsns, delete fs.own); delete fs.statSync; syncBuiltinESMExports(); console.log(fsns.statSync, typeof fsns.lstatSync);
-- c.cjs --
exports.count = 0; exports.obj = 'first'; exports.arr = [1]; exports.inc = () => ++exports.count; exports.replace = () => { exports.obj = 'second'; };
APP
as_node 'copies, caches and syncBuiltinESMExports' main.mjs

files <<'APP'
-- main.js --
const es = require('./es.mjs'), withDefault = require('./default.mjs'), marker = require('./marker.mjs'), only = require('./only.mjs'), flagged = require('./flagged.mjs'), typed = require('./typed.mjs');
console.log(es, es.__esModule, withDefault, withDefault.__esModule, withDefault.default, marker, typeof only, only(), flagged.__esModule, typed);
console.log(require('./es.mjs') === es, require('module').prototype.constructor === module.constructor, Object.prototype.toString.call(es), require('util').types.isModuleNamespaceObject(withDefault));
import('./es.mjs').then(async (ns) => { console.log(ns === es, (await import('./default.mjs')) === withDefault, Object.keys(await import('./default.mjs')), (await import('./marker.mjs')).default, (await import('./marker.mjs'))['module.exports'] === marker); });
try { require('./tla.mjs'); } catch (e) { console.log(e.code, e.message.split('\n')[0]); } try { require('./via-tla.mjs'); } catch (e) { console.log(e.code); }
const m = require.cache[require.resolve('./es.mjs')]; console.log(m.exports === es, m.loaded, m.id, m.parent === module, m.children.length, module.children.length, Object.keys(require.cache).map((k) => k.split('/').pop()).join());
console.log(withDefault.live, (withDefault.bump(), withDefault.live), Object.keys(withDefault), 'live' in withDefault);
-- es.mjs --
export const a = 1, b = 2;
-- default.mjs --
export default 'the default'; export let live = 1; export function bump() { live++; }
-- marker.mjs --
const whole = { whole: true }; export { whole as 'module.exports' }; export default 'hidden'; export const x = 1;
-- only.mjs --
export { f as 'module.exports' }; function f() { return 'called'; }
-- flagged.mjs --
export const __esModule = false; export default 1;
-- typed.mjs --
export const __esModule = true, y = 1;
-- tla.mjs --
await 0; export const late = 1;
-- via-tla.mjs --
export * from './tla.mjs';
APP
as_node 'require() of ES modules' main.js

files <<'APP'
-- main.mjs --
import { start } from './a.mjs'; import './d.mjs';
console.log(start());
const t = async (s) => { try { console.log(s, Object.keys(await import(s))); } catch (e) { console.log(s, e.code, e.message.split('\n')[0].replace(/ \(from.*/, '')); } };
await t('./self.cjs'); await t('./p.mjs');
-- a.mjs --
import b from './b.cjs'; export const value = 'a'; export const start = () => b.get();
-- b.cjs --
const c = require('./c.cjs'); exports.get = () => c.read(); exports.b = 1;
-- c.cjs --
const b = require('./b.cjs'); let code; try { require('./a.mjs'); } catch (e) { code = e.code; } exports.read = () => [code, Object.keys(b).join(), require('./a.mjs').value].join();
-- d.mjs --
import e from './e.cjs'; import { value } from './a.mjs'; console.log('d', e, value);
-- e.cjs --
module.exports = import('./d.mjs').then((ns) => console.log('e', Object.keys(ns))) instanceof Promise;
-- self.cjs --
exports.early = 1; exports.same = require('./self.cjs') === exports; require('./back.mjs');
-- back.mjs --
import self from './self.cjs'; export const s = self;
-- p.mjs --
import './q.cjs'; export const p = 1;
-- q.cjs --
try { require('./p.mjs'); } catch (e) { exports.code = e.code; console.log(e.code, e.message.split('\n')[0].replace(/ \(from.*/, '')); }
APP
as_node 'cycles of both kinds' main.mjs

files <<'APP'
-- main.mjs --
import './d.cjs';
-- d.cjs --
const e = require('./e.mjs'); console.log('d', e.value, Object.keys(e)); exports.d = 1;
e.later().then((ns) => console.log(ns.default));
-- e.mjs --
export const value = 1; export const later = () => import('./d.cjs');
APP
as_node 'import() makes no cycle' main.mjs

files <<'APP'
-- main.cjs --
#!/usr/bin/env node
console.log([typeof exports, typeof require, typeof module, typeof __filename, typeof __dirname, arguments.length, new.target, this === exports, arguments[4] === __dirname, arguments.callee.name].join());
undeclared = 'sloppy'; console.log(undeclared, delete globalThis.undeclared, 010, "\101", (function () { return this === globalThis; })(), (function () { return typeof arguments.callee; })());
with ({ inside: 'with' }) console.log(inside); var let_ = 1; var yield = 2, static = 3, let = 4, await = 5; console.log(yield + static + let + await);
<!-- an HTML comment
--> another one
label: for (var i = 0; ; i++) { if (i > 2) break label; }
function dup(a, a) { return a; } console.log(dup(1, 2), i, typeof hoisted, hoisted()); { function hoisted() { return 'block'; } } function hoisted() { return 'function'; }
require('./strict.cjs'); require('./return.cjs'); console.log(require('./return.cjs'), require('./late.cjs')); module.exports = this; Object.defineProperty(module, 'own', { value: 1 }); console.log(module.own, require.main === module, require.extensions['.js'] !== undefined);
import('./return.cjs').then((ns) => console.log(Object.keys(ns), ns.default)); var __filename = __filename + ' shadowed'; console.log(__filename.endsWith('shadowed'), eval('typeof require'), new Function('return typeof require')());
return console.log('before return'); console.log('never');
-- strict.cjs --
'use strict'; try { undeclared2 = 1; } catch (e) { console.log(e.message); } console.log((function () { return this; })(), typeof this); try { null_ = arguments.callee; } catch (e) { console.log(e.name); }
-- return.cjs --
exports.first = 1; if (exports.first) return; exports.second = 2;
-- late.cjs --
var require = ((r) => (s) => 'own require ' + s)(require); module.exports = require('./not-there.cjs');
APP
as_node 'sloppy CommonJS' main.cjs

files <<'APP'
-- main.mjs --
import { v } from './a.mjs'; import './c.mjs'; console.log(v); const t = async (s) => { try { await import(s); } catch (e) { console.log(e.code, e.message); } };
await t('./missing-in.cjs'); await t('./throws.cjs');
-- a.mjs --
import b from './b.cjs'; export const v = 'a ' + b.t();
-- b.cjs --
exports.t = () => { try { return require('./a.mjs').v; } catch (e) { return e.code + ' ' + e.message; } };
-- c.mjs --
import d from './d.cjs'; console.log(d.t()); await 0; console.log(d.t());
-- d.cjs --
exports.t = () => { try { return Object.keys(require('./c.mjs')); } catch (e) { return e.code + ' ' + e.message; } };
-- missing-in.cjs --
const name = './gone.cjs'; require(name);
-- throws.cjs --
require('./e.mjs');
-- e.mjs --
import f from './f.cjs'; throw Object.assign(new Error('of e ' + f), { code: 'E_E' });
-- f.cjs --
module.exports = 'f';
APP
as_node 'messages' main.mjs
report_differences
