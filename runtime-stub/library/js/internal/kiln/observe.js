'use strict';

// internal/kiln/observe: runs the app in the snapshot builder to see which of its modules ask
// something of the outside world, or change it, while they are evaluated. Native functions report
// themselves (snapshot_builder/observer.h). This module reports what JavaScript can ask without
// calling one: the clock, random numbers, the locale and the time zone, the properties of process
// that differ between processes, what V8 has only in a running executable, and work that is put off.
// It also reports which module loads which, and in which order they are evaluated.
// docs/baking.md explains what becomes of these reports.

const {
  ArrayPrototypeFilter,
  ArrayPrototypeIncludes,
  ArrayPrototypeIndexOf,
  ArrayPrototypePop,
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  Date,
  FunctionPrototypeBind,
  FunctionPrototypeCall,
  MapPrototypeGet,
  MapPrototypeHas,
  MapPrototypeSet,
  MathMin,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  PromisePrototypeThen,
  Proxy,
  ReflectApply,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
  RegExpPrototypeExec,
  SafeArrayIterator,
  SafeMap,
  SafeSet,
  SafeWeakRef,
  String,
  StringPrototypeSplit,
  globalThis,
} = primordials;

const { isOfStart, kOfProcess, kStreams, observedArguments, replaceStreams } = require('internal/kiln/assumed_process');
const commonjs = require('internal/kiln/commonjs');
const heapGraph = require('internal/kiln/heap_graph');
const { quietly } = heapGraph;
const table = require('internal/kiln/table');
const { linkedModules, kInstantiated } = internalBinding('module_wrap');

// { note(effect, name, detail), enter(id), leave(id, threw), requires(from, to), awaits(id), place(), write(text) }
let native;

function read(name, detail = '') {
  native.note('read', name, detail);
}

// Node's library may ask this, too.
function readByApp(name) {
  native.note('read by the app', name, '');
}

function act(name, detail = '') {
  native.note('act', name, detail);
}

// --- What JavaScript asks without a native function -------------------------------------

// Replaces a method by one that reports and then calls it.
function reportCalls(object, method, name, report = read) {
  const inherited = ObjectGetPrototypeOf(object);
  if (!ObjectHasOwn(object, method) && inherited !== null && method in inherited) {
    return reportCalls(inherited, method, name, report);
  }
  const descriptor = ReflectGetOwnPropertyDescriptor(object, method);
  if (typeof descriptor?.value !== 'function') return;
  const original = descriptor.value;
  descriptor.value = new Proxy(original, {
    __proto__: null,
    apply(target, self, args) {
      report(name);
      return ReflectApply(target, self, args);
    },
    construct(target, args, newTarget) {
      report(name);
      return ReflectConstruct(target, args, newTarget);
    },
  });
  ReflectDefineProperty(object, method, descriptor);
}

// Replaces a property by an accessor that reports. It need not exist.
function reportReads(object, key, name) {
  const inherited = ObjectGetPrototypeOf(object);
  if (!ObjectHasOwn(object, key) && inherited !== null && key in inherited) {
    return reportReads(inherited, key, name);
  }
  const descriptor = ReflectGetOwnPropertyDescriptor(object, key) ??
    { __proto__: null, value: undefined, enumerable: false, configurable: true, writable: true };
  if (!descriptor.configurable) return;
  let { value } = descriptor;
  const { get, set } = descriptor;
  ReflectDefineProperty(object, key, {
    __proto__: null,
    enumerable: descriptor.enumerable,
    configurable: true,
    get() {
      read(name);
      return get === undefined ? value : FunctionPrototypeCall(get, this);
    },
    set(to) {
      act(`${name} =`);
      if (set !== undefined) FunctionPrototypeCall(set, this, to);
      else value = to;
    },
  });
}

const kHasZone = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$|^\d{4}-\d\d-\d\d$/i;

