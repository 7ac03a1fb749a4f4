'use strict';

// internal/kiln/link: compiles and links the bundle's ES modules, when the snapshot is taken and
// for modules that are first needed later. A graph that has something out of the ordinary in it is
// left to Node's loader.

const {
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  SafeMap,
  SafeSet,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
} = primordials;

const { BuiltinModule } = require('internal/bootstrap/realm');
const commonjs = require('internal/kiln/commonjs');
const esm = require('internal/kiln/esm');
const table = require('internal/kiln/table');
const { kEvaluationPhase, kUninstantiated } = internalBinding('module_wrap');
const { parse } = internalBinding('cjs_lexer');

const { loadedAtStart } = require('internal/kiln/builtins');

const { wraps } = esm;

// --- Names of exports -------------------------------------------------------------------

const exportNames = new SafeMap();  // number of a CommonJS module -> set of names

function exportNamesOf(id) {
  const known = exportNames.get(id);
  if (known !== undefined) return known;
  const { 0: names, 1: reexports } = parse(table.sourceOf(id));
  exportNames.set(id, names);  // first, for cycles
  for (let i = 0; i < reexports.length; i++) {
    const target = table.targetOf(id, false, reexports[i]);
    if (typeof target !== 'number' || table.kindOf(target) !== table.kCommonJs) continue;
    for (const name of exportNamesOf(target)) names.add(name);
  }
  return names;
}

function commonJsWrap(id) {
  const names = [];
  for (const name of exportNamesOf(id)) ArrayPrototypePush(names, name);
  for (const name of ['default', 'module.exports']) {
    if (!ArrayPrototypeIncludes(names, name)) ArrayPrototypePush(names, name);
  }
  return esm.commonJsWrap(id, names);
}

// What the bundle's import statements take from each builtin: id -> set of names, "*" for all.
let builtinNames;

function namesOfBuiltin(id) {
  if (builtinNames === undefined) {
    builtinNames = { __proto__: null };
    for (let i = 0; i < table.count(); i++) {
      table.forEachTarget(i, (specifier, target, names) => {
        if (typeof target !== 'string' || names === undefined ||
            !StringPrototypeStartsWith(target, 'node:')) return;
        const set = builtinNames[StringPrototypeSlice(target, 5)] ??= new SafeSet();
        const list = StringPrototypeSplit(names, '\n');
        for (let k = 0; k < list.length; k++) if (list[k] !== '') set.add(list[k]);
      });
    }
  }
  return builtinNames[id] ?? new SafeSet();
}

// Builtins whose values are made or changed at start.
const kChangeAtStart = { __proto__: null, module: true, process: true };

// The exports of a builtin; undefined if it cannot be loaded.
function loaded(record) {
  try {
    return record.compileForPublicLoader();
  } catch {
    return undefined;
  }
}

// The synthetic module of a builtin with the names that the bundle uses; undefined if all of its
// names are used and they are known only at start.
function builtinWrap(id) {
  const existing = esm.builtinWraps[id];
  if (existing !== undefined) return existing;
  const used = namesOfBuiltin(id);
  const building = internalBinding('mksnapshot').isBuildingSnapshotBuffer[0] === 1;
  const record = BuiltinModule.map.get(id);
  const exports = loadedAtStart[id] && building ? undefined : loaded(record);
  const early = exports !== undefined;
  if (!early && used.has('*')) return;
  const keys = early ? ArrayPrototypeSlice(record.exportKeys) : [];
  // Node's loader adds these when it is initialized.
  if (id === 'module') ArrayPrototypePush(keys, 'builtinModules', 'runMain');
  const names = ['default'];
  let fixed = early && !kChangeAtStart[id];
  const add = (name) => {
    if (name === '*' || ArrayPrototypeIncludes(names, name)) return;
    if (early && !ArrayPrototypeIncludes(keys, name)) return;  // V8 reports it
    ArrayPrototypePush(names, name);
    fixed &&= ObjectGetOwnPropertyDescriptor(exports, name)?.get === undefined;
  };
  const all = used.has('*');
  if (all) for (let i = 0; i < keys.length; i++) add(keys[i]);
  else for (const name of used) add(name);
  const wrap = esm.builtinWrap(id, names);
  wrap.instantiate();
  if (all) record.module ??= wrap;
  if (fixed || !building) wrap.evaluate(-1, false);
  else ArrayPrototypePush(esm.builtinsAtStart, wrap);
  return wrap;
}

// --- Modules that are not used ----------------------------------------------------------

