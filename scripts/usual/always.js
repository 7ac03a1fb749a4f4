// Prints, waits and ends, with a baked module.
require('./required.js');
console.log('text');
console.error('text %s %d', 'a', 1);
process.stdout.write('text\n', () => {});
process.nextTick(() => {});
queueMicrotask(() => {});
Promise.resolve(1).then(() => {});
(async () => {
  await null;
  console.log(`${'a long text '.repeat(400)}`);
})();