// As in snapshot_builder/bake.cc: what a recipe lets a module keep does not depend on the build.
const kTimeOfBaking = 1e12;
const kOtherTime = 400 * 24 * 60 * 60 * 1000 + 123457;  // ms

function watchDate() {
  const proxy = new Proxy(Date, {
    __proto__: null,
    apply(target, self, args) {
      read('Date()');
      return ReflectApply(target, self, args);
    },
    construct(target, args, newTarget) {
      if (args.length === 0) {
        read('new Date()');
        return ReflectConstruct(target, [now()], newTarget);
      }
      if (args.length > 1) read('time zone');
      else if (typeof args[0] === 'string' && RegExpPrototypeExec(kHasZone, args[0]) === null) {
        read('time zone');
      }
      return ReflectConstruct(target, args, newTarget);
    },
    get(target, key, receiver) {
      if (key === 'now') return now;
      return ReflectGet(target, key, receiver);
    },
  });
  function now() {
    read('Date.now()');
    if (run.isBaking) return kTimeOfBaking;
    return Date.now() + (run.world === 2 ? kOtherTime : 0);
  }
  ObjectDefineProperty(globalThis, 'Date', {
    __proto__: null, value: proxy, writable: true, enumerable: false, configurable: true,
  });
  const { prototype } = Date;
  for (const key of ReflectOwnKeys(prototype)) {
    if (typeof key === 'string' && kZoneMethod(key)) reportCalls(prototype, key, 'time zone');
  }
}

const kZoneMethod = (key) =>
  RegExpPrototypeExec(/^(?:get|set)(?!Time$|UTC)|^to(?:String|DateString|TimeString|Locale)/,
                      key) !== null;

function watchLocale() {
  const { Intl } = globalThis;
  if (Intl !== undefined) {
    for (const key of ReflectOwnKeys(Intl)) {
      if (typeof Intl[key] === 'function') reportCalls(Intl, key, `Intl.${String(key)}`, act);
    }
  }
  const { prototype: string } = globalThis.String;
  for (const key of ['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase']) {
    reportCalls(string, key, 'locale');
  }
  for (const name of ['Number', 'BigInt', 'Array']) {
    reportCalls(globalThis[name].prototype, 'toLocaleString', 'locale');
  }
}

function watchAdditions() {
  // V8 adds it when an executable starts; it does not exist while a snapshot is taken.
  reportReads(globalThis, 'WebAssembly', 'WebAssembly');
  // Shared memory cannot be part of a snapshot.
  reportCalls(globalThis, 'SharedArrayBuffer', 'SharedArrayBuffer()', act);
}

let streams;  // what modules see of process.stdin, stdout and stderr

function watchProcess() {
  for (const key of kOfProcess) reportReads(process, key, `process.${key}`);
  let isReplaced = false;
  let argv = observedArguments(process.argv, read, act);
  ObjectDefineProperty(process, 'argv', {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get() {
      if (isReplaced) read('changed process.argv');
      return argv;
    },
    set(to) {
      act('process.argv =');
      isReplaced = true;
      argv = to;
    },
  });
  streams = replaceStreams(read, act).objects;
  native.watch(argv, ...new SafeArrayIterator(streams));
}

// Names that import statements take from node:process before the importing module runs.
function reportProcessImports(id) {
  table.forEachTarget(id, (specifier, target, names) => {
    if (target !== 'node:process' || names === undefined) return;
    const list = StringPrototypeSplit(names, '\n');
    for (let i = 0; i < list.length; i++) {
      if (list[i] === '*' || isOfStart(list[i])) read(`process.${list[i]}`);
    }
  });
}

// Work that runs after the modules: at build time there is no such time.
function watchDelays() {
  reportCalls(process, 'nextTick', 'process.nextTick()', act);
  const timers = require('timers');
  for (const key of ['setTimeout', 'setInterval', 'setImmediate']) {
    reportCalls(globalThis, key, `${key}()`, act);
    reportCalls(timers, key, `${key}()`, act);
  }
  reportCalls(globalThis, 'queueMicrotask', 'queueMicrotask()', act);
}

