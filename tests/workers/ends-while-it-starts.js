// terminate() at any moment of a start: before the thread runs, while the library boots, afterwards.
'use strict';
const assert = require('assert');
const { Worker } = require('worker_threads');

(async () => {
  for (let delay = 0; delay < 60; delay++) {
    const worker = new Worker('setInterval(() => {}, 1)', { eval: true });
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    assert.ok([0, 1].includes(await worker.terminate()));
  }
})();
