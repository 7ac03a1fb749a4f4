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

# CommonJS that threw runs once for all import()s, and again for each require(), in any order.
files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url); const seen = []; globalThis.runs = {}; process.on('unhandledRejection', (e) => console.log('unhandled', e.message));
const tell = (label, e) => { let at = seen.indexOf(e); if (at < 0) at = seen.push(e) - 1; console.log(label, e?.message ?? e, e?.code, 'error', at, JSON.stringify(runs)); };
const i = (s) => import(s).then((m) => console.log(s, 'ok', Object.keys(m).join(), JSON.stringify(runs)), (e) => tell('import ' + s, e));
const r = (s) => { try { console.log(s, 'required', Object.keys(require(s)).join(), JSON.stringify(runs)); } catch (e) { tell('require ' + s, e); } };
for (const kind of ['first', 'exported', 'primitive', 'frozen']) { await import(`./c/${kind}.cjs`).catch((e) => tell(kind, e)); await import(`./c/${kind}.cjs`).catch((e) => tell(kind, e)); }
await i('./literal.cjs'); await import('./literal.cjs').catch((e) => tell('literal', e)); await import('./literal.cjs?query').catch((e) => tell('query', e)); r('./literal.cjs'); r('./literal.cjs'); await import('./literal.cjs').catch((e) => tell('literal', e));
r('./required.cjs'); await import('./required.cjs').catch((e) => tell('required first', e)); r('./required.cjs'); await import('./required.cjs').catch((e) => tell('required first', e));
await Promise.all([1, 2, 3].map((n) => import('./together.cjs').catch((e) => tell('together ' + n, e))));
await import('./static.mjs').catch((e) => tell('static', e)); await import('./static2.mjs').catch((e) => tell('static 2', e)); await import('./inner.cjs').catch((e) => tell('inner', e));
await import('./caught.cjs').then((m) => console.log(m.default)); await import('./deep.cjs').catch((e) => tell('deep', e)); await import('./deep.cjs').catch((e) => tell('deep', e)); await import('./then.cjs').then((m) => console.log(m.default));
await import('./syntax.cjs').catch((e) => tell('syntax', e)); await import('./syntax.cjs').catch((e) => tell('syntax', e)); await import('./late.cjs').then((m) => console.log('late', m.default)); r('./late.cjs'); await import('p').catch((e) => tell('p', e)); await import('p').catch((e) => tell('p', e)); r('p');
await import('./json.cjs').catch((e) => tell('json', e)); await import('./json.cjs').catch((e) => tell('json', e)); console.log(Object.keys(require.cache).map((x) => x.split('/').pop()).sort().join());
-- c/first.cjs --
runs.first = (runs.first ?? 0) + 1; throw new Error('first ' + runs.first);
-- c/exported.cjs --
exports.a = 1; runs.exported = (runs.exported ?? 0) + 1; module.exports = { b: 2 }; throw Object.assign(new Error('exported ' + runs.exported), { code: 'E' });
-- c/primitive.cjs --
runs.primitive = (runs.primitive ?? 0) + 1; throw runs.primitive;
-- c/frozen.cjs --
runs.frozen = (runs.frozen ?? 0) + 1; throw Object.freeze(new Error('frozen ' + runs.frozen));
-- literal.cjs --
runs.literal = (runs.literal ?? 0) + 1; throw new Error('literal ' + runs.literal);
-- required.cjs --
runs.required = (runs.required ?? 0) + 1; throw new Error('required ' + runs.required);
-- together.cjs --
runs.together = (runs.together ?? 0) + 1; throw new Error('together ' + runs.together);
-- inner.cjs --
runs.inner = (runs.inner ?? 0) + 1; throw new Error('inner ' + runs.inner);
-- static.mjs --
import './inner.cjs';
-- static2.mjs --
import './inner.cjs'; runs.never = 1;
-- caught.cjs --
let n = 0; for (const x of [1, 2]) try { require('./inner.cjs'); } catch (e) { n += e.message.length; } module.exports = 'caught ' + n;
-- deep.cjs --
runs.deep = (runs.deep ?? 0) + 1; require('./deeper.cjs');
-- deeper.cjs --
runs.deeper = (runs.deeper ?? 0) + 1; throw new Error('deeper ' + runs.deeper);
-- then.cjs --
module.exports = { then: 5 };
-- syntax.cjs --
runs.syntax = 1; const = 1;
-- late.cjs --
runs.late = (runs.late ?? 0) + 1; if (runs.late < 1) throw new Error('late'); module.exports = 'fine ' + runs.late;
-- node_modules/p/package.json --
{"name": "p", "exports": {"import": "./i.cjs", "require": "./r.cjs"}}
-- node_modules/p/i.cjs --
runs.p = (runs.p ?? 0) + 1; throw new Error('p ' + runs.p);
-- node_modules/p/r.cjs --
exports.r = 1;
-- json.cjs --
runs.json = (runs.json ?? 0) + 1; require('./bad.json');
-- bad.json --
{bad
APP
as_node 'CommonJS that threw' main.mjs
report_differences
