// An input is what a peer sends over an HTTP/1 connection: to the parser's binding itself, through
// execute() or from a stream that it consumes, with callbacks that misuse the parser; or to a
// server or a client of node:http over a pair of streams.
'use strict';

const http = require('node:http');
const { duplexPair } = require('node:stream');
const { internalBinding } = require('internal/test/binding');
const { HTTPParser, ConnectionsList } = internalBinding('http_parser');
const { JSStream } = internalBinding('js_stream');
const { attempt, collect } = require('./harness.js');

const kTypes = [HTTPParser.REQUEST, HTTPParser.RESPONSE];
let list = new ConnectionsList();
const pool = [];

// ---- the binding

function initialize(choices, parser) {
  parser.initialize(choices.of(kTypes), {}, choices.of([0, 0, 100, 8192]), choices.below(2048),
                    choices.of([list, list, undefined, null, {}]));
}

function misbehave(choices, parser, bytes, stream) {
  switch (choices.below(64)) {
    case 0: throw new Error('from a callback');
    case 1: parser.free(); break;
    case 2: parser.free(); initialize(choices, parser); break;
    case 3: parser.remove(); break;
    case 4: parser.pause(); break;
    case 5: parser.resume(); break;
    case 6: parser[choices.below(9)] = choices.of([null, undefined, 1, {}, () => {}]); break;
    case 7: parser.getCurrentBuffer(); break;
    case 8: parser.maxHeaderPairs = choices.of([0, 2, -1, NaN, 'x', 2000]); break;
    case 9: list.all(); list.idle(); list.active(); list.expired(choices.below(2), choices.below(2)); break;
    case 10: parser.finish(); break;
    case 11: parser.unconsume(); break;
    case 12: parser.close(); break;
    case 13: initialize(choices, parser); break;
    case 14: parser.execute(bytes.subarray(choices.below(bytes.length + 1))); break;
    case 15: structuredClone(bytes.buffer, { transfer: [bytes.buffer] }); break;
    case 16: if (bytes.buffer.resizable) bytes.buffer.resize(0); break;
    case 17: stream.readBuffer(bytes.subarray(choices.below(bytes.length + 1))); break;
    case 18: parser.consume(stream); break;
    case 19: stream.emitEOF(); break;
    case 20: if (choices.once(4)) collect(); break;
  }
}

function prepare(choices, parser, bytes, stream) {
  initialize(choices, parser);
  for (let index = 0; index < 7; index++) {
    parser[index] = (...values) => {
      for (const value of values) if (Array.isArray(value)) value.join();
      misbehave(choices, parser, bytes, stream);
      return choices.of([0, 0, 0, 1, 2, undefined, 'x']);
    };
  }
  parser.maxHeaderPairs = choices.of([2000, 2000, 0, 4]);
}

// A copy of the bytes, in some cases in memory that can be detached or shrunk.
function copy(choices, bytes) {
  const { length } = bytes;
  const memory = new ArrayBuffer(length, choices.once(3) ? { maxByteLength: length + 1 } : undefined);
  const result = new Uint8Array(memory);
  result.set(bytes);
  return result;
}

function feedParser(choices, given) {
  const parser = pool.length && choices.below(3) ? pool.pop() : new HTTPParser();
  const bytes = copy(choices, given);
  const stream = new JSStream();
  stream.onread = stream.onreadstart = stream.onreadstop = () => 0;
  prepare(choices, parser, bytes, stream);
  const consume = choices.once(3);
  if (consume) parser.consume(stream);
  for (let at = 0; at < given.length;) {
    const size = choices.below(4) ? given.length - at : 1 + choices.below(40);
    const piece = bytes.subarray(at, at + size);
    at += size;
    if (consume) attempt(() => stream.readBuffer(piece));
    else if (attempt(() => parser.execute(piece)) instanceof Error) break;
  }
  attempt(() => choices.below(2) && parser.finish());
  return (last) => {
    if (!last) return;
    parser.unconsume();
    if (choices.once(8)) list = new ConnectionsList();
    if (choices.below(3) === 0) return parser.close();
    parser.free();
    if (pool.length < 20) pool.push(parser);
  };
}

// ---- node:http

const actions = {
  server: [
    (req, res) => res.end('hello'),
    (req, res) => req.pipe(res),
    (req, res) => { req.resume(); res.writeHead(304, { 'x-a': 'b' }); res.end(); },
    (req, res) => res.destroy(),
    (req, res) => { res.write('w'); req.on('end', () => res.end()); req.resume(); },
    (req, res) => { res.writeContinue(); res.writeEarlyHints({ link: '</a>; rel=preload' }); res.end(); },
    (req, res) => { res.addTrailers({ a: 'b' }); req.destroy(); },
    (req, res) => { res.socket.pause(); setImmediate(() => { res.socket?.resume(); res.end('late'); }); },
    () => {},
  ],
  client: [
    (res) => res.resume(),
    (res) => res.on('data', () => {}),
    (res) => res.destroy(),
    (res) => res.socket.end(),
    (res) => { res.pause(); setImmediate(() => res.resume()); },
  ],
};

