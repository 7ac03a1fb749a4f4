. "$(dirname "$0")/common.sh"
# A name that is not found stops the build only where Node certainly fails; else the app gets Node's error (reports 69, 70, 81).
files <<'APP'
-- main.js --
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message, e.requireStack?.join()); } };
if (process.argv[9]) require('gone-in-if');
const a = process.argv[9] ? require('gone-in-choice') : 'chosen', b = process.argv[9] && require('gone-in-and'), c = process.argv0 || require('gone-in-or');
switch (a) { case 'other': require('gone-in-switch'); }
console.log(a, b, typeof c);
t('function', () => require('gone-in-arrow')); t('file', () => require('./gone/file')); t('own', function () { return require('./lazy'); });
t('package', () => require('p')('pg')); t('package', () => require('p')('other')); t('exports', () => require('p').exports()); t('main', () => require('p').main()); t('created', () => require('p').created());
t('after', () => { const x = require('p/not/there'); return x; });
(function (require) { console.log(require('gone-to-another')); })((x) => 'mine ' + x);
import('gone-import').catch((e) => console.log(e.code, e.message)).then(() => import('p/esm.mjs')).catch((e) => console.log(e.code, e.message));
-- lazy.js --
exports.lazy = require('gone-in-lazy');
-- node_modules/p/index.js --
module.exports = (d) => { switch (d) { case 'pg': return require('./lib/pg'); default: return 'other'; } };
module.exports.exports = () => require('q'); module.exports.main = () => require('no-main'); module.exports.fetch = globalThis.fetch || require('gone-fetch');
module.exports.created = () => require('module').createRequire(__filename)('gone-created');
-- node_modules/p/esm.mjs --
import 'gone-from-esm';
-- node_modules/p/lib/pg.js --
const h = require('gone-hstore')({}); module.exports = h;
-- node_modules/q/package.json --
{"name":"q","exports":{".":"./missing.js"}}
-- node_modules/no-main/package.json --
{"name":"no-main","main":"lib/absent.js"}
APP
as_node 'where the code need not run' main.js

fails() { # LABEL ENTRY ERROR
  ! "$KILN" build "src/$2" -o app "${flags[@]}" >log 2>&1 || { echo "-- $1: kiln build did not fail" >&2; differ+=("'$1'"); return; }
  grep -qF "$3" log || { cat log >&2; differ+=("'$1'"); }
}
files <<'APP'
-- first.js --
const x = require('gone');
-- second.js --
require('./needs');
-- needs.js --
module.exports = { a: require('./gone/too') };
-- third.mjs --
import './fourth.mjs';
-- fourth.mjs --
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
require('gone');
APP
fails 'a require that each start runs' first.js 'src/first.js:1:11: error: Cannot find "gone"'
fails 'in a module that each start loads' second.js 'src/needs.js:1:23: error: Cannot find "./gone/too"'
fails 'by createRequire' third.mjs 'src/fourth.mjs:3:1: error: Cannot find "gone"'

# Uncaught: the line of Node's loader that throws is printed.
for kind in name file package; do
files <<'APP'
-- name.cjs --
const load = (name) => require(name);
load('./absent-file');
-- file.cjs --
setTimeout(() => require('./absent-file'), 1);
-- package.cjs --
const later = () => require('absent-package/sub');
process.nextTick(later);
APP
as_node "uncaught: $kind" $kind.cjs
done
report_differences
