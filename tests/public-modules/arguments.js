'use strict';
// Arguments for calls.js: by the label of a function where it needs particular ones, otherwise by the names of its
// parameters. And what is not called, with the reason.
const fs = require('fs');
const path = require('path');
const { EventEmitter } = require('events');
const { PassThrough, Readable } = require('stream');

const folder = process.cwd();
const callback = Symbol('callback');
const file = path.join(folder, 'file.txt');
const noop = () => {};

// The folder that every call finds.
async function before() {
  process.chdir(folder);
  for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  fs.writeFileSync(file, 'content\n');
  fs.mkdirSync(path.join(folder, 'empty'));
  fs.symlinkSync('file.txt', path.join(folder, 'link'));
  fs.writeFileSync(path.join(folder, '.env'), 'FROM_ENV_FILE=1\n');
}

const readable = () => Readable.from(['1', '2']);
const bytes = () => Buffer.from('0123456789abcdef');
const lazy = (make) => { let value; return () => value ??= make(); };
const crypto = () => require('crypto');
const rsa = lazy(() => crypto().generateKeyPairSync('rsa', { modulusLength: 1024 }));
const ec = lazy(() => crypto().generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const x25519 = lazy(() => crypto().generateKeyPairSync('x25519'));
const deflated = (name) => () => [require('zlib')[name](bytes())];
const withCallback = (make) => () => [...make(), callback];
const socket = () => new (require('net').Socket)();

// ---- By name of the parameter; a function makes a new value for each call.
const parameters = {
  path: file, filename: file, p: file, src: file, existingPath: file, oldPath: file, file, target: file,
  dest: path.join(folder, 'new'), newPath: path.join(folder, 'new'), prefix: path.join(folder, 'prefix-'),
  pattern: '*.txt', requestPath: file, modulePath: file, suffix: '.txt',
  fd: () => fs.openSync(file, 'r+'), mode: 0o644, flags: 'r', uid: () => process.getuid(), gid: () => process.getgid(),
  atime: 1, mtime: 2, time: () => [1, 2], len: 3, length: 4, position: 0, offset: 0, offsetOrOptions: 0,
  buffers: () => [Buffer.alloc(2), Buffer.alloc(3)], buffer: bytes, buf: bytes, buf1: bytes, buf2: bytes, b: bytes,
  array: () => new Uint8Array(8), view: () => new Uint8Array(8), chunk: bytes, data: 'some data', input: 'input',
  arg: 'text', fill: 'f', size: 16, string: 'string', str: 'text', s: 'te%20xt', content: 'A=1\nB="two"\n',
  text: 'text', list: () => [bytes(), bytes()], items: 5, value: 'value', encoding: 'utf8', encodingOrOffset: 'utf8',
  fromEncoding: 'utf8', toEncoding: 'latin1', source: 'some source', sources: () => ['part'], fileBits: () => ['part'],
  fileName: 'name.txt', options: () => ({}), opts: () => ({}), init: () => ({}), fn: () => noop, fns: () => ({ init: noop }),
  name: 'name', type: 'type', label: 'label', id: 'fs', obj: () => ({ a: 1 }), object: () => ({ a: 1 }), key: bytes,
  err: () => new Error('given'), er: () => new Error('given'), message: 'the message', msg: 'the message', code: 'DEP0000',
  warning: 'a warning', actual: 1, expected: 2, operator: 'is', regexp: /str/, promiseFn: () => async () => 5,
  listener: () => noop, requestListener: () => noop, connectionListener: () => noop, handler: () => noop,
  subscription: () => noop, hook: () => noop, before: () => noop, after: 1, repeat: 1000, timer: 5, immediate: 5,
  emitter: () => Object.assign(new EventEmitter(), { name: 'emitter' }), emitterOrTarget: () => new EventEmitter(),
  event: 'event', eventName: 'event', n: 20, eventTargets: () => new EventEmitter(), signal: () => new AbortController().signal,
  resource: () => ({}), ctor: () => class Given {}, superCtor: () => class Parent {}, original: () => noop, a: 1,
  stream: readable, socket, streams: readable, iterable: () => ['1', '2'], body: () => ['1', '2'],
  readableStream: () => new ReadableStream(), writableStream: () => new WritableStream(), streamReadable: readable,
  streamWritable: () => new PassThrough(), duplex: () => new PassThrough(), pair: () => new TransformStream(), dir: 0,
  x: 1, y: 1, dx: 1, dy: 1, output: () => new PassThrough(), objectMode: false, format: 'gzip', strategy: () => ({}),
  hostname: 'localhost', address: '127.0.0.1', port: 1, base: 'http://127.0.0.1/base/', url: 'http://127.0.0.1:1/path?q=1',
  urlObject: 'http://127.0.0.1:1/path', relative: '../other', from: '/a/b', to: '/a/c', servers: () => ['127.0.0.1:9'],
  domain: 'español.com', authority: 'http://127.0.0.1:1', protocols: 'chat', settings: () => ({ headerTableSize: 100 }),
  headers: () => ({ a: 'b' }), val: false, lenient: false, max: 10, min: 1, env: () => ({}), qs: 'a=1&b=2', sep: '&', eq: '=',
  algorithm: 'sha256', hash: 'sha256', digest: 'sha256', hmac: 'sha256', cipher: 'aes-128-cbc', iv: bytes, salt: 'salt',
  info: 'info', password: 'password', iterations: 2, keylen: 16, curve: 'prime256v1', candidate: 7n, nameOrNid: 'aes-128-cbc',
  spkac: 'no key', sizeOrKey: bytes, keyEncoding: undefined, generator: 2, genEncoding: undefined, inEnc: undefined,
  outEnc: 'hex', command: 'exit 3', args: 'given', prevValue: undefined, maybeRefable: () => setTimeout(noop, 1).unref(),
  mask: 0o22, sig: 0, pid: () => process.pid, groups: () => [process.getgid()], module: 'util', user: 'root',
  signalCode: 'SIGTERM', errno: -2, frameCount: 2, set: 'section', inspectOptions: () => ({ depth: 0 }), config: () => ({ args: [] }),
  specifier: 'fs', parent: undefined, isMain: false, request: 'fs', paths: () => [folder], script: '1 + 1',
  codePoints: () => [97, 98], params: () => ['a'], contextObject: () => ({ a: 1 }), skipThrowSymbol: undefined,
  contextifiedObject: () => require('vm').createContext({ a: 1 }), eventInitDict: () => ({}), start: 1, duration: 2,
  thisArg: () => ({}), cert: () => ({ subject: { CN: 'localhost' }, subjectaltname: 'DNS:localhost' }), certs: () => [],
  out: () => ({}), limit: 1, nameOrChannels: 'channel', serializers: () => [], enabled: true, enable: false, level: 1,
  decodeSpaces: true, util1: undefined, util2: undefined, addressType: 4, prompt: '> ', eval_: undefined, completer: undefined,
  terminal: false, useGlobal: false, ignoreUndefined: false, replMode: undefined, transformer: () => ({}), sink: () => ({}),
  writableStrategy: undefined, readableStrategy: undefined, state: () => ({ length: 0, buffer: [] }), req: () => ({ method: 'GET', headers: {} }),
  parseQueryString: true, slashesDenoteHost: false, skipPrototype: false, noThrowSymbol: undefined, parseSymbol: undefined,
};

// ---- By label: functions whose parameters say too little.
const zlibNames = ['deflate', 'deflateRaw', 'gzip', 'brotliCompress', 'zstdCompress'];
const inverse = { inflate: 'deflateSync', inflateRaw: 'deflateRawSync', gunzip: 'gzipSync', unzip: 'gzipSync',
                  brotliDecompress: 'brotliCompressSync', zstdDecompress: 'zstdCompressSync' };
const calls = {
  'crypto.subtle.digest': () => ['SHA-256', bytes()], 'crypto.subtle.generateKey': () => [{ name: 'AES-GCM', length: 128 }, true, ['encrypt']],
  'crypto.subtle.importKey': () => ['raw', bytes(), 'AES-GCM', true, ['encrypt']], 'crypto.subtle.exportKey': () => ['raw', {}],
  'crypto.subtle.sign': () => ['HMAC', {}, bytes()], 'crypto.subtle.getPublicKey': () => [{}, []],
  'crypto.webcrypto.getRandomValues': () => [new Uint8Array(4)], 'perf_hooks.performance.mark': () => ['m'], 'perf_hooks.performance.measure': () => ['m'],
  'perf_hooks.performance.timerify': () => [noop], 'perf_hooks.performance.setResourceTimingBufferSize': () => [10],
  'buffer.Buffer.compare': () => [bytes(), bytes()], 'buffer.Buffer.concat': () => [[bytes(), bytes()], 20],
  'buffer.Buffer.alloc': () => [5, 'f', 'utf8'], 'buffer.Buffer.copyBytesFrom': () => [new Uint8Array(8), 1, 2],
  'buffer.transcode': () => [bytes(), 'utf8', 'latin1'], 'buffer.atob': () => ['YQ=='], 'buffer.btoa': () => ['a'],
  'buffer.isAscii': () => [bytes()], 'buffer.isUtf8': () => [bytes()], 'buffer.resolveObjectURL': () => ['blob:nodedata:1'],
  'child_process.execFile': withCallback(() => ['/bin/sh', ['-c', 'echo out; exit 3'], {}]),
  'child_process.execFileSync': () => ['/bin/sh', ['-c', 'echo out'], {}], 'child_process.execSync': () => ['exit 3', { stdio: 'ignore' }],
  'child_process.spawn': () => ['/bin/true', [], {}], 'child_process.spawnSync': () => ['/bin/sh', ['-c', 'exit 3'], {}],
  'child_process.exec': withCallback(() => ['echo out', {}]),
  'crypto.Decipheriv': () => ['aes-128-cbc', bytes(), bytes()], 'crypto.createDiffieHellmanGroup': () => ['modp14'],
  'crypto.DiffieHellmanGroup': () => ['modp14'], 'crypto.getDiffieHellman': () => ['modp14'], 'crypto.createECDH': () => ['secp256k1'],
  'crypto.ECDH.convertKey': () => [ec().publicKey.export({ format: 'jwk' }).x, 'prime256v1', 'base64url', 'hex', 'compressed'],
  'crypto.KeyObject': () => ['secret', {}], 'crypto.Hash': () => ['sha256'], 'crypto.Hmac': () => ['sha256', bytes()],
  'crypto.createPrivateKey': () => [rsa().privateKey.export({ type: 'pkcs8', format: 'pem' })],
  'crypto.createPublicKey': () => [rsa().privateKey], 'crypto.createSecretKey': () => [bytes()], 'crypto.X509Certificate': () => ['no certificate'],
  'crypto.argon2': withCallback(() => ['argon2id', { message: 'pw', nonce: bytes(), parallelism: 1, tagLength: 16, memory: 16, passes: 2 }]),
  'crypto.argon2Sync': () => ['argon2id', { message: 'pw', nonce: bytes(), parallelism: 1, tagLength: 16, memory: 16, passes: 2 }],
  'crypto.diffieHellman': () => [{ privateKey: x25519().privateKey, publicKey: x25519().publicKey }],
  'crypto.encapsulate': () => [x25519().publicKey], 'crypto.decapsulate': () => [x25519().privateKey, bytes()],
  'crypto.generateKey': withCallback(() => ['hmac', { length: 64 }]), 'crypto.generateKeySync': () => ['aes', { length: 128 }],
  'crypto.generateKeyPair': withCallback(() => ['ed25519', {}]), 'crypto.generateKeyPairSync': () => ['ed25519', {}],
  'crypto.generatePrime': withCallback(() => [32, {}]), 'crypto.generatePrimeSync': () => [32, {}], 'crypto.getRandomValues': () => [new Uint8Array(4)],
  'crypto.hkdf': withCallback(() => ['sha256', 'key', 'salt', 'info', 16]), 'crypto.hkdfSync': () => ['sha256', 'key', 'salt', 'info', 16],
  'crypto.privateDecrypt': () => [rsa().privateKey, crypto().publicEncrypt(rsa().publicKey, Buffer.from('a'))],
  'crypto.publicDecrypt': () => [rsa().publicKey, crypto().privateEncrypt(rsa().privateKey, Buffer.from('a'))],
  'crypto.privateEncrypt': () => [rsa().privateKey, Buffer.from('a')], 'crypto.publicEncrypt': () => [rsa().publicKey, Buffer.from('a')],
  'crypto.randomFill': withCallback(() => [Buffer.alloc(8), 0, 4]), 'crypto.randomFillSync': () => [Buffer.alloc(8), 0, 4],
  'crypto.randomInt': withCallback(() => [1, 10]), 'crypto.scrypt': withCallback(() => ['pw', 'salt', 16, { N: 16 }]),
  'crypto.scryptSync': () => ['pw', 'salt', 16, { N: 16 }], 'crypto.sign': () => ['sha256', bytes(), rsa().privateKey],
  'crypto.verify': () => ['sha256', bytes(), rsa().publicKey, Buffer.alloc(128)], 'crypto.timingSafeEqual': () => [bytes(), bytes()],
  'crypto.setEngine': () => ['no engine'], 'crypto.createHash': () => ['sha256'], 'crypto.KeyObject.from': () => [{}],
  'crypto.hash': () => ['sha256', 'text', 'hex'], 'crypto.checkPrime': withCallback(() => [7n, {}]),
  'diagnostics_channel.tracingChannel': () => ['a'], 'dgram.Socket': () => ['udp4'], 'dgram.createSocket': () => ['udp4'], 'dgram._createSocketHandle': () => ['127.0.0.1', 0, 'udp4'],
  'dns.lookup': withCallback(() => ['127.0.0.1', {}]), 'dns.promises.lookup': () => ['127.0.0.1', {}],
  'events.on': () => [new EventEmitter(), 'event', { signal: AbortSignal.abort() }], 'events.once': () => [new EventEmitter(), 'event', { signal: AbortSignal.abort() }],
  'events.getEventListeners': () => [new EventEmitter(), 'x'], 'events.addAbortListener': () => [new AbortController().signal, noop],
  'fs.read': withCallback(() => [fs.openSync(file), Buffer.alloc(4), 0, 4, 0]), 'fs.readSync': () => [fs.openSync(file), Buffer.alloc(4), 0, 4, 0],
  'fs.write': withCallback(() => [fs.openSync(file, 'r+'), bytes(), 0, 4, 0]), 'fs.writeSync': () => [fs.openSync(file, 'r+'), bytes(), 0, 4, 0],
  'fs.readdir': withCallback(() => [folder]), 'fs.readdirSync': () => [folder], 'fs.promises.readdir': () => [folder],
  'fs.opendir': withCallback(() => [folder]), 'fs.opendirSync': () => [folder], 'fs.promises.opendir': () => [folder],
  'fs.mkdir': withCallback(() => [path.join(folder, 'new')]), 'fs.mkdirSync': () => [path.join(folder, 'new')], 'fs.promises.mkdir': () => [path.join(folder, 'new')],
  'fs.rmdir': withCallback(() => [path.join(folder, 'empty')]), 'fs.rmdirSync': () => [path.join(folder, 'empty')], 'fs.promises.rmdir': () => [path.join(folder, 'empty')],
  'fs.readlink': withCallback(() => [path.join(folder, 'link')]), 'fs.readlinkSync': () => [path.join(folder, 'link')], 'fs.promises.readlink': () => [path.join(folder, 'link')],
  'fs.symlink': withCallback(() => [file, path.join(folder, 'new')]), 'fs.symlinkSync': () => [file, path.join(folder, 'new')], 'fs.promises.symlink': () => [file, path.join(folder, 'new')],
  'fs.copyFile': withCallback(() => [file, path.join(folder, 'new'), 0]), 'fs.copyFileSync': () => [file, path.join(folder, 'new'), 0], 'fs.promises.copyFile': () => [file, path.join(folder, 'new'), 0],
  'fs.access': withCallback(() => [file, fs.constants.R_OK]), 'fs.accessSync': () => [file, fs.constants.R_OK], 'fs.promises.access': () => [file, fs.constants.R_OK],
  'fs.Dir': () => [{}, folder, {}], 'fs.Dirent': () => ['name', 1, folder], 'fs.createWriteStream': () => [path.join(folder, 'new')],
  'fs._toUnixTimestamp': () => [5, 'time'], 'fs.Utf8Stream': () => [{ dest: path.join(folder, 'new'), sync: true }],
  'http.setGlobalProxyFromEnv': () => [{ http_proxy: 'http://127.0.0.1:1' }], 'http.WebSocket': () => ['ws://127.0.0.1:1/'], 'http.validateHeaderName': () => ['a-b'],
  'http.validateHeaderValue': () => ['a', 'b'], 'http.MessageEvent': () => ['message', {}], 'http.CloseEvent': () => ['close', {}], 'http.get': () => ['http://127.0.0.1:1/'], 'http.request': () => ['http://127.0.0.1:1/'],
  'http.ClientRequest': () => ['http://127.0.0.1:1/'], 'https.get': () => ['https://127.0.0.1:1/'], 'https.request': () => ['https://127.0.0.1:1/'],
  'http2.getUnpackedSettings': () => [Buffer.from([0, 1, 0, 0, 16, 0])], 'http2.performServerHandshake': () => [new PassThrough()],
  'module.findPackageJSON': () => ['..', path.join(folder, 'x.js')], 'module.registerHooks': () => [{ resolve: (s, c, next) => next(s, c) }],
  'module.createRequire': () => [file], 'module._findPath': () => ['./file.txt', [folder]], 'module._resolveFilename': () => ['fs', null], 'module._load': () => ['fs', null],
  'module.stripTypeScriptTypes': () => ['let a: number = 1'], 'module.SourceMap': () => [{ version: 3, sources: ['a'], names: [], mappings: 'AAAA' }],
  'module._preloadModules': () => [['fs']], 'module._resolveLookupPaths': () => ['x', module], 'module._readPackage': () => [folder], 'module._stat': () => [file],
  'module.enableCompileCache': () => [path.join(folder, 'cache')], 'module.wrap': () => ['text'], 'module.findSourceMap': () => [file], 'module.Module': () => ['id'], 'module._extensions..js': () => [{}, file], 'module._extensions..json': () => [{}, file], 'module._extensions..node': () => [{}, file],
  'net.connect': () => [{ port: 1, host: '127.0.0.1' }], 'net.createConnection': () => [{ port: 1, host: '127.0.0.1' }], 'net.isIP': () => ['::1'], 'net.isIPv4': () => ['1.2.3.4'], 'net.isIPv6': () => ['::1'],
  'net.SocketAddress': () => [{ address: '127.0.0.1' }], 'net.SocketAddress.parse': () => ['127.0.0.1:80'], 'net.setDefaultAutoSelectFamily': () => [true], 'net.setDefaultAutoSelectFamilyAttemptTimeout': () => [100],
  'net._normalizeArgs': () => [[80, 'host']], 'net._createServerHandle': () => ['127.0.0.1', 0, 4, undefined], 'os.setPriority': () => [0, 0], 'os.getPriority': () => [0],
  'path.basename': () => ['/a/b.txt', '.txt'], 'path.format': () => [{ dir: '/a', base: 'b' }], 'path.join': () => ['a', '..', 'b'],
  'sea.getAsset': () => ['x'], 'sea.getRawAsset': () => ['x'], 'sea.getAssetAsBlob': () => ['x'], 'console.Console': () => [new PassThrough()],
  'perf_hooks.PerformanceObserver': () => [noop], 'perf_hooks.timerify': () => [noop], 'process.chdir': () => [path.join(folder, 'empty')],
  'process.emitWarning': () => ['w', { type: 'T', code: 'C' }], 'process.loadEnvFile': () => [path.join(folder, '.env')], 'process.setegid': () => [process.getegid()], 'process.setgid': () => [process.getgid()],
  'process.seteuid': () => [process.geteuid()], 'process.setuid': () => [process.getuid()], 'process.setgroups': () => [process.getgroups()], 'process.hrtime': () => [[0, 0]],
  'process.setUncaughtExceptionCaptureCallback': () => [null], 'process.cpuUsage': () => [{ user: 0, system: 0 }], 'process.threadCpuUsage': () => [{ user: 0, system: 0 }], 'process.getBuiltinModule': () => ['fs'],
  'process.finalization.register': () => [{}, noop], 'process.finalization.registerBeforeExit': () => [{}, noop], 'process.finalization.unregister': () => [{}], 'process.nextTick': () => [noop], 'process.setSourceMapsEnabled': () => [false],
  'readline.Interface': () => [new PassThrough()], 'readline.createInterface': () => [{ input: new PassThrough() }], 'readline.promises.createInterface': () => [{ input: new PassThrough() }], 'readline.promises.Interface': () => [{ input: new PassThrough() }],
  'readline.promises.Readline': () => [new PassThrough()], 'readline.clearLine': withCallback(() => [new PassThrough(), 0]), 'readline.cursorTo': withCallback(() => [new PassThrough(), 1, 1]), 'readline.moveCursor': withCallback(() => [new PassThrough(), 1, 1]), 'readline.clearScreenDown': withCallback(() => [new PassThrough()]),
  'repl.start': () => [{ input: new PassThrough(), output: new PassThrough() }], 'repl.REPLServer': () => [{ input: new PassThrough(), output: new PassThrough() }], 'repl.isValidSyntax': () => ['1 +'],
  'stream.pipeline': () => [readable(), new PassThrough(), noop], 'stream.promises.pipeline': () => [readable(), new PassThrough().resume()], 'stream.compose': () => [readable(), new PassThrough()], 'stream.addAbortSignal': () => [new AbortController().signal, new PassThrough()],
  'stream.finished': withCallback(() => [new PassThrough().resume().end('x')]), 'stream.promises.finished': () => [new PassThrough().resume().end('x')], 'stream.setDefaultHighWaterMark': () => [false, 65536], 'stream.Duplex.from': () => [['1']], 'stream.Readable.from': () => [['1']], 'stream.Readable.fromWeb': () => [new ReadableStream()],
  'stream.Readable.wrap': () => [new EventEmitter(), {}], 'stream.Duplex.fromWeb': () => [new TransformStream(), {}], 'stream._uint8ArrayToBuffer': () => [new Uint8Array(2)], 'stream/web.CompressionStream': () => ['gzip'], 'stream/web.DecompressionStream': () => ['gzip'], 'stream/consumers.json': () => [Readable.from(['[1]'])],
  'stream/web.ReadableStreamBYOBReader': () => [new ReadableStream({ type: 'bytes' })], 'stream/web.ReadableStreamDefaultReader': () => [new ReadableStream()], 'stream/web.WritableStreamDefaultWriter': () => [new WritableStream()], 'stream/web.ReadableStream': () => [{}, {}], 'stream/web.WritableStream': () => [{}, {}], 'stream/web.TransformStream': () => [{}, {}, {}], 'stream/web.ByteLengthQueuingStrategy': () => [{ highWaterMark: 1 }], 'stream/web.CountQueuingStrategy': () => [{ highWaterMark: 1 }],
  'timers.promises.setTimeout': () => [1, 'v'], 'timers.promises.setInterval': () => [1, 'v'], 'timers.setTimeout': withCallback(() => []), 'timers.setImmediate': withCallback(() => []),
  'tls.connect': () => [{ port: 1, host: '127.0.0.1' }], 'tls.createSecureContext': () => [{}], 'tls.convertALPNProtocols': () => [['h2'], {}], 'tls.TLSSocket': () => [new PassThrough(), {}], 'tls.getCACertificates': () => ['bundled'], 'tls.SecureContext': () => [],
  'tty.isatty': () => [0], 'tty.ReadStream': () => [fs.openSync(file)], 'tty.WriteStream': () => [fs.openSync(file, 'r+')],
  'url.fileURLToPath': () => ['file:///a/b'], 'url.fileURLToPathBuffer': () => ['file:///a/b'], 'url.URL.createObjectURL': () => [new Blob(['x'])], 'url.URL.revokeObjectURL': () => ['blob:nodedata:1'], 'url.resolve': () => ['http://a/b', '../c'], 'url.resolveObject': () => ['http://a/b', '../c'], 'url.urlToHttpOptions': () => [new URL('http://a/b')], 'url.URLPattern': () => [{ pathname: '/x' }], 'url.URL': () => ['../x', 'http://127.0.0.1/a/b'], 'url.URL.parse': () => ['../x', 'http://127.0.0.1/a/b'], 'url.URL.canParse': () => ['../x', 'http://127.0.0.1/a/b'],
  'util.aborted': () => [AbortSignal.abort(), {}], 'util.inherits': () => [function A() {}, function B() {}], 'util.promisify': () => [(cb) => cb(null, 5)], 'util.parseArgs': () => [{ args: ['--x'], options: { x: { type: 'boolean' } } }], 'util.styleText': () => ['red', 'text'], 'util.MIMEType': () => ['text/plain;a=b'], 'util.TextDecoder': () => ['utf-8'], 'util.getSystemErrorName': () => [-2], 'util.getSystemErrorMessage': () => [-2], 'util.diff': () => ['a', 'b'], 'util.format': () => ['%s', 'x'], 'util._extend': () => [{}, { a: 1 }], 'util._errnoException': () => [-2, 'open'], 'util._exceptionWithHostPort': () => [-2, 'connect', '127.0.0.1', 1], 'util.transferableAbortSignal': () => [new AbortController().signal], 'util.setTraceSigInt': () => [false], 'util.MIMEType.parse': () => ['text/plain'], 'util.deprecate': () => [noop, 'old'],
  'v8.deserialize': () => [require('v8').serialize({ a: 1 })], 'v8.Deserializer': () => [bytes()], 'v8.DefaultDeserializer': () => [bytes()], 'v8.setFlagsFromString': () => ['--stack-size=900'], 'v8.isStringOneByteRepresentation': () => ['abc'], 'v8.queryObjects': () => [class A {}, { format: 'count' }], 'v8.getCppHeapStatistics': () => ['brief'], 'v8.startupSnapshot.addSerializeCallback': () => [noop], 'v8.startupSnapshot.addDeserializeCallback': () => [noop], 'v8.startupSnapshot.setDeserializeMainFunction': () => [noop],
  'vm.Script': () => ['1 + 1'], 'vm.createScript': () => ['1 + 1'], 'vm.compileFunction': () => ['return a', ['a'], {}], 'vm.runInContext': () => ['a', require('vm').createContext({ a: 1 })], 'vm.runInNewContext': () => ['a', { a: 1 }], 'vm.runInThisContext': () => ['1 + 1'], 'vm.measureMemory': () => [{ mode: 'summary', execution: 'eager' }], 'zlib.crc32': () => ['text', 0],
};
for (const name of zlibNames) {
  calls[`zlib.${name}Sync`] = () => [bytes()];
  calls[`zlib.${name}`] = withCallback(() => [bytes()]);
}
for (const name in inverse) {
  calls[`zlib.${name}Sync`] = deflated(inverse[name]);
  calls[`zlib.${name}`] = withCallback(deflated(inverse[name]));
}

// ---- What is not called: label, or name of a module, and the reason.
const kEnds = 'ends the process';
const kPaths = 'has the paths of the program';
const kMissing = 'unimplemented in Kiln, which the README says';
const excluded = {
  'worker_threads': kMissing, 'inspector': kMissing, 'inspector/promises': kMissing, 'wasi': kMissing, 'trace_events': kMissing,
  'test': 'prints durations; tests/modules/node-test.sh has it', 'module.register': 'needs worker threads',
  'process.exit': kEnds, 'process.reallyExit': kEnds, 'process.abort': kEnds, 'process.kill': kEnds, 'process._kill': kEnds, 'process.execve': kEnds,
  'process._fatalException': kEnds, 'process._debugProcess': 'starts the inspector', 'process._debugEnd': 'ends the inspector',
  'process.dlopen': 'a static executable loads no native addons', 'process.report': 'the report contains the machine',
  'module._cache': kPaths, 'module._pathCache': kPaths, 'process.mainModule': kPaths,
  'cluster.fork': 'starts the program again', 'child_process.fork': 'starts the program again', 'child_process._forkChild': 'only for a child of fork()',
  'process.initgroups': 'changes the groups of the process by what the machine has', 'process.openStdin': 'reads the test\'s own stdin',
  'process.stdin': 'the test\'s own', 'process.stdout': 'the test\'s own', 'process.stderr': 'the test\'s own',
  'console._stdout': 'the test\'s own', 'console._stderr': 'the test\'s own', 'console.clear': 'writes to the terminal',
  'v8.writeHeapSnapshot': 'takes seconds', 'v8.getHeapSnapshot': 'takes seconds',
};

// Objects of classes, whose methods are called too.
const instances = new Set(['crypto.webcrypto', 'crypto.subtle', 'crypto.webcrypto.subtle', 'perf_hooks.performance']);

module.exports = { arguments: { parameters, calls, callback }, excluded, instances, before };
