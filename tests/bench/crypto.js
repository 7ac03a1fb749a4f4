// How fast is cryptography and compression? One workload an argument: sha256, aes-gcm,
// pbkdf2, gzip, brotli. The data is the same everywhere, so all runtimes print one check.
'use strict';

const { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } = require('node:crypto');
const { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } =
  require('node:zlib');
const measure = require('./measure.js');

// 1 MiB that compresses like text: words of a small vocabulary, from a linear congruence.
function text(size) {
  const words = 'the quick brown fox jumps over a lazy dog while seven wizards brew potions'.split(' ');
  let state = 1, out = '';
  while (out.length < size) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    out += words[(state >> 8) % words.length] + (state % 97) + ' ';
  }
  return Buffer.from(out.slice(0, size));
}

const data = text(1 << 20);
const sum = (buffer) => createHash('md5').update(buffer).digest('hex');

const workloads = {
  'sha256'() {
    let digest;
    for (let i = 0; i < 40; i++) digest = createHash('sha256').update(data).digest();
    for (let i = 0; i < 8000; i++) digest = createHash('sha256').update(digest).digest();
    return digest.toString('hex');
  },
  'aes-gcm'() {
    const key = data.subarray(0, 32), iv = data.subarray(32, 44);
    let out;
    for (let i = 0; i < 16; i++) {
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(data), cipher.final()]);
      const open = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(cipher.getAuthTag());
      out = Buffer.concat([open.update(sealed), open.final()]);
    }
    return sum(out);
  },
  'pbkdf2'() {
    return pbkdf2Sync('password', 'salt', 100000, 32, 'sha256').toString('hex');
  },
  'gzip'() {
    let out;
    for (let i = 0; i < 3; i++) out = gunzipSync(gzipSync(data));
    return sum(out);
  },
  'brotli'() {
    let out;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 6 };
    for (let i = 0; i < 3; i++) out = brotliDecompressSync(brotliCompressSync(data, { params }));
    return sum(out);
  },
};

const name = process.argv[2];
measure(name, 4, workloads[name]);
