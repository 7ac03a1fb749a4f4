// Messages with transferred buffers and ports, and shared memory, in both directions.
'use strict';
const assert = require('assert');
const { once } = require('events');
const { Worker } = require('worker_threads');

(async () => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(`
    const { parentPort, workerData } = require('worker_threads');
    Atomics.store(workerData.shared, 0, 7);
    workerData.port.on('message', (buffer) => {
      new Uint8Array(buffer)[0]++;
      parentPort.postMessage(buffer, [buffer]);
      workerData.port.close();
    });`, { eval: true, workerData: { shared, port: port2 }, transferList: [port2] });
  const buffer = new ArrayBuffer(1e6);
  new Uint8Array(buffer)[0] = 41;
  port1.postMessage(buffer, [buffer]);
  assert.strictEqual(buffer.byteLength, 0);
  const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  assert.strictEqual(new Uint8Array(answer)[0], 42);
  assert.strictEqual(answer.byteLength, 1e6);
  assert.strictEqual(shared[0], 7);
})();
