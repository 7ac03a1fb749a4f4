'use strict';

// internal/kiln/heap_graph: hashes of the objects that the app's modules have made, and of what they
// have changed of JavaScript's and Node's own objects, in the snapshot builder (docs/baking.md). Two
// runs with the same hashes have left isomorphic objects.
//
// The surface: the global object, the intrinsics and the public modules of Node's library, with all
// that their properties lead to when the app begins, or when a module of the library is first loaded.
// They are compared one by one. Module variables of the library with primitive values belong to it.
//
// Everything else that the exports of an app's module lead to belongs to a module: functions and their
// variables to the one whose code they are, other objects to the one whose exports are nearest. The
// hash of a module is that of its objects in the order of a breadth-first search. Properties with
// attributes, elements, prototypes, variables of closures, private fields, and what Map, Set,
// Date, Promise, Proxy, buffers and others contain are compared. The variables of the library's modules are not, unless
// they belong to the surface.

const {
  ArrayBufferIsView,
  ArrayPrototype,
  ArrayPrototypeFilter,
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ArrayPrototypeSort,
  DatePrototypeGetTime,
  MapPrototypeGet,
  MapPrototypeSet,
  MathImul,
  ObjectGetPrototypeOf,
  ObjectIs,
  ObjectIsExtensible,
  ObjectKeys,
  ObjectPrototype,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  ArrayPrototypeSymbolIterator,
  Map,
  MapPrototypeEntries,
  Set,
  SetPrototypeEntries,
  StringPrototypeSymbolIterator,
  RegExpPrototypeSymbolMatchAll,
  SafeMap,
  SafeSet,
  SafeArrayIterator,
  String,
  StringPrototypeCharCodeAt,
  StringPrototypeStartsWith,
  SymbolPrototypeToString,
  TypedArrayPrototypeGetSymbolToStringTag,
  WeakRefPrototypeDeref,
  globalThis,
} = primordials;

const { BuiltinModule } = require('internal/bootstrap/realm');
const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const types = internalBinding('types');
const { getPromiseDetails, getProxyDetails, previewEntries } = internalBinding('util');

let native;  // snapshot_builder/heap_graph.h

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function primitiveText(value) {
  switch (typeof value) {
    case 'string': return `s${value.length}:${value}`;
    case 'number': return ObjectIs(value, -0) ? 'n-0' : `n${value}`;
    case 'bigint': return `b${value}`;
    case 'symbol': return value === native.internal ? 'internal' : SymbolPrototypeToString(value);
    default: return String(value);
  }
}

function keyText(key) {
  return typeof key === 'symbol' ? SymbolPrototypeToString(key) : key;
}

function attributes(descriptor) {
  return (descriptor.writable ? 'w' : '') + (descriptor.enumerable ? 'e' : '') +
    (descriptor.configurable ? 'c' : '');
}

function isOfLibrary(script) {
  return StringPrototypeStartsWith(script, 'node:');
}

// --- The surface --------------------------------------------------------------------------

// Its objects: object -> [own key, text, …] when it was first seen.
const surface = new SafeMap();
// Module variables of the library: script -> the same.
const libraryScopes = new SafeMap();
// The same in the order in which they were added: their numbers are 0, 1, … and -2, -3, … .
const surfaceList = [];
const scopeList = [];

// Objects of the surface that record what was loaded.
function records() {
  const NodeModule = require.peek('internal/modules/cjs/loader', 'Module');
  const list = [process.moduleLoadList, process.env, commonjs.state.cache];
  if (NodeModule !== undefined) ArrayPrototypePush(list, NodeModule._cache, NodeModule._pathCache);
  return list;
}

function isRecord(object) {
  return ArrayPrototypeIncludes(records(), object);
}

