. "$(dirname "$0")/common.sh"
# module.registerHooks sees what is loaded after it; module.register: registered-hooks.sh.
files <<'APP'
-- main.mjs --
import { registerHooks, createRequire } from 'node:module'; import { already } from './already.mjs';
const require = createRequire(import.meta.url), log = [];
const hooks = registerHooks({
  resolve(specifier, context, next) { log.push(`resolve ${specifier} ${context.conditions.includes('require') ? 'require' : 'import'} ${context.parentURL?.split('/').pop()} ${JSON.stringify(context.importAttributes)}`); if (specifier === 'virtual:x') return { url: 'virtual:x', format: 'module', shortCircuit: true }; const r = next(specifier, context); log.push(`-> ${r.url.replace(/.*\//, '')} ${r.format}`); return r; },
  load(url, context, next) { log.push(`load ${url.split('/').pop()} ${context.format}`); if (url === 'virtual:x') return { source: 'export default "virtual " + import.meta.url', format: 'module', shortCircuit: true }; const r = next(url, context); if (url.endsWith('change.mjs')) return { ...r, source: String(r.source).replace('original', 'changed') }; if (url.endsWith('change.cjs')) return { ...r, source: String(r.source).replace('original', 'changed') }; return r; },
});
console.log((await import('virtual:x')).default, (await import('./change.mjs')).what, require('./change.cjs').what, (await import('./already.mjs')).already === already, require('node:path').sep, (await import('node:os')).default.EOL.length);
console.log((await import('./d.json', { with: { type: 'json' } })).default); hooks.deregister(); log.push('deregistered'); console.log((await import('./later.mjs')).later); console.log(log.join('\n'));
-- already.mjs --
export const already = Symbol();
-- change.mjs --
import { dep } from './dep.mjs'; export const what = 'original ' + dep;
-- dep.mjs --
export const dep = 'dep';
-- change.cjs --
exports.what = 'original cjs ' + require('./dep.cjs');
-- dep.cjs --
module.exports = 'dep.cjs';
-- later.mjs --
export const later = 'later';
-- d.json --
{"d":1}
APP
as_node 'import() and require()' main.mjs

files <<'APP'
-- main.cjs --
const { registerHooks } = require('module');
const redirect = registerHooks({ resolve: (s, c, next) => s === './real.cjs' ? next('./mock.cjs', c) : next(s, c) });
console.log(require('./real.cjs'), require('./user.cjs')); redirect.deregister(); console.log(require('./real.cjs'), require('./user.cjs'));
const compile = registerHooks({ load(url, context, next) { if (!url.endsWith('.zzz')) return next(url, context); return { format: 'commonjs', source: 'module.exports = "compiled " + __filename.slice(-5)', shortCircuit: true }; } });
const other = ['./x.zzz'][0]; console.log(require(other)); compile.deregister(); const a = registerHooks({ resolve: (s, c, n) => { console.log('a', s); return n(s, c); } }), b = registerHooks({ resolve: (s, c, n) => { console.log('b', s); return n(s, c); } }); require('./last.cjs'); b.deregister(); a.deregister();
const bad = registerHooks({ resolve: () => null }); try { require('./bad-result.cjs'); } catch (e) { console.log(e.code); } bad.deregister(); const thrown = registerHooks({ load() { throw new Error('from the hook'); } }); try { require('./bad-result.cjs'); } catch (e) { console.log(e.message); } thrown.deregister(); console.log(require('./bad-result.cjs'));
-- real.cjs --
module.exports = 'real';
-- mock.cjs --
module.exports = 'mock';
-- user.cjs --
module.exports = 'user of ' + require('./real.cjs');
-- x.zzz --
not javascript
-- last.cjs --
require('./real.cjs');
-- bad-result.cjs --
module.exports = 'good again';
APP
as_node 'CommonJS' main.cjs --asset src/x.zzz --asset src/mock.cjs