const servers = [false, true].map((lenient) => {
  let choices;
  const server = http.createServer({
    insecureHTTPParser: lenient, requireHostHeader: !lenient, connectionsCheckingInterval: 1e9,
    rejectNonStandardBodyWrites: true,
  });
  server.on('request', (req, res) => {
    for (const half of [req, res]) half.on('error', () => {});
    choices.of(actions.server)(req, res);
  });
  for (const event of ['upgrade', 'connect'])
    server.on(event, (req, socket, head) => choices.once(2) ? socket.end(head) : socket.destroy());
  server.on('checkContinue', (req, res) => choices.once(2) ? res.end() : res.writeContinue());
  server.on('clientError', (error, socket) =>
    choices.once(2) ? socket.end('HTTP/1.1 400 B\r\n\r\n') : socket.destroy());
  server.on('dropRequest', () => {});
  return (given) => {
    choices = given;
    server.maxHeadersCount = choices.of([null, 0, 3]);
    server.maxRequestsPerSocket = choices.of([0, 0, 2]);
    return server;
  };
});

function feedServer(choices, bytes) {
  const server = choices.of(servers)(choices);
  const [peer, side] = duplexPair();
  for (const end of [peer, side]) end.on('error', () => {});
  if (choices.below(4)) peer.resume();
  server.emit('connection', side);
  return writeInPieces(choices, bytes, peer);
}

function feedClient(choices, bytes) {
  const [peer, side] = duplexPair();
  for (const end of [peer, side]) end.on('error', () => {});
  peer.resume();
  const req = http.request({
    createConnection: () => side,
    method: choices.of(['GET', 'HEAD', 'POST', 'CONNECT', 'OPTIONS']),
    headers: choices.of([{}, { expect: '100-continue' }, { connection: 'upgrade', upgrade: 'a' }]),
    insecureHTTPParser: choices.once(2),
    joinDuplicateHeaders: choices.once(2),
  });
  req.on('error', () => {});
  req.on('response', (res) => {
    res.on('error', () => {});
    choices.of(actions.client)(res);
  });
  for (const event of ['continue', 'information'])
    req.on(event, () => choices.once(4) && req.destroy());
  if (choices.once(2)) {
    for (const event of ['upgrade', 'connect']) req.on(event, (res, socket) => socket.destroy());
  }
  req.end(req.method === 'POST' ? 'body' : undefined);
  return writeInPieces(choices, bytes, peer, () => req.destroy());
}

function writeInPieces(choices, bytes, peer, destroy = () => {}) {
  for (let at = 0; at < bytes.length;) {
    const size = choices.below(3) ? bytes.length - at : 1 + choices.below(60);
    peer.write(bytes.subarray(at, at + size));
    at += size;
  }
  return (last) => {
    if (!last && choices.below(2)) return peer.end();
    peer.destroy();
    destroy();
  };
}

exports.feed = (choices, bytes) =>
  choices.of([feedParser, feedParser, feedServer, feedClient])(choices, bytes);

exports.seeds = function* () {
  const requests = [
    'GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n',
    'POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '5;x=y;z="w"\r\nhello\r\n0\r\nTrailer: b\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nrest',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nrest',
    'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1',
    'GET / HTTP/1.1\r\nHost: a\r\n' + 'X-Header: value\r\n'.repeat(70) + '\r\n',
    'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n',
    'GET / HTTP/1.1\nHost: a\n\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'M-SEARCH * HTTP/1.1\r\nHost: a\r\nX:  folded\r\n more\r\nX:\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n\r\n' +
      '1\r\na\r\n0\r\n\r\n',
  ];
  const responses = [
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\nabc',
    'HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 304 N\r\nServer: a\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\nrest',
    'HTTP/1.0 200 OK\r\n\r\nuntil the end',
  ];
  const pick = (way) => Array.from({ length: 24 }, (_, i) => i === 0 ? way : (way * 31 + i * 97) % 251);
  for (const text of requests)
    for (const way of [0, 1, 2, 4, 5, 6, 10]) yield [pick(way), Buffer.from(text, 'latin1')];
  for (const text of responses)
    for (const way of [0, 1, 3, 4, 5, 7, 11]) yield [pick(way), Buffer.from(text, 'latin1')];
  yield [pick(2), Buffer.from(requests.join(''), 'latin1')];
};

exports.words = [
  '\r\n', '\r', '\n\n', ': ', '; ', '0\r\n\r\n', 'ffffffffffffffff', 'HTTP/1.1', 'HTTP/1.0', 'GET ', 'HEAD ',
  'Content-Length: ', 'Transfer-Encoding: chunked', 'Connection: close', 'Connection: keep-alive',
  'Upgrade: ', 'Expect: 100-continue', 'Trailer: ', 'Host: ', 'Set-Cookie: ', '"\\"', ' 204 ', ' 101 ',
];
