'use strict';
// Prepares Node's library for our runtime: patches single places (library_patches.js), makes the
// error classes lazy (error_classes.js) and then every module (lazy_names.js). A patch or table
// that does not fit this version of the library is an error, and nothing is written.
//
//   node --expose-internals prepare.js LIBRARY_DIR OUT_DIR     (the pinned node, at build time)

const { readModules, writeModules } = require('./files.js');
const { applyPatches } = require('./patching.js');
const { makeErrorClassesLazy } = require('./error_classes.js');
const { makeLazy } = require('./lazy_names.js');
const { checkTables, eagerOrigins, isKept } = require('./modules.js');
const patches = require('./library_patches.js');

const [library, out] = process.argv.slice(2);
const modules = readModules(library);

const errors = [...checkTables(modules), ...applyPatches(modules, patches)];
try {
  modules.set('internal/errors', makeErrorClassesLazy(modules.get('internal/errors')));
} catch (error) {
  errors.push(`the error classes of internal/errors: ${error.message}`);
}
if (errors.length > 0) {
  for (const error of errors) console.error(`prepare.js: ${error}`);
  process.exit(1);
}
for (const [id, text] of modules)
  if (!isKept(id)) modules.set(id, makeLazy(text, eagerOrigins(id)));
writeModules(out, modules);
