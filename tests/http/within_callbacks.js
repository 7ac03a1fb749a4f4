// Flags: --expose-internals
'use strict';
// What callbacks of native code may do to the object that calls them, each found by a fuzzer
// (tests/fuzz): the parser is closed, initialized or given input again within a message, or its
// input is detached; a larger write to an HTTP/2 stream ends with an empty chunk; a TLS session is
// set too late.
const assert = require('node:assert');
const http2 = require('node:http2');
const tls = require('node:tls');
const { duplexPair } = require('node:stream');
const { internalBinding } = require('internal/test/binding');
const { HTTPParser } = internalBinding('http_parser');
const { JSStream } = internalBinding('js_stream');
const { kOnHeadersComplete, kOnBody, kOnMessageComplete } = HTTPParser;

// Longer than the input that the parser copies.
const kFirst = Buffer.from(
  `POST /1 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2000)}\r\nContent-Length: 5\r\n\r\nhello`);
const kSecond = Buffer.from('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');

function makeParser(callbacks) {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  Object.assign(parser, callbacks);
  return parser;
}

// Input that a callback adds is parsed after the current input.
{
  const urls = [];
  let bodies = 0;
  const parser = makeParser({
    [kOnHeadersComplete](major, minor, headers, method, url) {
      urls.push(url);
      if (url === '/1') assert.strictEqual(parser.execute(kSecond), kSecond.length);
    },
    [kOnBody](bytes) {
      assert.deepStrictEqual(urls, ['/1']);
      assert.strictEqual(String(bytes), 'hello');
      bodies++;
    },
  });
  assert.strictEqual(parser.execute(kFirst), kFirst.length);
  assert.deepStrictEqual(urls, ['/1', '/2']);
  assert.strictEqual(bodies, 1);
}

// finish() in a callback checks what has been parsed so far, and the rest is parsed as well.
{
  let complete = 0;
  const parser = makeParser({
    [kOnHeadersComplete]() { parser.finish(); },
    [kOnMessageComplete]() { complete++; },
  });
  assert.strictEqual(parser.execute(kFirst), kFirst.length);
  assert.strictEqual(complete, 1);
}

// A parser that is closed, or is initialized for another connection, does not parse the rest.
for (const stop of [
  (parser) => parser.close(),
  (parser) => parser.initialize(HTTPParser.RESPONSE, {}),
]) {
  let bodies = 0;
  const parser = makeParser({
    [kOnHeadersComplete]() { stop(parser); },
    [kOnBody]() { bodies++; },
  });
  assert.strictEqual(parser.execute(kFirst), undefined);
  assert.strictEqual(bodies, 0);
}
{
  const parser = makeParser({ [kOnHeadersComplete]() { parser.close(); } });
  parser.execute(kFirst);
  assert.strictEqual(parser.execute(kFirst), undefined);  // it has no native object any more
}

// The input's memory is detached or shrunk during parsing.
for (const [options, take] of [
  [undefined, (memory) => structuredClone(memory, { transfer: [memory] })],
  [{ maxByteLength: 10000 }, (memory) => memory.resize(0)],
]) {
  const memory = new ArrayBuffer(kFirst.length, options);
  new Uint8Array(memory).set(kFirst);
  let body;
  const parser = makeParser({
    [kOnHeadersComplete]() {
      take(memory);
      globalThis.gc?.();
    },
    [kOnBody](bytes) { body = String(bytes); },
  });
  assert.strictEqual(parser.execute(new Uint8Array(memory)), kFirst.length);
  assert.strictEqual(body, 'hello');
}

// A parser reads one stream at a time.
{
  const streams = [new JSStream(), new JSStream()];
  const urls = [];
  const parser = makeParser({
    [kOnHeadersComplete](major, minor, headers, method, url) { urls.push(url); },
  });
  for (const stream of streams) {
    stream.onread = () => {};
    parser.consume(stream);
  }
  for (const stream of streams) stream.readBuffer(kSecond);
  assert.deepStrictEqual(urls, ['/2']);
}

// The memory of a write stays valid until all its chunks are sent, also if the last one is empty.
{
  const kPiece = 'x'.repeat(30000);
  const server = http2.createServer();
  server.on('stream', (stream) => {
    stream.respond();
    stream.cork();
    for (const piece of ['', kPiece, kPiece, '']) stream.write(piece);
    stream.uncork();
    stream.end();
  });
  const [side, other] = duplexPair();
  server.emit('connection', side);
  const client = http2.connect('http://a', { createConnection: () => other });
  let text = '';
  const stream = client.request();
  stream.setEncoding('latin1');
  stream.on('data', (piece) => { text += piece; });
  stream.on('end', () => {
    assert.strictEqual(text, kPiece + kPiece);
    client.close();
  });
  process.on('exit', () => assert.notStrictEqual(text, ''));
}

// A session can be set only before the handshake starts.
{
  const [, other] = duplexPair();
  const socket = tls.connect({ socket: other, servername: 'a' });
  socket.on('error', () => {});
  setImmediate(() => {
    assert.throws(() => socket._handle.setSession(Buffer.from('a')), /before the handshake only/);
    socket.destroy();
  });
}
