'use strict';

// internal/kiln/bake: evaluates modules of the app in the snapshot builder, so that they are in the
// heap when the executable starts (docs/baking.md). Which ones is the compiler's decision: `order`
// has the numbers of those that only modules load which are evaluated at start, in the order in
// which the app would load them; they load the others of `baked`.
//
// A CommonJS module may also load modules that are evaluated at start. It gets placeholders for their
// exports (internal/kiln/placeholders), and internal/kiln/commonjs replaces them at start.

const {
  Error,
  ErrorPrototype,
  Function,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ReflectApply,
  RegExpPrototypeExec,
  SafeArrayIterator,
  SafeSet,
  StringPrototypeSplit,
  globalThis,
} = primordials;

const { currentStreams, replaceProcess } = require('internal/kiln/assumed_process');
const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const lateValues = require('internal/kiln/late_values');
const { Placeholders } = require('internal/kiln/placeholders');
const { liveInstances } = internalBinding('kiln');

let last;  // the module that a wrong one was loaded by

// Throws if a module is loaded that must be evaluated at start.
function checker(baked) {
  return (id) => {
    if (!baked.has(id)) throw new Error(`${table.pathOf(id)} must be evaluated at start`);
  };
}

function watcher(baked, check, placeholders, observer) {
  return {
    __proto__: null,
    requires(parent, id) {
      if (!baked.has(id)) last = table.idOf(parent?.filename);
      check(id);
    },
    require: (id, parent) => placeholders.require(id, parent),
    evaluate(id, body) {
      check(id);
      observer?.begins(id);
      try {
        placeholders.evaluate(id, body);
      } finally {
        observer?.ends();
      }
    },
    evaluateGraph() {},
    builtinLoaded: observer?.builtinLoaded,
    asks() {},
  };
}

// The error that a module has thrown, or made and kept: a stack would name other callers than the
// app's. [number, message]
function problem(id, error) {
  return [id, `${error?.stack ?? error}`];
}

// Frames of stacks that a module keeps: V8 finds their places in the code of functions, which may be
// discarded, unless it has done so before.
function findPlacesOfFrames() {
  const { overrideStackTrace } = require('internal/errors');
  // The frames of this module are hidden.
  const error = new Function('Error', 'return new Error()')(Error);
  overrideStackTrace.set(error, (_, sites) => sites);
  const prototype = ObjectGetPrototypeOf(error.stack[0]);
  for (const site of new SafeArrayIterator(liveInstances([prototype], true))) {
    ReflectApply(prototype.getPosition, site, []);
  }
}

// The errors that there are before modules are evaluated, with garbage.
function findErrors() {
  return liveInstances([ErrorPrototype], true);
}

// Whether there are errors besides those in the array, which may be garbage. In a function of its own: variables of
// one that has not returned would refer to them.
function hasNewErrors(errors) {
  const { isNativeError } = internalBinding('types');
  const list = liveInstances([ErrorPrototype], true, errors);
  for (let i = 0; i < list.length; i++) {
    if (isNativeError(list[i])) return true;
  }
  return false;
}

// Evaluates the modules. `lines` of the plan: [key, number, number] (snapshot/take.h); `native`:
// snapshot_builder/heap_graph.h, and functions of an observed process. Returns undefined, or what is
// wrong as [number of a module, text]. The observer of an observed process is told when a module of the
// library was loaded, which modules use others that are evaluated at start (`reports`, with lines of the
// record), when the evaluation of a CommonJS module begins and ends, and when all are evaluated; it says
// whether the code of functions is discarded then, and which errors there were before (findErrors()).
function bake(order, baked, lines, native, observer) {
  const { isNativeError } = internalBinding('types');
  const errors = observer?.errors ?? findErrors();

  // An observed process has done so.
  const restoreProcess = observer === undefined ? replaceProcess() : undefined;
  if (table.kindOf(0) === table.kCommonJs) commonjs.makeMain(0);
  // V8 adds it when the executable starts. To read it is a read; that it exists is none.
  const lacksWasm = !ObjectHasOwn(globalThis, 'WebAssembly');
  if (lacksWasm) {
    ObjectDefineProperty(globalThis, 'WebAssembly', {
      __proto__: null, value: undefined, writable: true, enumerable: false, configurable: true,
    });
  }
  lateValues.begin(lines);
  const numbers = new SafeSet(new SafeArrayIterator(baked));
  const check = checker(numbers);
  const evaluateNow = (id) => {
    if (!numbers.has(id)) return;
    if (table.kindOf(id) === table.kEsm) {
      const wrap = require('internal/kiln/esm').instantiated(id, false);
      placeholders.evaluateGraph(wrap);
    } else {
      commonjs.load(id);
    }
  };
  const placeholders = new Placeholders(numbers, lines, native, evaluateNow);
  commonjs.observe(watcher(numbers, check, placeholders, observer));
  let failure;
  for (let i = 0; i < order.length && failure === undefined; i++) {
    const id = order[i];
    try {
      evaluateNow(id);
    } catch (error) {
      if (!placeholders.hasFailed()) failure = problem(last ?? id, error);
    }
  }
  commonjs.observe(undefined);
  if (lacksWasm) delete globalThis.WebAssembly;
  if (failure !== undefined) return failure;
  const late = placeholders.finish();
  if (placeholders.hasFailed()) {
    if (observer === undefined) return placeholders.failures[0];
    for (let i = 0; i < placeholders.failures.length; i++) observer.reports(placeholders.failures[i][2]);
    return placeholders.failures[0];
  }
  const isWaiting = (id) => table.kindOf(id) === table.kCommonJs && placeholders.isLate(id);
  const values = lateValues.take(native, currentStreams(), (id) => numbers.has(id) && !isWaiting(id),
                                  observer !== undefined && placeholders.hasCollected);
  observer?.evaluated();
  commonjs.bakeLoaded(late, native.contextOffset, placeholders.hasSkipped, values);
  if (restoreProcess?.() === false) return [-1, 'keeps a standard stream'];
  const hasNew = observer === undefined || hasNewErrors(errors);
  if (observer === undefined || observer.discardsCode) findPlacesOfFrames();
  // In an observed process garbage is only collected if there is something new.
  const kept = hasNew ? liveInstances([ErrorPrototype], false, errors) : [];
  for (const error of new SafeArrayIterator(kept)) {
    if (!isNativeError(error)) continue;
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

module.exports = { bake, findErrors, moduleOfStack };
