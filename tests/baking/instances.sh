. "$(dirname "$0")/common.sh"
# Module objects and the cache of modules that were evaluated by the build: as if it had been when they are first loaded.
files <<'APP'
-- main.js --
const path = require('path');
const names = (list) => list.map((m) => path.relative(__dirname, m.filename ?? m)).join();
const cache = () => names(Object.keys(require.cache));
console.log('first', cache(), names(module.children));
const a = require('./a');
console.log('a', cache(), names(module.children), names(a.module().children), a.module().parent === module);
const { shared } = require('./lib/shared');
console.log('shared', shared === a.shared, cache(), names(module.children), require('./lib/shared') === a.lib());
console.log('main', a.main() === module, require.main === module, process.mainModule === module, a.module().loaded, a.module().id === a.module().filename, a.module().paths[0] === path.join(__dirname, 'node_modules'));
console.log('data', require('./data.json') === a.data(), names(module.children));
a.count(); a.count();
const before = a.count();
delete require.cache[require.resolve('./a')];
const again = require('./a');
console.log('again', again === a, again.count(), before, again.shared === shared, names(module.children), again.module().parent === module, a.module() === again.module());
// Before the first load: another module in its place, and then its own again.
require.cache[require.resolve('./mocked')] = { id: 'mock', exports: { name: 'mock' }, loaded: true, children: [], filename: require.resolve('./mocked') };
console.log('mock', require('./mocked').name, require('./uses-mocked').name);
delete require.cache[require.resolve('./mocked')]; delete require.cache[require.resolve('./uses-mocked')];
console.log('real', require('./mocked').name, require('./uses-mocked').name, require('./also-uses-mocked').name, cache());
// What a module has loaded is deleted before it is loaded itself.
const first = require('./lib/base'); first.marks.push('marked'); delete require.cache[require.resolve('./lib/base')];
console.log('base', require('./lib/derived').base === first, require('./lib/derived').base === require('./lib/base'), require('./lib/base').marks.length);
-- a.js --
const shared = require('./lib/shared'), data = require('./data.json'); let n = 0;
module.exports = { shared: shared.shared, lib: () => shared, data: () => data, module: () => module, main: () => require.main, count: () => ++n };
-- lib/shared.js --
exports.shared = { a: 1 };
-- lib/base.js --
exports.marks = [];
-- lib/derived.js --
exports.base = require('./base');
-- data.json --
{"a": [1]}
-- mocked.js --
exports.name = 'real';
-- uses-mocked.js --
exports.name = 'uses ' + require('./mocked').name;
-- also-uses-mocked.js --
exports.name = 'also uses ' + require('./mocked').name;
APP
as_node 'CommonJS' main.js
baked 8

files <<'APP'
-- main.mjs --
import a, { named } from './a.cjs'; import { createRequire } from 'node:module'; import path from 'node:path'; import { b, metaUrl, meta } from './b.mjs';
const require = createRequire(import.meta.url), names = (list) => list.map((m) => path.basename(m.filename ?? m)).sort().join();
console.log(named, a === require('./a.cjs'), b === named, names(Object.keys(require.cache)), names(a.module().children), a.main() === undefined);
console.log(new URL('.', metaUrl).href === new URL('.', import.meta.url).href, meta.filename === path.join(import.meta.dirname, 'b.mjs'), meta.resolve('./a.cjs') === import.meta.resolve('./a.cjs'));
delete require.cache[require.resolve('./a.cjs')];
const again = require('./a.cjs');
console.log(again === a, (await import('./a.cjs')).default === a, again.deep() === a.deep(), names(Object.keys(require.cache)));
console.log(require('./b.mjs').b === named, (await import('./b.mjs')).b === named, (await import('./c.mjs')).c(), require('./c.mjs').c());
-- a.cjs --
const deep = require('./deep.cjs'); exports.named = { x: 1 }; exports.module = () => module; exports.main = () => require.main; exports.deep = () => deep;
-- deep.cjs --
exports.deep = 1;
-- b.mjs --
import { named } from './a.cjs'; export const b = named, metaUrl = import.meta.url, meta = import.meta;
-- c.mjs --
let n = 0; export const c = () => ++n;
APP
as_node 'ES modules that import CommonJS' main.mjs

report_differences
