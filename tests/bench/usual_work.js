// Uses what programs of some size use: all tiers of the compiler, garbage collection, regular
// expressions, strings, numbers, collections, and the common modules of Node; the part that the
// argument names. It measures nothing: scripts/start-order lists the native functions that it calls.
'use strict';
const assert = require('assert'),
  child_process = require('child_process'),
  crypto = require('crypto'),
  dns = require('dns');
const events = require('events'),
  fs = require('fs'),
  http = require('http'),
  net = require('net'),
  os = require('os');
const path = require('path'),
  perf_hooks = require('perf_hooks'),
  querystring = require('querystring'),
  readline = require('readline');
const stream = require('stream'),
  string_decoder = require('string_decoder'),
  timers = require('timers/promises');
const url = require('url'),
  util = require('util'),
  v8 = require('v8'),
  vm = require('vm'),
  zlib = require('zlib');
const { AsyncLocalStorage } = require('async_hooks');

// ---- The language, often enough for the optimizing compilers.

class Shape {
  #area = 0;
  static count = 0;
  constructor(name) {
    this.name = name;
    Shape.count++;
  }
  get area() {
    return this.#area;
  }
  set area(a) {
    this.#area = a;
  }
  toString() {
    return `${this.name}:${this.#area}`;
  }
}
class Square extends Shape {
  constructor(side) {
    super('square');
    this.side = side;
    this.area = side * side;
  }
  grow(by = 1) {
    return new Square(this.side + by);
  }
}
class Circle extends Shape {
  constructor(r) {
    super('circle');
    this.r = r;
    this.area = Math.PI * r ** 2;
  }
  grow(by = 0.5) {
    return new Circle(this.r + by);
  }
}

function* numbers(n) {
  for (let i = 0; i < n; i++) yield i;
}
function spread(...args) {
  const [first, ...rest] = args,
    { length } = rest;
  return Math.max(first ?? 0, ...rest) + length;
}
const modes = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  text: (a, b) => `${a}${b}`,
  big: (a, b) => Number((BigInt(a | 0) * BigInt(b | 0)) % 1000n),
};

