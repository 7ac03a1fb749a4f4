. "$(dirname "$0")/common.sh"
# What Node refuses in ES modules: the error is Node's, and the build warns.
warns() { # TEXT
  grep -qF -- "$1" log || { cat log >&2; echo "kiln did not warn: $1" >&2; differ+=("'$1'"); }
}
files <<'APP'
-- main.js --
import { x } from './x.js'; console.log(x); try { require('./c.cjs'); } catch (e) { console.log(e.name, e.message); } try { module.exports = 1; } catch (e) { console.log(e.message); } try { exports.x = 1; } catch (e) { console.log(e.message); } try { console.log(__dirname); } catch (e) { console.log(e.message); } console.log(typeof require, typeof module);
import('./y.js').catch((e) => console.log(e.name, e.message)).then(() => import('./z.js')).catch((e) => console.log(e.name, e.message)).then(() => import('./a.mjs')).catch((e) => console.log(e.name, e.message)); 
-- x.js --
export const x = 1;
-- y.js --
const c = require('./c.cjs'); export default c;
-- z.js --
await 1; module.exports = 5;
-- a.mjs --
console.log(__filename);
-- c.cjs --
module.exports = 'c';
-- package.json --
{"type":"module"}
APP
as_node 'require in esm' main.js

files <<'APP'
-- main.js --
const fs = require('fs'); console.log(fs.sep);
-- package.json --
{"type":"module"}
APP
as_node 'require in entry' main.js
warns 'src/main.js:1:12: warning: require is not defined in an ES module'

files <<'APP'
-- main.js --
import('./dyn.mjs').then((m) => m.default).catch((e) => console.log(e.code, e.message)).then(() => import('./ok.mjs')).then((m) => console.log(m.default)).then(() => import('./wrong.mjs')).catch((e) => console.log(e.code, e.message)).then(() => import('./unknown.mjs')).catch((e) => console.log(e.code, e.message));
-- dyn.mjs --
export default import('./d.json');
-- ok.mjs --
import d from './d.json' with { type: 'json' }; export default d;
-- wrong.mjs --
import d from './d.json' with { type: 'css' };
-- unknown.mjs --
import d from './d.json' with { kind: 'json' };
-- d.json --
{"d":1}
APP
as_node 'json' main.js

# An import statement of JSON needs no type in an app, as with other bundlers.
files <<'APP'
-- main.mjs --
import d from './d.json';
import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
import typed from './d.json' with { type: 'json' }; export { default } from './e.json';
console.log(d, typed === d, require('./d.json'), typeof require === 'function' && require('p'));
-- d.json --
{"d":1}
-- e.json --
{"e":1}
-- node_modules/p/index.mjs --
import d from './d.json'; export default d;
-- node_modules/p/package.json --
{"name":"p","exports":"./index.mjs"}
-- node_modules/p/d.json --
{"p":1}
APP
as_expected 'JSON without its type' main.mjs <<'OUT'
{ d: 1 } true { d: 1 } [Module: null prototype] { __esModule: true, default: { p: 1 } }
OUT
warns 'src/main.mjs:1:1: warning: Node refuses this import of JSON, because its type is missing'
warns 'src/main.mjs:3:53: warning: Node refuses this import of JSON'
[[ $(grep -c 'Node refuses' log) == 2 ]] || { cat log >&2; differ+=("'two warnings'"); }
report_differences
