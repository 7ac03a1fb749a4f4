. "$(dirname "$0")/common.sh"
# createRequire() of ES modules: .mjs files, packages that are ES modules, with conditions, top-level await, cycles (reports 48, 72).
files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module'; import esm, { count } from 'esm'; import * as dual from 'dual'; import './lib/start.mjs';
const require = createRequire(import.meta.url), below = createRequire(new URL('./lib/deep/x.js', import.meta.url));
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.name, e.code, `${e.message}`.split('\n')[0]); } };
t('mjs', () => require('./w.mjs')); t('same', () => require('./w.mjs') === require('./w.mjs')); t('mjs with default', () => require('./d.mjs'));
t('package', () => [require('esm').default === esm, require('esm').count, count].join()); t('package by main', () => require('main-esm').kind); t('subpath', () => require('esm/sub').sub); t('subpath of mjs', () => require('main-esm/other.mjs').other); t('folder', () => require('./lib').index); t('folder of a package', () => require('main-esm/folder'));
t('dual', () => [require('dual').kind, dual.kind, require.resolve('dual'), import.meta.resolve('dual')].join()); t('module-sync', () => [require('sync').kind, require.resolve('sync')].join()); t('marker', () => require('marker')); t('json', () => require('./data.json').n); t('wrong json', () => require('./wrong.json'));
t('tla', () => require('./tla.mjs')); t('tla of a package', () => require('tla')); t('nested tla', () => require('./to-tla.cjs')); t('syntax', () => require('./syntax.mjs')); t('throws', () => require('./throws.mjs')); t('missing export', () => require('./missing.mjs')); t('no extension', () => require('./w')); t('absent', () => require('./absent.mjs')); t('absent package', () => require('absent')); t('no subpath', () => require('esm/none'));
t('below', () => [below('./y.mjs').y, below('../start.mjs').start, below('nested').nested].join()); t('from a folder', () => createRequire(import.meta.dirname + '/lib/deep/')('./y.mjs').y); t('from a name', () => createRequire(import.meta.filename)('./w.mjs').w); t('of a CommonJS module', () => require('./uses.cjs').join());
t('cache', () => Object.keys(require.cache).map((x) => x.split('/').pop()).filter((x) => /^[wdy]\.|data/.test(x)).sort().join()); t('in the cache', () => require.cache[require.resolve('./w.mjs')].exports === require('./w.mjs')); t('removed', () => { delete require.cache[require.resolve('./w.mjs')]; return require('./w.mjs').w; });
t("own", () => { const m = require('./main.mjs'); return Object.keys(m).join(); }); console.log((await import('./w.mjs')) === require('./w.mjs'), (await import('./uses.cjs')).default === require('./uses.cjs'), globalThis.loads);
console.log(await import('./tla.mjs').then((m) => m.late), (() => { try { return require('./tla.mjs').late; } catch (e) { return e.code; } })());
-- w.mjs --
globalThis.loads = (globalThis.loads ?? 0) + 1; export const w = 'w', meta = typeof import.meta.url;
-- d.mjs --
export default class Named { static x = 1; } export let live = 1;
-- data.json --
{"n": 1}
-- wrong.json --
{"n": 
-- tla.mjs --
await 0; export const late = 'late';
-- to-tla.cjs --
module.exports = require('./tla.mjs');
-- syntax.mjs --
export const x = ;
-- throws.mjs --
throw Object.assign(new RangeError('of the module'), { code: 'OWN' });
-- missing.mjs --
import { nothing } from './w.mjs';
-- uses.cjs --
const { createRequire } = require('module'); const own = createRequire(__filename), other = createRequire(__dirname + '/lib/');
module.exports = [own('./w.mjs').w, own('esm').default.name, other('./start.mjs').start, own === require, typeof own.resolve, own.main === require.main];
-- lib/start.mjs --
import { createRequire } from 'module'; const load = createRequire(import.meta.url); export const start = 'start'; export const { y } = load('./deep/y.mjs'); console.log(load('dual').kind, load('./deep/y.mjs').y === y);
-- lib/index.mjs --
export const index = 'never found';
-- lib/deep/y.mjs --
export const y = 'y';
-- lib/deep/node_modules/nested/package.json --
{"name": "nested", "type": "module", "exports": "./n.js"}
-- lib/deep/node_modules/nested/n.js --
export const nested = 'nested';
-- node_modules/esm/package.json --
{"name": "esm", "type": "module", "exports": {".": "./index.js", "./sub": "./sub.js"}}
-- node_modules/esm/index.js --
import { sub } from './sub.js'; export default function esm() { return sub; } export let count = 0; count++;
-- node_modules/esm/sub.js --
export const sub = 'sub';
-- node_modules/main-esm/package.json --
{"name": "main-esm", "type": "module", "main": "lib/index.js"}
-- node_modules/main-esm/lib/index.js --
export const kind = 'by main';
-- node_modules/main-esm/other.mjs --
export const other = 'other';
-- node_modules/main-esm/folder/index.js --
export default 'a folder';
-- node_modules/dual/package.json --
{"name": "dual", "exports": {"import": "./i.mjs", "require": "./r.cjs"}}
-- node_modules/dual/i.mjs --
export const kind = 'import';
-- node_modules/dual/r.cjs --
exports.kind = 'require';
-- node_modules/sync/package.json --
{"name": "sync", "exports": {"module-sync": "./s.mjs", "default": "./r.cjs"}}
-- node_modules/sync/s.mjs --
export const kind = 'module-sync';
-- node_modules/sync/r.cjs --
exports.kind = 'require';
-- node_modules/marker/package.json --
{"name": "marker", "exports": "./m.mjs"}
-- node_modules/marker/m.mjs --
export { f as 'module.exports' }; function f() {}
-- node_modules/tla/package.json --
{"name": "tla", "exports": "./t.mjs"}
-- node_modules/tla/t.mjs --
export const t = await 1;
APP
as_node 'createRequire() of ES modules' main.mjs

# Each way to write createRequire() has a module of its own, which nothing else names. Folders with one computed name are
# embedded whole, so those that the build cannot evaluate are not here.
ways() {
  local number=0 line
  while IFS= read -r line; do
    number=$((number + 1))
    printf '%s\n' "t(${number}, () => ${line//WAY/way$number});"
    mkdir -p "src/only/in"
    echo "module.exports = '$number';" >"src/only/in/way$number.js"
  done
}
files <<'APP'
-- main.cjs --
const path = require('path'), url = require('node:url'), { join, resolve: absolute } = require('node:path');
const M = require('module'), { createRequire, createRequire: named } = require('node:module'), folder = __dirname;
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0]); } };
-- main.mjs --
import module, { createRequire, createRequire as named } from 'node:module'; import * as all from 'module';
import path, { join } from 'node:path'; import { fileURLToPath } from 'node:url';
const here = fileURLToPath(import.meta.url), folder = path.dirname(here);
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0]); } };
APP
ways >>src/main.cjs <<'WAYS'
require('module').createRequire(path.join(__dirname, 'x.js'))('./only/in/WAY.js')
require('module').createRequire(path.join(__dirname, 'only/x.js'))('./in/WAY')
createRequire(path.join(__dirname, 'only', 'x.js'))('./in/WAY.js')
M.createRequire(join(__dirname, 'only/x.js'))('./in/WAY')
named(absolute(__dirname, 'only', 'in', 'x.js'))('./WAY')
M.createRequire(__dirname + '/only/')('./in/WAY')
M.createRequire(`${__dirname}/only/x.js`)('./in/WAY')
M.createRequire(folder + '/x.js')('./only/in/WAY')
module.constructor.createRequire(__filename)('./only/in/WAY')
M.createRequire(url.pathToFileURL(__filename))('./only/in/WAY')
M.createRequire(url.pathToFileURL(__filename).href)('./only/in/WAY')
process.getBuiltinModule('module').createRequire(__filename)('./only/in/WAY')
M.Module.createRequire(__filename)('./only/in/WAY')
(0, M.createRequire)(__filename)('./only/in/WAY')
createRequire(path.dirname(__filename) + '/x')('./only/in/WAY')
createRequire(path.join(__dirname, 'only/in/x.js')).resolve('./WAY.js')
require('node:module').createRequire(require.resolve('./main.cjs'))('./only/in/WAY')
WAYS
as_node 'ways of createRequire() in CommonJS' main.cjs
mv hidden src
rm -r src/only
ways >>src/main.mjs <<'WAYS'
createRequire(import.meta.url)('./only/in/WAY')
createRequire(join(import.meta.dirname, 'only/x.js'))('./in/WAY')
createRequire(new URL('./only/x.js', import.meta.url))('./in/WAY')
named(new URL('only/x.js', import.meta.url).href)('./in/WAY')
module.createRequire(import.meta.filename)('./only/in/WAY')
all.createRequire(here)('./only/in/WAY')
createRequire(path.join(folder, 'only', 'x.js'))('./in/WAY')
process.getBuiltinModule('module').createRequire(import.meta.url)('./only/in/WAY')
module.createRequire(import.meta.url).resolve('./only/in/WAY.js')
WAYS
as_node 'ways of createRequire() in an ES module' main.mjs
report_differences