files <<'APP'
-- main.mjs --
import './register.mjs'; const seen = globalThis.seen; seen.length = 0;
const { value } = await import('./lazy.mjs'); console.log(value, seen.join()); const again = await import('./lazy.mjs'); console.log(again.value === value, seen.join()); console.log((await import('./lazy.mjs?fresh')).value !== value, seen.join());
-- register.mjs --
import { registerHooks } from 'node:module'; globalThis.seen = []; registerHooks({ load(url, c, n) { seen.push(new URL(url).pathname.split('/').pop() + new URL(url).search); const r = n(url, c); return r.source == null ? r : { ...r, source: '/* instrumented */ ' + r.source + '\n;globalThis.instrumented = (globalThis.instrumented ?? 0) + 1;' }; } });
-- lazy.mjs --
import { part } from './part.mjs'; import cjs from './part.cjs'; export const value = { part, cjs, n: globalThis.instrumented };
-- part.mjs --
export const part = 'part';
-- part.cjs --
module.exports = 'cjs';
APP
as_node 'instrumentation' main.mjs

# A module that was evaluated already is resolved, and nothing more.
files <<'APP'
-- main.mjs --
import { registerHooks, createRequire } from 'node:module'; import 'evaluated'; import './own.mjs'; import cjs from 'cjs';
const require = createRequire(import.meta.url), log = [], base = (u) => u?.split('/').at(-1);
const hooks = registerHooks({ resolve(s, c, next) { log.push(`resolve ${s} from ${base(c.parentURL)}`); return next(s, c); }, load(u, c, next) { log.push(`load ${base(u)} ${c.format}`); return next(u, c); } });
const step = async (label, f) => { log.length = 0; try { await f(); } catch (e) { log.push(e.code ?? e.message); } console.log(label, log.join(', ')); };
await step('evaluated package', () => import('evaluated')); await step('evaluated again', () => import('evaluated')); await step('own', () => import('./own.mjs')); await step('evaluated cjs', () => import('cjs')); await step('required cjs', () => require('cjs'));
await step('new module of evaluated ones', () => import('./lazy.mjs')); await step('again', () => import('./lazy.mjs')); await step('require of esm', () => require('./lazy2.mjs')); await step('its import', () => import('./lazy2.mjs'));
await step('cjs by require', () => require('./c.cjs')); await step('cjs again', () => require('./c.cjs')); await step('its import', () => import('./c.cjs')); await step('json', () => require('./d.json')); await step('require.resolve', () => require.resolve('./c.cjs')); await step('import.meta.resolve', () => import.meta.resolve('cjs'));
await step('builtin', () => [require('fs'), require('node:os')]); await step('import builtin', () => import('node:fs')); await step('missing', () => import('gone')); await step('missing file', () => require('./gone' + '.cjs')); await step('bundled in a function', () => cjs.later()); await step('dynamic import in package', () => cjs.dynamic());
hooks.deregister(); await step('deregistered', () => import('./last.mjs'));
-- own.mjs --
import 'evaluated'; import './own2.mjs';
-- own2.mjs --
export const own2 = 1;
-- lazy.mjs --
import './own.mjs'; import cjs from 'cjs'; import './lazy-inner.mjs'; export default cjs;
-- lazy-inner.mjs --
export default 'inner';
-- lazy2.mjs --
import './lazy-inner.mjs'; import './lazy3.mjs'; import 'evaluated/sub.cjs';
-- lazy3.mjs --
export default 3;
-- c.cjs --
require('./c2.cjs'); require('evaluated/sub.cjs');
-- c2.cjs --
-- d.json --
{}
-- last.mjs --
-- node_modules/evaluated/package.json --
{"name":"evaluated","exports":{".":"./index.mjs","./sub.cjs":"./sub.cjs"}}
-- node_modules/evaluated/index.mjs --
export * from './inner.mjs'; import 'cjs';
-- node_modules/evaluated/inner.mjs --
export const inner = 1;
-- node_modules/evaluated/sub.cjs --
exports.sub = 1;
-- node_modules/cjs/index.js --
require('./x'); exports.later = () => require('./later'); exports.dynamic = () => import('./later2.mjs');
-- node_modules/cjs/x.js --
-- node_modules/cjs/later.js --
require('./x');
-- node_modules/cjs/later2.mjs --
import './later.js';
APP
as_node 'what the hooks are asked' main.mjs
report_differences
