. "$(dirname "$0")/common.sh"
# A module whose evaluation threw rejects each further import with the same error, and never runs again (report 05).
files <<'APP'
-- main.mjs --
const errors = new Set();
globalThis.runs = 0;
const attempt = (label, p) => p.then((ns) => console.log(label, 'ok', ns), (e) => { errors.add(e); console.log(label, e?.message ?? e, errors.size, runs); });
for (let i = 0; i < 3; i++) await attempt('leaf', import('./leaf.mjs'));
await attempt('parent', import('./parent.mjs'));
await attempt('parent', import('./parent.mjs'));
await attempt('sibling', import('./sibling.mjs'));
await attempt('star', import('./star.mjs'));
await attempt('primitive', import('./primitive.mjs')); await attempt('primitive', import('./primitive.mjs'));
await attempt('undefined', import('./undefined.mjs')); await attempt('undefined', import('./undefined.mjs'));
-- leaf.mjs --
runs++; export let half = 'half'; throw new Error('leaf ' + runs);
-- parent.mjs --
import { half } from './leaf.mjs'; runs += 100; export { half };
-- sibling.mjs --
import './good.mjs'; import './parent.mjs'; import './never.mjs'; runs += 100;
-- good.mjs --
console.log('good runs');
-- never.mjs --
console.log('never runs');
-- star.mjs --
export * from './leaf.mjs';
-- primitive.mjs --
runs++; throw 'a string ' + runs;
-- undefined.mjs --
runs++; throw undefined;
APP
as_node 'the same error' main.mjs

files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
globalThis.runs = 0;
const seen = [];
const tell = (label, e) => { let at = seen.indexOf(e); if (at < 0) at = seen.push(e) - 1; console.log(label, e.message, e.code, 'error', at, 'runs', runs); };
for (const n of [1, 2]) try { require('./bad.mjs'); console.log('required'); } catch (e) { tell('require ' + n, e); }
await import('./bad.mjs').catch((e) => tell('import', e));
await import('./cjs.cjs').catch((e) => tell('import cjs', e));
await import('./cjs.cjs').catch((e) => tell('import cjs', e));
for (const n of [1, 2]) try { require('./cjs.cjs'); } catch (e) { tell('require cjs', e); }
for (const n of [1, 2]) try { require('./tla.mjs'); } catch (e) { console.log(e.code); }
await import('./tla.mjs').catch((e) => tell('tla', e));
try { require('./tla.mjs'); } catch (e) { console.log(e.code ?? e.message); }
-- bad.mjs --
runs++; export const a = 1; throw new Error('bad ' + runs);
-- cjs.cjs --
runs++; exports.a = 1; throw new Error('cjs ' + runs);
-- tla.mjs --
await 0; runs++; throw new Error('tla ' + runs);
APP
as_node 'by require() and import()' main.mjs

files <<'APP'
-- main.mjs --
globalThis.log = [];
const p = import('./tree.mjs'), q = import('./tree.mjs');
log.push('started');
const results = await Promise.allSettled([p, q, import('./leaf.mjs'), import('./other.mjs')]);
console.log(log.join(), results.map((r) => r.reason?.message ?? Object.keys(r.value)), results[0].reason === results[2].reason, p === q);
const again = await Promise.allSettled([import('./tree.mjs'), import('./other.mjs')]);
console.log(log.join(), again.map((r) => r.reason === results[0].reason));
-- tree.mjs --
import './other.mjs'; import './leaf.mjs'; log.push('tree');
-- leaf.mjs --
log.push('leaf'); await null; log.push('leaf throws'); throw new Error('leaf');
-- other.mjs --
log.push('other'); await null; await null; await null; log.push('other done'); export const o = 1;
APP
as_node 'at the same time' main.mjs

files <<'APP'
-- main.mjs --
import './a.mjs';
console.log('not reached');
-- a.mjs --
process.on('exit', (c) => console.log('exit', c, process.exitCode));
process.on('uncaughtException', (e, origin) => { console.log('caught', e.message, origin); import('./b.mjs').catch((x) => console.log(x === e, x.message)); });
import('./b.mjs').catch(() => console.log('first'));
throw new Error('of a');
-- b.mjs --
import './a.mjs';
console.log('b');
APP
as_node 'the entry, statically' main.mjs
report_differences
