'use strict';

// internal/kiln/builtins: public modules that are not loaded while the snapshot is taken, because
// they store state of the process when they load, are used only by apps that name them, or do what an app that
// only names them need not do: print a warning, or change what others use (domain replaces
// EventEmitter.prototype.emit and process.setUncaughtExceptionCaptureCallback).

module.exports = {
  loadedAtStart: {
    '__proto__': null,
    '_stream_wrap': true,
    'cluster': true,
    'domain': true,
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
