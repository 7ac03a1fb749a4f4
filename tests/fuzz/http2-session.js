// An input is what a peer sends over an HTTP/2 connection, to a server (after the connection
// preface) or to a client. Its choices decide what that side does when an event occurs; the bytes
// are made valid HTTP/2 frames more often than chance would (see frames()).
'use strict';

const fs = require('node:fs');
const http2 = require('node:http2');
const { duplexPair } = require('node:stream');
const { attempt, collect } = require('./harness.js');

const kPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const kSettings = frame(4, 0, 0);

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// Half of the inputs get correct frame lengths; otherwise the fuzzer would have to find three
// matching bytes again after each change of size. A frame's first byte is the number of bytes that
// it takes from the input.
function frames(bytes) {
  const made = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const size = Math.min(bytes.readUIntBE(at, 3) % 1024, bytes.length - at - 9);
    const head = Buffer.from(bytes.subarray(at, at + 9));
    head.writeUIntBE(size, 0, 3);
    head[3] %= 11;
    head.writeUIntBE(head.readUInt32BE(5) % 8, 5, 4);
    made.push(head, bytes.subarray(at + 9, at + 9 + size));
    at += 9 + size;
  }
  return Buffer.concat(made);
}

exports.feed = (choices, bytes) => {
  let session;
  // Mostly small, but the largest exceeds a stream's window.
  const size = () => choices.below(256) ** 3 >> 7;
  // Actions on a stream's events, on either side.
  const both = [
    () => {},
    (s) => s.write('w'.repeat(size())),
    (s) => s.write('', () => act(s)),
    (s) => {
      s.cork();
      for (const length of [choices.below(3), size(), 0])
        s.write(choices.of([Buffer.alloc(length), 'c'.repeat(length), '\u1234'.repeat(length)]));
      s.uncork();
    },
    (s) => s.end('e'),
    (s) => s.pipe(s),
    (s) => s.close(choices.below(14)),
    (s) => s.destroy(),
    (s) => s.sendTrailers({ a: '1' }),
    (s) => s.priority({ weight: choices.below(256), exclusive: true }),
    (s) => s.setTimeout(1, () => act(s)),
    (s) => { s.pause(); setImmediate(() => s.resume()); },
    () => session.ping(() => act()),
    () => session.settings({ enablePush: false, initialWindowSize: choices.below(256) * 256 }),
    () => session.goaway(choices.below(3), 0, Buffer.from('why')),
    () => session.setLocalWindowSize(choices.below(256) * 4096),
    () => session.close(),
    () => session.destroy(),
    () => choices.once(4) && collect(),
    (s) => [session.state, s.state, session.localSettings, session.remoteSettings],
    (s) => { s.pause(); s.read(); s.once('readable', () => s.read(1)); },
  ];
  const server = [
    (s) => s.respond(),
    (s) => s.respond({}, { waitForTrailers: true }),
    (s) => s.respond({ 'x-long': 'l'.repeat(size()) }),
    (s) => s.pushStream({ ':path': '/p' }, (err, pushed) => {
      if (err) return;
      watch(pushed);
      pushed.respond();
      pushed.end('pushed');
    }),
    (s) => s.additionalHeaders({ ':status': 103 }),
    (s) => s.respondWithFile(__filename, {}, {
      waitForTrailers: choices.once(2), length: choices.of([-1, 1, 5000]),
    }),
    (s) => fs.open(__filename, (err, fd) => {
      if (err) return;
      if (s.closed) return fs.closeSync(fd);
      s.on('close', () => fs.close(fd, () => {}));
      attempt(() => s.respondWithFD(fd, {}, { offset: choices.below(2) }));
    }),
    (s) => fs.promises.open(__filename).then((file) => {
      if (s.closed) return file.close();
      s.on('close', () => file.close().catch(() => {}));
      attempt(() => s.respondWithFD(file));
      if (choices.once(2)) file.close().catch(() => {});
    }),
    () => session.altsvc('h2=":1"', 'https://a'),
    () => session.origin('https://a', 'https://b'),
  ];
  const client = [
    () => request(),
    () => request(),
    (s) => s.resume(),
  ];
  let actions = both;
  let latest;
  let budget = 60;  // limits the actions, since their events lead to others
  function act(stream = latest) {
    for (let n = choices.below(4); n > 0 && stream; n--)
      if (budget-- > 0) attempt(() => choices.of(actions)(stream));
  }
  function watch(stream) {
    latest = stream;
    for (const event of ['error', 'aborted', 'close', 'end', 'finish', 'data', 'trailers',
                         'wantTrailers', 'response', 'headers', 'push', 'continue'])
      stream.on(event, () => act(stream));
    stream.on('wantTrailers', () => choices.once(2) && attempt(() => stream.sendTrailers({ t: 'u' })));
  }
  function watchSession() {
    session.on('error', () => {});
    for (const event of ['ping', 'remoteSettings', 'goaway', 'altsvc', 'origin', 'localSettings'])
      session.on(event, () => act());
    session.on('stream', (stream) => {
      watch(stream);
      act(stream);
    });
  }
  function request() {
    const stream = session.request({ ':path': '/', 'x': 'y'.repeat(choices.below(256)) }, {
      endStream: choices.once(2), waitForTrailers: choices.once(2), exclusive: choices.once(8),
    });
    watch(stream);
    act(stream);
  }

  const options = {
    maxSessionMemory: 1,
    maxOutstandingPings: choices.below(4),
    maxOutstandingSettings: 1 + choices.below(4),
    maxSessionInvalidFrames: choices.below(20),
    maxHeaderListPairs: choices.of([0, 4, 128]),
    paddingStrategy: choices.below(3),
    streamResetBurst: 1 + choices.below(20),
    streamResetRate: 1 + choices.below(20),
    unknownProtocolTimeout: 1,
    settings: { enableConnectProtocol: choices.once(2), maxConcurrentStreams: 1 + choices.below(100),
                customSettings: { 1244: 1 } },
    remoteCustomSettings: [1244, 9],
  };
  const [peer, side] = duplexPair();
  for (const end of [peer, side]) end.on('error', () => {});
  if (choices.below(4)) peer.resume();
  if (choices.below(3)) {
    actions = [...both, ...server];
    const made = http2.createServer(options);
    made.on('sessionError', () => {});
    made.on('session', (given) => {
      session = given;
      watchSession();
    });
    // Bytes may arrive before the session reads.
    const early = choices.once(4);
    const some = frames(bytes.subarray(0, choices.below(bytes.length + 1)));
    if (early) peer.write(Buffer.concat([kPreface, kSettings, some]));
    made.emit('connection', side);
    if (!early) peer.write(kPreface);
  } else {
    actions = [...both, ...client];
    session = http2.connect('http://a', { ...options, createConnection: () => side });
    watchSession();
    for (let n = choices.below(4); n >= 0; n--) attempt(request);
  }
  if (choices.below(8)) peer.write(kSettings);
  if (choices.once(2)) bytes = frames(bytes);
  const cut = choices.below(bytes.length + 1);
  peer.write(bytes.subarray(0, cut));
  if (choices.once(2)) setImmediate(() => peer.write(bytes.subarray(cut)));
  else peer.write(bytes.subarray(cut));

  return (last) => {
    if (!last && choices.below(2)) return peer.end();
    peer.destroy();
    if (last) session?.destroy();
  };
};

