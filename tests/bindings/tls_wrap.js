// Connections that are destroyed, or whose socket is used by others, while bytes are in transit.
'use strict';
const assert = require('assert');
const net = require('net');
const tls = require('tls');
const { internalBinding } = require('internal/test/binding');
const { WriteWrap, kLastWriteWasAsync, streamBaseState } = internalBinding('stream_wrap');
const { wrap } = internalBinding('tls_wrap');
const { TCP } = internalBinding('tcp_wrap');
const { onpskexchange } = internalBinding('symbols');

// A shared key needs no certificates.
const psk = Buffer.alloc(16, 1);
const ciphers = 'PSK';

// A server that begins to read after a delay, and prints how many bytes it has received.
function serve(onlistening) {
  const server = tls.createServer({ ciphers, pskCallback: () => psk }, (socket) => {
    let total = 0;
    socket.on('error', () => {});
    socket.on('data', (data) => server.emit('received', total += data.length));
    socket.pause();
    setTimeout(() => socket.resume(), 100);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1', () => onlistening(server));
}

// destroySSL does not cancel writes that the socket has accepted. Their memory stays valid,
// although the connection is collected. (Without the library's TLSSocket, which would close the
// socket.)
serve((server) => {
  const size = 2e7;
  const context = tls.createSecureContext({ ciphers }).context;
  const raw = net.connect(server.address().port, '127.0.0.1', () => {
    let connection = wrap(raw._handle, context, false);
    connection.enablePskCallback();
    connection[onpskexchange] = () => ({ psk, identity: 'x' });
    connection.onerror = assert.ifError;
    connection.onhandshakestart = () => {};
    connection.onhandshakedone = () => setImmediate(() => {
      const request = new WriteWrap();
      request.oncomplete = () => {};
      assert.strictEqual(connection.writeBuffer(request, Buffer.alloc(size)), 0);
      connection.destroySSL();
      const collected = new WeakRef(connection);
      connection = null;
      (function collect(rounds) {
        gc();
        if (collected.deref() === undefined) return;
        assert(rounds > 0, 'the connection is not collected');
        setImmediate(collect, rounds - 1);
      })(100);
    });
    connection.start();
  });
  server.on('received', (total) => {
    if (total < size) return;
    raw.destroy();
    server.close();
  });
});

// The socket's former owner is notified of its own writes, and only of them.
serve((server) => {
  const raw = net.connect(server.address().port, '127.0.0.1', () => {
    const socket = tls.connect({
      socket: raw, ciphers, pskCallback: () => ({ psk, identity: 'x' }), checkServerIdentity() {},
    });
    socket.on('error', () => {});
    socket.on('secureConnect', () => setImmediate(() => {
      let mine = 0, others = 0;
      socket.write(Buffer.alloc(2e7), () => mine++);
      const request = new WriteWrap();
      request.oncomplete = () => {
        others++;
        socket.destroy();
        server.close();
      };
      assert.strictEqual(raw._handle.writeBuffer(request, Buffer.alloc(10)), 0);
      assert.strictEqual(streamBaseState[kLastWriteWasAsync], 1);
      process.on('exit', () => assert.deepStrictEqual([mine, others], [1, 1]));
    }));
  });
});

// TLS over TLS over a stream that does not exist.
{
  const context = tls.createSecureContext().context;
  const bottom = new TCP(0);
  const inner = wrap(bottom, context, false);
  const outer = wrap(inner, context, false);
  outer.start();
  outer.destroySSL();
  inner.destroySSL();
  bottom.close();
  gc();
}
