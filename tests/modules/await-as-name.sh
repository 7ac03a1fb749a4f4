. "$(dirname "$0")/common.sh"
# `await` is a name in CommonJS (report 45), as are other words that are reserved in ES modules.
files <<'APP'
-- main.js --
var await = 5; console.log(await, typeof await); function f(await) { return await + 1; } console.log(f(1), ((await) => await * 2)(4)); const o = { await: 1, async: 2, yield: 3, let: 4 }; console.log(o.await, o);
var async = 1, yield = 2, let = 3, of = 4, get = 5, set = 6, static = 7; console.log(async + yield + let + of + get + set + static); async: for (;;) break async; await: { break await; }
const { await: w, async: a2 } = o; console.log(w, a2); console.log(await
/2/1); var g = async => async + await; console.log(g(1)); class C { await() { return 'm'; } static await = 1; get() { return await; } } console.log(new C().await(), C.await, new C().get());
require('./sub'); try { await: console.log(require('./fn')(await)); } finally { await = 6; } console.log(await ** 2, `${await}`, await?.toFixed?.(1), /* await x */ typeof await, await => 1); import('./m.mjs').then((m) => console.log(m.default, await));
-- sub.js --
const await = require; console.log(typeof await, await('./dep').d); function await2() {} (async function () { const x = (await2(), 1); console.log(await_(x)); function await_(v) { return v; } console.log(await 3); })();
-- dep.js --
exports.d = 'dep';
-- fn.js --
module.exports = function await(x) { return x ? 'called ' + await.name : await(1); };
-- m.mjs --
const x = await 1; export default 'top-level await ' + x;
APP
as_node 'await as a name' main.js

files <<'APP'
-- main.js --
let await; ({ await } = { await: 'destructured' }); console.log(await); for (const await of [1, 2]) console.log(await); try { throw 3; } catch (await) { console.log(await); }
const later = await => import('./m.mjs').then((m) => [m.m, await]); later('argument').then(console.log); await = function* () { yield 1; }; console.log([...await()]); if (await) console.log('regexp', /a/.test('a')); var x = { await, [`${typeof await}`]: 1 }; console.log(Object.keys(x)); await: for (const a of [1]) { for (;;) continue await; }
console.log(require('./exports').await, (function () { return await.name; })(), (() => { 'use strict'; return typeof await; })());
-- m.mjs --
export const m = await Promise.resolve('m');
-- exports.js --
exports.await = 'exported'; function run(await = 5) { return await; } exports.run = run();
APP
as_node 'patterns and parameters' main.js
files <<'APP'
-- main.ts --
const cjs = require('./old.cjs') as { value: number }; console.log(cjs.value);
-- old.cjs --
var await = 41; exports.value = await+1;
APP
as_node 'in a module of TypeScript' main.ts
report_differences
