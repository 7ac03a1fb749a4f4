// Buffers that JavaScript detaches or shrinks while native code reads the list that contains them,
// between the start of an operation and its first system call, or later.
'use strict';
const assert = require('assert');
const { createHook } = require('async_hooks');
const { spawnSync } = require('child_process');
const dgram = require('dgram');
const fs = require('fs');
const http2 = require('http2');
const net = require('net');
const os = require('os');
const path = require('path');
const v8 = require('v8');
const { internalBinding } = require('internal/test/binding');
const { UV_EINVAL } = internalBinding('uv');
const { JSStream } = internalBinding('js_stream');
const { SendWrap, UDP } = internalBinding('udp_wrap');
const { WriteWrap, ShutdownWrap } = internalBinding('stream_wrap');
const binding = internalBinding('fs');

const kSize = 100000;
const bytes = (letter, size = kSize) => Buffer.alloc(size, letter);

// Detaches a buffer and allocates others, which may get its memory.
let others;
function detach(buffer) {
  const size = buffer.length;
  structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
  gc({ type: 'minor' });
  others = Array.from({ length: 8 }, () => bytes('X', size));
}
// A view on a resizable buffer, and the function that shrinks it.
function resizable(letter, size = kSize) {
  const memory = new ArrayBuffer(size, { maxByteLength: size });
  return Buffer.from(memory).fill(letter);
}
const shrink = (buffer) => buffer.buffer.resize(0);
// A list with an element whose getter runs `effect`.
function list(elements, index, effect) {
  const value = elements[index];
  Object.defineProperty(elements, index, { get() { effect(); return value; } });
  return elements;
}
// Runs `start`, and `effect` when a resource of the type is created.
function atInit(type, effect, start) {
  let seen = 0;
  const hook = createHook({
    init(id, name) {
      if (name === type && seen++ === 0) effect();
    },
  }).enable();
  const result = start();
  hook.disable();
  assert.strictEqual(seen > 0, true, `no ${type} was made`);
  return result;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kiln-moving-buffers-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));
function openFile(name) {
  return fs.openSync(path.join(folder, name), 'w+');
}
const contents = (name) => fs.readFileSync(path.join(folder, name), 'latin1');
const times = (letter, count) => letter.repeat(count);

