. "$(dirname "$0")/common.sh"
# Live bindings, export stars and their conflicts, namespace objects (number 48, and "what to build").
files <<'APP'
-- main.mjs --
import * as all from './all.mjs'; import { only, x as fromMain } from './all.mjs';
console.log(all, Object.keys(all), 'ambiguous' in all, all.ambiguous, all.default, only, fromMain);
console.log(await import('./all.mjs') === all, all.nested === await import('./a.mjs'), all.nested.ambiguous);
-- all.mjs --
export * from './a.mjs'; export * from './b.mjs'; export * from './same1.mjs'; export * from './same2.mjs'; export const x = 'own wins'; export * as nested from './a.mjs'; export { default as renamedDefault, default as 'also default' } from './a.mjs'; export * from './all.mjs';
-- a.mjs --
export const ambiguous = 'a', x = 'a x', only = 'only a'; export default 'default of a';
-- b.mjs --
export const ambiguous = 'b', x = 'b x'; export default 'default of b';
-- same1.mjs --
export { shared } from './shared.mjs';
-- same2.mjs --
export * from './shared.mjs';
-- shared.mjs --
export const shared = 'one binding, two ways';
APP
as_node 'export star' main.mjs

files <<'APP'
-- main.mjs --
import def, { count, add, set, late, del, default as same } from './live.mjs'; import * as ns from './live.mjs'; import { count as again, viaStar } from './re.mjs';
const seen = [count, ns.count, again, def, same]; add(); seen.push(count, ns.count, again, def, same); set(); seen.push(count, def, same, ns.default, late, viaStar);
console.log(seen.join());
const { count: copy } = ns; add(); console.log(copy, count, [ns.count, again, (() => count)()].join());
for (const f of [() => { count = 1; }, () => { ns.count = 1; }, () => { delete ns.count; }, () => { ns.other = 1; }, () => { delete ns.other; }, () => Object.defineProperty(ns, 'count', { value: 3 }), () => Object.defineProperty(ns, 'count', { value: ns.count, writable: true, enumerable: true, configurable: false }), () => Object.freeze(ns), () => Object.setPrototypeOf(ns, {}), () => Object.setPrototypeOf(ns, null), () => { add = null; }, () => count++, () => { [count] = [1]; }, () => { for (count of [1]); }])
  try { console.log('ok', typeof f()); } catch (e) { console.log(e.name, e.message); }
-- live.mjs --
export let count = 0, late = 'early'; export const add = () => ++count; export function set() { count = 'set'; late = 'late'; value = 'not live'; fn = () => 'replaced'; } export function del() {} let value = 'value'; export { value as default }; function fn() {} export { fn };
-- re.mjs --
export { count } from './live.mjs'; export * from './star.mjs';
-- star.mjs --
import { late } from './live.mjs'; export { late as viaStar };
APP
sed -i 's/() => { count = 1; }, //; s/() => { add = null; }, () => count++, () => { \[count\] = \[1\]; }, () => { for (count of \[1\]); }/() => eval("count = 1"), () => eval("add = null"), () => eval("count++"), () => eval("for (count of [1]);")/' src/main.mjs
as_node 'live bindings' main.mjs

