. "$(dirname "$0")/common.sh"
# Reading an export of a cycle too early throws a ReferenceError with the name of the binding (report 02).
files <<'APP'
-- main.mjs --
import { log } from './log.mjs';
import './a.mjs';
console.log(log.join('\n'));
-- log.mjs --
export const log = [];
export const probe = (label, f) => { try { log.push(label + ' ' + typeof f()); } catch (e) { log.push(label + ' ' + e.name + ': ' + e.message); } };
-- a.mjs --
import './b.mjs';
export let l = 1; export const c = 2; export var v = 3; export function f() { return 4; }
export class K {}
export default class Named {}
export { l as renamed };
const inner = 5; export { inner as 'string name' };
-- b.mjs --
import { l, c, v, f, K, renamed, 'string name' as s } from './a.mjs';
import D, * as ns from './a.mjs';
import { probe, log } from './log.mjs';
probe('l', () => l); probe('c', () => c); probe('v', () => v); probe('f', () => f()); probe('K', () => K);
probe('renamed', () => renamed); probe('string', () => s); probe('default', () => D);
probe('typeof', () => typeof K); probe('extends', () => class extends K {}); probe('new', () => new K());
probe('ns.l', () => ns.l); probe('ns.v', () => ns.v); probe('ns in', () => 'l' in ns); probe('ns keys', () => Object.keys(ns));
probe('own keys', () => { log.push(Reflect.ownKeys(ns).map(String).join()); }); probe('descriptor', () => Object.getOwnPropertyDescriptor(ns, 'K'));
probe('spread', () => ({ ...ns })); probe('assign', () => { l = 1; }); probe('shorthand', () => ({ c }));
probe('ns string', () => ns['string name']); probe('isFrozen', () => Object.isSealed(ns));
APP
as_node 'every kind of binding' main.mjs

files <<'APP'
-- main.mjs --
for (const name of ['./x.mjs', './y.mjs', './self.mjs', './default.mjs', './x.mjs'])
  await import(name === './x.mjs' ? './x.mjs' : name === './y.mjs' ? './y.mjs' : name === './self.mjs' ? './self.mjs' : './default.mjs')
    .then((ns) => console.log(name, Object.keys(ns)), (e) => console.log(name, e.name, e.message));
-- x.mjs --
import { y } from './y.mjs';
export const x = 'x' + y;
-- y.mjs --
import { x } from './x.mjs';
export const y = 'y' + (() => x)();
-- self.mjs --
import { later as mine } from './self.mjs';
console.log(mine);
export const later = 1;
-- default.mjs --
import me from './default.mjs';
try { console.log(me); } catch (e) { console.log(e.message); }
export default 1 + 1;
console.log(me);
APP
as_node 'import() of a cycle rejects' main.mjs

files <<'APP'
-- main.mjs --
import { Derived } from './derived.mjs';
console.log(Derived);
-- derived.mjs --
import { Base } from './base.mjs';
export class Derived extends Base {}
-- base.mjs --
import { Derived } from './derived.mjs';
export const make = () => new Derived();
export class Base { static made = make(); }
APP
as_node 'uncaught, with its place' main.mjs

files <<'APP'
-- main.mjs --
import { value, early } from './tla.mjs';
console.log(value, early);
-- tla.mjs --
import { peek } from './peer.mjs';
export const early = peek();
await null;
export const value = 'set';
console.log(peek());
-- peer.mjs --
import * as tla from './tla.mjs';
import { value } from './tla.mjs';
export function peek() { const out = []; for (const f of [() => value, () => tla.value, () => tla.early]) try { out.push(f()); } catch (e) { out.push(e.message); } return out.join(', '); }
APP
as_node 'through a top-level await' main.mjs

files <<'APP'
-- main.mjs --
import cjs from './c.cjs';
export let before = 1; export class Later {}
console.log(cjs.probe(), cjs.again().Later === Later);
-- c.cjs --
const list = [];
try { require('./main.mjs'); } catch (e) { list.push(e.code); }
exports.again = () => { try { return require('./main.mjs'); } catch (e) { list.push(e.code); return {}; } };
exports.probe = () => list.join();
APP
as_node 'a cycle of both kinds' main.mjs
report_differences
