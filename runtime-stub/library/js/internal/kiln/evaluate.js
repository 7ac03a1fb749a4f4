'use strict';

// Runs in the snapshot builder only (--evaluate): calls the app's function, and afterwards
// looks for what cannot be part of a snapshot. V8 gives up on an Intl object without saying
// which, so the constructors of Intl remember, while the app runs, where they were called.
// It adds some functions to the heap only when the executable starts; the app's own of that
// name have to go, and the objects that get them must still be extensible.

const {
  ArrayPrototypeFilter,
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  Error,
  ErrorCaptureStackTrace,
  ObjectIsExtensible,
  PromisePrototypeThen,
  Proxy,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SafeWeakMap,
  StringPrototypeIncludes,
  StringPrototypeSplit,
  globalThis,
} = primordials;

const { appFunction, liveInstances } = internalBinding('kiln');
const { namespace: { addDeserializeCallback } } = require('internal/v8/startup_snapshot');

const kDefaultStackTraceLimit = 10;

let promise;
let state = 'settled';

// --- Intl -------------------------------------------------------------------------------

let watching = false;
const originals = { __proto__: null };
const prototypes = [];
const madeAt = new SafeWeakMap();

function stackOfUser() {
  const holder = {};
  ErrorCaptureStackTrace(holder);
  return typeof holder.stack === 'string' ? holder.stack : '';
}

// The proxies that the app took away with it go on working when nobody watches any more.
function trap(Original) {
  return new Proxy(Original, {
    __proto__: null,
    construct(target, args, newTarget) {
      const made = ReflectConstruct(target, args, newTarget);
      if (watching) madeAt.set(made, stackOfUser());
      return made;
    },
    apply(target, self, args) {
      const made = ReflectApply(target, self, args);
      if (watching && typeof made === 'object') madeAt.set(made, stackOfUser());
      return made;
    },
  });
}

function watchIntl() {
  const { Intl } = globalThis;
  if (Intl === undefined) return;
  for (const name of ReflectOwnKeys(Intl)) {
    const Original = Intl[name];
    if (typeof Original !== 'function' || Original.prototype === undefined) continue;
    originals[name] = Original;
    ArrayPrototypePush(prototypes, Original.prototype);
    Intl[name] = trap(Original);
  }
  watching = true;
}

function unwatchIntl() {
  watching = false;
  for (const name in originals) globalThis.Intl[name] = originals[name];
}

function reportIntl() {
  let clean = true;
  for (const object of liveInstances(prototypes)) {
    const lines = ArrayPrototypeFilter(
      StringPrototypeSplit(madeAt.get(object) ?? '', '\n'),
      (line, i) => i > 0 && !StringPrototypeIncludes(line, '(node:internal/kiln/'));
    process._rawDebug(
      `kiln: a snapshot cannot hold an Intl.${object.constructor.name}; make it in a function ` +
      `that is called when the app runs. It was made here:\n${ArrayPrototypeJoin(lines, '\n')}`);
    clean = false;
  }
  return clean;
}

// --- What V8 adds when it starts ---------------------------------------------------------

const addedAtStart = [
  ['Promise', 'try'],
  ['RegExp', 'escape'],
  ['Error', 'isError'],
  ['Math', 'f16round'],
  ['Atomics', 'pause'],
];

function makeRoom() {
  let clean = true;
  for (const { 0: holder, 1: name } of addedAtStart) {
    const object = globalThis[holder];
    if (object === undefined) continue;
    if (ReflectGetOwnPropertyDescriptor(object, name) !== undefined) {
      ReflectDeleteProperty(object, name);  // a polyfill: the native one comes
    }
    if (ObjectIsExtensible(object)) continue;
    process._rawDebug(
      `kiln: the app froze ${holder}, and V8 completes it when the executable starts. ` +
      'Freeze it in the function given to v8.startupSnapshot.setDeserializeMainFunction.');
    clean = false;
  }
  return clean;
}

// A limit of the app's own comes back at start; V8 sets its default there.
function keepStackTraceLimit() {
  const limit = ReflectGetOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (limit === undefined || limit.value === kDefaultStackTraceLimit) return;
  addDeserializeCallback(() => { ReflectDefineProperty(Error, 'stackTraceLimit', limit); });
}

// --- The builder's steps -----------------------------------------------------------------

function evaluate() {
  watchIntl();
  promise = appFunction()(require('internal/kiln/bundle'));
  if (promise === undefined) return;
  state = 'pending';
  PromisePrototypeThen(promise, () => { state = 'settled'; }, (error) => {
    internalBinding('errors').triggerUncaughtException(error, true);
  });
}

function settled() {
  if (state === 'settled') keepStackTraceLimit();
  promise = undefined;
  return state === 'settled';
}

function finish() {
  unwatchIntl();
  // The streams that console knows were process's own, which are closed now.
  const console = require('internal/console/global');
  console._stdout = undefined;
  console._stderr = undefined;
  const room = makeRoom();
  return reportIntl() && room;
}

module.exports = { evaluate, settled, finish };