// ---- lists with getters. Memory that is released before the last element is read is not written.
for (const [name, a, take] of [['detached', bytes('a'), detach], ['shrunk', resizable('a'), shrink]]) {
  const fd = openFile(name);
  const buffers = list([a, bytes('b')], 1, () => take(a));
  assert.strictEqual(binding.writeBuffers(fd, buffers, null), kSize);
  assert.strictEqual(contents(name), times('b', kSize));

  const c = name === 'detached' ? bytes('c') : resizable('c');
  const d = bytes('d');
  assert.strictEqual(binding.readBuffers(fd, list([c, d], 1, () => take(c)), 0), kSize);
  assert.deepStrictEqual(d, bytes('b'));
  fs.closeSync(fd);
}
assert.throws(() => binding.writeBuffers(1, [bytes('a'), 'b'], null),
              { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => binding.writeBuffers(1, list([bytes('a')], 0, () => { throw new URIError(); }), null),
              URIError);

// A stream that records what is written to it.
function collector() {
  const stream = new JSStream();
  stream.written = '';
  stream.onwrite = (req, buffers) => {
    stream.written += Buffer.concat(buffers).toString('latin1');
    return 0;
  };
  return stream;
}
for (const [make, take] of [[bytes, detach], [resizable, shrink]]) {
  {
    const stream = collector();
    const a = make('a');
    assert.strictEqual(stream.writev(new WriteWrap(), list([a, bytes('b')], 1, () => take(a)), true), 0);
    assert.strictEqual(stream.written, times('b', kSize));
  }
  {
    const stream = collector();
    const a = make('a');
    const chunks = list([a, 'buffer', 'text', 'utf8'], 3, () => take(a));
    assert.strictEqual(stream.writev(new WriteWrap(), chunks, false), 0);
    assert.strictEqual(stream.written, 'text');
  }
  {
    const stream = collector();
    const a = make('a');
    const chunks = [a, 'buffer', { toString() { take(a); return 'text'; } }, 'utf8', bytes('b'), 'buffer'];
    assert.strictEqual(stream.writev(new WriteWrap(), chunks, false), 0);
    assert.strictEqual(stream.written, 'text' + times('b', kSize));
  }
  // The memory of a buffer that existed when the write began is written, even if it is detached.
  {
    const stream = collector();
    const a = make('a');
    atInit('WRITEWRAP', () => take(a), () => stream.writev(new WriteWrap(), [a, bytes('b')], true));
    assert.strictEqual(stream.written, times('a', kSize) + times('b', kSize));
  }
  {
    const stream = collector();
    const a = make('a');
    atInit('WRITEWRAP', () => take(a), () => stream.writeBuffer(new WriteWrap(), a));
    assert.strictEqual(stream.written, times('a', kSize));
  }
  // Buffers that crypto and codecs read synchronously.
  {
    const a = make('a');
    const joined = internalBinding('blob').concat(list([a, bytes('b')], 1, () => take(a)));
    assert.strictEqual(Buffer.from(joined).toString('latin1'), times('b', kSize));
  }
}
assert.strictEqual(collector().writev(new WriteWrap(), ['no buffer'], true), UV_EINVAL);
assert.strictEqual(collector().writev(new WriteWrap(), new Array(2 ** 32 - 1), true), UV_EINVAL);

// A request object that is used again while the list for it is read.
{
  const stream = collector();
  const req = new WriteWrap();
  const chunks = list([bytes('a', 1)], 0, () => stream.writeBuffer(req, bytes('b', 1)));
  assert.strictEqual(stream.writev(req, chunks, true), UV_EINVAL);
  assert.strictEqual(stream.written, 'b');
}
// The class of a request object does not decide which kind of request it is.
{
  const stream = new JSStream();
  let ended = 0;
  const shutdown = new WriteWrap();
  shutdown.oncomplete = () => ended++;
  stream.onshutdown = (req) => {
    stream.finishWrite(req, 0);
    return 0;
  };
  assert.strictEqual(stream.shutdown(shutdown), 0);
  assert.strictEqual(ended, 0);
  const write = new ShutdownWrap();
  write.oncomplete = () => ended++;
  stream.onwrite = (req) => {
    stream.finishShutdown(req, 0);
    return 0;
  };
  assert.strictEqual(stream.writeBuffer(write, bytes('a', 1)), 0);
  assert.strictEqual(ended, 0);
}

// ---- promises of fs: the request is created after the addresses are read
async function files() {
  for (const [name, make, take] of [['p-detached', bytes, detach], ['p-shrunk', resizable, shrink]]) {
    const handle = await fs.promises.open(path.join(folder, name), 'w+');
    const a = make('a');
    const written = atInit('FSREQPROMISE', () => take(a), () => handle.write(a));
    if (name === 'p-detached') {
      await written;
      assert.strictEqual(contents(name), times('a', kSize));
    } else {
      await assert.rejects(written, { code: 'EFAULT' });
    }
    await handle.truncate(0);
    await handle.write(bytes('c'), 0, kSize, 0);
    const b = make('b');
    const read = atInit('FSREQPROMISE', () => take(b), () => handle.read(b, 0, kSize, 0));
    if (name === 'p-detached')
      assert.strictEqual((await read).bytesRead, kSize);
    else
      await assert.rejects(read, { code: 'EFAULT' });
    const list = [make('d'), bytes('e')];
    const vector = atInit('FSREQPROMISE', () => take(list[0]), () => handle.writev(list, 0));
    if (name === 'p-detached') {
      await vector;
      assert.strictEqual(contents(name), times('d', kSize) + times('e', kSize));
    } else {
      await assert.rejects(vector, { code: 'EFAULT' });
    }
    await handle.close();
  }
}

// ---- the thread pool reads files, so it must not read into a buffer that JavaScript can access
async function fileStreams() {
  const { FileHandle } = internalBinding('fs');
  const handle = new FileHandle(fs.openSync(__filename, 'r'));
  assert.strictEqual(handle.useUserBuffer(bytes('a')), UV_EINVAL);
  await handle.close();
}

// ---- datagrams
function datagrams() {
  return new Promise((resolve) => {
    const receiver = dgram.createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = receiver.address();
      const socket = new UDP();
      assert.strictEqual(socket.bind('127.0.0.1', 0, 0), 0);
      const send = (chunks, callback) => {
        const req = new SendWrap();
        req.oncomplete = callback;
        return socket.send(req, chunks, chunks.length, port, '127.0.0.1', true);
      };
      const messages = [];
      receiver.on('message', (message) => {
        messages.push(message.toString('latin1'));
        if (messages.length < 3) return;
        assert.deepStrictEqual(messages, [times('b', 1000), times('b', 1000), times('c', 1000)]);
        receiver.close();
        socket.close();
        resolve();
      });
      const a = bytes('a', 1000);
      assert.strictEqual(send(list([a, bytes('b', 1000)], 1, () => detach(a))) >= 0, true);
      const address = { toString() { detach(d); return '127.0.0.1'; } };
      const d = bytes('d', 1000);
      assert.strictEqual(socket.send(new SendWrap(), [d, bytes('b', 1000)], 2, port, address, false) >= 0, true);
      // With --test-udp-no-try-send the datagram waits in the loop.
      const c = bytes('c', 1000);
      if (process.execArgv.includes('--test-udp-no-try-send'))
        assert.strictEqual(atInit('UDPSENDWRAP', () => detach(c), () => send([c])), 0);
      else
        assert.strictEqual(send([c]) >= 0, true);
      // A socket that is closed by a getter of its list has no descriptor to send with.
      const closing = new UDP();
      const closes = list([bytes('a', 1)], 0, () => closing.close());
      assert.strictEqual(closing.send(new SendWrap(), closes, 1, port, '127.0.0.1', false) < 0, true);
    });
  });
}

