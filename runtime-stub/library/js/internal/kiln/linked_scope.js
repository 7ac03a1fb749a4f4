'use strict';

// internal/kiln/linked_scope: ES modules that esbuild has linked into one function (--link=scope).
// `script` is what the bundle's script gets as `__kiln`: it passes its table of modules
// (internal/kiln/table), the functions of CommonJS modules, and thunks for the ES modules that can
// be loaded by name. Namespace objects are made here and look like Node's.

const {
  ArrayPrototypeIndexOf,
  ArrayPrototypeSort,
  Error,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ObjectPreventExtensions,
  ObjectSetPrototypeOf,
  PromisePrototypeThen,
  SafeMap,
  SafeSet,
  SafeWeakMap,
  SafeWeakSet,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  SymbolToStringTag,
} = primordials;

const { BuiltinModule } = require('internal/bootstrap/realm');
const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const { fileURL, isRelative, placeNamed } = require('internal/kiln/specifiers');

const { addonError, builtin, builtinExports, dirname, isBuiltin, nodeModule } = commonjs;

let thunks = { __proto__: null };  // id -> () => namespace
let modulesWithTla = [];  // ids with top-level await, whose thunk returns a promise
let entryId = -1;

const namespaces = new SafeWeakMap();  // module.exports -> the namespace that import gives
const foreignNamespaces = new SafeSet();  // namespaces that came from Node's loader

const ownNamespaces = new SafeWeakSet();

// Namespace objects look like Node's: sorted, not extensible, and recognized by util.inspect and
// util.types. One difference is visible: most properties have getters.
function defineNamespace(target, properties) {
  ObjectSetPrototypeOf(target, null);
  const names = ArrayPrototypeSort(ObjectKeys(properties));
  for (let i = 0; i < names.length; i++) {
    ObjectDefineProperty(target, names[i], properties[names[i]]);
  }
  ObjectDefineProperty(target, SymbolToStringTag, { __proto__: null, value: 'Module' });
  ownNamespaces.add(target);
  return target;
}

const asGetter = (get) => ({ __proto__: null, get, enumerable: true });
const asValue = (value) => ({ __proto__: null, value, enumerable: true });

// Replaces esbuild's __export.
function defineExports(target, getters) {
  ObjectPreventExtensions(defineOpenExports(target, getters));
}

// The same, extensible: `export *` of a module that is not linked may add names later.
function defineOpenExports(target, getters) {
  const properties = { __proto__: null };
  for (const name in getters) properties[name] = asGetter(getters[name]);
  return defineNamespace(target, properties);
}

// Replaces esbuild's __toESM: `default` is always module.exports, as in Node.
function namespaceOf(exports) {
  const type = typeof exports;
  const isObject = (type === 'object' && exports !== null) || type === 'function';
  if (isObject) {
    const existing = namespaces.get(exports);
    if (existing !== undefined) return existing;
    if (foreignNamespaces.has(exports)) return exports;
  }
  const namespace = {};
  const properties = { __proto__: null };
  if (isObject) {
    namespaces.set(exports, namespace);
    const copied = builtinExports.has(exports);
    const keys = ObjectKeys(exports);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const value = copied && !ObjectGetOwnPropertyDescriptor(exports, key).get;
      properties[key] = value ? asValue(exports[key]) : asGetter(() => exports[key]);
    }
    if (!copied && exports.__esModule) properties.__esModule ??= asValue(true);
  }
  properties.default = asValue(exports);
  if (!builtinExports.has(exports)) properties['module.exports'] = asValue(exports);
  return ObjectPreventExtensions(defineNamespace(namespace, properties));
}