function intrinsics() {
  const list = [];
  const add = (name, object) => ArrayPrototypePush(list, [name, object]);
  const prototypeOf = (name, object) => add(name, ObjectGetPrototypeOf(object));
  add('globalThis', globalThis);
  add('process', process);
  add('Buffer', require('buffer').Buffer);
  prototypeOf('GeneratorFunction.prototype', function* () {});
  prototypeOf('AsyncFunction.prototype', async function() {});
  prototypeOf('AsyncGeneratorFunction.prototype', async function* () {});
  prototypeOf('ArrayIterator.prototype', ArrayPrototypeSymbolIterator([]));
  prototypeOf('MapIterator.prototype', MapPrototypeEntries(new Map()));
  prototypeOf('SetIterator.prototype', SetPrototypeEntries(new Set()));
  prototypeOf('StringIterator.prototype', StringPrototypeSymbolIterator(''));
  prototypeOf('RegExpStringIterator.prototype', RegExpPrototypeSymbolMatchAll(/x/g, ''));
  return list;
}

// The roots of the surface in a fixed order: [name, object].
let roots = [];

// Properties of the surface that the library loads on first use: object -> keys. Whether they are
// loaded makes no difference.
const lazyKeys = new SafeMap();
const kLazy = 'loaded on first use';

function isLibraryFunction(value) {
  if (typeof value !== 'function') return false;
  const closure = native.closureOf(value);
  return closure !== undefined && isOfLibrary(closure[0]);
}

let lazyCount = 0;  // of what native.lazy() has returned

function collectLazyKeys() {
  const list = native.lazy(lazyCount);
  lazyCount += list.length;
  for (let i = 0; i < list.length; i += 2) {
    if (!lazyKeys.has(list[i])) lazyKeys.set(list[i], new SafeSet());
    lazyKeys.get(list[i]).add(list[i + 1]);
  }
}

// Calls visit(label, value, attributes) for what properties lead to.
function forEachProperty(object, visit) {
  if (types.isProxy(object)) {
    visit('(target)', getProxyDetails(object)?.[0], '');
    return;
  }
  const keys = ArrayBufferIsView(object) ? [] : ReflectOwnKeys(object);
  for (let i = 0; i < keys.length; i++) {
    const isLazy = lazyKeys.get(object)?.has(keys[i]) === true;
    const key = keyText(keys[i]);
    if (isLazy && native.lazy(object, keys[i])) {
      visit(key, kLazy, '');
      continue;
    }
    const descriptor = ReflectGetOwnPropertyDescriptor(object, keys[i]);
    if (descriptor === undefined) continue;
    if ('value' in descriptor) {
      const { value } = descriptor;
      if (isLazy && isLibraryFunction(value)) visit(key, kLazy, '');
      else visit(key, value, attributes(descriptor));
    } else {
      visit(`get ${key}`, descriptor.get, attributes(descriptor));
      visit(`set ${key}`, descriptor.set, attributes(descriptor));
    }
  }
  visit('__proto__', ObjectGetPrototypeOf(object), '');
}

// A value by identity, within this run.
const identities = new SafeMap();
function identityText(value) {
  if (!isObject(value)) return primitiveText(value);
  let number = MapPrototypeGet(identities, value);
  if (number === undefined) MapPrototypeSet(identities, value, number = identities.size);
  return `@${number}`;
}

// [key, text, value, …] of an object, without values for what has none.
function stateOf(object) {
  const isProxy = types.isProxy(object);
  const state = ['(extensible)', isProxy || String(ObjectIsExtensible(object)), undefined];
  forEachProperty(object, (key, value, flags) => {
    ArrayPrototypePush(state, key, `${flags} ${identityText(value)}`, value);
  });
  return state;
}

const kUnset = 'object or undefined';

// The variables of a library module: the outermost scope of one of its functions.
function scopeStateOf(variables) {
  const state = [];
  for (let i = 1; i < variables.length; i++) {
    const value = variables[i];
    const text = isObject(value) || value === undefined ? kUnset : primitiveText(value);
    ArrayPrototypePush(state, `variable ${i}`, text, undefined);
  }
  return state;
}

function outermostScope(closure) {
  let number = closure[2];
  let variables;
  while (number >= 0) {
    variables = native.variablesOf(number);
    number = variables[0];
  }
  return variables;
}

