'use strict';

// internal/kiln/commonjs: the CommonJS and JSON modules of the bundle, and require() in them.
// Module objects have the properties of Node's. Node's own loader is loaded only when the app needs
// it (internal/kiln/node_loader); from then on both share one cache, and Node's loader takes
// modules of the bundle from here. So there is one instance of a module, whichever way it is loaded.

const {
  ArrayIsArray,
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  Error,
  FunctionPrototype,
  JSONParse,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  ObjectSetPrototypeOf,
  ReflectApply,
  SafeMap,
  SafeSet,
  StringPrototypeCharCodeAt,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} = primordials;

const { BuiltinModule } = require('internal/bootstrap/realm');
const table = require('internal/kiln/table');
const {
  module_first_parent_private_symbol: kFirstParent,
  module_last_parent_private_symbol: kLastParent,
} = internalBinding('util').privateSymbols;
const { async_hook_fields: hookFields, constants: { kInit } } = internalBinding('async_wrap');

let bodies = [];  // functions of CommonJS modules, by number; others are compiled when they run
let mainModule;
// What differs between the two forms of ES modules: requireEsm(id, module, parent), importer(id).
let esm;

function esmForm() {
  return esm ??= require('internal/kiln/esm');
}

// In the snapshot builder: watches what is loaded, and by whom (internal/kiln/observe, bake).
let observer;

// Replaced by internal/kiln/node_loader once Node's loader is loaded.
const state = {
  __proto__: null,
  cache: { __proto__: null },  // path -> module; then Node's own
  NodeModule: undefined,
  isReplaced: undefined,  // has the app replaced functions of Module, or registered hooks?
  isPatched: undefined,   // has it replaced functions?
  hasBaked: false,        // were modules evaluated when the app was built?
  hasSkipped: false,      // do ES modules of them import others that were not?
  rememberMap: undefined,  // of internal/kiln/source_maps, while the app has enabled source maps
};

function dirname(path) {
  return StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/')) || '/';
}

function nodeModule() {
  return state.NodeModule ?? require('internal/kiln/node_loader').nodeModule();
}

// --- Node's own modules ---------------------------------------------------------------

const builtinExports = new SafeSet();

function isBuiltin(request) {
  return BuiltinModule.normalizeRequirableId(request) !== undefined;
}

function builtin(request) {
  const id = BuiltinModule.normalizeRequirableId(request) ?? request;
  if (id === 'module') nodeModule();
  const found = BuiltinModule.map.get(id);
  if (found === undefined) throw new Error(`No such built-in module: ${request}`);
  const exports = found.compileForPublicLoader();
  builtinExports.add(exports);
  observer?.builtinLoaded?.();
  return exports;
}

// --- Modules --------------------------------------------------------------------------

function BundledModule(path, parent) {
  this.id = path;
  this.path = dirname(path);
  this.exports = {};
  this.filename = path;
  this.loaded = false;
  this.children = [];
  this[kFirstParent] = parent;
  this[kLastParent] = parent;
  if (parent) adopt(parent, this);
}

function adopt(parent, child) {
  const children = parent.children;
  if (children && ArrayPrototypeIndexOf(children, child) === -1) {
    ArrayPrototypePush(children, child);
  }
}

// The prototype of modules until Node's loader is loaded. Afterwards it inherits from
// Module.prototype and keeps only its own `paths` and `parent`.
const prototype = {
  require(request) {
    return requireFrom(this, table.idOf(this.filename), request);
  },
  get constructor() {
    return nodeModule();
  },
  get _compile() {
    return nodeModule().prototype._compile;
  },
  get load() {
    return nodeModule().prototype.load;
  },
  get parent() {
    observer?.asks('module.parent');
    return this[kFirstParent];
  },
  set parent(value) {
    this[kFirstParent] = value;
  },
  get paths() {
    const paths = [];
    let folder = this.path;
    while (true) {
      const name = StringPrototypeSlice(folder, StringPrototypeLastIndexOf(folder, '/') + 1);
      if (name !== 'node_modules') {
        ArrayPrototypePush(paths, `${folder === '/' ? '' : folder}/node_modules`);
      }
      if (folder === '/') break;
      folder = dirname(folder);
    }
    this.paths = paths;
    return paths;
  },
  set paths(value) {
    ObjectDefineProperty(this, 'paths', {
      __proto__: null, value, writable: true, enumerable: true, configurable: true,
    });
  },
};
BundledModule.prototype = prototype;

