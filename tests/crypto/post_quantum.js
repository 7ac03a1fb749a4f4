'use strict';
// ML-KEM, ML-DSA and SLH-DSA, which the `openssl` command of the host may not have: they are
// compared with the official node. Keys are exchanged as PEM, in both directions.

const crypto = require('node:crypto');
const { spawnSync } = require('node:child_process');
const { same, bytes } = require('./openssl.js');

const node = process.env.KILN_NODE;
const message = bytes(500);

// Returns the result of a function body that node runs with the argument `value`.
function asked(body, value) {
  const { status, stdout, stderr } = spawnSync(node, ['-e', `
    const crypto = require('crypto');
    const value = JSON.parse(require('fs').readFileSync(0));
    const message = Buffer.from(value.message, 'base64');
    console.log(JSON.stringify((() => { ${body} })()));`],
    { input: JSON.stringify({ ...value, message: message.toString('base64') }) });
  if (status !== 0) throw new Error(String(stderr));
  return JSON.parse(stdout);
}
const pem = (pair) => ({
  priv: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  pub: pair.publicKey.export({ type: 'spki', format: 'pem' }),
});
const made = (type) => `const pair = crypto.generateKeyPairSync('${type}');
  const keys = { priv: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), pub: pair.publicKey.export({ type: 'spki', format: 'pem' }) };`;

for (const type of ['ml-kem-512', 'ml-kem-768', 'ml-kem-1024']) {
  const ours = pem(crypto.generateKeyPairSync(type));
  const sent = asked(`const { sharedKey, ciphertext } = crypto.encapsulate(crypto.createPublicKey(value.pub));
    return { shared: sharedKey.toString('hex'), text: ciphertext.toString('hex') };`, ours);
  same(`${type}, theirs`, crypto.decapsulate(crypto.createPrivateKey(ours.priv), Buffer.from(sent.text, 'hex')).toString('hex'), sent.shared);
  const theirs = asked(`${made(type)} return keys;`, {});
  const { sharedKey, ciphertext } = crypto.encapsulate(crypto.createPublicKey(theirs.pub));
  same(`${type}, ours`, asked(`return crypto.decapsulate(crypto.createPrivateKey(value.priv), Buffer.from(value.text, 'hex')).toString('hex');`,
                              { ...theirs, text: ciphertext.toString('hex') }), sharedKey.toString('hex'));
}

for (const type of ['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87', 'slh-dsa-sha2-128f', 'slh-dsa-shake-192f', 'slh-dsa-sha2-256f']) {
  const ours = pem(crypto.generateKeyPairSync(type));
  const signature = crypto.sign(null, message, ours.priv);
  const theirs = asked(`${made(type)}
    return { ...keys, good: crypto.verify(null, message, value.pub, Buffer.from(value.signature, 'hex')),
             signature: crypto.sign(null, message, keys.priv).toString('hex'),
             again: crypto.sign(null, message, value.priv).toString('hex') };`, { ...ours, signature: signature.toString('hex') });
  same(`${type}, ours`, theirs.good, true);
  const other = Buffer.from(theirs.signature, 'hex');
  same(`${type}, theirs`, crypto.verify(null, message, theirs.pub, other), true);
  same(`${type}, theirs with our key`, crypto.verify(null, message, ours.pub, Buffer.from(theirs.again, 'hex')), true);
  other[other.length >> 1] ^= 1;
  same(`${type}, changed`, crypto.verify(null, message, theirs.pub, other), false);
}
