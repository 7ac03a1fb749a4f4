// Flags: --expose-internals
'use strict';
// The JavaScript side of every target. A target is a module in this folder, with
//
//   feed(choices, bytes)  processes one input. `choices` are decisions of the fuzzer, from the
//                         input's first bytes; `bytes` are the rest. It may return a function,
//                         which is called with false (end as peers do) and then with true (release
//                         everything).
//   seeds()               yields the initial inputs, each [choices, bytes] or a promise of that
//   words                 texts that the fuzzer may insert, as Latin-1
//
//   fuzz-NAME …                           the fuzzer calls feed() and settle() (harness.cc)
//   node --expose-internals harness.js NAME FOLDER    writes the seeds, a file each,
//                                                     and the dictionary FOLDER.dict
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const kChoices = 24;

// Numbers below a limit and members of lists, chosen by the fuzzer's bytes. When all bytes are
// used, it begins with the first again.
class Choices {
  #bytes;
  #at = 0;
  constructor(bytes) { this.#bytes = bytes; }
  below(limit) {
    if (this.#bytes.length === 0) return 0;
    const value = this.#bytes[this.#at++ % this.#bytes.length];
    return limit > 256 ? Math.floor(value / 256 * limit) : value % limit;
  }
  once(outOf) { return this.below(outOf) === 1; }
  of(list) { return list[this.below(list.length)]; }
}

// Errors of the API are the correct reaction to a hostile input. A mistake in a script ends the
// run; errors that the library does not throw on purpose, such as its own assertions, are printed
// to the log (Node has some, too).
const reported = new Set();
function judge(error) {
  const stack = error?.stack;
  if (typeof stack !== 'string' || reported.has(stack)) return;
  const unmeant = error.code === 'ERR_INTERNAL_ASSERTION' ||
                  (error instanceof TypeError && error.code === undefined);
  if (error instanceof ReferenceError) {
    console.error(stack);
    process.reallyExit(70);
  } else if (unmeant && reported.size < 100) {
    reported.add(stack);
    console.error(`note: ${stack}`);
  }
}
function attempt(call) {
  try { return call(); } catch (error) { judge(error); }
}
module.exports = { attempt, collect: () => globalThis.gc?.() };

process.on('uncaughtException', judge);
process.on('unhandledRejection', judge);
process.removeAllListeners('warning');  // hostile input causes many

const target = require(`./${process.argv[2]}.js`);

async function writeSeeds(folder) {
  fs.mkdirSync(folder, { recursive: true });
  for (const seed of target.seeds()) {
    const [choices, bytes] = await seed;
    const head = Buffer.alloc(kChoices);
    head.set(choices.slice(0, kChoices));
    const input = Buffer.concat([head, Buffer.from(bytes)]);
    fs.writeFileSync(path.join(folder, createHash('sha1').update(input).digest('hex')), input);
  }
  const escape = (word) => Buffer.from(word, 'latin1').toString('hex').replace(/../g, '\\x$&');
  fs.writeFileSync(`${folder}.dict`, target.words.map((word) => `"${escape(word)}"\n`).join(''));
  process.exit();
}
if (process.argv[3]) writeSeeds(process.argv[3]);

let end;
globalThis.feed = (input) => {
  end = undefined;
  end = attempt(() => target.feed(new Choices(input.subarray(0, kChoices)), input.subarray(kChoices)));
};
globalThis.settle = (last) => {
  if (typeof end === 'function') attempt(() => end(last));
};
