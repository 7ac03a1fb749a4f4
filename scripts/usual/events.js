// when: library events once
// when: library internal/event_target addEventListener
// when: library internal/abort_controller AbortController
const { EventEmitter, once, on } = require('node:events');

(async () => {
  const emitter = new EventEmitter();
  emitter.once('a', () => {});
  emitter.on('a', () => {});
  emitter.prependListener('a', () => {});
  emitter.emit('a', 1, 2, 3, 4);
  const waits = once(emitter, 'b');
  emitter.emit('b', 1);
  await waits;
  emitter.removeAllListeners();
  const target = new EventTarget();
  target.addEventListener('a', () => {}, { once: true });
  target.dispatchEvent(new Event('a'));
  const controller = new AbortController();
  controller.signal.addEventListener('abort', () => {});
  setImmediate(() => controller.abort());
  await once(emitter, 'c', { signal: controller.signal }).catch((error) => error.name);
  AbortSignal.any([controller.signal]).aborted;
  AbortSignal.timeout(1).onabort = () => {};
})();
