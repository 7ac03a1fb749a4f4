// Flags: --expose-internals
'use strict';
// A small variant of tests/fuzz/http-parser.js that needs no fuzzer. It gives mutated messages to
// the HTTP parser's binding, cut at random offsets, with callbacks that throw, free the parser,
// initialize it again or replace each other during parsing. Nothing is compared: the process must
// survive, which is most meaningful in a build with sanitizers.
//
//   kiln-stub --expose-internals fuzz_parser.js [ROUNDS] [SEED]
//
// A round is 200 messages; a seed repeats a run.
const { internalBinding } = require('internal/test/binding');
const { HTTPParser, ConnectionsList } = internalBinding('http_parser');

const rounds = Number(process.argv[2] ?? 300);
let state = Number(process.argv[3] ?? 1) >>> 0;
function random(below) {  // mulberry32, so that a seed repeats a run
  state = (state + 0x6D2B79F5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

const kSeeds = [
  'GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n',
  'POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '5;x=y\r\nhello\r\n0\r\nTrailer: b\r\n\r\n',
  'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nrest',
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nrest',
  'GET / HTTP/1.1\r\n' + 'X-Header: value\r\n'.repeat(70) + '\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nabc',
  'HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'HTTP/1.0 304 Not Modified\r\nServer: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'));
const kTokens = ['\r\n', '\r', '\n', '\0', ':', ' ', '\t', ';', '0', 'ffffffffffffffff', '\xff',
                 'Content-Length: 1\r\n', 'Transfer-Encoding: chunked\r\n', 'a'.repeat(5000)];

function mutate() {
  let data = Buffer.concat(Array.from({ length: 1 + random(3) }, () => pick(kSeeds)));
  for (let n = random(5); n > 0; n--) {
    const at = random(data.length + 1), until = Math.min(data.length, at + random(8));
    const middle = pick([Buffer.from(pick(kTokens), 'latin1'), Buffer.from([random(256)]),
                         data.subarray(random(data.length + 1)), Buffer.alloc(0)]);
    data = Buffer.concat([data.subarray(0, at), middle, data.subarray(until)]);
  }
  return data.subarray(0, 20000);
}

const kTypes = [HTTPParser.REQUEST, HTTPParser.RESPONSE];
const kResource = {};
let list = new ConnectionsList();
const pool = [];

function initialize(parser) {
  parser.initialize(pick(kTypes), kResource, pick([0, 0, 100, 8192]), random(2048),
                    pick([list, list, undefined, null, {}]));
}

// Does mostly nothing; sometimes misuses the parser in a callback.
function misbehave(parser) {
  switch (random(60)) {
    case 0: throw new Error('from a callback');
    case 1: parser.free(); break;
    case 2: parser.free(); initialize(parser); break;
    case 3: parser.remove(); break;
    case 4: parser.pause(); break;
    case 5: parser.resume(); break;
    case 6: parser[random(9)] = pick([null, undefined, 1, {}, () => {}]); break;
    case 7: parser.getCurrentBuffer(); break;
    case 8: parser.maxHeaderPairs = pick([0, 2, -1, NaN, 'x', 2000]); break;
    case 9: list.all(); list.idle(); list.active(); list.expired(random(2), random(2)); break;
    case 10: parser.finish(); break;
    case 11: parser.unconsume(); break;
    case 12: parser.close(); break;
    case 13: initialize(parser); break;
    case 14: parser.execute(pick(kSeeds)); break;
  }
}

function prepare(parser) {
  initialize(parser);
  for (let index = 0; index < 7; index++) {
    parser[index] = (...values) => {
      for (const value of values) if (Array.isArray(value) && value.length > 40) value.join();
      misbehave(parser);
      return pick([0, 0, 0, 1, 2, undefined, 'x']);
    };
  }
  parser.maxHeaderPairs = pick([2000, 2000, 0, 4]);
}

process.on('uncaughtException', (error) => {
  if (error.message !== 'from a callback') throw error;
});

let messages = 0;
function batch() {
  for (let n = 0; n < 200; n++, messages++) {
    const parser = pool.length && random(3) ? pool.pop() : new HTTPParser();
    prepare(parser);
    const data = mutate();
    try {
      for (let at = 0; at < data.length;) {
        const size = random(4) ? data.length - at : 1 + random(30);
        const result = parser.execute(data.subarray(at, at + size));
        if (result instanceof Error) break;
        at += size;
      }
      if (random(2)) parser.finish();
    } catch (error) {
      if (error.message !== 'from a callback') throw error;
    }
    if (random(4)) {
      parser.free();
      pool.push(parser);
    } else if (random(2)) {
      parser.close();
    }
  }
  if (random(10) === 0) list = new ConnectionsList();
}

(function again(left) {
  batch();
  if (left > 1) setImmediate(again, left - 1);
  else console.log(`${messages} messages`);
})(rounds);
