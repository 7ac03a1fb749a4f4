. "$(dirname "$0")/common.sh"
# Modules of packages with "sideEffects" in package.json are left out of the start if nothing uses
# them. Only what such a module prints can be missing.

# without_promise LABEL ENTRY: as_node, after the lines of modules that made the promise are removed
# from node's output; they begin with "quiet".
without_promise() {
  mkdir -p away
  run_to all.out "$KILN_NODE" "../src/$2"
  grep -q '^quiet' all.out || { echo "$1: node does not evaluate the modules that make the promise" >&2; exit 1; }
  grep -v '^quiet' all.out >node.out
  cp -r src kept
  compare "$1" "$2" node.out
  rm -rf src hidden && mv kept src
  compare "$1, --link=scope" "$2" node.out --link=scope
}
# left_out TEXT: a build of ./hidden reports so.
left_out() {
  "$KILN" build "hidden/main.mjs" -o app "${flags[@]}" --link=modules --json >log 2>&1 ||
    { cat log >&2; exit 1; }
  grep -q "$1" log || { echo "the build does not report: $1" >&2; cat log >&2; exit 1; }
}

files <<'APP'
-- main.mjs --
import { a, viaStar, deep, dflt } from 'barrel';
import 'effects';
import { e1 } from 'effects';
import { g } from 'globs';
console.log(a, viaStar, deep(), dflt, e1, g);
-- node_modules/barrel/package.json --
{"name":"barrel","type":"module","exports":{".":"./index.js","./*":"./*"},"sideEffects":false}
-- node_modules/barrel/index.js --
export { a } from './a.js'; export { b, b as b2 } from './b.js'; export * from './star.js'; export * from './many.js';
export { default as dflt, other } from './default.js'; export { default } from './unused-default.js';
export * as space from './space.js'; export { deep } from './deep/index.js';
-- node_modules/barrel/a.js --
export const a = 'a';
-- node_modules/barrel/b.js --
console.log('quiet b'); export const b = 'b';
-- node_modules/barrel/star.js --
export const viaStar = 'star', dup = 1;
-- node_modules/barrel/many.js --
console.log('quiet many'); export const many = 'many', dup = 2; export let a2; export { b as again } from './b.js';
-- node_modules/barrel/default.js --
export default function () {}; export const other = 1;
-- node_modules/barrel/unused-default.js --
console.log('quiet default'); export default 1;
-- node_modules/barrel/space.js --
console.log('quiet space'); export const s = 1;
-- node_modules/barrel/deep/index.js --
export * from './one.js'; export * from './two.js';
-- node_modules/barrel/deep/one.js --
import { b } from '../b.js'; console.log('quiet one'); export const one = b;
-- node_modules/barrel/deep/two.js --
import { a, viaStar } from '../index.js'; export function deep() { return a + viaStar; }
-- node_modules/effects/package.json --
{"name":"effects","type":"module","exports":"./index.js"}
-- node_modules/effects/index.js --
export { e1 } from './e1.js'; export { e2 } from './e2.js';
-- node_modules/effects/e1.js --
console.log('e1'); export const e1 = 'e1';
-- node_modules/effects/e2.js --
console.log('e2'); export const e2 = 'e2';
-- node_modules/globs/package.json --
{"name":"globs","type":"module","exports":"./index.js","sideEffects":["./in/*.js","noisy.js"]}
-- node_modules/globs/index.js --
export { g } from './g.js'; export { i } from './in/i.js'; export { n } from './out/noisy.js'; export { q } from './out/quiet.js';
-- node_modules/globs/g.js --
export const g = 'g';
-- node_modules/globs/in/i.js --
console.log('in'); export const i = 1;
-- node_modules/globs/out/noisy.js --
console.log('noisy'); export const n = 1;
-- node_modules/globs/out/quiet.js --
console.log('quiet out'); export const q = 1;
APP
without_promise 'packages with and without the promise' main.mjs
left_out 'left out of the start: 5 modules of barrel that are not used and have no side effects'
left_out 'left out of the start: 1 module of globs that are not used'

