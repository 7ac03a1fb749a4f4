. "$(dirname "$0")/common.sh"
# Syntax and semantics that translation could change.
files <<'APP'
-- main.mjs --
import './strict.mjs'; import { Priv } from './priv.mjs'; import gen from './gen.mjs';
console.log(Priv.run().join(), await gen());
outer: for (const i of [1, 2, 3]) { inner: for (const j of [1, 2, 3]) { if (j === 2) continue outer; if (i === 3) break outer; console.log(i, j); } }
console.log([...'a😀'].length, 1_000n ** 2n, 0b11 + 0o17 + 0xff, null ?? 'nc', globalThis?.x?.[1]?.(), `${1}${`${2}`}`, typeof undeclared, void 0, (1, 2), new Date(0).toISOString());
let a = null; a ??= 1; a &&= 2; a ||= 3; const { b: { c = 4 } = {}, ...rest } = { d: 5 }; console.log(a, c, rest, [, 1].length, { __proto__: { p: 1 } }.p, Object.keys({ ['__proto__']: 1 }));
console.log(/(?<y>\d{4})/.exec('in 2024').groups.y, 'aXbX'.replaceAll('X', '-'), /a.c/s.test('a\nc'), 'x'.at(-1), [3, 1].toSorted(), Object.groupBy([1, 2], (x) => x % 2 ? 'odd' : 'even'));
try { throw 1; } catch { console.log('no binding'); } finally { console.log('finally'); } switch (3) { default: console.log('default'); case 1: console.log('falls'); break; case 2: console.log('not'); }
console.log(((a, b = a, ...c) => [a, b, c.length])(1), (function () { return arguments.length; })(1, 2), (() => { try { return 'try'; } finally { console.log('then finally'); } })(), new (class { constructor() { return { own: 1 }; } })());
if (true) { function blockScoped() { return 1; } } console.log(typeof blockScoped, [1, 2, 3].includes(NaN), Number.MAX_SAFE_INTEGER, -0, 1 / -0, 0.1 + 0.2, 1e21, 0xffffffffff, 123456789012345680000);
-- strict.mjs --
console.log(this, (function () { return this; })(), typeof arguments, typeof module, typeof require, typeof exports, typeof __filename);
for (const f of [() => { undeclared = 1; }, () => { Object.freeze({ x: 1 }).x = 2; }, () => { delete Object.prototype; }, () => { 'str'.length = 1; }, () => eval('with ({}) {}'), () => eval('010'), () => eval('arguments = 1'), () => { (function () { return arguments.callee; })(); }, () => eval('var leak = 1'), () => leak, () => eval('new.target'), () => eval('await 0'), () => Function('await', 'return await')(3), () => eval('yield')])
  try { console.log('ok', f()); } catch (e) { console.log(e.name, e.message); }
<!-- not a comment here
APP
sed -i '/^<!--/d' src/strict.mjs
cat >src/priv.mjs <<'JS'
export class Priv {
  #x = 1; static #count = 0; static { this.#count = 5; Priv.block = [this.name, new.target].join(); } #m() { return this.#x++; } get #g() { return 'g' + this.#x; } set #g(v) { this.#x = v; } static #s() { return 's' + this.#count; } static has(o) { return #x in o; }
  accessor = 1; 'quoted name' = 2; 3 = 3; [`computed${1}`] = 4; static async *[Symbol.asyncIterator]() { yield 1; } ; static = 'field named static'; get = 'field named get'; async = 1; static async() { return 'static async'; } await() { return 'await'; }
  static run() { const p = new Priv(); p.#m(); p.#g = 7; p.#x **= 2; return [p.#g, Priv.#s(), Priv.has(p), Priv.has({}), Priv.block, Object.keys(p).join('|'), (() => { try { p.#m.call({}); } catch (e) { return e.message; } })(), Priv.async(), p.await()]; }
}
JS
cat >src/gen.mjs <<'JS'
async function* numbers() { try { yield* [1, Promise.resolve(2)]; yield await new Promise((r) => setImmediate(r, 3)); } finally { log.push('closed'); } }
const log = []; function* sync() { const got = yield 1; log.push(got); try { yield 2; } finally { log.push('returned'); } }
export default async () => { for await (const n of numbers()) { log.push(n); if (n === 3) break; } const s = sync(); log.push(s.next().value, s.next('sent').value, s.return(9).value, s.next().done); await using_(); return log.join(); };
async function using_() { const res = { [Symbol.dispose]() { log.push('disposed'); } }; { using r = res; log.push('using'); } }
JS
as_node 'ES modules' main.mjs

files <<'APP'
-- main.mjs --
process.on('exit', (c) => console.log('exit', c)); process.on('unhandledRejection', (e, p) => { console.log('unhandled', e.message, p instanceof Promise); });
import { boom } from './boom.mjs'; Promise.reject(new Error('first')); await new Promise(setImmediate); process.removeAllListeners('unhandledRejection');
const timer = setTimeout(() => {}, 1e6); queueMicrotask(() => console.log('micro')); process.nextTick(() => console.log('tick')); await null; console.log('after await'); process.once('uncaughtException', (e) => { console.log('uncaught', e.message, e.stack.split('\n')[1]); clearTimeout(timer); }); setTimeout(boom, 1);
-- boom.mjs --
export function boom() { throw new Error('boom'); }
APP
as_node 'events of the process' main.mjs
for kind in main.mjs reject.mjs syntax.mjs object.cjs; do
files <<'APP'
-- main.mjs --
import { f } from './lib.mjs'; setTimeout(() => f(), 1);
-- lib.mjs --
// first line
export const f = () => { throw Object.assign(new TypeError('in a timer'), { extra: { deep: [1] }, cause: new Error('the cause') }); };
-- reject.mjs --
import './lib.mjs'; const go = async () => { await 0; throw new RangeError('rejected'); };
  await go();
-- syntax.mjs --
import './lib.mjs'; eval('let x = ;');
-- object.cjs --
process.exitCode = 4; throw { not: 'an error', code: 'X' };
APP
as_node "ends uncaught: $kind" $kind
done
report_differences
