'use strict';
// Small changes to modules of Node's library, each with its reason. `find` must occur exactly
// once in the text of the module `id`, or the build stops (patching.js). The text is Node's, before
// it is made lazy; `replace` ends its statements with semicolons, since lines may be joined.

const kBootstrap = 'internal/bootstrap/node';
const kMainThread = 'internal/bootstrap/switches/is_main_thread';
const kWildcard = 'internal/bootstrap/web/exposed-wildcard';
const kRealm = 'internal/bootstrap/realm';
const kKeys = 'internal/crypto/keys';
const kCjsLoader = 'internal/modules/cjs/loader';
const kEsmLoader = 'internal/modules/esm/loader';

module.exports = [
  ...require('./http_patches.js'),
  ...require('./embedded_files_patches.js'),
  ...require('./primordials_patches.js'),
  // ---- An app that was evaluated when it was built may have used Node's loaders.
  {
    id: 'internal/process/pre_execution',
    find: `  assert(!hasStartedUserCJSExecution());
  assert(!hasStartedUserESMExecution());
`,
    replace: `  const { isEvaluated } = internalBinding('kiln');
  assert(isEvaluated() || !hasStartedUserCJSExecution());
  assert(isEvaluated() || !hasStartedUserESMExecution());
`,
  },
  // ---- Modules of --require may replace functions of the loader, which has to know the bundle then.
  {
    id: 'internal/process/pre_execution',
    find: `  if (preloadModules && preloadModules.length > 0) {
`,
    replace: `  if (preloadModules && preloadModules.length > 0) {
    require('internal/kiln/loaders').prepareForLibrary();
`,
  },
  // ---- A snapshot was taken without --no-experimental-sqlite, which a start may have (forbidRequireByUsers below).
  {
    id: 'internal/process/pre_execution',
    find: `  if (getOptionValue('--no-experimental-sqlite')) {
    return;
`,
    replace: `  if (getOptionValue('--no-experimental-sqlite')) {
    require('internal/bootstrap/realm').BuiltinModule.forbidRequireByUsers('sqlite');
    return;
`,
  },
  // ---- Modules that were evaluated when the app was built (internal/kiln/commonjs).
  {
    id: 'internal/modules/cjs/loader',
    find: `      const cachedModule = Module._cache[filename];
`,
    replace: `      const cachedModule = Module._cache[filename] ??
        require('internal/kiln/commonjs').activate(filename, parent);
`,
  },
  {
    id: 'internal/modules/cjs/loader',
    find: `    cachedModule = Module._cache[filename];
    debug(`,
    replace: `    cachedModule = Module._cache[filename] ??
      require('internal/kiln/commonjs').activate(filename, parent);
    debug(`,
  },
  // ---- A queue's array, 16 kB, exists from its first element on: a snapshot has three queues. The array instead of
  // it has an element, so that Array.prototype is not asked for it.
  {
    id: 'internal/fixed_queue',
    find: `class FixedCircularBuffer {
`,
    replace: `const kUnused = [undefined];
class FixedCircularBuffer {
`,
  },
  {
    id: 'internal/fixed_queue',
    find: '    this.list = ArrayPrototypeFill(new Array(kSize), undefined);',
    replace: '    this.list = kUnused;',
  },
  {
    id: 'internal/fixed_queue',
    find: `  push(data) {
    this.list[`,
    replace: `  push(data) {
    if (this.list === kUnused) this.list = ArrayPrototypeFill(new Array(kSize), undefined);
    this.list[`,
  },
  // ---- No module is reported to node --watch (docs/environment.md). Node asks the environment when the first
  // module is loaded, which would be a read of that module, and another one when modules are baked.
  {
    id: 'internal/modules/cjs/loader',
    find: 'const shouldReportRequiredModules = getLazy(() => process.env.WATCH_REPORT_DEPENDENCIES);',
    replace: 'const shouldReportRequiredModules = () => undefined;',
  },
  // ---- What fork() starts is a script (runtime-stub/platform/own_children.h).
  {
    id: 'child_process',
    find: `  return spawn(options.execPath, args, options);
}

function _forkChild`,
    replace: `  return spawn(options.execPath, args, { ...options, [kIsModule]: true });
}

function _forkChild`,
  },
  {
    id: 'child_process',
    find: `  getValidStdio,
  setupChannel,
  ChildProcess,`,
    replace: `  getValidStdio,
  kIsModule,
  setupChannel,
  ChildProcess,`,
  },
  {
    id: 'internal/child_process',
    find: `    options.uid,
    options.gid,
  );
`,
    replace: `    options.uid,
    options.gid,
    options[kIsModule],
  );
`,
  },
  {
    id: 'internal/child_process',
    find: `module.exports = {
  ChildProcess,
`,
    replace: `const kIsModule = Symbol('isModule');
module.exports = {
  ChildProcess,
  kIsModule,
`,
  },
  // ---- 388 module records and two sets of names: created when a module is first looked up.
  {
    id: kRealm,
    find: `  static map = new SafeMap(
    ArrayPrototypeMap(builtinIds, (id) => [id, new BuiltinModule(id)]),
  );
`,
    replace: `  static { ObjectSetPrototypeOf(this.prototype, null); }  // no setters of user code
  static records = { __proto__: null };
  static map = {
    __proto__: null,
    has(id) { return hasBuiltin(id); },
    get(id) {
      let record = BuiltinModule.records[id];
      if (record === undefined && hasBuiltin(id))
        record = BuiltinModule.records[id] = new BuiltinModule(id);
      return record;
    },
    *values() {  // those that were asked for; the others export nothing yet
      for (const id in BuiltinModule.records) yield BuiltinModule.records[id];
    },
  };
`,
  },
  {
    id: kRealm,
    find: `const {
  builtinIds,
  compileFunction,
  setInternalLoaders,
} = internalBinding('builtins');
`,
    replace: `const builtins = internalBinding('builtins');
const {
  compileFunction,
  hasBuiltin,
  setInternalLoaders,
} = builtins;
`,
  },
  {
    id: kRealm,
    find: `const publicBuiltinIds = builtinIds
  .filter((id) =>
    !StringPrototypeStartsWith(id, 'internal/') &&
      !experimentalModuleList.has(id),
  );
// Do not expose the loaders to user land even with --expose-internals.
const internalBuiltinIds = builtinIds
  .filter((id) => StringPrototypeStartsWith(id, 'internal/') && id !== selfId);

// When --expose-internals is on we'll add the internal builtin ids to these.
let canBeRequiredByUsersList = new SafeSet(publicBuiltinIds);
let canBeRequiredByUsersWithoutSchemeList =
  new SafeSet(publicBuiltinIds.filter((id) => !schemelessBlockList.has(id)));
`,
    replace: `let publicIds;
const publicBuiltinIds = () => publicIds ??= ArrayPrototypeFilter(builtins.builtinIds, (id) =>
  !StringPrototypeStartsWith(id, 'internal/') && !experimentalModuleList.has(id));
// Filled when first asked, by when user code may have changed Array's iterator.
const setOf = (ids) => new SafeSet(new primordials.SafeArrayIterator(ids));
let usersList, usersWithoutSchemeList;
const allowedIds = [];  // by allowRequireByUsers
const canBeRequiredByUsersList = () => usersList ??= setOf(
  [...new primordials.SafeArrayIterator(publicBuiltinIds()),
   ...new primordials.SafeArrayIterator(allowedIds)]);
const canBeRequiredByUsersWithoutSchemeList = () => usersWithoutSchemeList ??= setOf(
  ArrayPrototypeFilter([...canBeRequiredByUsersList()], (id) => !schemelessBlockList.has(id)));
`,
  },
  {
    id: kRealm,
    find: `    canBeRequiredByUsersList.add(id);
    if (!schemelessBlockList.has(id)) {
      canBeRequiredByUsersWithoutSchemeList.add(id);
    }`,
    replace: `    ArrayPrototypePush(allowedIds, id);
    usersList?.add(id);
    if (!schemelessBlockList.has(id)) {
      usersWithoutSchemeList?.add(id);
    }`,
  },
  {
    id: kRealm,
    find: `    canBeRequiredByUsersList =
      new SafeSet(ArrayPrototypeFilter(ids, (id) => ArrayPrototypeIncludes(publicBuiltinIds, id)));
    canBeRequiredByUsersWithoutSchemeList =`,
    replace: `    usersList =
      new SafeSet(ArrayPrototypeFilter(ids, (id) => ArrayPrototypeIncludes(publicBuiltinIds(), id)));
    usersWithoutSchemeList =`,
  },
  {
    id: kRealm,
    find: `  static setRealmAllowRequireByUsers(ids) {
`,
    replace: `  static forbidRequireByUsers(id) {
    for (let i = allowedIds.length - 1; i >= 0; i--) {
      if (allowedIds[i] !== id) continue;
      allowedIds[i] = allowedIds[allowedIds.length - 1];
      allowedIds.length--;
    }
    usersList?.delete(id);
    usersWithoutSchemeList?.delete(id);
  }

  static setRealmAllowRequireByUsers(ids) {
`,
  },
  {
    id: kRealm,
    find: `    for (let i = 0; i < internalBuiltinIds.length; ++i) {
      BuiltinModule.allowRequireByUsers(internalBuiltinIds[i]);
    }`,
    replace: `    // The loaders stay hidden even with --expose-internals.
    const ids = builtins.builtinIds;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (StringPrototypeStartsWith(id, 'internal/') && id !== selfId)
        BuiltinModule.allowRequireByUsers(id);
    }`,
  },
  {
    id: kRealm,
    find: `    return canBeRequiredByUsersList.has(id);`,
    replace: `    return canBeRequiredByUsersList().has(id);`,
  },
  {
    id: kRealm,
    find: `    return canBeRequiredByUsersWithoutSchemeList.has(id);`,
    replace: `    return canBeRequiredByUsersWithoutSchemeList().has(id);`,
  },
  {
    id: kRealm,
    find: `ArrayFrom(canBeRequiredByUsersWithoutSchemeList);`,
    replace: `ArrayFrom(canBeRequiredByUsersWithoutSchemeList());`,
  },
  // ---- For lazy_names.js: what a public module that has loaded exports under a name.
  {
    id: kRealm,
    find: `// Store the internal loaders in C++.
`,
    replace: `requireBuiltin.peek = (id, name) => {
  const record = BuiltinModule.records[id];
  if (record?.loaded) return primordials.ObjectGetOwnPropertyDescriptor(record.exports, name)?.value;
};
`,
  },
  // ---- process.config is a large object that very few apps read.
  {
    id: kBootstrap,
    find: `const processConfig = JSONParse(binding.config, (_key, value) => {
  // The \`reviver\` argument of the JSONParse method will visit all the values of
  // the parsed config, including the "root" object, so there is no need to
  // explicitly freeze the config outside of this method
  return ObjectFreeze(value);
});

ObjectDefineProperty(process, 'config', {
  __proto__: null,
  enumerable: true,
  configurable: true,
  value: processConfig,
});
`,
    replace: `ObjectDefineProperty(process, 'config', {
  __proto__: null,
  enumerable: true,
  configurable: true,
  get() {
    const value = JSONParse(binding.config, (_key, value) => ObjectFreeze(value));
    ObjectDefineProperty(process, 'config', { __proto__: null, value });
    return value;
  },
});
`,
  },
  {
    id: kBootstrap,
    find: `let kTypeStrippingMode = process.config.variables.node_use_amaro ? null : false;`,
    replace: `let kTypeStrippingMode = null;  // amaro is part of the library`,
  },
  // ---- Web globals whose modules load when they are first used.
  {
    id: kWildcard,
    find: `const { URL, URLSearchParams } = require('internal/url');
// https://url.spec.whatwg.org/#url
exposeInterface(globalThis, 'URL', URL);
// https://url.spec.whatwg.org/#urlsearchparams
exposeInterface(globalThis, 'URLSearchParams', URLSearchParams);
`,
    replace: `exposeLazyInterfaces(globalThis, 'internal/url', ['URL', 'URLSearchParams']);
`,
  },
  {
    id: kWildcard,
    find: `const {
  EventTarget, Event,
} = require('internal/event_target');
exposeInterface(globalThis, 'Event', Event);
exposeInterface(globalThis, 'EventTarget', EventTarget);
exposeLazyInterfaces(globalThis, 'internal/event_target', ['CustomEvent']);
`,
    replace: `exposeLazyInterfaces(globalThis, 'internal/event_target', ['Event', 'EventTarget', 'CustomEvent']);
`,
  },
  // Node has loaded this module when a program starts. A debugger would see it as a new script of the
  // program if it were loaded by the first call of vm.
  {
    id: 'inspector',
    find: `const { isMainThread } = require('worker_threads');
`,
    replace: `const { isMainThread } = require('worker_threads');
require('internal/vm');
`,
  },
  // Node takes from console what an inspector has installed there, and console.Console with it, before
  // it writes a snapshot. No inspector runs while an app is built.
  {
    id: 'internal/console/constructor',
    find: `  if (!internalBinding('config').hasInspector || !isBuildingSnapshot()) {
    return;
  }
  const { console: consoleFromVM } = internalBinding('inspector');
  const nodeConsoleKeys = ObjectKeys(Console.prototype);
  const vmConsoleKeys = ObjectKeys(consoleFromVM);
  const originalKeys = new SafeSet(vmConsoleKeys.concat(nodeConsoleKeys));
  const inspectorConsoleKeys = new SafeSet();
  for (const key of ObjectKeys(globalConsole)) {
    if (!originalKeys.has(key)) {
      inspectorConsoleKeys.add(key);
    }
  }
  // During deserialization these should be reinstalled to console by
  // V8 when the inspector client is created.
  addSerializeCallback(() => {
    for (const key of inspectorConsoleKeys) {
      globalConsole[key] = undefined;
    }
  });
`,
    replace: '',
  },
  {
    id: 'internal/console/constructor',
    find: `  const {
    namespace: {
      addSerializeCallback,
      isBuildingSnapshot,
    },
  } = require('internal/v8/startup_snapshot');

`,
    replace: '',
  },
  // In node the inspector installs these methods. V8's own do nothing without an inspector.
  {
    id: kWildcard,
    find: `    setConsoleExtensionInstaller(inspector.installConsoleExtensions);
  }
`,
    replace: `    setConsoleExtensionInstaller(inspector.installConsoleExtensions);
  } else {
    for (const key of ['profile', 'profileEnd', 'timeStamp', 'context'])
      consoleFromNode[key] = globalThis.console[key];
    consoleFromNode.createTask = ({ createTask() {
      const name = arguments[0];
      if (typeof name !== 'string' || name === '') throw new Error('First argument must be a non-empty string.');
      return { run(f) {
        if (typeof f !== 'function') throw new Error('First argument must be a function.');
        return f();
      } };
    } }).createTask;
  }
`,
  },
  {
    id: 'internal/bootstrap/web/exposed-window-or-worker',
    find: `const { installObjectURLMethods, URLPattern } = require('internal/url');
installObjectURLMethods();
exposeInterface(globalThis, 'URLPattern', URLPattern);
`,
    replace: `exposeLazyInterfaces(globalThis, 'internal/url', ['URLPattern']);
`,
  },
  {
    id: 'internal/url',
    find: `module.exports = {
  fileURLToPath,
`,
    replace: `installObjectURLMethods();
module.exports = {
  fileURLToPath,
`,
  },
  // ---- The source maps of an app's modules are in the executable.
  {
    id: 'internal/source_map/source_map_cache',
    find: `  // No source maps for builtin modules.
  if (sourceURL.startsWith('node:')) {
    return undefined;
  }
`,
    replace: `  // No source maps for builtin modules.
  if (sourceURL.startsWith('node:')) {
    return undefined;
  }

  const bundled = require('internal/kiln/source_maps').mapOf(sourceURL);
  if (bundled !== undefined) return bundled;
`,
  },
  // Frames of translated modules look like those of other modules.
  {
    id: 'internal/source_map/prepare_stack_trace',
    find: `      const sm = fileName === lastFileName ?
`,
    replace: `      const frame = require('internal/kiln/source_maps').frameOf(callSite, fileName);
      if (frame !== undefined) return kStackLineAt + frame;
      const sm = fileName === lastFileName ?
`,
  },
  {
    id: 'internal/source_map/prepare_stack_trace',
    find: `    StringPrototypeStartsWith(originalSourcePath, 'file://') ?
`,
    replace: `    StringPrototypeStartsWith(originalSourcePath, 'file://') &&
    !require('internal/kiln/source_maps').isOfModule(sourceMap) ?
`,
  },
  // Such a map is a position table, which is searched in place and is never an object of its own.
  {
    id: 'internal/source_map/source_map',
    find: `const { validateObject } = require('internal/validators');
`,
    replace: `const { validateObject } = require('internal/validators');
const { PositionTable } = require('internal/kiln/source_maps');
`,
  },
  {
    id: 'internal/source_map/source_map',
    find: `  #lineLengths = undefined;

`,
    replace: `  #lineLengths = undefined;
  #table;

`,
  },
  {
    id: 'internal/source_map/source_map',
    find: `  constructor(payload, { lineLengths } = { __proto__: null }) {
`,
    replace: `  constructor(payload, { lineLengths } = { __proto__: null }) {
    if (PositionTable.is(payload)) {
      this.#table = payload;
      return;
    }
`,
  },
  {
    id: 'internal/source_map/source_map',
    find: `    return cloneSourceMapV3(this.#payload);
`,
    replace: `    return cloneSourceMapV3(this.#payload ?? this.#table.payload());
`,
  },
  {
    id: 'internal/source_map/source_map',
    find: `    return this.#mappings;
`,
    replace: `    return this.#table === undefined ? this.#mappings : new SourceMap(this.payload)[kMappings];
`,
  },
  {
    id: 'internal/source_map/source_map',
    find: `  findEntry(lineOffset, columnOffset) {
`,
    replace: `  findEntry(lineOffset, columnOffset) {
    if (this.#table !== undefined) return this.#table.findEntry(lineOffset, columnOffset);
`,
  },
  {
    id: 'internal/source_map/source_map_cache',
    find: `  const source = getOriginalSource(
    sourceMap.payload,
    originalSourcePath,
  );
`,
    replace: `  const table = require('internal/kiln/source_maps').tableOf(sourceMap);
  const source = table?.contentOf(originalSourcePath) || getOriginalSource(
    table ? { __proto__: null, sources: [] } : sourceMap.payload,
    originalSourcePath,
  );
`,
  },
  // Stack traces use it even while source maps are disabled, which is the default in node.
  {
    id: 'internal/source_map/source_map_cache',
    find: `  setSourceMapsNative(enabled);
  if (enabled) {
`,
    replace: `  const mapped = enabled || internalBinding('kiln').hasSourceMap();
  setSourceMapsNative(mapped);
  if (enabled) {
    require('internal/kiln/commonjs').state.rememberMap = require('internal/kiln/source_maps').rememberMap;
  } else {
    const state = require.peek('internal/kiln/commonjs', 'state');
    if (state !== undefined) state.rememberMap = undefined;
  }
  if (mapped && !enabled) {
    require('internal/source_map/prepare_stack_trace');
    setInternalPrepareStackTrace(require('internal/kiln/source_maps').prepareStackTrace);
  } else if (mapped) {
`,
  },
  {
    // Shared memory cannot be part of a snapshot, and without worker threads nobody shares it.
    id: 'internal/worker',
    find: `  cwdCounter = new Uint32Array(constructSharedArrayBuffer(4));`,
    replace: `  cwdCounter = new Uint32Array(1);`,
  },
  {
    id: 'internal/errors/error_source',
    find: `  if (!getSourceMapsSupport().enabled) {
`,
    replace: `  if (!getSourceMapsSupport().enabled &&
      !require('internal/kiln/source_maps').has(scriptResourceName)) {
`,
  },
  // ---- The ES modules of a linked bundle (--link=scope), which are not modules for V8.
  {
    id: 'internal/util/types',
    find: `module.exports = {
  ...internalBinding('types'),
`,
    replace: `module.exports = {
  ...internalBinding('types'), isModuleNamespaceObject() { return isNamespace(arguments[0]); },
`,
  },
  {
    id: 'internal/util/types',
    find: `let isCryptoKeyFn;
`,
    replace: `const isNamespace = (value) => internalBinding('types').isModuleNamespaceObject(value) ||
  require.peek('internal/kiln/linked_scope', 'isNamespace')?.(value) === true;
let isCryptoKeyFn;
`,
  },
  {
    id: 'internal/util/inspect',
    find: `      output[i] = formatProperty(ctx, value, recurseTimes, keys[i],
                                 kObjectType);
`,
    replace: `      output[i] = formatProperty(ctx, value, recurseTimes, keys[i], kObjectType,
                                 { __proto__: null, value: value[keys[i]], enumerable: true });
`,
  },
  {
    id: 'internal/modules/esm/translators',
    find: `  let { source } = translateContext;
  const isMain = (parentURL === undefined);
  assertBufferSource(source, true, 'load');
`,
    replace: `  const bundled = require.peek('internal/kiln/linked_scope', 'moduleWrapAt')?.(url);
  if (bundled !== undefined) return bundled;
  let { source } = translateContext;
  const isMain = (parentURL === undefined);
  assertBufferSource(source, true, 'load');
`,
  },
  // ---- Node's loader of ES modules takes the bundle's modules from internal/kiln/esm.
  {
    id: kEsmLoader,
    find: `    out.isResolvedByDefaultResolve = true;
    return this.#cachedDefaultResolve(specifier, context);
`,
    replace: `    out.isResolvedByDefaultResolve = true;
    const bundled = require.peek('internal/kiln/esm', 'resolvedImport')?.(specifier, context.parentURL);
    if (bundled !== undefined) return bundled;
    return this.#cachedDefaultResolve(specifier, context);
`,
  },
  // ---- import() of bundled modules must know whether module.register() has registered hooks.
  {
    id: kEsmLoader,
    find: `  #setAsyncLoaderHooks(asyncLoaderHooks) {
`,
    replace: `  get hasAsyncLoaderHooks() { return this.#asyncLoaderHooks !== undefined; }

  #setAsyncLoaderHooks(asyncLoaderHooks) {
`,
  },
  {
    id: kEsmLoader,
    find: `module.exports = {
  createModuleLoader,
`,
    replace: `module.exports = {
  hasAsyncLoaderHooks() { return cascadedLoader?.hasAsyncLoaderHooks === true; },
  createModuleLoader,
`,
  },
  {
    id: kEsmLoader,
    find: `    let job = this.loadCache.get(url, importAttributes.type);
`,
    replace: `    let job = this.loadCache.get(url, importAttributes.type);
    if (job === undefined) {
      const wrap = require.peek('internal/kiln/esm', 'loadedWrap')?.(url, importAttributes.type);
      if (wrap !== undefined) {
        // It is linked: nothing is resolved again, so no hooks are called.
        job = new ModuleJob(this, url, importAttributes, wrap, kSourcePhase, false, false, requestType);
        job.phase = kEvaluationPhase;
        job.linked = [];
        job.instantiated = primordials.PromiseResolve();
        this.loadCache.set(url, importAttributes.type, job);
      }
    }
`,
  },
  {
    id: kEsmLoader,
    find: `    this.validateLoadResult(url, format);
    const translator = translators.get(translatorKey);
`,
    replace: `    this.validateLoadResult(url, format);
    const bundled = require.peek('internal/kiln/esm', 'wrapFor')?.(url, translateContext);
    if (bundled !== undefined) return bundled;
    const translator = translators.get(translatorKey);
`,
  },
  {
    id: kEsmLoader,
    find: `    const wrap = compileSourceTextModule(url, source, this);
    const inspectBrk`,
    replace: `    const wrap = require.peek('internal/kiln/esm', 'wrapFor')?.(url, { __proto__: null, format: 'module', source }) ??
      compileSourceTextModule(url, source, this);
    const inspectBrk`,
  },
  {
    id: 'internal/modules/esm/utils',
    find: `function defaultImportModuleDynamicallyForModule(specifier, phase, attributes, referrerName) {
`,
    replace: `function defaultImportModuleDynamicallyForModule(specifier, phase, attributes, referrerName) {
  const importBundled = require.peek('internal/kiln/esm', 'importBundled');
  if (importBundled !== undefined) return importBundled(specifier, phase, attributes, referrerName);
`,
  },
  {
    id: 'internal/modules/esm/utils',
    find: `function defaultImportModuleDynamicallyForScript(specifier, phase, attributes, referrerName) {
`,
    replace: `function defaultImportModuleDynamicallyForScript(specifier, phase, attributes, referrerName) {
  const importBundled = require.peek('internal/kiln/esm', 'importBundled');
  if (importBundled !== undefined) return importBundled(specifier, phase, attributes, referrerName);
`,
  },
  {
    id: 'internal/modules/esm/utils',
    find: `module.exports = {
  registerModule,
`,
    replace: `module.exports = {
  registerModule, importModuleDynamicallyCallback, initializeImportMetaObject,
  isInitialized: () => defaultConditions !== undefined,
`,
  },
  // ---- A compiled app looks for packages in the executable only (internal/kiln/packages).
  {
    id: kCjsLoader,
    find: `  if (!getEmbedderOptions().noGlobalSearchPaths) {
`,
    replace: `  if (!getEmbedderOptions().noGlobalSearchPaths &&
      !require('internal/kiln/packages').isConfined()) {
`,
  },
  {
    id: kCjsLoader,
    find: `  modulePaths = paths;

  // Clone`,
    replace: `  modulePaths = require('internal/kiln/packages').globalPaths(paths);

  // Clone`,
  },
  {
    id: kCjsLoader,
    find: `      paths = modulePaths;
    }

    debug('looking for %j in %j', request, paths);
    return paths.length > 0 ? paths : null;
`,
    replace: `      paths = modulePaths;
    }
    const packages = require('internal/kiln/packages');
    paths = packages.lookupPaths(request, parent, paths);

    debug('looking for %j in %j', request, paths);
    return paths.length > 0 || packages.isConfined() ? paths : null;
`,
  },
  // The compile cache contains code, so a compiled app ignores NODE_COMPILE_CACHE, and the directory
  // that it did not name is checked.
  {
    id: 'internal/modules/helpers',
    find: `    directory = process.env.NODE_COMPILE_CACHE || join(lazyTmpdir(), 'node-compile-cache');
  }
`,
    replace: `    isDefault = require('internal/kiln/packages').isCacheChecked();
    directory = !isDefault && process.env.NODE_COMPILE_CACHE ||
      join(lazyTmpdir(), 'node-compile-cache');
  }
`,
  },
  {
    id: 'internal/modules/helpers',
    find: `  const nativeResult = _enableCompileCache(directory, portable);
`,
    replace: `  const nativeResult = _enableCompileCache(directory, portable, isDefault);
`,
  },
  {
    id: 'internal/modules/helpers',
    find: `  let portable;
  let directory;
`,
    replace: `  let portable;
  let directory;
  let isDefault = false;
`,
  },
  {
    id: kCjsLoader,
    find: `  const parentDir = [path.dirname(parent.filename)];
`,
    replace: `  if (require('internal/kiln/packages').isMissing(request, parent.filename)) return [];
  const parentDir = [path.dirname(parent.filename)];
`,
  },
  {
    id: 'internal/modules/esm/resolve',
    find: `  conditions = getConditionsSet(conditions);
  let url;
`,
    replace: `  conditions = getConditionsSet(conditions);
  require('internal/kiln/packages').throwIfMissing(specifier, \`\${parentURL}\`);
  let url;
`,
  },
  {
    id: 'internal/modules/package_json_reader',
    find: `    if (stat !== 1) {
      lastPath`,
    replace: `    if (stat !== 1 || require('internal/kiln/packages').isHidden(packageJSONPath)) {
      lastPath`,
  },
  {
    id: 'internal/modules/package_json_reader',
    find: `  let packageJSONUrl = new URL(\`./node_modules/\${packageName}/package.json\`, base);
`,
    replace: `  const external =
    require('internal/kiln/packages').externalPackage(specifier, packageName, \`\${base}\`);
  if (external !== undefined) {
    return { packageJSONUrl: pathToFileURL(external), packageJSONPath: external, packageSubpath };
  }
  let packageJSONUrl = new URL(\`./node_modules/\${packageName}/package.json\`, base);
`,
  },
  {
    id: 'internal/modules/esm/resolve',
    find: `    parentURL = getCWDURL().href;

`,
    replace: `    parentURL = require('internal/kiln/packages').parentOf(specifier, getCWDURL().href);

`,
  },
  // The app may have changed Array's iterator when these run.
  {
    id: 'internal/modules/helpers',
    find: `    ...addonConditions,
    ...userConditions,
  ];`,
    replace: `    ...new primordials.SafeArrayIterator(addonConditions),
    ...new primordials.SafeArrayIterator(userConditions),
  ];`,
  },
  {
    id: 'internal/modules/helpers',
    find: `  cjsConditions = new SafeSet(cjsConditionsArray);`,
    replace: `  cjsConditions = new SafeSet(new primordials.SafeArrayIterator(cjsConditionsArray));`,
  },
  {
    id: 'internal/modules/esm/utils',
    find: `    ...moduleConditions,
    ...addonConditions,
    ...userConditions,
  ]);
  defaultConditionsSet = new SafeSet(defaultConditions);`,
    replace: `    ...new primordials.SafeArrayIterator(moduleConditions),
    ...new primordials.SafeArrayIterator(addonConditions),
    ...new primordials.SafeArrayIterator(userConditions),
  ]);
  defaultConditionsSet = new SafeSet(new primordials.SafeArrayIterator(defaultConditions));`,
  },
  {
    id: 'internal/modules/esm/module_job',
    find: `module.exports = {
  ModuleJob, ModuleJobSync, ModuleJobBase,
`,
    replace: `module.exports = {
  ModuleJob, ModuleJobSync, ModuleJobBase, explainCommonJSGlobalLikeNotDefinedError,
`,
  },
  {
    id: kRealm,
    find: `    const names = this.exportKeys;
    if (this.module) {
`,
    replace: `    const names = this.exportKeys;
    requireBuiltin.peek('internal/kiln/esm', 'syncBuiltinExports')?.(this.id);
    if (this.module) {
`,
  },
  // ---- Modules of the library that use Node's loaders.
  {
    id: kRealm,
    find: `    this.compileForInternalLoader();
    if (!this.exportKeys) {
`,
    replace: `    if (this.id === 'repl' || this.id === 'test') requireBuiltin('internal/kiln/loaders').prepareForLibrary();
    this.compileForInternalLoader();
    if (!this.exportKeys) {
`,
  },
  {
    id: 'internal/modules/helpers',
    find: `  return normalizedId ? require(normalizedId) : undefined;
`,
    replace: `  if (normalizedId === 'repl' || normalizedId === 'test' || normalizedId === 'module')
    require('internal/kiln/loaders').prepareForLibrary();
  return normalizedId ? require(normalizedId) : undefined;
`,
  },
  // The channels of require() and import(): Node's loader reports to them.
  {
    id: 'diagnostics_channel',
    find: `  ObjectSetPrototypeOf(channel, ActiveChannel.prototype);
`,
    replace: `  if (typeof channel.name === 'string' && primordials.StringPrototypeStartsWith(channel.name, 'tracing:module.'))
    require('internal/kiln/loaders').prepareForLibrary();
  ObjectSetPrototypeOf(channel, ActiveChannel.prototype);
`,
  },
  {
    id: 'internal/modules/cjs/loader',
    find: `module.exports = {
  kModuleSource,
  kModuleExport,
`,
    replace: `module.exports = {
  kModuleSource, resolvedRequests: () => relativeResolveCache, isWrapChanged: () => patched,
  kModuleExport,
`,
  },
  // ---- One function that has run when the heap is written, so that its bytecode is in it.
  {
    id: 'internal/bootstrap/switches/does_own_process_state',
    find: `  addSerializeCallback(() => {
    cachedCwd = '';
    addDeserializeCallback(() => {
      cachedCwd = '';
    });
  });
`,
    replace: `  const forget = () => { cachedCwd = ''; };
  addSerializeCallback(() => {
    forget();
    addDeserializeCallback(forget);
  });
`,
  },
  // ---- Warnings are printed after a start from the snapshot too, which keeps the listener. A start
  // that prepares the thread again (internal/kiln/start) sets it again.
  {
    id: 'internal/process/pre_execution',
    find: `  if (getOptionValue('--warnings') &&
    process.env.NODE_NO_WARNINGS !== '1') {
`,
    replace: `  process.removeListener('warning', onWarning);
  if (getOptionValue('--warnings') &&
    process.env.NODE_NO_WARNINGS !== '1') {
`,
  },
  {
    id: 'internal/process/pre_execution',
    find: `        process.removeListener('warning', onWarning);
        resetForSerialization();
`,
    replace: `        resetForSerialization();
`,
  },
  // ---- An app does not take node's options, so the hint is to run its source with node.
  {
    id: 'internal/process/warning',
    find: `    const argv0 = require('path').basename(process.argv0 || 'node', '.exe');
`,
    replace: `    const argv0 = 'node';
`,
  },
  // ---- For each cipher and HMAC the library checks whether an object is a key. It catches the
  // error of a failed property access, and that error's stack trace took most of the time of
  // createCipheriv().
  {
    id: kKeys,
    find: `  getKeyObjectSlots: nativeGetKeyObjectSlots,
`,
    replace: `  getKeyObjectSlots: nativeGetKeyObjectSlots,
  isNativeCryptoKey,
  isNativeKeyObject,
`,
  },
  {
    id: kKeys,
    find: `  try {
    getKeyObjectSlots(obj);
    return true;
  } catch {
    return false;
  }
`,
    replace: `  return isNativeKeyObject(obj);
`,
  },
  {
    id: kKeys,
    find: `  try {
    getSlots(obj);
    return true;
  } catch {
    return false;
  }
`,
    replace: `  return isNativeCryptoKey(obj);
`,
  },
  // ---- The global console needs no stream until process.stdout is first read or a write fails or
  // would block. A stream loads 18 modules (net and more for a pipe). `direct` is the descriptor,
  // or 0. What writeStdio could not write goes to the stream, which behaves as in Node.
  {
    id: 'internal/console/constructor',
    find: `      const useStdout = streamSymbol === kUseStdout;
      const stream = useStdout ? this._stdout : this._stderr;
`,
    replace: `      const useStdout = streamSymbol === kUseStdout;
      const direct = this[kDirectFd]?.(useStdout) ?? 0;
      let stream = direct ? undefined : useStdout ? this._stdout : this._stderr;
`,
  },
  {
    id: 'internal/console/constructor',
    find: `      string += '\\n';

      if (ignoreErrors === false) return stream.write(string);
`,
    replace: `      string += '\\n';

      if (direct) {
        const written = internalBinding('kiln').writeStdio(direct, string);
        if (written === -1) return;
        if (written > 0) string = require('buffer').Buffer.from(string).subarray(written);
        stream = useStdout ? this._stdout : this._stderr;
      }
      if (ignoreErrors === false) return stream.write(string);
`,
  },
  {
    id: 'internal/console/constructor',
    find: `      let stdout;
      let stderr;
      ObjectDefineProperties(this, {
`,
    replace: `      let stdout;
      let stderr;
      // 0 once a stream is known here, or when process has another getter than its own.
      ObjectDefineProperty(this, kDirectFd, {
        __proto__: null, ...consolePropAttributes, value(useStdout) {
          if (useStdout ? stdout : stderr) return 0;
          const name = useStdout ? 'stdout' : 'stderr';
          return primordials.ObjectGetOwnPropertyDescriptor(object, name)?.get?.directFd?.() ?? 0;
        } });
      ObjectDefineProperties(this, {
`,
  },
  {
    id: 'internal/console/constructor',
    find: `const kUseStdout = Symbol('kUseStdout');
`,
    replace: `const kUseStdout = Symbol('kUseStdout');
const kDirectFd = Symbol('kDirectFd');
const isPlain = (console, useStdout) => {
  const fd = console[kDirectFd]?.(useStdout) ?? 0;
  return fd !== 0 && require('internal/util').guessHandleType(fd) !== 'TTY';
};
`,
  },
  {
    id: 'internal/console/constructor',
    find: `      const opts = this[kGetInspectOptions](this._stdout);
      ArrayPrototypeUnshift(args, opts);`,
    replace: `      const opts = this[kGetInspectOptions](isPlain(this, true) ? undefined : this._stdout);
      ArrayPrototypeUnshift(args, opts);`,
  },
  {
    id: 'internal/console/constructor',
    find: `      const opts = this[kGetInspectOptions](this._stderr);
      ArrayPrototypeUnshift(args, opts);`,
    replace: `      const opts = this[kGetInspectOptions](isPlain(this, false) ? undefined : this._stderr);
      ArrayPrototypeUnshift(args, opts);`,
  },
  {
    id: kMainThread,
    find: `  stream.fd = fd;

  stream._isStdio = true;
`,
    replace: `  stream.fd = fd;
  if (stream._handle) internalBinding('kiln').countStdio(fd, stream._handle);

  stream._isStdio = true;
`,
  },
  {
    id: kMainThread,
    find: `function getStdin() {
`,
    replace: `function directFd(fd, stream) {
  if (stream || process.channel?.fd === fd) return 0;
  switch (guessHandleType(fd)) {
    case 'FILE': case 'PIPE': case 'TTY': return fd;
    default: return 0;
  }
}
getStdout.directFd = () => directFd(1, stdout);
getStderr.directFd = () => directFd(2, stderr);

function getStdin() {
`,
  },
  // ---- A child process cannot start in an embedded folder. ENOENT would not say why, since fs finds
  // the folder.
  {
    id: 'internal/child_process',
    find: `const handleConversion = {
`,
    replace: `function embeddedCwd(cwd) {
  return typeof cwd === 'string' && internalBinding('kiln').isEmbedded(cwd) ?
    \`(its cwd '\${cwd}' is in the executable)\` : undefined;
}

const handleConversion = {
`,
  },
  {
    id: 'internal/child_process',
    find: `      const err = new ErrnoException(exitCode, syscall);
`,
    replace: `      const err = new ErrnoException(exitCode, syscall, this._cwdNote);
`,
  },
  {
    id: 'internal/child_process',
    find: `  validateString(options.file, 'options.file');
  this.spawnfile = options.file;
`,
    replace: `  validateString(options.file, 'options.file');
  this.spawnfile = options.file;
  const note = embeddedCwd(options.cwd);
  if (note) ObjectDefineProperty(this, '_cwdNote', { __proto__: null, value: note });
`,
  },
  {
    id: 'internal/child_process',
    find: `    result.error = new ErrnoException(result.error, 'spawnSync ' + options.file);
`,
    replace: `    result.error = new ErrnoException(result.error, 'spawnSync ' + options.file, embeddedCwd(options.cwd));
`,
  },
  // ---- Copies of embedded links: on disk a link to /kiln leads nowhere (payload/copied_links.h).
  {
    id: 'internal/fs/cp/cp',
    find: `async function cpFn(src, dest, opts) {
`,
    replace: `async function cpFn(src, dest, opts) {
  opts.tree = src;
`,
  },
  {
    id: 'internal/fs/cp/cp',
    find: `async function onLink(destStat, src, dest, opts) {
  let resolvedSrc = await readlink(src);
  if (!opts.verbatimSymlinks && !isAbsolute(resolvedSrc)) {
`,
    replace: `async function onLink(destStat, src, dest, opts) {
  const target = opts.verbatimSymlinks ? undefined : internalBinding('kiln').copiedLink(src, opts.tree);
  if (target === null) {
    if (src === opts.tree) opts.tree += sep;
    const srcStat = await stat(src);
    return srcStat.isDirectory() ? onDir(srcStat, destStat, src, dest, opts) :
      onFile(srcStat, destStat, src, dest, opts);
  }
  let resolvedSrc = target ?? await readlink(src);
  if (!opts.verbatimSymlinks && target === undefined && !isAbsolute(resolvedSrc)) {
`,
  },
  {
    id: 'internal/fs/cp/cp-sync',
    find: `function cpSyncFn(src, dest, opts) {
`,
    replace: `function cpSyncFn(src, dest, opts) {
  opts.tree = src;
`,
  },
  {
    id: 'internal/fs/cp/cp-sync',
    find: `    return onLink(destStat, src, dest, opts.verbatimSymlinks);
`,
    replace: `    const target = opts.verbatimSymlinks ? undefined : internalBinding('kiln').copiedLink(src, opts.tree);
    if (target === null) {
      if (src === opts.tree) opts.tree += '/';
      const stat = statSync(src);
      return stat.isDirectory() ? onDir(stat, destStat, src, dest, opts) : onFile(stat, destStat, src, dest, opts);
    }
    return onLink(destStat, src, dest, opts.verbatimSymlinks, target);
`,
  },
  {
    id: 'internal/fs/cp/cp-sync',
    find: `function onLink(destStat, src, dest, verbatimSymlinks) {
  let resolvedSrc = readlinkSync(src);
  if (!verbatimSymlinks && !isAbsolute(resolvedSrc)) {
`,
    replace: `function onLink(destStat, src, dest, verbatimSymlinks, target) {
  let resolvedSrc = target ?? readlinkSync(src);
  if (!verbatimSymlinks && target === undefined && !isAbsolute(resolvedSrc)) {
`,
  },
  // ---- Modules that Node loads early only to have them in its one snapshot. Kiln's snapshot
  // contains those that the app needs.
  {
    id: kMainThread,
    find: `require('fs');
require('util');
require('url'); // eslint-disable-line no-restricted-modules
internalBinding('module_wrap');
require('internal/modules/cjs/loader');
require('internal/modules/esm/loader');
require('internal/modules/esm/utils');

// Needed to refresh the time origin.
require('internal/perf/utils');
// Needed to register the async hooks.
if (internalBinding('config').hasInspector) {
  require('internal/inspector_async_hook');
}
// Needed to set the wasm web API callbacks.
internalBinding('wasm_web_api');
// Needed to detect whether it's on main thread.
internalBinding('worker');
// Needed by most execution modes.
require('internal/modules/run_main');
// Needed to refresh DNS configurations.
require('internal/dns/utils');
// Needed by almost all execution modes. It's fine to
// load them into the snapshot as long as we don't run
// any of the initialization.
require('internal/process/pre_execution');
`,
    replace: '',
  },
  // ---- Modules that only a few apps use are not loaded to prepare the thread. Each is prepared when it
  // is first loaded, and again, as in Node, at a start that prepares the thread.
  {
    id: 'internal/process/pre_execution',
    find: `  require('internal/dns/utils').initializeDns();
`,
    replace: `  if (getOptionValue('--dns-result-order')) require('internal/dns/utils').initializeDns();
  require.peek('internal/dns/utils', 'initializeDns')?.();
`,
  },
  {
    id: 'internal/dns/utils',
    find: `  initializeDns,
  validDnsOrders,
  validFamilies,
};
`,
    replace: `  initializeDns,
  validDnsOrders,
  validFamilies,
};
initializeDns();
`,
  },
  {
    id: 'internal/process/pre_execution',
    find: `  const { initializeExtensionFormatMap } = require('internal/modules/esm/get_format');
  initializeExtensionFormatMap();
`,
    replace: `  require.peek('internal/modules/esm/get_format', 'initializeExtensionFormatMap')?.();
`,
  },
  {
    id: 'internal/modules/esm/get_format',
    find: `  initializeExtensionFormatMap,
};
`,
    replace: `  initializeExtensionFormatMap,
};
initializeExtensionFormatMap();
`,
  },
  // internal/errors begins with what this sets without the option.
  {
    id: 'internal/process/pre_execution',
    find: `  const enabled = getOptionValue('--enable-source-maps');
  setSourceMapsSupport(enabled, {
`,
    replace: `  const enabled = getOptionValue('--enable-source-maps');
  require('internal/source_map/source_map_cache').setSourceMapsSupport(enabled, {
`,
  },
  {
    id: 'internal/process/pre_execution',
    find: `  const {
    setSourceMapsSupport,
  } = require('internal/source_map/source_map_cache');
  const enabled`,
    replace: `  if (!getOptionValue('--enable-source-maps') &&
    require.peek('internal/source_map/source_map_cache', 'setSourceMapsSupport') === undefined) return;
  const enabled`,
  },
  {
    id: kBootstrap,
    find: `  const {
    getSourceMapsSupport,
    setSourceMapsSupport,
    maybeCacheGeneratedSourceMap,
  } = require('internal/source_map/source_map_cache');
`,
    replace: `  const cache = () => require('internal/source_map/source_map_cache');
`,
  },
  {
    id: kBootstrap,
    find: `      return getSourceMapsSupport().enabled;
`,
    replace: `      return cache().getSourceMapsSupport().enabled;
`,
  },
  {
    id: kBootstrap,
    find: `    setSourceMapsSupport(val, {
`,
    replace: `    (0, cache().setSourceMapsSupport)(val, {
`,
  },
  {
    id: kBootstrap,
    find: `  setMaybeCacheGeneratedSourceMap(maybeCacheGeneratedSourceMap);
`,
    replace: `  setMaybeCacheGeneratedSourceMap((content) => cache().maybeCacheGeneratedSourceMap(content));
`,
  },
  {
    id: kBootstrap,
    find: `  const { getBuiltinModule } = require('internal/modules/helpers');
  process.getBuiltinModule = getBuiltinModule;
`,
    replace: `  internalBinding('util').defineLazyProperties(process, 'internal/modules/helpers', ['getBuiltinModule']);
`,
  },
  // A getter that does not keep the functions of internal/process/pre_execution.
  {
    id: 'internal/process/pre_execution',
    find: `    get() {
      const { report } = require('internal/process/report');
      return report;
    },
`,
    replace: `    get: require('internal/util').reportDescriptor.get,
`,
  },
  {
    id: 'internal/util',
    find: `module.exports = {
  getLazy,
`,
    replace: `const reportDescriptor = { get() { const { report } = require('internal/process/report'); return report; } };
module.exports = {
  getLazy, reportDescriptor,
`,
  },
  {
    id: 'internal/worker/js_transferable',
    find: `webidl.converters.StructuredSerializeOptions = webidl
  .createDictionaryConverter(`,
    replace: `const makeConverter = () => webidl.converters.StructuredSerializeOptions ??= webidl
  .createDictionaryConverter(`,
  },
  {
    id: 'internal/worker/js_transferable',
    find: `  }

  const idlOptions =`,
    replace: `  }
  makeConverter();
  const idlOptions =`,
  },
  // ---- `buffer` is loaded when something needs a Buffer. C++ loads it, too (binding/buffer.cc).
  {
    id: kBootstrap,
    find: `  const {
    Buffer,
  } = require('buffer');
  const bufferBinding = internalBinding('buffer');

  // Only after this point can C++ use Buffer::New()
  bufferBinding.setBufferPrototype(Buffer.prototype);
  delete bufferBinding.setBufferPrototype;
`,
    replace: '',
  },
  {
    id: kBootstrap,
    find: `  let _Buffer = Buffer;
`,
    replace: `  let _Buffer, isKnown = false;
`,
  },
  {
    id: kBootstrap,
    find: `      return _Buffer;
    },
    set(value) {
      _Buffer = value;
`,
    replace: `      if (!isKnown) { isKnown = true; _Buffer = require('buffer').Buffer; }
      return _Buffer;
    },
    set(value) {
      isKnown = true; _Buffer = value;
`,
  },
  // The pool is kept: modules that were evaluated at build time have parts of it. The mark is in the heap.
  {
    id: 'buffer',
    find: `if (isBuildingSnapshot()) {
  addDeserializeCallback(() => {
    // TODO(legendecas): ArrayBuffer.[[ArrayBufferDetachKey]] is not been serialized.
    // Remove this callback when snapshot serialization supports it.
    createPool();
  });
}
`,
    replace: '',
  },
  {
    id: 'buffer',
    find: `ObjectDefineProperties(module.exports, {
  constants: {
`,
    replace: `internalBinding('buffer').setBufferPrototype(Buffer.prototype);
delete internalBinding('buffer').setBufferPrototype;
ObjectDefineProperties(module.exports, {
  constants: {
`,
  },
  {
    id: kRealm,
    find: `    module = String(module);
    const mod = bindingObj[module];
`,
    replace: `    module = String(module);
    if (module === 'buffer') requireBuiltin('buffer');
    const mod = bindingObj[module];
`,
  },
  {
    id: 'internal/process/permission',
    find: `const { Buffer } = require('buffer');
const { isBuffer } = Buffer;
`,
    replace: `const isBuffer = (value) => require('buffer').Buffer.isBuffer(value);
`,
  },
  {
    id: 'internal/process/pre_execution',
    find: `      if (enabled && getOptionValue(flag)) {
        process.emitWarning(
          \`The flag`,
    replace: `      if (enabled && getOptionValue(flag) && !internalBinding('permission').areBaked()) {
        process.emitWarning(
          \`The flag`,
  },
  // The answer of the build would be in the snapshot.
  {
    id: 'internal/process/permission',
    find: `    if (_permission === undefined) {
      const { getOptionValue } = require('internal/options');
      _permission = getOptionValue('--permission');
    }
    return _permission;
`,
    replace: `    return require('internal/options').getOptionValue('--permission');
`,
  },
  {
    id: 'internal/process/permission',
    find: `let _permission;

`,
    replace: '',
  },
  // ---- The channels of console and process.execve() have subscribers only once diagnostics_channel is
  // loaded, which then gives them to console.
  {
    id: 'internal/console/constructor',
    find: `const { channel } = require('diagnostics_channel');

const onLog = channel('console.log');
const onWarn = channel('console.warn');
const onError = channel('console.error');
const onInfo = channel('console.info');
const onDebug = channel('console.debug');
`,
    replace: `let onLog = { __proto__: null, hasSubscribers: false }, onWarn = onLog, onError = onLog, onInfo = onLog, onDebug = onLog;
function useChannels(channel) {
  onLog = channel('console.log'); onWarn = channel('console.warn'); onError = channel('console.error');
  onInfo = channel('console.info'); onDebug = channel('console.debug');
}
{ const channel = require.peek('diagnostics_channel', 'channel'); if (channel !== undefined) useChannels(channel); }
`,
  },
  {
    id: 'internal/console/constructor',
    find: `module.exports = {
  Console,
`,
    replace: `module.exports = {
  Console, useChannels,
`,
  },
  {
    id: 'diagnostics_channel',
    find: `module.exports = {
  channel,
`,
    replace: `require.peek('internal/console/constructor', 'useChannels')?.(channel);
module.exports = {
  channel,
`,
  },
  {
    id: 'internal/process/per_thread',
    find: `const execveDiagnosticChannel = dc.channel('process.execve');
`,
    replace: '',
  },
  {
    id: 'internal/process/per_thread',
    find: `    if (execveDiagnosticChannel.hasSubscribers) {
`,
    replace: `    const execveDiagnosticChannel = dc.channel('process.execve'); if (execveDiagnosticChannel.hasSubscribers) {
`,
  },
  {
    id: 'internal/process/pre_execution',
    find: `function setupDiagnosticsChannel() {
`,
    replace: `function setupDiagnosticsChannel() { if (require.peek('diagnostics_channel', 'channel') === undefined) return;
`,
  },
  // ---- Options that modules read when they load. In an app they load while the snapshot is taken, so
  // a start with other options (NODE_USE_ENV_PROXY=1, NODE_OPTIONS) reads them again
  // (internal/kiln/start). tests/library/options_at_load.js finds modules that need this.
  {
    id: 'internal/options',
    find: `function refreshOptions() {
  optionsDict = undefined;
}
`,
    replace: `function refreshOptions() {
  optionsDict = undefined;
}
let optionReaders;
function readOptions(read) { read(); primordials.ArrayPrototypePush(optionReaders ??= [], read); }
function rereadOptions() {
  for (let i = 0; i < (optionReaders?.length ?? 0); i++) optionReaders[i]();
}
`,
  },
  {
    id: 'internal/options',
    find: `  generateConfigJsonSchema,
  refreshOptions,
`,
    replace: `  generateConfigJsonSchema,
  refreshOptions, readOptions, rereadOptions,
`,
  },
  {
    id: '_http_agent',
    find: `  globalAgent: getGlobalAgent(getOptionValue('--use-env-proxy') ? process.env : undefined, Agent),
};
`,
    replace: `  globalAgent: undefined,
};
require('internal/options').readOptions(() => {
  module.exports.globalAgent = getGlobalAgent(getOptionValue('--use-env-proxy') ? process.env : undefined, Agent);
});
`,
  },
  {
    id: 'https',
    find: `const globalAgent = getGlobalAgent(getOptionValue('--use-env-proxy') ? process.env : undefined, Agent);
`,
    replace: `const globalAgent = undefined;
`,
  },
  {
    id: 'https',
    find: `  Server,
  createServer,
  get,
  request,
};
`,
    replace: `  Server,
  createServer,
  get,
  request,
};
require('internal/options').readOptions(() => {
  module.exports.globalAgent = getGlobalAgent(getOptionValue('--use-env-proxy') ? process.env : undefined, Agent);
});
`,
  },
  {
    id: '_http_common',
    find: `const insecureHTTPParser = getOptionValue('--insecure-http-parser');
`,
    replace: `let insecureHTTPParser;
require('internal/options').readOptions(() => {
  insecureHTTPParser = getOptionValue('--insecure-http-parser');
});
`,
  },
  {
    id: 'net',
    find: `let autoSelectFamilyDefault = getOptionValue('--network-family-autoselection');
let autoSelectFamilyAttemptTimeoutDefault = getOptionValue('--network-family-autoselection-attempt-timeout');
`,
    replace: `let autoSelectFamilyDefault;
let autoSelectFamilyAttemptTimeoutDefault;
require('internal/options').readOptions(() => {
  autoSelectFamilyDefault = getOptionValue('--network-family-autoselection');
  autoSelectFamilyAttemptTimeoutDefault = getOptionValue('--network-family-autoselection-attempt-timeout');
});
`,
  },
  {
    id: 'tls',
    find: `exports.DEFAULT_CIPHERS = getOptionValue('--tls-cipher-list');

exports.DEFAULT_ECDH_CURVE = 'auto';

if (getOptionValue('--tls-min-v1.0'))
`,
    replace: `exports.DEFAULT_CIPHERS = '';

exports.DEFAULT_ECDH_CURVE = 'auto';

require('internal/options').readOptions(() => { exports.DEFAULT_CIPHERS = getOptionValue('--tls-cipher-list'); if (getOptionValue('--tls-min-v1.0'))
`,
  },
  {
    id: 'tls',
    find: `else
  exports.DEFAULT_MAX_VERSION = 'TLSv1.3'; // Will depend on node version.
`,
    replace: `else
  exports.DEFAULT_MAX_VERSION = 'TLSv1.3'; });
`,
  },
  {
    id: 'internal/tls/wrap',
    find: `const traceTls = getOptionValue('--trace-tls');
const tlsKeylog = getOptionValue('--tls-keylog');
`,
    replace: `let traceTls, tlsKeylog;
require('internal/options').readOptions(() => {
  traceTls = getOptionValue('--trace-tls');
  tlsKeylog = getOptionValue('--tls-keylog');
});
`,
  },
  {
    id: 'repl',
    find: `const experimentalREPLAwait = getOptionValue(
  '--experimental-repl-await',
);
const pendingDeprecation = getOptionValue('--pending-deprecation');
`,
    replace: `let experimentalREPLAwait, pendingDeprecation;
require('internal/options').readOptions(() => {
  experimentalREPLAwait = getOptionValue('--experimental-repl-await');
  pendingDeprecation = getOptionValue('--pending-deprecation');
});
`,
  },
  // ---- The kernel's release, which os reads when it loads, is that of the machine of the build in a
  // snapshot. Each call reads it here.
  {
    id: 'os',
    find: `const {
  0: type,
  1: version,
  2: release,
  3: machine,
} = _getOSInformation();

`,
    replace: '',
  },
  ...[['Release', 2], ['Type', 0], ['Version', 1]].map(([name, index]) => ({
    id: 'os',
    find: `const getOS${name} = () => ${name.toLowerCase()};
`,
    replace: `const getOS${name} = () => _getOSInformation()[${index}];
`,
  })),
  {
    id: 'os',
    find: `const getMachine = () => machine;
`,
    replace: `const getMachine = () => _getOSInformation()[3];
`,
  },
  {
    id: 'os',
    find: `  return result;
}

/**
 * @returns {string}
 */
function arch() {`,
    replace: `  return require.peek('internal/kiln/late_values', 'markProcessors')?.(result) ?? result;
}

/**
 * @returns {string}
 */
function arch() {`,
  },
  // ---- v8.startupSnapshot: for every kind of app the thread is prepared before the app's main
  // function is called (internal/kiln/start).
  {
    id: 'internal/v8/startup_snapshot',
    find: `    const {
      prepareMainThreadExecution,
      markBootstrapComplete,
    } = require('internal/process/pre_execution');

    // This should be in sync with run_main_module.js until we make that
    // a built-in main function.
    // TODO(joyeecheung): make a copy of argv[0] and insert it as argv[1].
    prepareMainThreadExecution(false);
    markBootstrapComplete();
    callback(data);
`,
    replace: `    callback(data);
`,
  },
  // ---- the message of an error whose class nobody has used yet
  {
    id: 'internal/errors',
    find: `function getMessage(key, args, self) {
  const msg = messages.get(key);
`,
    replace: `function getMessage(key, args, self) {
  let msg = messages.get(key);
  if (msg === undefined && codes[key]) msg = messages.get(key);
`,
  },
];
