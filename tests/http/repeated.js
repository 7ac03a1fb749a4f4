'use strict';
// Prints what repeated requests and responses look like on the wire and to the program, for
// comparison with the official node: Kiln keeps the header of a response for the next one that is
// the same, and adds listeners, ticks and timers of a request in other ways
// (runtime-stub/library/http_patches.js).
const asyncHooks = require('node:async_hooks');
const EventEmitter = require('node:events');
const http = require('node:http');
const net = require('node:net');
const util = require('node:util');

const log = (...words) => console.log(...words);

// Sends the requests one after the other on one connection, the next when a response has ended.
// `ends`: whether a text is a whole response.
function converse(port, requests, ends) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const responses = [];
    let text = '';
    const next = () => {
      if (responses.length === requests.length) return socket.end();
      socket.write(requests[responses.length]);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!ends(text)) return;
      responses.push(text);
      text = '';
      next();
    });
    socket.on('close', () => {
      if (text) responses.push(text);
      resolve(responses);
    });
    socket.on('error', () => {});
    next();
  });
}

const normalize = (text) => text.replace(/^Date: .* GMT\r$/gm, 'Date: now\r');
const isWhole = (text) => {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = text.slice(0, end);
  const length = /^content-length: (\d+)/im.exec(head);
  if (/ (204|304) /.test(head.split('\r\n')[0]) || /^x-no-body/im.test(head)) return true;
  if (length) return text.length >= end + 4 + Number(length[1]);
  if (/^transfer-encoding: chunked/im.test(head)) return /\r\n0\r\n(.*\r\n)*\r\n$/.test(text);
  return true;
};

const order = [];
const withGetters = (value, fail) => ({
  get First() { order.push('first'); return 'one'; },
  get Second() { order.push('second'); if (fail) throw new Error('getter'); return value; },
  get Third() { order.push('third'); return 'three'; },
});
const logged = (target) => new Proxy(target, {
  ownKeys(object) { order.push('keys'); return Reflect.ownKeys(object); },
  getOwnPropertyDescriptor(object, key) {
    order.push(`has ${String(key)}`);
    return Reflect.getOwnPropertyDescriptor(object, key);
  },
  get(object, key) { order.push(`get ${String(key)}`); return object[key]; },
});

