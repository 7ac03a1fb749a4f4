// An input is a key, a certificate, or another structure that is parsed before it is trusted, in
// PEM, DER, JWK or bare bytes. It is given to one of the functions of node:crypto and node:tls that
// read such data; the result is then inspected, compared, exported, and used to sign and encrypt.
// Another entry point is the binding itself, called with arbitrary arguments.
'use strict';

const crypto = require('node:crypto');
const tls = require('node:tls');
const { execFileSync } = require('node:child_process');
const { internalBinding } = require('internal/test/binding');
const make = require('./certificates.js');
const { attempt } = require('./harness.js');

const { subtle } = crypto.webcrypto;
const latin1 = (bytes) => bytes.toString('latin1');
const base64url = (bytes) => bytes.toString('base64url');

const kLabels = [
  'PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PUBLIC KEY', 'RSA PRIVATE KEY', 'RSA PUBLIC KEY',
  'EC PRIVATE KEY', 'DSA PRIVATE KEY', 'CERTIFICATE', 'DH PARAMETERS', 'X509 CRL', 'EC PARAMETERS',
];
const kTypes = ['pkcs1', 'pkcs8', 'sec1', 'spki', undefined];
const kPassphrases = [undefined, 'pass', '', Buffer.from('pass'), 'p'.repeat(2000)];
const kDigests = ['sha256', 'sha1', null, 'sha3-512', 'ripemd160', 'shake256'];

// The prefixes of the object identifiers of PKCS #5's and #12's algorithms, and of scrypt.
const kPasswordBased =
  /\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c]|\x2b\x06\x01\x04\x01\xda\x47\x04\x0b/;

// OpenSSL does as many rounds as an encrypted key specifies, which may be billions.
function isSlow(bytes) {
  let text = latin1(bytes);
  for (const [, body] of text.matchAll(/-----BEGIN[^-]*-----([^-]*)-----END/g))
    text += latin1(Buffer.from(body, 'base64'));
  if (!kPasswordBased.test(text)) return false;
  const all = Buffer.from(text, 'latin1');
  for (let at = all.indexOf(2); at >= 0; at = all.indexOf(2, at + 1)) {
    const size = all[at + 1];
    if (size >= 4 && size <= 8) return true;
    if (size === 3 && at + 5 <= all.length && all.readUIntBE(at + 2, 3) > 20000) return true;
  }
  return false;
}

// ---- what is done with a key

function use(choices, key) {
  const other = attempt(() => crypto.createPublicKey(key)) ?? key;
  for (const k of [key, other]) {
    attempt(() => k.asymmetricKeyType && k.asymmetricKeyDetails);
    attempt(() => k.equals(key));
    for (const format of ['raw-public', 'raw-private', 'raw-seed'])
      attempt(() => k.export({ format, type: choices.of([undefined, 'compressed']) }));
    for (const format of ['pem', 'der', 'jwk']) {
      for (const type of kTypes) {
        const sealing = choices.of([{}, { cipher: 'aes-128-cbc', passphrase: 'p' }]);
        attempt(() => k.export({ format, type, ...sealing }));
        if (format === 'jwk') break;
      }
    }
  }
  const data = Buffer.from('data');
  const how = {
    key,
    padding: choices.of([undefined, 1, 3, 4, 6]),
    saltLength: choices.of([undefined, -1, -2, 20, 1 << 20]),
    dsaEncoding: choices.of([undefined, 'der', 'ieee-p1363']),
    oaepHash: choices.of([undefined, 'sha1', 'sha512']),
  };
  const digest = choices.of(kDigests);
  const signature = attempt(() => crypto.sign(digest, data, how));
  attempt(() => crypto.verify(digest, data, { ...how, key: other }, signature ?? data));
  attempt(() => crypto.createSign(digest).update(data).sign(how));
  attempt(() => crypto.createVerify(digest).update(data).verify({ ...how, key: other }, signature ?? data));
  const sealed = attempt(() => crypto.publicEncrypt(how, data)) ?? Buffer.alloc(256, 1);
  attempt(() => crypto.privateDecrypt(how, sealed));
  attempt(() => crypto.publicDecrypt(how, attempt(() => crypto.privateEncrypt(how, data)) ?? sealed));
  attempt(() => crypto.diffieHellman({ privateKey: key, publicKey: other }));
  attempt(() => crypto.decapsulate(key, attempt(() => crypto.encapsulate(other))?.ciphertext ?? sealed));
  attempt(() => crypto.sign(digest, data, key, () => {}));
  attempt(() => structuredClone(key));
}

