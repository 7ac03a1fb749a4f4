'use strict';

// internal/kiln/bundle: the functions that a bundle's script gets as `__kiln`.
//
// The script first passes its table of modules, [path, requires, imports, kind]; kind is 2 for
// CommonJS (whose function is in `bodies`), 1 for an ES module (linked by esbuild; only modules
// that can be loaded by name have a thunk), and absent for JSON. Module objects have the
// properties of Node's. Node's own loader is loaded only when the app needs it (by
// require('module'), require.cache, or a name that is not in the table); from then on both share
// one cache, and Node's loader takes modules of the table from here. So there is one instance
// of a module, whichever way it is loaded.

const {
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeSort,
  ArrayPrototypeSplice,
  Error,
  FunctionPrototype,
  JSONParse,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ObjectPreventExtensions,
  ObjectPrototypeHasOwnProperty,
  ObjectSetPrototypeOf,
  ReflectApply,
  RegExpPrototypeExec,
  SafeMap,
  SafeSet,
  SafeWeakMap,
  SafeWeakSet,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  SymbolToStringTag,
} = primordials;

const { BuiltinModule } = require('internal/bootstrap/realm');

const kRequires = 1;
const kImports = 2;
const kKind = 3;
const kEsm = 1;

let table = [];
let bodies = [];
let cache = { __proto__: null };  // path -> module; Node's own once its loader is loaded
let thunks = { __proto__: null };  // ES modules: id -> () => namespace
let modulesWithTla = [];  // ids with top-level await, whose thunk returns a promise
let entryId = -1;
let mainModule;

let NodeModule;
let originalLoad;
let originalRequire;

let ids;  // path -> id, filled on first use
function idOf(path) {
  if (ids === undefined) {
    ids = new SafeMap();
    for (let i = 0; i < table.length; i++) {
      if (table[i] !== 0) ids.set(table[i][0], i);
    }
  }
  return ids.get(path);
}

function dirname(path) {
  return StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/')) || '/';
}

function isRelative(request) {
  return RegExpPrototypeExec(/^(?:\.{0,2}\/|\.{1,2}$)/, request) !== null;
}

function fileURL(path) {
  if (RegExpPrototypeExec(/[^\w/.@+-]/, path) === null) return `file://${path}`;
  return require('internal/url').pathToFileURL(path).href;
}

// --- Node's own modules ---------------------------------------------------------------

function isBuiltin(request) {
  return BuiltinModule.normalizeRequirableId(request) !== undefined;
}

function builtin(request) {
  const id = BuiltinModule.normalizeRequirableId(request) ?? request;
  if (id === 'module') return nodeModule();
  const found = BuiltinModule.map.get(id);
  if (found === undefined) throw new Error(`No such built-in module: ${request}`);
  const exports = found.compileForPublicLoader();
  builtinExports.add(exports);
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
  if (parent) {
    parents.set(this, parent);
    adopt(parent, this);
  }
}

function adopt(parent, child) {
  const children = parent.children;
  if (children && ArrayPrototypeIndexOf(children, child) === -1) {
    ArrayPrototypePush(children, child);
  }
}

const parents = new SafeWeakMap();

// The prototype of modules until Node's loader is loaded. Afterwards it inherits from
// Module.prototype and keeps only its own `paths` and `parent`.
const prototype = {
  require(request) {
    return requireFrom(this, idOf(this.filename), request);
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
    return parents.get(this);
  },
  set parent(value) {
    parents.set(this, value);
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
    return nodeModule()._cache;
  },
  get extensions() {
    return nodeModule()._extensions;
  },
};

function makeRequire(module, id) {
  function require(request) {
    return requireFrom(module, id, request);
  }
  require.resolve = makeResolve(module, id);
  require.main = mainModule;
  ObjectSetPrototypeOf(require, requirePrototype);
  return require;
}

function makeResolve(module, id) {
  function resolve(request, options) {
    const target = bundledTarget(id, kRequires, request);
    if (typeof target === 'number' && !options?.paths) return table[target][0];
    if (isBuiltin(request)) return request;
    return nodeModule()._resolveFilename(request, module, false, options);
  }
  resolve.paths = function paths(request) {
    return nodeModule()._resolveLookupPaths(request, module);
  };
  return resolve;
}

