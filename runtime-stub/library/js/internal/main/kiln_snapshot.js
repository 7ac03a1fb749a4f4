'use strict';

// Runs in the snapshot builder. It prepares the thread as at an app's start, so that the snapshot
// contains the defaults. internal/main/kiln_snapshot_app continues.

const { BuiltinModule } = require('internal/bootstrap/realm');
const { hasSourceMap } = internalBinding('kiln');

require('internal/process/pre_execution').prepareMainThreadExecution(false, false);

// Stack traces show the app's source files, although source maps are reported as disabled to the
// app (library_patches.js).
if (hasSourceMap()) require('internal/source_map/source_map_cache').setSourceMapsSupport(false);

// These are not needed any more. A start that needs them loads them again.
for (const id of ['internal/process/pre_execution', 'internal/process/permission']) {
  if (!BuiltinModule.records[id])
    throw new Error(`internal/main/kiln_snapshot names the module ${id}, which was not loaded`);
  delete BuiltinModule.records[id];
}