// ---- sockets and HTTP/2 keep buffers alive until they are sent
function sockets() {
  return new Promise((resolve) => {
    const size = 2e7;
    const server = net.createServer((socket) => {
      let count = 0;
      socket.on('data', (data) => {
        for (let i = 0; i < data.length; i += 4096) assert.strictEqual(data[i], 97);
        count += data.length;
        if (count < 2 * size) return;
        socket.destroy();
        server.close(resolve);
      });
      socket.pause();
      setTimeout(() => socket.resume(), 50);
    }).listen(0, '127.0.0.1', () => {
      const socket = net.connect(server.address().port, '127.0.0.1', () => {
        // Both wait in the socket's queue. (socket.write() would keep the second in JavaScript.)
        const write = (buffer) => {
          const req = new WriteWrap();
          req.oncomplete = (status) => assert.strictEqual(status, 0);
          assert.strictEqual(socket._handle.writeBuffer(req, buffer), 0);
        };
        const a = bytes('a', size);
        atInit('WRITEWRAP', () => detach(a), () => write(a));
        const b = resizable('a', size);
        write(b);
        shrink(b);
      });
    });
  });
}

function http2Streams() {
  return new Promise((resolve) => {
    const size = 1e6;
    const a = resizable('a', size);
    const server = http2.createServer().on('stream', (stream) => {
      let count = 0;
      stream.on('data', (data) => {
        assert.strictEqual(data.every((byte) => byte === 97), true);
        count += data.length;
      });
      stream.on('end', () => {
        assert.strictEqual(count, size);
        stream.respond();
        stream.end();
      });
      // The client is in this process. It has sent what the flow control allows; the rest waits in its session.
      stream.pause();
      setTimeout(() => shrink(a), 20);
      setTimeout(() => stream.resume(), 50);
    }).listen(0, '127.0.0.1', () => {
      const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
      const request = client.request({ ':method': 'POST' });
      request.end(a);
      request.on('close', () => {
        client.close();
        server.close(resolve);
      });
      request.resume();
    });
  });
}

