'use strict';
// Digests and HMAC, with messages of lengths around their block sizes.

const crypto = require('node:crypto');
const { openssl, same, bytes } = require('./openssl.js');

const digests = [
  'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256',
  'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512', 'blake2b512', 'blake2s256', 'ripemd160',
  'sm3', 'md5-sha1',
];
const sizes = [0, 64, 111, 1000];

for (const name of digests) {
  for (const size of sizes) {
    const message = bytes(size);
    const theirs = openssl(['dgst', `-${name}`, '-binary'], message);
    const hash = crypto.createHash(name);
    for (let i = 0; i < size; i += 50) hash.update(message.subarray(i, i + 50));
    same(`${name} of ${size} bytes in pieces`, hash.digest(), theirs);
    same(`${name} of ${size} bytes`, crypto.hash(name, message, 'buffer'), theirs);
  }
}

for (const name of ['shake128', 'shake256']) {
  for (const outputLength of [1, 16, 32, 200]) {
    const theirs =
        openssl(['dgst', `-${name}`, '-xoflen', `${outputLength}`, '-binary'], bytes(300));
    same(`${outputLength} bytes of ${name}`,
         crypto.createHash(name, { outputLength }).update(bytes(300)).digest(), theirs);
  }
}

for (const name of digests) {
  if (name === 'md5-sha1') continue;  // OpenSSL has no HMAC with it
  for (const size of [1, 200]) {
    const key = bytes(size, 7);
    const theirs = openssl(['mac', '-digest', name, '-macopt', `hexkey:${key.toString('hex')}`,
                            '-binary', 'HMAC'], bytes(100));
    same(`HMAC of ${name} with ${size} bytes`,
         crypto.createHmac(name, key).update(bytes(100)).digest(), theirs);
  }
}

// The library caches digests by name: every alias gives the same digest, in any order of use.
for (const round of [1, 2]) {
  for (const [name, plain] of [
    ['SHA256', 'sha256'], ['RSA-SHA512', 'sha512'], ['dss1', 'sha1'], ['sHa1', 'sha1'],
    ['RSA-MD5', 'md5'], ['RSA-SHA3-256', 'sha3-256'],
  ]) {
    const theirs = openssl(['dgst', `-${plain}`, '-binary'], bytes(80));
    same(`${name}, round ${round}`, crypto.createHash(name).update(bytes(80)).digest(), theirs);
    same(`${plain}, round ${round}`, crypto.hash(plain, bytes(80), 'buffer'), theirs);
  }
}

// Strings are hashed as the bytes of Buffer.from() with the same encoding.
for (const encoding of [undefined, 'utf8', 'latin1', 'utf16le', 'base64', 'hex']) {
  for (const text of ['', 'abcd', 'h\u00e9llo'.repeat(30), '\u20ac uro'.repeat(200),
                      'ab'.repeat(70000)]) {
    same(`a string of ${text.length} characters as ${encoding}`,
         crypto.createHash('sha1').update(text, encoding).digest(),
         crypto.createHash('sha1').update(Buffer.from(text, encoding)).digest());
  }
}