exports.seeds = function* () {
  const latin1 = (text) => Buffer.from(text, 'latin1');
  // HPACK: indexed fields of the static table, and literals.
  const get = latin1('\x82\x84\x86\x41\x01a');
  const ok = latin1('\x88\x40\x01x\x01y');
  const requests = [
    [frame(1, 5, 1, get)],
    [frame(1, 4, 1, latin1('\x83\x84\x86\x41\x01a')), frame(0, 0, 1, latin1('body')), frame(0, 1, 1)],
    [frame(1, 0, 1, get.subarray(0, 2)), frame(9, 4, 1, get.subarray(2)),
     frame(3, 0, 1, latin1('\0\0\0\x08'))],
    [frame(1, 4, 1, get), frame(1, 5, 1, latin1('\x40\x01t\x01u'))],
    [frame(1, 0x2c, 1, Buffer.concat([latin1('\x02\0\0\0\0\x10'), get, latin1('\0\0')])),
     frame(0, 9, 1, latin1('\x01a\0'))],
    [frame(4, 0, 0, latin1('\0\x01\0\0\x10\0\0\x03\0\0\0\x01\0\x04\0\0\0\0\0\x09\0\0\0\x01')),
     frame(4, 1, 0)],
    [frame(6, 0, 0, latin1('12345678')), frame(6, 1, 0, latin1('12345678'))],
    [frame(8, 0, 0, latin1('\0\0\x10\0')), frame(1, 5, 1, get), frame(8, 0, 1, latin1('\x7f\xff\xff\xff'))],
    [frame(7, 0, 0, latin1('\0\0\0\0\0\0\0\0debug')), frame(2, 0, 3, latin1('\0\0\0\0\x05'))],
    [frame(1, 5, 1, latin1('\x82\x84\x86\x41\x01a\x40\x0aconnection\x05close'))],
    [1, 3, 5, 7].flatMap((id) => [frame(1, 5, id, get), frame(3, 0, id, latin1('\0\0\0\x08'))]),
  ];
  const responses = [
    [frame(1, 4, 1, ok), frame(0, 1, 1, latin1('hello'))],
    [frame(1, 4, 1, latin1('\x48\x03100')), frame(1, 4, 1, ok), frame(0, 0, 1, latin1('a')),
     frame(1, 5, 1, latin1('\x40\x01t\x01u'))],
    [frame(5, 4, 1, Buffer.concat([latin1('\0\0\0\x02'), get])), frame(1, 5, 2, ok), frame(1, 5, 1, ok)],
    [frame(10, 0, 0, latin1('\0\x09https://ah2=":1"')), frame(12, 0, 0, latin1('\0\x09https://a'))],
    [frame(1, 5, 3, ok), frame(3, 0, 1, latin1('\0\0\0\x07')), frame(7, 0, 0, latin1('\0\0\0\x01\0\0\0\0'))],
  ];
  const pick = (a, b) => Array.from({ length: 24 }, (_, i) => (a * 37 + b * 11 + i * (2 * b + 1) * 29) % 256);
  let a = 0;
  for (const list of [...requests, ...responses]) {
    a++;
    for (let b = 0; b < 12; b++) yield [pick(a, b), Buffer.concat(list)];
  }
};

exports.words = [
  '\0\0\0\x04\x01\0\0\0\0', '\0\0\x04\x08\0\0\0\0\0', '\0\0\x08\x06\0\0\0\0\0', '\0\0\x04\x03\0\0\0\0\x01',
  '\x82\x84\x86', '\x88', '\x40\x01x', ':path', ':status', ':method', ':protocol', 'connect', 'trailer', 'te',
];
