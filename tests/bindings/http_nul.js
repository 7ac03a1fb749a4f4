// Flags: --expose-internals
'use strict';
// A NUL in a message, at every position and with the input cut before and after it: with relaxed
// header values the parser must report what it reports in strict mode. llhttp 9.4.3 alone never
// returns from some of these, and neither does node 24.21, so this does not compare with node.
const assert = require('node:assert');
const { internalBinding } = require('internal/test/binding');
const { HTTPParser } = internalBinding('http_parser');
const { REQUEST, RESPONSE, kOnHeadersComplete, kOnBody, kOnMessageComplete,
        kLenientNone, kLenientHeaderValueRelaxed } = HTTPParser;

const messages = [
  [REQUEST, 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nContent-Length: 3\r\nUpgrade: x\r\n\r\nabc'],
  [REQUEST, 'POST / HTTP/1.1\r\nHost:a \r\nTransfer-Encoding: chunked\r\n\r\n' +
            '5;a=b;c="d"\r\nhello\r\n0\r\nX-T: y\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n'],
  [RESPONSE, 'HTTP/1.1 200 OK\r\nSet: \t a b \r\nContent-Length: 2\r\n\r\nhi'],
];

// Returns what the parser reports for these pieces of input.
function report(type, flags, pieces) {
  const parser = new HTTPParser();
  parser.initialize(type, {}, 0, flags);
  const events = [];
  parser[kOnHeadersComplete] = (...args) => { events.push(args.join('|')); };
  parser[kOnBody] = (bytes) => { events.push(bytes.latin1Slice()); };
  parser[kOnMessageComplete] = () => { events.push('complete'); };
  for (const piece of pieces) {
    const result = parser.execute(Buffer.from(piece, 'latin1'));
    events.push(typeof result === 'number' ? result : `${result.code} ${result.reason} ${result.bytesParsed}`);
    if (typeof result !== 'number') break;
  }
  return events;
}

let rejected = 0;
for (const [type, message] of messages) {
  for (let at = 0; at <= message.length; at++) {
    const before = message.slice(0, at), after = message.slice(at);
    for (const pieces of [[before + '\0' + after], [before, '\0' + after], [before + '\0', after], [before, '\0', after]]) {
      const strict = report(type, kLenientNone, pieces);
      assert.deepStrictEqual(report(type, kLenientHeaderValueRelaxed, pieces), strict, JSON.stringify(pieces));
      rejected += String(strict.at(-1)).includes('Invalid header value char');
    }
  }
}
assert(rejected > 100, `${rejected} values were rejected`);

// The flag is set again for the next value, and after a body with NULs.
assert.deepStrictEqual(
  report(REQUEST, kLenientHeaderValueRelaxed,
         ['POST / HTTP/1.1\r\nX: \x01\r\nContent-Length: 2\r\n\r\n\0', '\0GET / HTTP/1.1\r\nY: a\x7f', '\x02b\r\n\r\n'])
    .filter((event) => event === 'complete').length, 2);
