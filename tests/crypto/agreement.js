'use strict';
// Key agreement: each side once with a key of the `openssl` command and once with one of ours. The
// classes DiffieHellman and ECDH take bare numbers and points, which are extracted from DER.

const crypto = require('node:crypto');
const { openssl, file, same } = require('./openssl.js');

const derive = (own, peer) => openssl(['pkeyutl', '-derive', '-inkey', own, '-peerkey', peer]);
const publicOf = (path) => openssl(['pkey', '-in', path, '-pubout']);
const der = (path) => openssl(['pkey', '-in', path, '-pubout', '-outform', 'DER']);

// A number in the output of `openssl pkey -text` ("    00:ab:cd…"), by its title.
function number(path, title) {
  const text = openssl(['pkey', '-in', path, '-text', '-noout']).toString();
  const lines = text.split(`${title}:`)[1].match(/^(?:\s+(?:[0-9a-f]{2}:?)+\n)+/m)[0];
  return Buffer.from(lines.replace(/[^0-9a-f]/g, ''), 'hex');
}

// Key objects: PEM from the command to us, and from us to the command.
function keyObjects(what, theirs) {
  const key = crypto.createPrivateKey(theirs);
  const made = key.asymmetricKeyType === 'dh' ?
    crypto.generateKeyPairSync('dh', { group: what }) :
    crypto.generateKeyPairSync(key.asymmetricKeyType, key.asymmetricKeyDetails);
  const own = file(made.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const pub = file(made.publicKey.export({ type: 'spki', format: 'pem' }));
  const peer = file(theirs);
  const secret = derive(own, file(publicOf(peer)));
  same(`${what}, theirs with our public key`, derive(peer, pub), secret);
  same(`${what}, our private key`,
       crypto.diffieHellman({ privateKey: made.privateKey,
                              publicKey: crypto.createPublicKey(publicOf(peer)) }), secret);
  same(`${what}, our public key`,
       crypto.diffieHellman({ privateKey: key, publicKey: made.publicKey }), secret);
}

for (const [group, name] of [['modp5', 'modp_1536'], ['modp14', 'modp_2048'],
                             ['modp15', 'modp_3072']]) {
  const theirs = openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt', `group:${name}`]);
  keyObjects(group, theirs);

  const [a, b] = [file(theirs), file(openssl(['genpkey', '-algorithm', 'DH', '-pkeyopt',
                                              `group:${name}`]))];
  // OpenSSL removes leading zeroes, Node does not.
  const secret = derive(a, file(publicOf(b)));
  const prime = crypto.getDiffieHellman(group).getPrime();
  const padded = Buffer.concat([Buffer.alloc(prime.length - secret.length), secret]);
  const dh = crypto.createDiffieHellman(prime, 2);
  dh.setPrivateKey(number(a, 'private-key'));
  dh.generateKeys();
  same(`${group}, public number`, dh.getPublicKey('hex').replace(/^(00)+/, ''),
       number(a, 'public-key').toString('hex').replace(/^(00)+/, ''));
  same(`${group}, class`, dh.computeSecret(number(b, 'public-key')), padded);
  same(`${group}, verifyError`, dh.verifyError, 0);
}

for (const curve of ['prime256v1', 'secp384r1', 'secp521r1', 'secp256k1', 'brainpoolP256r1',
                     'sect283k1']) {
  const generate =
      () => openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`]);
  const theirs = generate();
  keyObjects(curve, theirs);

  const [a, b] = [file(theirs), file(generate())];
  const ecdh = crypto.createECDH(curve);
  ecdh.setPrivateKey(number(a, 'priv'));
  const point = (path) => der(path).subarray(-ecdh.getPublicKey().length);
  same(`${curve}, public point`, ecdh.getPublicKey(), point(a));
  same(`${curve}, class`, ecdh.computeSecret(point(b)), derive(a, file(publicOf(b))));

  // Our point in the command's DER structure.
  const made = crypto.createECDH(curve);
  const ours = made.generateKeys();
  const envelope = der(a).subarray(0, -ours.length);
  const pem = openssl(['pkey', '-pubin', '-inform', 'DER'], Buffer.concat([envelope, ours]));
  same(`${curve}, our point`, derive(a, file(pem)), made.computeSecret(point(a)));
  for (const form of ['compressed', 'hybrid']) {
    const converted = crypto.ECDH.convertKey(ours, curve, null, null, form);
    same(`${curve}, ${form}`, ecdh.computeSecret(converted), made.computeSecret(point(a)));
  }
}

// A custom group, with a small prime because that is found quickly.
{
  const parameters = file(openssl(['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'dh_paramgen_prime_len:512']));
  const [a, b] = [0, 1].map(() => file(openssl(['genpkey', '-paramfile', parameters])));
  const key = crypto.createPrivateKey(openssl(['pkey', '-in', a]));
  const other = crypto.createPublicKey(openssl(['pkey', '-in', b, '-pubout']));
  const secret = derive(a, file(publicOf(b)));
  same('custom group, key objects', crypto.diffieHellman({ privateKey: key, publicKey: other }), secret);
  const prime = number(a, 'P');
  const made = crypto.generateKeyPairSync('dh', { prime, generator: 2 });
  const pub = file(made.publicKey.export({ type: 'spki', format: 'pem' }));
  same('custom group, our key', derive(a, pub),
       crypto.diffieHellman({ privateKey: made.privateKey, publicKey: crypto.createPublicKey(key) }));
  const dh = crypto.createDiffieHellman(prime, 2);
  dh.generateKeys();
  const theirs = crypto.createDiffieHellman(prime, 2);
  theirs.setPrivateKey(number(a, 'private-key'));
  theirs.generateKeys();
  same('custom group, class', dh.computeSecret(number(a, 'public-key')), theirs.computeSecret(dh.getPublicKey()));
}

for (const name of ['X25519', 'X448'])
  keyObjects(name.toLowerCase(), openssl(['genpkey', '-algorithm', name]));
