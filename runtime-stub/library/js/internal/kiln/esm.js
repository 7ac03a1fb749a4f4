'use strict';

// internal/kiln/esm: the ES modules of the bundle, each one of V8's own modules. They are compiled,
// linked and instantiated when the snapshot is taken (internal/kiln/link); this module evaluates
// them, and implements import(), import.meta and require() for them without Node's loader. What is
// out of the ordinary (hooks, names that the bundler did not resolve, WebAssembly, data: URLs,
// attributes, errors) goes through Node's own loader, which takes the bundle's modules from here:
// there is one ModuleWrap for each.

const {
  ArrayPrototypePush,
  ObjectHasOwn,
  ObjectKeys,
  PromisePrototypeThen,
  PromiseResolve,
  SafeArrayIterator,
  SafePromiseAllReturnVoid,
  SafeSet,
  SafeWeakSet,
  StringPrototypeCharCodeAt,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
  SyntaxError,
  globalThis,
} = primordials;

const { BuiltinModule } = require('internal/bootstrap/realm');
const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const { fileURL, placeOf, placeNamed } = require('internal/kiln/specifiers');
const { importer } = require('internal/frames/modules/esm/loader');
const { syncJob } = require('internal/frames/modules/esm/module_job');
const { asyncRunEntryPointWithESMLoader } = require('internal/frames/modules/run_main');
const {
  ModuleWrap,
  kErrored,
  kEvaluated,
  kEvaluating,
  kEvaluationPhase,
  kInstantiated,
  createRequiredModuleFacade,
  linkedModules,
  setBundledModuleWraps,
} = internalBinding('module_wrap');
const {
  source_text_module_default_hdo: kModuleImports,
  vm_dynamic_import_default_internal: kScriptImports,
} = internalBinding('symbols');

// The modules that exist, by number: source text modules, and synthetic ones for CommonJS and JSON.
const wraps = [];
// Complete instances of partial modules (internal/kiln/link), by number.
const completeWraps = [];
// Synthetic modules of builtins with the names that the bundle's import statements use, by id.
const builtinWraps = { __proto__: null };
// Those of them whose values are known only when the app starts.
const builtinsAtStart = [];

// All ModuleWraps that are made here: V8's callbacks find a module's wrapper through this list
// after a start from the snapshot.
const madeWraps = [];
setBundledModuleWraps(madeWraps);

function makeWrap(...args) {
  const wrap = new ModuleWrap(...new SafeArrayIterator(args));
  ArrayPrototypePush(madeWraps, wrap);
  return wrap;
}

function urlOf(id) {
  return fileURL(table.pathOf(id)) + table.suffixOf(id);
}

function idOfURL(url) {
  const place = typeof url === 'string' ? placeOf(url) : undefined;
  return place && table.idOf(place.path, place.suffix);
}

function nodeLoader() {
  return require('internal/kiln/node_loader').esmLoader();
}

// Do hooks take part in imports? Then Node's loader is in charge, and stays so: it remembers what
// they have returned.
const hasImportHooks = (function hasImportHooks() {
  return require.peek('internal/kiln/node_loader', 'hasImportHooks')?.() === true;
});

// --- Synthetic modules ------------------------------------------------------------------

// As Node's translator for CommonJS: `names` were found in the module's text.
function commonJsWrap(id, names) {
  const { evaluation } = require('internal/frames/modules/esm/translators');
  const wrap = makeWrap(urlOf(id), undefined, names, evaluation(id, names));
  wrap.isCommonJS = true;
  return wrap;
}

function jsonWrap(id) {
  return makeWrap(urlOf(id), undefined, ['default'], function() {
    const plain = table.suffixOf(id) === '';
    this.setExport('default', plain ? commonjs.load(id, undefined, commonjs.enterJson) :
      commonjs.parseJson(table.pathOf(id)));
  });
}

// For import statements whose names nobody reads.
function emptyWrap(names) {
  return makeWrap('kiln:unused', undefined, names, () => {});
}

