'use strict';

// What is left to do at the start of an app whose snapshot internal/main/kiln_snapshot
// prepared: the process object's facts, and the callbacks that refresh what was cached
// while it was built. With node's own variables in the environment everything is prepared
// again, as node does. Functions in parentheses are compiled with this module, so their
// bytecode is in the snapshot.

const {
  ObjectDefineProperty,
} = primordials;
const { appFunction, isPlainStart } = internalBinding('kiln');
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
  appFunction()(require('internal/kiln/bundle'));
});

module.exports = { run };
