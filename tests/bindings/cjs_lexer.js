// Export names of CommonJS modules as Node 24.21 finds them; the expected values are its results
// for these sources.
'use strict';
const assert = require('assert');
const { internalBinding } = require('internal/test/binding');
const { parse } = internalBinding('cjs_lexer');

const cases = [
  ['', [], []],
  ['exports.a = 1; exports.b = exports.a; exports.a = 2', ['a', 'b'], []],
  ['module.exports = { a, b: c, "d": e, ...require("f"), g }', ['a', 'b', 'd', 'g'], ['f']],
  ['module.exports = require("x"); module.exports = require("y")', [], ['y']],
  ['__exportStar(require("a"), exports); __exportStar(require("a"), exports)', [], ['a', 'a']],
  ['0 && (module.exports = { a, b, ...require("c") })', ['a', 'b'], ['c']],
  ['Object.defineProperty(exports, "a", { enumerable: true, get: () => b.c })', [], []],
  ['Object.defineProperty(exports, "a", { enumerable: true, get() { return b.c; } })', ['a'], []],
  ['var m = require("./m");\nObject.keys(m).forEach(function (k) {\n' +
   '  if (k === "default" || k === "__esModule") return;\n  exports[k] = m[k];\n});', [], ['./m']],
  ["exports['\\u{1F310}'] = exports['\\uD83D'] = 1", ['\u{1F310}'], []],
  ["exports['\u00e9'] = 1", ['\u00e9'], []],
  // Not `é`: the library takes \x for a byte of UTF-8.
  ["exports['\\xe9'] = 1", ['\ufffd'], []],
  ['exports.a = /[/]exports.b = 1/; exports.c = 1 / 2', ['a', 'c'], []],
  ['`${ `exports.a = ${ exports.b = 1 }` }`', ['b'], []],
  ['import x from "y"; exports.a = 1', [], []],
  ['exports.a = "not closed', [], []],
];
for (const [source, names, reexports] of cases) {
  const found = parse(source);
  assert.deepStrictEqual([[...found[0]], found[1]], [names, reexports], source);
}

// As deep as the library's arrays allow, and much deeper (where Node crashes).
const nested = (depth) => `${'('.repeat(depth)}${')'.repeat(depth)}; exports.a = 1`;
assert.deepStrictEqual([...parse(nested(2000))[0]], ['a']);
for (const depth of [2048, 5000, 70000, 1e6])
  assert.deepStrictEqual([...parse(nested(depth))[0]], []);