function addToSurface(root) {
  const queue = [root];
  const ignored = new SafeSet(new SafeArrayIterator(records()));
  for (let i = 0; i < queue.length; i++) {
    const object = queue[i];
    if (surface.has(object) || ignored.has(object)) continue;
    const state = stateOf(object);
    surface.set(object, state);
    ArrayPrototypePush(surfaceList, { __proto__: null, object, state });
    native.walk.addSurface(object);
    if (typeof object === 'function') addScope(object);
    for (let k = 2; k < state.length; k += 3) {
      if (isObject(state[k])) ArrayPrototypePush(queue, state[k]);
      state[k] = undefined;
    }
  }
}

// Variables of these are caches, which snapshots are made without (docs/effects.md), positions in the
// pool of buffers, and how V8 reports a full stack.
const kCaches = new SafeSet([
  'node:internal/bootstrap/switches/does_own_process_state', 'node:buffer', 'node:internal/errors',
]);

function addScope(func) {
  const closure = native.closureOf(func);
  if (closure === undefined || libraryScopes.has(closure[0]) || kCaches.has(closure[0])) return;
  const variables = outermostScope(closure);
  if (variables !== undefined) {
    const scope = { __proto__: null, func, state: scopeStateOf(variables) };
    libraryScopes.set(closure[0], scope);
    ArrayPrototypePush(scopeList, scope);
  }
}

// Records of public modules that have not been loaded, in the order of their creation, which is that of the keys.
let unloaded = [];
let recordCount = 0;

function addLoadedBuiltins() {
  collectLazyKeys();
  const ids = ObjectKeys(BuiltinModule.records);
  for (; recordCount < ids.length; recordCount++) {
    const id = ids[recordCount];
    if (!StringPrototypeStartsWith(id, 'internal/')) ArrayPrototypePush(unloaded, BuiltinModule.records[id]);
  }
  let found = false;
  for (let i = 0; i < unloaded.length; i++) {
    const { id, loaded, exports } = unloaded[i];
    // internal/kiln/node_loader changes it first.
    if (!loaded || (id === 'module' && commonjs.state.NodeModule === undefined)) continue;
    unloaded[i] = undefined;
    found = true;
    if (isObject(exports)) {
      ArrayPrototypePush(roots, [`node:${id}`, exports]);
      addToSurface(exports);
    }
  }
  if (found) unloaded = ArrayPrototypeFilter(unloaded, (record) => record !== undefined);
}

// What has changed of an object since it was seen: calls changed(key, value).
function forEachChange(before, after, changed) {
  let same = before.length === after.length;
  for (let i = 0; same && i < after.length; i += 3) {
    same = before[i] === after[i] && before[i + 1] === after[i + 1];
  }
  if (same) return;
  const known = new SafeMap();
  for (let i = 0; i < before.length; i += 3) known.set(before[i], before[i + 1]);
  for (let i = 0; i < after.length; i += 3) {
    const text = known.get(after[i]);
    // Variables of the library get their value when it is first needed.
    if (text === undefined || (text !== after[i + 1] && text !== kUnset)) changed(after[i], after[i + 2], after[i + 1]);
    known.delete(after[i]);
  }
  for (const { 0: key } of known) changed(key, undefined, 'deleted');
}

// --- The objects of modules ---------------------------------------------------------------

// A walk through the objects that modules lead to (snapshot_builder/object_hashes.h), which hashes them. This
// describes those that are not read in memory.
class Graph {
  // kept(module, object) is called for those of `objects` that are keys of weak collections.
  constructor(names, objects, kept) {
    this.objects = objects ?? [];
    this.kept = kept;
    this.weak = [];
    this.lines = '';
    native.walk.begin(names, records(), commonjs.modulePrototype, (object, owner, part) => {
      if (part === kEverything && !this.describeKind(object, owner)) return;
      if (part !== kPrivate) this.describeProperties(object, part);
      describePrivate(object);
    }, ownerOf);
  }

