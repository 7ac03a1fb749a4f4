'use strict';
// Signatures: the `openssl` command verifies ours, we verify the command's, and a changed bit is
// detected.

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
for (const [digest, length] of [['sha1', 0], ['sha384', 48], ['sha512', 100]]) {
  compare(`RSA-PSS with ${digest}, salt of ${length}`, rsa, digest,
          ...dgst(digest, '-sigopt', 'rsa_padding_mode:pss', '-sigopt', `rsa_pss_saltlen:${length}`),
          { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: length });
}
compare('RSA-PSS with an rsa-pss key',
        ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048', '-pkeyopt', 'rsa_pss_keygen_md:sha256',
         '-pkeyopt', 'rsa_pss_keygen_saltlen:20'], 'sha256', ...dgst('sha256'), { saltLength: 20 });
for (const digest of ['sha3-256', 'ripemd160', 'sha512-256', 'md5'])
  compare(`RSA with ${digest}`, rsa, digest, ...dgst(digest));
const dsa = file(openssl(['genpkey', '-genparam', '-algorithm', 'DSA', '-pkeyopt', 'dsa_paramgen_bits:1024']));
for (const digest of ['sha1', 'sha256'])
  compare(`DSA with ${digest}`, ['-paramfile', dsa], digest, ...dgst(digest));

// The other format of ECDSA and DSA signatures is r and s, each as long as the group's order.
{
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const raw = crypto.sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const number = (part) => {
    const start = part.findIndex((byte) => byte !== 0);
    const value = part[start] & 0x80 ? Buffer.concat([Buffer.from([0]), part.subarray(start)]) : part.subarray(start);
    return Buffer.concat([Buffer.from([2, value.length]), value]);
  };
  const both = Buffer.concat([number(raw.subarray(0, 32)), number(raw.subarray(32))]);
  const der = Buffer.concat([Buffer.from([0x30, both.length]), both]);
  const pub = file(publicKey.export({ type: 'spki', format: 'pem' }));
  const said = openssl(['dgst', '-sha256', '-verify', pub, '-signature', file(der), messageFile]).toString();
  same('ECDSA as r and s', /Verified OK/.test(said), true);
  same('ECDSA as r and s, back',
       crypto.verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw), true);
}

// All curves that both support; Oakley's are for key agreement, and SM2 has other signatures.
const theirCurves = openssl(['ecparam', '-list_curves']).toString().match(/^ *\S+(?= *:)/gm).map((name) => name.trim());
for (const curve of crypto.getCurves().filter((name) => theirCurves.includes(name) && !/^(Oakley|SM2)/.test(name)).concat('P-256')) {
  compare(`ECDSA on ${curve}`, ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`],
          'sha256', ...dgst('sha256'));
}
for (const name of ['Ed25519', 'Ed448']) {
  compare(name, ['-algorithm', name], null,
          (key) => ['pkeyutl', '-sign', '-rawin', '-inkey', key, '-in'],
          (key, signature) => ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', key,
                               '-sigfile', signature, '-in']);
}