function useCertificate(choices, x) {
  for (const name of Object.keys(Object.getOwnPropertyDescriptors(crypto.X509Certificate.prototype)))
    attempt(() => x[name]);
  for (const name of ['toString', 'toJSON', 'toLegacyObject']) attempt(() => x[name]());
  const text = choices.of(['a', 'example.org', 'www.example.org', '127.0.0.1', '1::', 'a@b', '*', '']);
  const subject = choices.of(['default', 'always', 'never']);
  attempt(() => x.checkHost(text, {
    subject, wildcards: choices.once(2), partialWildcards: choices.once(2),
    multiLabelWildcards: choices.once(2),
  }));
  attempt(() => x.checkEmail(text, { subject }));
  attempt(() => x.checkIP(text));
  attempt(() => x.checkIssued(x));
  attempt(() => x.verify(x.publicKey));
  attempt(() => x.checkPrivateKey(ours.key));
  attempt(() => structuredClone(x));
  attempt(() => tls.checkServerIdentity(text, x.toLegacyObject()));
  attempt(() => use(choices, x.publicKey));
}

// ---- entry points

// The bytes as text of some kind.
function form(choices, bytes) {
  switch (choices.below(4)) {
    case 0: return make.pem(choices.of(kLabels), bytes);
    case 1: return latin1(bytes);
    default: return bytes;
  }
}

function keyFromBytes(choices, bytes) {
  const options = {
    key: form(choices, bytes), format: choices.of(['pem', 'der', 'der']), type: choices.of(kTypes),
    passphrase: choices.of(kPassphrases), encoding: choices.of([undefined, 'latin1', 'hex']),
  };
  if (typeof options.key === 'string' && choices.below(4)) options.format = 'pem';
  if (choices.once(6)) {
    options.format = choices.of(['raw-public', 'raw-private', 'raw-seed']);
    options.asymmetricKeyType = choices.of(pairs).privateKey.asymmetricKeyType;
    options.namedCurve = choices.of(['P-256', 'secp521r1', 'x']);
  }
  const create = choices.of([crypto.createPrivateKey, crypto.createPublicKey]);
  const key = attempt(() => create(options));
  if (key) use(choices, key);
  attempt(() => crypto.sign('sha256', bytes, options));
}

const kCurves = ['P-256', 'P-384', 'P-521', 'secp256k1', 'Ed25519', 'Ed448', 'X25519', 'X448', undefined];
const kFields = [
  ['n', 'e'], ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'], ['x', 'y'], ['x', 'y', 'd'], ['x', 'd'], ['x'],
  ['k'], ['pub', 'priv'], ['pub'],
];

// Fields of a JWK, cut from the input at lengths that the input specifies.
function keyFromJwk(choices, bytes) {
  const jwk = { kty: choices.of(['RSA', 'EC', 'OKP', 'oct', 'AKP']) };
  jwk.crv = choices.of(kCurves);
  jwk.alg = choices.of([undefined, 'ML-DSA-44', 'ML-DSA-65', 'ML-KEM-768', 'HS256', 'RSA-OAEP']);
  let at = 0;
  for (const field of choices.of(kFields)) {
    const size = at < bytes.length ? bytes[at] * (field === 'n' || field === 'pub' ? 8 : 1) : 0;
    jwk[field] = base64url(bytes.subarray(at + 1, at + 1 + size));
    at += 1 + size;
  }
  jwk.ext = true;
  for (const create of [crypto.createPrivateKey, crypto.createPublicKey]) {
    const key = attempt(() => create({ key: jwk, format: 'jwk' }));
    if (key) use(choices, key);
  }
  importKey(choices, 'jwk', jwk);
}

