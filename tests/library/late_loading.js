// Corrections for modules that load after user code.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { makeLazy } = require('../../runtime-stub/library/lazy_names.js');

const becomes = (name, before, after) => test(name, () => assert.strictEqual(makeLazy(before), after));

becomes('a set that a loading module fills does not use Array\'s iterator',
        `const s = new SafeSet(['a']);`,
        `const s = new SafeSet(new primordials.SafeArrayIterator(['a']));`);
becomes('a set that a function fills is left alone',
        `const s = () => new SafeSet(['a']);`,
        `const s = () => new SafeSet(['a']);`);
becomes('a function in a computed property of a literal loses its inferred name',
        `X['.js'] = function() {};`,
        `X['.js'] = ((f)=>f)(function() {});`);
becomes('a function before an object with __proto__ loses its inferred name',
        `a.b(() => {}, { __proto__: null });`,
        `a.b(((f)=>f)(() => {}), { __proto__: null });`);
