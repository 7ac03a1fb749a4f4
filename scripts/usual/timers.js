// when: library timers setTimeout
// when: library timers setInterval
// when: library timers setImmediate
const wait = require('node:timers/promises');

setImmediate(() => {});
clearImmediate(setImmediate(() => {}));
const first = setTimeout(() => {}, 1);
first.unref();
first.ref();
clearTimeout(setTimeout(() => {}, 10, 1, 2));
const interval = setInterval(() => clearInterval(interval), 1);
setTimeout(() => first.refresh(), 5);
(async () => {
  await wait.setTimeout(2);
  await new Promise((resolve) => setTimeout(resolve, 2));
})();