  describeProperties(object, part) {
    const { walk } = native;
    if (part === kEverything) {
      walk.text(ObjectIsExtensible(object) ? 'extensible' : 'not extensible');
      walk.ref('prototype', ObjectGetPrototypeOf(object));
    }
    const isModule = commonjs.isBundledModule(object);
    const keys = ReflectOwnKeys(object);
    for (let i = 0; i < keys.length; i++) {
      let descriptor;
      try {
        descriptor = ReflectGetOwnPropertyDescriptor(object, keys[i]);
      } catch {
        walk.ref(keyText(keys[i]), 'uninitialized');  // of a namespace
        continue;
      }
      if (descriptor === undefined || (isModule && isOfLoader(keys[i]))) continue;
      const flags = (descriptor.writable ? 0 : 1) + (descriptor.enumerable ? 0 : 2) +
        (descriptor.configurable ? 0 : 4);
      if (!('value' in descriptor)) {
        walk.accessor(keys[i], flags, descriptor.get, descriptor.set);
      } else if (part === kProperties && isOfCode(object, keys[i])) {
        walk.property(keys[i], flags, undefined);
      } else {
        walk.property(keys[i], flags, descriptor.value);
      }
    }
  }

  // What is special about an object. Returns whether its properties are compared, too.
  describeKind(value, owner) {
    const { walk } = native;
    const add = (label, to) => walk.ref(label, to);
    if (isRecord(value)) {
      walk.text('record');
      return false;
    }
    if (types.isProxy(value)) {
      const details = getProxyDetails(value);
      walk.text('proxy ');
      add('target', details?.[0]);
      add('handler', details?.[1]);
      return false;
    }
    if (typeof value === 'function') {
      walk.text('native ');
      const fields = native.fieldsOf(value);
      for (let i = 0; i < fields.length; i++) add(`field ${i}`, fields[i]);
      return true;
    }
    if (ArrayBufferIsView(value)) {
      const { buffer, byteLength } = value;
      // A part of the pool of the library's buffers: where it is depends on the order.
      const isPooled = TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array' && byteLength < buffer.byteLength &&
        buffer.byteLength === require('buffer').Buffer.poolSize;
      walk.text(`view ${isPooled || value.byteOffset} ${byteLength} ${native.bytesOf(value)} `);
      add('prototype', ObjectGetPrototypeOf(value));
      if (!isPooled) add('buffer', buffer);
      return false;
    }
    const prototype = ObjectGetPrototypeOf(value);
    if (prototype === ObjectPrototype || prototype === null) {
      walk.text('object ');
      return true;
    }
    if (types.isMap(value) || types.isSet(value)) {
      walk.text(types.isMap(value) ? 'map ' : 'set ');
      const entries = previewEntries(value);
      for (let i = 0; i < entries.length; i++) add(`entry ${i}`, entries[i]);
    } else if (types.isWeakMap(value) || types.isWeakSet(value)) {
      walk.text('weak ');
      ArrayPrototypePush(this.weak, { __proto__: null, owner, object: value, done: new SafeSet() });
    } else if (types.isDate(value)) {
      walk.text(`date ${DatePrototypeGetTime(value)} `);
    } else if (types.isRegExp(value)) {
      walk.text(`regexp ${RegExpPrototypeGetSource(value)}/${RegExpPrototypeGetFlags(value)} `);
    } else if (types.isPromise(value)) {
      const details = getPromiseDetails(value);
      walk.text(`promise ${details[0]} `);
      add('result', details[1]);
    } else if (types.isAnyArrayBuffer(value)) {
      walk.text(`buffer ${value.byteLength} ${native.bytesOf(value)} `);
    } else if (types.isGeneratorObject(value)) {
      walk.text('generator ');
      const fields = native.fieldsOf(value);
      for (let i = 0; i < fields.length; i++) add(`field ${i}`, fields[i]);
    } else if (types.isMapIterator(value) || types.isSetIterator(value)) {
      walk.text('iterator ');
      const { 0: entries } = previewEntries(value, true);
      for (let i = 0; i < entries.length; i++) add(`entry ${i}`, entries[i]);
    } else if (types.isBoxedPrimitive(value)) {
      walk.text(`boxed ${types.isSymbolObject(value)} `);
      add('value', native.fieldsOf(value)[0]);
    } else if (prototype === globalThis.WeakRef?.prototype) {
      walk.text('weak reference ');
      add('target', WeakRefPrototypeDeref(value));
    } else {
      walk.text('instance ');
    }
    return true;
  }

  // The entries of weak collections whose keys are reached, in the order of the keys.
  drainWeak() {
    let progress = true;
    while (progress) {
      progress = false;
      for (let i = 0; i < this.weak.length; i++) progress = this.addEntries(this.weak[i]) || progress;
      native.walk.drain();
    }
  }

