// A lock that a thread holds when it ends is granted to the next.
'use strict';
const assert = require('assert');
const { once } = require('events');
const { Worker } = require('worker_threads');

(async () => {
  const worker = new Worker(`
    navigator.locks.request('l', () => {
      require('worker_threads').parentPort.postMessage('held');
      return new Promise(() => setInterval(() => {}, 1000));
    });`, { eval: true });
  await once(worker, 'message');
  let granted = false;
  const request = navigator.locks.request('l', () => { granted = true; return 5; });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.strictEqual(granted, false);
  await worker.terminate();
  assert.strictEqual(await request, 5);
})();