// While a write is not performed, a stream keeps what is written next to it, without a native call.
function watchConsole() {
  const { console } = globalThis;
  for (const key of ReflectOwnKeys(console)) {
    if (typeof key === 'string' && key !== 'Console' && key !== 'context') {
      reportCalls(console, key, `console.${key}()`, act);
    }
  }
}

function watchLibrary() {
  for (const key of ['mark', 'measure', 'timerify', 'setResourceTimingBufferSize']) {
    reportCalls(globalThis.performance, key, `performance.${key}()`, act);
  }
  // Its stores are in native code.
  const { AsyncLocalStorage } = require('async_hooks');
  reportCalls(AsyncLocalStorage.prototype, 'enterWith', 'AsyncLocalStorage.enterWith()', act);
  reportCalls(process, 'emitWarning', 'process.emitWarning()', act);
  const { namespace } = require('internal/v8/startup_snapshot');
  reportCalls(namespace, 'isBuildingSnapshot', 'isBuildingSnapshot()', readByApp);
  reportReads(globalThis.performance, 'timeOrigin', 'performance.timeOrigin');
  reportCalls(globalThis.performance, 'toJSON', 'performance.toJSON()');
  const { navigator } = globalThis;
  if (navigator !== undefined) {
    for (const key of ['language', 'languages']) reportReads(navigator, key, `navigator.${key}`);
  }
}

// --- Stacks -----------------------------------------------------------------------------

// Error.prepareStackTrace of the app gets the frames of a stack as objects. Those of the module that
// is evaluated, and of what it has called, are the same whoever loads it; the others, and how many
// there are, are not. A module that keeps others would have those of the build.

const bakedNow = [];  // CommonJS modules that are being baked, the innermost last
const frames = [];  // [WeakRef of a frame, the module that was evaluated]

function watchFrame(site, use) {
  return new Proxy(site, {
    __proto__: null,
    get(target, key) {
      use();
      const value = target[key];
      return typeof value === 'function' ? FunctionPrototypeBind(value, target) : value;
    },
    getPrototypeOf(target) {
      use();
      return ObjectGetPrototypeOf(target);
    },
  });
}

function watchFrames(list, use) {
  const used = (operation) => (...args) => {
    use();
    return ReflectApply(operation, undefined, args);
  };
  return new Proxy(list, {
    __proto__: null,
    get(target, key, receiver) {
      if (key === 'slice') {
        return function slice(begin = 0, ...rest) {
          if (!(begin >= 0) || rest.length > 0) use();
          return watchFrames(ArrayPrototypeSlice(target, begin, ...new SafeArrayIterator(rest)), use);
        };
      }
      if (typeof key === 'symbol' || RegExpPrototypeExec(/^\d+$/, key) === null ||
          !ObjectHasOwn(target, key)) use();
      return ReflectGet(target, key, receiver);
    },
    has: used(ReflectHas),
    ownKeys: used(ReflectOwnKeys),
    getOwnPropertyDescriptor: used(ReflectGetOwnPropertyDescriptor),
    set: used(ReflectSet),
    deleteProperty: used(ReflectDeleteProperty),
    defineProperty: used(ReflectDefineProperty),
  });
}

// For the frames of a stack, innermost first: undefined if it ends within those of the module that is
// evaluated, otherwise an array that reports uses of the others.
function watchSites(sites, module) {
  if (run.isBaking) {
    // How they are loaded here is none of their doing: the run in the app's order has reported it.
    if (bakedNow.length === 0) return undefined;
    module = bakedNow[bakedNow.length - 1];
  }
  // The outermost frame of the module's code is that of its evaluation.
  let own = sites.length;
  while (own > 0) {
    const name = ReflectApply(sites[own - 1].getFileName, sites[own - 1], []);
    if (typeof name === 'string' && idOfScript(name) === module) break;
    own--;
  }
  const use = () => native.note('read', 'stack', '', module);
  const list = [];
  for (let i = 0; i < sites.length; i++) {
    if (i >= own) ArrayPrototypePush(frames, [new SafeWeakRef(sites[i]), module]);
    ArrayPrototypePush(list, i < own ? sites[i] : watchFrame(sites[i], use));
  }
  // A stack that was cut off does not end because nobody else has called.
  if (own === sites.length && own >= globalThis.Error.stackTraceLimit) return undefined;
  return watchFrames(list, use);
}

