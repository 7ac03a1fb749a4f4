// terminate() ends a thread in each of these states, with code 1, and nothing of it is left.
'use strict';
const assert = require('assert');
const fs = require('fs');
const { once } = require('events');
const { Worker } = require('worker_threads');

const states = {
  'a loop': 'for (;;);',
  'Atomics.wait': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
  'microtasks': '(async () => { for (;;) await 0; })();',
  'a regular expression': '/(a+)+b/.test("a".repeat(60));',
  'a timer': 'setInterval(() => {}, 1);',
  'a server with a client': `
    const net = require('net');
    const server = net.createServer((c) => c.pipe(c)).listen(0, '127.0.0.1', () => {
      const c = net.connect(server.address().port, '127.0.0.1');
      c.write('x');
      c.on('data', (d) => c.write(d));
    });`,
  'reading files': `
    const fs = require('fs');
    const read = () => fs.readFile(process.execPath, read);
    read(); fs.openSync(process.execPath);`,
  'the thread pool': `
    for (let i = 0; i < 8; i++) require('crypto').pbkdf2('a', 'b', 20000, 64, 'sha512', () => {});`,
  'a DNS query': `
    const socket = require('dgram').createSocket('udp4').bind(0, '127.0.0.1', () => {
      const resolver = new (require('dns').Resolver)();
      resolver.setServers(['127.0.0.1:' + socket.address().port]);  // never answers
      resolver.resolve4('example.invalid', () => {});
    });`,
  'workers of its own': `
    const { Worker } = require('worker_threads');
    new Worker('for (;;);', { eval: true });
    new Worker('setInterval(() => {}, 10);', { eval: true });
    setInterval(() => {}, 10);`,
  'ports': `
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (e) => port1.postMessage(e.data);
    port2.onmessage = (e) => port2.postMessage(e.data);
    port1.postMessage(1);`,
  'a CPU profile': 'require("v8").startCpuProfile(); for (;;);',
};
const descriptors = () => fs.readdirSync('/proc/self/fd').length;
// V8 starts its own when it first has work for them.
const threads = () => fs.readdirSync('/proc/self/task').filter(
  (id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8') !== 'kiln-v8\n').length;

(async () => {
  const rounds = async () => {
    for (const [name, code] of Object.entries(states)) {
      const up = 'require("worker_threads").parentPort.postMessage(0);';
      const worker = new Worker(`${up} ${code}`, { eval: true });
      await once(worker, 'message');
      await new Promise((resolve) => setTimeout(resolve, 10));  // it is in the state by then
      assert.strictEqual(await worker.terminate(), 1, name);
      assert.strictEqual(worker.threadId, -1, name);
    }
  };
  await fs.promises.stat('/');  // starts the threads of the pool
  await rounds();
  const before = [descriptors(), threads()];
  await rounds();
  await rounds();
  assert.deepStrictEqual([descriptors(), threads()], before);
})();
