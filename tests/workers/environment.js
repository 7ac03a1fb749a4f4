// process.env of a worker is a copy, an object, or the parent's.
'use strict';
const assert = require('assert');
const { once } = require('events');
const { Worker, SHARE_ENV } = require('worker_threads');

process.env.A = 'parent';
const code = `
  const before = process.env.A;
  process.env.A = 'worker';
  process.env.NEW = '1';
  delete process.env.HOME;
  require('worker_threads').parentPort.postMessage(
    [before, process.env.A, Object.keys(process.env).includes('NEW'), 'HOME' in process.env]);`;
const run = async (options) => (await once(new Worker(code, { eval: true, ...options }), 'message'))[0];

(async () => {
  process.env.HOME = '/';
  assert.deepStrictEqual(await run({}), ['parent', 'worker', true, false]);
  assert.deepStrictEqual([process.env.A, process.env.NEW, process.env.HOME], ['parent', undefined, '/']);
  assert.deepStrictEqual(await run({ env: {} }), [undefined, 'worker', true, false]);
  assert.strictEqual(process.env.A, 'parent');
  assert.deepStrictEqual(await run({ env: SHARE_ENV }), ['parent', 'worker', true, false]);
  assert.deepStrictEqual([process.env.A, process.env.NEW, process.env.HOME], ['worker', '1', undefined]);
})();