const kAlgorithms = [
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, { name: 'RSA-PSS', hash: 'SHA-384' },
  { name: 'RSA-OAEP', hash: 'SHA-1' }, { name: 'ECDSA', namedCurve: 'P-256' },
  { name: 'ECDSA', namedCurve: 'P-521' }, { name: 'ECDH', namedCurve: 'P-384' }, { name: 'Ed25519' },
  { name: 'Ed448' }, { name: 'X25519' }, { name: 'X448' }, { name: 'HMAC', hash: 'SHA-256' },
  { name: 'AES-GCM' }, { name: 'AES-KW' }, { name: 'PBKDF2' }, { name: 'HKDF' }, { name: 'ML-DSA-44' },
  { name: 'ML-KEM-768' },
];
const kUsages = [['sign'], ['verify'], ['encrypt'], ['decrypt'], ['deriveBits'], ['wrapKey'], []];

function importKey(choices, format, data) {
  const algorithm = choices.of(kAlgorithms);
  const usages = choices.of(kUsages);
  attempt(() => subtle.importKey(format, data, algorithm, true, usages).then(async (key) => {
    const how = {
      ...algorithm, hash: 'SHA-256', saltLength: 20, iv: Buffer.alloc(12), public: key,
      salt: Buffer.from('s'), info: Buffer.alloc(0), iterations: 2,
    };
    for (const way of ['raw', 'spki', 'pkcs8', 'jwk']) await subtle.exportKey(way, key).catch(() => {});
    const bytes = Buffer.alloc(64, 7);
    await subtle.sign(how, key, bytes).catch(() => {});
    await subtle.verify(how, key, bytes, bytes).catch(() => {});
    await subtle.encrypt(how, key, bytes).catch(() => {});
    await subtle.decrypt(how, key, bytes).catch(() => {});
    await subtle.deriveBits(how, key, 256).catch(() => {});
  }, () => {}));
}

const kOptions = [
  'pfx', 'pfx', 'ca', 'cert', 'key', 'crl', 'dhparam', 'ticketKeys', 'sigalgs', 'ciphers', 'ecdhCurve',
  'sessionIdContext', 'certificateCompression',
];
const kSetters = [
  'addCACert', 'addCRL', 'setCert', 'setKey', 'setDHParam', 'setTicketKeys', 'setSigalgs',
  'setCipherSuites', 'setCiphers', 'setECDHCurve', 'setSessionIdContext', 'loadPKCS12',
];

function secureContext(choices, bytes) {
  const given = form(choices, bytes);
  const name = choices.of(kOptions);
  const options = { passphrase: choices.of(kPassphrases.slice(0, 3)) };
  if (choices.once(2)) Object.assign(options, ours.credentials);
  options[name] = name === 'certificateCompression' ? [choices.of(['zlib', 'brotli', 'zstd'])] : given;
  if (name === 'pfx' && choices.once(2)) options.pfx = [{ buf: given, passphrase: 'pass' }];
  const made = attempt(() => tls.createSecureContext(options));
  if (!made) return;
  const { context } = made;
  for (const method of ['getCertificate', 'getIssuer', 'getTicketKeys']) attempt(() => context[method]());
  for (const method of kSetters)
    if (choices.once(3)) attempt(() => context[method](given));
  attempt(() => new tls.TLSSocket(undefined, { secureContext: made, isServer: choices.once(2) }).destroy());
}

// Any function or class of the binding, and methods of the objects that it returns. Excluded:
// functions whose arguments can make them slow, and those that change the process permanently.
const kUnfit = /Fips|Prime|KeyPair|Scrypt|PBKDF2|Argon2|SecureHeap|RootCert|Engine|^create|^set/i;
const binding = internalBinding('crypto');
const natives = Object.keys(binding)
  .filter((name) => typeof binding[name] === 'function' && !kUnfit.test(name));
const kNames = ['sha256', 'P-256', 'ed25519', 'rsa', 'aes-128-gcm', 'hex', 'buffer'];
const handles = [];