const requirePrototype = {
  __proto__: FunctionPrototype,
  get cache() {
    observer?.asks('require.cache');
    return nodeModule()._cache;
  },
  get extensions() {
    return nodeModule()._extensions;
  },
};

function makeRequire(module, id) {
  const require = makeRequireFunction(module, id);
  require.resolve = makeResolve(module, id);
  require.main = mainModule;
  ObjectSetPrototypeOf(require, requirePrototype);
  return require;
}

function makeResolve(module, id) {
  function resolve(request, options) {
    const target = table.targetOf(id, false, request);
    if (typeof target === 'number' && !options?.paths && !state.isReplaced?.()) {
      return table.pathOf(target);
    }
    if (typeof request === 'string' && !state.isReplaced?.() && isBuiltin(request)) return request;
    return require('internal/kiln/node_loader').resolveFrom(module, request, options);
  }
  resolve.paths = function paths(request) {
    require('internal/validators').validateString(request, 'request');
    return nodeModule()._resolveLookupPaths(request, module);
  };
  return resolve;
}

function addonError(text) {
  const error = new Error(text);
  error.code = 'ERR_DLOPEN_FAILED';
  return error;
}

function requireFrom(module, id, request) {
  if (again?.module === module && again.left > 0) {
    const result = loadedBefore(id, request);
    if (result !== undefined) return result.exports;
  }
  if (state.isReplaced?.()) {
    // The app has replaced functions of Module (instrumentation, mocks), so they are called.
    return ReflectApply(nodeModule().prototype.require, module, [request]);
  }
  const target = table.targetOf(id, false, request);
  if (typeof target === 'number') {
    return observer?.require === undefined ? load(target, module) : observer.require(target, module);
  }
  if (typeof target === 'string') {
    if (StringPrototypeCharCodeAt(target, 0) === 33 /* ! */) {
      throw addonError(StringPrototypeSlice(target, 1));
    }
    return builtin(target);
  }
  if (typeof request === 'string' && isBuiltin(request)) return builtin(request);
  return ReflectApply(nodeModule().prototype.require, module, [request]);
}

// --- Baked modules ---------------------------------------------------------------------

// The modules that were evaluated when the app was built (internal/kiln/bake): path -> module. One
// of them gets into the cache, with those that it has loaded, when something loads it, as if it had
// been evaluated then. Undefined if there are none.
let baked;

// Those of them that have loaded modules which are evaluated at start, without using their exports:
// path -> { loads, shapes, variables }. `loads` are a baked module's object or the number of
// another one, in the order in which they were loaded; `shapes` are those of the exports of the
// latter. `variables` hold such exports: [function, depth, slot, number of the module, ...] for
// setClosureVariable(). They are undefined until the module is activated.
let waiting;
let contextOffset;

// The ES modules that CommonJS modules among them have loaded: path -> number. Undefined if there are none.
let required;

// Those that hold values of the start: path -> variables (internal/kiln/late_values).
let lateValues;

// What code can see of a value without asking for a property.
function shapeOf(value) {
  if (typeof value === 'function') return 1;
  if (ArrayIsArray(value)) return 3;
  return isObject(value) ? 2 : 0;
}

// Whether a module would load now what it has loaded when it was baked: no mock in the cache, and
// nothing that was deleted from it.
function isCurrent(module, seen = new SafeSet()) {
  seen.add(module);
  const { children } = module;
  for (let i = 0; i < children.length; i++) {
    const child = children[i];
    const cached = state.cache[child.filename];
    if (cached === child || seen.has(child)) continue;
    if (cached !== undefined || baked[child.filename] !== child || !isCurrent(child, seen)) {
      return false;
    }
  }
  const late = waiting?.[module.filename];
  if (late === undefined) return true;
  for (let i = 0; i < late.loads.length; i++) {
    if (typeof late.loads[i] !== 'number') continue;
    const cached = state.cache[table.pathOf(late.loads[i])];
    if (cached !== undefined && shapeOf(cached.exports) !== late.shapes[i]) return false;
  }
  return true;
}

