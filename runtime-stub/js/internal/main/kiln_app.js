'use strict';

// The main script of a compiled app: gets the thread ready as node's own main scripts do,
// then runs the bundle's function. internal/kiln/bundle is the bundle's side of the
// contract (bundler/prelude/runtime.js).

const {
  prepareMainThreadExecution,
  markBootstrapComplete,
} = require('internal/process/pre_execution');
const { appFunction } = internalBinding('kiln');

prepareMainThreadExecution(false);
markBootstrapComplete();

appFunction()(require('internal/kiln/bundle'));
