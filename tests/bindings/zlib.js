// A codec that is initialized, changed or closed while the thread pool uses it, or by the handler
// of its own error.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const zlib = require('zlib');
const { internalBinding } = require('internal/test/binding');
const { Zlib, BrotliDecoder, BrotliEncoder } = internalBinding('zlib');

const { DEFLATE, INFLATE, BROTLI_DECODE, BROTLI_ENCODE, Z_FINISH, Z_NO_FLUSH } = zlib.constants;
const busy = /write (is )?in progress/;
const wrong = { code: 'ERR_INVALID_ARG_TYPE' };
function make(mode, done = () => {}) {
  const stream = new Zlib(mode);
  const left = new Uint32Array(2);
  stream.init(15, 6, 8, 0, left, done, undefined);
  return { stream, left };
}

assert.throws(() => new Zlib(DEFLATE).init(15, 6, 8, 0, new Uint32Array(1), () => {}), wrong);
assert.throws(() => new Zlib(DEFLATE).init(99, 6, 8, 0, new Uint32Array(2), () => {}), wrong);
assert.throws(() => new Zlib(77).init(15, 6, 8, 0, new Uint32Array(2), () => {}), wrong);

// While the thread pool works.
{
  let calls = 0;
  const { stream } = make(DEFLATE, () => { calls++; stream.close(); });
  process.on('exit', () => assert.strictEqual(calls, 1));
  const input = Buffer.alloc(1e7, 'abc');
  const output = Buffer.alloc(1e6);
  stream.write(Z_FINISH, input, 0, input.length, output, 0, output.length);
  assert.throws(() => stream.init(15, 6, 8, 0, new Uint32Array(2), () => {}), busy);
  assert.throws(() => stream.params(1, 2), busy);
  assert.throws(() => stream.reset(), busy);
  assert.throws(() => stream.write(Z_FINISH, input, 0, 1, output, 0, 1), busy);
}

// A write from onerror works like any other write.
{
  const { stream } = make(INFLATE);
  const garbage = Buffer.alloc(1e6, 1);
  const output = Buffer.alloc(1e6);
  const write = () => stream.write(Z_NO_FLUSH, garbage, 0, garbage.length, output, 0, output.length);
  let errors = 0;
  stream.onerror = () => {
    if (++errors === 2) return stream.close();
    stream.reset();
    write();
  };
  write();
  process.on('exit', () => assert.strictEqual(errors, 2));
}

// Parameters may be set when the buffers of the last write have been released.
{
  const { stream, left } = make(DEFLATE);
  const text = Buffer.alloc(1e5, 'some text ');
  stream.writeSync(Z_NO_FLUSH, text, 0, text.length, Buffer.allocUnsafeSlow(2e5), 0, 2e5);
  gc();
  stream.params(0, 2);
  stream.writeSync(Z_FINISH, text, 0, 10, Buffer.alloc(4e5), 0, 4e5);
  assert.strictEqual(left[1], 0);
}

// Brotli loops endlessly for an unknown operation (so it must be rejected); reset() clears errors.
{
  const output = Buffer.alloc(100);
  const encoder = new BrotliEncoder(BROTLI_ENCODE);
  encoder.init(new Uint32Array(0), new Uint32Array(2), () => {});
  let errors = 0;
  encoder.onerror = () => errors++;
  encoder.writeSync(5, Buffer.alloc(5), 0, 5, output, 0, 100);
  assert.strictEqual(errors, 1);
  assert.throws(() => encoder.writeSync(77, Buffer.alloc(5), 0, 5, output, 0, 100), wrong);

  const decoder = new BrotliDecoder(BROTLI_DECODE);
  decoder.init(new Uint32Array(0), new Uint32Array(2), () => {});
  decoder.onerror = () => errors++;
  decoder.writeSync(0, Buffer.alloc(50, 0xff), 0, 50, output, 0, 100);
  assert.strictEqual(errors, 2);
  decoder.reset();
  const good = zlib.brotliCompressSync('text');
  decoder.writeSync(2, good, 0, good.length, output, 0, 100);
  assert.strictEqual(errors, 2);
  assert.strictEqual(output.toString('latin1', 0, 4), 'text');
}

// A resizable buffer releases its memory when it shrinks. The input of a write has been copied; a
// second write, made because the output of the first was full, finds no input.
{
  const ended = [];
  const zeros = new ArrayBuffer(1e7, { maxByteLength: 1e7 });
  zlib.deflate(new Uint8Array(zeros), (error, packed) => {
    assert.ifError(error);
    assert(zlib.inflateSync(packed).equals(Buffer.alloc(1e7)));
    ended.push('zeros');
  });
  zeros.resize(0);
  const noise = new ArrayBuffer(1e7, { maxByteLength: 1e7 });
  crypto.randomFillSync(new Uint8Array(noise));
  zlib.deflate(new Uint8Array(noise), () => ended.push('noise'));
  noise.resize(0);
  process.on('uncaughtException', (error) => {
    if (error.code !== 'ERR_OUT_OF_RANGE') throw error;
    ended.push(error.code);
  });
  process.on('exit', () => assert.deepStrictEqual(ended.sort(), ['ERR_OUT_OF_RANGE', 'zeros']));
}
