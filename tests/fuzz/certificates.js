// Builds certificates, revocation lists and related structures in DER, since Node cannot create
// them. All are signed with ECDSA over SHA-256 by the given key.
'use strict';

const { createPublicKey, sign } = require('node:crypto');

// One DER element: its tag, then its contents.
function der(tag, ...contents) {
  const toBytes = (c) => typeof c === 'string' ? Buffer.from(c, 'latin1') : Buffer.from(c);
  const body = Buffer.concat(contents.map(toBytes));
  let length = Buffer.from([body.length]);
  if (body.length >= 128) {
    const digits = body.length.toString(16);
    const bytes = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
    length = Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
  }
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...parts) => der(0x30, ...parts);
const integer = (...bytes) => der(2, bytes);
const bits = (bytes) => der(3, [0], bytes);
function oid(text) {
  const [a, b, ...rest] = text.split('.').map(Number);
  const bytes = [40 * a + b];
  for (let value of rest) {
    const part = [value & 127];
    while ((value = Math.floor(value / 128))) part.unshift(128 | (value & 127));
    bytes.push(...part);
  }
  return der(6, bytes);
}

const kEcdsa = sequence(oid('1.2.840.10045.4.3.2'));
const kValidity = sequence(der(0x17, '200101000000Z'), der(0x18, '20991231235959Z'));
const name = (text) => sequence(
  der(0x31, sequence(oid('2.5.4.6'), der(0x13, 'XX'))),
  der(0x31, sequence(oid('2.5.4.3'), der(0x0c, text))));
const signed = (body, key) => sequence(body, kEcdsa, bits(sign('sha256', body, key)));
const extension = (id, value, critical) =>
  sequence(oid(id), ...(critical ? [der(1, [255])] : []), der(4, value));
const spki = (key) => createPublicKey(key).export({ type: 'spki', format: 'der' });

// A certificate for `key`, by the same key unless there is an issuer {key, name}.
function certificate(key, options = {}) {
  const { common = 'a', issuer = { key, name: common }, extensions = [], serial = [1] } = options;
  return signed(sequence(
    der(0xa0, integer(2)), integer(...serial), kEcdsa, name(issuer.name), kValidity, name(common),
    spki(key),
    der(0xa3, sequence(...extensions))), issuer.key);
}

// Extensions of each kind that Node's classes read.
const extensions = {
  ca: extension('2.5.29.19', sequence(der(1, [255])), true),
  altNames: extension('2.5.29.17', sequence(
    der(0x82, 'a'), der(0x82, '*.example.org'), der(0x81, 'a@b'), der(0x86, 'https://a/'),
    der(0x87, [127, 0, 0, 1]), der(0x87, Buffer.alloc(16, 1)), der(0x88, [42, 3]),
    der(0xa4, name('dir, "quoted"')),
    der(0xa0, oid('1.2.3'), der(0xa0, der(0x0c, 'other'))))),
  infoAccess: extension('1.3.6.1.5.5.7.1.1', sequence(
    sequence(oid('1.3.6.1.5.5.7.48.1'), der(0x86, 'http://ocsp/')),
    sequence(oid('1.3.6.1.5.5.7.48.2'), der(0x86, 'http://ca/')))),
  keyUsage: extension('2.5.29.15', der(3, [5, 0xa0]), true),
  extendedKeyUsage: extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
};

// A list that revokes the certificates with these serial numbers.
function revocationList(issuer, serials) {
  const revoked = serials.map((s) => sequence(integer(...s), der(0x17, '200101000000Z')));
  return signed(sequence(
    integer(1), kEcdsa, name(issuer.name), der(0x17, '200101000000Z'), der(0x18, '20991231235959Z'),
    ...(revoked.length ? [sequence(...revoked)] : [])), issuer.key);
}

const spkac = (key) => signed(sequence(spki(key), der(0x16, 'challenge')), key);

function pem(label, bytes) {
  const lines = bytes.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

module.exports = { certificate, extensions, pem, revocationList, spkac };
