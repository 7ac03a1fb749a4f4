. "$(dirname "$0")/common.sh"
# Every way to write a mention of a module (reports 61, 80): each names a file of its own, which the app has
# only if the mention was found. In the first app no name is computed, so that nothing embeds a whole folder.

# targets FROM TO: the files src/m/NN.js, each of which exports its number in several shapes.
targets() {
  local n
  mkdir -p src/m
  for n in $(seq -w "$1" "$2"); do
    echo "module.exports = class M$n { static n = '$n'; static k = 'k$n'; static [Symbol.toPrimitive]() { return 1$n; } constructor() { this.n = '$n'; } }; module.exports.list = ['$n']; module.exports.f = (...a) => '$n' + a.join();" >src/m/$n.js
  done
}
files <<'APP'
-- main.js --
#!/usr/bin/env node
'use strict';
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.name, e.code, `${e.message}`.split('\n')[0]); } };
t('typeof', () => typeof require('./m/01.js'));
t('void', () => void require('./m/02.js'));
t('new', () => new (require('./m/03.js'))().n);
t('new of require', () => typeof new require('./m/04.js'));
t('delete', () => delete require('./m/05.js').n);
t('not', () => !require('./m/06.js'));
t('plus', () => +require('./m/07.js') - -require('./m/08.js'));
t('optional call', () => require?.('./m/09.js').n);
t('spaces', () => require
  ( './m/10.js' ).n);
t('comments', () => require/* a */(/* b */'./m/11.js'/* c */)/* d */.n);
t('line comment', () => require( // require('./no/1')
  './m/12.js').n);
