'use strict';

// internal/kiln/bake: evaluates modules of the app in the snapshot builder, so that they are in the
// heap when the executable starts (docs/baking.md). Which ones is the compiler's decision: `order`
// has the numbers of those that only modules load which are evaluated at start, in the order in
// which the app would load them; they load the others of `baked`.

const {
  Error,
  ErrorPrototype,
  RegExpPrototypeExec,
  SafeArrayIterator,
  SafeSet,
  StringPrototypeSplit,
} = primordials;

const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const { liveInstances } = internalBinding('kiln');
const { kInstantiated, linkedModules } = internalBinding('module_wrap');

let last;  // the module that a wrong one was loaded by

// Throws if a module is loaded that must be evaluated at start.
function checker(baked) {
  return (id) => {
    if (!baked.has(id)) throw new Error(`${table.pathOf(id)} must be evaluated at start`);
  };
}

function watcher(baked, check, builtinLoaded) {
  return {
    __proto__: null,
    requires(parent, id) {
      if (!baked.has(id)) last = table.idOf(parent?.filename);
      check(id);
    },
    evaluate(id, body) {
      check(id);
      body();
    },
    evaluateGraph() {},
    builtinLoaded,
    asks() {},
  };
}

// Calls `check` with the ES modules that would be evaluated together with one.
function checkGraph(root, check) {
  const { idOfURL } = require('internal/kiln/esm');
  const seen = new SafeSet();
  const visit = (wrap) => {
    if (seen.has(wrap) || wrap.synthetic || wrap.getStatus() !== kInstantiated) return;
    seen.add(wrap);
    check(idOfURL(wrap.url));
    const linked = linkedModules(wrap);
    for (let i = 0; i < linked.length; i++) visit(linked[i]);
  };
  visit(root);
}

// The error that a module has thrown, or made and kept: a stack would name other callers than the
// app's. [number, message]
function problem(id, error) {
  return [id, `${error?.stack ?? error}`];
}

// Evaluates the modules. Returns undefined, or what is wrong as [number of a module, text]. An observed
// process is told when a module of the library was loaded, and when all are evaluated.
function bake(order, baked, builtinLoaded, evaluated) {
  const { isNativeError } = internalBinding('types');
  const errors = new SafeSet();
  const kept = () => liveInstances([ErrorPrototype]);
  for (const error of new SafeArrayIterator(kept())) errors.add(error);

  if (table.kindOf(0) === table.kCommonJs) commonjs.makeMain(0);
  const numbers = new SafeSet(new SafeArrayIterator(baked));
  const check = checker(numbers);
  commonjs.observe(watcher(numbers, check, builtinLoaded));
  let failure;
  for (let i = 0; i < order.length && failure === undefined; i++) {
    const id = order[i];
    try {
      if (table.kindOf(id) === table.kEsm) {
        const wrap = require('internal/kiln/esm').instantiated(id, false);
        checkGraph(wrap, check);
        if (wrap.getStatus() === kInstantiated) wrap.evaluateSync();
      } else {
        commonjs.load(id);
      }
    } catch (error) {
      failure = problem(last ?? id, error);
    }
  }
  commonjs.observe(undefined);
  if (failure !== undefined) return failure;
  evaluated?.();
  commonjs.bakeLoaded();
  for (const error of new SafeArrayIterator(kept())) {
    if (errors.has(error) || !isNativeError(error)) continue;
    const text = `${error.stack}`;
    return [moduleOfStack(text), `keeps an error: ${text}`];
  }
  RegExpPrototypeExec(/^/, '');  // for RegExp.lastMatch, which is empty at a start
}

// The number of the first module that a stack names; -1 if there is none.
function moduleOfStack(text) {
  const lines = StringPrototypeSplit(text, '\n');
  for (let i = 0; i < lines.length; i++) {
    const match = RegExpPrototypeExec(/(\/kiln\/.*?):\d+:\d+\)?$/, lines[i]);
    const id = match === null ? undefined : table.idOf(match[1]);
    if (id !== undefined) return id;
  }
  return -1;
}

module.exports = { bake, moduleOfStack };
