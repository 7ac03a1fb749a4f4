// Getters of a message that transfer or close an object that the message itself transfers.
'use strict';
const assert = require('assert');
const fs = require('fs');
const { MessageChannel } = require('worker_threads');
const { internalBinding } = require('internal/test/binding');

const refused = { name: 'DataCloneError' };
const takes = (object) => ({ get x() { structuredClone(null, { transfer: [object] }); return 1; } });

const channel = new MessageChannel();
{
  const { port1, port2 } = new MessageChannel();
  assert.throws(() => channel.port1.postMessage(takes(port1), [port1]), refused);
  assert.throws(() => structuredClone(takes(port2), { transfer: [port2] }), refused);
}
{
  const buffer = new ArrayBuffer(8);
  assert.throws(() => channel.port1.postMessage(takes(buffer), [buffer]), refused);
  const other = new ArrayBuffer(8);
  const value = { view: new Uint8Array(other), ...{ after: takes(other) } };
  assert.throws(() => structuredClone(value, { transfer: [other] }), refused);
}
(async () => {
  const handle = await fs.promises.open(__filename);
  assert.throws(() => structuredClone(takes(handle), { transfer: [handle] }), refused);
  const closed = await fs.promises.open(__filename);
  let closing;
  const closes = { get x() { closing = closed.close(); return 1; } };
  assert.throws(() => structuredClone(closes, { transfer: [closed] }), refused);
  await closing;
  channel.port1.close();
})();

// A function that must be called only once.
const { setSerializeCallback } = internalBinding('mksnapshot');
setSerializeCallback(() => {});
assert.throws(() => setSerializeCallback(() => {}), { code: 'ERR_INVALID_STATE' });
