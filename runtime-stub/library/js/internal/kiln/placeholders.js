'use strict';

// internal/kiln/placeholders: while modules are evaluated in the snapshot builder (internal/kiln/bake),
// a CommonJS module may load another one that is evaluated only at start. For its exports it gets a
// placeholder, a proxy of the same kind. It may store it in variables that its closures use; these
// get the exports at start (activate() in internal/kiln/commonjs). If it uses the placeholder, or
// if anything else refers to it afterwards, the module must be evaluated at start, too. Such a
// module is given up as soon as it is known, and those that load it get placeholders for it, so that one run
// finds nearly all.

const {
  ArrayPrototypeIncludes,
  ArrayPrototypePop,
  ArrayPrototypePush,
  ArrayPrototypeSplice,
  Error,
  MathMin,
  Proxy,
  ReflectOwnKeys,
  RegExpPrototypeExec,
  SafeMap,
  SafeSet,
} = primordials;

const commonjs = require('internal/kiln/commonjs');
const table = require('internal/kiln/table');
const { kInstantiated, linkedModules, skipModule } = internalBinding('module_wrap');

function esm() {
  return require('internal/kiln/esm');
}

// Whether an export of a module that is not evaluated is neither a function nor uninitialized.
function hasUndefined(wrap) {
  const namespace = wrap.getNamespace();
  const names = ReflectOwnKeys(namespace);
  for (let i = 0; i < names.length; i++) {
    try {
      if (namespace[names[i]] === undefined) return true;
    } catch {
      // It is uninitialized.
    }
  }
  return false;
}

const kTraps = [
  'apply', 'construct', 'defineProperty', 'deleteProperty', 'get', 'getOwnPropertyDescriptor', 'getPrototypeOf',
  'has', 'isExtensible', 'ownKeys', 'preventExtensions', 'set', 'setPrototypeOf',
];

function makeProxy(shape, touch) {
  const handler = { __proto__: null };
  for (let i = 0; i < kTraps.length; i++) handler[kTraps[i]] = touch;
  return new Proxy(shape === 1 ? function() {} : shape === 3 ? [] : {}, handler);
}

const kTexts = {
  __proto__: null,
  uses: (path) => `uses ${path} while it is evaluated`,
  keeps: (path) => `keeps the exports of ${path} elsewhere than in variables`,
  loads: (path) => `loads ${path}`,
};

class Placeholders {
  // `baked`: numbers of modules, of which those that are given up are removed. evaluateNow(id)
  // evaluates one that nothing has loaded yet. Others as for bake().
  constructor(baked, lines, native, evaluateNow) {
    this.baked = baked;
    this.native = native;
    this.isObserved = native.place !== undefined;
    this.evaluateNow = evaluateNow;
    this.shapes = new SafeMap();  // module -> that of its exports
    this.below = new SafeMap();   // module -> the first loads of its evaluation
    for (let i = 0; i < lines.length; i++) {
      const { 0: key, 1: number, 2: other } = lines[i];
      if (key === 'shape') this.shapes.set(number, other);
      if (key === 'below') this.listOf(this.below, number, other);
    }
    this.loads = new SafeMap();    // module -> what it has loaded, in order
    this.late = new SafeSet();     // modules that have loaded some that are evaluated at start
    this.proxies = new SafeMap();  // module -> other module -> placeholder
    this.visited = new SafeSet();  // modules that are evaluated at start
    this.evaluating = [];
    this.skipped = [];             // ModuleWraps that V8 passes over
    this.threw = new SafeSet();    // those of them that have thrown
    this.failures = [];            // [module, text, line of the record]
    this.hasCollected = false;     // garbage, after all were evaluated
  }

  listOf(map, key, value) {
    let list = map.get(key);
    if (list === undefined) map.set(key, list = []);
    if (!ArrayPrototypeIncludes(list, value)) ArrayPrototypePush(list, value);
  }

  hasFailed() {
    return this.failures.length > 0;
  }

  // Gives a module up. `how`: a key of kTexts.
  fail(module, how, other, error) {
    const place = error === undefined ? this.native.place?.() : this.placeOf(error);
    const { 0: script = '', 1: line = 0, 2: column = 0 } = place ?? [];
    if (this.baked.delete(module)) {
      ArrayPrototypePush(this.failures, [
        module, kTexts[how](table.pathOf(other)),
        `${how}\t${module}\t${other}\t${script}\t${line}\t${column}\n`,
      ]);
    }
    return new Error(`${table.pathOf(module)} must be evaluated at start`);
  }

