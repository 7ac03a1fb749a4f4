// Runs one workload and prints how long it took: measure(name, rounds, work). The first
// rounds warm up the compiler and do not count. `work` returns a checksum, which must be the same
// in each round and every runtime, so that none can be faster by omitting work.
'use strict';

module.exports = function measure(name, rounds, work) {
  const check = work();
  for (let i = 0; i < rounds / 4; i++) work();
  const start = performance.now();
  for (let i = 0; i < rounds; i++) {
    const now = work();
    if (now !== check) throw new Error(`${name}: checksum ${now} after ${check}`);
  }
  const ms = performance.now() - start;
  console.log(JSON.stringify({ name, ms: Math.round(ms * 10) / 10, check }));
};
