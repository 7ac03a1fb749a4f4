'use strict';

// What is left to do at the start of an app whose snapshot internal/main/kiln_snapshot
// prepared: the process object's facts, and the callbacks that refresh what was cached
// while it was built. With node's own variables in the environment everything is prepared
// again, as node does. Functions in parentheses are compiled with this module, so their
// bytecode is in the snapshot.

const {
  ObjectDefineProperty,
  PromisePrototypeThen,
  globalThis,
} = primordials;
const { appFunction, isEvaluated, isPlainStart, snapshotMain } = internalBinding('kiln');
const { patchProcessObject } = internalBinding('process_methods');
const { markBootstrapComplete } = internalBinding('performance');
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
});

const prepareAsNode = (function() {
  const execution = require('internal/process/pre_execution');
  execution.prepareMainThreadExecution(false, true);
  require('internal/kiln/loaders').markReady();
  execution.markBootstrapComplete();
});

const run = (function() {
  if (isPlainStart()) {
    patchProcess();
    runDeserializeCallbacks();
    markBootstrapComplete();
  } else {
    prepareAsNode();
  }
  if (isEvaluated()) {
    snapshotMain()?.();
    return;
  }
  const evaluation = appFunction()(require('internal/kiln/bundle'));
  if (evaluation !== undefined) watch(evaluation);
});

// A bundle with top-level await answers a promise. The loop's end looks at it (exit code
// 13 while it is pending), and a rejection is an uncaught exception.
function watch(evaluation) {
  const { entry_point_promise_private_symbol } = internalBinding('util').privateSymbols;
  globalThis[entry_point_promise_private_symbol] = evaluation;
  const { triggerUncaughtException } = internalBinding('errors');
  PromisePrototypeThen(evaluation, undefined, (error) => {
    triggerUncaughtException(error, true);
  });
}

module.exports = { run };