// ---- single buffers, whose other arguments run JavaScript
{
  const index = (buffer, take, value) => ({ valueOf() { take(buffer); return value; } });
  for (const [make, take] of [[bytes, detach], [resizable, shrink]]) {
    for (const method of ['utf8Slice', 'latin1Slice', 'hexSlice', 'base64Slice', 'ucs2Slice', 'asciiSlice']) {
      const a = make('a');
      assert.throws(() => a[method](index(a, take, 0), kSize), { code: 'ERR_OUT_OF_RANGE' });
      const b = make('b');
      assert.throws(() => b[method](0, index(b, take, kSize)), { code: 'ERR_OUT_OF_RANGE' });
    }
    for (const method of ['utf8Write', 'latin1Write', 'hexWrite', 'base64Write', 'ucs2Write', 'asciiWrite']) {
      const a = make('a');
      let written = 0;
      try {
        written = a[method]('61616161', index(a, take, 10), 8);
      } catch (error) {
        assert.match(error.code, /^ERR_(OUT_OF_RANGE|BUFFER_OUT_OF_BOUNDS|INVALID_ARG_TYPE)$/);
      }
      assert.strictEqual(written, 0);
    }
    const { compareOffset, hexWrite, fill } = internalBinding('buffer');
    const a = make('a');
    assert.throws(() => compareOffset(a, bytes('a'), 0, index(a, take, 1), kSize, kSize),
                  { code: 'ERR_OUT_OF_RANGE' });
    const b = make('b');
    assert.strictEqual(hexWrite(b, '6161', index(b, take, 0), 2), 0);
    const c = make('c');
    assert.strictEqual(fill(c, index(c, take, 1), 0, kSize), -2);
  }
}

// ---- a deserializer reads from its buffer repeatedly
for (const [make, take] of [[bytes, detach], [resizable, shrink]]) {
  const value = { text: 'text '.repeat(20000) };
  const serialized = v8.serialize(value);
  const buffer = make('a', serialized.length);
  serialized.copy(buffer);
  const deserializer = new v8.Deserializer(buffer);
  assert.strictEqual(deserializer.readHeader(), true);
  take(buffer);
  assert.deepStrictEqual(deserializer.readValue(), value);
}

// ---- an array that grows while it is read
{
  const { spawn } = internalBinding('spawn_sync');
  const ignore = { type: 'ignore' };
  const stdio = [ignore, ignore, ignore];
  Object.defineProperty(stdio, 0, {
    get() {
      for (let i = 0; i < 1000; i++) stdio.push({ get type() { added++; return 'ignore'; } });
      return ignore;
    },
  });
  let added = 0;
  const result = spawn({ file: '/bin/true', args: ['true'], envPairs: [], stdio });
  assert.strictEqual(result.output.length, 3);
  assert.strictEqual(added, 0);
}

// ---- a process is started once, and a connection made once
{
  const { Process } = internalBinding('process_wrap');
  const child = new Process();
  // A closed handle has no native object, but its methods would take a request for one.
  child.onexit = () => child.close(() => {
    assert.strictEqual(collector().writeBuffer(child, bytes('a', 1)), UV_EINVAL);
    assert.strictEqual(collector().shutdown(child), UV_EINVAL);
    child.kill(0);
    closed = true;
  });
  let closed = false;
  process.on('exit', () => assert.strictEqual(closed, true));
  const spawn = (args) => child.spawn('/bin/true', args, undefined, [], [], 0);
  let inner;
  const args = list(['true'], 0, () => { inner = spawn(['true']); });
  assert.strictEqual(spawn(args), UV_EINVAL);
  assert.strictEqual(inner, 0);

  const { TCP, TCPConnectWrap, constants } = internalBinding('tcp_wrap');
  const socket = new TCP(constants.SOCKET);
  const rc = atInit('TCPCONNECTWRAP', () => socket.close(),
                    () => socket.connect(new TCPConnectWrap(), '127.0.0.1', 9));
  assert.strictEqual(rc < 0, true);
}

if (process.argv[2] === 'datagrams') {
  datagrams();
} else {
  (async () => {
    await files();
    await fileStreams();
    await datagrams();
    await sockets();
    await http2Streams();
    const child = spawnSync(process.execPath, [...process.execArgv, '--test-udp-no-try-send', __filename,
                                               'datagrams'], { encoding: 'utf8' });
    assert.strictEqual(child.stderr, '');
    assert.strictEqual(child.status, 0);
  })();
}
