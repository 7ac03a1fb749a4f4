// Defines the functions that test262 expects of its host, then those of its own harness, as globals.
// shell.js is written by run.py: the parts of test262's harness that the test names.
'use strict';

const { readFileSync } = require('node:fs');
const { createContext, runInContext, runInThisContext } = require('node:vm');

globalThis.print = console.log;
globalThis.reportCompare = () => {};
globalThis.$DONE = (error) => {
  if (error === undefined || error === 0)
    console.log('Test262:AsyncTestComplete');
  else
    console.log(`Test262:AsyncTestFailure: ${error?.name}: ${error?.message ?? error}`);
};
globalThis.$262 = {
  global: globalThis,
  evalScript: (text) => runInThisContext(text),
  createRealm() {
    const context = createContext();
    const global = runInContext('globalThis', context);
    return { global, evalScript: (text) => runInContext(text, context) };
  },
};
runInThisContext(readFileSync(`${__dirname}/shell.js`, 'utf8'));
