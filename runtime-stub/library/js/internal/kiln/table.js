'use strict';

// internal/kiln/table: the modules of the bundle, by number. They are in the payload
// (internalBinding('bundled_modules')), or, if esbuild has linked the ES modules (--link=scope), in
// an array that the bundle's script passes: [path, requires, imports, kind], where kind is 2 for
// CommonJS, 1 for an ES module and absent for JSON.

const {
  ObjectPrototypeHasOwnProperty,
  SafeMap,
} = primordials;

const native = internalBinding('bundled_modules');

const kNone = 0, kCommonJs = 1, kEsm = 2, kJson = 3, kWasm = 4;
// Flags (snapshot/format/payload_format.h).
const kAtStart = 2, kSpeculative = 4, kOwn = 8, kUsed = 16, kPartial = 32;

let script;  // the array of the bundle's script
let ids;     // path -> number, of the script's modules

function useScript(modules) {
  script = modules;
}

function count() {
  return script === undefined ? native.count() : script.length;
}

// [path, suffix, kind, flags] of modules that were asked for.
let described = [];

function describe(id) {
  return described[id] ??= native.describe(id);
}

function pathOf(id) {
  return script === undefined ? describe(id)[0] : script[id][0];
}

function suffixOf(id) {
  return script === undefined ? describe(id)[1] : '';
}

function kindOf(id) {
  if (script === undefined) return describe(id)[2];
  if (script[id] === 0) return kNone;
  switch (script[id][3]) {
    case 1: return kEsm;
    case 2: return kCommonJs;
    default: return kJson;
  }
}

// The number of the module at a path, or undefined. `suffix` is its query and fragment.
function idOf(path, suffix = '') {
  if (script === undefined) return typeof path === 'string' ? native.find(path, suffix) : undefined;
  if (suffix !== '') return;
  if (ids === undefined) {
    ids = new SafeMap();
    for (let i = 0; i < script.length; i++) {
      if (script[i] !== 0) ids.set(script[i][0], i);
    }
  }
  return ids.get(path);
}

// The number of the main module: the entry, or what runs instead of it (internal/kiln/main_module).
let main = 0;

// What was asked for: number -> specifier -> target.
let imports = [];
let requires = [];

// What the bundler found for an import (or require) of `specifier` in a module: a number,
// 'node:...', or '!' and the message of the error to throw. Undefined if it did not resolve it.
function targetOf(id, isImport, specifier) {
  if (id === undefined || typeof specifier !== 'string') return;
  if (script === undefined) {
    const known = (isImport ? imports : requires)[id] ??= { __proto__: null };
    const target = known[specifier] ?? native.resolve(id, isImport, specifier);
    // What the app computes is endless, so only what the bundler knows is kept.
    if (target !== undefined) known[specifier] = target;
    return target;
  }
  const entry = script[id][isImport ? 2 : 1];
  if (typeof entry !== 'object' || !ObjectPrototypeHasOwnProperty(entry, specifier)) return;
  return entry[specifier];
}

// Calls `visit(specifier, target, names)` for all that is known of a module; `names` are what its
// import statements take from a builtin, or from a module that is not used (internal/kiln/link).
function forEachTarget(id, visit) {
  if (script === undefined) {
    const edges = native.edges(id);
    for (let i = 0; i < edges.length; i += 3) visit(edges[i], edges[i + 1], edges[i + 2]);
    return;
  }
  if (script[id] === 0) return;
  for (let column = 1; column <= 2; column++) {
    const targets = script[id][column];
    if (typeof targets !== 'object') continue;
    for (const specifier in targets) visit(specifier, targets[specifier]);
  }
}

// The text of a module, which is asked for when it is compiled.
let lastSource;
function sourceOf(id) {
  lastSource = id;
  return native.source(id);
}

// Before the snapshot is taken: what was cached so far is not needed at start.
function forget() {
  described = [];
  imports = [];
  requires = [];
}

module.exports = {
  forget,
  kNone, kCommonJs, kEsm, kJson, kWasm, kAtStart, kSpeculative, kOwn, kUsed, kPartial,
  useScript, count, pathOf, suffixOf, kindOf, idOf, targetOf, forEachTarget,
  flagsOf: (id) => describe(id)[3],
  mainId: () => main,
  setMain(id) {
    main = id;
  },
  isPartial: (id) => script === undefined && (describe(id)[3] & kPartial) !== 0,
  sourceOf,
  // The path of the module whose text was asked for last, for errors without a place.
  lastCompiled: () => (lastSource === undefined ? '' : pathOf(lastSource)),
};
