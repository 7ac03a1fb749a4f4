'use strict';
// Seeds of the fuzz target inspector.cc: requests and frames of a debugger, and damaged ones.
const choices = (first, piece) => Buffer.from([first, ...Array(23).fill(piece)]);

const request = (head) => Buffer.from(`${head}\r\n\r\n`);
const upgrade = request('GET /0afa1229-8522-4fd7-98d0-2e065972dc94 HTTP/1.1\r\nHost: localhost:9229\r\nConnection: Upgrade\r\n' +
  'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');

function frame(first, payload, mask = [1, 2, 3, 4]) {
  const size = payload.length < 126 ? [0x80 | payload.length] :
    payload.length < 65536 ? [0xFE, payload.length >> 8, payload.length & 255] :
      [0xFF, 0, 0, 0, 0, 0, payload.length >> 16, payload.length >> 8 & 255, payload.length & 255];
  return Buffer.from([first, ...size, ...mask, ...Buffer.from(payload).map((c, i) => c ^ mask[i % 4])]);
}
const command = frame(0x81, '{"id":1,"method":"Runtime.enable"}');

const http = [
  request('GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:9229'),
  request('GET /json HTTP/1.0'),
  request('GET /json/version HTTP/1.1\r\nHost: [::1]:9229\r\nHost: evil.example'),
  request('POST /json HTTP/1.1\r\nContent-Length: 3'),
  Buffer.concat([upgrade, command, frame(0x88, '')]),
];
const frames = [
  Buffer.concat([command, frame(0x81, 'x'.repeat(200)), frame(0x81, 'y'.repeat(70000)), frame(0x88, '\x03\xe8')]),
  frame(0x01, 'not final'),
  frame(0x89, 'ping'),
  Buffer.from([0x81, 0x05, 1, 2, 3]),
  Buffer.from([0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]),
];

module.exports = {
  *seeds() {
    for (const piece of [0, 255]) {
      for (const bytes of http) yield [choices(0, piece), bytes];
      for (const bytes of frames) yield [choices(1, piece), bytes];
    }
  },
  words: ['GET ', 'Host: ', 'Sec-WebSocket-Key: ', 'Upgrade: websocket\\x0d\\x0a', 'Connection: Upgrade', '\\x0d\\x0a', '\\x81\\xfe', '\\x81\\xff', '\\x88\\x80'],
};
