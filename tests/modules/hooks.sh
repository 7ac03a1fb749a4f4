. "$(dirname "$0")/common.sh"
# module.registerHooks sees what is loaded after it. module.register is left out: it needs worker threads.
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
report_differences
