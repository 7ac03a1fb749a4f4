'use strict';
// Checks that our bindings have every native name that the library uses. A missing name would
// otherwise be noticed only when an app first uses it. A name that is declared as unimplemented
// (bindings/unimplemented/) counts as present: its use throws an error that says so.
//
//   kiln-stub --expose-internals check_native_names.js USED
//
// USED is what used_native_names.js wrote. Names that are missing on purpose are listed in
// missing_native_names.txt with a reason; an entry that is not missing any more, or that
// nothing uses, is an error too.

const fs = require('node:fs');
const path = require('node:path');
const { internalBinding } = require('internal/test/binding');

const list = path.join(__dirname, 'missing_native_names.txt');

// Map from the first word of each line to the rest of it.
function readTable(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => {
    const [, name, rest] = /^(\S+)\s*(.*)$/.exec(line);
    return [name, rest];
  }));
}

function weHave(name) {
  const [binding, ...keys] = name.split('.');
  let value;
  try {
    value = internalBinding(binding);
  } catch {
    return false;  // no such binding
  }
  for (const [i, key] of keys.entries()) {
    // A value that is set only later cannot be searched for its properties now.
    if (i > 0 && (value === undefined || value === null)) return true;
    if (!(key in Object(value))) return false;
    if (i + 1 < keys.length) value = value[key];
  }
  return true;
}

const wildcard = (name) => `${name.split('.', 1)[0]}.*`;

const used = readTable(process.argv[2]);
const accepted = readTable(list);
const errors = [];
for (const [name, where] of used) {
  if (weHave(name) || accepted.has(name) || accepted.has(wildcard(name))) continue;
  errors.push(`internalBinding() has no ${name}, which Node's library uses (${where}). ` +
    `Add it to the binding, or to ${path.basename(list)} with the reason why it may be missing.`);
}
for (const [entry, reason] of accepted) {
  const covered = [...used.keys()].filter((name) => name === entry || wildcard(name) === entry);
  const problem = covered.length === 0 ? ", which Node's library does not use. Remove the line." :
    covered.some(weHave) ? ', which our bindings have. Remove the line.' :
      !reason ? ' without a reason. Add one.' : null;
  if (problem) errors.push(`${path.basename(list)} lists ${entry}${problem}`);
}
for (const error of errors) console.error(`check_native_names.js: ${error}`);
console.log(`${used.size} native names are used, ${[...used.keys()].filter((name) => !weHave(name)).length} are missing`);
process.exitCode = errors.length > 0 ? 1 : 0;
