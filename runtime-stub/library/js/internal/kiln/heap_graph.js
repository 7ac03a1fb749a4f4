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
  ArrayIsArray,
  ArrayPrototype,
  ArrayPrototypeFilter,
  ArrayPrototypePush,
  ArrayPrototypeSlice,
  ArrayPrototypeSort,
  DatePrototypeGetTime,
  MapPrototypeGet,
  MapPrototypeSet,
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
const seenBuiltins = new SafeSet();

// Objects of the surface that record what was loaded.
function isRecord(object) {
  const NodeModule = require.peek('internal/modules/cjs/loader', 'Module');
  return object === process.moduleLoadList || object === process.env ||
    object === commonjs.state.cache || (NodeModule !== undefined &&
    (object === NodeModule._cache || object === NodeModule._pathCache));
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

function collectLazyKeys() {
  const list = native.lazy();
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
  for (let i = 0; i < queue.length; i++) {
    const object = queue[i];
    if (surface.has(object) || isRecord(object)) continue;
    const state = stateOf(object);
    surface.set(object, state);
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
    libraryScopes.set(closure[0], { __proto__: null, func, state: scopeStateOf(variables) });
  }
}

function addLoadedBuiltins() {
  collectLazyKeys();
  const ids = ObjectKeys(BuiltinModule.records);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    const { loaded, exports } = BuiltinModule.records[id];
    if (!loaded || StringPrototypeStartsWith(id, 'internal/') || seenBuiltins.has(id)) continue;
    // internal/kiln/node_loader changes it first.
    if (id === 'module' && commonjs.state.NodeModule === undefined) continue;
    seenBuiltins.add(id);
    if (!isObject(exports)) continue;
    ArrayPrototypePush(roots, [`node:${id}`, exports]);
    addToSurface(exports);
  }
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

// Hashes of everything. `dump` is a set of modules whose objects are listed, for the explanation.
class Graph {
  constructor(dump, reached) {
    this.dump = dump;
    this.reached = reached;
    this.names = undefined;         // of the surface; without them by identity in this run
    this.nodes = new SafeMap();     // object -> node
    this.contexts = new SafeMap();  // number -> node
    this.owners = new SafeMap();    // script -> module
    this.counts = new SafeMap();    // module -> number of its objects
    this.hashes = new SafeMap();    // module -> [of its objects, of their references]
    this.queue = [];
    this.weak = [];
    this.lines = '';
  }

  // Names the objects of the surface, in the same order in each run.
  nameSurface() {
    this.names = new SafeMap();
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
        if (this.names.has(object) || !surface.has(object)) continue;
        this.names.set(object, name);
        forEachProperty(object, (key, value) => {
          if (isObject(value)) ArrayPrototypePush(queue, [`${name}.${key}`, value]);
        });
      }
    }
  }

  nameOf(object) {
    if (this.names !== undefined) return this.names.get(object);
    return surface.has(object) ? identityText(object) : undefined;
  }

  ownerOfScript(script, otherwise) {
    let owner = this.owners.get(script);
    if (owner === undefined) {
      owner = table.idOf(script) ?? require.peek('internal/kiln/esm', 'idOfURL')?.(script) ?? null;
      this.owners.set(script, owner);
    }
    return owner ?? otherwise;
  }

  newNode(owner, from, label, value, closure) {
    const index = this.counts.get(owner) ?? 0;
    this.counts.set(owner, index + 1);
    const node = { __proto__: null, owner, index, from, label, value, closure };
    ArrayPrototypePush(this.queue, node);
    return node;
  }

  nodeOf(object, owner, from, label) {
    let node = this.nodes.get(object);
    if (node !== undefined) return node;
    this.reached?.(owner, object);
    let closure;
    if (typeof object === 'function') {
      closure = native.closureOf(object);
      if (closure !== undefined) owner = this.ownerOfScript(closure[0], owner);
    } else if (commonjs.isBundledModule(object)) {
      owner = moduleOf(object) ?? owner;
    }
    node = this.newNode(owner, from, label, object, closure);
    this.nodes.set(object, node);
    return node;
  }

  // Texts of a reference: without and with the object's number.
  addReference(text, label, value, owner, from) {
    text.own += `${label}=`;
    if (!isObject(value)) {
      text.own += primitiveText(value);
      return;
    }
    const name = this.nameOf(value);
    if (name !== undefined) {
      text.own += name;
      return;
    }
    const node = this.nodeOf(value, owner, from, label);
    text.own += `@${node.owner}`;
    text.references += `${node.owner}.${node.index} `;
  }

  addHash(owner, text) {
    const hashes = this.hashes.get(owner) ?? [0, 0];
    hashes[0] = native.hash(text.own, hashes[0]);
    hashes[1] = native.hash(text.references, hashes[1]);
    this.hashes.set(owner, hashes);
  }

  pathOf(node) {
    let path = '';
    for (let at = node; at !== undefined; at = at.from) path = `.${at.label}${path}`;
    return path;
  }

  finish(node, text) {
    this.addHash(node.owner, text);
    if (this.dump?.has(node.owner)) {
      this.lines += `object\t${node.owner}\t${escape(this.pathOf(node))}\t` +
        `${native.hash(text.own, 0)}.${native.hash(text.references, 0)}\n`;
    }
  }

  describeContext(node) {
    const variables = native.variablesOf(node.context);
    const text = { __proto__: null, own: 'variables ', references: '' };
    if (variables[0] >= 0 && !(node.isLibrary && isOutermost(variables[0]))) {
      this.addContext(text, variables[0], node, node.isLibrary);
    }
    for (let i = 1; i < variables.length; i++) {
      this.addReference(text, `variable ${i}`, variables[i], node.owner, node);
    }
    this.finish(node, text);
  }

  addContext(text, number, from, isLibrary) {
    let node = this.contexts.get(number);
    if (node === undefined) {
      node = this.newNode(from.owner, from, 'scope');
      node.context = number;
      node.isLibrary = isLibrary;
      this.contexts.set(number, node);
    }
    text.references += `${node.owner}.${node.index} `;
  }

  describe(node) {
    if (node.context !== undefined) return this.describeContext(node);
    const { value, owner } = node;
    const text = { __proto__: null, own: '', references: '' };
    const add = (label, to) => this.addReference(text, label, to, owner, node);
    if (this.describeKind(value, node, text, add)) this.describeProperties(value, text, add);
    this.finish(node, text);
  }

  describeProperties(object, text, add) {
    const prototype = ObjectGetPrototypeOf(object);
    if (!ObjectIsExtensible(object)) text.own += 'not extensible ';
    add('prototype', prototype);
    const isModule = commonjs.isBundledModule(object);
    const keys = ReflectOwnKeys(object);
    for (let i = 0; i < keys.length; i++) {
      let descriptor;
      try {
        descriptor = ReflectGetOwnPropertyDescriptor(object, keys[i]);
      } catch {
        text.own += `${keyText(keys[i])} uninitialized`;  // of a namespace
        continue;
      }
      if (descriptor === undefined) continue;
      const key = keyText(keys[i]);
      if (isCounter(key) || (isModule && isOfLoader(keys[i]))) continue;
      text.own += attributes(descriptor);
      if ('value' in descriptor) {
        add(key, descriptor.value);
      } else {
        add(`get ${key}`, descriptor.get);
        add(`set ${key}`, descriptor.set);
      }
    }
    if (prototype === ObjectPrototype || prototype === ArrayPrototype || prototype === null) return;
    if (isModule) return;  // its parent
    const members = native.privateOf(object);
    for (let i = 0; i < members?.length; i += 2) add(keyText(members[i]), members[i + 1]);
  }

  // What is special about an object. Returns whether its properties are compared, too.
  describeKind(value, node, text, add) {
    if (isRecord(value)) {
      text.own = 'record';
      return false;
    }
    if (types.isProxy(value)) {
      const details = getProxyDetails(value);
      text.own = 'proxy ';
      add('target', details?.[0]);
      add('handler', details?.[1]);
      return false;
    }
    if (typeof value === 'function') {
      const { closure } = node;
      if (closure === undefined) {
        text.own = 'native ';
        const fields = native.fieldsOf(value);
        for (let i = 0; i < fields.length; i++) add(`field ${i}`, fields[i]);
        return true;
      }
      text.own = `function ${closure[0]}:${closure[1]} `;
      const isLibrary = isOfLibrary(closure[0]);
      // A function that the library has made for the app, as once() does, has variables besides those of its module.
      if (closure[2] < 0 || (isLibrary && isOutermost(closure[2]))) return !isLibrary;
      this.addContext(text, closure[2], node, isLibrary);
      return true;
    }
    if (ArrayIsArray(value)) {
      text.own = 'array ';
      return true;
    }
    if (ArrayBufferIsView(value)) {
      const { buffer, byteLength } = value;
      // A part of the pool of the library's buffers: where it is depends on the order.
      const isPooled = TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array' && byteLength < buffer.byteLength &&
        buffer.byteLength === require('buffer').Buffer.poolSize;
      text.own = `view ${isPooled || value.byteOffset} ${byteLength} ${native.bytesOf(value)} `;
      add('prototype', ObjectGetPrototypeOf(value));
      if (!isPooled) add('buffer', buffer);
      return false;
    }
    const prototype = ObjectGetPrototypeOf(value);
    if (prototype === ObjectPrototype || prototype === null) {
      text.own = 'object ';
      return true;
    }
    if (types.isMap(value) || types.isSet(value)) {
      text.own = types.isMap(value) ? 'map ' : 'set ';
      const entries = previewEntries(value);
      for (let i = 0; i < entries.length; i++) add(`entry ${i}`, entries[i]);
    } else if (types.isWeakMap(value) || types.isWeakSet(value)) {
      text.own = 'weak ';
      ArrayPrototypePush(this.weak,
                         { __proto__: null, node, object: value, done: new SafeSet() });
    } else if (types.isDate(value)) {
      text.own = `date ${DatePrototypeGetTime(value)} `;
    } else if (types.isRegExp(value)) {
      text.own = `regexp ${RegExpPrototypeGetSource(value)}/${RegExpPrototypeGetFlags(value)} `;
    } else if (types.isPromise(value)) {
      const details = getPromiseDetails(value);
      text.own = `promise ${details[0]} `;
      add('result', details[1]);
    } else if (types.isAnyArrayBuffer(value)) {
      text.own = `buffer ${value.byteLength} ${native.bytesOf(value)} `;
    } else if (types.isGeneratorObject(value)) {
      text.own = 'generator ';
      const fields = native.fieldsOf(value);
      for (let i = 0; i < fields.length; i++) add(`field ${i}`, fields[i]);
    } else if (types.isMapIterator(value) || types.isSetIterator(value)) {
      text.own = 'iterator ';
      const { 0: entries } = previewEntries(value, true);
      for (let i = 0; i < entries.length; i++) add(`entry ${i}`, entries[i]);
    } else if (types.isBoxedPrimitive(value)) {
      text.own = `boxed ${types.isSymbolObject(value)} `;
      add('value', native.fieldsOf(value)[0]);
    } else if (prototype === globalThis.WeakRef?.prototype) {
      text.own = 'weak reference ';
      add('target', WeakRefPrototypeDeref(value));
    } else {
      text.own = 'instance ';
    }
    return true;
  }

  drain() {
    const { queue } = this;
    for (let at = this.at ?? 0; ; at++) {
      if (at === queue.length) {
        this.at = at;
        return;
      }
      this.describe(queue[at]);
      queue[at].value = undefined;
    }
  }

  // The entries of weak collections whose keys are reached, in the order of the keys.
  drainWeak() {
    let progress = true;
    while (progress) {
      progress = false;
      for (let i = 0; i < this.weak.length; i++) progress = this.addEntries(this.weak[i]) || progress;
      this.drain();
    }
  }

  addEntries(weak) {
    const { node, object, done } = weak;
    const pairs = types.isWeakMap(object);
    const entries = previewEntries(object);
    const found = [];
    for (let i = 0; i < entries.length; i += pairs ? 2 : 1) {
      const key = entries[i];
      if (done.has(key)) continue;
      this.reached?.(node.owner, key);
      const name = this.nameOf(key);
      const known = name === undefined ? this.nodes.get(key) : undefined;
      if (name === undefined && known === undefined) continue;
      done.add(key);
      const rank = name ?? `@${known.owner}.${known.index}`;
      ArrayPrototypePush(found, { __proto__: null, rank, key, value: pairs ? entries[i + 1] : 0 });
    }
    if (found.length === 0) return false;
    ArrayPrototypeSort(found, (a, b) => (a.rank < b.rank ? -1 : 1));
    const text = { __proto__: null, own: 'entries ', references: '' };
    for (let i = 0; i < found.length; i++) {
      this.addReference(text, 'key', found[i].key, node.owner, node);
      this.addReference(text, 'value', found[i].value, node.owner, node);
    }
    this.finish(node, text);
    return true;
  }

  addRoot(id, withNamespaces) {
    const root = rootOf(id);
    if (root === undefined) return;
    const text = { __proto__: null, own: '', references: '' };
    this.addReference(text, `module ${id}`, root.exports, id, undefined);
    // What import statements have got of a CommonJS module: the values at the time of the first one.
    const imported = withNamespaces && table.kindOf(id) !== table.kEsm ? namespaceOf(id) : undefined;
    if (imported !== undefined) this.addReference(text, 'imported', imported, id, undefined);
    this.addHash(id, text);
  }

  // Hashes of what has changed on the surface, by key.
  addSurface() {
    let number = -1;
    const add = (what, at) => (key, value, state) => {
      const text = { __proto__: null, own: `${state} `, references: '' };
      if (isObject(value)) {
        text.own = '';
        this.addReference(text, key, value, kRealm, undefined);
      }
      this.lines += `surface\t${at}\t${escape(what)}\t${escape(key)}\t` +
        `${native.hash(text.own, 0)}.${native.hash(text.references, 0)}\n`;
    };
    for (const { 0: object, 1: before } of surface) {
      number++;
      const name = this.names.get(object);
      if (name !== undefined) forEachChange(before, stateOf(object), add(name, number));
    }
    number = -1;
    for (const { 0: script, 1: scope } of libraryScopes) {
      number--;
      forEachChange(scope.state, currentScope(scope), add(script, number));
    }
  }

  result() {
    let { lines } = this;
    const owners = [];
    for (const { 0: owner } of this.hashes) ArrayPrototypePush(owners, owner);
    ArrayPrototypeSort(owners, (a, b) => a - b);
    for (let i = 0; i < owners.length; i++) {
      const hashes = this.hashes.get(owners[i]);
      lines += `heap\t${owners[i]}\t${hashes[0]}\t${hashes[1]}\n`;
    }
    return lines;
  }
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