// Whether baked modules would be the same if they were evaluated now. If a local guard does not hold,
// those that this concerns are no longer baked. A hook of async_hooks must get what modules make.
function isAsAssumed() {
  if (hookFields[kInit] !== 0) return false;
  const { whatHolds, kAllButLocal, kAll } = require('internal/kiln/assumed_process');
  const holds = whatHolds();
  if (holds === kAllButLocal) dropLocal();
  return holds === kAll || holds === kAllButLocal;
}

let dropped;  // paths of these modules

// They have left no traces in other baked modules (RefuseLocalGuards in baking/bake_app.cc), and no other
// one has loaded them.
function dropLocal() {
  if (dropped !== undefined || baked === undefined) return;
  dropped = { __proto__: null };
  const numbers = internalBinding('kiln').localModules();
  for (let i = 0; i < numbers.length; i++) {
    const path = table.pathOf(numbers[i]);
    dropped[path] = true;
    delete baked[path];
    if (waiting !== undefined) delete waiting[path];
  }
}

function activate(path, parent) {
  if (baked?.[path] === undefined) return;
  const isAsBaked = isAsAssumed();
  const module = baked[path];
  if (module === undefined) return;
  if (!isAsBaked || !isCurrent(module) || !setLateValues(module)) {
    baked = undefined;  // others may have been changed by it: all are evaluated from their texts
    return;
  }
  activateTree(module, parent);
  return module;
}

// For the modules that activateTree() activates without running code of the app. Returns false if a
// value cannot be had: then the code that asks for it must throw.
function setLateValues(module, seen = new SafeSet()) {
  const path = module.filename;
  // A module that waits has no such values.
  if (lateValues === undefined || seen.has(module) || waiting?.[path] !== undefined) return true;
  seen.add(module);
  try {
    setLateValuesOf(path);
  } catch {
    return false;
  }
  const { children } = module;
  for (let i = 0; i < children.length; i++) {
    const child = children[i];
    if (baked[child.filename] === child && !setLateValues(child, seen)) return false;
  }
  return true;
}

// Throws what process.cwd() throws.
function setLateValuesOf(path) {
  const list = lateValues?.[path];
  if (list === undefined) return;
  delete lateValues[path];
  const { set } = require('internal/kiln/late_values');
  if (observer?.quietly === undefined) set(list, contextOffset);
  else observer.quietly(() => set(list, contextOffset));
}

// Returns whether the exports are those that were baked. Throws what a module throws that is
// evaluated now.
function activateTree(module, parent) {
  const path = module.filename;
  delete baked[path];
  state.cache[path] = module;
  if (state.rememberMap !== undefined) rememberMap(module, table.idOf(path));
  if (parent !== undefined) {
    module[kFirstParent] = parent;
    module[kLastParent] = parent;
    adopt(parent, module);
  }
  const esm = required?.[path];
  if (esm !== undefined) require('internal/kiln/esm').activateImportsOf(esm);
  const late = waiting?.[path];
  if (late !== undefined) return activateWaiting(module, late, parent);
  const { children } = module;
  for (let i = 0; i < children.length; i++) {
    if (baked?.[children[i].filename] === children[i]) activateTree(children[i]);
  }
  return true;
}

// Loads what the module has loaded, in that order, and then sets its variables. Meanwhile it looks as
// if it were being evaluated.
function activateWaiting(module, { loads, shapes, variables }, parent) {
  const id = table.idOf(module.filename);
  delete waiting[module.filename];
  ArrayPrototypeSplice(module.children, 0);
  module.loaded = false;
  const results = new SafeMap();
  running.add(id);
  let isIntact;
  try {
    isIntact = activateLoads(module, loads, shapes, results);
  } finally {
    running.delete(id);
  }
  if (!isIntact) {
    evaluateAgain(module, id, results, parent);
    return false;
  }
  const { setClosureVariable } = internalBinding('kiln');
  for (let i = 0; i < variables.length; i += 4) {
    const { exports } = results.get(variables[i + 3]);
    setClosureVariable(contextOffset, variables[i], variables[i + 1], variables[i + 2], exports);
  }
  module.loaded = true;
  return true;
}