function language(rounds) {
  let sum = 0;
  const list = [],
    map = new Map(),
    set = new Set(),
    weak = new WeakMap(),
    sparse = [];
  outer: for (let i = 0; i < rounds; i++) {
    const shape = i % 3 ? new Square(i % 7) : new Circle(i % 5);
    sum += shape.area + shape.grow().area + String(shape).length;
    for (const key in modes) sum += +modes[key](i, 3) % 7 || 0;
    list.push({
      id: i,
      name: 'n' + (i % 50),
      tags: [i % 2, i % 3],
      nested: { value: i / 3, when: i & 1 ? undefined : null },
    });
    map.set(i % 100, (map.get(i % 100) ?? 0) + 1);
    set.add('k' + (i % 60));
    weak.set(shape, i);
    if (i % 11 === 0) {
      map.delete(i % 50);
      set.delete('k' + (i % 30));
      sparse[i * 10] = i;
    }
    sum += spread(i, ...list.at(-1).tags, ...(set.size > 3 ? [1, 2] : []));
    switch (i % 5) {
      case 0:
        sum++;
        break;
      case 1:
        continue outer;
      case 2:
        sum ^= i;
        break;
      default:
        sum -= i >>> 2;
    }
    try {
      if (i % 97 === 0) throw new RangeError('no ' + i, { cause: i });
      sum += i % 2;
    } catch (error) {
      sum += error.message.length + (error.stack.length % 2);
    } finally {
      sum |= 0;
    }
    const copy = { ...list.at(-1), extra: i };
    delete copy.name;
    sum += Object.keys(copy).length + ('extra' in copy) + (copy instanceof Object);
    Object.defineProperty(copy, 'hidden', {
      get() {
        return i;
      },
      configurable: true,
    });
    sum += copy.hidden;
    Object.freeze(copy);
  }
  const sorted = list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.id - a.id));
  const groups = Object.groupBy(sorted, (x) => x.name);
  sum +=
    list
      .filter((x) => x.id % 2)
      .map((x) => x.nested.value)
      .reduce((a, b) => a + b, 0) + Object.entries(groups).flatMap(([k, v]) => v.slice(0, 2)).length;
  for (const n of numbers(500)) sum += n;
  for (const [k, v] of map) sum += k * v;
  for (const x of set) sum += x.length;
  set.union?.(new Set([1]));
  map.forEach((v) => {
    sum += v;
  });
  list.splice(3, 5, { id: 1 });
  list.unshift({ id: 2 });
  list.reverse();
  list.copyWithin(1, 4, 8);
  sum +=
    list.findLastIndex((x) => x.id === 7) +
    list.indexOf(list[9]) +
    list.includes(3) +
    list.concat(sorted).flat(2).length;
  list.fill(0, 2, 4);
  const typed = new Float64Array(2000).map(
    (_, i) =>
      Math.sin(i) * Math.sqrt(i) +
      Math.atan2(i, 3) +
      (Math.pow(i, 0.3) % 3) +
      Math.log1p(i) +
      Math.hypot(i, 2)
  );
  typed.sort();
  sum +=
    typed.subarray(5, 90).indexOf(typed[7]) +
    new Uint8Array(typed.buffer)[3] +
    new DataView(typed.buffer).getInt32(8, true);
  new Int32Array(50).set(new Uint8ClampedArray(9), 3);
  const proxy = new Proxy(
    {},
    {
      get: (t, k) => k.length ?? 0,
      has: () => true,
      set: (t, k, v) => Reflect.set(t, k, v),
      ownKeys: () => ['a'],
      getOwnPropertyDescriptor: () => ({ value: 1, configurable: true, enumerable: true }),
    }
  );
  for (let i = 0; i < 300; i++) {
    sum += proxy['key' + (i % 3)];
    proxy.x = i;
  }
  sum += Object.keys(proxy).length;
  const date = new Date(2024, 1, 29, 12);
  date.setMonth(date.getMonth() + 3);
  sum +=
    (date.getTime() % 7) +
    (Date.parse('2023-05-06T07:08:09Z') % 5) +
    date.toISOString().length +
    String(date).length +
    date.toLocaleDateString('en-US', { dateStyle: 'long' }).length;
  sum +=
    [1234.5, 1e21, 0.1 + 0.2, -0, NaN, 255]
      .map((n) => n.toString(16) + n.toFixed(2) + n.toPrecision(3) + n.toLocaleString())
      .join().length +
    parseInt('12px') +
    parseFloat('1.5e3') +
    Number('0x1f') +
    Number(((123456789012345678901234567890n ** 5n) >> 7n) % 1000n);
  const bound = function (...a) {
    return this.k + a.length + arguments.length;
  }.bind({ k: 1 }, 2);
  sum +=
    bound(3) +
    bound.call(null, 4) +
    Reflect.apply(bound, null, [5]) +
    new Function('a', 'return a * 2')(4) +
    (0, eval)('1 + 1') +
    vm.runInNewContext('[1, 2].map((x) => x + y)', { y: 3 }).length;
  const tag = (s, ...v) => s.raw.join('|') + v.join();
  sum += tag`a${1}b${2}`.length;
  label: {
    if (sum) break label;
    sum = 1;
  }
  do {
    sum += 0.5;
  } while (sum < 0 && sum > -1);
  var { a = 1, ['b' + 1]: b1 = 2, ...others } = { a: undefined, c: 3 };
  sum += a + b1 + others.c;
  sum ||= 1;
  sum &&= sum;
  sum **= 1;
  const sym = Symbol('s');
  sum += {
    [sym]: 1,
    get g() {
      return 2;
    },
    set g(x) {},
    async *m() {},
    __proto__: { p: 1 },
  }[sym];
  structuredClone({ map, date, list: [1], error: new Error('e'), bytes: new Uint8Array(3) });
  new WeakRef(list).deref();
  new FinalizationRegistry(() => {}).register(list, 1);
  Atomics.add(new Int32Array(new SharedArrayBuffer(8)), 0, 1);
  return sum;
}

// ---- Strings and regular expressions.