function reportKeptFrames() {
  if (frames.length === 0) return;
  native.collect();
  for (let i = 0; i < frames.length; i++) {
    const { 0: ref, 1: module } = frames[i];
    if (ref.deref() !== undefined) native.note('read', 'stack', '', module);
  }
}

// --- Which module is evaluated ----------------------------------------------------------

let watched;   // module -> modules whose objects are compared before and after its evaluation
let watch;     // of the surface
// Of the watched ones of the modules that are evaluated: [module, hashes, the same of those that were evaluated
// meanwhile: module -> hashes].
const hashes = [];

function checkSurface() {
  watch?.check((number, key) => native.write(`changes\t${number}\n`));
}

// A number among the modules: what only the surface leads to.
const kOfSurface = -1;

function watchedHashes(id) {
  const others = watched.get(id);
  if (others === undefined) return undefined;
  const modules = ArrayPrototypeFilter(others, (other) => other !== kOfSurface);
  const found = heapGraph.hashesOf(modules, run.own ? id : undefined);
  found.delete(kOfSurface);
  if (modules.length < others.length && watch !== undefined) found.set(kOfSurface, watch.hashesOfValues());
  return found;
}

// Whether the hash of an object has changed, or that of a property, in maps.
function isChanged(before, after) {
  if (typeof before === 'string') return before !== after;
  for (const { 0: property, 1: hash } of after) {
    if (before.has(property) && before.get(property) !== hash) return true;
  }
  return false;
}

// Compares the objects that the innermost module is watched for.
function compareWatched() {
  const innermost = hashes[hashes.length - 1];
  if (innermost?.[1] === undefined) return;
  const { 0: id, 1: before } = innermost;
  const after = watchedHashes(id);
  for (const { 0: other, 1: hash } of after) {
    const known = before.get(other);
    if (other !== id && known !== undefined && isChanged(known, hash)) {
      native.write(`modifies\t${id}\t${other}\n`);
    }
  }
  for (const { 0: other, 1: known } of innermost[2]) {
    if (heapGraph.hashesOf([other]).get(other) !== known) native.write(`modifies\t${id}\t${other}\n`);
  }
}

// A module that is evaluated while others are is not there when these begin.
function rememberEvaluated(id) {
  let hash;
  for (let i = 0; i < hashes.length - 1; i++) {
    const { 0: outer, 1: before, 2: later } = hashes[i];
    if (before === undefined || before.has(id) || later.has(id)) continue;
    if (!ArrayPrototypeIncludes(watched.get(outer), id)) continue;
    hash ??= heapGraph.hashesOf([id]).get(id);
    if (hash !== undefined) later.set(id, hash);
  }
}

function enter(id, loadsFirst) {
  checkSurface();
  if (run.own) compareWatched();
  // Code of a module that loads others first runs after beginBody().
  const waits = run.own && loadsFirst === true;
  ArrayPrototypePush(hashes, [id, waits ? undefined : watchedHashes(id), new SafeMap()]);
  if (watch !== undefined) watch.latest = undefined;
  native.enter(id, loadsFirst === true);
}

// Its own code runs next.
function beginBody(id) {
  if (run.own) hashes[hashes.length - 1][1] = watchedHashes(id);
  native.write(`body\t${id}\n`);
}

