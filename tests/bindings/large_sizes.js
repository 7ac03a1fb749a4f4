// Sizes that do not fit into a library's int. The buffers are zero pages that are never touched.
'use strict';
const assert = require('assert');
const fs = require('fs');
const vm = require('vm');

const null_device = fs.openSync('/dev/null', 'w');
// 4 GiB in 2048 buffers: the sum is 0 as an int.
const many = new Array(2048).fill(Buffer.alloc(2 ** 21));
assert.strictEqual(fs.writevSync(null_device, many), 2 ** 32);
fs.writev(null_device, many, (error, written) => {
  assert.ifError(error);
  assert.strictEqual(written, 2 ** 32);

  // One buffer whose size is 5 as an unsigned int.
  const large = Buffer.alloc(2 ** 32 + 5);
  assert.strictEqual(fs.writevSync(null_device, [large]), 2 ** 32 + 5);
});

// V8 takes the size of a code cache as an int.
const script = new vm.Script('1 + 1', { cachedData: Buffer.alloc(2 ** 31) });
assert.strictEqual(script.cachedDataRejected, true);
assert.strictEqual(script.runInThisContext(), 2);
