'use strict';

// Initializes Node's module loaders when an app first needs them: for a require() of a module
// that is not in the bundle, or for an import() that is not linked. prepareMainThreadExecution
// does the same at every start of node; after it there is nothing to do here.

function prepare() {
  const loader = require('internal/modules/cjs/loader');
  if (loader.Module.builtinModules === undefined) loader.initializeCJS();
  const esm = require('internal/modules/esm/utils');
  if (!esm.isInitialized()) esm.initializeESM(false);
}

// The same in an app, and without one (kiln-stub as node), for modules of Node's library that expect
// initialized loaders.
function prepareForLibrary() {
  if (internalBinding('kiln').entry() === '') prepare();
  else require('internal/kiln/node_loader').nodeModule();
}

module.exports = { prepare, prepareForLibrary };
