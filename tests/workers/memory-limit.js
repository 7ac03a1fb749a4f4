// A heap that is full ends the worker with ERR_WORKER_OUT_OF_MEMORY, not the process.
'use strict';
const assert = require('assert');
const { Worker } = require('worker_threads');

const worker = new Worker('const a = []; for (;;) a.push(new Array(1000).fill(0.5).map(String));', {
  eval: true, resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } });
let code;
worker.on('error', (error) => { code = error.code; });
worker.on('exit', (status) => {
  assert.strictEqual(code, 'ERR_WORKER_OUT_OF_MEMORY');
  assert.strictEqual(status, 1);
});
process.on('exit', () => assert.strictEqual(code, 'ERR_WORKER_OUT_OF_MEMORY'));