// Fills `results`: number of a module -> { exports, error, threw }. Returns false at the first one
// that is not what the baked module has loaded: it must be evaluated again.
function activateLoads(module, loads, shapes, results) {
  for (let i = 0; i < loads.length; i++) {
    const result = { __proto__: null, exports: undefined, error: undefined, threw: false };
    if (typeof loads[i] === 'number') {
      results.set(loads[i], result);
      try {
        result.exports = load(loads[i], module);
      } catch (error) {
        result.error = error;
        result.threw = true;
        return false;
      }
      if (shapeOf(result.exports) !== shapes[i]) return false;
    } else {
      const child = loads[i];
      const cached = state.cache[child.filename];
      let isIntact = true;
      if (cached === undefined) {
        if (baked?.[child.filename] !== child || !setLateValues(child)) return false;
        results.set(table.idOf(child.filename), result);
        try {
          isIntact = activateTree(child, module);
        } catch (error) {
          result.error = error;
          result.threw = true;
          return false;
        }
      } else {
        if (cached !== child) return false;
        results.set(table.idOf(child.filename), result);
        adopt(module, child);
        child[kLastParent] = module;
      }
      result.exports = child.exports;
      if (!isIntact) return false;
    }
    // The code that has just run may have changed what the module asks, or the loader.
    if (!isAsAssumed() || state.isReplaced?.()) return false;
    if (dropped?.[module.filename]) return false;
  }
  return true;
}

// The module that is evaluated again, with what it has loaded before that: { module, results, left }.
let again;

// Others that have objects of it wait, too, and are evaluated again when they get other exports. It has
// changed no objects of others.
function evaluateAgain(module, id, results, parent) {
  module.exports = {};
  const outer = again;
  again = { __proto__: null, module, results, left: results.size };
  let threw = true;
  try {
    if (observer === undefined) enterRequire(module, id, parent);
    else observer.evaluate(id, () => enterRequire(module, id, parent));
    threw = false;
  } finally {
    again = outer;
    if (threw) discard(module, parent);
  }
  module.loaded = true;
}

// The result of a require() that was made already when the module was activated.
function loadedBefore(id, request) {
  const target = table.targetOf(id, false, request);
  if (typeof target !== 'number') {
    if (typeof request !== 'string' || !isBuiltin(request)) return;
    return { __proto__: null, exports: builtin(request) };
  }
  const result = again.results.get(target);
  if (result === undefined) return;
  if (!result.taken) again.left--;
  result.taken = true;
  if (!result.threw) return result;
  again.results.delete(target);
  throw result.error;
}

function discard(module, parent) {
  delete state.cache[module.filename];
  const at = parent?.children ? ArrayPrototypeIndexOf(parent.children, module) : -1;
  if (at !== -1) ArrayPrototypeSplice(parent.children, at, 1);
}

// Returns the exports of a CommonJS, JSON or ES module for a require() in `parent`. `enter` is the
// function of Node's loader that a new module is evaluated through.
function load(id, parent, enter = enterRequire) {
  const path = table.pathOf(id);
  const kind = table.kindOf(id);
  observer?.requires(parent, id);
  const existing = state.cache[path];
  if (existing === undefined && baked !== undefined) {
    const module = activate(path, parent);
    if (module !== undefined) return module.exports;
  }
  if (existing !== undefined) {
    if (parent) {
      adopt(parent, existing);
      existing[kLastParent] = parent;
    }
    if (!existing.loaded) {
      if (kind === table.kEsm) esmForm().throwIfCycle?.(id, existing, parent);
      else warnOfCycles(existing);
    }
    return existing.exports;
  }
  // With --import Node's loader of ES modules starts the entry.
  const isMain = enter === enterImport && mainModule === undefined && id === table.mainId();
  const module = isMain ? makeMain(id) : new BundledModule(path, parent);
  state.cache[path] = module;
  let threw = true;
  try {
    // Node takes the file for JavaScript, unless require.extensions has a function for it.
    if (kind === table.kWasm) ReflectApply(nodeModule().prototype.load, module, [path]);
    else if (kind === table.kEsm || observer === undefined) enter(module, id, parent);
    else observer.evaluate(id, () => enter(module, id, parent));
    threw = false;
  } finally {
    if (threw) {
      discard(module, parent);
    } else if (cycleWarnings !== undefined && isObject(module.exports) &&
               internalBinding('util').getProxyDetails(module.exports, false) === undefined &&
               ObjectGetPrototypeOf(module.exports) === cycleWarnings) {
      ObjectSetPrototypeOf(module.exports, ObjectPrototype);
    }
  }
  module.loaded = true;
  return module.exports;
}

