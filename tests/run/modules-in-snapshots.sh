. "$(dirname "$0")/../build/common.sh"
# V8's modules and their ModuleWraps in a snapshot: modules that are linked, but were not run, when
# the snapshot was taken are run by the executable. Class ModuleWrap is internal: while the
# executable is built, a setter on Array.prototype receives an instance from Node's loader; when it
# runs, node's command line (--exec-argv-extension=node) has --expose-internals.
file app.mjs <<'JS'
let ModuleWrap;
Object.defineProperty(Array.prototype, 0, {
  configurable: true,
  set(value) {
    if (typeof value?.instantiate === 'function') ModuleWrap = value.constructor;
    Object.defineProperty(this, 0, { value, writable: true, enumerable: true, configurable: true });
  },
});
const url = 'data:text/javascript,import%20"data:text/javascript,"';
await import(url);
delete Array.prototype[0];

const wraps = {};
const add = (name, ...rest) => { wraps[name] = new ModuleWrap(`file:///app/${name}`, undefined, ...rest); };
const source = (name, text) => add(name, text, 0, 0);
source('main.mjs', `// a comment
  import { late, read } from './b.mjs';
  import fs, { sep } from './synthetic';
  import { count, increment } from './count.mjs';
  export class Base {}
  increment();
  export const seen = [import.meta.url, fs, sep, count, late(), read.toString()];`);
source('b.mjs', `import { Base } from './main.mjs';
  export function late() { return Base.name; }
  export let error;
  try { Base; } catch (e) { error = e; }
  export const read = function /* kept */ () { return Base; };`);
add('synthetic', ['default', 'sep'], function() {
  this.setExport('default', 'steps have run');
  this.setExport('sep', '/');
});
source('count.mjs', 'export let count = 1; export function increment() { count++; }');
source('failing.mjs', `import './count.mjs';\n  null.property;`);
source('many.mjs', Array.from({ length: 2000 }, (_, i) => `export const name${i} = ${i};`).join('\n'));
const edges = { 'main.mjs': ['b.mjs', 'synthetic', 'count.mjs'], 'b.mjs': ['main.mjs'], 'failing.mjs': ['count.mjs'] };
for (const name in wraps) wraps[name].link((edges[name] ?? []).map((to) => wraps[to]));
for (const name of ['main.mjs', 'failing.mjs', 'many.mjs', 'count.mjs']) wraps[name].instantiate();
wraps['count.mjs'].evaluate(-1, false);
wraps['count.mjs'].getNamespace().increment();
wraps['many.mjs'].evaluate(-1, false);
globalThis.table = { __proto__: null };
for (let i = 0; i < 50; i++) globalThis.table[`key${i}`] = i;
globalThis.wraps = wraps;
globalThis.edges = edges;
JS
file probe.js <<'JS'
const binding = require('internal/test/binding').internalBinding('module_wrap');
const { wraps, edges } = globalThis;
const main = wraps['main.mjs'];
console.log(main instanceof binding.ModuleWrap, main.getStatus() === binding.kInstantiated);
console.log(main.getModuleRequests().map((request) => request.specifier));
try { main.getNamespace().seen; } catch (error) { console.log(error.message); }
binding.setInitializeImportMetaObjectCallback((id, meta, wrap) => { meta.url = wrap.url; });
binding.setBundledModuleWraps(Object.values(wraps));
for (const name in edges) wraps[name].link(edges[name].map((to) => wraps[to]));
main.instantiate();
const other = new binding.ModuleWrap('file:///app/new.mjs', undefined, 'export * from "./main.mjs"', 0, 0);
other.link([main]);
other.instantiate();
other.evaluate(-1, false);
console.log(other.getNamespace().seen, other.hasAsyncGraph);
console.log(wraps['b.mjs'].getNamespace().error.stack.split('\n', 2).join('\n'));
wraps['failing.mjs'].evaluate(-1, false).catch((error) => {
  console.log(error.stack.split('\n')[1], wraps['failing.mjs'].getError() === error);
});
const many = wraps['many.mjs'].getNamespace();
let found = 0;
for (let i = 0; i < 2000; i++) if (many[`name${i}`] === i) found++;
console.log(found, Object.keys(many).length);
try { structuredClone(main); } catch (error) { console.log(error.name, error.message); }
console.log(main.url, main.synthetic, wraps.synthetic.synthetic, wraps.synthetic.getNamespace().sep);
JS
build app.mjs --evaluate --exec-argv-extension=node
expect --expose-internals --no-warnings "$scratch/probe.js" <<'OUT'
true true
[ './b.mjs', './synthetic', './count.mjs' ]
Cannot access 'seen' before initialization
[
  'file:///app/main.mjs',
  'steps have run',
  '/',
  3,
  'Base',
  'function /* kept */ () { return Base; }'
] false
ReferenceError: Cannot access 'Base' before initialization
    at file:///app/b.mjs:4:9
2000 2000
DataCloneError Cannot clone object of unsupported type.
file:///app/main.mjs false true /
    at file:///app/failing.mjs:2:8 true
OUT

# A heap with modules is rehashed too: the order of the entries in a hash table, which V8's
# %DebugPrint shows, follows from the hash seed.
file order.js <<'JS'
const { table } = globalThis;
for (let i = 0; i < 50; i++) if (table[`key${i}`] !== i) throw new Error(`key${i} is not found`);
require('v8').setFlagsFromString('--allow-natives-syntax');
new Function('table', '%DebugPrint(table)')(table);
JS
order_of_keys() {
  order=$(run "$scratch/order.js" | grep -o 'key[0-9]*')
  same "the number of keys" 50 "$(wc -l <<<"$order")"
}
order_of_keys
first=$order
order_of_keys
[[ $order != "$first" ]] || { echo "two processes have the same hash seed" >&2; exit 1; }
build app.mjs --evaluate --exec-argv-extension=node --no-rehash
order_of_keys
first=$order
order_of_keys
same "the order of keys with the hash seed of the snapshot" "$first" "$order"