// `names` are those of the builtin's exports that the bundle uses.
function builtinWrap(id, names) {
  const wrap = builtinWraps[id] = makeWrap(`node:${id}`, undefined, names, () => {
    setBuiltinExports(id, names);
  });
  wrap.names = names;
  return wrap;
}

function setBuiltinExports(id, names, mustExist = true) {
  const exports = commonjs.builtin(id);
  const wrap = builtinWraps[id];
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === 'default') {
      wrap.setExport(name, exports);
    } else if (id === 'process' && require.peek('internal/kiln/assumed_process', 'isLate')?.(name)) {
      continue;
    } else if (!mustExist || ObjectHasOwn(exports, name)) {
      wrap.setExport(name, ObjectHasOwn(exports, name) ? exports[name] : undefined);
    } else {
      throw new SyntaxError(
        `The requested module 'node:${id}' does not provide an export named '${name}'`);
    }
  }
}

// The variables of CommonJS for a TypeScript module that uses them beside import statements.
function commonJsVariables(id) {
  const path = table.pathOf(id);
  const names = ['require', 'module', '__filename', '__dirname'];
  return makeWrap('kiln:commonjs', undefined, names, function() {
    const module = new commonjs.BundledModule(path);
    const require = commonjs.makeRequire(module, id);
    if (id === table.mainId()) require.main = module;
    this.setExport('require', require);
    this.setExport('module', module);
    this.setExport('__filename', path);
    this.setExport('__dirname', commonjs.dirname(path));
  });
}

// --- Source text modules ----------------------------------------------------------------

function compiled(id) {
  return new ModuleWrap(urlOf(id), undefined, table.sourceOf(id), 0, 0, kModuleImports);
}

function sourceWrap(id) {
  const wrap = compiled(id);
  ArrayPrototypePush(madeWraps, wrap);
  if (id === table.mainId()) {
    wrap.isMain = true;
    compileFrames();
  }
  return wrap;
}

// Has V8 compile the functions that the entry is evaluated through, by calling them, so that their
// bytecode is in the snapshot.
function compileFrames() {
  const module = { __proto__: null, evaluate: noop, getNamespace: noop };
  asyncRunEntryPointWithESMLoader(importer(module, false, noop, noop, noop));
}

// The module that code sees which is not linked with the start.
const visibleWrap = (function visibleWrap(id) {
  return table.isPartial(id) ? completeWraps[id] : wraps[id];
});

// A module, linked and instantiated with all that it imports; undefined if that is up to Node's
// loader. `complete` as for wrapOf() of internal/kiln/link.
function instantiated(id, complete = true) {
  const existing = complete ? visibleWrap(id) : wraps[id];
  if (existing !== undefined && existing.getStatus() >= kInstantiated) return existing;
  const wrap = require('internal/kiln/link').link(id, complete);
  if (wrap !== undefined && wrap.getStatus() < kInstantiated) wrap.instantiate();
  return wrap;
}

// --- import() and import.meta -----------------------------------------------------------

// For V8's callback (module_wrap): import() in code whose host-defined option is `symbol`.
async function importModuleDynamically(symbol, specifier, phase, attributes, referrer) {
  if (symbol === kModuleImports || symbol === kScriptImports) {
    return importBundled(specifier, phase, attributes, referrer);
  }
  nodeLoader();
  return require('internal/modules/esm/utils')
    .importModuleDynamicallyCallback(symbol, specifier, phase, attributes, referrer);
}

async function importBundled(specifier, phase, attributes, referrer) {
  const takesImports = require.peek('internal/kiln/node_loader', 'takesImports');
  const wrap = phase === kEvaluationPhase && takesImports?.() !== true ?
    importTarget(specifier, attributes, referrer) : undefined;
  if (wrap !== undefined) return importWrap(wrap);
  const loader = nodeLoader();
  const parent = require('internal/modules/helpers').normalizeReferrerURL(referrer);
  return loader.import(specifier, parent, attributes, phase);
}