function compile(id, path) {
  return internalBinding('contextify')
    .compileFunctionForCJSLoader(table.sourceOf(id), path, false, false).function;
}

function jsonText(path) {
  const text = internalBinding('bundled_modules').fileText(path) ??
               require('fs').readFileSync(path, 'utf8');
  return StringPrototypeCharCodeAt(text, 0) === 0xFEFF ? StringPrototypeSlice(text, 1) : text;
}

function parseJson(path) {
  try {
    return JSONParse(jsonText(path));
  } catch (error) {
    error.message = `${path}: ${error.message}`;
    throw error;
  }
}

// --- Evaluation -----------------------------------------------------------------------

// A module is evaluated through functions that look like those of Node's loader in stacks
// (internal/frames/). They call these functions, which are not in stacks.

let frames;  // internal/frames/modules/cjs/loader

function loaderFrames() {
  return frames ??= require('internal/frames/modules/cjs/loader');
}

function enterRequire(module, id, parent) {
  loaderFrames().module.require(module, id, parent);
}

function enterImport(module, id) {
  const { wrapModuleLoad } = loaderFrames();
  wrapModuleLoad(module, id);
}

function enterJson(module, id) {
  module.exports = parseJson(table.pathOf(id));
}

let mainScript;  // internal/frames/main/run_main_module, a function

function prepareMain() {
  if (mainScript !== undefined) return;
  const { executeUserEntryPoint } = require('internal/frames/modules/run_main');
  loaderFrames().Module.runMain = executeUserEntryPoint;
  mainScript = internalBinding('builtins').compileFunction('internal/frames/main/run_main_module');
}

function enterMain(module, id) {
  prepareMain();
  const { Module } = frames;
  ReflectApply(mainScript, undefined, [{ __proto__: null, Module, self: module, id }]);
}

let makeRequireFunction = (module, id) => {
  ({ makeRequireFunction } = require('internal/frames/modules/helpers'));
  return makeRequireFunction(module, id);
};

const running = new SafeSet();  // numbers of modules

// Runs a CommonJS, JSON or ES module. `module` may also be an object created by Node's loader.
function evaluate(module, id, parent) {
  if (process.mainModule === module) mainModule = module;
  if (baked !== undefined) delete baked[table.pathOf(id)];
  const { _extensions: extensions } = loaderFrames().Module;
  extensions[table.kindOf(id) === table.kJson ? '.json' : '.js'](module, id, parent);
}

function bodyOf(id) {
  return bodies[id] ??= compile(id, table.pathOf(id));
}

const precompiled = [];  // numbers of modules

// In the snapshot builder: compiles a module's function before something needs it. A SyntaxError is thrown then.
function precompile(id) {
  if (table.kindOf(id) !== table.kCommonJs || bodies[id] !== undefined) return;
  try {
    bodyOf(id);
    ArrayPrototypePush(precompiled, id);
  } catch {
    // The module is compiled again when it is evaluated.
  }
}

// Discards the functions of modules that have not been evaluated.
function forgetPrecompiled() {
  for (let i = 0; i < precompiled.length; i++) {
    const path = table.pathOf(precompiled[i]);
    if (state.cache[path] === undefined && baked?.[path] === undefined) bodies[precompiled[i]] = undefined;
  }
}

function rememberMap(module, id) {
  if (table.kindOf(id) !== table.kCommonJs) return;
  const url = internalBinding('source_maps').mappingURL(bodyOf(id));
  state.rememberMap(module, id, table.pathOf(id), url);
}

function argumentsOf(module, id, body) {
  const path = table.pathOf(id);
  if (state.rememberMap !== undefined) rememberMap(module, id);
  const args = [module.exports, makeRequire(module, id), module, path, dirname(path)];
  if (body.length > 5) ArrayPrototypePush(args, esmForm().importer(id));
  return args;
}

// --- Cycles ---------------------------------------------------------------------------

// As in Node, the exports of a module that still runs warn of properties that they do not have.
let cycleWarnings;

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

function warnOfCycles(module) {
  const { exports } = module;
  if (!isObject(exports) || internalBinding('util').getProxyDetails(exports, false) !== undefined ||
      ObjectGetPrototypeOf(exports) !== ObjectPrototype || exports.__esModule) return;
  cycleWarnings ??= require('internal/kiln/cycles').prototype;
  ObjectSetPrototypeOf(exports, cycleWarnings);
}

