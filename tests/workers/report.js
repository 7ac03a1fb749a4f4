// A report has those of the thread's workers, each written on its own thread, and theirs in turn.
'use strict';
const assert = require('assert');
const { once } = require('events');
const { Worker } = require('worker_threads');

(async () => {
  assert.deepStrictEqual(process.report.getReport().workers, []);
  const inner = `new (require('worker_threads').Worker)('setInterval(() => {}, 1e6)', { eval: true })
    .on('online', () => require('worker_threads').parentPort.postMessage(0));`;
  const busy = 'require("worker_threads").parentPort.postMessage(0); for (;;);';
  const workers = [inner, busy].map((code) => new Worker(code, { eval: true, name: 'W' }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const { workers: reports, header } = process.report.getReport();
  assert.strictEqual(header.threadId, 0);
  assert.deepStrictEqual(reports.map((one) => one.header.threadId).sort(), workers.map((one) => one.threadId).sort());
  for (const one of reports) {
    assert.strictEqual(one.header.event, 'Worker thread subreport [W]');
    assert.strictEqual(one.header.filename, null);
    assert.ok(one.javascriptHeap.totalMemory > 0);
  }
  assert.deepStrictEqual(reports.map((one) => one.workers.length).sort(), [0, 1]);
  await Promise.all(workers.map((worker) => worker.terminate()));
  assert.deepStrictEqual(process.report.getReport().workers, []);
})();
