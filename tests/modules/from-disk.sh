. "$(dirname "$0")/common.sh"
# Modules that an app loads from disk by their path, as plug-ins: CommonJS, ES modules, JSON, TypeScript
# and WebAssembly, each by require() and by import(), in both orders and at the same time; modules that
# import and require each other, and modules of the bundle; errors.
mkdir -p disk/module/node_modules/{inner,plain} disk/plain disk/shared
files_in() {  # FOLDER: as files(), into that folder
  local line out=/dev/null
  while IFS= read -r line; do
    if [[ $line =~ ^--\ ([^ ]+)$ ]]; then out=$1/${BASH_REMATCH[1]}; : >"$out"; else printf '%s\n' "$line" >>"$out"; fi
  done
}
# In the scope of "type": "module".
files_in disk/module <<'FILES'
-- package.json
{"type": "module", "name": "me", "exports": {"./self": "./named.js"}, "imports": {"#inner": "./named.js"}}
-- named.js
export const a = 1; export function f() {} export class C {}
-- default.js
import { x } from './x.mjs'; export default x; export const y = 1;
-- x.mjs
export const x = 5;
-- builtin.js
import fs from 'fs'; import { readFileSync as read } from 'node:fs'; export default fs.readFileSync === read;
-- imports-commonjs.js
import c, { q } from './c.cjs'; export default [c, q];
-- c.cjs
exports.q = 1; exports.named = __filename.endsWith('c.cjs');
-- imports-json.js
import d from './d.json' with { type: 'json' }; export default d;
-- d.json
{"a": [1]}
-- imports-packages.js
import x from 'inner'; import y from 'plain'; import { a } from '#inner'; import * as self from 'me/self'; export { x, y, a, self };
-- meta.js
export const url = import.meta.url.endsWith('/disk/module/meta.js'), dirname = import.meta.dirname === import.meta.filename.slice(0, -8), resolved = import.meta.resolve('inner').slice(-12), main = import.meta.main;
-- dynamic.js
export const q = import('./c.cjs').then((n) => n.q); export const none = import('./none.js').catch((e) => e.code); export default 1;
-- creates-require.js
import { createRequire } from 'module'; const require = createRequire(import.meta.url);
export const a = require('./c.cjs'), b = require('inner'), c = require('./builtin.js'), d = require('./d.json');
-- cycle-a.js
import './cycle-b.cjs'; export const v = 1;
-- cycle-b.cjs
exports.e = (() => { try { return require('./cycle-a.js'); } catch (e) { return e.code; } })();
-- cycle-c.js
import { d } from './cycle-d.js'; export const c = 1; export const get = () => d;
-- cycle-d.js
import { c } from './cycle-c.js'; export const d = 2; export const get = () => c;
-- throws.js
throw new TypeError('thrown'); export {};
-- no-export.js
import { nope } from './x.mjs';
-- syntax.js
export const = 1;
-- missing-file.js
import './none.js';
-- missing-package.js
import 'none';
-- awaits-below.js
import './awaits.js'; export const z = 1;
-- awaits.js
await 0; export const z = 2;
-- es-flag.js
export default 1; export const __esModule = false;
-- module-exports.js
export { x as 'module.exports' }; const x = { me: 1 };
-- data.js
import d from 'data:text/javascript,export default 42'; import j from 'data:application/json,{}' with { type: 'json' }; export default [d, j];
-- enum.ts
export const a: number = 1; enum X {}
-- typed.ts
import { t } from './typed2.ts'; export const u: string = t;
-- typed2.ts
export const t: string = 'ts';
-- export-assignment.cts
const a: number = 4; export = a;
-- typed.cts
const a: number = 4; module.exports = a;
-- typed.mts
export const a: number = 5;
-- commonjs-by-mistake.js
exports.a = 1;
-- requires-by-mistake.js
const x = require('./c.cjs'); export default x;
-- imports-wasm.js
import * as w from './w.wasm'; export default Object.keys(w);
-- lazy.js
import lazy from './lazy.cjs'; export const get = () => lazy();
-- lazy.cjs
module.exports = () => require('./lazy.js').get.length;
-- hashbang.js
#!/usr/bin/env node
export default 'hashbang';
-- live.js
export default class A {} export function f() {} export let n = 1; export const next = () => ++n;
-- node_modules/inner/package.json
{"name": "inner", "exports": {"import": "./i.mjs", "require": "./i.cjs"}}
-- node_modules/inner/i.mjs
export default 'esm';
-- node_modules/inner/i.cjs
module.exports = 'cjs';
-- node_modules/plain/index.js
module.exports = 'plain';
FILES
printf '\0asm\1\0\0\0' >disk/module/w.wasm
# Where no package.json decides, the syntax does.
files_in disk/plain <<'FILES'
-- package.json
{}
-- detected.js
export default 'detected';
-- awaits.js
await 1; export default 1;
-- ambiguous.js
const fs = require('fs'); await fs;
-- forth.js
exports.early = 1; exports.late = require('./back.mjs').seen;
-- back.mjs
import f from './forth.js'; export const seen = f.early;
-- commonjs.js
exports.a = typeof require; exports.c = require.cache[__filename].filename === __filename; exports.children = module.children.length;
FILES
files <<'FILES'
-- main.js --
const fs = require('fs'), path = require('path'), util = require('util');
const disk = path.resolve('../disk');
const show = (value) => util.inspect(value, { depth: 4, breakLength: Infinity });
const error = (e) => `${e.name} ${e.code} ${`${e.message}`.split('\n').join(' | ')}`;
process.on('warning', (w) => console.log('warning', w.name, w.code, w.message));
(async () => {
  for (const folder of ['module', 'plain']) {
    for (const name of fs.readdirSync(path.join(disk, folder)).sort()) {
      if (!/\.([cm]?[jt]s|wasm|json)$/.test(name)) continue;
      const file = path.join(disk, folder, name);
      const byRequire = () => { try { console.log(name, 'require', show(require(file))); } catch (e) { console.log(name, 'require', error(e)); } };
      const byImport = async () => { try { console.log(name, 'import', show(await import(file))); } catch (e) { console.log(name, 'import', error(e)); } };
      if (ORDER === 'require') { byRequire(); byRequire(); await byImport(); }
      if (ORDER === 'import') { await byImport(); await byImport(); byRequire(); }
      if (ORDER === 'both') { const imported = byImport(); byRequire(); await imported; }
    }
  }
})();
FILES
cp src/main.js main.js
for order in require import both; do
  rm -rf src hidden
  mkdir src
  { echo "const ORDER = '$order';"; cat main.js; } >src/main.js
  as_node "$order first" main.js