// Makes the module object of the entry, which modules see as require.main.
function makeMain(id) {
  const module = mainModule = new BundledModule(table.pathOf(id), null);
  module.id = '.';
  ObjectDefineProperty(process, 'mainModule', {
    __proto__: null, value: module, writable: true, enumerable: true, configurable: true,
  });
  return module;
}

// Runs the entry, a CommonJS module.
function runMain(id) {
  // A module of --require may have replaced functions of Node's loader, or registered hooks.
  if (state.isReplaced?.() && !internalBinding('kiln').isLinkedScope()) {
    return void nodeModule().runMain(table.pathOf(id));
  }
  const module = mainModule ?? makeMain(id);
  state.cache[module.filename] = module;
  if (baked !== undefined) delete baked[module.filename];
  if (observer === undefined) enterMain(module, id);
  else observer.evaluate(id, () => enterMain(module, id));
  module.loaded = true;
}

// In the snapshot builder: calls what a start calls, with an empty module, so that its bytecode is in
// the snapshot.
function rehearse() {
  bodies[0] = (exports, require, module, __filename, __dirname) => {};
  runMain(0);
  delete state.cache[mainModule.filename];
  if (table.count() > 1) {
    load(0, mainModule);
    delete state.cache[mainModule.filename];
  }
  mainModule = undefined;
  delete process.mainModule;
}

module.exports = {
  state,
  BundledModule,
  prototype,
  builtin,
  builtinExports,
  isBuiltin,
  dirname,
  load,
  loadForImport(id) {
    if (!state.isPatched?.()) return load(id, undefined, enterImport);
    return require('internal/kiln/node_loader').loadForImport(table.pathOf(id));
  },
  evaluate,
  shapeOf,
  parseJson,
  makeRequire,
  nodeModule,
  addonError,
  enterJson,
  isRunning: (id) => running.has(id),
  // For internal/frames/.
  requireFrom,
  bodyOf,
  argumentsOf,
  jsonText,
  isJson: (id) => table.kindOf(id) === table.kJson,
  isEsm: (id) => table.kindOf(id) === table.kEsm,
  begin(id) {
    running.add(id);
  },
  end(id) {
    running.delete(id);
  },
  useEsm(form) {
    esm = form;
  },
  useBodies(functions) {
    bodies = functions;
  },
  // Compiles a module's function, and with `keep` keeps it for its first use. Throws a SyntaxError.
  compile(id, keep) {
    const body = compile(id, table.pathOf(id));
    if (!keep) return;
    if (id === 0) rehearse();
    bodies[id] = body;
  },
  precompile,
  forgetPrecompiled,
  requireEsm: (id, module, parent) => esmForm().requireEsm(id, module, parent),
  main: runMain,
  makeMain,
  observe(by) {
    observer = by;
  },
  observer: () => observer,
  // For Node's loader. Once the app has replaced functions of it, they load each module.
  activate(path, parent) {
    if (baked === undefined || state.isReplaced?.()) return;
    return activate(path, parent);
  },
  modulePrototype: prototype,
  isBundledModule: (object) => ObjectGetPrototypeOf(object) === prototype,
  // Of an ES module.
  setLateValuesOf,
  // A baked module that has not been loaded at start.
  bakedModule: (path) => baked?.[path],
  // For internal/kiln/bake: what has been loaded becomes baked. `late`: waiting.
  // `skipped`: whether ES modules import others that are evaluated at start; `values`: lateValues.
  bakeLoaded(late, offset, skipped, values) {
    state.hasSkipped = skipped;
    baked = { __proto__: null };
    waiting = late;
    contextOffset = offset;
    if (ObjectKeys(values).length > 0) lateValues = values;
    state.hasBaked = true;
    const paths = ObjectKeys(state.cache);
    for (let i = 0; i < paths.length; i++) {
      baked[paths[i]] = state.cache[paths[i]];
      delete state.cache[paths[i]];
      const id = table.idOf(paths[i]);
      if (id === undefined || table.kindOf(id) !== table.kEsm) continue;
      required ??= { __proto__: null };
      required[paths[i]] = id;
    }
  },
};
