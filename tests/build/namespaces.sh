. "$(dirname "$0")/common.sh"
# There is one instance of a module, whichever way it is loaded, with a namespace as in Node.
file package.json <<< '{"name": "app", "type": "module"}'
file lib.js <<'JS'
globalThis.times = (globalThis.times ?? 0) + 1;
export let count = 0;
export function inc() { count++; }
export default class Lib {}
JS
file plugins/a.mjs <<< 'import { inc } from "../lib.js"; inc(); export const name = "a";'
file plugins/b.mjs <<< 'import { inc } from "../lib.js"; inc(); export const name = "b";'
file main.js <<'JS'
import fs, * as files from 'node:fs';
import util from 'node:util';
import * as lib from './lib.js';
import './plugins/a.mjs';
const dir = new URL('./plugins/', import.meta.url);
const names = [];
for (const file of fs.readdirSync(dir).sort()) names.push((await import(new URL(file, dir))).name);
const href = new URL('./lib.js', import.meta.url).href;
console.log(names.join(), times, lib.count, await import(href) === lib);
// What Node's loader reads itself finds them too.
fs.writeFileSync('./late.mjs', 'import { inc } from "/kiln/lib.js"; inc();');
await import(process.cwd() + '/late.mjs');
console.log(times, lib.count);
const isModule = util.types.isModuleNamespaceObject;
console.log(Reflect.ownKeys(lib), Object.isExtensible(lib), isModule(lib), isModule(files));
console.log(lib);
const seen = lib;
try { seen.count = 5; } catch (error) { console.log(error.name); }
try { seen.other = 5; } catch (error) { console.log(error.name); }
JS
build main.js
expect <<'OUT'
a,b 1 2 true
1 3
[ 'count', 'default', 'inc', Symbol(Symbol.toStringTag) ] false true true
[Module: null prototype] {
  count: 3,
  default: [class Lib],
  inc: [Function: inc]
}
TypeError
TypeError
OUT
