'use strict';

// internal/kiln/assumed_process: what modules that are evaluated at build time see of process.argv and
// of the three standard streams (docs/baking.md). At start these are others, so the questions whose
// answers are compared with a start are told apart from all others.
//
// Observed modules get a proxy of the array. Baked ones get an array that is filled at start, so a module may
// keep it. A stream is an object of the process, which a snapshot cannot hold: modules get an object
// in its place, which none may keep, and which does not need the stream as long as they ask only for the
// descriptor and for isTTY.

const {
  ArrayIsArray,
  ArrayPrototype,
  ArrayPrototypeIncludes,
  ArrayPrototypePushApply,
  Error,
  FunctionPrototypeBind,
  ObjectDefineProperty,
  Proxy,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectGetPrototypeOf,
  ReflectHas,
  ReflectOwnKeys,
  ReflectPreventExtensions,
  ReflectSet,
  ReflectSetPrototypeOf,
  RegExpPrototypeExec,
  String,
  StringPrototypeEndsWith,
} = primordials;

const kStreams = ['stdin', 'stdout', 'stderr'];  // by descriptor

// Properties that are known only at start, besides the streams and argv.
const kOfProcess = [
  'argv0', 'execArgv', 'execPath', 'pid', 'ppid', 'title', 'debugPort', 'exitCode', 'connected', 'channel',
  'send',
];

function isOfStart(name) {
  return ArrayPrototypeIncludes(kStreams, name) || ArrayPrototypeIncludes(kOfProcess, name);
}

// "process.argv.slice", "process.argv[2]"
function nameOf(object, key) {
  const text = String(key);
  return typeof key === 'string' && RegExpPrototypeExec(/^[A-Za-z_$]/, text) !== null ?
    `${object}.${text}` : `${object}[${text}]`;
}

// A handler that reports everything as a read or an act, and does it with `target()`. In place of an
// object that has no property that cannot be changed.
function reportingHandler(name, target, read, act) {
  return {
    __proto__: null,
    get(_, key) {
      read(nameOf(name, key));
      const value = ReflectGet(target(), key);
      return typeof value === 'function' ? FunctionPrototypeBind(value, target()) : value;
    },
    has(_, key) {
      read(nameOf(name, key));
      return ReflectHas(target(), key);
    },
    ownKeys() {
      read(`Object.keys(${name})`);
      return ReflectOwnKeys(target());
    },
    getOwnPropertyDescriptor(_, key) {
      read(nameOf(name, key));
      return ReflectGetOwnPropertyDescriptor(target(), key);
    },
    getPrototypeOf() {
      read(nameOf(name, '__proto__'));
      return ReflectGetPrototypeOf(target());
    },
    set(_, key, value) {
      act(`${nameOf(name, key)} =`);
      return ReflectSet(target(), key, value);
    },
    defineProperty(_, key, descriptor) {
      act(`${nameOf(name, key)} =`);
      return ReflectDefineProperty(target(), key, descriptor);
    },
    deleteProperty(_, key) {
      act(`delete ${nameOf(name, key)}`);
      return ReflectDeleteProperty(target(), key);
    },
    setPrototypeOf(_, prototype) {
      act(`${nameOf(name, '__proto__')} =`);
      return ReflectSetPrototypeOf(target(), prototype);
    },
    preventExtensions() {
      act(`Object.preventExtensions(${name})`);
      return ReflectPreventExtensions(target());
    },
  };
}

// --- Arguments ----------------------------------------------------------------------------

const kSearches = ['includes', 'indexOf', 'lastIndexOf'];

// Texts that a user may give as an argument, and that no path of the executable or the script equals.
function isFlag(value) {
  return typeof value === 'string' && RegExpPrototypeExec(/^-[\x20-\x7e]*$/, value) !== null;
}

