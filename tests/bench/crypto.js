// Measures cryptography and compression. The argument names one workload. Each byte on standard
// input starts a turn of some tens of milliseconds, which prints a line of JSON: milliseconds of
// processor time and of wall time, and a checksum that is the same in all runtimes. So the programs
// of several runtimes can take turns without being restarted, and only the turns are measured.
'use strict';

const { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } = require('node:crypto');
const { readSync, writeSync } = require('node:fs');
const { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } =
  require('node:zlib');

// Bytes that compress like text: words of a small vocabulary, from a linear congruence.
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
const zipped = gzipSync(data);
const sum = (buffer) => createHash('md5').update(buffer).digest('hex');

const workloads = {
  'sha256'() {
    let digest;
    for (let i = 0; i < 40; i++) digest = createHash('sha256').update(data).digest();
    return digest.toString('hex');
  },
  'sha256-small'() {
    let digest = data.subarray(0, 32);
    for (let i = 0; i < 40000; i++) digest = createHash('sha256').update(digest).digest();
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
    return pbkdf2Sync('password', 'salt', 250000, 32, 'sha256').toString('hex');
  },
  'gzip'() {
    return sum(gunzipSync(gzipSync(data)));
  },
  'gunzip'() {
    let out;
    for (let i = 0; i < 16; i++) out = gunzipSync(zipped);
    return sum(out);
  },
  'brotli'() {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 6 };
    let out;
    for (let i = 0; i < 6; i++) out = brotliDecompressSync(brotliCompressSync(data, { params }));
    return sum(out);
  },
};

const work = workloads[process.argv[2]];
const request = Buffer.alloc(1);
while (readSync(0, request) === 1) {
  const start = performance.now(), before = process.cpuUsage();
  const check = work();
  const { user, system } = process.cpuUsage(before), wall = performance.now() - start;
  writeSync(1, `${JSON.stringify({ cpu: (user + system) / 1e3, wall, check })}\n`);
}