// How the bundler resolved an import: an id, 'node:...', or '!' and the message of the error to
// throw. Undefined if it did not resolve the import.
function bundledTarget(id, column, request) {
  const entry = id === undefined ? undefined : table[id][column];
  if (typeof entry !== 'object' || !ObjectPrototypeHasOwnProperty(entry, request)) return;
  return entry[request];
}

function addonError(text) {
  const error = new Error(text);
  error.code = 'ERR_DLOPEN_FAILED';
  return error;
}

function requireFrom(module, id, request) {
  if (NodeModule !== undefined &&
      (NodeModule._load !== originalLoad || NodeModule.prototype.require !== originalRequire)) {
    // The app has replaced functions of Module (instrumentation, mocks), so they are called.
    return ReflectApply(NodeModule.prototype.require, module, [request]);
  }
  const target = bundledTarget(id, kRequires, request);
  if (typeof target === 'number') return load(target, module);
  if (typeof target === 'string') {
    if (StringPrototypeCharCodeAt(target, 0) === 33 /* ! */) {
      throw addonError(StringPrototypeSlice(target, 1));
    }
    return builtin(target);
  }
  if (typeof request === 'string' && isBuiltin(request)) return builtin(request);
  return ReflectApply(nodeModule().prototype.require, module, [request]);
}

function load(id, parent) {
  const { 0: path, [kKind]: kind } = table[id];
  const existing = cache[path];
  if (existing !== undefined) {
    if (parent) adopt(parent, existing);
    return existing.exports;
  }
  if (kind === kEsm) return requireEsm(id);
  const module = new BundledModule(path, parent);
  cache[path] = module;
  let threw = true;
  try {
    evaluate(module, id);
    threw = false;
  } finally {
    if (threw) {
      delete cache[path];
      const at = parent?.children ? ArrayPrototypeIndexOf(parent.children, module) : -1;
      if (at !== -1) ArrayPrototypeSplice(parent.children, at, 1);
    }
  }
  module.loaded = true;
  return module.exports;
}

// Runs a CommonJS or JSON module. `module` may also be an object created by Node's loader.
function evaluate(module, id) {
  const { 0: path, [kKind]: kind } = table[id];
  if (kind === undefined) {
    let text = require('fs').readFileSync(path, 'utf8');
    if (StringPrototypeCharCodeAt(text, 0) === 0xFEFF) text = StringPrototypeSlice(text, 1);
    try {
      module.exports = JSONParse(text);
    } catch (error) {
      error.message = `${path}: ${error.message}`;
      throw error;
    }
    return;
  }
  const { exports } = module;
  const body = bodies[id];
  ReflectApply(body, exports, [
    exports, makeRequire(module, id), module, path, dirname(path),
    body.length > 5 ? importer(id) : undefined,
  ]);
}

// --- ES modules -----------------------------------------------------------------------

const builtinExports = new SafeSet();
const namespaces = new SafeWeakMap();  // module.exports -> the namespace that import gives
const foreignNamespaces = new SafeSet();  // namespaces that came from Node's loader
const required = new SafeMap();  // id -> the result of require() of an ES module

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

