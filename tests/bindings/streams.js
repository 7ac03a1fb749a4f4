// Handles of sockets and pipes that are opened, connected and written to in the wrong order.
'use strict';
const assert = require('assert');
const fs = require('fs');
const net = require('net');
const { internalBinding } = require('internal/test/binding');
const { UV_EALREADY, UV_EBADF, UV_ECANCELED, UV_EINVAL } = internalBinding('uv');
const { Pipe, PipeConnectWrap } = internalBinding('pipe_wrap');
const { TCP } = internalBinding('tcp_wrap');
const { JSStream } = internalBinding('js_stream');
const { WriteWrap, ShutdownWrap } = internalBinding('stream_wrap');
const { TLSWrap } = internalBinding('tls_wrap');

// libuv aborts when it is asked to read a file as a stream.
const file = fs.openSync(__filename);
for (const Handle of [Pipe, TCP]) {
  const handle = new Handle(0);
  assert.strictEqual(handle.open(file), UV_EINVAL);
  assert.strictEqual(handle.open(-1), UV_EBADF);
  handle.close();
  assert.strictEqual(handle.open(0), UV_EBADF);
}
fs.closeSync(file);

// A pipe either listens or connects, once. (The name is in the abstract namespace.)
const name = `\0kiln-odd-calls-${process.pid}`;
const listening = new Pipe(1);
assert.strictEqual(listening.bind(name), 0);
assert.strictEqual(listening.listen(5), 0);
assert.strictEqual(listening.connect(new PipeConnectWrap(), name), UV_EINVAL);
const connecting = new Pipe(0);
const request = new PipeConnectWrap();
assert.strictEqual(connecting.connect(request, name), 0);
assert.strictEqual(connecting.connect(new PipeConnectWrap(), name), UV_EALREADY);
assert.strictEqual(connecting.listen(5), UV_EINVAL);
request.oncomplete = () => {
  connecting.close();
  listening.close();
};

// A request belongs to one stream and is a separate object. A write that waits for the other end
// is completed once, when its socket is destroyed.
const completed = [];
let client;
const server = net.createServer({ pauseOnConnect: true }, (accepted) => {
  // The client's data is not read before the client has closed its socket.
  accepted.on('error', () => {});
  accepted.on('close', () => server.close());
  if (client.closed) accepted.resume();
  else client.on('close', () => accepted.resume());
}).listen(0, '127.0.0.1', () => {
  client = net.connect(server.address().port, '127.0.0.1', () => {
    const handle = client._handle;
    assert.strictEqual(handle.writev(new WriteWrap(), [], true), 0);
    assert.strictEqual(handle.writev(new WriteWrap(), [], false), 0);
    assert.strictEqual(handle.writeBuffer(new TLSWrap(), Buffer.alloc(10)), UV_EINVAL);

    const write = new WriteWrap();
    const bytes = Buffer.alloc(2e7);
    assert.strictEqual(handle.writeBuffer(write, bytes), 0);
    new JSStream().finishWrite(write, 0);
    new JSStream().finishShutdown(new ShutdownWrap(), 0);
    write.oncomplete = (status) => completed.push(status);
    client.destroy();
  });
});
process.on('exit', () => assert.deepStrictEqual(completed, [UV_ECANCELED]));

// A stream that finishes a request and fails as well.
const stream = new JSStream();
stream.onwrite = (req) => { stream.finishWrite(req, 0); return -1; };
stream.onshutdown = (req) => { stream.finishShutdown(req, 0); return -1; };
for (const req of [new WriteWrap(), new ShutdownWrap()]) req.oncomplete = () => {};
assert.strictEqual(stream.writeBuffer(new WriteWrap(), Buffer.alloc(1)), -1);
assert.strictEqual(stream.shutdown(new ShutdownWrap()), -1);