const words = 'the quick brown fox jumps over the lazy dog äöü 日本語 😀 '.repeat(40);
const expressions = [
  /(\w+)\s(\w+)/g,
  /[aeiou]{1,2}?(?=[a-z])/gi,
  /(?<year>\d{4})-(?<month>\d\d)/,
  /\p{Letter}+/gu,
  /^\s*(?:#.*)?$/gm,
  /(a|b|ab)*c/,
  /["'](?:\\.|[^"'\\])*["']/y,
  /(?<!\$)\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/i,
  /(.)\1/s,
  /[^\u0000-\u007f]/,
  /^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+)@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i,
  new RegExp('(' + 'x|y|'.repeat(20) + 'z)+', 'v'),
];
function text(rounds) {
  let size = 0;
  for (let i = 0; i < rounds; i++) {
    let s = words + i;
    for (const e of expressions) {
      e.lastIndex = 0;
      size += (s.match(e)?.length ?? 0) + s.search(e) + e.test('2024-05 user@example.com "text" xyz' + i);
    }
    s = s
      .replace(/(\w+) (\w+)/g, '$2 $1')
      .replace(/o/g, (m, at) => (at % 2 ? '0' : m))
      .replaceAll('fox', 'cat');
    size +=
      s.split(/\s+/).length +
      s
        .split(' ')
        .map((w) => w.toUpperCase().trim().padEnd(8, '.') + w.charCodeAt(0) + w.codePointAt(0))
        .join('-').length +
      [...s.matchAll(/(?<w>t\w)/g)].length;
    size +=
      s.normalize('NFD').length +
      s.localeCompare('abc') +
      s.indexOf('lazy') +
      s.lastIndexOf('dog') +
      s.slice(3, -3).substring(1, 40).concat(i).repeat(2).length +
      s.startsWith('the') +
      s.endsWith('x') +
      s.at(-1).length +
      s.toLocaleUpperCase().length +
      (s < words) +
      [...s].length +
      encodeURIComponent(s).length +
      decodeURI('%20a').length +
      escape(s).length +
      String.fromCodePoint(128512, 97).length +
      s.isWellFormed() +
      s.trimEnd().length;
    let rope = '';
    for (let k = 0; k < 200; k++) rope += String.fromCharCode(97 + (k % 26)) + k;
    size += rope.length + rope.charCodeAt(50);
  }
  const data = {
    list: Array.from({ length: 3000 }, (_, i) => ({
      id: i,
      text: 'text "' + i + '" ü\n',
      values: [i / 7, null, true, -1e-7],
      nested: { a: {}, b: [] },
    })),
    toJSON() {
      return this.list;
    },
  };
  const json = JSON.stringify(data),
    pretty = JSON.stringify(data.list.slice(0, 90), (k, v) => (k === 'a' ? undefined : v), 2);
  size += json.length + pretty.length + JSON.parse(json).length + JSON.parse(pretty, (k, v) => v).length;
  try {
    JSON.parse('{"a": tru}');
  } catch (e) {
    size += e.message.length;
  }
  size +=
    new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' }).format(1234.5).length +
    new Intl.Collator('sv').compare('a', 'ä') +
    [...new Intl.Segmenter('en', { granularity: 'word' }).segment(words.slice(0, 60))].length;
  return size;
}

// ---- Memory: young and old generation.

function memory() {
  const kept = [];
  for (let i = 0; i < 250000; i++) {
    const node = { i, next: kept[i & 1023], text: 'x' + i, list: [i, i + 1] };
    if (i % 4 === 0) kept[i & 65535] = node;
    if (i % 50000 === 0) kept.push(new Array(20000).fill(i), Buffer.alloc(100000), new Uint32Array(50000));
  }
  return kept.length;
}

// ---- Node's modules.

async function files() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'usual-')),
    file = path.join(folder, 'a.txt');
  fs.writeFileSync(file, words);
  fs.appendFileSync(file, 'end');
  fs.mkdirSync(path.join(folder, 'b/c'), { recursive: true });
  await fs.promises.writeFile(path.join(folder, 'b/d.json'), '{"a":1}');
  fs.copyFileSync(file, file + '2');
  fs.renameSync(file + '2', file + '3');
  fs.symlinkSync(file, file + '4');
  fs.statSync(file);
  fs.lstatSync(file + '4');
  fs.readlinkSync(file + '4');
  fs.realpathSync(file + '4');
  fs.existsSync(file);
  fs.accessSync(file);
  fs.chmodSync(file, 0o644);
  fs.utimesSync(file, 1, 2);
  fs.readdirSync(folder, { withFileTypes: true, recursive: true });
  await fs.promises.readdir(folder);
  await fs.promises.stat(file);
  await fs.promises.readFile(file, 'utf8');
  await util.promisify(fs.readFile)(file);
  fs.readFileSync(file);
  fs.readFileSync(file, 'utf8');
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) line.length;
  await stream.promises.pipeline(
    fs.createReadStream(file),
    new stream.Transform({
      transform(c, e, cb) {
        cb(null, c);
      },
    }),
    zlib.createGzip(),
    fs.createWriteStream(file + '.gz')
  );
  zlib.gunzipSync(fs.readFileSync(file + '.gz'));
  zlib.inflateSync(zlib.deflateSync(words));
  const watcher = fs.watch(folder);
  watcher.close();
  const handle = await fs.promises.open(file);
  await handle.read(Buffer.alloc(10), 0, 10, 0);
  await handle.close();
  for await (const d of await fs.promises.opendir(folder)) d.name;
  try {
    fs.readFileSync('/none');
  } catch (e) {
    util.inspect(e);
  }
  fs.cpSync(folder, folder + '2', { recursive: true });
  fs.rmSync(folder + '2', { recursive: true });
  fs.unlinkSync(file + '3');
  fs.rmSync(folder, { recursive: true });
}