function requireEsm(id) {
  const existing = required.get(id);
  if (existing !== undefined) return existing;
  if (ArrayPrototypeIndexOf(modulesWithTla, id) !== -1) {
    const { ERR_REQUIRE_ASYNC_MODULE } = require('internal/errors').codes;
    throw new ERR_REQUIRE_ASYNC_MODULE(table[id][0]);
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
  required.set(id, exports);
  return exports;
}

function namespaceById(id) {
  const thunk = thunks[id];
  if (thunk === undefined) throw new Error(`${table[id][0]} is not to be loaded by its name`);
  return thunk();
}

// Returns the namespace of a module, or a promise of it.
function importById(id) {
  if (table[id][kKind] === kEsm) return namespaceById(id);
  return namespaceOf(load(id));
}

// Returns the function for import() in a CommonJS module, and for names that the bundler did not
// resolve.
function importer(id) {
  return async function(request, options) {
    const specifier = `${request}`;
    const target = bundledTarget(id, kImports, specifier);
    if (typeof target === 'number') return importById(target);
    if (typeof target === 'string') {
      if (StringPrototypeCharCodeAt(target, 0) === 33 /* ! */) {
        throw addonError(StringPrototypeSlice(target, 1));
      }
      return namespaceOf(builtin(target));
    }
    if (isBuiltin(specifier)) return namespaceOf(builtin(specifier));
    const path = table[id][0];
    const named = pathNamed(specifier, path);
    if (named !== undefined) {
      const found = bundledTarget(id, kImports, named) ?? idOf(named);
      if (isLoadable(found)) return importById(found);
    }
    const loader = nodeLoader();
    const parent = fileURL(path);
    const attributes = { __proto__: null, ...options?.with };
    const { url } = loader.resolveSync(parent, { specifier, attributes, __proto__: null });
    if (StringPrototypeStartsWith(url, 'file://')) {
      const found = idOf(pathNamed(url));
      if (isLoadable(found)) return importById(found);
    }
    return loader.import(specifier, parent, attributes);
  };
}

// The path that a relative specifier or file URL names, without reading the file system. A URL
// with a query or fragment is a separate module, which Node's loader creates from the file.
function pathNamed(specifier, from) {
  if (isRelative(specifier)) return require('path').resolve(dirname(from), specifier);
  if (!StringPrototypeStartsWith(specifier, 'file:')) return;
  const { URL, fileURLToPath } = require('internal/url');
  const url = new URL(specifier);
  return url.search || url.hash ? undefined : fileURLToPath(url);
}

function isLoadable(id) {
  return typeof id === 'number' && (table[id][kKind] !== kEsm || thunks[id] !== undefined);
}

// For Node's loader, when a module that it has read from a file imports one of the bundle: a
// synthetic module that exports the namespace of the bundle's, so that there is one instance.
// Undefined for other URLs, and for modules with top-level await, whose namespace is not
// available synchronously.
function moduleWrapAt(url) {
  const id = idOf(pathNamed(url));
  if (id === undefined || table[id][kKind] !== kEsm || thunks[id] === undefined ||
      ArrayPrototypeIndexOf(modulesWithTla, id) !== -1) return;
  const namespace = namespaceById(id);
  const names = ObjectKeys(namespace);
  const { ModuleWrap } = internalBinding('module_wrap');
  return new ModuleWrap(url, undefined, names, function() {
    for (let i = 0; i < names.length; i++) this.setExport(names[i], namespace[names[i]]);
  });
}

function nodeLoader() {
  nodeModule();
  require('internal/kiln/loaders').prepare();
  return require('internal/modules/esm/loader').getOrInitializeCascadedLoader();
}

function meta(id) {
  const path = table[id][0];
  const url = fileURL(path);
  return {
    __proto__: null,
    dirname: dirname(path),
    filename: path,
    main: id === entryId,
    resolve(request) {
      const specifier = `${request}`;
      const target =
        bundledTarget(id, kRequires, specifier) ?? bundledTarget(id, kImports, specifier);
      if (typeof target === 'number') return fileURL(table[target][0]);
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
    module = new BundledModule(table[id][0]);
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

// --- Node's loader --------------------------------------------------------------------

function nodeModule() {
  if (NodeModule !== undefined) return NodeModule;
  const loader = require('internal/modules/cjs/loader');
  NodeModule = loader.Module;
  if (NodeModule.builtinModules === undefined) loader.initializeCJS();
  const loaded = ObjectKeys(cache);
  for (let i = 0; i < loaded.length; i++) NodeModule._cache[loaded[i]] = cache[loaded[i]];
  cache = NodeModule._cache;

  delete prototype.require;
  delete prototype.constructor;
  delete prototype._compile;
  delete prototype.load;
  ObjectSetPrototypeOf(prototype, NodeModule.prototype);

  const { _resolveFilename: resolveFilename, _extensions: extensions } = NodeModule;
  NodeModule._resolveFilename = function(request, parent, isMain, options) {
    const id = typeof parent?.filename === 'string' ? idOf(parent.filename) : undefined;
    const target = bundledTarget(id, kRequires, request);
    if (typeof target === 'number') return table[target][0];
    const local = typeof request === 'string' && !options?.paths && parent;
    if (local && isRelative(request)) {
      const found = findFile(require('path').resolve(parent.path ?? '/', request));
      if (found !== undefined) return found;
    }
    try {
      return ReflectApply(resolveFilename, NodeModule, [request, parent, isMain, options]);
    } catch (error) {
      const found = local ? findPackage(request, parent.path ?? '/') : undefined;
      if (found === undefined) throw error;
      return found;
    }
  };
  for (const extension in extensions) {
    if (extension === '.json' || extension === '.node') continue;
    const handler = extensions[extension];
    extensions[extension] = function(module, filename) {
      const id = idOf(filename);
      if (id === undefined) return ReflectApply(handler, this, [module, filename]);
      if (table[id][kKind] !== kEsm) return evaluate(module, id);
      if (thunks[id] === undefined) return ReflectApply(handler, this, [module, filename]);
      module.exports = requireEsm(id);
    };
  }
  originalLoad = NodeModule._load;
  originalRequire = NodeModule.prototype.require;
  return NodeModule;
}

// Looks for a file among the bundle's modules in the order of require().
function findFile(path) {
  if (idOf(path) !== undefined) return path;
  for (const end of ['.js', '.json', '.cjs', '.mjs', '.ts', '/index.js', '/index.json']) {
    if (idOf(path + end) !== undefined) return path + end;
  }
}

// A package whose code is only in the bundle is found by the specifiers that other modules of the
// bundle import it with.
let packages;  // node_modules folder -> { specifier: path }
function findPackage(request, from) {
  if (isRelative(request)) return;
  if (packages === undefined) {
    packages = new SafeMap();
    for (let i = 0; i < table.length; i++) {
      notePackages(table[i][kRequires]);
      notePackages(table[i][kImports]);
    }
  }
  for (let folder = from; ; folder = dirname(folder)) {
    const place = folder === '/' ? '/node_modules' : `${folder}/node_modules`;
    const found = packages.get(place)?.[request] ?? findFile(`${place}/${request}`);
    if (found !== undefined) return found;
    if (folder === '/') return;
  }
}

function notePackages(targets) {
  if (typeof targets !== 'object') return;
  for (const specifier in targets) {
    if (typeof targets[specifier] !== 'number' || isRelative(specifier)) continue;
    const parts = StringPrototypeSplit(specifier, '/', 2);
    const name = specifier[0] === '@' ? `${parts[0]}/${parts[1]}` : parts[0];
    const path = table[targets[specifier]][0];
    const at = StringPrototypeIndexOf(path, `/node_modules/${name}/`);
    if (at === -1) continue;
    const folder = StringPrototypeSlice(path, 0, at + 13);
    if (!packages.has(folder)) packages.set(folder, { __proto__: null });
    packages.get(folder)[specifier] ??= path;
  }
}

module.exports = {
  // Called by the library (library_patches.js).
  isNamespace(value) {
    return ownNamespaces.has(value);
  },
  moduleWrapAt,
  // Called by the bundle's script.
  define(modules) {
    table = modules;
  },
  bodies(functions) {
    bodies = functions;
  },
  esm(newThunks, newModulesWithTla) {
    thunks = newThunks;
    modulesWithTla = newModulesWithTla;
  },
  entry(id) {
    entryId = id;
  },
  main(id) {
    entryId = id;
    const module = new BundledModule(table[id][0]);
    module.id = '.';
    mainModule = module;
    ObjectDefineProperty(process, 'mainModule', {
      __proto__: null, value: module, writable: true, enumerable: true, configurable: true,
    });
    cache[module.filename] = module;
    evaluate(module, id);
    module.loaded = true;
  },
  require: load,
  builtin,
  late,
  meta,
  importer,
  // TypeScript code may use the variables of CommonJS in an ES module.
  dirnameOf(id) {
    return dirname(table[id][0]);
  },
  filenameOf(id) {
    return table[id][0];
  },
  moduleOf,
  requireOf(id) {
    const require = makeRequire(moduleOf(id), id);
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
};
