'use strict';

// Initializes Node's module loaders when an app first needs them: for a require() of a module
// that is not in the bundle, or for an import() that is not linked. prepareMainThreadExecution
// does the same at every start of node; after it there is nothing to do here.

let ready = false;

function markReady() {
  ready = true;
}

function prepare() {
  if (ready) return;
  ready = true;
  const loader = require('internal/modules/cjs/loader');
  if (loader.Module.builtinModules === undefined) loader.initializeCJS();
  require('internal/modules/esm/utils').initializeESM(false);
}

module.exports = { markReady, prepare };