// A module is evaluated in functions that look like those of Node's loader in stacks
// (internal/frames/). Programs may depend on the order of promises, so they await as often as Node's
// ModuleLoader.import() and ModuleJob.run() do.
function importWrap(wrap) {
  return importer(wrap, true, ready, begin, explain)();
}

const loaded = new SafeWeakSet();  // modules of graphs that were evaluated since the start

// Before a graph is evaluated in which modules were baked. The CommonJS and JSON modules that these
// have imported get into require.cache, with those that they have loaded. V8 does not reach what evaluated modules import,
// so modules of which some are imported by baked ones are evaluated here, one by one in V8's order.
function activateImports(root) {
  const seen = new SafeSet();
  const evaluates = commonjs.state.hasSkipped && hasLate(root);
  const visit = (wrap) => {
    if (seen.has(wrap)) return;
    seen.add(wrap);
    const status = wrap.getStatus();
    if (wrap.synthetic && status === kEvaluated) {
      const id = idOfURL(wrap.url);
      if (id !== undefined) commonjs.activate(table.pathOf(id));
      return;
    }
    if (!wrap.synthetic) {
      if (!loaded.has(wrap)) {
        loaded.add(wrap);
        if (status >= kEvaluating) rememberMapOf(wrap);  // a baked one
      }
      const linked = linkedModules(wrap);
      for (let i = 0; i < linked.length; i++) visit(linked[i]);
      if (status === kEvaluated) setLateValues(wrap);
    }
    if (evaluates && wrap !== root) evaluateBefore(wrap);
  };
  visit(root);
}

// The same for an ES module that a baked CommonJS module has loaded.
function activateImportsOf(id) {
  const wrap = visibleWrap(id);
  if (wrap?.getStatus() === kEvaluated) activateImports(wrap);
}

function setLateValues(wrap) {
  const id = idOfURL(wrap.url);
  if (id !== undefined) commonjs.setLateValuesOf(table.pathOf(id));
}

function evaluateBefore(wrap) {
  const status = wrap.getStatus();
  if (status === kErrored) throw wrap.getError();
  // V8 does the rest of a graph with top-level await.
  if (status !== kInstantiated || wrap.hasAsyncGraph) return;
  commonjs.observer()?.evaluateGraph(wrap);
  if (wrap.getStatus() === kInstantiated) {
    try {
      wrap.evaluateSync();
    } catch (error) {
      explain(error, wrap);
      throw error;
    }
  }
}

// Whether the graph has an evaluated module that leads to one which is not, or which has thrown.
function hasLate(root) {
  const seen = new SafeSet();
  const visit = (wrap, below) => {
    const isDone = wrap.getStatus() === kEvaluated;
    if (below && !isDone) return true;
    if (seen.has(wrap) || wrap.synthetic) return false;
    seen.add(wrap);
    const linked = linkedModules(wrap);
    for (let i = 0; i < linked.length; i++) {
      if (visit(linked[i], isDone)) return true;
    }
    return false;
  };
  return visit(root, false);
}

function ready(wrap) {
  return wrap.getStatus() >= kEvaluating || visited.has(wrap) ? visitedAll : visitGraph(wrap);
}

const begin = (function begin(wrap) {
  if (commonjs.state.hasBaked) activateImports(wrap);
  commonjs.observer()?.evaluateGraph(wrap);
});

const visited = new SafeWeakSet();  // modules of graphs that import() has evaluated
const visitedAll = PromiseResolve();

async function visitGraph(root) {
  const seen = new SafeSet();
  const visit = async (wrap) => {
    if (seen.has(wrap)) return;
    seen.add(wrap);
    rememberMap(wrap);
    return SafePromiseAllReturnVoid(linkedModules(wrap), visit);
  };
  await visit(root);
  for (const wrap of seen) visited.add(wrap);
}

// While the app has enabled source maps: those of modules that are loaded now.
function rememberMap(wrap) {
  if (!wrap.synthetic && wrap.getStatus() < kEvaluating) rememberMapOf(wrap);
}

function rememberMapOf(wrap) {
  commonjs.state.rememberMap?.(wrap, idOfURL(wrap.url), wrap.url, wrap.sourceMapURL);
}

