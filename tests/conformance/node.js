'use strict';

// `node` built by Kiln: with --exec-argv-extension=node the executable accepts node's own command
// line, so `node FILE args`, -e, -p, --test and the others run node's main scripts instead of this
// app. This app runs only when the command line names nothing to run.
console.error('usage: node [options] [script.js | -] [arguments]');
process.exitCode = 9;