done

# An ES module as the host, whose modules the plug-ins use: each exists once.
files_in disk/shared <<'FILES'
-- uses.cjs
const lib = require(globalThis.place.lib);
exports.same = lib === globalThis.lib;
exports.dep = require(globalThis.place.dep) === globalThis.dep;
-- uses.mjs
const lib = await import(globalThis.place.lib);
export const same = lib.default === globalThis.lib, loads = lib.default.loads;
export const dep = (await import(globalThis.place.dep)).default === globalThis.dep;
-- entry.cjs
try { exports.entry = require(globalThis.entry).mark; } catch (e) { exports.entry = e.code; }
-- entry.mjs
export const entry = await Promise.race([import(globalThis.entry).then((n) => n.mark), new Promise((f) => setTimeout(f, 50, 'pending'))]);
-- hooks.cjs
module.exports = 'from disk';
-- prototype.cjs
exports.parent = module.parent?.filename.endsWith('host.mjs') ?? module.parent;
exports.main = require.main === undefined, exports.paths = module.paths[0].endsWith('/disk/shared/node_modules');
exports.proto = Object.getPrototypeOf(module) === require('module').prototype, exports.isModule = module instanceof require('module');
-- throws.cjs
globalThis.times = (globalThis.times ?? 0) + 1;
throw new Error(`thrown ${globalThis.times}`);
FILES
files <<'FILES'
-- package.json --
{"type": "module"}
-- host.mjs --
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import lib from './lib.cjs';
import dep from 'dep';
const require = createRequire(import.meta.url);
const disk = path.resolve('../disk/shared');
Object.assign(globalThis, { lib, dep, place: { lib: require.resolve('./lib.cjs'), dep: require.resolve('dep') } });
const show = async (label, f) => {
  try { console.log(label, await f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0]); }
};
await show('uses.cjs', () => require(`${disk}/uses.cjs`));
await show('uses.mjs', () => import(`${disk}/uses.mjs`));
await show('prototype', () => require(`${disk}/prototype.cjs`));
await show('throws', () => require(`${disk}/throws.cjs`));
await show('throws', () => import(`${disk}/throws.cjs`));
await show('throws', () => import(`${disk}/throws.cjs`));
await show('a folder', () => import(disk));
await show('a folder', () => require(disk));
await show('attributes', () => import(`${disk}/../module/d.json`));
await show('attributes', async () => (await import(`${disk}/../module/d.json`, { with: { type: 'json' } })).default);
await show('queries', async () => (await import(`${disk}/../module/live.js?1`)) === (await import(`${disk}/../module/live.js?2`)));
await show('relative to the folder', () => createRequire(`${disk}/`)('../module/named.js').a);
await show('package of the folder', () => createRequire(`${disk}/../module/`)('inner'));
await show('package of the folder', () => createRequire(`${disk}/../module/`).resolve('none'));
await show('unknown extension', () => import(`${disk}/none.txt`));
const hooks = registerHooks({ load: (url, context, next) => url.endsWith('hooks.cjs') ? { format: 'module', source: 'export default "hooked"', shortCircuit: true } : next(url, context) });
await show('hooks', async () => (await import(`${disk}/hooks.cjs`)).default);
hooks.deregister();
-- lib.cjs --
globalThis.loads = (globalThis.loads ?? 0) + 1;
exports.loads = globalThis.loads;
-- node_modules/dep/index.js --
module.exports = { dep: true };
FILES
as_node 'shared modules' host.mjs

# The entry, which is still running.
files <<'FILES'
-- host.mjs --
import { createRequire } from 'node:module';
import path from 'node:path';
export const mark = 'entry';
globalThis.entry = import.meta.filename;
const disk = path.resolve('../disk/shared');
console.log(createRequire(import.meta.url)(`${disk}/entry.cjs`).entry);
console.log((await import(`${disk}/entry.mjs`)).entry);
FILES
as_node 'the running entry' host.mjs
report_differences