function rememberMaps(wrap, seen = new SafeSet()) {
  if (commonjs.state.rememberMap === undefined || seen.has(wrap)) return;
  seen.add(wrap);
  rememberMap(wrap);
  const linked = linkedModules(wrap);
  for (let i = 0; i < linked.length; i++) rememberMaps(linked[i], seen);
}

// The module that a specifier means in a module of the bundle, ready to be evaluated; undefined if
// Node's loader has to look for it, or has to report what is wrong with it.
function importTarget(specifier, attributes, referrer) {
  const from = idOfURL(referrer);
  if (from === undefined) return;
  let target = table.targetOf(from, true, specifier);
  if (target === undefined) {
    const place = placeNamed(specifier, urlOf(from));
    if (place !== undefined) target = table.idOf(place.path, place.suffix);
    else if (commonjs.isBuiltin(specifier)) target = specifier;
  }
  const keys = ObjectKeys(attributes);
  if (typeof target === 'string') {
    if (StringPrototypeCharCodeAt(target, 0) === 33 /* ! */) {
      throw commonjs.addonError(StringPrototypeSlice(target, 1));
    }
    if (keys.length > 0) return;
    const id = BuiltinModule.normalizeRequirableId(target);
    if (id === undefined) return;
    commonjs.builtin(id);
    return BuiltinModule.map.get(id).getESMFacade();
  }
  if (target === undefined) return;
  const isJson = table.kindOf(target) === table.kJson;
  if (isJson ? keys.length !== 1 || attributes.type !== 'json' : keys.length > 0) return;
  try {
    return instantiated(target);
  } catch {
    // Node's loader reports what is wrong.
  }
}

// Node adds an explanation to errors about names that only CommonJS has.
function explain(error, wrap) {
  if (error?.name === 'ReferenceError') {
    require('internal/modules/esm/module_job')
      .explainCommonJSGlobalLikeNotDefinedError(error, wrap.url, wrap.hasTopLevelAwait);
  }
}

const metaLoader = {
  __proto__: null,
  allowImportMetaResolve: true,
  resolveSync(parent, request) {
    const specifier = `${request.specifier}`;
    const id = hasImportHooks() ? undefined : idOfURL(parent);
    // Whether there is such a file does not matter.
    const place = id === undefined ? undefined : placeNamed(specifier, parent);
    if (place !== undefined) return { __proto__: null, url: fileURL(place.path) + place.suffix };
    const target = table.targetOf(id, true, specifier);
    if (typeof target === 'number') return { __proto__: null, url: urlOf(target) };
    if (typeof target === 'string' && StringPrototypeCharCodeAt(target, 0) !== 33 /* ! */) {
      return { __proto__: null, url: target };
    }
    return nodeLoader().resolveSync(parent, request);
  },
};

// For V8's callback (module_wrap).
function initializeImportMeta(symbol, meta, wrap) {
  if (symbol === kModuleImports) {
    const context = { __proto__: null, url: wrap.url, isMain: wrap.isMain };
    require('internal/modules/esm/initialize_import_meta')
      .initializeImportMeta(meta, context, metaLoader);
    return;
  }
  nodeLoader();
  require('internal/modules/esm/utils').initializeImportMetaObject(symbol, meta, wrap);
}

// --- require() of an ES module ----------------------------------------------------------

function cycleError(message, parent, advice = '') {
  const { ERR_REQUIRE_CYCLE_MODULE } = require('internal/errors').codes;
  const from = parent?.filename ? ` (from ${parent.filename})` : '';
  return new ERR_REQUIRE_CYCLE_MODULE(message + from + advice);
}

function beginSync(wrap) {
  begin(wrap);
  rememberMaps(wrap);
}

function throwIfAsync(wrap, module, parent) {
  if (!wrap.hasAsyncGraph) return;
  const { ERR_REQUIRE_ASYNC_MODULE } = require('internal/errors').codes;
  throw new ERR_REQUIRE_ASYNC_MODULE(module.filename, parent, []);
}

