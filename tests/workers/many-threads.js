// Workers that end by themselves, by an exception, by process.exit() and by terminate(), several at a
// time: memory and descriptors stay what they are.
'use strict';
const assert = require('assert');
const fs = require('fs');
const { Worker } = require('worker_threads');

const codes = ['1', 'throw new Error("x")', 'process.exit(3)', 'for (;;);', '(function f() { f() })()'];
const expected = [0, 1, 3, 1, 1];
const run = (number) => new Promise((resolve) => {
  const kind = number % codes.length;
  const worker = new Worker(codes[kind], { eval: true });
  worker.on('error', () => {});
  worker.on('online', () => { if (kind === 3) worker.terminate(); });
  worker.on('exit', (code) => { assert.strictEqual(code, expected[kind], codes[kind]); resolve(); });
});
const rounds = async (count) => {
  for (let i = 0; i < count; i += 4) await Promise.all([i, i + 1, i + 2, i + 3].map(run));
};
(async () => {
  await rounds(40);
  gc();
  const descriptors = fs.readdirSync('/proc/self/fd').length;
  const memory = process.memoryUsage().rss;
  await rounds(80);
  gc();
  assert.strictEqual(fs.readdirSync('/proc/self/fd').length, descriptors);
  assert.ok(process.memoryUsage().rss - memory < 40e6, `${memory} ${process.memoryUsage().rss}`);
})();
