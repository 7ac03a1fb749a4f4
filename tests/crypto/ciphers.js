'use strict';
// Every cipher that `openssl enc` supports, in both directions. It has no authenticated modes:
// these are built by their definitions from modes that it has (counter mode, CBC, GMAC, Poly1305),
// and so is XTS. OCB is compared with the vectors of RFC 7253.

const crypto = require('node:crypto');
const { openssl, same, bytes } = require('./openssl.js');

const hex = (buffer) => buffer.toString('hex');

function enc(direction, cipher, key, iv, input, ...more) {
  const options = iv.length ? ['-iv', hex(iv)] : [];
  return openssl(['enc', direction, `-${cipher}`, '-K', hex(key), ...options, ...more], input);
}

function encrypt(cipher, key, iv, plain, options = {}) {
  const c = crypto.createCipheriv(cipher, key, iv, options);
  if (options.aad) c.setAAD(options.aad, { plaintextLength: plain.length });
  const text = Buffer.concat([c.update(plain), c.final()]);
  return options.authTagLength ? { text, tag: c.getAuthTag() } : text;
}

function decrypt(cipher, key, iv, text, options = {}) {
  const d = crypto.createDecipheriv(cipher, key, iv, options);
  if (options.tag) d.setAuthTag(options.tag);
  if (options.aad) d.setAAD(options.aad, { plaintextLength: text.length });
  return Buffer.concat([d.update(text), d.final()]);
}

const ecb = (key, block) =>
  enc('-e', `aes-${key.length * 8}-ecb`, key, Buffer.alloc(0), block, '-nopad');
const xor = (a, b) => Buffer.from(a.map((byte, i) => byte ^ b[i]));

// ---- plain modes

for (const cipher of crypto.getCiphers()) {
  const { mode, keyLength, ivLength = 0 } = crypto.getCipherInfo(cipher);
  if (!['ecb', 'cbc', 'cfb', 'ofb', 'ctr', 'stream'].includes(mode)) continue;
  if (/poly1305|hmac/.test(cipher)) continue;
  const key = bytes(keyLength, 2);
  const iv = bytes(ivLength, 3);
  const plain = bytes(37, 4);
  const ours = encrypt(cipher, key, ivLength ? iv : null, plain);
  same(cipher, ours, enc('-e', cipher, key, iv, plain));
  same(`${cipher} back`, decrypt(cipher, key, ivLength ? iv : null, ours), plain);
  same(`${cipher} back by openssl`, enc('-d', cipher, key, iv, ours), plain);
}

// XTS (IEEE 1619): the tweak is the position, encrypted with the second key and then doubled
// for each block; an incomplete last block takes ciphertext from the previous one.
for (const bits of [128, 256]) {
  const key = bytes(bits / 4, 11);
  const iv = bytes(16, 12);
  const cipher = `aes-${bits}-xts`;
  const block = (input) => ecb(key.subarray(0, bits / 8), input);
  let tweak = ecb(key.subarray(bits / 8), iv);
  const encrypted = (input) => xor(block(xor(input, tweak)), tweak);
  const double = () => {
    const carry = tweak[15] >> 7;
    tweak = Buffer.from(tweak.map((byte, i) => byte << 1 | (i ? tweak[i - 1] >> 7 : 0)));
    if (carry) tweak[0] ^= 0x87;
  };
  const plain = bytes(16 * 5 + 7, 13);
  const blocks = [];
  for (let i = 0; i < 5; i++, double()) blocks.push(encrypted(plain.subarray(i * 16, i * 16 + 16)));
  const last = blocks.pop();
  const stolen = encrypted(Buffer.concat([plain.subarray(80), last.subarray(7)]));
  const theirs = Buffer.concat([...blocks, stolen, last.subarray(0, 7)]);
  same(cipher, encrypt(cipher, key, iv, plain), theirs);
  same(`${cipher} back`, decrypt(cipher, key, iv, theirs), plain);
}

