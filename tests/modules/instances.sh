. "$(dirname "$0")/common.sh"
# Each query and fragment makes a further instance of an ES module (report 08).
files <<'APP'
-- main.mjs --
import { id as a, url as ua } from './inst.mjs?1'; import { id as b, url as ub } from './inst.mjs?2'; import { id as c, url as uc } from './inst.mjs#frag'; import { id as d, url as ud } from './inst.mjs'; import { id as e } from './inst.mjs?1';
import * as f from './inst.mjs?1#2'; import * as g from './inst.mjs?'; import * as h from './inst.mjs#'; import * as i from './folder/../inst.mjs?2';
for (const u of [ua, ub, uc, ud, f.url, g.url, h.url, i.url]) console.log(u);
console.log(a, b, c, d, e, f.id, g.id, h.id, i.id, globalThis.count);
-- inst.mjs --
globalThis.count = (globalThis.count ?? 0) + 1; export const id = globalThis.count; export const url = import.meta.url;
-- folder/x.txt --
x
APP
as_node 'static imports' main.mjs

files <<'APP'
-- main.mjs --
import * as stat from './lib/s.mjs?q=a%20b';
const q1 = await import('./lib/s.mjs?1'), q2 = await import('./lib/s.mjs?2'), again = await import('./lib/s.mjs?1'), plain = await import('./lib/s.mjs');
console.log(q1 === q2, q1 === again, [stat, q1, q2, plain].map((m) => m.own() + m.shared()).join('\n'));
for (let n = 0; n < 3; n++) console.log((await import(`./lib/s.mjs?loop=${n}`)).own());
console.log((await import(new URL('./lib/s.mjs?1', import.meta.url))) === q1, (await import(import.meta.resolve('./lib/s.mjs') + '?1')) === q1);
console.log((await import('pkg/s?x')).default, (await import('pkg/s')).default, (await import('./lib/sp%61ce.mjs')).default, (await import('./lib/a%3Fb.mjs?x')).default.replace(/.*lib/, ''));
console.log((await import('node:fs')).default === (await import('fs')).default);
console.log(q1.stack());
-- lib/s.mjs --
import { n } from './shared.mjs'; let count = 0;
export const own = () => [++count, import.meta.url, import.meta.filename, import.meta.dirname].join(' '), shared = () => n();
export const stack = () => new Error('x').stack.split('\n')[1].trim();
-- lib/shared.mjs --
let k = 0; export const n = () => ++k;
-- lib/space.mjs --
export default import.meta.url;
-- lib/a?b.mjs --
export default import.meta.url + import.meta.filename;
-- node_modules/pkg/package.json --
{"name":"pkg","exports":{"./s":"./s.mjs","./s?x":"./x.mjs"}}
-- node_modules/pkg/s.mjs --
export default import.meta.url;
-- node_modules/pkg/x.mjs --
export default 'x ' + import.meta.url;
APP
as_node 'import()' main.mjs

files <<'APP'
-- main.mjs --
import one from './c.cjs?1'; import two from './c.cjs?2'; import three from './c.cjs';
import j1 from './d.json?1' with { type: 'json' }; import j2 from './d.json?2' with { type: 'json' }; import j3 from './d.json' with { type: 'json' };
console.log(one === two, two === three, one, j1 === j2, j1 === j3, j2);
import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
console.log(require('./c.cjs') === three, Object.keys(require.cache).map((k) => k.split('/').pop()).join());
try { require('./c.cjs?1'); } catch (e) { console.log(e.code); }
console.log(await import('./c.cjs?1').then((m) => m.default === one), (await import('./s.mjs')) === require('./s.mjs'), (await import('./s.mjs?1')) === require('./s.mjs'));
-- c.cjs --
globalThis.runs = (globalThis.runs ?? 0) + 1; module.exports = { runs, name: __filename };
-- d.json --
{"a":1}
-- s.mjs --
export const s = Symbol('s');
APP
as_node 'CommonJS and JSON' main.mjs

files <<'APP'
-- main.mjs --
import { A } from './a.mjs?x'; import { A as A2 } from './a.mjs?y'; import { B } from './b.mjs';
console.log(A === A2, new A() instanceof A2, B.of(A), A.name, A2.name, A.parent(), A2.parent());
-- a.mjs --
import { B } from './b.mjs'; export class A { static parent() { return new URL(import.meta.url).search + import.meta.resolve('./b.mjs?z').slice(-8) + (B.seen = (B.seen ?? 0) + 1); } }
-- b.mjs --
import { A } from './a.mjs?x'; export class B { static of(X) { return X === A; } }
APP
as_node 'a cycle through an instance' main.mjs
report_differences