  addEntries(weak) {
    const { walk } = native;
    const { owner, object, done } = weak;
    const pairs = types.isWeakMap(object);
    const entries = previewEntries(object);
    const found = [];
    for (let i = 0; i < entries.length; i += pairs ? 2 : 1) {
      const key = entries[i];
      if (done.has(key)) continue;
      if (ArrayPrototypeIncludes(this.objects, key)) this.kept(owner < kRealm ? kRealm : owner, key);
      const rank = walk.placeOf(key);
      if (rank === undefined) continue;
      done.add(key);
      ArrayPrototypePush(found, { __proto__: null, rank, key, value: pairs ? entries[i + 1] : 0 });
    }
    if (found.length === 0) return false;
    ArrayPrototypeSort(found, (a, b) => (a.rank < b.rank ? -1 : 1));
    walk.open(owner);
    for (let i = 0; i < found.length; i++) {
      walk.ref('key', found[i].key);
      walk.ref('value', found[i].value);
    }
    walk.close();
    return true;
  }

  addRoot(id, withNamespaces) {
    const root = rootOf(id);
    if (root === undefined) return;
    native.walk.root(id, `module ${id}`, root.exports);
    // What import statements have got of a CommonJS module: the values at the time of the first one.
    const imported = withNamespaces && table.kindOf(id) !== table.kEsm ? namespaceOf(id) : undefined;
    if (imported !== undefined) native.walk.root(id, 'imported', imported);
  }

  // What has changed on the surface. A property owns the objects that only it leads to, as a module does, so
  // that one which is never the same (a time) does not make all others incomparable. Sorted, since an object
  // belongs to the first that leads to it.
  addSurface(names) {
    const changes = this.changes = [];
    let number = -1;
    const add = (what, at) => (key, value, state) => {
      const name = `${escape(what)}\t${escape(key)}`;
      ArrayPrototypePush(changes, { __proto__: null, name, at, owner: kRealm, value, hash: state });
    };
    for (const { 0: object, 1: before } of surface) {
      number++;
      const name = names[number];
      if (name !== undefined) forEachChange(before, stateOf(object), add(name, number));
    }
    number = -1;
    for (const { 0: script, 1: scope } of libraryScopes) {
      number--;
      forEachChange(scope.state, currentScope(scope), add(script, number));
    }
    ArrayPrototypeSort(changes, (a, b) => (a.name < b.name ? -1 : 1));
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i];
      if (isObject(change.value)) {
        change.owner = ownerOfProperty(change.name);
        change.hash = native.walk.reference(change.value, change.owner);
      } else {
        change.hash = native.hash(`${change.hash} `, 0);
      }
    }
  }

  // Lines of the record, of hashes(), and of what has changed on the surface.
  record() {
    const hashes = this.hashes();
    const ofProperties = new SafeMap();
    let { lines } = this;
    for (let i = 0; i < hashes.length; i += 3) {
      const { [i]: owner, [i + 1]: objects, [i + 2]: references } = hashes;
      if (owner < kRealm) ofProperties.set(owner, `.${objects}.${references}`);
      else lines += `heap\t${owner}\t${objects}\t${references}\n`;
    }
    for (let i = 0; i < this.changes.length; i++) {
      const { name, at, owner, hash } = this.changes[i];
      lines += `surface\t${at}\t${name}\t${hash}${ofProperties.get(owner) ?? ''}\n`;
    }
    return lines;
  }

  // Describes all that has been found. Returns [module, hash of its objects, hash of their references, …].
  hashes() {
    native.walk.drain();
    this.drainWeak();
    return native.walk.hashes();
  }
}

// Parts of a description.
const kEverything = 0;
const kProperties = 1;
const kPrivate = 2;

const kOfCode = new SafeSet(['length', 'name', 'arguments', 'caller']);

// Whether V8 computes the property of a function from its code.
function isOfCode(object, key) {
  return typeof object === 'function' && kOfCode.has(key) && native.lazy(object, key);
}

