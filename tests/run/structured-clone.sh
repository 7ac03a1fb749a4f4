. "$(dirname "$0")/../build/common.sh"
# structuredClone and MessageChannel: what is copied, what is transferred, what is rejected.
file main.js <<'JS'
const original = {
  date: new Date(0), map: new Map([['k', new Set([1n])]]), pattern: /a+/gi,
  bytes: new Uint16Array([1, 2]), nested: { error: new RangeError('far', { cause: 'c' }) },
  [Symbol('s')]: 1, blob: new Blob(['text']),
};
original.self = original;
const copy = structuredClone(original);
console.log(copy.self === copy, copy.date.toISOString(), copy.map, copy.pattern, copy.bytes);
console.log(copy.nested.error instanceof RangeError, copy.nested.error.message, copy.nested.error.cause);
console.log(Object.getOwnPropertySymbols(copy).length, copy.blob.size);
class Point { x = 1; get double() { return 2; } }
console.log(structuredClone(new Point()).constructor === Object, structuredClone([, 1]).length);

const buffer = new ArrayBuffer(8);
const view = new Uint8Array(buffer).fill(3);
const moved = structuredClone(view, { transfer: [buffer] });
console.log(buffer.byteLength, view.length, moved.length, moved[7]);
for (const bad of [() => {}, Symbol('s'), { deep: [() => {}] }])
  try { structuredClone(bad); } catch (error) { console.log(error.name, error.code); }
try { structuredClone(1, { transfer: [buffer] }); } catch (error) { console.log(error.name); }

const { port1, port2 } = new MessageChannel();
port2.on('message', (message) => {
  if (message === 'end') return port2.close();
  message.port.postMessage(message.text.toUpperCase());
});
const reply = new MessageChannel();
reply.port1.on('message', (text) => { console.log(text); reply.port1.close(); port1.postMessage('end'); });
port2.on('close', () => console.log('closed'));
port1.postMessage({ text: 'sent', port: reply.port2 }, [reply.port2]);
JS
build main.js
expect <<'OUT'
true 1970-01-01T00:00:00.000Z Map(1) { 'k' => Set(1) { 1n } } /a+/gi Uint16Array(2) [ 1, 2 ]
true far c
0 4
true 2
0 0 8 3
DataCloneError 25
DataCloneError 25
DataCloneError 25
DataCloneError
SENT
closed
OUT
