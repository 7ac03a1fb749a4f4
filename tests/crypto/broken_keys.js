'use strict';
// Keys that are truncated or have bits flipped, in every format. Each is rejected with an Error, or
// is a key that can be used, where an Error is allowed too. The test is that the program reaches
// its end: a crash would end it earlier.

const crypto = require('node:crypto');
const { same, bytes } = require('./openssl.js');

const random = bytes(1 << 16, 7);
let position = 0;
function below(limit) {
  position = (position + 4) % (random.length - 4);
  return random.readUInt32LE(position) % limit;
}

function damage(key) {
  const out = Buffer.from(key);
  switch (below(3)) {
    case 0:
      return out.subarray(0, below(out.length));
    case 1:
      out[below(out.length)] ^= 1 << below(8);
      return out;
    default:
      for (let i = below(5); i >= 0; i--) out[below(out.length)] = below(256);
      return out;
  }
}

const tried = { refused: 0, accepted: 0 };
function attempt(work) {
  try {
    return work();
  } catch (error) {
    same('what is thrown', error instanceof Error, true);
  }
}

function use(key) {
  attempt(() => key.asymmetricKeyDetails);
  attempt(() => key.equals(key));
  for (const format of ['jwk', 'raw-public', 'raw-private', 'raw-seed'])
    attempt(() => key.export({ format }));
  attempt(() => key.export({ format: 'der', type: key.type === 'public' ? 'spki' : 'pkcs8' }));
  attempt(() => crypto.verify(null, 'message', key, Buffer.alloc(64)));
  attempt(() => crypto.publicEncrypt(key, Buffer.from('message')));
  attempt(() => crypto.encapsulate(key));
  if (key.type === 'private') attempt(() => crypto.sign(null, 'message', key));
}

function read(input) {
  for (const create of [crypto.createPublicKey, crypto.createPrivateKey]) {
    const key = attempt(() => create(input));
    tried[key ? 'accepted' : 'refused']++;
    if (key) use(key);
  }
}

const pairs = [
  crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }),
  crypto.generateKeyPairSync('rsa-pss', {
    modulusLength: 1024, hashAlgorithm: 'sha256', saltLength: 20 }),
  crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  crypto.generateKeyPairSync('ec', { namedCurve: 'P-384', paramEncoding: 'explicit' }),
  ...['ed25519', 'x448', 'ml-dsa-44', 'ml-kem-512'].map((t) => crypto.generateKeyPairSync(t)),
];
for (const { publicKey, privateKey } of pairs) {
  for (const [key, types] of [[publicKey, ['spki', 'pkcs1']],
                              [privateKey, ['pkcs8', 'pkcs1', 'sec1']]]) {
    for (const type of types) {
      const der = attempt(() => key.export({ format: 'der', type }));
      if (!der) continue;
      const pem = key.export({ format: 'pem', type });
      for (let i = 0; i < 60; i++) {
        read({ key: damage(der), format: 'der', type });
        read(damage(pem));
      }
    }
    const jwk = attempt(() => key.export({ format: 'jwk' }));
    for (let i = 0; jwk && i < 60; i++) {
      const names = Object.keys(jwk);
      const name = names[below(names.length)];
      const other = [undefined, null, 0, {}, '', 'AA'][below(6)];
      read({ key: { ...jwk, [name]: below(2) ? damage(jwk[name]).toString() : other },
             format: 'jwk' });
    }
    for (const format of ['raw-public', 'raw-private', 'raw-seed']) {
      const raw = attempt(() => key.export({ format }));
      const { namedCurve } = key.asymmetricKeyDetails;
      for (let i = 0; raw && i < 60; i++)
        read({ key: damage(raw), format, asymmetricKeyType: key.asymmetricKeyType, namedCurve });
    }
  }
}
same('some were refused', tried.refused > 1000, true);
