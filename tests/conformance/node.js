'use strict';

// `node` made by Kiln: built with --exec-argv-extension=cli, the executable takes node's own
// command line, so `node FILE args`, -e, -p, --test and the others run what they name in
// place of this app, by node's own main scripts. It runs only where node has nothing to do.
console.error('usage: node [options] [script.js | -] [arguments]');
process.exitCode = 9;
