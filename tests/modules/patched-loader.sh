. "$(dirname "$0")/common.sh"
# Functions of Module that the app replaces, and the diagnostics channels of require() and import() (reports 14, 29).
files <<'APP'
-- main.js --
const Module = require('module'), path = require('path'), base = (x) => typeof x === 'string' ? path.basename(x) : x;
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code ?? e.name, e.message.split('\n')[0].replaceAll(__dirname, 'D')); } };
// replace(object, name, make): what `f` does while object[name] is make(old)
const replaced = (object, name, make, f) => { const old = object[name]; object[name] = make(old); try { return f(); } finally { object[name] = old; } };
const fresh = (name) => { delete require.cache[require.resolve(name)]; return require(name); };
const load = () => [fresh('./a').a, fresh('./folder/index').f, require('os') === require('node:os'), fresh('p').p];
const seen = []; const note = (name) => (old) => function (...args) { seen.push(name + ' ' + base(args[0])); return old.apply(this, args); };
for (const name of ['_load', '_resolveFilename', '_findPath', '_resolveLookupPaths', '_nodeModulePaths']) t(name, () => { seen.length = 0; const r = replaced(Module, name, note(name), load); return [JSON.stringify(r), seen.length > 0, name === '_load' ? seen.join() : [...new Set(seen)].slice(0, 1).length]; });
for (const name of ['require', 'load', '_compile']) t('prototype.' + name, () => { seen.length = 0; const r = replaced(Module.prototype, name, (old) => function (...args) { seen.push(base(args[name === '_compile' ? 1 : 0])); return old.apply(this, args); }, load); return [JSON.stringify(r), seen.join()]; });
t('_compile changes text', () => replaced(Module.prototype, '_compile', (old) => function (text, ...rest) { return old.call(this, text.replace('plain', 'changed'), ...rest); }, load).join());
t('stub', () => replaced(Module, '_load', (old) => (request, ...rest) => request === './a' ? { a: 'mock' } : old(request, ...rest), () => [require('./a').a, fresh('./uses-a').uses, require('p').p]).join());
t('alias', () => replaced(Module, '_resolveFilename', (old) => (request, ...rest) => old(request === './a' ? './folder/index' : request === '@/x' ? path.join(__dirname, 'a.js') : request, ...rest), () => [fresh('./uses-a').uses, require('@/x').a, path.basename(require.resolve('./a'))]).join());
t('_findPath', () => replaced(Module, '_findPath', (old) => (request, ...rest) => old(request === './a' ? './folder/index' : request, ...rest), () => [fresh('./uses-a').uses, path.basename(require.resolve('./a'))]).join());
t('_nodeModulePaths', () => replaced(Module, '_nodeModulePaths', (old) => (from) => [path.join(__dirname, 'vendor'), ...old(from)], () => { const m = new Module(path.join(__dirname, 'made.js'), module); m.filename = m.id; m.paths = Module._nodeModulePaths(__dirname); return m.require('vendored').v; }));
t('_resolveLookupPaths', () => replaced(Module, '_resolveLookupPaths', (old) => (request, parent) => [path.join(__dirname, 'vendor'), ...(old(request, parent) ?? [])], () => require(['vendored'][0]).v));
t('require.cache', () => { require.cache[require.resolve('./a')].exports = { a: 'cached mock' }; const r = [require('./a').a, fresh('./uses-a').uses]; delete require.cache[require.resolve('./a')]; return [...r, require('./a').a].join(); });
t('cache proxy', () => replaced(Module, '_cache', (old) => new Proxy(old, { get: (o, k) => (typeof k === 'string' && k.endsWith('folder/index.js')) ? { exports: { f: 'from the proxy' }, loaded: true } : o[k] }), () => require('./folder/index').f));
t('wrapper', () => { const old = Module.wrapper[0]; Module.wrapper[0] = old + 'var injected = "by the wrapper";'; const r = fresh('./injected').i; Module.wrapper[0] = old; return r; }); t('wrap', () => replaced(Module, 'wrap', (old) => (text) => old('const injected = "by wrap";' + text), () => fresh('./injected').i));
t('new Module', () => { const m = new Module(path.join(__dirname, 'made.js'), module); m.filename = m.id; m.paths = Module._nodeModulePaths(__dirname); m._compile('module.exports = [require("p").p, require("./a").a, module.parent.id, require.main === module.parent]', m.filename); return m.exports.join(); });
t('proxyquire', () => { const stubs = { './a': { a: 'stubbed', '@noCallThru': true } }; const old = Module._load; delete require.cache[require.resolve('./uses-a')]; Module._load = function (request, parent, isMain) { return parent?.filename?.endsWith('uses-a.js') && stubs[request] || old(request, parent, isMain); }; try { return require('./uses-a').uses; } finally { Module._load = old; } });
t('rewire', () => { const file = require.resolve('./private'); const m = new Module(file, module); const text = require('fs').readFileSync(file, 'utf8'); m.filename = file; m.paths = module.paths; m._compile(text + ';exports.__get__ = (n) => eval(n);', file); return [m.exports.__get__('secret'), m.exports.open].join(); });
t('paths', () => [typeof Module._pathCache, Module.globalPaths.length >= 0, module.paths.length === Module._nodeModulePaths(__dirname).length, Module._initPaths.length].join());
// require-in-the-middle: Module.prototype.require with a hook for names, also of modules that others load
t('in the middle', () => { const hooked = []; const r = replaced(Module.prototype, 'require', (old) => function (id) { const e = old.call(this, id); const name = Module._resolveFilename(id, this); hooked.push(base(name)); return name === 'fs' ? Object.assign(Object.create(e), { patched: true }) : e; }, () => fresh('./uses-fs').patched); return [r, hooked.join()]; });
import('./imports.mjs').then((m) => console.log('import', m.a));
-- a.js --
exports.a = 'plain a';
-- folder/index.js --
exports.f = 'plain folder'; exports.a = 'folder as a';
-- uses-a.js --
exports.uses = 'uses ' + require('./a').a;
-- uses-fs.js --
exports.patched = require('fs').patched;
-- injected.js --
exports.i = typeof injected === 'undefined' ? 'nothing' : injected;
-- private.js --
const secret = 42; exports.open = 'open';
-- imports.mjs --
export { a } from './a.js';
-- vendor/vendored.js --
exports.v = 'vendored';
-- node_modules/p/index.js --
exports.p = 'p of ' + require('./lib').lib;
-- node_modules/p/lib.js --
exports.lib = 'lib';
APP
as_node 'functions of Module' main.js --asset 'src/vendor/**'

