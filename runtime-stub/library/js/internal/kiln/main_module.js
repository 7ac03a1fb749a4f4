'use strict';

// internal/kiln/main_module: runs a module of the bundle, or another embedded file, instead of the
// app's entry, in a process that the executable has started from itself (docs/starting-itself.md).
// It also runs the entry if the command line or NODE_OPTIONS has --import.

const { isEvaluated, isLinkedScope, snapshotMain } = internalBinding('kiln');

// `path` is undefined for the entry. With `imports` the modules of --import are loaded before.
// Returns a promise if the module is evaluated asynchronously.
function run(path, imports) {
  if (!imports) return start(path);
  require('internal/kiln/node_loader').nodeModule();
  require('internal/modules/run_main').runEntryPointWithESMLoader(() => start(path));
}

function start(path) {
  if (path === undefined) {
    return isEvaluated() ? void snapshotMain()?.() : require('internal/kiln/bundle').start();
  }
  if (isEvaluated()) return runByNode(path);
  if (isLinkedScope()) {
    const evaluation = require('internal/kiln/linked_scope').startModule(path);
    if (evaluation === undefined) return runByNode(path);
    return evaluation ?? undefined;  // null: it ran at once
  }
  const table = require('internal/kiln/table');
  const id = table.idOf(path);
  if (id === undefined) return runByNode(path);
  table.setMain(id);
  switch (table.kindOf(id)) {
    case table.kEsm:
      return require('internal/kiln/esm').start();
    case table.kCommonJs:
    case table.kJson:
      return void require('internal/kiln/commonjs').main(id);
    default:
      return runByNode(path);
  }
}

function runByNode(path) {
  require('internal/kiln/node_loader').nodeModule();
  require('internal/modules/run_main').executeUserEntryPoint(path);
}

module.exports = { run };
