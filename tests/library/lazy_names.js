// Rewriting one module: what becomes lazy, where its lookups go, and that lines keep their numbers.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { makeLazy, originsOf } = require('../../runtime-stub/library/lazy_names.js');

const becomes = (name, before, after, eager) =>
  test(name, () => assert.strictEqual(makeLazy(before, eager), after));

becomes('a name is looked up before the statement that uses it',
`const { a } = internalBinding('x');
function f() {
  a();
}
`,
`const $internalBinding=internalBinding;let a;
function f() {;a??=$internalBinding("x").a;
  a();
}
`);

becomes('a conditional use is looked up in place',
`const { a } = internalBinding('x');
function f(g) {
  return g && a(1);
}
`,
`const $internalBinding=internalBinding;let a;
function f(g) {
  return g && (a??=$internalBinding("x").a)(1);
}
`);

becomes('a second use after a lookup needs none',
`const { a } = internalBinding('x');
function f() {
  a();
  return () => a;
}
`,
`const $internalBinding=internalBinding;let a;
function f() {;a??=$internalBinding("x").a;
  a();
  return () => (a??=$internalBinding("x").a);
}
`);

becomes('a declaration of several lines keeps its line breaks',
`const {
  a: b,
} = require('internal/x');
b();
`,
`const $require=require;let b;

;b??=$require("internal/x").a;
b();
`);

becomes('a public module that has loaded already is read at once',
`const { a } = require('x');
`,
`const $require=require,$peek=require.peek;let a=$peek("x","a");
`);

becomes('a name of an inner scope is another one',
`const { a } = internalBinding('x');
function f(a) {
  a();
}
`,
`const $internalBinding=internalBinding;let a;
function f(a) {
  a();
}
`);

becomes('a shorthand property keeps its name',
`const { a } = internalBinding('x');
module.exports = () => ({ a });
`,
`const $internalBinding=internalBinding;let a;
module.exports = () => ({ a:(a??=$internalBinding("x").a) });
`);

becomes('nested patterns become paths',
`const { os: { signals } } = internalBinding('constants');
const f = () => signals;
`,
`const $internalBinding=internalBinding;let signals;
const f = () => (signals??=$internalBinding("constants").os.signals);
`);

becomes('a pattern with a default stays as it is',
`const { a = 1 } = internalBinding('x');
a();
`,
`const { a = 1 } = internalBinding('x');
a();
`);

becomes('a declaration that takes from eager modules only stays as it is',
`const { a } = internalBinding('x');
const { b } = internalBinding('y');
const f = () => a + b;
`,
`const $internalBinding=internalBinding;const { a } = internalBinding('x');
let b;
const f = () => a + (b??=$internalBinding("y").b);
`, ['x']);

becomes('inspect.custom needs no inspect',
`const { inspect } = require('internal/util/inspect');
class A {
  [inspect.custom]() {}
}
`,
`const $require=require,$SymbolFor=primordials.SymbolFor;let inspect;
class A {
  [$SymbolFor('nodejs.util.inspect.custom')]() {}
}
`);

test('directives stay first', () => {
  assert.match(makeLazy(`'use strict';\nconst { a } = require('internal/x');\n`), /^'use strict';const \$require/);
});

test('origins are the modules and bindings that can become lazy', () => {
  const text = `const { a } = require('x'), b = internalBinding('y').z;\nconst { c } = primordials;\n`;
  assert.deepStrictEqual(originsOf(text), new Set(['x', 'y']));
});
