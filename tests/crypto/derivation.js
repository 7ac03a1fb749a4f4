'use strict';
// PBKDF2, scrypt, HKDF, and Argon2 with the vectors of RFC 9106 (the `openssl` command has it only
// since version 3.2).

const crypto = require('node:crypto');
const { openssl, same, bytes } = require('./openssl.js');

const hex = (buffer) => buffer.toString('hex');
const kdf = (name, size, options) =>
  openssl(['kdf', '-keylen', `${size}`, '-binary',
           ...Object.entries(options).flatMap(([k, v]) => ['-kdfopt', `${k}:${v}`]), name]);

const password = bytes(20, 2);
const salt = bytes(16, 3);

for (const digest of ['sha1', 'sha256', 'sha512', 'sha3-256']) {
  for (const [iterations, size] of [[1, 20], [1000, 64], [3, 100]]) {
    const theirs = kdf('PBKDF2', size, {
      digest, hexpass: hex(password), hexsalt: hex(salt), iter: iterations,
      pkcs5: 1,  // disables the lower limits
    });
    same(`PBKDF2 with ${digest}`,
         crypto.pbkdf2Sync(password, salt, iterations, size, digest), theirs);
  }
  // Passwords up to one block, and longer ones, which are hashed first.
  for (const length of [1, 64, 65, 128, 137, 200]) {
    const long = bytes(length, 4);
    const theirs = kdf('PBKDF2', 70, {
      digest, hexpass: hex(long), hexsalt: hex(salt), iter: 2, pkcs5: 1,
    });
    same(`PBKDF2 with ${digest} and ${length} bytes`,
         crypto.pbkdf2Sync(long, salt, 2, 70, digest), theirs);
  }
  for (const [info, size] of [['', 32], ['some context', 42], ['x', 255 * 20]]) {
    const theirs = kdf('HKDF', size, {
      digest, hexkey: hex(password), hexsalt: hex(salt), hexinfo: hex(Buffer.from(info)),
    });
    same(`HKDF with ${digest}`, crypto.hkdfSync(digest, password, salt, info, size), theirs);
  }
}

for (const [N, r, p, size] of [[16, 1, 1, 64], [1024, 8, 16, 64], [16384, 8, 1, 33]]) {
  const theirs =
      kdf('SCRYPT', size, { hexpass: hex(password), hexsalt: hex(salt), n: N, r, p });
  same(`scrypt with N=${N}`, crypto.scryptSync(password, salt, size, { N, r, p }), theirs);
}

for (const [algorithm, tag] of [
  ['argon2d', '512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb'],
  ['argon2i', 'c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8'],
  ['argon2id', '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659'],
]) {
  same(algorithm, crypto.argon2Sync(algorithm, {
    message: Buffer.alloc(32, 1), nonce: Buffer.alloc(16, 2), secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4), parallelism: 4, tagLength: 32, memory: 32, passes: 3,
  }), tag);
}