function describePrivate(object) {
  const prototype = ObjectGetPrototypeOf(object);
  if (prototype === ObjectPrototype || prototype === ArrayPrototype || prototype === null) return;
  if (commonjs.isBundledModule(object)) return;  // its parent
  const members = native.privateOf(object);
  for (let i = 0; i < members?.length; i += 2) native.walk.ref(keyText(members[i]), members[i + 1]);
}

// The module of a script's name, or of an object `module`.
function ownerOf(script) {
  if (typeof script !== 'string') return moduleOf(script);
  return table.idOf(script) ?? require.peek('internal/kiln/esm', 'idOfURL')?.(script);
}

let lastNames;

// Names the objects of the surface, in the same order in each run: a text, or undefined, for each.
function namesOfSurface() {
  const names = new SafeMap();
  ArrayPrototypeSort(roots, (a, b) => (a[0] < b[0] ? -1 : 1));
  // What the global object leads to has the names that people know.
  const parts = [
    ArrayPrototypeFilter(roots, ({ 0: name }) => name === 'globalThis'),
    ArrayPrototypeFilter(roots, ({ 0: name }) => name !== 'globalThis' && !isOfLibrary(name)),
    ArrayPrototypeFilter(roots, ({ 0: name }) => isOfLibrary(name)),
  ];
  for (let part = 0; part < parts.length; part++) {
    const queue = parts[part];
    for (let i = 0; i < queue.length; i++) {
      const { 0: name, 1: object } = queue[i];
      if (names.has(object) || !surface.has(object)) continue;
      names.set(object, name);
      forEachProperty(object, (key, value) => {
        if (isObject(value)) ArrayPrototypePush(queue, [`${name}.${key}`, value]);
      });
    }
  }
  const list = [];
  for (const { 0: object } of surface) ArrayPrototypePush(list, names.get(object));
  return list;
}

// Of an object `module`.
function moduleOf(object) {
  const path = ReflectGetOwnPropertyDescriptor(object, 'filename')?.value;
  return typeof path === 'string' ? table.idOf(path) : undefined;
}

// Properties of `module` that the loader changes while modules around it are evaluated. They would say that
// a module has changed another one because it has loaded it.
function isOfLoader(key) {
  return key === 'loaded' || key === 'children';
}

// The owner of objects of other realms, and of unchanged properties of the surface.
const kRealm = -1;

// Owners of objects that only a changed property of the surface leads to have other negative numbers, the same in each process.
function ownerOfProperty(name) {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (MathImul(hash, 31) + StringPrototypeCharCodeAt(name, i)) | 0;
  return kRealm - 1 - (hash & 0x3fffffff);
}

// Of CommonJS and JSON modules by number; undefined for others.
let paths;

// Calls visit(exports, id) for the modules that are evaluated and export an object.
function forEachExports(visit) {
  if (paths?.length !== table.count()) {
    paths = [];
    for (let id = 0; id < table.count(); id++) ArrayPrototypePush(paths, hasPath(id) ? table.pathOf(id) : undefined);
  }
  const { cache } = commonjs.state;
  const isAnyImported = require.peek('internal/kiln/esm', 'wraps') !== undefined;
  for (let id = 0; id < paths.length; id++) {
    const path = paths[id];
    const exports = path !== undefined ? (cache[path] ?? commonjs.bakedModule(path))?.exports :
      isAnyImported ? namespaceOf(id) : undefined;
    if (isObject(exports)) visit(exports, id);
  }
}

function hasPath(id) {
  const kind = table.kindOf(id);
  return kind === table.kCommonJs || kind === table.kJson;
}

// { exports } of a module that is evaluated.
function rootOf(id) {
  if (hasPath(id)) {
    const path = table.pathOf(id);
    return commonjs.state.cache[path] ?? commonjs.bakedModule(path);
  }
  const exports = namespaceOf(id);
  return exports && { __proto__: null, exports };
}

// Of a module that has been imported and evaluated.
function namespaceOf(id) {
  const { kEvaluated } = internalBinding('module_wrap');
  const wraps = require.peek('internal/kiln/esm', 'wraps');
  const completeWraps = require.peek('internal/kiln/esm', 'completeWraps');
  const wrap = completeWraps?.[id] ?? wraps?.[id];
  if (wrap?.getStatus() === kEvaluated) return wrap.getNamespace();
}

