. "$(dirname "$0")/common.sh"
# ES modules: strict mode, live bindings, cycles, import.meta, and no CommonJS variables.
file package.json <<< '{"name": "app", "type": "module"}'
file main.js <<'JS'
import fs, { readFileSync as read } from 'fs';
import * as path from 'node:path';
import { count, add } from './count.js';
import data from './data.json' with { type: 'json' };
import { b } from './cycle-a.js';
export { b };
add(); add();
console.log(count, data.k, read === fs.readFileSync, path.sep, b());
console.log(typeof require, typeof module, typeof __filename, this, (function () { return this; })());
console.log(import.meta.filename === new URL(import.meta.url).pathname, import.meta.main);
console.log(path.join(import.meta.dirname, 'x.js') === new URL(import.meta.resolve('./x.js')).pathname);
console.log(import.meta.resolve('fs'), import.meta.dirname === path.dirname(import.meta.filename));
const lazy = await import('./lazy.js');
console.log(lazy.default, Object.keys(lazy), String(Object.prototype.toString.call(lazy)));
console.log(await import('./lazy.js') === lazy, (await import('fs')).default === fs);
await import('./throws.js').catch((e) => console.log(e.message));
await import('./absent.js').catch((e) => console.log(e.code));
try { undeclared = 1; } catch (e) { console.log(e.name); }
JS
file count.js <<< 'export let count = 0; export const add = () => count++;'
file data.json <<< '{"k": "ü"}'
file cycle-a.js <<< 'import { a } from "./cycle-b.js"; export const b = () => a(); export function hoisted() { return "hoisted"; }'
file cycle-b.js <<< 'import { hoisted } from "./cycle-a.js"; export const a = () => hoisted(); export const early = hoisted();'
file lazy.js <<< 'export default "lazy " + import.meta.main; export const z = 1, y = 2; await 0;'
file throws.js <<< 'throw new Error("thrown"); export {};'
build main.js --external ./absent.js
expect <<'OUT'
2 ü true / hoisted
undefined undefined undefined undefined undefined
true true
true
node:fs true
lazy false [ 'default', 'y', 'z' ] [object Module]
true true
thrown
ERR_MODULE_NOT_FOUND
ReferenceError
OUT
