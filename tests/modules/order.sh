. "$(dirname "$0")/common.sh"
# The order in which modules of both kinds run (report 07).
files <<'APP'
-- main.mjs --
import './first.cjs'; import './es.mjs'; import './late.cjs'; import data from './d.json' with { type: 'json' }; import './es2.mjs'; import 'pkg';
console.log('main', globalThis.order.join(), data);
-- first.cjs --
globalThis.order = ['first']; require('./inner.cjs'); order.push('first end');
-- inner.cjs --
order.push('inner'); require('./es.mjs'); order.push('inner end');
-- es.mjs --
import './es-dep.mjs'; import c from './dep.cjs'; order.push('es ' + c);
-- es-dep.mjs --
order.push('es-dep');
-- dep.cjs --
order.push('dep'); module.exports = order.length;
-- late.cjs --
order.push('late'); exports.x = require('./es2.mjs').v; order.push('late ' + exports.x);
-- es2.mjs --
order.push('es2'); export let v = order.length;
-- d.json --
[1]
-- node_modules/pkg/package.json --
{"main":"./i","name":"pkg"}
-- node_modules/pkg/i.js --
order.push('pkg ' + (require.main === undefined) + (module.parent === undefined) + module.children.length);
APP
as_node 'require() of what is imported later' main.mjs

files <<'APP'
-- package.json --
{"type":"module"}
-- main.js --
export * from './a.js'; export { default } from './b.cjs'; import './a.js'; import './c.js'; export * as d from './d.cjs';
console.log('main');
-- a.js --
console.log('a'); export * from './a2.cjs'; import './main.js';
-- a2.cjs --
console.log('a2'); exports.a2 = 2;
-- b.cjs --
console.log('b', require('./b2.cjs')); module.exports = 1;
-- b2.cjs --
console.log('b2'); import('./e.js').then(() => console.log('e loaded')); module.exports = 'two';
-- c.js --
import { a2 } from './a.js'; console.log('c', a2); function hoisted() { return 'h'; } export { hoisted };
-- d.cjs --
console.log('d'); queueMicrotask(() => console.log('d micro'));
-- e.js --
import './f.js'; console.log('e');
-- f.js --
console.log('f');
APP
as_node 're-exports and cycles' main.js

files <<'APP'
-- main.js --
console.log('main starts'); const a = require('./a.js');
console.log(a, require('./esm.mjs').from, Object.keys(require.cache).map((k) => k.split('/').pop()).join());
import('./esm.mjs').then((ns) => console.log('imported', ns === require('./esm.mjs'))); console.log('main ends');
-- a.js --
console.log('a'); exports.early = 1; const b = require('./b.js'); exports.b = b.sum; exports.done = b.seen;
-- b.js --
console.log('b'); const a = require('./a.js'); exports.seen = Object.keys(a).join(); exports.sum = require('./esm.mjs').v + 1;
-- esm.mjs --
import c from './c.cjs'; console.log('esm', c.n); export const v = 41, from = 'esm'; import './c.cjs';
-- c.cjs --
console.log('c'); module.exports.n = 7;
APP
as_node 'from CommonJS' main.js

files <<'APP'
-- main.mjs --
import './polyfill.cjs'; import { has } from './user.mjs'; import fs from './patched.cjs'; import { readFileSync } from 'node:fs'; import nodefs from 'node:fs';
console.log(has, fs === nodefs, readFileSync('x'), nodefs.readFileSync('y'));
-- polyfill.cjs --
Array.prototype.lastOne ??= function () { return this[this.length - 1]; };
-- user.mjs --
export const has = [1, 2].lastOne();
-- patched.cjs --
const fs = require('fs'); fs.readFileSync = (x) => 'patched ' + x; require('module').syncBuiltinESMExports(); module.exports = fs;
APP
as_node 'a polyfill and a patch run before their users' main.mjs
report_differences
