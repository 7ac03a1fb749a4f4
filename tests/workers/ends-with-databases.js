// Threads that end while SQLite runs a statement, calls JavaScript, or copies a database on the thread
// pool: everything is closed, and no callback runs any more.
'use strict';
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { once } = require('events');
const { Worker } = require('worker_threads');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kiln-'));
const states = {
  'a function': 'database.function("spin", () => { for (;;); }); database.exec("SELECT spin()");',
  'statements': 'for (;;) database.prepare("SELECT 1").get();',
  'the loop': 'setTimeout(() => {}, 1e6);',
};
const start = `
const { parentPort, workerData } = require('worker_threads');
const { DatabaseSync, backup } = require('node:sqlite');
const database = new DatabaseSync(':memory:'), other = new DatabaseSync(workerData);
database.exec('CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(3000000))');
database.aggregate('w', { start: 0, step: (sum, x) => sum, inverse: (sum) => sum });
globalThis.kept = [database.prepare('SELECT w(x) OVER () FROM t').iterate(), database.createSession(), other];
kept[0].next();
backup(database, workerData + '.copy', { rate: 1, progress() {} });
parentPort.postMessage('ready');
`;

(async () => {
  const descriptors = () => fs.readdirSync('/proc/self/fd').length;
  let before;
  for (let round = 0; round < 3; round++) {
    for (const [name, code] of Object.entries(states)) {
      const worker = new Worker(start + code, { eval: true, workerData: path.join(folder, 'a.db') });
      await once(worker, 'message');
      assert.strictEqual(await worker.terminate(), 1, name);
    }
    before ??= descriptors();
  }
  assert.strictEqual(descriptors(), before);
  fs.rmSync(folder, { recursive: true });
})();