function leave(id, error) {
  checkSurface();
  compareWatched();
  if (!run.own) rememberEvaluated(id);
  ArrayPrototypePop(hashes);
  const outer = hashes[hashes.length - 1];
  if (run.own && outer?.[1] !== undefined) outer[1] = watchedHashes(outer[0]);
  if (watch !== undefined) watch.latest = undefined;
  return native.leave(id, error);
}

// While a module is evaluated that acts, what it gets is not what it would get. So its errors are
// not errors of the app, and those who load it go on.
function evaluate(id, body) {
  enter(id);
  try {
    body();
    leave(id);
    reportShape(id);
  } catch (error) {
    const swallows = leave(id, error);
    if (!swallows) throw error;
  }
}

const exportsOfModules = new SafeSet();

// What a placeholder for the exports must be (internal/kiln/placeholders). Those of exports that can be had
// otherwise, or that are not ordinary objects, could be told apart.
function reportShape(id) {
  if (table.kindOf(id) !== table.kCommonJs) return;
  const value = commonjs.state.cache[table.pathOf(id)]?.exports;
  const shape = commonjs.shapeOf(value);
  if (shape === 0 || exportsOfModules.has(value)) return;
  exportsOfModules.add(value);
  if (heapGraph.isOrdinary(value)) native.write(`shape\t${id}\t${shape}\n`);
}

function requires(parent, id) {
  const from = table.idOf(parent?.filename);
  native.requires(from ?? -1, id);
}

// --- ES modules -------------------------------------------------------------------------

// Evaluates the modules of a graph one after the other in V8's order, so that each is known. Those
// of a cycle are evaluated together: V8 may evaluate another one first if they are not.

let cycleOf;  // ModuleWrap -> number of its cycle, for modules in cycles

function findCycles(root) {
  const state = new SafeMap();  // wrap -> { index, low, onStack }
  const stack = [];
  let count = 0;
  const visit = (wrap) => {
    const index = state.size;
    const mine = { __proto__: null, index, low: index, onStack: true };
    MapPrototypeSet(state, wrap, mine);
    ArrayPrototypePush(stack, wrap);
    const linked = linkedModules(wrap);
    let isSelf = false;
    for (let i = 0; i < linked.length; i++) {
      const next = linked[i];
      if (next === wrap) isSelf = true;
      const known = MapPrototypeGet(state, next);
      if (known === undefined) {
        if (next.synthetic) continue;
        visit(next);
        mine.low = MathMin(mine.low, MapPrototypeGet(state, next).low);
      } else if (known.onStack) {
        mine.low = MathMin(mine.low, known.index);
      }
    }
    if (mine.low !== mine.index) return;
    const members = [];
    let member;
    do {
      member = ArrayPrototypePop(stack);
      MapPrototypeGet(state, member).onStack = false;
      ArrayPrototypePush(members, member);
    } while (member !== wrap);
    if (members.length === 1 && !isSelf) return;
    count++;
    for (let i = 0; i < members.length; i++) MapPrototypeSet(cycleOf, members[i], count);
  };
  visit(root);
}

function idOfWrap(wrap) {
  return require('internal/kiln/esm').idOfURL(wrap.url);
}

// The functions that a module exports before it is evaluated.
function exportedFunctions(wrap) {
  const namespace = wrap.getNamespace();
  const functions = [];
  for (const key of ReflectOwnKeys(namespace)) {
    try {
      if (typeof namespace[key] === 'function') ArrayPrototypePush(functions, namespace[key]);
    } catch {
      // It is uninitialized.
    }
  }
  return functions;
}

// Whether functions and their prototypes have no properties that were added.
function areUnchanged(functions) {
  for (const func of new SafeArrayIterator(functions)) {
    const keys = ReflectOwnKeys(func);
    for (let i = 0; i < keys.length; i++) {
      if (!ArrayPrototypeIncludes(kOfFunctions, keys[i])) return false;
    }
    const prototype = ReflectGetOwnPropertyDescriptor(func, 'prototype')?.value;
    if (prototype !== undefined && ReflectOwnKeys(prototype).length > 1) return false;
  }
  return true;
}

