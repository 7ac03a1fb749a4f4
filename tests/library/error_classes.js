// The error classes of internal/errors are created when their code is first read.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { makeErrorClassesLazy } = require('../../runtime-stub/library/error_classes.js');

const before = `const codes = {};
const { ObjectKeys } = primordials;
function E(code) { made.push(code); codes[code] = class {}; }
E('ERR_A', 'a');
// a comment between two of them
E('ERR_B', (x) => {
  return x;
});
module.exports = { codes };
`;
const after = makeErrorClassesLazy(before);

function run() {
  const made = [], module = {};
  new Function('module', 'primordials', 'made', after)(module, { ObjectKeys: Object.keys }, made);
  return { made, codes: module.exports.codes };
}

test('no line moves', () => {
  const lines = after.split('\n');
  assert.strictEqual(lines.length, before.split('\n').length);
  assert.ok(lines[3].endsWith(`case "ERR_A": E('ERR_A', 'a'); break;`));
});

test('a class is made when its code is read, and once', () => {
  const { made, codes } = run();
  assert.deepStrictEqual(made, []);
  assert.strictEqual(codes.ERR_B, codes.ERR_B);
  assert.deepStrictEqual(made, ['ERR_B']);
});

test('an unknown code is undefined', () => assert.strictEqual(run().codes.ERR_C, undefined));

test('"in" and enumeration see all codes', () => {
  assert.ok('ERR_A' in run().codes);
  assert.deepStrictEqual(Object.keys(run().codes), ['ERR_A', 'ERR_B']);
});

test('statements between the E() calls are an error', () => {
  assert.throws(() => makeErrorClassesLazy(before.replace('// a comment', 'f(); //')), /one uninterrupted block/);
});