// Key wrapping, where a changed text must be detected.
for (const cipher of crypto.getCiphers().filter((name) => /^(?!id-).*wrap/.test(name))) {
  const key = bytes(crypto.getCipherInfo(cipher).keyLength, 14);
  const triple = cipher.startsWith('des3');
  const iv = cipher.endsWith('pad') ? Buffer.from('a65959a6', 'hex') : triple ? null : Buffer.alloc(8, 0xa6);
  const named = triple ? 'id-smime-alg-CMS3DESwrap' : `id-${cipher}`;
  for (const size of cipher.endsWith('pad') ? [1, 16, 37] : [16, 40]) {
    const plain = bytes(size, 15);
    const ours = encrypt(cipher, key, iv, plain);
    const theirs = enc('-e', named, key, iv ?? Buffer.alloc(0), plain);
    if (!triple) same(`${cipher} of ${size} bytes`, ours, theirs);  // 3DES prepends random bytes
    same(`${cipher} back`, decrypt(cipher, key, iv, theirs), plain);
    same(`${cipher} back by openssl`, enc('-d', named, key, iv ?? Buffer.alloc(0), ours), plain);
    ours[3] ^= 1;
    let noticed = false;
    try { decrypt(cipher, key, iv, ours); } catch { noticed = true; }
    same(`${cipher} notices a change`, noticed, true);
  }
}

// ---- authenticated modes

// Checks a mode: both directions, and that a changed tag, text or AAD is detected.
function authenticated(cipher, key, iv, plain, aad, expected) {
  const options = { authTagLength: expected.tag.length, aad };
  const ours = encrypt(cipher, key, iv, plain, options);
  same(`${cipher} text`, ours.text, expected.text);
  same(`${cipher} tag`, ours.tag, expected.tag);
  const back = (text, tag, more) =>
    decrypt(cipher, key, iv, text, { ...options, tag, aad: more });
  same(`${cipher} back`, back(expected.text, expected.tag, aad), plain);
  const flip = (buffer) => {
    const copy = Buffer.from(buffer);
    copy[copy.length - 1] ^= 1;
    return copy;
  };
  for (const [what, ...wrong] of [
    ['text', flip(expected.text), expected.tag, aad],
    ['tag', expected.text, flip(expected.tag), aad],
    ['AAD', expected.text, expected.tag, flip(aad)],
  ]) {
    let noticed = false;
    try { back(...wrong); } catch { noticed = true; }
    same(`${cipher} notices a changed ${what}`, noticed, true);
  }
}

const pad16 = (buffer) =>
  Buffer.concat([buffer, Buffer.alloc((16 - buffer.length % 16) % 16)]);

// GCM (NIST SP 800-38D): counter mode from 2 on; the tag is GHASH of AAD, text and lengths,
// encrypted with counter 1.
function gcm(key, iv, plain, aad) {
  const cipher = `aes-${key.length * 8}-ctr`;
  const counter = (n) => Buffer.concat([iv, Buffer.from([0, 0, 0, n])]);
  const text = enc('-e', cipher, key, counter(2), plain);
  const h = BigInt(`0x${hex(ecb(key, Buffer.alloc(16)))}`);
  const times = (x) => {
    let z = 0n;
    for (let v = h, i = 127n; i >= 0n; i--) {
      if (x >> i & 1n) z ^= v;
      v = v & 1n ? v >> 1n ^ 0xe1n << 120n : v >> 1n;
    }
    return z;
  };
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32BE(aad.length * 8, 4);
  lengths.writeUInt32BE(text.length * 8, 12);
  const all = Buffer.concat([pad16(aad), pad16(text), lengths]);
  let y = 0n;
  for (let i = 0; i < all.length; i += 16)
    y = times(y ^ BigInt(`0x${hex(all.subarray(i, i + 16))}`));
  const ghash = Buffer.from(y.toString(16).padStart(32, '0'), 'hex');
  return { text, tag: xor(ghash, ecb(key, counter(1))) };
}