async function values() {
  path.resolve('a', '../b');
  path.relative('/a/b', '/a/c');
  path.parse('/x/y.z');
  path.normalize('/a//b/..');
  new url.URL('https://user:pw@example.com:8080/p/a?q=1&r=ü#h').searchParams.get('q');
  url.parse('http://a.b/c?d=e', true);
  url.fileURLToPath('file:///a%20b');
  url.pathToFileURL('/a b');
  querystring.parse('a=1&b=2&a=3');
  querystring.stringify({ a: [1, 2] });
  os.cpus();
  os.totalmem();
  os.hostname();
  os.networkInterfaces();
  os.userInfo();
  util.inspect(
    {
      a: new Map([
        [
          1,
          {
            b: [
              new Set([2]),
              Symbol('x'),
              () => {},
              new Date(0),
              /x/,
              new Error('e'),
              Buffer.from('x'),
              Promise.resolve(1),
              new Proxy({}, {}),
            ],
          },
        ],
      ]),
      long: words,
    },
    { depth: 5, colors: true }
  );
  util.format('%s %d %j %o %%', 'a', 1, {}, []);
  util.isDeepStrictEqual({ a: [1] }, { a: [1] });
  assert.deepStrictEqual(new Map([[1, { a: 2 }]]), new Map([[1, { a: 2 }]]));
  try {
    assert.strictEqual(1, 2);
  } catch (e) {
    e.message.length;
  }
  util.parseArgs({
    args: ['-f', '--bar', 'b'],
    options: { f: { type: 'boolean', short: 'f' }, bar: { type: 'string' } },
  });
  util.styleText('red', 'x');
  util.types.isPromise(1);
  util.stripVTControlCharacters('\x1b[1mx');
  util.inherits(function A() {}, events);
  util.deprecate(() => {}, 'x');
  const bytes = Buffer.concat([
    Buffer.from(words),
    Buffer.from('68656c6c6f', 'hex'),
    Buffer.from('aGVsbG8', 'base64'),
    Buffer.alloc(9, 'ab'),
  ]);
  for (const e of ['utf8', 'latin1', 'hex', 'base64', 'base64url', 'utf16le', 'ascii']) bytes.toString(e);
  bytes.indexOf('fox');
  bytes.readUInt32LE(2);
  bytes.writeDoubleBE(1.5, 3);
  bytes.equals(bytes.subarray(0));
  bytes.compare(Buffer.alloc(3));
  bytes.swap16?.call(Buffer.alloc(4));
  bytes.toJSON();
  bytes.fill(0, 1, 3);
  new TextDecoder().decode(bytes);
  new TextEncoder().encode(words);
  atob(btoa('abc'));
  new string_decoder.StringDecoder('utf8').write(bytes);
  new Blob(['a']).size;
  v8.deserialize(v8.serialize({ a: [1, new Map()] }));
  v8.getHeapStatistics();
  process.memoryUsage();
  process.hrtime.bigint();
  process.cpuUsage();
  process.cwd();
  Object.keys(process.env);
  perf_hooks.performance.mark('a');
  perf_hooks.performance.now();
  queueMicrotask(() => {});
  console.table?.name;
  new console.Console(new stream.PassThrough()).log('%s', 1);
  crypto.createHash('sha256').update(words).digest('hex');
  crypto.createHash('md5').update('x').digest();
  crypto.createHmac('sha1', 'k').update('x').digest('base64');
  crypto.randomBytes(16);
  crypto.randomUUID();
  crypto.randomInt(9);
  crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a'));
  const cipher = crypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
  cipher.update('x');
  cipher.final();
  crypto.scryptSync('a', 'b', 8, { N: 16 });
  crypto.getHashes();
  await crypto.subtle.digest('SHA-256', Buffer.from('a'));
}

