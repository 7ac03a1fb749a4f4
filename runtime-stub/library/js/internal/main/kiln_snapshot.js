'use strict';

// Runs in the snapshot builder, before the app's function is compiled: prepares the thread
// as an app's start does, so that the code of that start is in the snapshot as bytecode
// and its defaults need not be set again, and loads the public modules that the app's
// module graph names.

const { BuiltinModule } = require('internal/bootstrap/realm');
const { builtins, hasSourceMap } = internalBinding('kiln');

require('internal/process/pre_execution').prepareMainThreadExecution(false, false);

// Stack traces show the app's own files, although source maps are off as far as the app
// can see (library_patches.js).
if (hasSourceMap()) require('internal/source_map/source_map_cache').setSourceMapsSupport(false);

// A name that this version of Node does not have would otherwise change nothing, silently.
function known(id) {
  if (BuiltinModule.map.has(id)) return id;
  throw new Error(`internal/main/kiln_snapshot names the module ${id}, which does not exist`);
}

// They have done their part. A start that needs them again loads them again.
for (const id of ['internal/process/pre_execution', 'internal/process/permission'])
  delete BuiltinModule.records[known(id)];

// These have state of the process in them when they load, or are asked for by name only.
const atStart = { __proto__: null, cluster: true, inspector: true, worker_threads: true, wasi: true };

for (const id in atStart) known(id);
for (const id of builtins()) {
  if (atStart[id] || !BuiltinModule.canBeRequiredByUsers(id)) continue;
  // One that cannot load here throws again, to the app, when the app asks for it.
  try {
    BuiltinModule.map.get(id).compileForPublicLoader();
  } catch {
    continue;
  }
}

require('internal/kiln/start');
require('internal/kiln/bundle');
