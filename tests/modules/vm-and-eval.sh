. "$(dirname "$0")/common.sh"
# import() in text that is compiled at run time, and vm's scripts and modules (reports 22, 22b).
files <<'APP'
-- main.mjs --
import vm from 'node:vm'; import fs from 'node:fs'; import path from 'node:path'; import { pathToFileURL } from 'node:url';
import * as lib from './lib/lib.mjs';
const t = async (label, f) => { try { console.log(label, await f()); } catch (e) { console.log(label, e.name, e.code, e.message.split('\n')[0]); } };
const disk = path.resolve('disk.mjs'); fs.writeFileSync(disk, 'export default "disk " + import.meta.filename.endsWith("disk.mjs"); export * from "node:path";');
await t('eval', () => eval('import("./lib/lib.mjs")').then((m) => m === lib));
await t('indirect eval', () => (0, eval)('import("node:path")').then((m) => typeof m.join));
await t('indirect eval relative', () => (0, eval)('import("./lib/lib.mjs")').then((m) => m === lib));
await t('Function', () => new Function('s', 'return import(s)')('./lib/lib.mjs').then((m) => m === lib));
await t('AsyncFunction', () => new (async () => {}).constructor('return (await import("os")).EOL.length')());
await t('generator', () => [...new (function* () {}).constructor('yield import.name')()]);
await t('disk', () => import(disk).then((m) => [m.default, m.sep].join()));
await t('disk by eval', async () => (await eval('import(disk)')) === (await import(pathToFileURL(disk).href)));
await t('string timer', () => vm.runInThisContext('import("node:os").then((m) => typeof m.cpus)', { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }));
await t('no callback', () => vm.runInThisContext('import("node:os")'));
await t('relative default loader', () => new vm.Script('import("./lib/lib.mjs")', { filename: 'x.js', importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }).runInThisContext());
await t('relative with filename', () => new vm.Script('import("./lib.mjs")', { filename: path.join(import.meta.dirname, 'lib', 'x.js'), importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }).runInThisContext().then((m) => m === lib));
await t('callback', () => new vm.Script('import("a", { with: { type: "t" } })', { importModuleDynamically: (s, script, attributes, phase) => ({ s, own: script instanceof vm.Script, ...attributes, phase }) }).runInThisContext().then((m) => JSON.stringify(m)));
await t('callback gives lib', () => new vm.Script('import("zz")', { importModuleDynamically: () => lib }).runInThisContext().then((m) => m === lib && m.value));
await t('compileFunction', () => vm.compileFunction('return import("x")', [], { importModuleDynamically: (s) => ({ s }) })().then((m) => m.s));
await t('new context', () => vm.runInNewContext('import("node:os")', {}, { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }).then((m) => typeof m.cpus));
await t('meta in eval', () => eval('typeof require + typeof module')); await t('import.meta in eval', () => eval('import.meta'));
await t('strict', () => eval('var leak = 1; typeof leak') + typeof leak); await t('this', () => eval('this') + '' + (0, eval)('typeof this'));
-- lib/lib.mjs --
export const value = 'lib';
APP
as_node 'import() in text' main.mjs --asset src/lib

files <<'APP'
-- main.js --
const vm = require('vm'), path = require('path'), Module = require('module');
const t = async (label, f) => { try { console.log(label, await f()); } catch (e) { console.log(label, e.name, e.code, e.message.split('\n')[0]); } };
const local = 'local'; globalThis.shared = 'shared';
(async () => {
  await t('let', () => { vm.runInThisContext('let lexical = 1; const c2 = 2; class K {}'); return [lexical, c2, K.name, typeof globalThis.lexical].join(); });
  await t('scope', () => vm.runInThisContext('typeof local + typeof shared + typeof require + typeof __filename'));
  await t('direct', () => eval('local + typeof require + path.basename(__filename) + typeof exports'));
  await t('Function scope', () => new Function('return typeof local + typeof shared + typeof require')());
  await t('eval import', () => eval('import("./es.mjs")').then((m) => m.url.slice(-6) + (m === require('./es.mjs'))));
  await t('Function import', () => Function('return import("./es.mjs")')().then((m) => m.url.slice(-6)));
  await t('nested', () => eval('eval("import(\'./es.mjs\')")').then((m) => m.v));
  await t('_compile', () => { const m = new Module(path.join(__dirname, 'virtual.js'), module); m.filename = m.id; m.paths = module.paths; m._compile('exports.x = require("./dep").d + __filename.slice(-10); exports.imp = () => import("./es.mjs");', m.filename); return m.exports.imp().then((ns) => m.exports.x + ns.v); });
  await t('wrapper', () => Module.wrap('x') + Module.wrapper.length); await t('error', () => new vm.Script('a b', { filename: 'bad.js' }));
  await t('error line', () => { try { vm.runInThisContext('\n\n  null.x', { filename: 'there.js', lineOffset: 10 }); } catch (e) { return e.stack.split('\n')[1].trim(); } });
  await t('sourceURL', () => { try { eval('throw new Error("u")\n//# sourceURL=named.js'); } catch (e) { return e.stack.split('\n')[1].trim().replace(/\(eval at.*main.js/, '(main.js'); } });
  await t('compileFunction params', () => vm.compileFunction('return [a, b, typeof require, this === undefined]', ['a', 'b'], { filename: 'f.js' })(1, 2).join());
  await t('isContext', () => [vm.isContext({}), vm.isContext(vm.createContext({}))].join());
  await t('context', () => { const c = vm.createContext({ out: [], console }); vm.runInContext('out.push(typeof require, typeof globalThis.process, this.constructor.name)', c); return c.out.join(); });
})();
-- es.mjs --
export const v = 'es', url = import.meta.url;
-- dep.js --
exports.d = 'dep';
APP
as_node 'CommonJS' main.js --asset src/dep.js

files <<'APP'
-- main.mjs --
import vm from 'node:vm';
const outer = { n: 1 };
import { createRequire } from 'node:module'; import * as real from './real.mjs';
console.log(typeof vm.SourceTextModule, typeof vm.SyntheticModule, typeof vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER);
class Sandbox { constructor(globals) { this.context = vm.createContext(globals); } run(code) { return vm.runInContext(code, this.context, { filename: 'sandbox.js', timeout: 1000 }); } }
const box = new Sandbox({ outer, real, log: (...a) => console.log('log', ...a) });
box.run('log(outer.n, real.x, typeof real.f); var y = 5; function g() { return y; } this.z = g()'); console.log(box.context.y, box.context.z, box.run('g.constructor === Function'), box.context.g instanceof Function);
try { box.run('throw new TypeError("inside")'); } catch (e) { console.log(e instanceof TypeError, e.name, e.stack.split('\n')[0]); }
try { box.run('while (true);'); } catch (e) { console.log(e.code); }
const script = new vm.Script('globalThis.count = (globalThis.count ?? 0) + 1', { filename: 'counter.js' }); console.log(script.runInThisContext(), script.runInThisContext(), script.runInNewContext());
const data = script.createCachedData(); console.log(data.length > 0, new vm.Script('globalThis.count = (globalThis.count ?? 0) + 1', { cachedData: data }).cachedDataRejected);
console.log(await vm.measureMemory?.name, vm.runInThisContext('(function () { return this === globalThis; })()'), new Function('return this === globalThis')());
-- real.mjs --
export const x = 'x'; export function f() {}
APP
as_node 'contexts and scripts' main.mjs
report_differences
