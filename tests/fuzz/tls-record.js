// An input decides what happens to the bytes of a TLS connection in transit. Either a server and a
// client are connected by a wire that flips, cuts, drops, repeats and inserts bytes as the input
// says; or one side receives only the input, and there is no other end. Random numbers are the same
// for all inputs (harness.cc), so a recorded hello gets the same response each time.
'use strict';

const tls = require('node:tls');
const { generateKeyPairSync } = require('node:crypto');
const { duplexPair } = require('node:stream');
const make = require('./certificates.js');
const { attempt, collect } = require('./harness.js');

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { ca, altNames } = make.extensions;
const certificate = make.certificate(privateKey, { extensions: [ca, altNames] });
const cert = make.pem('CERTIFICATE', certificate);
const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
const context = tls.createSecureContext({ key, cert, ca: cert });
const ticketKeys = Buffer.alloc(48, 7);

const kVersions = [
  {}, {}, { maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' },
  { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' },
];
const kProtocols = ['h2', 'http/1.1', 'x'.repeat(255)];
const psk = Buffer.alloc(16, 3);

// What either side may do when an event occurs.
const actions = [
  () => {},
  (s) => s.write('w'.repeat(1000)),
  (s) => s.write('w'.repeat(100000)),
  (s) => { s.cork(); s.write('a'); s.write(''); s.write(Buffer.from('b')); s.uncork(); },
  (s) => s.end('e'),
  (s) => s.destroy(),
  (s) => s.pause(),
  (s) => s.resume(),
  (s) => s.renegotiate({}, () => {}),
  (s) => s.disableRenegotiation(),
  (s) => s.setMaxSendFragment(512),
  (s) => s.getPeerCertificate(true),
  (s) => [s.getPeerX509Certificate()?.subject, s.getX509Certificate()?.subject],
  (s) => { s.pause(); setImmediate(() => setImmediate(() => s.resume())); },
  (s) => s.read(1),
  (s) => [s.getCipher(), s.getProtocol(), s.getSession(), s.getTLSTicket(), s.getFinished(),
          s.getPeerFinished(), s.getEphemeralKeyInfo(), s.getSharedSigalgs(), s.isSessionReused(),
          s.alpnProtocol, s.getCertificate()],
  (s) => s.exportKeyingMaterial(64, 'label', Buffer.from('c')),
  (s) => s.setServername('b'),
  (s) => s.setSession(sessions.at(-1)),
  (s) => s.enableTrace && s._handle?.enableKeylogCallback(),
  (s) => s._handle?.endParser?.(),
  (s) => s._handle?.close(),
  (s) => s._parent?.destroy(),
  (s) => s.setKeyCert(context),
  () => choices.once(4) && collect(),
];
const sessions = [];

let act;  // for the current input
let choices;

function watch(socket) {
  socket.on('error', () => act(socket));
  // A side that does not read lets the connection's buffers fill.
  socket.on(choices.of(['data', 'data', 'readable', 'pause']), () => act(socket));
  for (const event of ['secure', 'secureConnect', 'end', 'close', 'keylog', 'OCSPResponse', 'drain',
                       'finish', '_tlsError'])
    socket.on(event, () => act(socket));
  socket.on('session', (session) => {
    sessions.push(session);
    if (sessions.length > 4) sessions.shift();
    act(socket);
  });
}

function serverSide(stream) {
  const options = {
    ...choices.of(kVersions), secureContext: choices.below(4) ? context : undefined, key, cert, ca: cert,
    requestCert: choices.once(3), rejectUnauthorized: choices.once(2), handshakeTimeout: 1000,
    sessionTimeout: 100, ticketKeys: choices.once(2) ? ticketKeys : undefined, sessionIdContext: 'c',
    ALPNProtocols: choices.once(2) ? kProtocols : undefined,
    SNICallback: choices.once(2) ? (name, done) => {
      const answer = () => done(choices.once(8) ? new Error('no') : null, choices.of([context, undefined]));
      choices.once(2) ? answer() : setImmediate(answer);
    } : undefined,
    pskCallback: choices.once(4) ? () => psk : undefined, pskIdentityHint: 'hint',
  };
  if (!options.ALPNProtocols && choices.once(4))
    options.ALPNCallback = ({ protocols }) => choices.of([...protocols, undefined, 'y']);
  const server = attempt(() => tls.createServer(options));
  if (!server) return undefined;
  for (const event of ['tlsClientError', 'keylog']) if (choices.below(4)) server.on(event, () => {});
  const later = (call) => choices.once(2) ? call() : setImmediate(call);
  if (choices.once(2)) {
    server.on('newSession', (id, data, done) => later(done));
    server.on('resumeSession', (id, done) =>
      later(() => done(null, choices.of([sessions.at(-1), null]))));
  }
  if (choices.once(2)) {
    server.on('OCSPRequest', (cert, issuer, done) =>
      later(() => done(null, choices.of([Buffer.from('ocsp'), null]))));
  }
  server.on('secureConnection', (socket) => {
    watch(socket);
    act(socket);
  });
  // Bytes may arrive before the server reads.
  if (choices.once(4)) setImmediate(() => server.emit('connection', stream));
  else server.emit('connection', stream);
  return server;
}

function clientSide(stream) {
  const socket = attempt(() => tls.connect({
    socket: stream, ...choices.of(kVersions), secureContext: choices.once(2) ? context : undefined,
    servername: choices.of([undefined, 'a', 'b.example.org', '']),
    rejectUnauthorized: choices.once(4), ca: cert,
    session: choices.once(2) ? sessions.at(-1) : undefined, requestOCSP: choices.once(2),
    ALPNProtocols: choices.once(2) ? kProtocols : undefined, minDHSize: 1, checkServerIdentity: () => {},
    pskCallback: choices.once(4) ? () => ({ psk, identity: 'who' }) : undefined,
    ...(choices.once(3) ? { key, cert } : {}), highWaterMark: choices.of([undefined, 1]),
  }));
  if (!socket) return undefined;
  watch(socket);
  act(socket);
  return socket;
}

// ---- the wire

// Passes data of `from` to `to`, changed as `script` says.
function wire(from, to, script) {
  from.on('data', (chunk) => {
    let bytes = Buffer.from(chunk);
    const at = script.below(65536) % (bytes.length + 1);
    switch (script.below(24)) {
      case 0: if (at < bytes.length) bytes[at] ^= 1 << script.below(8); break;
      case 1: if (at < bytes.length) bytes[at] = script.below(256); break;
      case 2: bytes = bytes.subarray(0, at); break;
      case 3: bytes = bytes.subarray(at); break;
      case 4: bytes = Buffer.concat([bytes.subarray(0, at), script.take(), bytes.subarray(at)]); break;
      case 5: bytes = Buffer.concat([bytes, bytes]); break;
      case 6: bytes = Buffer.alloc(0); break;
      case 7: bytes = Buffer.concat([script.take(), bytes]); break;
      case 8: to.end(); return;
      case 9: bytes.writeUInt16BE(script.below(65536), Math.min(3, Math.max(0, bytes.length - 2))); break;
      case 10: setImmediate(() => to.write(bytes)); return;
      case 11:
      case 12: {
        for (let i = 0; i < Math.min(bytes.length, 40); i++) to.write(bytes.subarray(i, i + 1));
        bytes = bytes.subarray(40);
        break;
      }
      case 13: to.write(bytes.subarray(0, at)); bytes = bytes.subarray(at); break;
    }
    if (!to.destroyed && !to.writableEnded) to.write(bytes);
  });
  from.on('end', () => to.end());
}

// Numbers from the input; after its end they all mean "pass the data unchanged".
class Script {
  #bytes;
  #at = 0;
  constructor(bytes) { this.#bytes = bytes; }
  below(limit) {
    if (this.#at >= this.#bytes.length) return limit - 1;
    let value = this.#bytes[this.#at++];
    if (limit > 256) value = value << 8 | (this.#bytes[this.#at++] ?? 0);
    return value % limit;
  }
  take() {
    const size = this.below(256);
    return this.#bytes.subarray(this.#at, this.#at += size);
  }
}

exports.feed = (given, bytes) => {
  choices = given;
  let budget = 20;
  act = (socket) => {
    if (budget-- > 0 && choices.below(3) === 0) attempt(() => choices.of(actions)(socket));
  };
  const streams = [];
  const pair = () => {
    const made = duplexPair();
    for (const end of made) end.on('error', () => {});
    streams.push(...made);
    return made;
  };
  let server, client;
  const way = choices.below(4);
  if (way < 2) {
    const [ours, theirs] = pair();
    const [left, right] = pair();
    const script = new Script(bytes);
    wire(theirs, left, script);
    wire(left, theirs, script);
    server = serverSide(right);
    client = clientSide(ours);
    attempt(() => client?.write('hello'));
  } else {
    const [peer, side] = pair();
    if (choices.below(4)) peer.resume();
    if (way === 2) server = serverSide(side);
    else client = clientSide(side);
    for (let at = 0; at < bytes.length;) {
      const size = choices.below(3) ? bytes.length - at : 1 + choices.below(200);
      peer.write(bytes.subarray(at, at + size));
      at += size;
    }
  }
  return (last) => {
    if (!last && choices.below(2)) {
      client?.end();
      return streams[0].end();
    }
    client?.destroy();
    for (const stream of streams) stream.destroy();
  };
};

// ---- seeds

const record = (type, version, body) => {
  const head = Buffer.from([type, version >> 8, version & 255, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
};

exports.seeds = function* () {
  const pick = (way, n) =>
    Array.from({ length: 24 }, (_, i) => i === 0 ? way : (n * 71 + i * (2 * n + 1) * 13) % 256);
  // Scripts for the wire: one event each, after some that pass.
  for (let event = 0; event < 14; event++) {
    for (let n = 0; n < 6; n++) {
      const passes = Buffer.from(Array.from({ length: n }, () => [0, 0, 23]).flat());
      const alert = [5, 21, 3, 3, 0, 2, 2, 40];
      yield [pick(n % 2, event * 6 + n), Buffer.concat([passes, Buffer.from([n, 40, event, ...alert])])];
    }
  }
  // A client's first message, with all options that Node uses.
  for (const options of [{}, { maxVersion: 'TLSv1.2' }, { servername: 'a', ALPNProtocols: ['h2'] },
                         { requestOCSP: true }]) {
    const [peer, side] = duplexPair();
    const hello = [];
    peer.on('data', (chunk) => hello.push(chunk));
    const socket = tls.connect({ socket: side, ...options });
    socket.on('error', () => {});
    for (let n = 0; n < 5; n++) {
      yield new Promise((done) => setTimeout(() => {
        done([pick(2, n), Buffer.concat(hello)]);
        socket.destroy();
      }, 50));
    }
  }
  // Bytes that are not a handshake.
  for (const way of [2, 3]) {
    yield [pick(way, 1), record(21, 0x303, Buffer.from([2, 40]))];
    yield [pick(way, 2), record(22, 0x301, Buffer.from([1, 0, 0, 3, 3, 3, 0]))];
    yield [pick(way, 3), record(23, 0x303, Buffer.alloc(50))];
    yield [pick(way, 4), record(20, 0x303, Buffer.from([1]))];
    const hello = [2, 0, 0, 38, 3, 3, ...Buffer.alloc(32), 0, 0x13, 1, 0];
    yield [pick(way, 5), record(22, 0x303, Buffer.from(hello))];
    yield [pick(way, 6), Buffer.from('GET / HTTP/1.1\r\n\r\n')];
  }
  // The end of a hello that names an old session and a ticket.
  const body = Buffer.concat([
    Buffer.from([3, 3]), Buffer.alloc(32, 1), Buffer.from([32]), Buffer.alloc(32, 2),
    Buffer.from([0, 2, 0xc0, 0x2b, 1, 0]),
    Buffer.from([0, 44, 0, 0, 0, 6, 0, 4, 0, 0, 1, 97, 0, 35, 0, 4, 1, 2, 3, 4, 0, 5, 0, 5, 1, 0, 0,
                 0, 0, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3]),
  ]);
  const hello = Buffer.concat([Buffer.from([1, 0, body.length >> 8, body.length & 255]), body]);
  for (let n = 0; n < 8; n++) yield [pick(2, n), record(22, 0x301, hello)];
};

exports.words = [
  '\x16\x03\x01', '\x16\x03\x03', '\x15\x03\x03\x00\x02', '\x14\x03\x03\x00\x01\x01', '\x17\x03\x03',
  '\x01\x00', '\x02\x00', '\x00\x00\x00\x06\x00\x04\x00\x00\x01a', '\x00\x23', '\x00\x10',
  '\x00\x2b\x00\x03\x02\x03\x04', '\x00\x05\x00\x05\x01', '\x13\x01', '\x03\x04',
];
