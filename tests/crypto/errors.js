'use strict';
// The errors of failing operations, compared with those of the official node, which runs this file
// with the argument "print": name, message, code, library, reason and opensslErrorStack.

const crypto = require('node:crypto');
const { spawnSync } = require('node:child_process');

const noted = {};
function note(what, error) {
  noted[what] = error && { name: error.name, message: error.message, code: error.code,
                          ...error, cause: error.cause && { message: error.cause.message, ...error.cause } };
}
async function fails(what, work) {
  try {
    await work();
    note(what, null);
  } catch (error) {
    note(what, error);
  }
}
// Both variants of a function of node:crypto: synchronous and with a callback.
async function bothFail(what, work) {
  await fails(`${what}, at once`, () => work());
  await new Promise((resolve) => {
    const done = (error) => resolve(note(`${what}, by a callback`, error));
    try {
      work(done);
    } catch (error) {
      done(error);
    }
  });
}
const either = (name, ...args) => (done) =>
  (done ? crypto[name](...args, done) : crypto[`${name}Sync`](...args));
const zeroes = (size) => Buffer.alloc(size);

async function main() {
  const pair = (type, options) => crypto.generateKeyPairSync(type, options);
  const rsa = pair('rsa', { modulusLength: 1024 });
  const ec = pair('ec', { namedCurve: 'P-256' });
  const p384 = pair('ec', { namedCurve: 'P-384' });
  const ed = pair('ed25519');
  const x = pair('x25519');
  const zero = crypto.createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) } });

  for (const digest of ['shake128', 'md4']) {
    await bothFail(`pbkdf2 ${digest}`, either('pbkdf2', 'a', 'b', 1, 20, digest));
    await bothFail(`hkdf ${digest}`, either('hkdf', digest, 'a', 'b', 'c', 20));
  }
  await fails('hkdf, much', () => crypto.hkdfSync('sha256', 'a', 'b', 'c', 256 * 32));
  await bothFail('rsa of 16 bits', either('generateKeyPair', 'rsa', { modulusLength: 16 }));
  await bothFail('rsa with exponent 2', either('generateKeyPair', 'rsa', { modulusLength: 512, publicExponent: 2 }));
  await bothFail('rsa-pss with md4', either('generateKeyPair', 'rsa-pss', { modulusLength: 512, hashAlgorithm: 'md4' }));
  await bothFail('dsa of 64 bits', either('generateKeyPair', 'dsa', { modulusLength: 64 }));
  await bothFail('dh of 1 bit', either('generateKeyPair', 'dh', { primeLength: 1 }));
  await bothFail('unknown curve', either('generateKeyPair', 'ec', { namedCurve: 'nope' }));
  await bothFail('scrypt', either('scrypt', 'a', 'b', 20, { N: 16384, maxmem: 1000 }));

  // RSA with a key too small for the digest is not tested: node tries twice, with two errors.
  for (const [name, keys] of Object.entries({ rsa, ec, ed, x }))
    for (const digest of ['sha256', 'md4', 'nope', null]) {
      const what = `${name} ${digest}`;
      if (!(name === 'rsa' || name === 'ec') || digest === 'md4' || digest === 'nope')
        await bothFail(`sign ${what}`, (done) => crypto.sign(digest, 'x', keys.privateKey, done));
      await bothFail(`verify ${what}`, (done) => crypto.verify(digest, zeroes(1), keys.publicKey, zeroes(1), done));
    }
  for (const padding of [3, 4])
    await bothFail(`sign with padding ${padding}`, (done) => crypto.sign('sha256', 'x', { key: rsa.privateKey, padding }, done));
  for (const padding of [1, 3, 4, 6]) {
    await fails(`encrypt with padding ${padding}`, () => crypto.publicEncrypt({ key: rsa.publicKey, padding }, zeroes(300)));
    await fails(`decrypt with padding ${padding}`, () => crypto.privateDecrypt({ key: rsa.privateKey, padding: padding === 1 ? 4 : padding }, zeroes(128)));
  }
  await bothFail('two curves', (done) => crypto.diffieHellman({ privateKey: ec.privateKey, publicKey: p384.publicKey }, done));
  await bothFail('two types', (done) => crypto.diffieHellman({ privateKey: x.privateKey, publicKey: ec.publicKey }, done));
  await bothFail('a point of small order', (done) => crypto.diffieHellman({ privateKey: x.privateKey, publicKey: zero }, done));
  await bothFail('decapsulate', (done) => crypto.decapsulate(rsa.privateKey, zeroes(3), done));

  await fails('hash', () => crypto.hash('md4', 'x'));
  await fails('createHash', () => crypto.createHash('md4'));
  await fails('outputLength', () => crypto.createHash('sha256', { outputLength: 3 }));
  await fails('createHmac', () => crypto.createHmac('md4', 'x'));
  await fails('createHmac shake128', () => crypto.createHmac('shake128', 'x'));
  await fails('rc4', () => crypto.createCipheriv('rc4', 'x', null));
  await fails('short key', () => crypto.createCipheriv('aes-128-cbc', zeroes(3), zeroes(16)));
  await fails('short iv', () => crypto.createCipheriv('aes-128-cbc', zeroes(16), zeroes(3)));
  for (const [name, iv, size] of [['aes-128-cbc', 16, 16], ['aes-128-cbc', 16, 15], ['aes-128-gcm', 12, 15], ['id-aes128-wrap', 8, 15]])
    await fails(`${name}, ${size} bytes`, () => {
      const decipher = crypto.createDecipheriv(name, zeroes(16), zeroes(iv));
      if (name.endsWith('gcm')) decipher.setAuthTag(zeroes(16));
      decipher.update(zeroes(size));
      decipher.final();
    });

  const { subtle } = crypto.webcrypto;
  const cbc = await subtle.generateKey({ name: 'AES-CBC', length: 128 }, true, ['decrypt']);
  await fails('subtle, AES-CBC', () => subtle.decrypt({ name: 'AES-CBC', iv: zeroes(16) }, cbc, zeroes(19)));
  const oaep = await subtle.generateKey({ name: 'RSA-OAEP', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-512' }, true, ['encrypt', 'decrypt']);
  await fails('subtle, RSA-OAEP encrypts', () => subtle.encrypt('RSA-OAEP', oaep.publicKey, zeroes(100)));
  await fails('subtle, RSA-OAEP decrypts', () => subtle.decrypt('RSA-OAEP', oaep.privateKey, zeroes(128)));
  await fails('subtle, RSA of 16 bits', () => subtle.generateKey({ name: 'RSA-OAEP', modulusLength: 16, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-512' }, true, ['encrypt']));
  for (const format of ['spki', 'pkcs8', 'raw'])
    await fails(`subtle, bad ${format}`, () => subtle.importKey(format, zeroes(10), { name: 'ECDSA', namedCurve: 'P-256' }, true, format === 'pkcs8' ? ['sign'] : ['verify']));
}

main().then(() => {
  if (process.argv[2] === 'print') return console.log(JSON.stringify(noted));
  const { same } = require('./openssl.js');
  const { stdout, stderr, status } = spawnSync(process.env.KILN_NODE, ['errors.js', 'print'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const theirs = JSON.parse(stdout);
  for (const what of Object.keys({ ...theirs, ...noted }))
    same(what, JSON.stringify(noted[what]), JSON.stringify(theirs[what]));
});