const kOfFunctions = ['length', 'name', 'arguments', 'caller', 'prototype'];

function evaluateGraph(root) {
  if (root.synthetic || root.getStatus() > kInstantiated) return;
  cycleOf = new SafeMap();
  findCycles(root);
  const seen = new SafeSet();
  const visit = (wrap, isRoot) => {
    if (seen.has(wrap) || wrap.getStatus() > kInstantiated) return;
    seen.add(wrap);
    const id = idOfWrap(wrap);
    if (wrap.synthetic) {
      if (wrap.isCommonJS) wrap.evaluateSync();
      return;
    }
    enter(id, !MapPrototypeHas(cycleOf, wrap));
    reportProcessImports(id);
    // The baked one is the instance that is linked with the start (internal/kiln/link).
    if (wrap === require('internal/kiln/esm').completeWraps[id]) act('a second instance of it');
    let error;
    const linked = linkedModules(wrap);
    for (let i = 0; i < linked.length; i++) {
      const to = linked[i].isCommonJS || !linked[i].synthetic ? idOfWrap(linked[i]) : undefined;
      if (to !== undefined) native.requires(id, to);
    }
    try {
      if (MapPrototypeHas(cycleOf, wrap)) {
        reportCycle(wrap, seen);
        native.cycle(true);
        try {
          evaluateWrap(wrap, id);
        } finally {
          native.cycle(false);
        }
      } else {
        for (let i = 0; i < linked.length; i++) visit(linked[i], false);
        beginBody(id);
        const functions = exportedFunctions(wrap);
        if (!wrap.hasAsyncGraph || wrap.hasTopLevelAwait) evaluateWrap(wrap, id);
        else native.awaits(id);
        if (areUnchanged(functions)) native.write(`shape\t${id}\t2\n`);
      }
    } catch (thrown) {
      error = thrown;
    }
    if (!leave(id, error) && error !== undefined && !isRoot) throw error;
  };
  try {
    visit(root, true);
  } catch {
    // It is thrown again by who evaluates the root.
  }
}

function evaluateWrap(wrap, id) {
  if (wrap.hasAsyncGraph) {
    native.awaits(id);
    PromisePrototypeThen(wrap.evaluate(-1, false), undefined, () => {});
  } else {
    wrap.evaluateSync();
  }
}

// The modules below one of a cycle, in the order in which V8 evaluates them.
function reportCycle(wrap, seen) {
  const linked = linkedModules(wrap);
  for (let i = 0; i < linked.length; i++) {
    const next = linked[i];
    if (seen.has(next) || next.getStatus() > kInstantiated) continue;
    if (next.synthetic) continue;  // reported when it is evaluated
    seen.add(next);
    const id = idOfWrap(next);
    enter(id);
    reportProcessImports(id);
    const below = linkedModules(next);
    for (let k = 0; k < below.length; k++) {
      const to = below[k].isCommonJS || !below[k].synthetic ? idOfWrap(below[k]) : undefined;
      if (to !== undefined) native.requires(id, to);
    }
    reportCycle(next, seen);
    leave(id);
  }
}

// --- Start ------------------------------------------------------------------------------

const kEnd = 0, kRun = 1, kRunRecorded = 2;  // snapshot_builder/bake.cc

// What the plan says about a run (snapshot/take.h).
const run = {
  __proto__: null,
  local: [],        // baked modules that local guards decide about
  surface: [],      // numbers of objects of the surface that are compared at each module
  deep: false,      // with what their properties lead to
  world: 1,         // 2: another clock
  own: false,       // what a module loads is not compared with it
  watches: false,   // what is left at the end is not recorded
  bakes: false,     // the app is not run
  calls: false,     // which functions it calls is recorded
  isBaking: false,  // modules are being evaluated before the app begins
};

