'use strict';

// internal/kiln/node_loader: makes Node's own module loaders know the bundle. It is loaded when the
// app needs them: by require('module'), require.cache, or a name that the bundler did not resolve.
// Node's CommonJS loader shares its cache with internal/kiln/commonjs and takes the bundle's
// modules from there; its loader of ES modules finds them through the functions at the end, which
// library_patches.js calls.

const {
  ArrayPrototypeIncludes,
  ObjectHasOwn,
  ObjectKeys,
  ObjectSetPrototypeOf,
  ReflectApply,
  SafeMap,
  SafeSet,
  StringPrototypeEndsWith,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
} = primordials;

const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const { isRelative } = require('internal/kiln/specifiers');

const { state, prototype, dirname } = commonjs;

let resolveHooks;
let loadHooks;
let isWrapChanged;
let onRequire;
let onImport;

function nodeModule() {
  if (state.NodeModule !== undefined) return state.NodeModule;
  // library_patches.js looks for it only if it is loaded.
  if (!internalBinding('kiln').isLinkedScope()) require('internal/kiln/esm');
  const loader = require('internal/modules/cjs/loader');
  const NodeModule = state.NodeModule = loader.Module;
  require('internal/kiln/loaders').prepare();
  const loaded = ObjectKeys(state.cache);
  for (let i = 0; i < loaded.length; i++) NodeModule._cache[loaded[i]] = state.cache[loaded[i]];
  state.cache = NodeModule._cache;

  delete prototype.require;
  delete prototype.constructor;
  delete prototype._compile;
  delete prototype.load;
  ObjectSetPrototypeOf(prototype, NodeModule.prototype);

  const { _resolveFilename: resolveFilename, _extensions: extensions } = NodeModule;
  NodeModule._resolveFilename = function(request, parent, isMain, options) {
    if (isChanged(lookup)) {
      // The app has replaced how Node looks for files, so that is asked first.
      try {
        return ReflectApply(resolveFilename, NodeModule, [request, parent, isMain, options]);
      } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND') throw error;
      }
    }
    const id = typeof parent?.filename === 'string' ? table.idOf(parent.filename) : undefined;
    const target = options?.paths ? undefined : table.targetOf(id, false, request);
    if (typeof target === 'number') return table.pathOf(target);
    const local = typeof request === 'string' && !options?.paths && parent;
    if (local && isRelative(request) && !StringPrototypeEndsWith(request, '/')) {
      const found = findFile(require('path').resolve(parent.path ?? '/', request));
      if (found !== undefined) return found;
    }
    const search = local && internalBinding('kiln').isLinkedScope();
    // Without `catch`: an uncaught error is printed with the line that throws it.
    if (!search) return ReflectApply(resolveFilename, NodeModule, [request, parent, isMain, options]);
    try {
      return ReflectApply(resolveFilename, NodeModule, [request, parent, isMain, options]);
    } catch (error) {
      const found = error.code === 'MODULE_NOT_FOUND' ?
        findPackage(request, parent.path ?? '/') : undefined;
      if (found === undefined) throw error;
      return found;
    }
  };
  ({ resolveHooks, loadHooks } = require('internal/modules/customization_hooks'));
  for (const extension in extensions) {
    if (extension === '.json' || extension === '.node') continue;
    const handler = extensions[extension];
    extensions[extension] = function(module, filename) {
      const id = table.idOf(filename);
      const kind = id === undefined ? table.kNone : table.kindOf(id);
      // With hooks the text may be another one.
      if (kind === table.kNone || kind === table.kWasm || loadHooks.length > 0) {
        return ReflectApply(handler, this, [module, filename]);
      }
      const replaced =
        isChanged(compilation) || isWrapChanged() || ObjectHasOwn(module, '_compile');
      if (replaced && !internalBinding('kiln').isLinkedScope()) {
        const format = kind === table.kEsm ? 'module' : 'commonjs';
        module._compile(table.sourceOf(id), filename, format);
        return;
      }
      commonjs.evaluate(module, id, module.parent);
    };
  }
  ({ isWrapChanged } = loader);
  const { tracingChannel } = require('diagnostics_channel');
  onRequire = tracingChannel('module.require');
  onImport = tracingChannel('module.import');
  lookup = originals(NodeModule, [
    '_findPath', '_nodeModulePaths', '_resolveLookupPaths', '_readPackage', '_stat',
  ]);
  compilation = originals(NodeModule.prototype, ['_compile']);
  loading = [
    originals(NodeModule, ['_load', '_resolveFilename', '_cache', '_extensions', 'runMain']),
    originals(NodeModule.prototype, ['require', 'load']),
    originals(extensions, ['.js', '.json', '.node']),
    lookup,
    compilation,
  ];
  state.isReplaced = isReplaced;
  state.isPatched = isPatched;
  return NodeModule;
}

// --- Functions that the app has replaced ------------------------------------------------

// Instrumentation, mocks and compilers replace functions of Module. As long as one is not Node's
// own (or the one that is installed above), Node's loader loads the bundle's modules too, and calls
// what the app has put there.

let lookup;       // functions that look for a file
let compilation;  // Module.prototype._compile
let loading;      // lists of all functions

function originals(object, names) {
  const list = { __proto__: null, object, names, values: [] };
  for (let i = 0; i < names.length; i++) list.values[i] = object[names[i]];
  return list;
}