function callBinding(choices, bytes) {
  const value = () => choices.of([
    () => undefined, () => null, () => choices.below(6), () => -1, () => 2 ** 40, () => NaN, () => 1.5,
    () => true, () => '', () => choices.of(kNames), () => latin1(bytes), () => bytes, () => bytes,
    () => bytes.buffer, () => new Float64Array(4), () => new DataView(new ArrayBuffer(2)),
    () => new SharedArrayBuffer(8), () => ({}), () => [], () => [bytes, 'x'], () => () => {},
    () => Symbol('s'), () => 1n, () => choices.of(handles), () => choices.of(handles),
    () => binding[choices.of(natives)],
  ])();
  const values = () => Array.from({ length: choices.below(10) }, value);
  const target = binding[choices.of(natives)];
  // Most arguments are invalid, so errors are expected here.
  const keep = (call) => {
    let made;
    try { made = call(); } catch { /* expected */ }
    if (made === null || typeof made !== 'object') return;
    if (Array.isArray(made) || ArrayBuffer.isView(made)) return;
    if (made.constructor === Object || made.constructor === ArrayBuffer) return;
    handles.push(made);
    if (handles.length > 12) handles.shift();
  };
  keep(() => choices.below(2) ? new target(...values()) : target(...values()));
  for (let n = choices.below(6); n > 0; n--) {
    const handle = choices.of(handles) ?? {};
    const names = [];
    for (let at = handle; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
      names.push(...Object.getOwnPropertyNames(at).filter((name) => name !== 'constructor'));
    keep(() => handle[choices.of(names)](...values()));
  }
}

const kEntryPoints = [
  keyFromBytes,
  keyFromBytes,
  keyFromBytes,
  (choices, bytes) => {
    const x = attempt(() => new crypto.X509Certificate(form(choices, bytes)));
    if (x) useCertificate(choices, x);
  },
  secureContext,
  callBinding,
  (choices, bytes) => {
    const given = choices.of([bytes, bytes.toString('base64'), latin1(bytes)]);
    for (const method of ['verifySpkac', 'exportPublicKey', 'exportChallenge'])
      attempt(() => crypto.Certificate[method](given));
  },
  (choices, bytes) =>
    importKey(choices, choices.of(['raw', 'spki', 'pkcs8', 'raw-public', 'raw-seed']), bytes),
  keyFromJwk,
  (choices, bytes) => {
    const curve = choices.of(['prime256v1', 'secp521r1', 'secp256k1', 'wap-wsg-idm-ecid-wtls1']);
    const point = choices.of(['compressed', 'hybrid']);
    attempt(() => crypto.ECDH.convertKey(bytes, curve, undefined, 'hex', point));
    const ecdh = attempt(() => crypto.createECDH(curve));
    attempt(() => ecdh?.setPrivateKey(bytes));
    attempt(() => ecdh?.setPublicKey(bytes));
    attempt(() => ecdh?.computeSecret(bytes));
    const small = bytes.subarray(0, 100);
    const dh = attempt(() => crypto.createDiffieHellman(small, choices.of([2, small])));
    attempt(() => dh?.setPrivateKey(small));
    attempt(() => dh?.generateKeys());
    attempt(() => dh?.computeSecret(small));
  },
  (choices, bytes) => {
    const key = choices.of(ours.keys);
    const digest = choices.of(kDigests);
    const dsaEncoding = choices.of(['der', 'ieee-p1363']);
    attempt(() => crypto.verify(digest, Buffer.from('data'), { key, dsaEncoding }, bytes));
    attempt(() => crypto.privateDecrypt({ key, padding: choices.of([1, 3, 4]) }, bytes));
    attempt(() => crypto.publicDecrypt(key, bytes));
    attempt(() => crypto.decapsulate(key, bytes));
  },
];

exports.feed = (choices, bytes) => {
  const entryPoint = choices.of(kEntryPoints);
  if (!isSlow(bytes)) entryPoint(choices, bytes);
};

// ---- keys of our own

const pairs = [
  ['ec', { namedCurve: 'P-256' }], ['rsa', { modulusLength: 1024 }], ['ed25519'], ['x25519'], ['ed448'],
  ['x448'], ['ec', { namedCurve: 'secp521r1' }], ['ec', { namedCurve: 'P-384', paramEncoding: 'explicit' }],
  ['rsa-pss', { modulusLength: 1024, hashAlgorithm: 'sha256', saltLength: 16 }],
  ['dsa', { modulusLength: 1024, divisorLength: 160 }], ['dh', { group: 'modp14' }],
  ['ml-dsa-44'], ['ml-kem-768'], ['slh-dsa-sha2-128s'],
].map(([type, options]) => attempt(() => crypto.generateKeyPairSync(type, options))).filter(Boolean);
const { privateKey } = pairs[0];
const ours = { key: privateKey, keys: pairs.map((pair) => pair.privateKey) };
const cert = make.certificate(privateKey, { extensions: Object.values(make.extensions) });
ours.credentials = {
  key: privateKey.export({ format: 'pem', type: 'pkcs8' }), cert: make.pem('CERTIFICATE', cert),
};

exports.seeds = function* () {
  const kSome = [0, 1, 2, 3, 4, 5];
  const pick = (entryPoint, n) =>
    Array.from({ length: 24 }, (_, i) => i === 0 ? entryPoint : (n * 53 + i * (n + 1) * 7) % 251);
  function* all(entryPoints, bytes) {
    for (const entryPoint of entryPoints) for (const n of kSome) yield [pick(entryPoint, n), bytes];
  }
  const passphrase = 'pass';
  for (const pair of pairs) {
    for (const key of [pair.privateKey, pair.publicKey]) {
      for (const type of kTypes) {
        const der = attempt(() => key.export({ format: 'der', type }));
        if (der) yield* all([0, 7, 5], der);
        const text = attempt(() => key.export({ format: 'pem', type }));
        if (text) yield* all([1], Buffer.from(text));
        const how = { format: 'pem', type, cipher: 'aes-128-cbc', passphrase };
        const sealed = attempt(() => key.export(how));
        if (sealed) yield* all([2], Buffer.from(sealed));
      }
      const jwk = attempt(() => key.export({ format: 'jwk' }));
      if (!jwk) continue;
      const known = ['n', 'e', 'x', 'y', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'pub', 'priv'];
      const fields = known.filter((f) => jwk[f]);
      yield* all([8], Buffer.concat(fields.flatMap((f) => {
        const bytes = Buffer.from(jwk[f], 'base64url');
        return [Buffer.from([bytes.length / (f === 'n' || f === 'pub' ? 8 : 1)]), bytes];
      })));
    }
    const signature = attempt(() => crypto.sign(null, Buffer.from('data'), pair.privateKey));
    if (signature) yield* all([10], signature);
  }
  const single = Object.values(make.extensions)
    .map((extension) => make.certificate(privateKey, { extensions: [extension] }));
  for (const one of [cert, ...single]) {
    yield* all([3, 0], one);
    yield* all([4], Buffer.from(make.pem('CERTIFICATE', one)));
  }
  yield* all([4], make.revocationList({ key: privateKey, name: 'a' }, [[1], [2, 3]]));
  yield* all([6, 5], make.spkac(privateKey));
  yield* all([4], Buffer.from('ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:!RC4:@STRENGTH'));
  yield* all([4], Buffer.from('ECDSA+SHA256:RSA-PSS+SHA384:ed25519'));
  yield* all([4, 7], Buffer.alloc(48, 5));
  const both = ours.credentials.key + ours.credentials.cert;
  yield* all([4], Buffer.from(both));
  for (const flags of ['-certpbe AES-128-CBC -iter 10', '-keypbe NONE -certpbe NONE -nomac',
                       '-iter 2 -macalg sha1']) {
    const args = ['pkcs12', '-export', '-passout', 'pass:pass', ...flags.split(' ')];
    yield* all([4], execFileSync('openssl', args, { input: both }));
  }
  const { publicKey } = pairs[0];
  yield* all([9], publicKey.export({ format: 'der', type: 'spki' }).subarray(26));
};

exports.words = [
  '-----BEGIN ', '-----END ', '-----\n', 'PRIVATE KEY', 'CERTIFICATE', 'TRUSTED CERTIFICATE',
  'Proc-Type: 4,ENCRYPTED\n', 'DEK-Info: AES-128-CBC,', '\x30\x82', '\x30\x80', '\x02\x01\x00',
  '\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01', '\x06\x07\x2a\x86\x48\xce\x3d\x02\x01',
  '\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07', '\x06\x03\x2b\x65\x70', '\x06\x03\x55\x1d\x11',
  '\xa0\x03\x02\x01\x02', '\x04\x20', '\x03\x42\x00\x04',
];
