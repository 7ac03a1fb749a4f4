'use strict';

// Runs in the snapshot builder only (--evaluate): calls the app's function, and afterwards looks
// for objects that cannot be part of a snapshot. V8 aborts on an Intl object without naming it,
// so the constructors of Intl record, while the app runs, where they were called. V8 adds some
// functions to the heap only when the executable starts: functions of the app with these names
// are deleted, and the objects that get them must be extensible (docs/snapshots.md).

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
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SafeWeakMap,
  StringPrototypeIncludes,
  StringPrototypeSplit,
  globalThis,
} = primordials;

const { liveInstances } = internalBinding('kiln');
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

// A proxy that records the stack of each construction while `watching`. The app may keep it, so
// it works afterwards too.
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
  for (const object of liveInstances(prototypes, false)) {
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

// V8 adds Error.stackTraceLimit. Returns false, and reports why, if the app has frozen Error.
function prepareForAdditions() {
  if (ObjectIsExtensible(Error)) return true;
  process._rawDebug(
    'kiln: the app froze Error, and V8 completes it when the executable starts. ' +
    'Freeze it in the function given to v8.startupSnapshot.setDeserializeMainFunction.');
  return false;
}

// V8 sets the default limit at start; a limit that the app has set is set again after that.
function keepStackTraceLimit() {
  const limit = ReflectGetOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (limit === undefined || limit.value === kDefaultStackTraceLimit) return;
  addDeserializeCallback(() => { ReflectDefineProperty(Error, 'stackTraceLimit', limit); });
}

// --- The builder's steps -----------------------------------------------------------------

function evaluate() {
  watchIntl();
  promise = require('internal/kiln/bundle').start();
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
  // console's streams were those of process, which are closed now.
  const console = require('internal/console/global');
  console._stdout = undefined;
  console._stderr = undefined;
  const prepared = prepareForAdditions();
  return reportIntl() && prepared;
}

module.exports = { evaluate, settled, finish };