# All that does not come with the start sees complete modules, of which each exists once.
files <<'APP'
-- main.mjs --
import { Base, one } from 'p';
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
const name = ['p'].join(), deep = ['p', 'deep'].join('/'), leaf = ['./node_modules', 'p', 'two.js'].join('/');
console.log(one, new Base() instanceof Base);
const p = await import(name);
console.log(Object.keys(p).join(), p.Base === Base, new p.Two() instanceof Base, p.two, p.default, p.space, p === await import('p'));
const again = await import('./later.mjs');
console.log(again.ns === p, again.two === p.two, Object.keys(again.ns).join());
console.log(createRequire(import.meta.url)(name) === p, (await import(leaf)).Two === p.Two);
p.change(); console.log(p.count, again.count());
console.log(Object.keys(await import(deep)).join(), (await import(deep)).two === p.two);
console.log(await import('p/gone.js').catch((error) => error.code));
-- later.mjs --
import * as ns from 'p'; import { two, count as now } from 'p'; export { ns, two }; export const count = () => now;
-- node_modules/p/package.json --
{"name":"p","type":"module","exports":{".":"./index.js","./deep":"./deep.js"},"sideEffects":false}
-- node_modules/p/index.js --
export { Base } from './base.js'; export * from './deep.js'; export { default } from './two.js'; export * as space from './one.js';
export { count, change } from './count.js';
-- node_modules/p/deep.js --
export * from './one.js'; export * from './two.js'; export { dup as d2 } from './one.js';
-- node_modules/p/one.js --
export const one = 1, dup = 1;
-- node_modules/p/two.js --
import { Base } from './index.js'; export const two = { two: 2 }, dup = 2; export class Two extends Base {} export default 'two';
-- node_modules/p/base.js --
export class Base {}
-- node_modules/p/count.js --
export let count = 0; export function change() { count++; }
APP
as_node 'modules that are reached later' main.mjs

# The order of modules that make no promise, one of which is reached first through an unused module.
files <<'APP'
-- main.mjs --
import { b } from 'p'; import './two.mjs'; import './one.mjs'; import './three.cjs'; console.log(b);
-- one.mjs --
console.log('one');
-- two.mjs --
console.log('two');
-- three.cjs --
console.log('three'); console.log(require('p').a);
-- node_modules/p/package.json --
{"name":"p","type":"module","main":"./index.js","sideEffects":false}
-- node_modules/p/index.js --
export { a } from './a.js'; export { b } from './b.js';
-- node_modules/p/a.js --
import '../../one.mjs'; export const a = 'a';
-- node_modules/p/b.js --
export const b = 'b';
APP
as_node 'order' main.mjs
mv hidden src
sed -i 's/console.log(require.*//' src/three.cjs
as_node 'order without require()' main.mjs

# Hooks are called for what is loaded after them, and Node's loader finds the same modules.
files <<'APP'
-- main.mjs --
import { one } from 'p'; import { registerHooks } from 'node:module';
const hooks = registerHooks({ resolve(name, context, next) { if (name === 'p') console.log('resolve', name); return next(name, context); } });
const p = await import('p'); console.log(Object.keys(p).join(), one === p.one, p.two);
hooks.deregister();
console.log(p === await import('p'), await new Function('return import("p")')().then((q) => q === p, (error) => error.code));
-- node_modules/p/package.json --
{"name":"p","type":"module","exports":"./index.js","sideEffects":false}
-- node_modules/p/index.js --
export * from './one.js'; export { two } from './two.js';
-- node_modules/p/one.js --
export const one = {};
-- node_modules/p/two.js --
export const two = 2;
APP
as_node 'hooks' main.mjs

# A package that promises this for the app's own modules, with an unused TypeScript module.
files <<'APP'
-- package.json --
{"type":"module","sideEffects":false}
-- main.ts --
import { used } from './lib/index.ts'; import './lib/alone.ts'; console.log(used satisfies string);
-- lib/index.ts --
export { used } from './used.ts'; export { unused, type T } from './unused.ts';
-- lib/used.ts --
export const used: string = 'used';
-- lib/unused.ts --
console.log('quiet unused'); export type T = 1; export const unused: T = 1;
-- lib/alone.ts --
console.log('quiet alone');
APP
without_promise "the app's own modules" main.ts
report_differences