// The owner of objects that only the surface leads to.
const kRealm = -1;

// { exports } of a module that is evaluated.
function rootOf(id) {
  const kind = table.kindOf(id);
  if (kind === table.kCommonJs || kind === table.kJson) {
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

function isOutermost(context) {
  return native.variablesOf(context)[0] < 0;
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

// The hashes of all modules that are evaluated, as lines of the record. `dump`: modules whose objects
// are listed. reached(owner, object) is called with each object that is not of the surface. What only the
// exports of the modules in `without` lead to is left out.
function hashAll(dump, reached, without) {
  return quietly(() => {
    addLoadedBuiltins();
    const graph = new Graph(new SafeSet(new SafeArrayIterator(dump)), reached);
    graph.nameSurface();
    const count = table.count();
    const ignored = new SafeSet(new SafeArrayIterator(without ?? []));
    for (let id = 0; id < count; id++) {
      if (!ignored.has(id)) graph.addRoot(id, true);
    }
    graph.addSurface();
    graph.drain();
    graph.drainWeak();
    native.forget();
    return graph.result();
  });
}

// The hashes of some modules, by number. The exports of `other`, a module that may be in a cycle with
// them, are not described.
function hashesOf(modules, other) {
  return quietly(() => {
    const graph = new Graph();
    const exports = other === undefined ? undefined : rootOf(other)?.exports;
    if (isObject(exports)) graph.nodes.set(exports, { __proto__: null, owner: other, index: 0 });
    for (let i = 0; i < modules.length; i++) graph.addRoot(modules[i], false);
    graph.drain();
    graph.drainWeak();
    native.forget();
    return graph.hashes;
  });
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
  constructor(numbers) {
    this.numbers = numbers;
    this.states = new SafeMap();
  }

  // Calls changed(number, key) for what has changed since the last call.
  check(changed) {
    quietly(() => {
      addLoadedBuiltins();
      let number = -1;
      for (const { 0: object, 1: before } of surface) {
        if (!this.numbers.has(++number)) continue;
        const state = stateOf(object);
        forEachChange(this.states.get(number) ?? before, state, (key) => changed(number, key));
        this.states.set(number, state);
      }
      number = -1;
      for (const { 1: scope } of libraryScopes) {
        if (!this.numbers.has(--number)) continue;
        const state = currentScope(scope);
        forEachChange(this.states.get(number) ?? scope.state, state,
                      (key) => changed(number, key));
        this.states.set(number, state);
      }
    });
  }
}

// Numbers that the library gives to objects in the order in which they are made.
function isCounter(key) {
  return key === 'Symbol(async_id_symbol)' || key === 'Symbol(trigger_async_id_symbol)' ||
    key === 'Symbol(asyncId)' || key === 'Symbol(kAsyncId)';
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
