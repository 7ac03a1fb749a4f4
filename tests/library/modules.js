// The tables of modules are checked against the library.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { checkTables, isKept } = require('../../runtime-stub/library/modules.js');

const library = new Map([
  ['a', `const { x } = require('internal/b');`],
  ['internal/b', `const { y } = internalBinding('c');`],
]);
const errors = (keep, eager) => checkTables(library, keep, eager);

test('tables that fit', () => {
  assert.deepStrictEqual(errors(['internal/', 'a'], [{ modules: ['a', 'internal/b'], from: ['internal/b', 'c'] }]), []);
});

test('KEEP names what does not exist', () => {
  assert.match(errors(['internal/gone'], [])[0], /KEEP names internal\/gone/);
  assert.match(errors(['gone/'], [])[0], /KEEP names gone\//);
});

test('EAGER names a module that does not exist', () => {
  assert.match(errors([], [{ modules: ['gone', 'a'], from: ['internal/b'] }])[0], /EAGER names the module gone/);
});

test('EAGER names a module that takes nothing of its list', () => {
  assert.match(errors([], [{ modules: ['a', 'internal/b'], from: ['c'] }])[0], /the module a, which takes names from none/);
});

test('EAGER lists a module from which nothing is taken', () => {
  assert.match(errors([], [{ modules: ['a'], from: ['internal/b', 'd'] }])[0], /EAGER lists d/);
});

test('the library\'s dependencies keep their text', () => {
  assert.ok(isKept('internal/deps/undici/undici'));
  assert.ok(isKept('internal/bootstrap/realm'));
  assert.ok(!isKept('internal/bootstrap/node'));
});