// Throws if one of the CommonJS modules whose import statements lead to it from `wrap` is running:
// it would be in a cycle with require().
function throwIfImportsRunning(wrap, seen = new SafeSet()) {
  if (seen.has(wrap) || wrap.synthetic || wrap.getStatus() >= kEvaluated) return;
  seen.add(wrap);
  const linked = linkedModules(wrap);
  for (let i = 0; i < linked.length; i++) {
    if (linked[i].isCommonJS && commonjs.isRunning(idOfURL(linked[i].url))) {
      const { specifier } = wrap.getModuleRequests()[i];
      // Node checks what import() evaluates, then what require() runs.
      const what = linked[i].getStatus() === kEvaluating ? 'Module' : 'CommonJS Module';
      throw cycleError(`Cannot import ${what} ${specifier} in a cycle.`,
                       { __proto__: null, filename: table.pathOf(idOfURL(wrap.url)) });
    }
    throwIfImportsRunning(linked[i], seen);
  }
}

function requireEsm(id, module, parent) {
  if (hasImportHooks()) return requireByNode(id, module, parent);
  let wrap = visibleWrap(id);
  if (wrap !== undefined && wrap.getStatus() > kInstantiated) throwIfAsync(wrap, module, parent);
  if (wrap?.getStatus() === kEvaluating) {
    throw cycleError(
      `Cannot require() ES Module ${module.filename} in a cycle.`, parent,
      ' A cycle involving require(esm) is not allowed to maintain invariants mandated by the ' +
      'ECMAScript specification. Try making at least part of the dependency in the graph lazily ' +
      'loaded.');
  }
  wrap = instantiated(id);
  if (wrap === undefined) return requireByNode(id, module, parent);
  throwIfImportsRunning(wrap);
  let namespace;
  if (wrap.getStatus() === kInstantiated) {
    namespace = syncJob(wrap, beginSync, explain, module.filename).runSync(parent);
  } else {
    throwIfAsync(wrap, module, parent);
    if (commonjs.state.hasBaked) activateImports(wrap);
    if (wrap.getStatus() === kErrored) throw wrap.getError();
    namespace = wrap.getNamespace();
  }
  if (ObjectHasOwn(namespace, 'module.exports')) return namespace['module.exports'];
  if (!ObjectHasOwn(namespace, 'default') || ObjectHasOwn(namespace, '__esModule')) {
    return namespace;
  }
  return createRequiredModuleFacade(wrap);
}

function requireByNode(id, module, parent) {
  const loader = nodeLoader();
  const { wrap, namespace } =
    loader.importSyncForRequire(module, module.filename, table.sourceOf(id), false, parent);
  require('internal/modules/cjs/loader').populateCJSExportsFromESM(module, wrap, namespace);
  return module.exports;
}

function throwIfCycle(id, module, parent) {
  if (wraps[id] === undefined || wraps[id].getStatus() === kEvaluated) return;
  throw cycleError(`Cannot require() ES Module ${module.id} in a cycle.`, parent);
}

// --- For Node's loader ------------------------------------------------------------------

// What Node's default resolver would return, if the bundler has resolved the import.
function resolvedImport(specifier, parent) {
  const id = idOfURL(parent);
  let target = table.targetOf(id, true, specifier);
  if (target === undefined && id !== undefined) {
    const place = placeNamed(specifier, parent);
    if (place !== undefined) target = table.idOf(place.path, place.suffix);
  }
  if (typeof target === 'number') {
    return { __proto__: null, url: urlOf(target), format: formatByName(target) };
  }
}

// Hooks see the format that Node knows before it has read the file.
function formatByName(id) {
  if (hasImportHooks() && StringPrototypeEndsWith(table.pathOf(id), '.js')) {
    const { getPackageScopeConfig } = require('internal/modules/package_json_reader');
    if (getPackageScopeConfig(urlOf(id)).type === 'none') return null;
  }
  return formatOf(id);
}

