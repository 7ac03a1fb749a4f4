'use strict';

// The rest of the work at the start of an app whose snapshot internal/main/kiln_snapshot has
// prepared: the properties of process that differ from run to run, and the callbacks that
// refresh what was cached while the app was built. If node's environment variables are set,
// everything is prepared again, as node does. V8 compiles functions in parentheses together with
// this module, so their bytecode is in the snapshot.

const {
  ObjectDefineProperty,
  PromisePrototypeThen,
  ReflectApply,
  RegExpPrototypeExec,
  globalThis,
} = primordials;
const { isEvaluated, isPlainStart, mainModule, snapshotMain } = internalBinding('kiln');
const { patchProcessObject } = internalBinding('process_methods');
const performance = internalBinding('performance');
const { runDeserializeCallbacks } = require('internal/v8/startup_snapshot');

const patchProcess = (function() {
  patchProcessObject(process);
  ObjectDefineProperty(process, 'argv0', {
    __proto__: null,
    enumerable: true,
    configurable: false,
    value: process.argv[0],
  });
  process.argv[0] = process.execPath;
  require.peek('internal/kiln/assumed_process', 'fillArguments')?.();
});

const prepareAsNode = (function() {
  const { refreshOptions, rereadOptions } = require('internal/options');
  const {
    prepareMainThreadExecution,
    markBootstrapComplete,
  } = require('internal/process/pre_execution');
  // Modules of the library that are in the snapshot read the options of this process. The app of an
  // evaluated snapshot may have set what they are for.
  refreshOptions();
  if (!isEvaluated()) {
    rereadOptions();
    // For import statements, as module.syncBuiltinESMExports() does.
    for (const builtin of require('internal/bootstrap/realm').BuiltinModule.map.values())
      builtin.syncExports();
  }
  const script = internalBinding('builtins').compileFunction('internal/frames/main/run_main_module');
  ReflectApply(script, undefined, [{ __proto__: null, prepare: prepareMainThreadExecution }]);
  markBootstrapComplete();
  // As internal/main/kiln_snapshot: what was prepared has used regular expressions.
  if (!isEvaluated()) RegExpPrototypeExec(/^/, '');
  const { getOptionValue } = require('internal/options');
  return getOptionValue('--import').length > 0 || getOptionValue('--experimental-loader').length > 0;
});

const run = (function() {
  let loadsFirst = false;  // modules that options name
  if (isPlainStart()) {
    patchProcess();
    runDeserializeCallbacks();
    performance.markBootstrapComplete();
  } else {
    loadsFirst = prepareAsNode();
  }
  const module = mainModule();
  if (module !== undefined || loadsFirst) {
    const evaluation = require('internal/kiln/main_module').run(module, loadsFirst);
    if (evaluation !== undefined) watch(evaluation);
    return;
  }
  if (isEvaluated()) {
    snapshotMain()?.();
    return;
  }
  const evaluation = require('internal/kiln/bundle').start();
  if (evaluation !== undefined) watch(evaluation);
});

// An ES module as the entry gives a promise. When the event loop ends while it is pending,
// the exit code is 13; a rejection is an uncaught exception.
const watch = (function watch(evaluation) {
  const { entry_point_promise_private_symbol } = internalBinding('util').privateSymbols;
  globalThis[entry_point_promise_private_symbol] = evaluation;
  PromisePrototypeThen(evaluation, undefined, (error) => {
    // Node's own function reports it.
    require('internal/kiln/node_loader').esmLoader();
    require('internal/modules/run_main').runEntryPointWithESMLoader(() => { throw error; });
  });
});

module.exports = { run, patchProcess };