function currentScope(scope) {
  return scopeStateOf(outermostScope(native.closureOf(scope.func)) ?? []);
}

// --- For internal/kiln/observe ------------------------------------------------------------

// Calls a function without reports of what it reads.
function quietly(run) {
  native.pause(true);
  try {
    return run();
  } finally {
    native.pause(false);
  }
}

// Before the app begins.
function begin(functions) {
  native = functions;
  quietly(() => {
    collectLazyKeys();
    roots = intrinsics();
    for (let i = 0; i < roots.length; i++) addToSurface(roots[i][1]);
    addLoadedBuiltins();
  });
}

// The hashes of all modules that are evaluated, as lines of the record. kept(module, object) is called for
// those of `objects` that are found. What only the exports of the modules in `without` lead to is left out.
function hashAll(objects, kept, without) {
  return quietly(() => {
    addLoadedBuiltins();
    // With `without`, nothing has run since the call without it.
    const names = without !== undefined && lastNames !== undefined ? lastNames : namesOfSurface();
    lastNames = names;
    const graph = new Graph(names, objects, kept);
    const count = table.count();
    const ignored = new SafeSet(new SafeArrayIterator(without ?? []));
    for (let id = 0; id < count; id++) {
      if (!ignored.has(id)) graph.addRoot(id, true);
    }
    graph.addSurface(names);
    const lines = graph.record();
    // A module that keeps one of them may lead to others: the first one is what it keeps.
    const first = new SafeMap();
    for (let i = 0; i < objects?.length; i++) {
      const owner = native.walk.ownerOf(objects[i]);
      if (owner === undefined) continue;
      const number = native.walk.numberOf(objects[i]);
      if (!first.has(owner) || number < first.get(owner)[0]) first.set(owner, [number, objects[i]]);
    }
    for (const { 0: owner, 1: found } of first) kept(owner < kRealm ? kRealm : owner, found[1]);
    native.walk.end();
    return lines;
  });
}

// The hashes of some modules: number -> text. The exports of `other`, a module that may be in a cycle with
// them, are not described.
function hashesOf(modules, other) {
  return quietly(() => {
    const graph = new Graph();
    const exports = other === undefined ? undefined : rootOf(other)?.exports;
    if (isObject(exports)) native.walk.known(exports, other);
    for (let i = 0; i < modules.length; i++) graph.addRoot(modules[i], false);
    const hashes = graph.hashes();
    native.walk.end();
    const byModule = new SafeMap();
    for (let i = 0; i < hashes.length; i += 3) {
      byModule.set(hashes[i], `${hashes[i + 1]} ${hashes[i + 2]}`);
    }
    return byModule;
  });
}

// The hash of an object and of what it leads to. Exports of modules are not described.
function hashOfValue(value) {
  const graph = new Graph();
  forEachExports((exports, id) => {
    if (exports !== value) native.walk.known(exports, id);
  });
  let text = native.walk.reference(value, kRealm);
  const hashes = graph.hashes();
  for (let i = 0; i < hashes.length; i++) text += ` ${hashes[i]}`;
  native.walk.end();
  return text;
}

// The same of several, [name, object]: name -> hash. An object belongs to the first that leads to it. The name ''
// is for the functions of modules, and their variables.
function hashesOfValues(values) {
  const found = new SafeMap();
  if (values.length === 0) return found;
  const graph = new Graph();
  const roots = new SafeSet();
  for (let i = 0; i < values.length; i++) roots.add(values[i][1]);
  forEachExports((exports, id) => {
    if (!roots.has(exports)) native.walk.known(exports, id);
  });
  const references = new SafeMap();
  for (let i = 0; i < values.length; i++) {
    const { 0: name, 1: value } = values[i];
    const owner = ownerOfProperty(name);
    found.set(name, owner);
    references.set(name, native.walk.reference(value, owner));
  }
  const hashes = graph.hashes();
  native.walk.end();
  const byOwner = new SafeMap();
  let ofModules = '';
  for (let i = 0; i < hashes.length; i += 3) {
    const text = `${hashes[i + 1]} ${hashes[i + 2]}`;
    if (hashes[i] < kRealm) byOwner.set(hashes[i], text);
    else ofModules += ` ${hashes[i]} ${text}`;
  }
  for (const { 0: name, 1: owner } of found) found.set(name, `${references.get(name)} ${byOwner.get(owner)}`);
  found.set('', ofModules);
  return found;
}

