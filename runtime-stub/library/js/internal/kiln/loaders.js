'use strict';

// Node's module loaders get ready when an app first needs them: by require() of what is not
// in the bundle, or by import() that is not linked. prepareMainThreadExecution does the
// same at every start of node; then there is nothing left to do here.

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