// Import statements of a module that is used (a flag that the bundler sets) and that name an ES
// module that is not used are linked to an empty module, which has the names so that V8 accepts
// them; nobody reads them. A partial module has such statements that re-export, and consists of
// nothing else. Only other used modules import it; all others get a complete instance of it, whose
// imports are linked to the modules that they name. It has no variables of its own, so what it
// exports is the same in both.

const emptyWraps = { __proto__: null };  // lines of names -> synthetic module

let importer;  // the module whose statements importedNames has: specifier -> lines of names
let importedNames;

function namesOfStatements(id, specifier) {
  if (importer !== id) {
    importer = id;
    importedNames = { __proto__: null };
    table.forEachTarget(id, (one, target, names) => {
      if (names !== undefined) importedNames[one] = names;
    });
  }
  return importedNames[specifier] ?? '';
}

// For the import statements of module `id` with this specifier. Modules of `export *` are not
// shared: V8 would find names of other statements in it.
function emptyWrap(id, specifier) {
  const lines = namesOfStatements(id, specifier);
  const existing = emptyWraps[lines];
  if (existing !== undefined) return existing;
  const names = [];
  const list = StringPrototypeSplit(lines, '\n');
  for (let i = 0; i < list.length; i++) {
    if (list[i] !== '' && list[i] !== '*') ArrayPrototypePush(names, list[i]);
  }
  const wrap = emptyWraps[lines] = esm.emptyWrap(names);
  wrap.instantiate();
  wrap.evaluate(-1, false);
  return wrap;
}

function isUsed(id) {
  return (table.flagsOf(id) & table.kUsed) !== 0;
}

// --- Linking ----------------------------------------------------------------------------

// The ModuleWrap of a module, not linked; `complete` if it is not for a module that is used.
function wrapOf(id, complete = true) {
  const known = complete && table.isPartial(id) ? esm.completeWraps : wraps;
  let wrap = known[id];
  if (wrap !== undefined) return wrap;
  switch (table.kindOf(id)) {
    case table.kEsm:
      wrap = esm.sourceWrap(id);
      break;
    case table.kCommonJs:
      wrap = commonJsWrap(id);
      break;
    case table.kJson:
      wrap = esm.jsonWrap(id);
      break;
    default:
      return undefined;
  }
  known[id] = wrap;
  return wrap;
}

// The module for a request of an import statement in module `id`; undefined if it is one for Node's
// loader. `complete` as for wrapOf.
function linkTarget(id, request, complete) {
  if (request.phase !== kEvaluationPhase) return;
  const target = table.targetOf(id, true, request.specifier);
  const keys = ObjectKeys(request.attributes);
  if (typeof target === 'number') {
    // The type may be missing, as bundlers allow.
    const isJson = table.kindOf(target) === table.kJson;
    const isTyped = isJson && request.attributes.type === 'json';
    if (keys.length > 1 || (keys.length === 1 && !isTyped)) return;
    if (!complete && !isUsed(target) && table.kindOf(target) === table.kEsm) {
      return emptyWrap(id, request.specifier);
    }
    return wrapOf(target, complete);
  }
  if (keys.length > 0 || typeof target !== 'string' ||
      StringPrototypeCharCodeAt(target, 0) === 33 /* ! */) return;
  const name = StringPrototypeSlice(target, 5);
  if (name === 'kiln:commonjs') return esm.commonJsVariables(id);
  return builtinWrap(name);
}

// Links a module and all that it imports; undefined if something in the graph is for Node's loader.
function link(id, complete = true) {
  const pending = [];  // [wrap, its dependencies, …]
  const seen = new SafeSet();
  const root = wrapOf(id, complete);
  const queue = [id, root];
  for (let i = 0; i < queue.length; i += 2) {
    const next = queue[i];
    const wrap = queue[i + 1];
    if (wrap === undefined) return;
    if (seen.has(wrap)) continue;
    seen.add(wrap);
    if (wrap.synthetic || wrap.getStatus() !== kUninstantiated) continue;
    const requests = wrap.getModuleRequests();
    const modules = [];
    const isComplete = !isUsed(next) || wrap === esm.completeWraps[next];
    for (let k = 0; k < requests.length; k++) {
      const dependency = linkTarget(next, requests[k], isComplete);
      if (dependency === undefined) return;
      ArrayPrototypePush(modules, dependency);
      const target = table.targetOf(next, true, requests[k].specifier);
      if (typeof target === 'number') ArrayPrototypePush(queue, target, dependency);
    }
    ArrayPrototypePush(pending, wrap, modules);
  }
  for (let i = 0; i < pending.length; i += 2) pending[i].link(pending[i + 1]);
  return root;
}

module.exports = { wrapOf, link };