  // [script, line, column] of the innermost code of the app in a stack.
  placeOf(error) {
    if (!this.isObserved) return;
    this.native.pause(true);
    const match = RegExpPrototypeExec(/((?:file:\/\/)?\/kiln\/.*?):(\d+):(\d+)\)?$/m, `${error?.stack}`);
    this.native.pause(false);
    return match === null ? undefined : [match[1], match[2], match[3]];
  }

  isLate(id) {
    return !this.baked.has(id) || this.late.has(id);
  }

  // The module that is being evaluated.
  current() {
    return this.evaluating[this.evaluating.length - 1];
  }

  // require() in a module of the app.
  require(id, parent) {
    const from = table.idOf(parent.filename);
    const checkCaller = () => {
      // A function of an evaluated module: at start it would load the other one only now.
      const current = this.current();
      if (from !== current && this.isLate(id)) throw this.fail(current ?? from, 'loads', id);
    };
    checkCaller();
    this.listOf(this.loads, from, id);
    let exports;
    if (this.baked.has(id)) {
      try {
        exports = commonjs.load(id, parent);
      } catch (error) {
        if (this.baked.has(id)) throw error;
      }
      checkCaller();
    }
    if (this.isLate(id)) this.late.add(from);
    return this.baked.has(id) ? exports : this.placeholderOf(from, id);
  }

  placeholderOf(from, id) {
    let proxies = this.proxies.get(from);
    if (proxies === undefined) this.proxies.set(from, proxies = new SafeMap());
    let proxy = proxies.get(id);
    if (proxy !== undefined) return proxy;
    const shape = this.shapes.get(id);
    if (shape === undefined) throw this.fail(from, 'loads', id);
    this.evaluateBelow(id);
    proxy = makeProxy(shape, () => {
      throw this.fail(this.current() ?? from, 'uses', id);
    });
    proxies.set(id, proxy);
    return proxy;
  }

  // Evaluates an ES module after all that it imports, in V8's order, apart from what the modules of a cycle
  // import: that is evaluated before the first of them.
  evaluateGraph(root) {
    this.skipGraph(root, new SafeSet());
    if (this.skipped.length === 0) {
      if (root.getStatus() === kInstantiated) root.evaluateSync();
      return;
    }
    const places = new SafeMap();  // ModuleWrap -> its place in `open` while it is there
    const open = [];
    // Returns the lowest place that the module leads to: those from there on are a cycle.
    const visit = (wrap) => {
      const place = open.length;
      places.set(wrap, place);
      ArrayPrototypePush(open, wrap);
      const id = esm().idOfURL(wrap.url);
      this.visited.add(id);
      let lowest = place;
      const linked = linkedModules(wrap);
      for (let i = 0; i < linked.length; i++) {
        const next = linked[i];
        if (next.isCommonJS) {
          this.evaluateImported(next, this.baked.has(id));
        } else if (!next.synthetic) {
          lowest = MathMin(lowest, places.has(next) ? places.get(next) : visit(next));
        }
      }
      if (lowest < place) return lowest;
      const cycle = ArrayPrototypeSplice(open, place);
      for (let i = 0; i < cycle.length; i++) places.set(cycle[i], Infinity);
      if (this.baked.has(id) && wrap.getStatus() === kInstantiated) this.evaluateCycle(cycle);
      return Infinity;
    };
    visit(root);
  }

  // A CommonJS module that an ES module imports, which is baked or not.
  evaluateImported(wrap, byBaked) {
    const id = esm().idOfURL(wrap.url);
    if (!this.baked.has(id)) return;
    if (!byBaked) this.evaluateNow(id);
    else if (wrap.getStatus() === kInstantiated) wrap.evaluateSync();
  }

  skipGraph(wrap, seen) {
    if (seen.has(wrap) || wrap.synthetic) return;
    seen.add(wrap);
    if (wrap.getStatus() === kInstantiated && !this.baked.has(esm().idOfURL(wrap.url))) {
      this.skip(wrap);
    }
    const linked = linkedModules(wrap);
    for (let i = 0; i < linked.length; i++) this.skipGraph(linked[i], seen);
  }

  skip(wrap) {
    if (!skipModule(wrap, true)) throw new Error("V8's modules have an unknown layout");
    ArrayPrototypePush(this.skipped, wrap);
  }

  // Evaluates a module and those that it is in a cycle with.
  evaluateCycle(cycle) {
    const ids = [];
    for (let i = 0; i < cycle.length; i++) ArrayPrototypePush(ids, esm().idOfURL(cycle[i].url));
    let late;  // a module that V8 passes over
    for (let i = 0; i < cycle.length; i++) late = this.lateImport(cycle[i], ids[i]) ?? late;
    const failAll = (how, other, error) => {
      for (let i = 0; i < ids.length; i++) this.fail(ids[i], how, other, error);
    };
    for (let i = 0; i < ids.length; i++) {
      if (!this.baked.has(ids[i])) failAll('loads', late ?? ids[i]);
    }
    if (!this.baked.has(ids[0])) {
      for (let i = 0; i < cycle.length; i++) this.skip(cycle[i]);
      return;
    }
    const watches = this.isObserved && this.skipped.length > 0;
    if (watches) this.native.compiled();
    if (this.isObserved) {
      // Makes the namespaces. V8 could not collect what `export *` of another module gives if one of these throws
      // and is skipped then: it has lost what it knew of that one's exports.
      for (let i = 0; i < cycle.length; i++) cycle[i].getNamespace();
    }
    ArrayPrototypePush(this.evaluating, ids[0]);
    try {
      cycle[0].evaluateSync();
    } catch (error) {
      if (!this.late.has(ids[0]) && !this.hasFailed()) throw error;
      failAll('uses', late ?? ids[0], error);
      for (let i = 0; i < cycle.length; i++) {
        this.threw.add(cycle[i]);
        this.skip(cycle[i]);
      }
    } finally {
      ArrayPrototypePop(this.evaluating);
    }
    const compiled = watches ? this.native.compiled() : [];
    for (let i = 0; i < compiled.length; i++) {
      const other = esm().idOfURL(compiled[i]);
      if (other !== undefined && !this.baked.has(other)) failAll('uses', other);
    }
  }

  // The number of a module which the module imports and V8 passes over, if any.
  lateImport(wrap, id) {
    const linked = linkedModules(wrap);
    let late;
    for (let i = 0; i < linked.length; i++) {
      const other = linked[i].synthetic ? undefined : esm().idOfURL(linked[i].url);
      if (other === undefined || !this.isLate(other)) continue;
      this.late.add(id);
      if (this.baked.has(other)) continue;
      late ??= other;
      if (!this.shapes.has(other) ||
          (this.isObserved && !this.threw.has(linked[i]) && hasUndefined(linked[i]))) {
        this.fail(id, 'loads', other);
      }
    }
    return late;
  }

  // What a module that is not evaluated would load.
  evaluateBelow(id) {
    if (this.visited.has(id)) return;
    this.visited.add(id);
    const list = this.below.get(id) ?? [];
    for (let i = 0; i < list.length; i++) {
      if (this.baked.has(list[i])) {
        try {
          this.evaluateNow(list[i]);
        } catch (error) {
          if (!this.hasFailed()) throw error;
        }
      }
      if (!this.baked.has(list[i])) this.evaluateBelow(list[i]);
    }
  }

  evaluate(id, body) {
    ArrayPrototypePush(this.evaluating, id);
    try {
      body();
    } finally {
      ArrayPrototypePop(this.evaluating);
    }
    if (!this.baked.has(id)) throw new Error(`${table.pathOf(id)} must be evaluated at start`);
  }

  // When all are evaluated: sets the variables that hold placeholders to undefined. Returns what
  // bakeLoaded() of internal/kiln/commonjs gets, or undefined. Modules that keep placeholders
  // elsewhere have failed.
  finish() {
    for (let i = 0; i < this.skipped.length; i++) skipModule(this.skipped[i], false);
    this.hasSkipped = this.skipped.length > 0;
    this.skipped = [];
    if (this.proxies.size === 0 || this.hasFailed()) return;
    const pairs = [];  // [module, other module]
    const objects = this.takeProxies(pairs);
    const variables = this.takeVariables(pairs, this.native.variablesWith(objects));
    const held = this.native.held(objects);
    this.hasCollected = true;
    for (let i = 0; i < held.length; i++) this.fail(pairs[held[i]][0], 'keeps', pairs[held[i]][1]);
    return this.hasFailed() ? undefined : this.waiting(variables);
  }

  // In a function of its own: variables of one that has not returned would still refer to them.
  takeProxies(pairs) {
    const objects = [];
    for (const { 0: from, 1: proxies } of this.proxies) {
      for (const { 0: id, 1: proxy } of proxies) {
        ArrayPrototypePush(pairs, [from, id]);
        ArrayPrototypePush(objects, proxy);
      }
    }
    this.proxies.clear();
    return objects;
  }

  // module -> [function, depth, slot, other module, ...]
  takeVariables(pairs, found) {
    const variables = new SafeMap();
    const seen = new SafeSet();
    for (let i = 0; i < found.length; i += 6) {
      const { 0: from, 1: id } = pairs[found[i + 3]];
      const variable = `${found[i + 4]} ${found[i + 2]}`;
      if (table.idOf(found[i + 5]) !== from || seen.has(variable)) continue;
      seen.add(variable);
      let list = variables.get(from);
      if (list === undefined) variables.set(from, list = []);
      ArrayPrototypePush(list, found[i], found[i + 1], found[i + 2], id);
      this.native.setVariable(found[i], found[i + 1], found[i + 2], undefined);
    }
    return variables;
  }

  waiting(variables) {
    // Those that load others in a cycle may have done so before these were known to be late.
    for (let size = -1; size !== this.late.size;) {
      size = this.late.size;
      for (const { 0: id, 1: list } of this.loads) {
        for (let i = 0; i < list.length; i++) {
          if (this.isLate(list[i])) this.late.add(id);
        }
      }
    }
    const waiting = { __proto__: null };
    for (const id of this.late) {
      const list = this.loads.get(id);
      if (list === undefined) continue;  // an ES module
      const loads = [];
      const shapes = [];
      for (let i = 0; i < list.length; i++) {
        const isBaked = this.baked.has(list[i]);
        const module = commonjs.state.cache[table.pathOf(list[i])];
        if (isBaked && module === undefined) continue;
        ArrayPrototypePush(loads, isBaked ? module : list[i]);
        ArrayPrototypePush(shapes, isBaked ? 0 : this.shapes.get(list[i]));
      }
      waiting[table.pathOf(id)] = { __proto__: null, loads, shapes, variables: variables.get(id) ?? [] };
    }
    return waiting;
  }
}

module.exports = { Placeholders };