let turn = 0;
const kinds = {
  plain: (res) => res.writeHead(200, { 'Content-Type': 'text/plain' }).end('Hello\n'),
  plain2: (res) => res.writeHead(200, { 'Content-Type': 'text/html!' }).end('Hello\n'),
  fewer: (res) => res.writeHead(200, {}).end('Hello\n'),
  more: (res) => res.writeHead(200, { 'Content-Type': 'text/plain', 'X-A': 'b' }).end('Hello\n'),
  length: (res) => res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 6 }).end('Hello\n'),
  lengthText: (res) => res.writeHead(200, { 'content-length': '6', 'X-Number': 5, 'X-Zero': -0 }).end('Hello\n'),
  none: (res) => res.end('Hello\n'),
  empty: (res) => res.end(),
  head: (res) => res.writeHead(200, { 'X-No-Body': 'yes' }).end(),
  buffer: (res) => res.writeHead(200, { 'Content-Type': 'text/plain' }).end(Buffer.from('Hello\n')),
  varied: (res) => res.writeHead(200, { 'Content-Type': 'text/plain' }).end('x'.repeat(turn)),
  tag: (res) => res.writeHead(200, { 'ETag': `"${turn}"` }).end('Hello\n'),
  chunks: (res) => { res.writeHead(200, { 'Content-Type': 'text/plain' }); res.write('Hel'); res.end('lo\n'); },
  trailer: (res) => {
    res.writeHead(200, { 'Trailer': 'X-Sum', 'Transfer-Encoding': 'chunked' });
    res.write('Hello');
    res.addTrailers({ 'X-Sum': '5' });
    res.end();
  },
  badTrailer: (res) => res.writeHead(200, { 'Trailer': 'X-Sum', 'Content-Length': 6 }).end('Hello\n'),
  unicode: (res) => res.writeHead(200, { 'X-Latin': 'gr\u00fc\u00df' }).end('\u00fc\u20ac'),
  invalid: (res) => res.writeHead(200, { 'X-Good': 'a', 'X-Bad': 'b\u20ac', 'X-Late': 'c' }).end('Hello\n'),
  invalidName: (res) => res.writeHead(200, { 'X-Good': 'a', 'X Bad': 'b' }).end('Hello\n'),
  undefinedValue: (res) => res.writeHead(200, { 'X-Good': 'a', 'X-Bad': undefined }).end('Hello\n'),
  getters: (res) => res.writeHead(200, withGetters('two')).end('Hello\n'),
  gettersVary: (res) => res.writeHead(200, withGetters(`two ${turn}`)).end('Hello\n'),
  gettersInvalid: (res) => res.writeHead(200, withGetters(turn % 2 ? 'two' : 'bad\n')).end('Hello\n'),
  gettersFail: (res) => res.writeHead(200, withGetters('two', turn % 3 === 2)).end('Hello\n'),
  proxy: (res) => res.writeHead(200, logged({ 'X-A': 'a', 'X-B': 'b' })).end('Hello\n'),
  inherited: (res) => res.writeHead(200, Object.create({ 'X-Not': 'own' }, { 'X-Own': { value: 'yes', enumerable: true } })).end('Hello\n'),
  symbols: (res) => res.writeHead(200, { [Symbol('x')]: 'y', 'X-A': 'a' }).end('Hello\n'),
  array: (res) => res.writeHead(200, ['X-A', 'a', 'X-A', 'b', 'Content-Length', '6']).end('Hello\n'),
  pairs: (res) => res.writeHead(200, [['X-A', 'a'], ['X-B', 'b']]).end('Hello\n'),
  oddArray: (res) => res.writeHead(200, ['X-A']).end('Hello\n'),
  cookies: (res) => res.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': 'a' }).end('Hello\n'),
  cookie: (res) => res.writeHead(200, { 'Set-Cookie': 'a=1' }).end('Hello\n'),
  close: (res) => res.writeHead(200, { 'Connection': 'close', 'X-A': 'a' }).end('Hello\n'),
  keep: (res) => res.writeHead(200, { 'Connection': 'keep-alive' }).end('Hello\n'),
  keepHeader: (res) => res.writeHead(200, { 'Keep-Alive': 'timeout=7' }).end('Hello\n'),
  date: (res) => res.writeHead(200, { 'Date': 'today' }).end('Hello\n'),
  noDate: (res) => { res.sendDate = false; res.writeHead(200, { 'Content-Type': 'text/plain' }).end('Hello\n'); },
  expect: (res) => res.writeHead(200, { 'Expect': 'x' }).end('Hello\n'),
  disposition: (res) => res.writeHead(200, { 'Content-Length': 6, 'Content-Disposition': 'attachment; filename="gr\u00fc\u00df"' }).end('Hello\n'),
  message: (res) => res.writeHead(200, 'Fine', { 'X-A': 'a' }).end('Hello\n'),
  message2: (res) => res.writeHead(200, 'Good', { 'X-A': 'a' }).end('Hello\n'),
  badMessage: (res) => res.writeHead(200, 'Fine\n', { 'X-A': 'a' }).end('Hello\n'),
  numberMessage: (res) => { res.statusMessage = 7; res.writeHead(200, { 'X-A': 'a' }).end('Hello\n'); },
  codes: (res) => res.writeHead([200, 404, 264, 500][turn % 4], { 'X-A': 'a' }).end('Hello\n'),
  noContent: (res) => res.writeHead(204, { 'X-A': 'a' }).end(),
  notModified: (res) => res.writeHead(304, { 'Content-Length': 6 }).end(),
  set: (res) => { res.setHeader('X-A', 'a'); res.setHeader('Content-Type', 'text/plain'); res.end('Hello\n'); },
  setLength: (res) => { res.setHeader('Content-Length', 6); res.setHeader('ETag', 'abc'); res.end('Hello\n'); },
  setMixed: (res) => { res.setHeader('X-A', 'a'); res.writeHead(200, { 'x-a': 'b', 'X-C': 3 }).end('Hello\n'); },
  setRemoved: (res) => { res.setHeader('X-A', 'a'); res.removeHeader('Date'); res.removeHeader('Connection'); res.end('Hello\n'); },
  removedLength: (res) => { res.removeHeader('Content-Length'); res.end('Hello\n'); },
  removedBoth: (res) => { res.removeHeader('Content-Length'); res.removeHeader('Transfer-Encoding'); res.end('Hello\n'); },
  append: (res) => { res.appendHeader('X-A', 'a'); res.appendHeader('X-A', 'b'); res.end('Hello\n'); },
  kept: (res) => { res._keepAliveTimeout = 1000 * (1 + turn % 2); res.writeHead(200, { 'X-A': 'a' }).end('Hello\n'); },
  limited: (res) => { res._maxRequestsPerSocket = 9; res.writeHead(200, { 'X-A': 'a' }).end('Hello\n'); },
  reached: (res) => { res.maxRequestsOnConnectionReached = true; res.writeHead(200, { 'X-A': 'a' }).end('Hello\n'); },
  many: (res) => res.writeHead(200, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`X-${i}`, i]))).end('Hello\n'),
  long: (res) => res.writeHead(200, { 'X-Long': 'y'.repeat(1500) }).end('Hello\n'),
  mutated: (res) => {
    const fields = { 'X-A': 'a', 'X-B': 'b' };
    if (turn % 2) delete fields['X-A'];
    res.writeHead(200, fields).end('Hello\n');
  },
};

