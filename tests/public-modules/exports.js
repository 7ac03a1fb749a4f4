'use strict';
// Prints what the module of the command line exports, one property a line: its place, its type, and of functions
// the name and the number of parameters. Classes and plain objects are entered, prototypes too.
const id = process.argv.at(-1);
const seen = new Map();
const show = (key) => typeof key === 'symbol' ? `[${String(key.description)}]` : key;

function describe(value) {
  if (typeof value === 'function') {
    const { name, length } = Object.fromEntries(['name', 'length'].map((key) => [key, Object.getOwnPropertyDescriptor(value, key)?.value]));
    return `${Object.hasOwn(value, 'prototype') ? 'class or function' : 'function'} ${JSON.stringify(name)} ${length}`;
  }
  if (value === null) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object';
  return typeof value;
}

function print(place, value, depth) {
  for (const key of Reflect.ownKeys(value)) {
    if (typeof value === 'function' && (key === 'name' || key === 'length' || key === 'arguments' || key === 'caller')) continue;
    if (key === 'constructor') continue;
    const here = `${place}.${show(key)}`;
    const property = Object.getOwnPropertyDescriptor(value, key);
    const flags = ['writable', 'enumerable', 'configurable'].filter((flag) => property[flag]).map((flag) => flag[0]).join('');
    if (!('value' in property)) {
      console.log(`${here}: accessor ${property.get ? 'get' : ''} ${property.set ? 'set' : ''} ${flags}`);
      continue;
    }
    const inner = property.value;
    console.log(`${here}: ${describe(inner)} ${flags}`);
    if (depth === 0 || inner === null || typeof inner !== 'object' && typeof inner !== 'function' || seen.has(inner)) continue;
    // Values of the process, such as its environment, are not exports.
    if (/^process\.(env|argv|execArgv|report|versions|config|release|memoryUsage|stdin|stdout|stderr|_events|_preload_modules|mainModule)$/.test(here)) continue;
    if (/^module\.(_cache|_pathCache|prototype\.require\.main)$/.test(here)) continue;
    if (Array.isArray(inner) || ArrayBuffer.isView(inner)) continue;
    seen.set(inner, here);
    print(here, inner, depth - 1);
  }
}

const name = id.replace(/^node:/, '');
let loaded;
try {
  loaded = require(id);
} catch (error) {
  console.log(`${name}: ${error.code}`);
}
if (loaded !== undefined) {
  console.log(`${name}: ${describe(loaded)}`);
  seen.set(loaded, name);
  print(name, loaded, 3);
}
process.exit();
