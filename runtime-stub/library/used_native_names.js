'use strict';
// Lists the native names that the library uses, for check_native_names.js.
//
//   node --expose-internals used_native_names.js LIBRARY_DIR OWN_JS_DIR OUT
//
// It runs in the pinned node, whose own bindings show which names exist there. A name that Node
// does not have either (QUIC's, or Windows') is omitted, unless one of our patches or modules uses
// it. For a binding that is used as a whole, as in `...internalBinding('types')`, all of Node's
// names are listed. OUT has a line `binding.name<TAB>module:line of the first use` for each name.

const fs = require('node:fs');
const { internalBinding } = require('internal/test/binding');
const { readModules } = require('./files.js');
const { applyPatches } = require('./patching.js');
const { nativeNames } = require('./native_names.js');
const patches = require('./library_patches.js');

const [library, ownJs, out] = process.argv.slice(2);

// Map from name to "module:line" of its first use; "binding.*" for a binding as a whole.
function namesIn(modules) {
  const found = new Map();
  for (const [id, text] of modules) {
    if (!text.includes('internalBinding(')) continue;
    const { names, escapes } = nativeNames(text);
    for (const [name, line] of names) found.set(name, found.get(name) ?? `${id}:${line}`);
    for (const { binding, line } of escapes)
      found.set(`${binding}.*`, found.get(`${binding}.*`) ?? `${id}:${line}`);
  }
  return found;
}

function namesOfNode(binding) {
  try {
    return Object.getOwnPropertyNames(internalBinding(binding));
  } catch {
    return null;
  }
}

// Node's bindings whose name starts with "internal_only" are hidden even here, so they count as
// having every name.
function nodeHas(name) {
  const [binding, ...path] = name.split('.');
  if (binding.startsWith('internal_only')) return true;
  if (namesOfNode(binding) === null) return false;
  let value = internalBinding(binding);
  for (const key of path) {
    if (value === undefined || value === null) return true;
    if (!(key in Object(value))) return false;
    value = value[key];
  }
  return true;
}

const modules = readModules(library);
const used = new Map();
for (const [name, where] of namesIn(modules)) {
  if (!name.endsWith('.*')) {
    if (nodeHas(name)) used.set(name, where);
    continue;
  }
  const binding = name.slice(0, -2);
  for (const key of namesOfNode(binding) ?? []) {
    const whole = `${binding}.${key}`;
    if (!used.has(whole)) used.set(whole, where);
  }
}
// Names that only our patches and modules use must exist in our bindings, whatever Node has.
const original = namesIn(modules);
applyPatches(modules, patches);
const ours = [...namesIn(modules), ...namesIn(readModules(ownJs))];
for (const [name, where] of ours)
  if (!original.has(name) && !name.endsWith('.*')) used.set(name, where);

const lines = [...used].map(([name, where]) => `${name}\t${where}\n`).sort();
fs.writeFileSync(out, lines.join(''));
