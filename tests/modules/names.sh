. "$(dirname "$0")/common.sh"
# Functions and classes have the names of the sources, also when several modules use one name (report 44).
files <<'APP'
-- main.mjs --
import * as a from './a.mjs'; import * as b from './b.mjs'; import * as c from './c.mjs';
class Thing {} function make() {} const arrow = () => {}; let expr = function () {}, inner = function own() {}, cls = class {}, named = class Real {};
const all = { Thing, make, arrow, expr, inner, cls, named };
for (const m of [all, a, b, c]) console.log(Object.entries(m).map(([k, v]) => `${k}=${v.name}`).join(' '));
console.log([a, b, c, all].map((m) => [new m.Thing(), [m.make], m.Thing]), new (class extends a.Thing {})(), new (class Thing extends b.Thing {})());
-- a.mjs --
export class Thing {} export function make() {} export const arrow = () => {}; export let expr = function () {}, inner = function own() {}, cls = class {}, named = class Real {};
-- b.mjs --
class Thing {} function make() {} const arrow = () => {}; let expr = async () => {}, inner = function* own() {}, cls = class { static name = 'static name'; }, named = class Real { static m() { return Real; } };
export { Thing, make, arrow, expr, inner, cls, named };
-- c.mjs --
export class Thing { static { this.again = Thing.name; } } export function make() {} export const arrow = ((x) => x)(() => {}), expr = { f() {} }.f, inner = [function () {}][0], cls = (0, class {}), named = (class {});
APP
as_node 'the same names in several modules' main.mjs

files <<'APP'
-- main.mjs --
import f1 from './f1.mjs'; import f2 from './f2.mjs'; import f3 from './f3.mjs'; import f4 from './f4.mjs'; import f5 from './f5.mjs'; import f6, { named } from './f6.mjs'; import f7 from './f7.mjs'; import f8 from './f8.mjs';
for (const f of [f1, f2, f3, f4, f5, f6, named, f7, f8]) console.log(JSON.stringify(f.name), f, Object.getOwnPropertyDescriptor(f, 'name')?.value);
try { f1(); } catch (e) { console.log(e.message, e.stack.split('\n')[1]); }
try { f4(); } catch (e) { console.log(e.message); }
-- f1.mjs --
export default () => { throw new Error(f()); }; function f() { return 'in f1'; }
-- f2.mjs --
export default function () {}
-- f3.mjs --
export default async function* () {}
-- f4.mjs --
export default class {}
-- f5.mjs --
export default (class {});
-- f6.mjs --
const named = function () {}; export { named, named as default };
-- f7.mjs --
export default class extends Array { static name = 'own'; }
-- f8.mjs --
export default (0, () => {});
APP
as_node 'default exports' main.mjs

files <<'APP'
-- main.mjs --
import { errors } from './errors.mjs'; import { Container, Service as S1 } from './di.mjs'; import { Service as S2 } from './di2.mjs';
for (const e of errors()) console.log(e.message);
const c = new Container(); c.add(S1, S2); console.log(c.map, c.get('Service').constructor === S2);
const module = 1, exports = 2, require = 3, __filename = 4, self = 5, arguments_ = 6, Object_ = Object; console.log(module + exports + require + __filename + self + arguments_);
{ function block() {} class Block {} console.log(block.name, Block.name); } for (const f of [function () {}, () => {}]) console.log(JSON.stringify(f.name));
const { d = () => {}, e: { g = class {} } = {} } = {}; const [h = function () {}] = []; let late; late = () => {}; late ??= 1; const o = {}; o.p = () => {}; o['q'] ||= () => {}; console.log([d.name, g.name, h.name, late.name, o.p.name, o.q.name]);
console.log(Object.getOwnPropertyNames(class { static #x; static y; }), (class { get v() { return 1; } static async *[Symbol.iterator]() {} })[Symbol.iterator].name);
-- errors.mjs --
import { Service } from './di.mjs';
export function* errors() {
  const helper = {}, Model = class Other {};
  for (const f of [() => helper.run(), () => Service(), () => Model(), () => new helper(), () => Service.x.y, () => Model.make(), () => { const [a] = helper; }, () => ({}).helper.x, () => new Service().missing(), () => class extends helper {}])
    try { f(); } catch (e) { yield e; }
}
-- di.mjs --
export class Service {} const helper = 1; export class Container { map = {}; add(...list) { for (const k of list) this.map[k.name] = new k(); } get(n) { return this.map[n]; } }
-- di2.mjs --
const helper = 2, Model = 3; export class Service { two = helper; }
APP
as_node 'names in messages and registries' main.mjs
report_differences