function isChanged({ object, names, values }) {
  for (let i = 0; i < names.length; i++) {
    if (object[names[i]] !== values[i]) return true;
  }
  return false;
}

// Has the app replaced a function, or does it listen to the diagnostics channel of require()?
function isPatched() {
  for (let i = 0; i < loading.length; i++) if (isChanged(loading[i])) return true;
  return isWrapChanged() || onRequire.hasSubscribers === true;
}

function hasHooks() {
  return resolveHooks !== undefined && (resolveHooks.length > 0 || loadHooks.length > 0);
}

// Once there were hooks, Node's loader stays in charge: it remembers what they have returned.
let hooked = false;

let wasReplaced = false;

function isReplaced() {
  hooked ||= hasHooks();
  const replaced = hooked || isPatched();
  if (replaced && !wasReplaced) rememberResolved();
  wasReplaced = replaced;
  return replaced;
}

// Node's loader resolves a name only once for all modules of a folder, also if the app replaces
// functions or registers hooks in between. So it gets to know what was required without it.
const remembered = new SafeSet();
function rememberResolved() {
  const resolved = require('internal/modules/cjs/loader').resolvedRequests();
  const { cache } = state;
  const paths = ObjectKeys(cache);
  for (let i = 0; i < paths.length; i++) {
    const module = cache[paths[i]];
    const id = table.idOf(paths[i]);
    if (id === undefined || remembered.has(paths[i]) || !module?.children) continue;
    remembered.add(paths[i]);
    table.forEachTarget(id, (specifier, target) => {
      if (typeof target !== 'number') return;
      const path = table.pathOf(target);
      const child = cache[path];
      if (child === undefined || !ArrayPrototypeIncludes(module.children, child)) return;
      resolved[`${module.path}\x00${specifier}`] ??= path;
    });
  }
}

// Are there hooks for import, or were there some? Those of module.register() are in a thread of
// their own, and nothing asks them about a require() of CommonJS.
let importsHooked = false;

function hasImportHooks() {
  importsHooked ||= hasHooks() ||
    require.peek('internal/modules/esm/loader', 'hasAsyncLoaderHooks')?.() === true;
  return importsHooked;
}

// Must import() go through Node's loader, which calls hooks and reports to diagnostics channels?
function takesImports() {
  return hasImportHooks() || onImport?.hasSubscribers === true;
}

// What require.resolve() in a module returns that the bundler did not resolve.
function resolveFrom(module, request, options) {
  nodeModule();
  require('internal/validators').validateString(request, 'request');
  const { filename, url } = require('internal/modules/cjs/loader').resolveForCJSWithHooks(
    request, module, false, {
      __proto__: null,
      shouldSkipModuleHooks: false,
      requireResolveOptions: options ?? {},
    });
  return url === request && StringPrototypeStartsWith(request, 'node:') ? url : filename;
}

// The exports of a CommonJS module for an import statement, when isPatched().
function loadForImport(path) {
  const existing = state.cache[path];
  if (existing?.loaded) return existing.exports;
  const { wrapModuleLoad } = require('internal/modules/cjs/loader');
  const options = { __proto__: null, shouldSkipModuleHooks: true };
  // The entry, if --import has Node's loader of ES modules start it.
  const isMain = process.mainModule === undefined && table.idOf(path) === table.mainId();
  return wrapModuleLoad(path, undefined, isMain, options);
}

// Looks for a file among the bundle's modules in the order of require(), which does not add .mjs or
// .cjs; translated files keep their name.
function findFile(path) {
  if (table.idOf(path) !== undefined) return path;
  for (const end of ['.js', '.json', '.ts', '/index.js', '/index.json']) {
    if (table.idOf(path + end) !== undefined) return path + end;
  }
}

// With --link=scope modules are no files, so a package is found by the specifiers that other modules
// of the bundle import it with.
let packages;  // node_modules folder -> { specifier: path }
function findPackage(request, from) {
  if (isRelative(request)) return;
  if (packages === undefined) {
    packages = new SafeMap();
    for (let i = 0; i < table.count(); i++) table.forEachTarget(i, notePackage);
  }
  for (let folder = from; ; folder = dirname(folder)) {
    const place = folder === '/' ? '/node_modules' : `${folder}/node_modules`;
    const found = packages.get(place)?.[request] ?? findFile(`${place}/${request}`);
    if (found !== undefined) return found;
    if (folder === '/') return;
  }
}

function notePackage(specifier, target) {
  if (typeof target !== 'number' || isRelative(specifier)) return;
  const parts = StringPrototypeSplit(specifier, '/', 2);
  const name = specifier[0] === '@' ? `${parts[0]}/${parts[1]}` : parts[0];
  const path = table.pathOf(target);
  const at = StringPrototypeIndexOf(path, `/node_modules/${name}/`);
  if (at === -1) return;
  const folder = StringPrototypeSlice(path, 0, at + 13);
  if (!packages.has(folder)) packages.set(folder, { __proto__: null });
  packages.get(folder)[specifier] ??= path;
}

// Node's loader of ES modules, ready for use.
function esmLoader() {
  nodeModule();
  return require('internal/modules/esm/loader').getOrInitializeCascadedLoader();
}

module.exports = {
  nodeModule,
  esmLoader,
  hasImportHooks,
  loadForImport,
  resolveFrom,
  takesImports,
};