function readPlan(lines) {
  watched = new SafeMap();
  for (let i = 0; i < lines.length; i++) {
    const { 0: key, 1: number, 2: other } = lines[i];
    switch (key) {
      case 'watch':
        if (!watched.has(number)) watched.set(number, []);
        ArrayPrototypePush(watched.get(number), other);
        break;
      case 'below':
      case 'late':
      case 'shape':
        break;
      case 'surface':
      case 'local':
        ArrayPrototypePush(run[key], number);
        break;
      default:
        run[key] = number;
    }
  }
  if (run.surface.length > 0) {
    watch = new heapGraph.SurfaceWatch(run.surface, run.deep);
  }
}

// The stream itself is part of the process. Before the line "baked" only baked modules have kept one.
function keptStream(owner, object) {
  const fd = ArrayPrototypeIndexOf(streams, object);
  native.write(`read\tprocess.${kStreams[fd]}\tand keeps it\t${owner}\t\t0\t0\n`);
}

let errors;  // before modules are evaluated

// Before any run, which is a copy of the process: what the plan makes no difference to. `to`: what is reported to.
function prepare(to) {
  native = to;
  require('internal/kiln/start').patchProcess();
  watchDate();
  reportCalls(globalThis.Math, 'random', 'Math.random()');
  watchLocale();
  watchAdditions();
  watchProcess();
  watchDelays();
  watchLibrary();
  watchConsole();
  // They are loaded when something needs them, which is not seen. Their variables are compared, too.
  require('buffer');
  require('diagnostics_channel');
  heapGraph.begin(native);
  errors = require('internal/kiln/bake').findErrors();
}

// Before a run: compiles CommonJS modules that other runs evaluate, too, so that it is done once.
function precompile(ids) {
  for (let i = 0; i < ids.length; i++) commonjs.precompile(ids[i]);
}

// Begins to report and bakes modules (internal/kiln/bake). Returns what is to be done then: kEnd;
// or kRun, to call runApp(); or kRunRecorded, after Observer::RecordCalls.
function start(order, baked, lines) {
  readPlan(lines);
  native.begin();
  const { builtinLoaded } = heapGraph;
  if (order.length > 0) {
    let isGivenUp = false;
    run.isBaking = true;
    native.bakes(true);
    require('internal/kiln/bake').bake(order, baked, lines, native, {
      __proto__: null,
      builtinLoaded,
      errors,
      discardsCode: run.calls,
      reports(line) {
        native.write(line);
        isGivenUp = true;
      },
      begins: (id) => ArrayPrototypePush(bakedNow, id),
      ends: () => ArrayPrototypePop(bakedNow),
      evaluated: () => {
        native.write(`${heapGraph.hashAll(streams, keptStream)}baked\n`);
        if (run.local.length > 0) {
          native.write(`${heapGraph.hashAll(undefined, undefined, run.local)}lasting\n`);
        }
      },
    });
    run.isBaking = false;
    native.bakes(false);
    if (isGivenUp) return kEnd;
  }
  if (run.bakes) return kEnd;
  if (!run.calls) return kRun;
  // What is evaluated from now on is compiled from now on.
  commonjs.forgetPrecompiled();
  return kRunRecorded;
}

// Runs the app as at its start.
function runApp() {
  const { builtinLoaded } = heapGraph;
  commonjs.observe({ __proto__: null, evaluate, requires, evaluateGraph, builtinLoaded, asks: read, quietly });
  const evaluation = require('internal/kiln/bundle').start();
  if (evaluation !== undefined) PromisePrototypeThen(evaluation, undefined, () => {});
}

// After the run: hashes of all that its modules have left.
function finish() {
  reportKeptFrames();
  if (!run.bakes && !run.watches) native.write(heapGraph.hashAll());
}

// The number of the module whose code has this script name; undefined if there is none.
function idOfScript(name) {
  return table.idOf(name) ?? require.peek('internal/kiln/esm', 'idOfURL')?.(name);
}

module.exports = { prepare, precompile, start, runApp, finish, idOfScript, watchSites };
