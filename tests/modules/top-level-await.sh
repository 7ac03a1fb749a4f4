. "$(dirname "$0")/common.sh"
# Modules with top-level await are evaluated in the order of the specification: siblings start while others wait (report 06).
files <<'APP'
-- main.mjs --
import { log } from './log.mjs'; import './a.mjs'; import './b.mjs'; import './sync.mjs'; import './c.cjs';
log('main');
-- log.mjs --
export const log = (x) => console.log(x); globalThis.log = log;
-- a.mjs --
log('a 1'); await null; log('a 2'); await null; log('a 3');
-- b.mjs --
log('b 1'); await null; log('b 2'); await new Promise((r) => setTimeout(r, 5)); log('b 3');
-- sync.mjs --
log('sync');
-- c.cjs --
log('cjs'); Promise.resolve().then(() => log('cjs later')); process.nextTick(() => log('tick'));
APP
as_node 'siblings' main.mjs

files <<'APP'
-- main.mjs --
import './x.mjs'; import './y.mjs'; console.log('main');
-- x.mjs --
import './x1.mjs'; import './shared.mjs'; console.log('x');
-- x1.mjs --
console.log('x1'); await 0; console.log('x1 done');
-- y.mjs --
import './shared.mjs'; import './y1.mjs'; console.log('y');
-- y1.mjs --
import './z.mjs'; console.log('y1');
-- z.mjs --
console.log('z'); for await (const x of [1, Promise.resolve(2)]) console.log('z', x);
-- shared.mjs --
import './main.mjs'; console.log('shared'); await new Promise(setImmediate); console.log('shared done');
APP
as_node 'a graph with a cycle and a shared module' main.mjs

files <<'APP'
-- main.mjs --
console.log('main'); const ps = [import('./a.mjs'), import('./b.mjs'), import('./a.mjs')];
console.log('asked'); setImmediate(() => console.log('immediate')); Promise.resolve().then(() => console.log('micro')); process.nextTick(() => console.log('tick'));
ps.forEach((p, i) => p.then((ns) => console.log('got', i, ns.default)));
const [a, b, c] = await Promise.all(ps); console.log(a === c, a.default, b.default);
-- a.mjs --
import './leaf.mjs'; console.log('a'); export default await new Promise((r) => setTimeout(r, 100, 'A'));
-- b.mjs --
import './leaf.mjs'; console.log('b'); export default (await import('./a.mjs')).default + 'B';
-- leaf.mjs --
console.log('leaf'); await 0; console.log('leaf done');
APP
as_node 'by import()' main.mjs

files <<'APP'
-- main.mjs --
import './a.mjs'; import './b.mjs'; console.log('not reached');
-- a.mjs --
console.log('a'); await 0; console.log('a throws'); throw new Error('a');
-- b.mjs --
console.log('b'); await 0; await 0; await 0; console.log('b goes on'); setTimeout(() => console.log('never'), 1000);
APP
as_node 'one of two throws' main.mjs

files <<'APP'
-- main.mjs --
process.on('exit', (code) => console.log('exit', code, process.exitCode));
import './never.mjs'; console.log('not reached');
-- never.mjs --
console.log('before');
const pending = new Promise(() => {});
   await pending;
APP
as_node 'never settled: status 13' main.mjs

files <<'APP'
-- main.mjs --
process.on('exit', (code) => { console.log('exit', code); process.exitCode = 5; });
await import('./never.mjs');
-- never.mjs --
export const x = 1; await new Promise(() => {});
APP
as_node 'never settled, by import()' main.mjs

files <<'APP'
-- main.cjs --
const attempt = (load) => { try { return load(); } catch (e) { return [e.name, e.code, e.message, e.requireStack].join(); } };
console.log(attempt(() => require('./waits.mjs')));
console.log(attempt(() => require('./middle.cjs')));
-- middle.cjs --
require('./imports.mjs');
-- imports.mjs --
import './waits.mjs';
-- waits.mjs --
await 0;
APP
as_node 'by require()' main.cjs
mv hidden src
as_node 'by require(), in one scope' main.cjs --link=scope
report_differences
