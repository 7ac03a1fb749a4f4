// Runs one workload and prints how long it took: measure(name, rounds, work). The first
// rounds warm up and do not count. `work` returns a checksum, which has to be the same each
// round and in every runtime, so none can win by leaving work out.
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
