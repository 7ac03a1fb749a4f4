'use strict';

// Runs in the snapshot builder, in the context that worker threads start from. It loads the modules
// that each worker needs, except those that store at once which thread it is, and registers what a
// worker runs first.

const { RegExpPrototypeExec, ReflectApply } = primordials;
const { setStart } = internalBinding('kiln');
const { BuiltinModule } = require('internal/bootstrap/realm');

for (const id of [
  'internal/error_serdes',
  'internal/locks',
  'internal/modules/cjs/loader',
  'internal/modules/esm/get_format',
  'internal/modules/esm/utils',
  'internal/modules/run_main',
  'internal/perf/event_loop_utilization',
  'internal/process/pre_execution',
  'internal/worker/io',
  'internal/worker/messaging',
  'stream',
]) {
  if (!BuiltinModule.map.has(id))
    throw new Error(`internal/main/kiln_snapshot_worker names the module ${id}, which does not exist`);
  require(id);
}

const { compileFunction } = internalBinding('builtins');
const { runDeserializeCallbacks } = require('internal/v8/startup_snapshot');
const { refreshOptions, rereadOptions } = require('internal/options');

setStart(function() {
  runDeserializeCallbacks();
  refreshOptions();
  rereadOptions();
  ReflectApply(compileFunction('internal/main/worker_thread'), undefined,
               [process, require, internalBinding, primordials]);
});

// RegExp.lastMatch and the like are empty when the app starts.
RegExpPrototypeExec(/^/, '');
