'use strict';

// Runs in the snapshot builder. It prepares the thread as at an app's start, so that the snapshot
// contains the bytecode for that and the defaults, loads the public modules that the app's module
// graph names, and compiles and links the app's modules.

const { RegExpPrototypeExec } = primordials;
const { BuiltinModule } = require('internal/bootstrap/realm');
const { builtins, hasSourceMap } = internalBinding('kiln');

require('internal/process/pre_execution').prepareMainThreadExecution(false, false);

// Stack traces show the app's source files, although source maps are reported as disabled to the
// app (library_patches.js).
if (hasSourceMap()) require('internal/source_map/source_map_cache').setSourceMapsSupport(false);

// Throws for a module that this version of Node does not have: such an entry of the lists below
// would otherwise have no effect, silently.
function existing(id) {
  if (BuiltinModule.map.has(id)) return id;
  throw new Error(`internal/main/kiln_snapshot names the module ${id}, which does not exist`);
}

// These are not needed any more. A start that needs them loads them again.
for (const id of ['internal/process/pre_execution', 'internal/process/permission'])
  delete BuiltinModule.records[existing(id)];

const { loadedAtStart } = require('internal/kiln/builtins');
for (const id in loadedAtStart) existing(id);
for (const id of builtins()) {
  if (loadedAtStart[id] || !BuiltinModule.canBeRequiredByUsers(id)) continue;
  // A module that cannot be loaded here throws again when the app loads it.
  try {
    BuiltinModule.map.get(id).compileForPublicLoader();
  } catch {
    continue;
  }
}

require('internal/kiln/start');
if (!require('internal/kiln/bundle').prepare()) process.reallyExit(1);
for (const id of ['internal/kiln/builtins', 'internal/kiln/link'])
  delete BuiltinModule.records[existing(id)];

// RegExp.lastMatch and the like are empty when the app starts, as in Node's internal/main/run_main_module.
RegExpPrototypeExec(/^/, '');
