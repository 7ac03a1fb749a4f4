. "$(dirname "$0")/common.sh"
# Imports between CommonJS and ES modules, by Node's rules (not those of transpilers).
file main.mjs <<'JS'
import def, { named, fn } from './transpiled.cjs';
import whole from './function.cjs';
import * as ns from './transpiled.cjs';
export * from './transpiled.cjs';
import { createRequire } from 'module';
console.log(def.default, named, fn(), whole(), ns.default === def, ns.named);
const require = createRequire(import.meta.url);
console.log(require('./transpiled.cjs') === def, require('./esm.mjs').default, require('./esm.mjs').__esModule);
console.log(require('./uses-esm.cjs'), require('./package.json').version);
console.log(createRequire(import.meta.url)('./late.cjs'), require.resolve('./late.cjs') === import.meta.dirname + '/late.cjs');
const dynamic = await import('./function.cjs');
console.log(dynamic.default === whole, dynamic['module.exports'] === whole);
JS
file transpiled.cjs <<< '"use strict"; Object.defineProperty(exports, "__esModule", {value: true}); exports.default = "d"; exports.named = "n"; exports.fn = function () { return this === undefined; };'
file function.cjs <<< 'module.exports = function () { return "f"; };'
file esm.mjs <<< 'export default "esm default"; export const other = 1;'
file replaced.mjs <<< 'export { x as "module.exports" }; const x = "replaced";'
file uses-esm.cjs <<< 'const e = require("./esm.mjs"); module.exports = [e.other, e.default, require("./replaced.mjs"), require("./esm.mjs") === e].join();'
file late.cjs <<< 'module.exports = "late";'
file package.json <<< '{"name": "app", "version": "1.2.3"}'
build main.mjs
expect <<'OUT'
d n true f true n
true esm default true
1,esm default,replaced,true 1.2.3
late true
true true
OUT
