. "$(dirname "$0")/common.sh"
# A dependency that is not installed, at every place where Node need not fail at start: the build succeeds, in packages without
# a warning, and the app gets Node's error where it runs the code (reports 68 to 70, 81).

# positions: modules each of which misses something, one a line.
positions() {
  cat <<'JS'
if (globalThis.never) require('gone'); module.exports = 'if';
if (globalThis.never) { require('gone'); } else { module.exports = 'else'; }
if (!globalThis.never) module.exports = 'no else'; else require('gone');
switch (typeof globalThis.never) { case 'object': require('gone'); default: module.exports = 'switch'; }
switch (1) { case globalThis.never && require('gone'): break; default: module.exports = 'case'; }
module.exports = process.version || require('gone');
module.exports = (globalThis.never && require('gone')) ?? 'and';
module.exports = process.pid ?? require('gone'); module.exports = 'nullish';
module.exports = globalThis.never ? require('gone') : 'ternary';
module.exports = !globalThis.never ? 'ternary' : require('gone');
try { module.exports = 'try'; } catch { require('gone'); }
try { require('gone'); } catch (e) { module.exports = e.code; }
try { try { null.x; } finally { require('gone'); } } catch (e) { module.exports = e.code; }
try { try { null.x; } catch { require('gone'); } } catch (e) { module.exports = e.code; }
let x; try { require.resolve('gone'); x = require('gone'); } catch { x = 'guarded'; } module.exports = x;
const has = (n) => { try { return require.resolve(n), true; } catch { return false; } }; module.exports = has('gone') ? require('gone') : 'has';
let found; try { found = require.resolve('gone'); } catch {} if (found) require('gone'); module.exports = 'resolved';
const lazy = () => require('gone'); try { lazy(); } catch (e) { module.exports = e.code + e.message; }
async function load() { return require('gone'); } load().catch((e) => console.log('async', e.code)); module.exports = 'async';
const load = async () => import('gone'); load().catch((e) => console.log('import', e.code, e.message.replace(/'\/.*/, ''))); module.exports = 'import()';
function* load() { yield require('gone'); } try { [...load()]; } catch (e) { module.exports = e.code; }
class A { static make() { return require('gone'); } x = require('gone'); get y() { return require('gone/sub'); } } try { new A(); } catch (e) { module.exports = e.code; }
const o = { get pg() { return require('gone'); } }; try { o.pg; } catch (e) { module.exports = e.code; }
while (globalThis.never) { require('gone'); } for (; globalThis.never;) require('gone'); for (const k in {}) require('gone'); do { module.exports = 'loops'; } while (false);
label: { if (!globalThis.never) break label; require('gone'); } module.exports = 'label';
module.exports = 'returned'; if (!globalThis.never) return; require('gone');
globalThis.never?.call(require('gone')); module.exports = 'optional';
let y = 'kept'; y ||= require('gone'); y ??= require('gone'); module.exports = y;
const { z = require('gone') } = { z: 'default' }; module.exports = z;
module.exports = ((a = require('gone')) => a)('argument');
Object.defineProperty(exports, 'late', { get: () => require('gone') }); exports.a = 'getter';
Object.defineProperty(exports, 'late', { enumerable: false, get() { return require('./gone'); } }); exports.a = 'getter of a file';
const map = { a: () => require('gone'), b: () => 'b' }; module.exports = map.b();
process.once('never', () => require('gone')); setTimeout(() => {}, 0, () => require('gone')); module.exports = 'callbacks';
const load = (name) => require(name); try { load('gone'); } catch (e) { module.exports = e.code; }
try { require('gone/sub/path'); } catch (e) { module.exports = e.message.split('\n')[0]; }
try { require('@gone/scoped'); } catch (e) { module.exports = e.message.split('\n')[0]; }
try { require('here/absent'); } catch (e) { module.exports = e.code; }
try { require('exports/none'); } catch (e) { module.exports = e.code; }
try { require('only-import'); } catch (e) { module.exports = e.code; }
const f = () => [require('here/absent'), require('exports/none'), require('only-import'), require('no-main')]; module.exports = 'lazy subpaths';
const g = [() => require('only-import'), () => require('exports/none'), () => require('no-main'), () => require('here/absent.js'), () => require('./addon')]; module.exports = g.map((h) => { try { return h(); } catch (e) { return e.code + e.message.split('\n')[0]; } });
try { require('./build/Release/gone.node'); } catch (e) { module.exports = e.code; }
let native; try { native = require('./build/Release/gone.node'); } catch { native = 'in JavaScript'; } module.exports = native;
module.exports = (() => { try { return require('./gone.json'); } catch (e) { return e.code; } })();
module.exports = process.env.NEVER_SET === '1' ? require('gone') : process.platform === 'win32' ? require('gone-too') : 'platform';
if (process.platform === 'win32') module.exports = require('./win32'); else if (process.platform === 'linux') module.exports = 'linux'; else throw require('./other');
import('gone').then(() => {}, (e) => console.log('top import', e.code)); module.exports = 'top import';
try { require('to-gone'); } catch (e) { module.exports = e.code + e.requireStack.length; }
if (globalThis.never) require('to-gone'); module.exports = 'to gone';
JS
}
# position_files FOLDER: the positions as files of that folder, and what lists them.
position_files() {
  local line count=0
  mkdir -p src/$1
  while IFS= read -r line; do echo "$line" >src/$1/p$((++count)).js; done < <(positions)
  for ((i = 1; i <= count; i++)); do echo "show($i, () => require('./p$i'));"; done >src/$1/list
  { echo "const show = (n, f) => { try { console.log(n, f()); } catch (e) { console.log(n, 'threw', e.code, e.message); } };"; cat src/$1/list; } >src/$1/index.js
  rm src/$1/list
}
packages() {
  file src/node_modules/here/index.js <<<'module.exports = 1;'
  file src/node_modules/exports/package.json <<<'{"name": "exports", "exports": {".": "./x.js"}}'
  file src/node_modules/exports/x.js <<<'module.exports = 1;'
  file src/node_modules/only-import/package.json <<<'{"name": "only-import", "exports": {"import": "./x.mjs"}}'
  file src/node_modules/only-import/x.mjs <<<'export default 1;'
  file src/node_modules/no-main/package.json <<<'{"name": "no-main", "main": "dist/absent.js"}'
  file src/node_modules/to-gone/index.js <<<"module.exports = require('gone-further');"
}
files <<'APP'
-- main.js --
require('p');
-- node_modules/p/package.json --
{"name": "p", "version": "1.0.0", "optionalDependencies": {"gone": "1"}}
APP
packages
position_files node_modules/p
as_node 'in a package' main.js
! grep 'Cannot find' log || { echo "the build warns of what a package misses" >&2; differ+=("'no warnings'"); }

files <<'APP'
-- main.js --
require('./own');
APP
packages
position_files own
as_node 'in own modules' main.js
grep -q 'own/p1.js:1:.*warning: Cannot find "gone"' log || { cat log >&2; differ+=("'a warning'"); }

# In packages even what each start runs is left to run time, if the package is loaded inside a try or a function.
files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0]); } };
try { require('top'); } catch (e) { console.log(e.code, e.requireStack.map((x) => x.split('/').pop()).join()); }
t('function', () => require('top')); await import('esm').catch((e) => console.log(e.code, e.message)); await import('esm').catch((e) => console.log(e.code)); await import('named').catch((e) => console.log(e.name, e.message));
let db; switch (process.env.NEVER_SET ?? 'none') { case 'pg': db = require('pg-like'); break; case 'mysql': db = await import('mysql-like'); break; default: db = 'none'; } console.log(db);
const fetch = globalThis.fetch || require('top'); console.log(typeof fetch, await Promise.allSettled([import('esm/sub.mjs'), import('top')]).then((l) => l.map((x) => x.reason.code)));
t('chain', () => require('chain').load()); t('native', () => require('native')); t('native optional', () => require('native-optional')); t('prebuilt', () => require('prebuilt'));
-- node_modules/top/index.js --
const gone = require('gone-top'); module.exports = gone;
-- node_modules/esm/package.json --
{"name": "esm", "type": "module", "exports": {".": "./index.js", "./sub.mjs": "./sub.mjs"}}
-- node_modules/esm/index.js --
import gone from 'gone-esm'; export default gone;
-- node_modules/esm/sub.mjs --
export * from './gone-file.mjs';
-- node_modules/named/index.mjs --
import { nothing } from './other.mjs';
-- node_modules/named/package.json --
{"name": "named", "exports": "./index.mjs"}
-- node_modules/named/other.mjs --
export const something = 1;
-- node_modules/pg-like/index.js --
module.exports = require('pg-native-gone');
-- node_modules/mysql-like/index.js --
module.exports = require('mysql-gone');
-- node_modules/chain/index.js --
exports.load = () => require('./a');
-- node_modules/chain/a.js --
require('./b'); require('top');
-- node_modules/chain/b.js --
module.exports = require.main !== undefined && typeof require('here-not') ;
-- node_modules/native-optional/index.js --
let impl; try { impl = require('./build/Release/x.node'); } catch { impl = 'JavaScript'; } module.exports = impl;
-- node_modules/native/index.js --
module.exports = require('./build/Release/absent.node');
-- node_modules/prebuilt/index.js --
let addon; for (const p of ['./prebuilds/a.node', './build/Release/b.node']) try { addon = require(p); } catch (e) { addon ??= e.code; } module.exports = addon;
APP
as_node 'packages that may be loaded' main.mjs
report_differences
