'use strict';

// internal/kiln/builtins: public modules that are not loaded while the snapshot is taken, because
// they store state of the process when they load, or are used only by apps that name them.

module.exports = {
  loadedAtStart: {
    '__proto__': null,
    'cluster': true,
    'inspector': true,
    'inspector/promises': true,
    'repl': true,
    'test': true,
    'test/reporters': true,
    'wasi': true,
    'worker_threads': true,
  },
};