// A proxy of an array of arguments. read('process.argv', FLAG) says that FLAG was looked for and not
// found, read(NAME) that something else was asked, or that the app has changed the array before.
function observedArguments(argv, read, reportAct) {
  const searches = { __proto__: null };
  let isChanged = false;
  const act = (name) => {
    isChanged = true;
    reportAct(name);
  };
  for (let i = 0; i < kSearches.length; i++) {
    const key = kSearches[i];
    const original = ArrayPrototype[key];
    // A method has no own prototype property.
    searches[key] = { [key](...args) {
      if (this !== proxy) return ReflectApply(original, this, args);
      const result = ReflectApply(original, argv, args);
      const isAbsent = result === -1 || result === false;
      if (args.length === 1 && isFlag(args[0]) && isAbsent && !isChanged) {
        read('process.argv', args[0]);
      } else {
        read(nameOf('process.argv', key));
      }
      return result;
    } }[key];
  }
  const handler = reportingHandler('process.argv', () => argv, read, act);
  handler.get = (_, key, receiver) => {
    if (searches[key] !== undefined && argv[key] === ArrayPrototype[key]) return searches[key];
    read(nameOf('process.argv', key));
    return ReflectGet(argv, key, receiver);
  };
  const proxy = new Proxy(argv, handler);
  return proxy;
}

// --- Streams ------------------------------------------------------------------------------

// The prototype of the targets of the objects, by which they are found in the heap.
const marker = { __proto__: null };

let current = [];  // the objects

// Defines process.stdin, stdout and stderr. Returns { objects (by descriptor), restore() }, the second of
// which defines them as they were.
function replaceStreams(read, act) {
  const objects = [];
  const before = [];
  for (let fd = 0; fd < kStreams.length; fd++) {
    const descriptor = before[fd] = ReflectGetOwnPropertyDescriptor(process, kStreams[fd]);
    const name = `process.${kStreams[fd]}`;
    const handler = reportingHandler(name, () => ReflectApply(descriptor.get, process, []), read, act);
    const { get } = handler;
    handler.get = (target, key) => {
      if (key === 'fd') return fd;
      if (key !== 'isTTY') return get(target, key);
      read(`${name}.isTTY`);
    };
    objects[fd] = new Proxy({ __proto__: marker }, handler);
    ObjectDefineProperty(process, kStreams[fd], {
      __proto__: null, configurable: true, enumerable: true, get: () => objects[fd], set: undefined,
    });
  }
  current = objects;
  return {
    __proto__: null,
    objects,
    restore() {
      for (let fd = 0; fd < kStreams.length; fd++) ObjectDefineProperty(process, kStreams[fd], before[fd]);
      objects.length = 0;
    },
  };
}

// --- While modules are baked --------------------------------------------------------------

// The array that baked modules may have kept as process.argv.
let argv;
let isBaking = false;

// Returns a function that ends it; it returns whether no stream was kept.
function replaceProcess() {
  const refuse = (name) => {
    throw new Error(`${name} is known only at start`);
  };
  const streams = replaceStreams((name) => {
    if (!StringPrototypeEndsWith(name, '.isTTY')) refuse(name);
  }, refuse);
  process.argv = argv = ['', ''];
  isBaking = true;
  return () => {
    isBaking = false;
    streams.restore();
    delete process.argv;
    return internalBinding('kiln').liveInstances([marker], false).length === 0;
  };
}

// --- At the start of a process --------------------------------------------------------------

let argvOfStart;  // a copy
let envOfStart;

// process.argv becomes the array that baked modules know.
function fillArguments() {
  if (argv === undefined) return;
  argvOfStart = process.argv;
  argv.length = 0;
  ArrayPrototypePushApply(argv, argvOfStart);
  process.argv = argv;
  envOfStart = process.env;
  // Import statements of baked modules have got what was known.
  require.peek('internal/kiln/esm', 'syncBuiltinExports')?.('process');
}

const kNotAll = 0;  // of guardsHold()
const kAllButLocal = 1;
const kAll = 2;

// Which guards hold although the app may have changed the environment or the arguments before a baked
// module is loaded.
function whatHolds() {
  if (argvOfStart === undefined) return kAll;
  const { argv: now } = process;
  if (!ArrayIsArray(now) || process.env !== envOfStart) return kNotAll;
  let isSame = now.length === argvOfStart.length;
  for (let i = 0; isSame && i < now.length; i++) isSame = now[i] === argvOfStart[i];
  return internalBinding('kiln').guardsHold(isSame ? undefined : now);
}

module.exports = {
  kOfProcess,
  kStreams,
  isOfStart,
  // Whether an import statement of a module that is baked gets the value only at start.
  isLate: (name) => isBaking && isOfStart(name),
  observedArguments,
  replaceStreams,
  currentStreams: () => current,
  replaceProcess,
  fillArguments,
  whatHolds,
  kAllButLocal,
  kAll,
};