function requireEsm(id, module, parent) {
  if (ArrayPrototypeIndexOf(modulesWithTla, id) !== -1) {
    const { ERR_REQUIRE_ASYNC_MODULE } = require('internal/errors').codes;
    throw new ERR_REQUIRE_ASYNC_MODULE(table.pathOf(id), parent, []);
  }
  const namespace = namespaceById(id);
  let exports = namespace;
  if ('module.exports' in namespace) {
    exports = namespace['module.exports'];
  } else if ('default' in namespace && !('__esModule' in namespace)) {
    const properties = { __proto__: null, __esModule: asValue(true) };
    const keys = ObjectKeys(namespace);
    for (let i = 0; i < keys.length; i++) {
      properties[keys[i]] = asGetter(() => namespace[keys[i]]);
    }
    exports = ObjectPreventExtensions(defineNamespace({}, properties));
  }
  return exports;
}

function namespaceById(id) {
  const thunk = thunks[id];
  if (thunk === undefined) throw new Error(`${table.pathOf(id)} is not to be loaded by its name`);
  return thunk();
}

// Returns the namespace of a module, or a promise of it.
function importById(id) {
  if (table.kindOf(id) === table.kEsm) return namespaceById(id);
  return namespaceOf(commonjs.load(id));
}

// Returns the function for import() in a CommonJS module, and for names that the bundler did not
// resolve.
function importer(id) {
  return async function(request, options) {
    const specifier = `${request}`;
    const target = table.targetOf(id, true, specifier);
    if (typeof target === 'number') return importById(target);
    if (typeof target === 'string') {
      if (StringPrototypeCharCodeAt(target, 0) === 33 /* ! */) {
        throw addonError(StringPrototypeSlice(target, 1));
      }
      return namespaceOf(builtin(target));
    }
    if (isBuiltin(specifier)) return namespaceOf(builtin(specifier));
    const path = table.pathOf(id);
    const parent = fileURL(path);
    const named = placeNamed(specifier, parent);
    if (named?.suffix === '') {
      const found = table.targetOf(id, true, named.path) ?? table.idOf(named.path);
      if (isLoadable(found)) return importById(found);
    }
    const loader = nodeLoader();
    const attributes = { __proto__: null, ...options?.with };
    const { url } = loader.resolveSync(parent, { specifier, attributes, __proto__: null });
    if (StringPrototypeStartsWith(url, 'file://')) {
      const place = placeNamed(url);
      const found = table.idOf(place.path, place.suffix);
      if (isLoadable(found)) return importById(found);
    }
    return loader.import(specifier, parent, attributes);
  };
}

function isLoadable(id) {
  return typeof id === 'number' && (table.kindOf(id) !== table.kEsm || thunks[id] !== undefined);
}

// For Node's loader, when a module that it has read from a file imports one of the bundle: a
// synthetic module that exports the namespace of the bundle's, so that there is one instance.
// Undefined for other URLs, and for modules with top-level await, whose namespace is not
// available synchronously.
function moduleWrapAt(url) {
  const place = placeNamed(url);
  const id = place && table.idOf(place.path, place.suffix);
  if (id === undefined || table.kindOf(id) !== table.kEsm || thunks[id] === undefined ||
      ArrayPrototypeIndexOf(modulesWithTla, id) !== -1) return;
  const namespace = namespaceById(id);
  const names = ObjectKeys(namespace);
  const { ModuleWrap } = internalBinding('module_wrap');
  return new ModuleWrap(url, undefined, names, function() {
    for (let i = 0; i < names.length; i++) this.setExport(names[i], namespace[names[i]]);
  });
}

function nodeLoader() {
  return require('internal/kiln/node_loader').esmLoader();
}

