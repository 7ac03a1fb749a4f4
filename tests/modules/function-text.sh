. "$(dirname "$0")/common.sh"
# String(function) is the text as written: comments, spaces, names and quotes stay (reports 01, 62).
files <<'APP'
-- package.json --
{"type":"module"}
-- main.js --
import { task, Shape, obj } from './lib.js';
import run from './lib.js';
function  spaced ( a,b = {x:1,} ) { /* body */ return a  +  b.x ; } // after
export class Local { static #p = 'q'; get  [Symbol.iterator] () { return 1 } static { /* block */ } }
const arrow = async (  x  ) => { await x; /* "quotes" 'stay' `as` */ };
const bare = x=>x*2;
for (const f of [task, Shape, obj.method, obj['a-b'], Object.getOwnPropertyDescriptor(obj, 'p').get, run, spaced, Local, arrow, bare, obj.gen, obj[Symbol.for('k')]])
  console.log(String(f));
console.log(Object.getOwnPropertyDescriptor(Local.prototype, Symbol.iterator).get.toString());
-- lib.js --
export function task(n) { 'use strict'; const helper = () => n /* the "n" */ + 1; return helper(); }
class Shape { // comment in a class
  area = 0x10; big = 1_000n; re = /[/]\u00e9é/u;
  constructor ( ) { this.name = "Sh\u0061pe" } }
export const obj = { method ( a ) { return a }, 'a-b' () {}, get p ( ) { return 1 }, async *gen () { yield  1 }, [Symbol.for('k')] : function  ( ) { } };
export { Shape };
export default async function* ( ) { yield * [ ] }
APP
as_node 'kinds of functions' main.js

files <<'APP'
-- main.mjs --
import vm from 'node:vm';
import { isolated, helper, Model, counter } from './a.mjs';
import { helper as other, Model as OtherModel } from './b.mjs';
const helper3 = () => helper() + other();
const again = (f, ...args) => vm.runInNewContext(`(${f})(${args.map((a) => JSON.stringify(a)).join()})`);
console.log(again(isolated, 3), again(helper, 4), again(other, 5), helper3());
console.log(new (eval(`(${Model})`))().kind, new (eval(`(${OtherModel})`))().kind);
console.log(new Function(`return ${counter}`)().call({ n: 2 }));
console.log(helper.toString().length, other.toString().length, counter.toString().length, Model.toString().length);
-- a.mjs --
export function isolated(limit) {
  const list = [];
  for (let i = 0; i < limit; i++) list.push(function square() { return i * i; });
  class Inner { static label = 'inner'; }
  const named = { arrow: () => 1 };
  return [list.map((f) => f.name + f()), Inner.label, Inner.name, named.arrow.name].join();
}
export const helper = (n = 1) => n + 1; // same names in both modules
export class Model { kind = 'a'; }
export function counter() { return this.n++ + '|' + this.n; }
-- b.mjs --
export const helper = (n = 1) => n + 10;
export class Model { kind = 'b' }
APP
as_node 'text is code that runs elsewhere' main.mjs

files <<'APP'
-- main.js --
console.log((class A { x = 1 }).toString(), (class extends Array { }).toString());
console.log((function (a, /* two */ ...b) { return `t${ a }` }).toString());
console.log(require('./lib').f.toString(), require('./lib').K.toString());
console.log(module.children.length, String(require('./lib').old));
console.log(String(function with_sloppy() { var o = { a: 01 + 0o7 }; with (o) { return a } }));
(function main() { console.log(main.toString()); }).call(this /* this */);
-- lib.js --
exports.f = async  function named ( { a , b = 2 } = { } ) { return a ?? b ; };
exports.K = class   K { static  async *  m ( ) { } ; ; };
exports.old = function () { return arguments.callee /* old */ };
APP
as_node 'CommonJS' main.js

files <<'APP'
-- main.mjs --
import cjs from './c.cjs';
import { f } from './crlf.mjs';
console.log(JSON.stringify(String(f)), JSON.stringify(String(cjs)));
console.log(JSON.stringify(String((/* é 中 😀 */ café) => 'naïve\u2028' + café)));
console.log(JSON.stringify(String(class Größe { 'ключ' = '\u{1F600}' })));
-- c.cjs --
module.exports = function ünï ( ) { return '日本' /* 語 */ }
-- crlf.mjs --
export function f() {
  // line
  return `a
b`; }
APP
sed -i 's/$/\r/' src/crlf.mjs
as_node 'non-ASCII text and CRLF' main.mjs
report_differences
