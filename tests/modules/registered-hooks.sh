. "$(dirname "$0")/common.sh"
# Hooks of module.register() run in their own thread and see what is imported after they were registered.
files <<'APP'
-- main.mjs --
import { register, createRequire } from 'node:module'; import { already } from './already.mjs';
const require = createRequire(import.meta.url);
register('./loader.mjs', import.meta.url, { data: { word: 'changed' } });
console.log((await import('virtual:x')).default, (await import('./change.mjs')).what, (await import('./change.cjs')).default.what);
console.log((await import('./already.mjs')).already === already, (await import('events')).default, (await import('node:os')).default.EOL.length, import.meta.resolve('virtual:y'));
console.log(require('./plain.cjs'), require('node:events') === require('events'), (await import('./d.json', { with: { type: 'json' } })).default, require('./required.mjs').what);
try { await import('./throws.mjs'); } catch (error) { console.log(error.message); }
-- loader.mjs --
let word; export function initialize(data) { word = data.word; }
export async function resolve(specifier, context, next) {
  if (specifier === 'virtual:x' || specifier === 'virtual:y') return { url: specifier, format: 'module', shortCircuit: true };
  if (specifier === 'events') return { url: 'virtual:events', format: 'module', shortCircuit: true };
  return next(specifier, context);
}
export async function load(url, context, next) {
  if (url === 'virtual:x') return { source: 'export default "virtual"', format: 'module', shortCircuit: true };
  if (url === 'virtual:events') return { source: 'export default "mocked"', format: 'module', shortCircuit: true };
  if (url.endsWith('throws.mjs')) throw new Error('from the hook');
  const result = await next(url, context);
  return url.includes('change') && result.source != null ? { ...result, source: String(result.source).replace('original', word) } : result;
}
-- already.mjs --
export const already = Symbol();
-- change.mjs --
import { dep } from './change-dep.mjs'; export const what = 'original ' + dep;
-- change-dep.mjs --
export const dep = 'original dep';
-- change.cjs --
exports.what = 'original cjs ' + require('./plain.cjs');
-- plain.cjs --
module.exports = 'plain original';
-- required.mjs --
import { dep } from './change-dep.mjs'; export const what = 'required ' + dep;
-- throws.mjs --
-- d.json --
{"d":1}
APP
as_node 'import() and require()' main.mjs --asset src/loader.mjs

files <<'APP'
-- main.cjs --
const { register } = require('module'); const { pathToFileURL } = require('url');
const lazy = () => import('./lazy.mjs');
register('data:text/javascript,' + encodeURIComponent('export const load = async (url, context, next) => url.endsWith("lazy.mjs") ? { format: "module", source: "export default \'replaced\'", shortCircuit: true } : next(url, context);'), pathToFileURL(__filename));
lazy().then((m) => console.log(m.default, require('./used.cjs')));
-- lazy.mjs --
export default 'as written';
-- used.cjs --
module.exports = 'used';
APP
as_node 'registered by CommonJS, from a data: URL' main.cjs

files <<'APP'
-- main.mjs --
import './register.mjs'; import { value } from './static.mjs';
const { value: later } = await import('./later.mjs');
console.log(value, later);
-- register.mjs --
import { register } from 'node:module';
register(new URL('./loader.mjs', import.meta.url)); register('./second.mjs', import.meta.url);
-- loader.mjs --
export const load = async (url, context, next) => { const r = await next(url, context); return /static|later/.test(url) ? { ...r, source: String(r.source).replace('value =', "value = 'first ' +") } : r; };
-- second.mjs --
export const load = async (url, context, next) => { const r = await next(url, context); return /static|later/.test(url) ? { ...r, source: String(r.source).replace('value =', "value = 'second ' +") } : r; };
-- static.mjs --
export const value = 'static';
-- later.mjs --
export const value = 'later';
APP
as_node 'two loaders; static imports were linked before' main.mjs --asset src/loader.mjs --asset src/second.mjs
files <<'APP'
-- main.mjs --
import { registerHooks } from 'node:module'; import './first.mjs';
const hooks = registerHooks({ load(url, context, next) { const r = next(url, context); return url.endsWith('dep.mjs') ? { ...r, source: 'export const dep = "changed"' } : r; } });
const a = await import('./user.mjs'); hooks.deregister();
const b = await import('./user.mjs'), c = await import('./other.mjs'), d = await import('./dep.mjs');
console.log(a.what, b === a, c.what, d.dep);
-- first.mjs --
await import('./second.mjs');
-- second.mjs --
-- user.mjs --
import { dep } from './dep.mjs'; export const what = 'user of ' + dep;
-- other.mjs --
import { dep } from './dep.mjs'; export const what = 'other user of ' + dep;
-- dep.mjs --
export const dep = 'as written';
APP
as_node 'modules stay as hooks have made them' main.mjs
report_differences
