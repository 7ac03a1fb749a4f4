'use strict';
// Loads the public module that the first argument names, and calls every function that it exports, every constructor
// and every static method: without arguments, and with arguments that fit. Prints one line for each call: the kind of
// what it returned, or the error. run.py compares the lines of the official node with those of an app.
const fs = require('fs');
const path = require('path');
const { arguments: known, excluded, instances, before } = require('./arguments.js');

const moduleName = process.argv[2];
const folder = process.cwd();
const kDeadline = 1000;  // milliseconds for a promise or a callback; what takes longer is "pending"

const lines = [];
const print = (line) => fs.writeSync(1, `${line.replaceAll(folder, 'CWD').replaceAll(process.execPath, 'EXEC')}\n`);

const isError = (value) => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]' ||
  Object.prototype.toString.call(value) === '[object DOMException]';

function errorText(error) {
  if (!isError(error)) return `throws ${kindOf(error)}`;
  const message = String(error.message).split('\n')[0].replaceAll(String(process.pid), 'PID');
  return `${error.name} ${error.code ?? ''} ${message}`;
}

function kindOf(value) {
  if (value === null || typeof value === 'undefined' || typeof value === 'boolean') return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object') return typeof value;
  if (isError(value)) return errorText(value);
  let prototype = Object.getPrototypeOf(value);
  if (prototype === null) return 'null-prototype object';
  const name = prototype.constructor?.name;
  return typeof name === 'string' ? name : 'object';
}

const within = (promise) => new Promise((resolve) => {
  const timer = setTimeout(() => resolve('pending'), kDeadline);
  promise.then((text) => { clearTimeout(timer); resolve(text); });
});

// What a call left open must not keep the process, or call later functions.
function release(value) {
  if (value === null || typeof value !== 'object' || value === process || value === console) return;
  if (value === process.stdin || value === process.stdout || value === process.stderr) return;
  try { value.on?.('error', () => {}); } catch { /* its error is no result of the call */ }
  if (value.constructor?.name === 'ChildProcess' && value.pid === undefined) return;  // kill() would be kill(0)
  for (const method of ['closeAllConnections', 'terminate', 'kill', 'destroy', 'close', 'unref', 'disable']) {
    try {
      if (typeof value[method] === 'function') value[method]()?.catch?.(() => {});
    } catch { /* many cannot be closed in the state that they are in */ }
  }
}

const events = [];
process.on('uncaughtException', (error) => events.push(`uncaught ${errorText(error)}`));
process.on('unhandledRejection', (error) => events.push(`unhandled ${kindOf(error)}`));

async function call(label, action, takesCallback) {
  events.length = 0;
  let called;
  const callback = new Promise((resolve) => {
    called = (...args) => resolve(`calls back ${args.slice(0, 2).map(kindOf).join(', ')}`);
  });
  let text;
  let value;
  try {
    value = action(called);
    if (kindOf(value) === 'Promise') {
      text = await within(value.then((v) => { release(v); return `resolves ${kindOf(v)}`; },
                                     (e) => `rejects ${kindOf(e)}`));
    } else {
      text = kindOf(value);
      try { value?.on?.('error', () => {}); } catch { /* as above */ }
      if (takesCallback) text += ` ${await within(callback)}`;
    }
  } catch (error) {
    text = errorText(error);
  }
  await new Promise(setImmediate);
  release(value);
  await new Promise(setImmediate);
  print(`${label} -> ${[text, ...events].join('; ')}`);
}

const kCallback = Symbol('callback');
const isClass = (f) => /^class\b/.test(Function.prototype.toString.call(f));
const constructs = (f, name) => isClass(f) || (/^[A-Z]/.test(name) && typeof f.prototype === 'object');

// The names of a function's parameters, from its text.
function parameters(f) {
  let text = Function.prototype.toString.call(f).replace(/\/\*[^]*?\*\//g, '').replace(/\/\/.*/g, '');
  if (isClass(f)) text = /\bconstructor\s*(\([^]*)/.exec(text)?.[1] ?? '()';
  const list = /^[^(]*\(([^)]*)\)/.exec(text)?.[1] ?? '';
  return list.split(',').map((p) => p.trim().replace(/\s*=.*$/, '').replace(/^\.\.\./, '')).filter((p) => /^\w+$/.test(p));
}

const byParameter = (parameter) => known.parameters[parameter] ?? known.parameters[parameter.toLowerCase()];

function argumentsFor(label, f) {
  const listed = known.calls[label.replace('/promises.', '.promises.')];
  const make = listed ?? (() => parameters(f).map((name) => {
    if (/^(callback|cb|done)$/i.test(name)) return known.callback;
    const value = byParameter(name);
    return typeof value === 'function' ? value() : value;
  }));
  return typeof make === 'function' ? make() : make;
}

async function callFunction(label, f, self) {
  if (label in excluded) return;
  const name = label.slice(label.lastIndexOf('.') + 1);
  const invoke = constructs(f, name) ? (args) => new f(...args) : (args) => Reflect.apply(f, self, args);
  await before(label);
  await call(`${label}()`, () => invoke([]), false);
  await before(label);
  let args;
  try {
    args = argumentsFor(label, f);
  } catch (error) {
    print(`${label}(...) -> arguments: ${errorText(error)}`);
    return;
  }
  const text = args.map((a) => a === known.callback ? 'callback' : kindOf(a)).join(', ');
  await call(`${label}(${text})`, (called) => invoke(args.map((a) => a === known.callback ? called : a)),
             args.includes(known.callback));
}

const seen = new Set([globalThis, process.env]);

// `self` is the object whose prototype is walked, for those in `instances`.
async function walk(label, object, depth, self = object) {
  if (seen.has(object)) return;
  seen.add(object);
  for (const name of Object.getOwnPropertyNames(object).sort()) {
    if (typeof object === 'function' && ['length', 'name', 'prototype', 'arguments', 'caller'].includes(name)) continue;
    if (self !== object && name === 'constructor') continue;
    const inner = `${label}.${name}`;
    let value;
    try {
      value = self[name];
    } catch (error) {
      print(`${inner} throws ${errorText(error)}`);
      continue;
    }
    print(`${inner}: ${typeof value === 'function' ? `function of ${value.length}` : kindOf(value)}`);
    if (inner in excluded) continue;
    if (typeof value === 'function') {
      if (!seen.has(value)) await callFunction(inner, value, self);
      if (depth < 3) await walk(inner, value, depth + 1);
    } else if (instances.has(inner)) {
      await walk(inner, Object.getPrototypeOf(value), depth + 1, value);
    } else if (depth < 2 && ['Object', 'null-prototype object'].includes(kindOf(value))) {
      await walk(inner, value, depth + 1);
    }
  }
}

(async () => {
  const name = moduleName.replace(/^node:/, '');
  let exports;
  try {
    exports = require(moduleName);
  } catch (error) {
    print(`require(${moduleName}) -> ${errorText(error)}`);
    process.reallyExit(0);
  }
  print(`require(${moduleName}) -> ${kindOf(exports)}`);
  const same = process.getBuiltinModule(moduleName) === exports;
  const namespace = await import(moduleName).then((ns) => Object.keys(ns).sort().join(' '), errorText);
  print(`import(${moduleName}) -> ${same} ${namespace}`);
  if (name in excluded) {
    for (const key of Object.getOwnPropertyNames(exports).sort()) print(`${name}.${key}: ${typeof exports[key]}`);
  } else {
    if (typeof exports === 'function') await callFunction(name, exports, undefined);
    await walk(name, exports, 0);
  }
  process.reallyExit(0);
})();
