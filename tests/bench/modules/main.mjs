// What modules cost once they run: calling an imported function, reading imported variables, and
// require() and import() of a module that is loaded. Prints nanoseconds of processor time of each, the least of some
// rounds, and a checksum of the results. `./dev bench modules` runs it.
import { add, counter, set, three } from './library.mjs';
import * as library from './library.mjs';
import loops from './loops.cjs';

const kRounds = 5;

// Each loop is a function of its own, so that the types of one do not affect another.
const work = {
  'call an imported function': [1e8, (n) => { let x = 0; for (let i = 0; i < n; i++) x = add(x); return x; }],
  'read an imported let': [1e8, (n) => { let x = 0; for (let i = 0; i < n; i++) x = (x + counter) | 0; return x; }],
  'read an imported const': [1e8, (n) => { let x = 0; for (let i = 0; i < n; i++) x = (x + three) | 0; return x; }],
  'read a let of a namespace': [1e8, (n) => { let x = 0; for (let i = 0; i < n; i++) x = (x + library.counter) | 0; return x; }],
  'require() of a loaded module': [1e6, loops.requireOften],
  'import() of a loaded module': [1e5, async (n) => {
    let x = 0;
    for (let i = 0; i < n; i++) x += (await import('./library.mjs')).counter;
    return x;
  }],
};

set(2);
const result = {};
let check = 0;
for (const [name, [times, loop]] of Object.entries(work)) {
  await loop(times / 1000);
  await loop(times / 100);
  let least = Infinity;
  for (let round = 0; round < kRounds; round++) {
    const start = process.threadCpuUsage();
    check = (check + await loop(times)) | 0;
    const { user, system } = process.threadCpuUsage(start);
    least = Math.min(least, user + system);
  }
  result[name] = least * 1e3 / times;
}
console.log(JSON.stringify({ result, check }));
