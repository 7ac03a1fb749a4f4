. "$(dirname "$0")/../modules/common.sh"
# When callbacks of TLS writes, their ticks and their microtasks run: compared with node.
file src/main.js <<'JS'
const tls = require('node:tls');
const { AsyncLocalStorage, executionAsyncId, triggerAsyncId, createHook } = require('node:async_hooks');
const psk = Buffer.alloc(16, 1);
const log = [];
const say = (word) => log.push(word);
const storage = new AsyncLocalStorage();
const sides = [];
const server = tls.createServer({ ciphers: 'PSK', pskCallback: () => psk }, (socket) => {
  socket.on('error', () => {});
  socket.resume();
});
server.on('tlsClientError', () => {});
const connect = () => new Promise((done) => {
  const socket = tls.connect({
    port: server.address().port, host: '127.0.0.1', ciphers: 'PSK',
    pskCallback: () => ({ psk, identity: 'x' }), checkServerIdentity() {},
  }, () => done(socket));
  socket.on('error', (error) => say(`error event: ${error.message}`));
});
const later = (ms) => new Promise((done) => setTimeout(done, ms));
const callback = (name, socket, also) => (error) => {
  say(`${name}: ${error ? `${error.code} ${error.message}` : 'written'}, store ${storage.getStore()}, ` +
      `pending ${socket.writableLength}, bytes ${socket.bytesWritten}`);
  process.nextTick(() => say(`${name}: tick, store ${storage.getStore()}`));
  queueMicrotask(() => say(`${name}: microtask, store ${storage.getStore()}`));
  if (also) also();
};
process.on('uncaughtException', (error) => say(`uncaught: ${error.message}, store ${storage.getStore()}`));

server.listen(0, '127.0.0.1', async () => {
  const [a, b, c, d] = [await connect(), await connect(), await connect(), await connect()];
  await later(50);
  // Several connections in one turn, among other work of the check phase.
  setImmediate(() => say('immediate before'));
  storage.run('A', () => a.write('one', callback('a', a)));
  say(`a after write: ${a.writableLength} ${a._handle.bytesWritten > 0}`);
  b.write('two', callback('b', b));
  setImmediate(() => say('immediate between'));
  storage.run('C', () => c.write(Buffer.from('three'), callback('c', c)));
  process.nextTick(() => say('tick after writes'));
  Promise.resolve().then(() => say('microtask after writes'));
  await later(50);
  say('-- several at once, corked');
  a.cork(); a.write('x'); a.write('é', callback('a2', a)); a.uncork();
  a.write('behind', callback('a3', a));
  await later(50);
  say('-- an exception');
  a.write('1', callback('throws', a, () => { throw new Error('from a'); }));
  storage.run('B', () => b.write('2', callback('after', b)));
  c.write('3', callback('tick throws', c, () => process.nextTick(() => { throw new Error('tick'); })));
  d.write('4', callback('last', d));
  await later(50);
  say('-- ids');
  let ids;
  a.write('ids', () => { ids = [executionAsyncId() > 0, triggerAsyncId() === a._handle.getAsyncId()]; });
  await later(50);
  say(`${ids}`);
  say('-- destroyed at once');
  storage.run('D', () => d.write('gone', callback('d', d)));
  d.destroy();
  say('after destroy');
  await later(50);
  say('-- destroyed by the callback of another');
  a.write('1', callback('a4', a, () => c.destroy()));
  c.write('2', callback('c4', c));
  await later(50);
  say('-- written again by the callback, and ended');
  a.write('1', callback('a5', a, () => {
    a.write('2', callback('a6', a));
    a.end('3', callback('a7', a));
  }));
  a.on('finish', () => say('finish'));
  await later(50);
  say('-- hooks');
  const events = new Map();
  const hook = createHook({
    init(id, type) { if (type === 'WRITEWRAP') { events.set(id, ['init']); } },
    before(id) { events.get(id)?.push('before'); },
    after(id) { events.get(id)?.push('after'); },
    destroy(id) { events.get(id)?.push('destroy'); },
  }).enable();
  b.write('hooked', callback('b2', b));
  await later(50);
  hook.disable();
  say([...events.values()].join(' '));
  b.write('a'.repeat(3e5), callback('large', b));
  await later(200);
  b.destroy();
  server.close();
  await later(20);
  console.log(log.join('\n'));
  process.exit();
});
JS
build src/main.js
same "the order of TLS writes" "$("$KILN_NODE" src/main.js)" "$(run)"