// CCM (RFC 3610) with a nonce of 12 bytes and a tag of 16.
function ccm(key, iv, plain, aad) {
  const size = key.length * 8;
  const counter = (n) => Buffer.concat([Buffer.from([2]), iv, Buffer.from([0, 0, n])]);
  const text = enc('-e', `aes-${size}-ctr`, key, counter(1), plain);
  const first = Buffer.concat([Buffer.from([0x40 + (16 - 2) / 2 * 8 + 2]), iv,
                               Buffer.from([0, plain.length >> 8, plain.length & 255])]);
  const header = pad16(Buffer.concat([Buffer.from([aad.length >> 8, aad.length & 255]), aad]));
  const chain = enc('-e', `aes-${size}-cbc`, key, Buffer.alloc(16),
                    Buffer.concat([first, header, pad16(plain)]), '-nopad');
  return { text, tag: xor(chain.subarray(-16), ecb(key, counter(0))) };
}

// ChaCha20-Poly1305 (RFC 8439): the key of Poly1305 is the first block of the stream.
function chacha20Poly1305(key, iv, plain, aad) {
  const counter = (n) => Buffer.concat([Buffer.from([n, 0, 0, 0]), iv]);
  const text = enc('-e', 'chacha20', key, counter(1), plain);
  const once = enc('-e', 'chacha20', key, counter(0), Buffer.alloc(32));
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32LE(aad.length, 0);
  lengths.writeUInt32LE(text.length, 8);
  const tag = openssl(['mac', '-macopt', `hexkey:${hex(once)}`, '-binary', 'Poly1305'],
                      Buffer.concat([pad16(aad), pad16(text), lengths]));
  return { text, tag };
}

for (const size of [0, 16, 100]) {
  const iv = bytes(12, 5);
  const plain = bytes(size, 6);
  const aad = bytes(20, 8);
  for (const bits of [128, 192, 256]) {
    const key = bytes(bits / 8, 9);
    if (size > 0) {
      authenticated(`aes-${bits}-gcm`, key, iv, plain, aad, gcm(key, iv, plain, aad));
      authenticated(`aes-${bits}-ccm`, key, iv, plain, aad, ccm(key, iv, plain, aad));
    } else {
      // For an empty text, GCM is GMAC.
      const tag = openssl(['mac', '-cipher', `aes-${bits}-gcm`, '-macopt', `hexkey:${hex(key)}`,
                           '-macopt', `hexiv:${hex(iv)}`, '-binary', 'GMAC'], aad);
      same(`aes-${bits}-gcm without text`,
           encrypt(`aes-${bits}-gcm`, key, iv, plain, { authTagLength: 16, aad }).tag, tag);
    }
  }
  const key = bytes(32, 10);
  if (size > 0)
    authenticated('chacha20-poly1305', key, iv, plain, aad, chacha20Poly1305(key, iv, plain, aad));
}

// RFC 7253, appendix A: nonce, AAD, text, and text with tag.
const ocbKey = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const count = (size) => Buffer.from(Array.from({ length: size }, (_, i) => i));
for (const [nonce, aad, plain, expected] of [
  ['bbaa99887766554433221101', 8, 8, '6820b3657b6f615a5725bda0d3b4eb3a257c9af1f8f03009'],
  ['bbaa99887766554433221104', 16, 16,
   '571d535b60b277188be5147170a9a22c3ad7a4ff3835b8c5701c1ccec8fc3358'],
  ['bbaa9988776655443322110d', 40, 40,
   'd5ca91748410c1751ff8a2f618255b68a0a12e093ff454606e59f9c1d0ddc54b' +
   '65e8628e568bad7aed07ba06a4a69483a7035490c5769e60'],
]) {
  const all = Buffer.from(expected, 'hex');
  authenticated('aes-128-ocb', ocbKey, Buffer.from(nonce, 'hex'), count(plain), count(aad),
                { text: all.subarray(0, -16), tag: all.subarray(-16) });
}