async function testResponses() {
  const server = http.createServer((req, res) => {
    try {
      kinds[req.url.slice(1)](res);
    } catch (error) {
      res.destroy();
      log(`  ${error.code ?? ''} ${error.message}`);
    }
    turn++;
  });
  server.listen(0, '127.0.0.1');
  await EventEmitter.once(server, 'listening');
  const { port } = server.address();
  const ask = (kind, version = '1.1') => `GET /${kind} HTTP/${version}\r\nHost: a\r\n\r\n`;
  const show = async (label, requests) => {
    order.length = 0;
    for (const text of await converse(port, requests, isWhole)) log(label, util.inspect(normalize(text)));
    if (order.length) log('  order:', order.join(' '));
  };
  for (const kind of Object.keys(kinds)) {
    turn = 0;
    await show(kind, Array(5).fill(ask(kind)));
  }
  // In turn, so that they replace each other; and with what the request decides.
  const names = Object.keys(kinds).filter((kind) => !/invalid|undefined|bad|odd|Fail|close/i.test(kind));
  for (let round = 0; round < 4; round++) await show('turns', names.map((kind) => ask(kind)));
  for (const kind of ['plain', 'none', 'set', 'chunks', 'empty']) {
    for (let i = 0; i < 3; i++) await show(`${kind} 1.0`, [ask(kind, '1.0')]);
    const last = (method) => `${method} /${kind} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    for (const requests of [ask(kind).repeat(3) + last('GET'), last('HEAD'), last('HEAD'), last('HEAD')]) {
      for (const text of await converse(port, [requests], () => false))
        log(`${kind} closed`, util.inspect(normalize(text)));
    }
  }
  server.httpValidation = 'relaxed';
  await show('relaxed', Array(3).fill(ask('plain')));
  server.keepAliveTimeout = 3000;
  await show('other timeout', Array(3).fill(ask('plain')));
  server.maxRequestsPerSocket = 2;
  await show('two requests', Array(3).fill(ask('plain')));
  server.close();
}

// What a program sees of listeners.
async function testListeners() {
  const server = http.createServer((req, res) => {
    log('listeners', req.url, req.eventNames(), res.eventNames(), req.socket.listenerCount('close'),
        req.socket.listeners('close').map((each) => each.name), res.listenerCount('finish'),
        res._eventsCount, req._eventsCount);
    req.on('newListener', (name) => log('  req newListener', name));
    req.on('removeListener', (name) => log('  req removeListener', name));
    res.on('newListener', (name) => log('  res newListener', name));
    for (const name of ['end', 'close']) req.on(name, () => log('  req', name, req.eventNames()));
    for (const name of ['prefinish', 'finish', 'close']) res.on(name, () => log('  res', name));
    if (req.url === '/socket') req.socket.once('close', () => log('  socket close'));
    res.end('Hello\n');
  });
  server.on('connection', (socket) => {
    socket.on('newListener', (name) => log('  socket newListener', name));
    socket.on('removeListener', (name) => log('  socket removeListener', name));
  });
  server.listen(0, '127.0.0.1');
  await EventEmitter.once(server, 'listening');
  const { port } = server.address();
  const ask = (url) => `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`;
  await converse(port, [ask('/1'), ask('/2'), ask('/socket'), ask('/3')], isWhole);
  server.removeAllListeners('connection');
  server.on('connection', (...args) => http.Server.prototype.listeners.call(server, 'request') && log('connection', args.length));
  server.close();
}

// A program that replaces methods sees the same calls.
async function testReplaced() {
  const { on } = EventEmitter.prototype;
  const calls = [];
  const server = http.createServer((req, res) => {
    EventEmitter.prototype.on = function(name, listener) {
      calls.push(`${this.constructor.name} ${String(name)}`);
      return on.call(this, name, listener);
    };
    res.end('Hello\n');
  });
  server.listen(0, '127.0.0.1');
  await EventEmitter.once(server, 'listening');
  const ask = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const { port } = server.address();
  // The server is in this process: its client is a socket that exists already.
  const client = net.connect(port, '127.0.0.1');
  let got = 0;
  await new Promise((resolve) => {
    client.on('data', () => (++got < 3 ? client.write(ask) : resolve()));
    client.write(ask);
  });
  EventEmitter.prototype.on = on;
  log('calls of on:', calls.join(', '));
  client.destroy();
  server.close();
}

// The resource of a tick is a plain object with these properties.
async function testTicks() {
  const seen = [];
  const hook = asyncHooks.createHook({
    init(id, type, trigger, resource) {
      if (type !== 'TickObject') return;
      seen.push([Object.getPrototypeOf(resource) === Object.prototype, resource.constructor.name,
                 Reflect.ownKeys(resource).map(String).join(), typeof resource.callback, resource.args]);
    },
  }).enable();
  await new Promise((resolve) => process.nextTick(resolve));
  await new Promise((resolve) => process.nextTick((a, b) => {
    const resource = asyncHooks.executionAsyncResource();
    seen.push(Object.keys(resource).join(), util.inspect(resource).replace(/\d+/g, 'N'));
    resource.mine = a + b;
    process.nextTick(resolve, 1);
  }, 1, 2));
  hook.disable();
  for (const each of seen) log('tick', each);
}

// Timers of the same and of other durations, in lists that end and begin again.
async function testTimers() {
  const fired = [];
  const wait = (ms, label) => new Promise((resolve) => setTimeout(() => { fired.push(label); resolve(); }, ms));
  await Promise.all([wait(5, 'a5'), wait(5, 'b5'), wait(9, 'a9'), wait(5, 'c5')]);
  await Promise.all([wait(5, 'd5'), wait(9, 'b9')]);
  const kept = setTimeout(() => fired.push('kept'), 7);
  clearTimeout(setTimeout(() => fired.push('never'), 7));
  clearTimeout(kept);
  await wait(7, 'a7');
  await new Promise((resolve) => {
    const repeated = setInterval(() => {
      fired.push('interval');
      if (fired.filter((each) => each === 'interval').length < 3) return;
      clearInterval(repeated);
      resolve();
    }, 4);
  });
  const refreshed = setTimeout(() => fired.push('refreshed'), 6);
  refreshed.refresh();
  await wait(6, 'b6');
  await wait(6, 'c6');
  let other;
  await new Promise((resolve) => {
    setTimeout(() => {
      fired.push('inner');
      clearTimeout(other);
      setTimeout(() => { fired.push('after'); resolve(); }, 8);
    }, 8);
    other = setTimeout(() => fired.push('other'), 8);
  });
  await wait(8, 'end');
  log('timers', fired.join());
}

// The limit for headers, also when a program lowers it between two requests of a connection.
async function testHeaderLimits() {
  const server = http.createServer((req, res) => {
    if (req.url === '/lower') req.socket.parser.maxHeaderPairs = 6;
    if (req.url === '/raise') req.socket.parser.maxHeaderPairs = 100;
    res.end(String(req.rawHeaders.length));
  });
  server.on('clientError', (error, socket) => {
    log('  clientError', error.code, error.message, error.reason, typeof error.bytesParsed);
    socket.end('HTTP/1.1 431 Too many\r\nContent-Length: 0\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await EventEmitter.once(server, 'listening');
  const { port } = server.address();
  const ask = (url, count) => `GET ${url} HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(count - 1)}\r\n`;
  const show = async (label, ...requests) => {
    for (const text of await converse(port, requests, isWhole))
      log(label, util.inspect(normalize(text).replace(/^[^]*\r\n\r\n/, (head) => head.split('\r\n')[0])));
  };
  await show('few', ask('/', 3), ask('/', 16), ask('/', 17), ask('/', 33), ask('/', 3));
  await show('lowered', ask('/lower', 5), ask('/', 3), ask('/', 4), ask('/', 1));
  await show('lowered, many', ask('/lower', 5), ask('/', 20));
  await show('lowered, raised', ask('/lower', 5), ask('/raise', 3), ask('/', 40), ask('/', 51));
  server.maxHeadersCount = 4;
  await show('limited', ask('/', 4), ask('/', 4), ask('/', 5));
  server.maxHeadersCount = 0;
  await show('unlimited', ask('/', 4), ask('/', 60));
  server.close();
}

// Requests of a client.
async function testClient() {
  const server = net.createServer((socket) => {
    socket.on('data', (chunk) => {
      log('request', util.inspect(chunk.toString('latin1').replace(/:\d{4,5}\r/, ':port\r')));
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  }).listen(0, '127.0.0.1');
  await EventEmitter.once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const base = { port: server.address().port, host: '127.0.0.1', agent };
  const send = (options) => new Promise((resolve) => {
    const request = http.request({ ...base, ...options }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    request.end(options.body);
  });
  for (let i = 0; i < 4; i++) {
    await send({ path: '/a', headers: { 'X-A': 'a' } });
    await send({ path: `/b${i}`, headers: { 'X-A': 'a', 'X-B': i } });
    await send({ path: '/c', method: 'POST', body: 'x'.repeat(i), headers: { 'Connection': 'keep-alive' } });
    await send({ path: '/d', headers: ['Host', 'b', 'X-A', 'a', 'X-A', 'b'] });
    await send({ path: '/e', agent: false });
    await send({ path: '/f', setHost: false, headers: { 'X-A': 'a' } });
  }
  agent.destroy();
  server.close();
}

(async () => {
  await testResponses();
  await testListeners();
  await testReplaced();
  await testTicks();
  await testTimers();
  await testHeaderLimits();
  await testClient();
})();
