'use strict';

// internal/kiln/builtins: public modules that are not loaded while the snapshot is taken, because
// they store state of the process when they load, are used only by apps that name them, or print a
// warning when they load, which an app that names them need not do.

module.exports = {
  loadedAtStart: {
    '__proto__': null,
    '_stream_wrap': true,
    'cluster': true,
    'inspector': true,
    'inspector/promises': true,
    'punycode': true,
    'repl': true,
    'sys': true,
    'test': true,
    'test/reporters': true,
    'wasi': true,
    'worker_threads': true,
  },
};
