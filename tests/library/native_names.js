// Finding the native names that a module uses.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { nativeNames } = require('../../runtime-stub/library/native_names.js');

const finds = (what, text, names, escapes = []) => test(what, () => {
  const found = nativeNames(text);
  assert.deepStrictEqual([...found.names.keys()].sort(), names);
  assert.deepStrictEqual(found.escapes.map((e) => e.binding), escapes);
});

finds('a property', `internalBinding('x').a();`, ['x.a']);
finds('a property by a literal', `internalBinding('x')['a'];`, ['x.a']);
finds('an optional property', `internalBinding('x').a?.();`, ['x.a']);
finds('destructuring', `const { a, b: c, d = 1 } = internalBinding('x');`, ['x.a', 'x.b', 'x.d']);
finds('nested destructuring', `const { os: { signals } } = internalBinding('x');`, ['x.os', 'x.os.signals']);
finds('a variable', `const b = internalBinding('x');\nfunction f() { b.a(); }`, ['x.a']);
finds('a variable of an inner block', `function f() { const b = internalBinding('x'); return b.a; }`, ['x.a']);
finds('a variable that is set later', `let b;\nfunction f() { b ??= internalBinding('x'); b.a(); }`, ['x.a']);
finds('a part in a variable', `const { a } = internalBinding('x');\na.b();`, ['x.a', 'x.a.b']);
finds('a variable that another scope declares again',
      `const b = internalBinding('x');\nfunction f(b) { return b.other; }`, []);
finds('a property that is set is not used', `internalBinding('x').a = 1;`, []);
finds('a binding that is only loaded', `internalBinding('x');`, []);
finds('a test for a binding', `const b = internalBinding('x');\nif (b) b.a();`, ['x.a']);
finds('a binding that is passed on', `f(internalBinding('x'));`, [], ['x']);
finds('a binding that is spread', `module.exports = { ...internalBinding('x') };`, [], ['x']);
finds('a binding that is read by a computed name', `const b = internalBinding('x');\nb[f()];`, [], ['x']);
finds('a binding that is returned', `function f() { return internalBinding('x'); }`, [], ['x']);

test('the line of the first use', () => {
  assert.strictEqual(nativeNames(`\n\ninternalBinding('x').a;\ninternalBinding('x').a;`).names.get('x.a'), 3);
});