# Module._load is also called for what import statements load.
files <<'APP'
-- main.mjs --
import Module, { createRequire } from 'node:module'; const seen = [], old = Module._load;
Module._load = function (request, parent) { seen.push(request.split('/').pop() + ' ' + (parent ? parent.id.split('/').pop() : parent)); return old.apply(this, arguments); };
const m = await import('./later.mjs'); console.log(m.default, m.named, seen.join()); Module._load = (request, ...rest) => request.endsWith('mocked.cjs') ? { mocked: true } : old(request, ...rest);
console.log((await import('./mocked.cjs')).default, createRequire(import.meta.url)('./mocked.cjs')); Module._load = old; console.log((await import('./after.cjs')).default);
-- later.mjs --
export { default, named } from './cjs.cjs';
-- cjs.cjs --
exports.named = require('./inner.cjs').inner;
-- inner.cjs --
exports.inner = 'inner';
-- mocked.cjs --
exports.real = true;
-- after.cjs --
module.exports = 'after';
APP
as_node 'import of CommonJS' main.mjs

files <<'APP'
-- main.js --
const dc = require('diagnostics_channel'), base = (x) => x?.split?.('/').pop(), events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'], log = [];
const listen = (name) => { const handlers = {}; for (const e of events) handlers[e] = (m) => log.push(`${name} ${e} ${Object.keys(m).join()} ${base(m.id ?? m.url)} from ${base(m.parentFilename ?? m.parentURL)} ${m.error?.code ?? ''} ${e === 'end' && name === 'require' ? typeof m.result : ''}`); dc.tracingChannel('module.' + name).subscribe(handlers); return () => dc.tracingChannel('module.' + name).unsubscribe(handlers); };
require('./before'); const stops = [listen('require'), listen('import')];
require('./a'); require('os'); require('./a'); require('p'); try { require('./gone' + ''); } catch {} try { require('./throws'); } catch (e) { log.push(e.message); }
(async () => {
  await import('./m.mjs'); await import('p'); await import('node:fs'); await import('./m.mjs'); await import('gone').catch((e) => log.push(e.code)); await import('./throws.mjs').catch((e) => log.push(e.message)); await import('data:text/javascript,export default 1');
  for (const stop of stops) stop(); require('./after'); await import('./after.mjs'); console.log(log.join('\n')); console.log(dc.hasSubscribers('tracing:module.require:start'));
  const store = new (require('async_hooks').AsyncLocalStorage)(); dc.channel('tracing:module.require:start').bindStore(store, (m) => m.id); console.log(require('./store').stored(store)); const only = []; const f = (m, name) => only.push(name, m.id); dc.subscribe('tracing:module.require:end', f); require('./last'); dc.unsubscribe('tracing:module.require:end', f); console.log(only.join());
})();
-- before.js --
-- a.js --
require('./b');
-- b.js --
-- throws.js --
throw new Error('thrown');
-- throws.mjs --
import './b.js'; throw new Error('thrown by mjs');
-- m.mjs --
import './n.mjs'; import './c.cjs';
-- n.mjs --
export default 1;
-- c.cjs --
require('./b');
-- after.js --
-- after.mjs --
-- store.js --
const inner = require('./store-inner'); exports.stored = (store) => [store.getStore() ?? 'outside', inner.now];
-- store-inner.js --
exports.now = 'inner';
-- last.js --
-- node_modules/p/index.js --
module.exports = { p: 1 };
APP
as_node 'channels' main.js
report_differences
