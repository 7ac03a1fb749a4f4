// One input of the fuzzer is one connection to an HTTP/2 server. Its first bytes say what
// the server does when something happens (a script, taken in turn); the rest is what the
// client sends, after the connection preface. http2_session.cc calls feed(bytes).
'use strict';

const http2 = require('node:http2');
const { duplexPair } = require('node:stream');

const kScriptBytes = 24;
const kPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + '\0\0\0\x04\0\0\0\0\0', 'latin1');

process.on('uncaughtException', () => {});

globalThis.feed = function feed(bytes) {
  let at = 0;
  const next = (below) => bytes.length === 0 ? 0 : bytes[at++ % Math.min(kScriptBytes, bytes.length)] % below;
  const actions = [
    () => {},
    (s) => s.respond(),
    (s) => s.respond({}, { waitForTrailers: true }),
    (s) => s.respond({ 'x-long': 'l'.repeat(next(256) * 256) }),
    (s) => s.write('w'.repeat(next(256) * 300)),
    (s) => s.write('', () => act(s)),
    (s) => s.end('e'),
    (s) => s.pipe(s),
    (s) => s.close(next(14)),
    (s) => s.destroy(),
    (s) => s.pushStream({ ':path': '/p' }, (err, p) => {
      if (err) return;
      watch(p);
      p.respond();
      p.end('pushed');
    }),
    (s) => s.additionalHeaders({ ':status': 103 }),
    (s) => s.sendTrailers({ a: '1' }),
    (s) => s.respondWithFile(__filename),
    () => session.ping(() => act()),
    () => session.settings({ enablePush: false, initialWindowSize: next(256) * 256 }),
    () => session.goaway(next(3)),
    () => session.setLocalWindowSize(next(256) * 4096),
    () => session.close(),
    () => session.destroy(),
  ];
  function act(stream) {
    for (let n = next(4); n > 0; n--) {
      try { actions[next(actions.length)](stream); } catch { /* what the API refuses */ }
    }
  }
  function watch(stream) {
    for (const event of ['error', 'aborted', 'close', 'end', 'finish', 'data', 'trailers', 'wantTrailers'])
      stream.on(event, () => act(stream));
  }

  const server = http2.createServer({
    maxSessionMemory: 1,
    maxOutstandingPings: next(4),
    maxSessionInvalidFrames: next(20),
    paddingStrategy: next(3),
    streamResetBurst: 1 + next(20),
    streamResetRate: 1 + next(20),
  });
  let session;
  server.on('sessionError', () => {});
  server.on('session', (made) => {
    session = made;
    session.on('error', () => {});
    for (const event of ['ping', 'priority', 'remoteSettings', 'goaway'])
      session.on(event, () => act());
  });
  server.on('stream', (stream) => {
    watch(stream);
    act(stream);
  });
  const [client, side] = duplexPair();
  client.on('error', () => {});
  side.on('error', () => {});
  if (next(4)) client.resume();
  server.emit('connection', side);
  client.write(kPreface);
  const rest = bytes.subarray(kScriptBytes);
  const cut = next(256) / 256 * rest.length | 0;
  client.write(rest.subarray(0, cut));
  client.write(rest.subarray(cut));
  // The ways in which a connection ends; the second call leaves nothing behind.
  return (last) => {
    if (!last && next(2)) return client.end();
    client.destroy();
    if (last) session?.destroy();
  };
};
