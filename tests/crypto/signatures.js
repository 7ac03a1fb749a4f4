'use strict';
// Signatures: ours are verified by the command, its by us, and one bit more is noticed.

const crypto = require('node:crypto');
const { openssl, file, same, bytes } = require('./openssl.js');

const message = bytes(1000);
const messageFile = file(message);

// `sign` and `verify` are arguments of the command; `options` those of crypto.sign().
function compare(what, genpkey, digest, sign, verify, options = {}) {
  const pem = openssl(['genpkey', ...genpkey]);
  const key = file(pem);
  const pub = file(openssl(['pkey', '-in', key, '-pubout']));
  const privateKey = { key: crypto.createPrivateKey(pem), ...options };
  const publicKey = { key: crypto.createPublicKey(pem), ...options };

  const theirs = openssl([...sign(key), messageFile]);
  same(`${what}, theirs`, crypto.verify(digest, message, publicKey, theirs), true);
  theirs[theirs.length - 1] ^= 1;
  same(`${what}, changed`, crypto.verify(digest, message, publicKey, theirs), false);

  const signatures = [crypto.sign(digest, message, privateKey)];
  if (digest) signatures.push(crypto.createSign(digest).update(message).sign(privateKey));
  for (const ours of signatures) {
    const said = openssl([...verify(pub, file(ours)), messageFile]).toString();
    same(`${what}, ours`, /Verified OK|Verified Successfully/.test(said), true);
  }
}

const dgst = (digest, ...options) => [
  (key) => ['dgst', `-${digest}`, ...options, '-sign', key],
  (key, signature) => ['dgst', `-${digest}`, ...options, '-verify', key, '-signature', signature],
];

const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
for (const digest of ['sha1', 'sha256', 'sha512'])
  compare(`RSA with ${digest}`, rsa, digest, ...dgst(digest));
compare('RSA-PSS', rsa, 'sha256',
        ...dgst('sha256', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20'),
        { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 });
for (const curve of ['P-256', 'P-384', 'P-521', 'secp256k1']) {
  compare(`ECDSA on ${curve}`, ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`],
          'sha256', ...dgst('sha256'));
}
for (const name of ['Ed25519', 'Ed448']) {
  compare(name, ['-algorithm', name], null,
          (key) => ['pkeyutl', '-sign', '-rawin', '-inkey', key, '-in'],
          (key, signature) => ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', key,
                               '-sigfile', signature, '-in']);
}