function formatOf(id) {
  switch (table.kindOf(id)) {
    case table.kEsm: return 'module';
    case table.kCommonJs: return 'commonjs';
    case table.kJson: return 'json';
    case table.kWasm: return 'wasm';
  }
}

// The bundle's own module for a URL that Node's loader has loaded. Undefined for others, and if
// hooks have changed the text, or may change what it imports and it was linked in the snapshot.
function wrapFor(url, context) {
  const id = idOfURL(url);
  if (id === undefined || table.kindOf(id) === table.kWasm) return;
  if (context.format !== formatOf(id)) return;
  if (isChanged(id, context.source) && !isLoaded(id)) return;
  const known = visibleWrap(id);
  if (hasImportHooks() && known?.getStatus() === kInstantiated && !known.synthetic && !loaded.has(known)) return;
  return require('internal/kiln/link').wrapOf(id);
}

function isChanged(id, source) {
  if (!hasImportHooks() || source == null || table.kindOf(id) === table.kJson) return false;
  return require('internal/modules/helpers').stringify(source) !== table.sourceOf(id);
}

// Whether the module of a URL has been evaluated, or is being: hooks come too late for it.
function isLoaded(id) {
  return wraps[id] !== undefined && wraps[id].getStatus() >= kEvaluating;
}

// The module of a URL if it has been evaluated, or is being, whatever hooks there are: Node's
// loader would have it in its cache.
function loadedWrap(url, type = 'javascript') {
  const id = idOfURL(url);
  if (id === undefined || !isLoaded(id)) return;
  if (type !== (table.kindOf(id) === table.kJson ? 'json' : 'javascript')) return;
  return table.isPartial(id) ? evaluatedComplete(id) : wraps[id];
}

// The complete instance of a partial module that has been evaluated. An error is that of one of its
// imports, and reported by who imports it.
function evaluatedComplete(id) {
  const wrap = instantiated(id);
  if (wrap?.getStatus() === kInstantiated) {
    PromisePrototypeThen(wrap.evaluate(-1, false), undefined, noop);
  }
  return wrap;
}

// --- Start ------------------------------------------------------------------------------

function noop() {}

// Evaluates the main module; returns a promise.
const start = (function start() {
  const id = table.mainId();
  for (let i = 0; i < builtinsAtStart.length; i++) {
    // An error is reported by the modules that import it.
    PromisePrototypeThen(builtinsAtStart[i].evaluate(-1, false), undefined, noop);
  }
  const wrap = instantiated(id);
  if (id !== 0) {
    if (wraps[0] !== undefined) wraps[0].isMain = false;
    if (wrap !== undefined) wrap.isMain = true;
  }
  const loader = wrap === undefined || hasImportHooks() ? nodeLoader() : undefined;
  if (loader !== undefined) {
    return loader.import(urlOf(id), undefined, { __proto__: null }, kEvaluationPhase, true);
  }
  return evaluateEntry(wrap);
});

const evaluateEntry = (function evaluateEntry(wrap) {
  const { entry_point_module_private_symbol } = internalBinding('util').privateSymbols;
  globalThis[entry_point_module_private_symbol] = wrap;
  return asyncRunEntryPointWithESMLoader(importer(wrap, false, noop, begin, explain));
});

module.exports = {
  idOfURL,
  wraps,
  completeWraps,
  builtinWraps,
  builtinsAtStart,
  urlOf,
  commonJsWrap,
  jsonWrap,
  emptyWrap,
  builtinWrap,
  // For module.syncBuiltinESMExports().
  syncBuiltinExports(id) {
    const wrap = builtinWraps[id];
    if (wrap?.getStatus() === kEvaluated) setBuiltinExports(id, wrap.names, false);
  },
  commonJsVariables,
  sourceWrap,
  importModuleDynamically,
  importBundled,
  initializeImportMeta,
  metaLoader,
  requireEsm,
  activateImportsOf,
  throwIfCycle,
  instantiated,
  check: compiled,  // throws a SyntaxError
  resolvedImport,
  wrapFor,
  loadedWrap,
  start,
};
