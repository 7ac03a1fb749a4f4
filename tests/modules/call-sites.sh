. "$(dirname "$0")/common.sh"
# Names, files, lines and columns of call sites are those of the sources, for both kinds of modules (reports 04, 84).
files <<'APP'
-- main.mjs --
import { sites, one } from './sites.mjs';
import { fromCommonJs } from './c.cjs';
import util from 'node:util';

/* two
   lines */ console.log(one());
class A { m() { return one(); } static s() { return one(); } #p() { return one(); } p() { return this.#p(); } get g() { return one(); } constructor(x) { if (x) this.x = one(); } static b = one(); static { A.block = one(); } }
console.log([new A().m(), A.s(), new A().p(), new A().g, new A(1).x, A.b, A.block].join('\n'));
console.log(await (async function later() { await null; return one(); })(), [0].map(() => one())[0]);
console.log([...(function* gen() { yield one(); })()][0], ({ ['comp' + 'uted']() { return one(); } }).computed(), ({ key: () => one() }).key());
console.log(fromCommonJs(sites).join('\n'));
console.log({ ...util.getCallSites()[0], scriptId: 0 }, eval('one()').replace(/<.*/, ''));
-- sites.mjs --
export function sites() {
  const old = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, list) => list;
  const list = new Error().stack.slice(1);
  Error.prepareStackTrace = old;
  return list;
}
export const describe = (s) => [s.getFunctionName(), s.getTypeName(), s.getMethodName(), s.getFileName(), s.getScriptNameOrSourceURL(), s.getLineNumber(), s.getColumnNumber(), s.isToplevel(), s.isConstructor(), s.isEval(), s.isNative(), s.isAsync(), s.isPromiseAll(), s.getPosition(), s.getEnclosingLineNumber?.(), String(s)].join(' ');
export const one = () => describe(sites()[1]);
-- c.cjs --
exports.fromCommonJs = function fromCommonJs(sites) {
  const here = sites().filter((s) => !s.getFileName().startsWith('node:')); // this function and its caller
  return here.map((s) => [s.getFunctionName(), s.getFileName(), s.getLineNumber(), s.getColumnNumber(), s.isToplevel()].join(' '));
};
APP
as_node 'the CallSite functions' main.mjs

files <<'APP'
-- package.json --
{"type":"module"}
-- main.js --
import { caller } from './node_modules/depd/index.cjs';
import * as dep from 'dep';
console.log(caller(), dep.where(), dep.nested.deep());
export function last() {
                     return caller(); }
console.log(last(), (() => caller())());
const { ts } = await import('./lazy.js');
console.log(ts());
-- lazy.js --
//
import { caller } from './node_modules/depd/index.cjs';
/* é中 */ export const ts = () => [caller(), new Error('x').stack.split('\n')[1]].join();
-- node_modules/depd/index.cjs --
exports.caller = () => {
  const holder = {}, limit = Error.stackTraceLimit, prepare = Error.prepareStackTrace;
  Error.stackTraceLimit = 2; Error.prepareStackTrace = (_, s) => s;
  Error.captureStackTrace(holder, exports.caller);
  const [site] = holder.stack; Error.stackTraceLimit = limit; Error.prepareStackTrace = prepare;
  return [site.getFileName(), site.getLineNumber(), site.getColumnNumber()].join(':');
};
-- node_modules/dep/package.json --
{"name":"dep","type":"module","exports":"./lib/index.js"}
-- node_modules/dep/lib/index.js --
import { caller } from '../../depd/index.cjs';


export const where = () => caller();
export * as nested from './nested.js';
-- node_modules/dep/lib/nested.js --
import { caller } from '../../depd/index.cjs';
export const deep = () => { const inner = () => caller(); return inner(); };
APP
as_node 'depd, in packages and by import()' main.js

files <<'APP'
-- main.mjs --
import { trace } from './lib.mjs';
import { readFileSync } from 'node:fs';
import thrower, { Thrower } from './thrower.cjs';
const lines = (e) => console.log(e.stack.split('\n').filter((l) => !/node:/.test(l)).join('\n'));
try { trace(); } catch (e) { lines(e); }
try { thrower(() => { throw new TypeError('from a callback'); }); } catch (e) { lines(e); }
try { new Thrower(); } catch (e) { lines(e); }
try { readFileSync('/none'); } catch (e) { lines(e); }
try { undefined.x; } catch (e) { lines(e); }
try { JSON.parse('{'); } catch (e) { lines(e); }
await Promise.all([1].map(async function mapper() { await 0; throw new Error('all'); })).catch(lines);
await import('./broken.mjs').catch(lines);
setTimeout(function timer() { lines(new Error('timer')); });
process.nextTick(() => lines(new Error('tick')));
-- lib.mjs --
export const trace = () => middle();
const middle = () => [1].forEach(inner);
function inner() { throw new Error('traced'); }
-- thrower.cjs --
module.exports = (f) => f();
module.exports.Thrower = class Thrower {
  constructor() { this.init(); }
  init() { throw new RangeError('init'); }
};
-- broken.mjs --

throw new Error('while it is evaluated');
APP
as_node 'stacks through both kinds' main.mjs

files <<'APP'
-- main.js --
// CommonJS: nothing before line 3
const { stack } = new Error('c');
const at = () => { const o = {}; Error.captureStackTrace(o, at); return o.stack.split('\n')[1].trim(); };
console.log(at(), stack.split('\n')[1], require('./lib/deep').at(at));
Error.prepareStackTrace = (e, sites) => sites.filter((s) => !String(s.getFileName()).startsWith('node:')).map((s) => [s.getFunctionName(), s.getLineNumber(), s.getColumnNumber(), s.getFileName(), s.getTypeName()].join()).join('|');
console.log(new Error().stack); console.log((function named() { return new Error().stack; }).call([]));
class T { constructor() { this.s = new Error().stack; } } console.log(new T().s);
/*
*/ console.log(require('util').getCallSites().slice(0, 1).map((c) => [c.functionName, c.scriptName, c.lineNumber, c.columnNumber].join()).join());
-- lib/deep.js --
exports.at = (at) =>
        at();
APP
as_node 'CommonJS' main.js

for kind in main.mjs main.cjs; do
files <<'APP'
-- main.mjs --
import './middle.mjs';
-- middle.mjs --
import { fail } from './fail.mjs';
export const x = 1;
  fail({ code: 'E_X' });
-- fail.mjs --
export function fail(props) {
  // a comment
  const e = new Error('uncaught é');
  throw Object.assign(e, props);
}
-- main.cjs --
const work = () => { throw new SyntaxError('not real'); };

process.on('exit', (code) => console.log('exit', code));
   work();
APP
as_node "uncaught in $kind" $kind
done

files <<'APP'
-- main.mts --
interface A {
  a: string;
}
type B = { b: number };
import util from 'node:util';
const site = (): NodeJS.CallSite => { const old = Error.prepareStackTrace; Error.prepareStackTrace = (_: Error, s: NodeJS.CallSite[]) => s; const s = new Error().stack as unknown as NodeJS.CallSite[]; Error.prepareStackTrace = old; return s[1]; };
const s = site();
console.log(s.getLineNumber(), s.getColumnNumber(), s.getFileName(), new Error('x').stack!.split('\n')[1].trim());
function typed<T extends object>(x: T): number { return site().getLineNumber()!; }
console.log(typed({}), util.getCallSites()[0].lineNumber);
await import('./c.cts');
-- c.cts --
type Removed = {
  a: 1;
};
const line = () => new Error().stack!.split('\n')[1].trim();
console.log(line());
APP
as_node 'TypeScript' main.mts
report_differences
