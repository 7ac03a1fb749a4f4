// Invalid lengths, jobs that run twice, contexts that could not be initialized.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const { internalBinding } = require('internal/test/binding');
const native = internalBinding('crypto');

const wrong = { code: 'ERR_INVALID_ARG_TYPE' };
const kAsync = 0, kSync = 1;
const bytes = Buffer.alloc(16);

for (const length of [-1, NaN, 1e300, Infinity]) {
  const ccm = new native.CipherBase(true, 'aes-128-ccm', bytes, Buffer.alloc(12), 16);
  assert.throws(() => ccm.setAAD(bytes, length));
  assert.throws(() => new native.PBKDF2Job(kSync, bytes, bytes, 1, length, 'sha256'), wrong);
  assert.throws(() => new native.ScryptJob(kSync, bytes, bytes, 16, 1, 1, 1e8, length), wrong);
  new native.CipherBase(true, 'aes-128-gcm', bytes, Buffer.alloc(12), length);
}
for (const iterations of [-1, NaN]) {
  const [error] = new native.PBKDF2Job(kSync, bytes, bytes, iterations, 16, 'sha256').run();
  assert(error);
}
// Larger than OpenSSL's int. Node fills it too. This allocates the memory, so it is not run on a
// machine with too little.
if (require('os').freemem() > 4 * 2 ** 30) {
  const large = new Uint8Array(2 ** 31);
  crypto.randomFillSync(large);
  assert(large.subarray(0, 16).some(Boolean) && large.subarray(-16).some(Boolean));
  const tooLarge = { code: 'ERR_OUT_OF_RANGE', message: 'pass is too large' };
  assert.throws(() => crypto.pbkdf2Sync(large, 'salt', 1, 16, 'sha256'), tooLarge);
  assert.throws(() => crypto.scryptSync(large, 'salt', 16), tooLarge);
}
assert.throws(() => native.getCipherInfo(undefined, 'aes-128-cbc'), wrong);

const job = new native.PBKDF2Job(kAsync, bytes, bytes, 1000, 10, 'sha256');
let calls = 0;
job.ondone = () => calls++;
job.run();
process.on('exit', () => assert.strictEqual(calls, 1));
assert.throws(() => job.run(), { code: 'ERR_INVALID_STATE' });

const context = new native.SecureContext();
assert.throws(() => context.init(undefined, 999, 999));
assert.throws(() => context.setTicketKeys(Buffer.alloc(48)), { code: 'ERR_CRYPTO_INVALID_STATE' });

// A resizable buffer releases its memory when it shrinks.
const memory = new ArrayBuffer(1e8, { maxByteLength: 1e8 });
crypto.randomFill(new Uint8Array(memory), (error) => {
  assert.ifError(error);
  filled = true;
});
let filled = false;
setImmediate(() => memory.resize(0));
process.on('exit', () => assert(filled));