t('trailing comma', () => require('./m/13.js',).n);
t('more arguments', () => require('./m/14.js', { x: [1] }, () => 2).n);
t('template', () => require(`./m/15.js`).n);
t('escapes', () => require('./\x6d/\u0031\u{36}.js').n);
t('continued string', () => require('./m\
/17.js').n);
t('module.require', () => module.require('./m/23.js').n);
t('module.require with spaces', () => module . require ('./m/24.js').n);
t('template part', () => `${require('./m/34.js').n}${`${require('./m/35.js').n}`}`);
t('default argument', () => ((a = require('./m/36.js')) => a.n)());
t('default in a pattern', () => { const { q = require('./m/37.js') } = {}; const [r = require('./m/38.js')] = []; return q.n + r.n; });
t('computed key', () => Object.keys({ [require('./m/39.js').k]: 1, get [require('./m/40.js').k]() { return 1; } }).join());
t('superclass', () => new (class extends require('./m/41.js') {})().n);
t('class', () => { class C { static a = require('./m/42.js').n; static { this.b = require('./m/43.js').n; };#c = require('./m/44.js').n; get d() { return require('./m/45.js').n; } set e(v) { this.f = require('./m/46.js').n; } static get g() { return require('./m/47.js').n; } async *h() { yield require('./m/48.js').n; } all() { this.e = 1; return [C.a, C.b, this.#c, this.d, this.f, C.g].join(); } } new C().h().next().then((x) => console.log('later', x.value)); return new C().all(); });
t('spread', () => [...require('./m/49.js').list, Math.max(...require('./m/50.js').list)].join());
t('in', () => 'k' in require('./m/51.js') && new (require('./m/52.js'))() instanceof require('./m/52.js'));
t('loops', () => { const out = []; for (const k in require('./m/53.js')) out.push(k); for (const x of require('./m/54.js').list) out.push(x); while (!require('./m/55.js')); do out.push(require('./m/56.js').n); while (!require('./m/57.js')); for (let i = require('./m/58.js').list; i; i = 0) out.push(i[0]); return out.join(); });
t('throw', () => { throw require('./m/59.js'); });
t('switch', () => { switch ('60') { case require('./m/60.js').n: return 'case ' + require('./m/61.js').n; default: return 'no'; } });
t('labels', () => { let x = 0; one: two: { x = require('./m/62.js').n; break one; } return x; });
t('no semicolons', () => { let a = 1
  let b
  b = a
  ++a
  require('./m/63.js').list.push(a)
  return require('./m/63.js').list.join() });
t('after return', () => { if (t.no) return
  return require('./m/64.js').n; require('./m/65.js'); });
t('division', () => require('./m/66.js') / 2 / require('./m/67.js').n);
t('after a regular expression', () => /require\('.\/no\/2'\)[/]/.test('') || require('./m/68.js').n);
t('after a block', () => { if (t.no) {} /require('.\/no')/.test(''); return require('./m/69.js').n; });
t('arrows', () => (() => require('./m/70.js'))().n + (async () => { await null; console.log('later', (await require('./m/71.js')).n); })());
t('generator', () => [...(function* () { yield require('./m/72.js').n; yield* require('./m/73.js').list; })()].join());
t('object', () => Object.entries({ a: require('./m/74.js').n, get b() { return require('./m/75.js').n; }, c() { return 1; }, ...require('./m/76.js').list }).map(([k, v]) => k + typeof v).join());
t('assignments', () => { let a, b = null, c = 1; a = require('./m/77.js'); b ??= require('./m/78.js'); c &&= require('./m/79.js'); return [a.n, b.n, c.n].join(); });
t('choices', () => [t ? require('./m/80.js').n : 0, t && require('./m/81.js').n, null ?? require('./m/82.js').n, (0, 1, require('./m/83.js')).n].join());
t('chains', () => require('./m/84.js').f?.(require('./m/85.js').n, require('./m/86.js')['n']));
t('tag', () => require('./m/87.js').f`a${1}`);
t('one statement', () => { if (t) require('./m/88.js').list.push(1); else require('./m/89.js'); try { null.x; } catch { return require('./m/90.js').n; } finally { require('./m/91.js').list.pop(); } });
t('nested', () => require('./m/92.js').f(require('./m/93.js').f(require('./m/94.js').n)));
t('parenthesised name', () => require(('./m/18.js')).n);
t('twice parenthesised', () => require((('./m/19.js'))).n);
t('parenthesised require', () => (require)('./m/20.js').n);
t('comma', () => (0, require)('./m/21.js').n);
t('escaped require', () => r\u0065quire('./m/22.js').n);
t('module.require optional', () => module?.require?.('./m/25.js').n);
t('a quoted property', () => module['require']('./m/26.js').n);
t('call', () => require.call(module, './m/27.js').n);
t('apply', () => require.apply(module, ['./m/28.js']).n);
t('bind', () => require.bind(null)('./m/29.js').n);
t('bound to its name', () => require.bind(null, './m/30.js')().n);
t('main', () => require.main.require('./m/32.js').n);
t('call of module.require', () => module.require.call(module, './m/33.js').n);
t('quoted resolve', () => require['resolve']('./m/98.js').split('/').pop());
t('optional resolve', () => require.resolve?.('./m/99.js').split('/').pop());
t('methods', () => { class A { require(x) { return 'A ' + x; } import(x) { return 'import ' + x; } static require(x = './no/15') { return x; } #require(x) { return x + this.require('./no/16'); } go() { return this.#require('./no/17') + this.import('./no/18'); } } const o = { require(x) { return x; }, async import(x) { return x; }, get get() { return this.require('./no/19'); } }; return [new A().go(), A.require(), o.get].join(); });
t('constructor', () => module.constructor._load('./m/31.js', module, false).n);
t('eval', () => eval("require('./more/1.js').n") + eval('require')('./more/2.js').n);
t('one of several', () => [require(t ? './more/3.js' : './more/4.js').n, require(t.no ? './more/3.js' : (t.no ? './more/5.js' : './more/6.js')).n, require(t && './more/7.js').n, require.resolve(t.no ? './no' : './more/8.js').slice(-4)].join());
t('without extension', () => require('./m/95').n + require('././m//96').n + require('./m/../m/97').n);
t('with', () => { t('eval', () => (0, eval)('typeof require')); return 1; });
t('in a string', () => "require('./no/3')" + 'import("./no/4")' + `require('./no/5')`);
/* require('./no/6') import('./no/7') */ // require('./no/8')
t('no mention', () => { const o = { require: (x) => 'own ' + x, import: (x) => 'own ' + x, $require: (x) => x, require_: (x) => x }; return [o.require('./no/9'), o?.require('./no/10'), o . require('./no/11'), o.import('./no/12'), o.$require('./no/13'), o['require']('./no/14')].join(); });
APP
targets 1 99
for n in 1 2 3 4 5 6 7 8; do file src/more/$n.js <<<"exports.n = 'more $n';"; done
as_node 'require()' main.js

# Where `require` is a value, its file of an own name may come from anywhere; a package names others here, which
# are not in its folder.
files <<'APP'
-- main.js --
require('p');
-- node_modules/p/index.js --
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.name, e.code, `${e.message}`.split('\n')[0]); } };
const alias = require, { resolve } = require, o = { require, load: require };
t('alias', () => alias('d01'));
t('resolve', () => resolve('d02').replace(/.*node_modules/, ''));
t('argument', () => ((r) => r('d03'))(require));
t('array', () => [require][0]('d04'));
t('object', () => o.load('d05') + o.require('d06'));
t('_load', () => require('module')._load('d07', module));
t('called at once', () => (0, [alias])[0]('d08'));
t('bound', () => { const bound = require.bind(module); return bound('d09'); });
t('or', () => require(process.argv[9] || 'd10') + require(process.argv[9] ?? 'd11') + require(t.no ? t.name : 'd12'));
t('wrapped', () => { const load = (x) => typeof require === 'function' ? require(x) : null; return load('d13'); });
t('returned', () => (() => require)()('d14'));
t('created', () => require('module').createRequire(__filename)('d15'));
APP
for n in $(seq -w 1 15); do file src/node_modules/d$n/index.js <<<"module.exports = 'd$n';"; done
as_node 'require as a value' main.js

files <<'APP'
-- main.mjs --
import 'p';
-- node_modules/p/package.json --
{"name": "p", "main": "main.mjs"}
-- node_modules/p/main.mjs --
import d01, {n as n01}from'd01'
import*as d02 from'd02'
import d03, * as n03 from "d03"; import {} from 'd04'; import { 'a name' as odd } from 'd05'; import from from 'd06'; import type, { n as as } from 'd07';
import { // from './no'
  n as n08, /* from './no' */ default as d08,
}
from
'd08'
import{createRequire as create, createRequire}from'module'; import * as M from 'node:module'; import Default, { Module } from 'module';
export * from 'd09'; export*as d10 from'd10'; export { default as d11, n as 'a name' } from 'd11'
const t = async (label, f) => { try { console.log(label, await f()); } catch (e) { console.log(label, e.name, e.code, `${e.message}`.split('\n')[0]); } };
console.log(d01, n01, d02.n, d03, n03.n, odd, from, type, as, n08, d08);
await t('import()', async () => [(await import ('d12')).n, (await import(/* a */ 'd13' /* b */,)).n, (await import(`d14`, {})).n, (await import(('d15'))).n, (await import('\x641\u0036')).n, typeof await import('d17')]);
await t('one of several', async () => [(await import(t ? 'd18' : 'd19')).n, (await import(process.argv[9] || 'd20')).n, (await import(t.no ? t : 'd21')).n]);
await t('in places', async () => { class A { static async import(x) { return (await import('d22')).n + x; } import(y) { return y; } x = import('d23'); static { this.y = import('d24'); } } return [await A.import('./no') + new A().import('./no'), (await new A().x).n, (await A.y).n, `${(await import('d25')).n}`]; });
await t('conditions', async () => { if (import('d26')) { for (const x of [await import('d27')]) { while (await import('d28')) { switch (import('d29')) { default: return x.n; } } } } });
await t('arguments', async () => [(await ((f = import('d30')) => f)()).n, (await Promise.all([import('d31'), import('d32')])).length, (await { import: () => import('d33') }.import()).n]);
await t('created', () => [createRequire(import.meta.url)('c01'), create(import.meta.filename)('c02'), M.createRequire(new URL(import.meta.url))('c03'), Default.createRequire(import.meta.url,)('c04'), Module.createRequire(import.meta.url)('c05'), (0, M.createRequire)(import.meta.url)('c06')]);
const r = create(import.meta.url), alias = r, other = M.createRequire, { createRequire: third } = Default; let late; late = create(import.meta.url);
await t('variables', () => [r('c07'), r?.('c08'), (0, r)('c09'), (r)('c10'), r.call(null, 'c11'), r.apply(null, ['c12']), r.bind(null)('c13'), alias('c14'), late('c15'), other(import.meta.url)('c16'), third(import.meta.url)('c17'), typeof r('c18')]);
await t('resolve', () => [r.resolve('c19'), r.resolve?.('c20'), r['resolve']('c21'), import.meta.resolve?.('d34'), import.meta['resolve']('d35')].map((x) => x.replace(/.*node_modules/, '')));
await t('fields', () => { class C { static require = create(import.meta.url); #r = create(import.meta.url); go() { return this.#r('c22') + C.require('c23'); } } const o = { require: create(import.meta.url) }; return [new C().go(), o.require('c24')]; });
await t('assigned', () => { let x; return (x = create(import.meta.url))('c25') + (x ??= create(import.meta.url), x('c26')); });
await t('function', () => { const fallback = globalThis.require ?? create(import.meta.url); function req(x) { return create(import.meta.url)(x); } return fallback('c27') + req('c28') + create(import.meta.url).bind(null)('c29'); });
await t('later', async () => (await import('node:module')).createRequire(import.meta.url)('c30') + process.getBuiltinModule('module').createRequire(import.meta.url)('c31'));
await t('from elsewhere', () => { const below = create(new URL('./deep/x.js', import.meta.url)); return [below('n1'), below.resolve('n2').slice(-11), create(import.meta.dirname + '/deep/')('n3'), create(new URL('./deep/', import.meta.url).href)('n4')].join(); });
await t('esbuild', () => { var __require = ((x) => typeof globalThis.nope !== 'undefined' ? nope : new Proxy(x, {}))(function (x) { return r.apply(this, arguments); }); return __require('c32'); });
console.log(/import 'no'/.test("import 'no'"), 'import("no")', `export * from 'no'`, { import: 1, export: 2 }.import);
APP
for n in $(seq -w 1 35); do
  file src/node_modules/d$n/package.json <<<'{"exports": {".": "./index.mjs"}}'
  file src/node_modules/d$n/index.mjs <<<"export const n = 'd$n'; export default 'default $n'; export { n as 'a name' };"
done
for n in $(seq -w 1 32); do file src/node_modules/c$n/index.js <<<"module.exports = 'c$n';"; done
for n in 1 2 3 4; do file src/node_modules/p/deep/node_modules/n$n/index.js <<<"module.exports = 'n$n';"; done
as_node 'import and createRequire()' main.mjs

# A local variable named require has nothing to do with modules, and none of its names is an error (report 80).
shape() { # NUMBER CODE
  file src/shapes/$1.js <<<"const fake = (x) => 'fake ' + x; $2"
}
files <<'APP'
-- main.js --
const fs = require('fs'), path = require('path');
for (let i = 1; i <= COUNT; i++) console.log(i, require('./shapes/' + i + '.js'));
-- node_modules/addon/package.json --
{"name": "addon", "version": "1.0.0"}
-- node_modules/addon/index.js --
module.exports = require('./build/addon.node');
-- node_modules/addon/build/addon.node --
binary
APP
count=0
while IFS= read -r code; do shape $((++count)) "$code"; done <<'SHAPES'
module.exports = (function (require) { return require('addon') + require('gone'); })(fake);
module.exports = ((require) => require('addon') + require('gone'))(fake);
module.exports = (require => require('addon') + require('gone'))(fake);
module.exports = (async require => require('addon'))(fake) instanceof Promise;
module.exports = (function () { function require(x) { return 'local ' + x; } return require('addon') + require('gone'); })();
module.exports = (function () { var require = fake; return require('addon') + require('gone'); })();
{ const require = fake; module.exports = require('addon') + require('gone'); }
for (const require of [fake]) module.exports = require('addon') + require('gone');
try { throw fake; } catch (require) { module.exports = require('addon') + require('gone'); }
module.exports = (({ require }) => require('addon') + require('gone'))({ require: fake });
module.exports = (function ({ a: [require] }, b) { return require('addon') + require('gone'); })({ a: [fake] });
module.exports = ((a, { require = fake } = {}) => require('addon') + require('gone'))();
{ const { require } = { require: fake }; module.exports = require('addon') + require('gone'); }
{ const [, require] = [1, fake]; module.exports = require('addon') + require('gone'); }
module.exports = ((...require) => require.length)('addon');
class A { require(x) { return 'method ' + x; } run() { return this.require('addon') + this.require('gone'); } } module.exports = new A().run();
const o = { require(x) { return x; }, async load(require) { return require('addon'); } }; module.exports = o.require('addon') + o.require('gone');
class B { m(require) { return require('addon'); } static s(a, require) { return require('gone'); } } module.exports = new B().m(fake) + B.s(1, fake);
{ class require { static x = 'class'; } module.exports = new require('addon').constructor.x; }
module.exports = (function (a, require, b) { return require('addon') + (() => require('gone'))(); })(1, fake, 2);
module.exports = (function require(x) { return x ? x : require('addon'); })();
var require = fake; module.exports = require('addon') + require('gone');
SHAPES
sed -i "s/COUNT/$count/" src/main.js
as_node 'a local require' main.js
report_differences