// Whether an object behaves as a plain one of its kind does, without a property being asked for, and is none of the surface.
function isOrdinary(object) {
  return !surface.has(object) && !types.isProxy(object) && !types.isExternal(object) &&
    !ArrayBufferIsView(object) && !types.isAnyArrayBuffer(object) && !types.isDate(object) &&
    !types.isRegExp(object) && !types.isMap(object) && !types.isSet(object) &&
    !types.isWeakMap(object) && !types.isWeakSet(object) && !types.isPromise(object) &&
    !types.isNativeError(object) && !types.isBoxedPrimitive(object) &&
    !types.isGeneratorObject(object) && !types.isModuleNamespaceObject(object);
}

// Objects of the surface that are compared while the app runs, by the numbers of hashAll().
class SurfaceWatch {
  // `deep`: also what the values of changed properties lead to, but for modules' exports.
  constructor(numbers, deep) {
    // In the order of all that is compared: objects, then scopes.
    this.numbers = ArrayPrototypeSort(numbers, (a, b) => (a >= 0 && b >= 0 ? a - b : b - a));
    this.deep = deep;
    this.values = new SafeMap();  // number and key -> hash
    this.states = new SafeMap();
    this.watched = [];  // { number, current(), before }
    this.size = 0;      // of what was looked through for them
    this.latest = undefined;  // their states, until code of the app runs
  }

  find() {
    const { watched, numbers } = this;
    const size = surfaceList.length + scopeList.length;
    if (this.size === size) return;
    this.size = size;
    watched.length = 0;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i];
      if (number >= 0 && number < surfaceList.length) {
        const { object, state } = surfaceList[number];
        ArrayPrototypePush(watched, { __proto__: null, number, current: () => stateOf(object), before: state });
      } else if (number <= -2 && -2 - number < scopeList.length) {
        const scope = scopeList[-2 - number];
        ArrayPrototypePush(watched, { __proto__: null, number, current: () => currentScope(scope), before: scope.state });
      }
    }
  }

  // Calls changed(number, key) for what has changed since the last call.
  check(changed) {
    quietly(() => {
      addLoadedBuiltins();
      this.find();
      this.latest = [];
      for (let i = 0; i < this.watched.length; i++) {
        const { number, current, before } = this.watched[i];
        const state = current();
        ArrayPrototypePush(this.latest, state);
        forEachChange(this.states.get(number) ?? before, state, (key) => changed(number, key));
        this.states.set(number, state);
        if (this.deep) this.checkValues(number, before, state, changed);
      }
    });
  }

  // Hashes of what the values of changed properties lead to, but for modules' exports: property -> hash.
  hashesOfValues() {
    return quietly(() => {
      if (this.latest === undefined) {
        addLoadedBuiltins();
        this.find();
      }
      const values = [];
      for (let i = 0; i < this.watched.length; i++) {
        const { number, current, before } = this.watched[i];
        forEachChange(before, this.latest === undefined ? current() : this.latest[i], (key, value) => {
          if (isObject(value)) ArrayPrototypePush(values, [`${number} ${key}`, value]);
        });
      }
      return hashesOfValues(values);
    });
  }

  checkValues(number, before, state, changed) {
    forEachChange(before, state, (key, value) => {
      if (!isObject(value)) return;
      const property = `${number} ${key}`;
      const hash = hashOfValue(value);
      const known = this.values.get(property);
      if (known !== undefined && known !== hash) changed(number, key);
      this.values.set(property, hash);
    });
  }
}

function escape(text) {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    out += c === '\t' ? '\\t' : c === '\n' ? '\\n' : c === '\\' ? '\\\\' : c;
  }
  return out;
}

module.exports = { begin, quietly, builtinLoaded: () => quietly(addLoadedBuiltins), isOrdinary, hashAll, hashesOf, SurfaceWatch };