function meta(id) {
  const path = table.pathOf(id);
  const url = fileURL(path);
  return {
    __proto__: null,
    dirname: dirname(path),
    filename: path,
    main: id === entryId,
    resolve(request) {
      const specifier = `${request}`;
      const target =
        table.targetOf(id, false, specifier) ?? table.targetOf(id, true, specifier);
      if (typeof target === 'number') return fileURL(table.pathOf(target));
      const name = BuiltinModule.normalizeRequirableId(specifier);
      if (name !== undefined) return `node:${name}`;
      if (isRelative(specifier)) return new (require('internal/url').URL)(specifier, url).href;
      try {
        return nodeLoader().resolveSync(url, { specifier, __proto__: null }).url;
      } catch (error) {
        const known = error?.code === 'ERR_UNSUPPORTED_DIR_IMPORT' ||
                      error?.code === 'ERR_MODULE_NOT_FOUND';
        if (known && error.url) return error.url;
        throw error;
      }
    },
    url,
  };
}

// The CommonJS module object of an ES module, for code that uses `module` and `require` there.
const modulesOfEsm = new SafeMap();
function moduleOf(id) {
  let module = modulesOfEsm.get(id);
  if (module === undefined) {
    module = new commonjs.BundledModule(table.pathOf(id));
    modulesOfEsm.set(id, module);
  }
  return module;
}

// An import or require in an ES module of a file or package that did not exist at build time.
function late(path, request, asRequire) {
  const Module = nodeModule();
  const parent = new Module(path);
  parent.filename = path;
  parent.paths = Module._nodeModulePaths(parent.path);
  const exports = parent.require(request);
  if (asRequire) return exports;
  const { isModuleNamespaceObject } = require('internal/util/types');
  const namespace = isModuleNamespaceObject(exports) ? exports : namespaceOf(exports);
  foreignNamespaces.add(namespace);
  return namespace;
}

function setName(target, name) {
  // A class may have a static member named `name`.
  const own = ObjectGetOwnPropertyDescriptor(target, 'name');
  if (own !== undefined && (!own.configurable || own.writable || own.get)) return;
  ObjectDefineProperty(target, 'name', { __proto__: null, value: name, configurable: true });
}

commonjs.useEsm({ requireEsm, importer });

// Thrown instead of running the entry, when another module runs.
const kNoEntry = { __proto__: null };
let skipsEntry = false;

// Runs the bundle's script without the entry, and returns a promise of the module `path`, which
// becomes the main module; undefined if it is not loaded by its name.
function startModule(path) {
  skipsEntry = true;
  try {
    const evaluation = internalBinding('kiln').appFunction()(module.exports.script);
    if (evaluation !== undefined) PromisePrototypeThen(evaluation, undefined, () => {});
  } catch (error) {
    if (error !== kNoEntry) throw error;
  }
  const id = table.idOf(path);
  if (!isLoadable(id)) return;
  entryId = id;
  if (table.kindOf(id) === table.kEsm) return (async () => { await namespaceById(id); })();
  commonjs.main(id);
  return null;
}

module.exports = {
  startModule,
  // Called by the library (library_patches.js).
  isNamespace(value) {
    return ownNamespaces.has(value);
  },
  moduleWrapAt,
  script: {
    define: table.useScript,
    bodies: commonjs.useBodies,
    esm(newThunks, newModulesWithTla) {
      thunks = newThunks;
      modulesWithTla = newModulesWithTla;
      if (skipsEntry && entryId !== -1) throw kNoEntry;
    },
    entry(id) {
      entryId = id;
    },
    main(id) {
      entryId = id;
      if (!skipsEntry) commonjs.main(id);
    },
    require: commonjs.load,
    builtin,
    late,
    meta,
    importer,
    // TypeScript code may use the variables of CommonJS in an ES module.
    dirnameOf: (id) => dirname(table.pathOf(id)),
    filenameOf: table.pathOf,
    moduleOf,
    requireOf(id) {
      const require = commonjs.makeRequire(moduleOf(id), id);
      require.main = moduleOf(entryId);
      return require;
    },
    namespaceOf,
    defineExports,
    defineOpenExports,
    // Restores the names of functions and classes that linking has renamed.
    name: setName,
    names(pairs) {
      for (let i = 0; i < pairs.length; i++) setName(pairs[i][0], pairs[i][1]);
    },
  },
};