async function waiting() {
  const store = new AsyncLocalStorage(),
    bus = new events.EventEmitter();
  bus.once('x', () => {});
  bus.on('x', (...a) => a.length);
  bus.emit('x', 1, 2);
  const waits = events.once(bus, 'y');
  bus.emit('y', 1);
  await waits;
  await store.run(1, async () => {
    await timers.setTimeout(2);
    await timers.setImmediate();
    await Promise.all([1, Promise.resolve(2), (async () => 3)()]);
    await Promise.race([1]);
    await Promise.allSettled([Promise.reject(new Error('r'))]);
    await Promise.any([1]);
    store.getStore();
    for await (const x of (async function* () {
      yield 1;
      yield* [2, 3];
    })())
      x;
  });
  const controller = new AbortController();
  controller.signal.addEventListener('abort', () => {});
  controller.abort();
  const interval = setInterval(() => {}, 1);
  await timers.setTimeout(3);
  clearInterval(interval);
  const target = new EventTarget();
  target.addEventListener('e', () => {});
  target.dispatchEvent(new Event('e'));
  for await (const chunk of stream.Readable.from(['a', 'b']).map((x) => x)) chunk;
  await stream.promises.finished(
    new stream.Writable({
      write(c, e, cb) {
        cb();
      },
    }).end('x')
  );
  const channel = new MessageChannel();
  channel.port1.postMessage({ a: 1 });
  channel.port2.on('message', () => channel.port2.close());
  await dns.promises.lookup('127.0.0.1');
}

async function processes() {
  const { stdout } = await util
    .promisify(child_process.execFile)('/bin/sh', ['-c', 'echo x'])
    .catch(() => ({ stdout: '' }));
  stdout.length;
  child_process.spawnSync('true', { input: 'a' });
}

async function web() {
  const server = http.createServer((request, response) => {
    let size = 0;
    request
      .on('data', (d) => {
        size += d.length;
      })
      .on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.setHeader('set-cookie', ['a=1', 'b=2']);
        if (request.url === '/stream') {
          response.write('x'.repeat(70000));
          response.end();
        } else response.writeHead(200, { etag: '"x"' }).end(JSON.stringify({ size, url: request.url }));
      });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address(),
    agent = new http.Agent({ keepAlive: true });
  const ask = (options, body) =>
    new Promise((done, fail) => {
      const r = http.request({ port, host: '127.0.0.1', agent, ...options }, (response) => {
        let all = '';
        response
          .setEncoding('utf8')
          .on('data', (d) => {
            all += d;
          })
          .on('end', () => done(all));
      });
      r.on('error', fail).end(body);
    });
  for (let i = 0; i < 30; i++)
    await ask(
      { path: '/?' + i, method: i % 2 ? 'POST' : 'GET', headers: { accept: '*/*' } },
      i % 2 ? JSON.stringify({ i }) : undefined
    );
  await ask({ path: '/stream' });
  await (await fetch(`http://127.0.0.1:${port}/f`, { method: 'POST', body: 'abc' })).json();
  agent.destroy();
  server.closeAllConnections();
  server.close();
  const echo = net.createServer((c) => c.pipe(c)).listen(0, '127.0.0.1');
  await events.once(echo, 'listening');
  const socket = net.connect(echo.address().port, '127.0.0.1');
  socket.setNoDelay();
  socket.end('hello');
  for await (const d of socket) d.length;
  echo.close();
  process.emitWarning('w', { code: 'W1' });
  process.on('SIGUSR2', () => {});
  process.removeAllListeners('SIGUSR2');
  new Error('stack').stack.length;
  Error.captureStackTrace({});
  const old = Error.prepareStackTrace;
  Error.prepareStackTrace = (e, frames) =>
    frames.map((f) => f.getFileName() + f.getLineNumber() + f.getFunctionName());
  new Error('x').stack;
  Error.prepareStackTrace = old;
}

const parts = {
  language: () => {
    for (let i = 0; i < 4; i++) language(2000);
  },
  text: () => {
    for (let i = 0; i < 4; i++) text(2);
  },
  memory,
  files,
  values,
  waiting,
  processes,
  web,
};
parts[process.argv[2]]();
