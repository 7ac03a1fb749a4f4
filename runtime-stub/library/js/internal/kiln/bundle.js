'use strict';

// internal/kiln/bundle: prepares the bundle when the snapshot is taken, and starts it. The bundle's
// modules are in the payload (internal/kiln/table); with --link=scope there is a script instead,
// which is called with the functions of internal/kiln/linked_scope.

const { StringPrototypeIncludes } = primordials;
const { appFunction, isLinkedScope } = internalBinding('kiln');

let prepared = false;

// Compiles and links what the app loads at each start. Returns false if something is wrong with it,
// which is then reported.
function prepare() {
  if (prepared) return true;
  prepared = true;
  if (isLinkedScope()) {
    require('internal/kiln/linked_scope');
    return true;
  }
  const table = require('internal/kiln/table');
  const moduleWrap = internalBinding('module_wrap');
  moduleWrap.setImportModuleDynamicallyCallback(importModuleDynamically);
  moduleWrap.setInitializeImportMetaObjectCallback(initializeImportMeta);
  let good = true;
  for (let id = 0; id < table.count(); id++) {
    const flags = table.flagsOf(id);
    const atStart = (flags & table.kAtStart) !== 0;
    // The app's own modules are all checked.
    if (!atStart && ((flags & table.kOwn) === 0 || (flags & table.kSpeculative) !== 0)) continue;
    try {
      compile(id, atStart);
    } catch (error) {
      require('internal/kiln/problems').report(error, atStart ? 'error' : 'warning');
      good &&= !atStart;
    }
  }
  table.forget();
  return good;
}

// Whether the text of a module that the app loads at each start contains one of the words.
function mentions(words) {
  if (isLinkedScope()) return true;
  const table = require('internal/kiln/table');
  for (let id = 0; id < table.count(); id++) {
    if ((table.flagsOf(id) & table.kAtStart) === 0) continue;
    const kind = table.kindOf(id);
    if (kind !== table.kCommonJs && kind !== table.kEsm) continue;
    const text = table.sourceOf(id);
    for (let i = 0; i < words.length; i++) if (StringPrototypeIncludes(text, words[i])) return true;
  }
  return false;
}

// internal/kiln/esm is loaded only for apps that have an ES module or use import().

function importModuleDynamically(symbol, specifier, phase, attributes, referrer) {
  return require('internal/kiln/esm')
    .importModuleDynamically(symbol, specifier, phase, attributes, referrer);
}

function initializeImportMeta(symbol, meta, wrap) {
  require('internal/kiln/esm').initializeImportMeta(symbol, meta, wrap);
}

function compile(id, atStart) {
  const table = require('internal/kiln/table');
  switch (table.kindOf(id)) {
    case table.kCommonJs:
      require('internal/kiln/commonjs').compile(id, atStart);
      break;
    case table.kEsm: {
      const esm = require('internal/kiln/esm');
      if (atStart) esm.instantiated(id, false);
      else esm.check(id);
      break;
    }
  }
}

// Runs the app. Returns a promise if its entry is evaluated asynchronously.
const start = (function start() {
  prepare();
  if (isLinkedScope()) return appFunction()(require('internal/kiln/linked_scope').script);
  const table = require('internal/kiln/table');
  if (table.kindOf(0) === table.kEsm) return require('internal/kiln/esm').start();
  require('internal/kiln/commonjs').main(0);
});

module.exports = { prepare, start, mentions };
