. "$(dirname "$0")/common.sh"
# The functions of Node's loaders in stacks of errors that are made while modules are loaded (reports 25, 32b).
frames=1
files <<'APP'
-- main.js --
const util = require('util');
const show = (label, e) => console.log(label, e.stack);
show('entry', new Error('entry'));
for (const limit of [0, 1, 3, 10, 50, Infinity]) {
  Error.stackTraceLimit = limit;
  delete require.cache[require.resolve('./made.js')];
  const made = require('./made.js');
  show(limit, made.error);
  console.log(made.captured.stack, made.below);
}
Error.stackTraceLimit = 10;
console.log(util.inspect(require('./made.js').error), util.inspect(require('./made.js').withCause));
const thrown = (label, f) => { try { f(); } catch (e) { show(label, e); } };
thrown('JSON', () => require('./bad.json'));
thrown('missing', () => require(['./none.js'][0]));
thrown('missing package', () => require(['nothing'][0]));
thrown('missing inside', () => require('./lib/inside.js'));
thrown('top-level await', () => require('./await.mjs'));
thrown('throws', () => require('./throws.js'));
thrown('module.require', () => module.require('./throws.js'));
thrown('getter', () => require('./getter.js').x);
thrown('esm throws', () => require('./throws.mjs'));
thrown('createRequire', () => require('module').createRequire(__filename)('./throws.js'));
show('esm', require('./esm.mjs').error);
show('inside esm', require('./esm.mjs').inner);
show('after the loader was used', require('./again.js'));
console.log(util.getCallSites(20).map((c) => `${c.functionName} ${c.scriptName}:${c.lineNumber}:${c.columnNumber}`).join('\n'));
import('./imports.mjs').then(({ error, inner, later }) => {
  show('imported', error);
  show('imported CommonJS', inner);
  show('after an await', later);
  return import('./throws.mjs?again');
}).catch((e) => show('rejected', e)).then(() => require('./uncaught.js'));
-- made.js --
exports.error = new Error('made');
exports.captured = {};
Error.captureStackTrace(exports.captured);
function f() { return g(); }
function g() { const o = {}; Error.captureStackTrace(o, f); return o.stack; }
exports.below = f();
try { require('./throws.js'); } catch (cause) { exports.withCause = new Error('outer', { cause }); }
-- throws.js --
null.x;
-- throws.mjs --
null.x;
-- again.js --
module.exports = new Error('again');
-- getter.js --
Object.defineProperty(exports, 'x', { enumerable: true, get() { throw new Error('got'); } });
-- lib/inside.js --
require(['./none'][0]);
-- bad.json --
{"a":b}
-- await.mjs --
await 1;
-- esm.mjs --
import made from './made.js';
export const error = new Error('esm');
export const inner = made.error;
-- imports.mjs --
import made from './imported.cjs';
export const error = new Error('imported');
export const inner = made.error;
await null;
export const later = new Error('later');
-- imported.cjs --
Error.stackTraceLimit = 30;
exports.error = require('./deeper.cjs');
-- deeper.cjs --
module.exports = new Error('deeper');
-- uncaught.js --
class Mine extends Error { constructor() { super('mine'); this.code = 'E_MINE'; } }
throw new Mine();
APP
as_node 'CommonJS' main.js

files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module';
import sites from './sites.cjs';
import { inner } from './inner.mjs';
const require = createRequire(import.meta.url);
console.log(new Error('entry').stack, inner.stack);
console.log(sites);
console.log(require('./sites.cjs') === sites, (await import('./lazy.mjs')).error.stack);
delete require.cache[require.resolve('./sites.cjs')];
// Node's own loader, in which other functions than in Node have names.
console.log(require('./sites.cjs').replace(/^.*,/gm, ''));
async function f() { await null; return (await import('./lazier.mjs')).error; }
console.log((await f()).stack);
await import('./rejects.mjs');
-- inner.mjs --
export const inner = new Error('inner');
-- lazy.mjs --
export const error = new Error('lazy');
-- lazier.mjs --
export const error = new Error('lazier');
-- rejects.mjs --
throw new Error('rejected');
-- sites.cjs --
Error.stackTraceLimit = 40;
Error.prepareStackTrace = (e, list) => list.map((s) => [s.getFunctionName(), s.getTypeName(), s.getMethodName(), s.getFileName(),
  s.getLineNumber(), s.getColumnNumber(), s.getPosition(), s.getEnclosingLineNumber(), s.getEnclosingColumnNumber(), s.isToplevel(),
  s.isConstructor(), s.isNative(), s.isAsync(), s.getEvalOrigin(), typeof s.getFunction(), typeof s.getThis(), `${s}`].join());
module.exports = new Error().stack.join('\n');
Error.prepareStackTrace = undefined;
APP
as_node 'ES modules and CallSites' main.mjs

for text in 'null.x;' 'require("./b.js");' 'require("./bad.json");' 'module.exports = JSON.parse("{");'; do
files <<APP
-- main.js --
// $text
$text
-- b.js --
function fails() { throw new TypeError('fails'); }
fails();
-- bad.json --
{]
APP
as_node "uncaught: $text" main.js
done

for text in 'null.x;' 'import "./b.cjs";' 'await 1; null.x;' 'import "./c.mjs"'; do
files <<APP
-- main.mjs --
$text
-- b.cjs --
throw new TypeError('fails');
-- c.mjs --
import './b.cjs';
APP
as_node "uncaught in an ES module: $text" main.mjs
done
report_differences
