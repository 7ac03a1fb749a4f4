// Patches: each fits exactly once, and the module's later lines keep their numbers.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { applyPatches, replaceKeepingLines } = require('../../runtime-stub/library/patching.js');

test('a shorter replacement is filled up with line breaks', () => {
  assert.strictEqual(replaceKeepingLines('a();\nb();\nc();\n', 'a();\nb();\n', 'd();\n'), 'd();\n\nc();\n');
});

test('a longer replacement is joined to as many lines as it replaces', () => {
  assert.strictEqual(replaceKeepingLines('a();\nb();\n', 'a();\n', 'd();\ne();\nf();\n'), 'd(); e(); f();\nb();\n');
});

test('a longer replacement loses its line comments', () => {
  assert.strictEqual(replaceKeepingLines('a();\nb();\n', 'a();\n', '// why\nd();  // x\ne(); // y\n'),
                     'd(); e();\nb();\n');
});

test('what only looks like a comment stays', () => {
  assert.strictEqual(replaceKeepingLines('a();\n', 'a();\n', "d('  // x');\ne(/  \\/\\/ /);\n"),
                     "d('  // x'); e(/  \\/\\/ /);\n");
});

test('a block comment stays', () => {
  assert.strictEqual(replaceKeepingLines('a();\n', 'a();\n', 'd();\n/* x */ e();\n'), 'd(); /* x */ e();\n');
});

test('a replacement that means something else on one line is an error', () => {
  assert.throws(() => replaceKeepingLines('a();\n', 'a();\n', 'let x = 1\n++x\n'), /does not parse|another program/);
  assert.throws(() => replaceKeepingLines('a();\n', 'a();\n', 'd(`x\n  y`);\n'), /another program/);
});

test('a replacement that does not parse is an error', () => {
  assert.throws(() => replaceKeepingLines('a();\n', 'a();\n', 'd(;\n\n'), /does not parse/);
});

test('a text that occurs never or twice is an error', () => {
  assert.throws(() => replaceKeepingLines('a();\n', 'b();\n', ''), /occurs 0 times/);
  assert.throws(() => replaceKeepingLines('a();\na();\n', 'a();\n', ''), /occurs 2 times/);
});

test('a patch of a module that does not exist is an error that names both', () => {
  const errors = applyPatches(new Map([['x', 'a();\n']]), [{ id: 'renamed', find: 'a();\n', replace: '' }]);
  assert.strictEqual(errors.length, 1);
  assert.match(errors[0], /the patch of renamed that replaces `a\(\);`: Node's library has no module renamed/);
});

test('patches of one module are applied in order', () => {
  const modules = new Map([['x', 'a();\n']]);
  const patches = [{ id: 'x', find: 'a', replace: 'b' }, { id: 'x', find: 'b', replace: 'c' }];
  assert.deepStrictEqual(applyPatches(modules, patches), []);
  assert.strictEqual(modules.get('x'), 'c();\n');
});
