'use strict';

// internal/kiln/bundle: prepares the bundle when the snapshot is taken, and starts it. The bundle's
// modules are in the payload (internal/kiln/table); with --link=scope there is a script instead,
// which is called with the functions of internal/kiln/linked_scope.

const { appFunction, isLinkedScope } = internalBinding('kiln');

let prepared = false;

// Compiles and links what the app loads at each start. Throws what is wrong with it.
function prepare() {
  if (prepared) return;
  prepared = true;
  if (isLinkedScope()) {
    require('internal/kiln/linked_scope');
    return;
  }
  const commonjs = require('internal/kiln/commonjs');
  const esm = require('internal/kiln/esm');
  const table = require('internal/kiln/table');
  const link = require('internal/kiln/link');
  const moduleWrap = internalBinding('module_wrap');
  commonjs.useEsm(esm);
  moduleWrap.setBundledModuleWraps(esm.madeWraps);
  moduleWrap.setImportModuleDynamicallyCallback(esm.importModuleDynamically);
  moduleWrap.setInitializeImportMetaObjectCallback(esm.initializeImportMeta);
  for (let id = 0; id < table.count(); id++) {
    if ((table.flagsOf(id) & table.kAtStart) === 0) continue;
    switch (table.kindOf(id)) {
      case table.kCommonJs:
        commonjs.compile(id);
        break;
      case table.kEsm: {
        const wrap = link.link(id);
        if (wrap !== undefined && wrap.getStatus() < moduleWrap.kInstantiated) wrap.instantiate();
        break;
      }
    }
  }
}

// Runs the app. Returns a promise if its entry is evaluated asynchronously.
function start() {
  prepare();
  if (isLinkedScope()) return appFunction()(require('internal/kiln/linked_scope').script);
  const table = require('internal/kiln/table');
  if (table.kindOf(0) === table.kEsm) return require('internal/kiln/esm').start();
  require('internal/kiln/commonjs').main(0);
}

module.exports = { prepare, start };
