// A primordial that is made when it is first read is the one that Node makes when it boots, also
// after the program has replaced what it comes from.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { applyPatches } = require('../../runtime-stub/library/patching.js');
const patches = require('../../runtime-stub/library/primordials_patches.js');

const id = 'internal/per_context/primordials';
const text = fs.readFileSync(
  path.join(process.env.KILN_PARTS, 'node-library/lib', `${id}.js`), 'utf8');
const modules = new Map([[id, text]]);
const errors = applyPatches(modules, patches);

// Both texts run in one context, whose bind() records what it has bound.
const context = vm.createContext();
const run = vm.runInContext(`{
  const realBind = Function.prototype.bind, apply = Reflect.apply, set = WeakMap.prototype.set;
  const bound = new WeakMap();
  Function.prototype.bind = function bind(...args) {
    const f = apply(realBind, this, args);
    apply(set, bound, [f, { function: this, args }]);
    return f;
  };
  globalThis.boundOf = (f) => bound.get(f);
  (text) => {
    const primordials = { __proto__: null };
    new Function('exports', 'primordials', 'privateSymbols', 'perIsolateSymbols', text)({}, primordials, {}, {});
    return primordials;
  };
}`, context);
const { boundOf } = context;
const eager = run(text), lazy = run(modules.get(id));
// Then a program replaces every method of some classes.
vm.runInContext(`{
  const { defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
  const nothing = () => { throw new Error('called by the library'); };
  const classes = [Array, Function, String, Symbol, Object, Map, RegExp, Promise];
  for (let i = 0; i < classes.length; i++) {
    const { prototype } = classes[i], keys = ownKeys(prototype);
    for (let j = 0; j < keys.length; j++) {
      const { configurable } = getOwnPropertyDescriptor(prototype, keys[j]);
      if (configurable && keys[j] !== 'constructor') defineProperty(prototype, keys[j], { value: nothing });
    }
  }
}`, context);

test('the patches fit', () => assert.deepStrictEqual(errors, []));

test('few are made before they are read', () => {
  const made = Reflect.ownKeys(lazy).length;
  assert.ok(made > 50 && made < Reflect.ownKeys(eager).length / 3, `${made} are made`);
});

test('all are the same', () => {
  const names = Reflect.ownKeys(eager);
  assert.ok(names.length > 700);
  for (const name of names) {
    const want = eager[name], got = lazy[name];
    assert.strictEqual(typeof got, typeof want, name);
    assert.strictEqual(Reflect.getOwnPropertyDescriptor(lazy, name).enumerable,
                       Reflect.getOwnPropertyDescriptor(eager, name).enumerable, name);
    const target = typeof want === 'function' ? boundOf(want) : undefined;
    if (target !== undefined) {
      const mine = boundOf(got);
      assert.strictEqual(mine.function, target.function, name);
      assert.strictEqual(mine.args.length, target.args.length, name);
      for (let i = 0; i < target.args.length; i++)
        assert.ok(Object.is(mine.args[i], target.args[i]), `${name}: ${i}`);
      assert.deepStrictEqual([got.name, got.length], [want.name, want.length]);
    } else if (!isOfTheModule(want)) {
      assert.ok(Object.is(got, want), name);
    }
    assert.strictEqual(lazy[name], got, name);
  }
});

// Whether a function is defined by the module itself, so that each run makes its own.
function isOfTheModule(value) {
  return typeof value === 'function' && !/\[native code\]/.test(`${Reflect.apply(Function.prototype.toString, value, [])}`);
}

test('an unknown name is undefined', () => {
  assert.strictEqual(lazy.ArrayPrototypeNothing, undefined);
  assert.strictEqual(lazy[Symbol.iterator], undefined);
});
