'use strict';
// Key formats: we read what the `openssl` command writes, and the other way, encrypted and not. Two
// keys are the same when the command prints the same numbers for them.

const crypto = require('node:crypto');
const { openssl, file, same, bytes } = require('./openssl.js');

const numbers = (pem, ...args) => openssl(['pkey', '-text', '-noout', ...args], pem);

// Formats that both sides have. `sec1` and `pkcs1` only where they fit the key.
function compare(what, genpkey, traditional) {
  const pem = openssl(['genpkey', ...genpkey]);
  const expected = numbers(pem);
  const key = crypto.createPrivateKey(pem);
  const publicKey = crypto.createPublicKey(key);
  const read = (name, made) =>
    same(`${what}, ${name}`, made.equals(made.type === 'private' ? key : publicKey), true);

  // The command's key, read by us.
  const path = file(pem);
  const encrypted = openssl(['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:ü', '-in',
                             path]);
  read('encrypted PEM', crypto.createPrivateKey({ key: encrypted, passphrase: 'ü' }));
  read('encrypted DER', crypto.createPrivateKey({
    key: openssl(['pkcs8', '-topk8', '-passout', 'pass:x', '-outform', 'DER', '-in', path]),
    format: 'der', type: 'pkcs8', passphrase: 'x' }));
  read('PKCS #8', crypto.createPrivateKey({
    key: openssl(['pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', '-in', path]),
    format: 'der', type: 'pkcs8' }));
  read('SPKI', crypto.createPublicKey({
    key: openssl(['pkey', '-pubout', '-outform', 'DER', '-in', path]),
    format: 'der', type: 'spki' }));
  read('public PEM', crypto.createPublicKey(openssl(['pkey', '-pubout', '-in', path])));
  if (traditional) {
    read('traditional PEM', crypto.createPrivateKey(
      openssl(['pkey', '-traditional', '-in', path])));
    read('traditional PEM, encrypted', crypto.createPrivateKey({
      key: openssl(['pkey', '-traditional', '-aes128', '-passout', 'pass:x', '-in', path]),
      passphrase: 'x' }));
  }

  // Our key, read by the command.
  const theirs = (name, exported, ...args) =>
    same(`${what}, our ${name}`, numbers(exported, ...args), expected);
  const types = ['pkcs8', ...(traditional ? [traditional] : [])];
  for (const type of types) {
    theirs(`${type} PEM`, key.export({ format: 'pem', type }));
    theirs(`${type} PEM, encrypted`,
           key.export({ format: 'pem', type, cipher: 'aes-128-cbc', passphrase: 'x' }),
           '-passin', 'pass:x');
    theirs(`${type} DER`, key.export({ format: 'der', type }), '-inform', 'DER');
  }
  theirs('pkcs8 DER, encrypted',
         key.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
         '-inform', 'DER', '-passin', 'pass:x');
  same(`${what}, our SPKI`,
       openssl(['pkey', '-pubin', '-pubout', '-outform', 'DER'],
               publicKey.export({ format: 'pem', type: 'spki' })),
       openssl(['pkey', '-pubout', '-outform', 'DER', '-in', path]));

  // The command has no JWK; exporting and importing must give the same key.
  if (!['dsa', 'dh', 'rsa-pss'].includes(key.asymmetricKeyType)) {
    const jwk = key.export({ format: 'jwk' });
    read('JWK', crypto.createPrivateKey({ key: jwk, format: 'jwk' }));
    read('public JWK', crypto.createPublicKey({ key: jwk, format: 'jwk' }));
    theirs('JWK', crypto.createPrivateKey({ key: jwk, format: 'jwk' })
                        .export({ format: 'pem', type: 'pkcs8' }));
  }

  // Raw keys are the bytes that the command prints.
  if (['ec', 'ed25519', 'ed448', 'x25519', 'x448'].includes(key.asymmetricKeyType)) {
    const printed = (title) => Buffer.from(
      expected.toString().split(`${title}:\n`)[1].match(/^(?: +[0-9a-f:]+\n)+/)[0]
        .replace(/[^0-9a-f]/g, ''), 'hex');
    const raw = publicKey.export({ format: 'raw-public' });
    same(`${what}, raw public`, raw, printed('pub'));
    const { namedCurve } = key.asymmetricKeyDetails;
    const asymmetricKeyType = key.asymmetricKeyType;
    read('raw public', crypto.createPublicKey({
      key: raw, format: 'raw-public', asymmetricKeyType, namedCurve }));
    read('raw private', crypto.createPrivateKey({
      key: key.export({ format: 'raw-private' }), format: 'raw-private', asymmetricKeyType,
      namedCurve }));
  }
}

compare('RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'pkcs1');
compare('RSA-PSS', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048', '-pkeyopt',
                    'rsa_pss_keygen_md:sha256', '-pkeyopt', 'rsa_pss_keygen_saltlen:32']);
for (const curve of ['P-256', 'P-384', 'P-521', 'secp256k1'])
  compare(curve, ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`], 'sec1');
for (const name of ['Ed25519', 'Ed448', 'X25519', 'X448']) compare(name, ['-algorithm', name]);

// Encryption with RSA by the command and by us.
const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const own = file(privateKey.export({ format: 'pem', type: 'pkcs8' }));
const shown = file(publicKey.export({ format: 'pem', type: 'spki' }));
const message = bytes(100);
for (const [name, options, oaepHash] of [
  ['pkcs1', ['rsa_padding_mode:pkcs1']],
  ['OAEP', ['rsa_padding_mode:oaep']],
  ['OAEP with SHA-256', ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256'], 'sha256'],
]) {
  const padding = name === 'pkcs1' ? crypto.constants.RSA_PKCS1_PADDING :
    crypto.constants.RSA_PKCS1_OAEP_PADDING;
  const args = options.flatMap((option) => ['-pkeyopt', option]);
  same(`${name}, theirs`,
       crypto.privateDecrypt({ key: privateKey, padding, oaepHash },
                             openssl(['pkeyutl', '-encrypt', '-pubin', '-inkey', shown, ...args],
                                     message)),
       message);
  same(`${name}, ours`,
       openssl(['pkeyutl', '-decrypt', '-inkey', own, ...args],
               crypto.publicEncrypt({ key: publicKey, padding, oaepHash }, message)),
       message);
}