files <<'APP'
-- main.mjs --
import * as ns from './n.mjs'; import * as empty from './empty.mjs'; import util from 'node:util';
console.log(Reflect.ownKeys(ns).map(String).join(), Object.getPrototypeOf(ns), ns[Symbol.toStringTag], String(Object.prototype.toString.call(ns)));
console.log(Object.isExtensible(ns), Object.isFrozen(ns), Object.isSealed(ns), Object.isFrozen(empty), Reflect.ownKeys(empty).length, typeof ns, ns instanceof Object);
console.log(Object.getOwnPropertyDescriptor(ns, 'b'), Object.getOwnPropertyDescriptor(ns, Symbol.toStringTag), Object.entries(ns).join('|'), JSON.stringify(ns));
console.log(util.types.isModuleNamespaceObject(ns), util.inspect(ns), util.inspect(empty), ns, [ns.then], `${Object.keys({ ...ns })}`, 'toString' in ns, Reflect.has(ns, 'b'), ns.hasOwnProperty);
const found = []; for (const k in ns) found.push(k); console.log(found.join(), Object.assign({}, ns).b, structuredClone({ ...empty }), ns === (await import('./n.mjs')), 2 in ns, ns[2]);
try { String(ns); } catch (e) { console.log(e.name, e.message); } try { ns.b(); } catch (e) { console.log(e.message); } try { ns.nope(); } catch (e) { console.log(e.message); } try { structuredClone(ns); } catch (e) { console.log(e.name, e.message); }
console.log(await import('./thenable.mjs').then((v) => v, (e) => 'rejected ' + e), (await import('./default-only.mjs')).default);
-- n.mjs --
const two = 'two'; export { two as '2', two as 10, two as 'a-b', two as Z, two as _, two as $ }; export const b = 1, a = 2, é = 3, B = 4; export default function () {} export class C {}
-- empty.mjs --
export {};
-- thenable.mjs --
export function then(resolve) { resolve('a thenable module'); }
-- default-only.mjs --
export default 1;
APP
sed -i "s/two as 10/two as '10'/" src/n.mjs
as_node 'namespace objects' main.mjs

files <<'APP'
-- main.mjs --
import './check.cjs'; const names = ['./missing.mjs', './ambiguous.mjs', './cjs-missing.mjs', './builtin-missing.mjs', './json-named.mjs', './default-missing.mjs', './syntax.mjs', './re.mjs'];
for (const n of names) await import(n).then(() => console.log(n, 'ok'), (e) => console.log(n, e.name, e.code, e.message, e.stack.split('\n').slice(0, 3).join('|')));
-- check.cjs --
exports.yes = 1;
-- lib/missing.mjs --
import { nope } from './check.mjs';
APP
mkdir -p src/lib
cat >src/main.mjs <<'JS'
import fs from 'node:fs'; import path from 'node:path';
const files = { 'ok.mjs': 'export const a = 1; export default 1', 'a.mjs': 'export const x = 1', 'b.mjs': 'export const x = 2', 'ab.mjs': 'export * from "./a.mjs"; export * from "./b.mjs"', 'c.cjs': 'exports.yes = 1', 'd.json': '{"k":1}',
  'missing.mjs': 'import { nope } from "./ok.mjs"', 'ambiguous.mjs': '\n  import { x } from "./ab.mjs"', 'cjs.mjs': 'import { nope } from "./c.cjs"', 'builtin.mjs': 'import { nope } from "fs"', 'json.mjs': 'import { k } from "./d.json" with { type: "json" }', 'default.mjs': 'import d from "./a.mjs"', 'syntax.mjs': 'let a b', 're.mjs': 'export { nope as yes } from "./ok.mjs"', 'dup.mjs': 'export let q; export { q }', 'undeclared.mjs': 'export { undeclared }', 'deep.mjs': 'import "./missing.mjs"', 'multi.mjs': 'import {\n  a,\n  nope,\n} from "./ok.mjs"', 'noattr.mjs': 'import "./d.json"' };
for (const [name, text] of Object.entries(files)) fs.writeFileSync(name, text);
for (const name of ['missing', 'ambiguous', 'cjs', 'builtin', 'json', 'default', 'syntax', 're', 'dup', 'undeclared', 'deep', 'multi', 'noattr'])
  await import(path.resolve(name + '.mjs')).then(() => console.log(name, 'ok'), (e) => console.log(name, e.name, e.code, e.message.replaceAll(process.cwd(), 'CWD'), e.stack.replaceAll(process.cwd(), 'CWD').split('\n').filter((l) => !/node:/.test(l)).join('|')));
JS
rm -rf src/lib src/check.cjs
as_node 'errors of linking, on disk' main.mjs

files <<'APP'
-- main.mjs --
import { nope } from './lib.mjs'; console.log(nope);
-- lib.mjs --
export const yes = 1;
APP
cp -r src missing
rm -f app
fails_with 'nope' missing/main.mjs
report_differences
