'use strict';
// Runs the `openssl` command and compares results. Every comparison has a name; the program fails
// at its end if one of them differed, or if there was none.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

let compared = 0;
let different = 0;

// Returns the output of the command for `input` on its standard input. Throws an Error with the
// reason if it fails.
function openssl(args, input = '') {
  const { status, stdout, stderr, error } =
      spawnSync('openssl', args, { input, maxBuffer: 1 << 26 });
  if (error) throw error;
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

// Returns the path of a new file with these contents.
let folder;
let files = 0;
function file(contents) {
  folder ??= fs.mkdtempSync(path.join(os.tmpdir(), 'kiln-crypto-'));
  const name = path.join(folder, `${files++}`);
  fs.writeFileSync(name, contents);
  return name;
}

const text = (value) =>
  (ArrayBuffer.isView(value) || value instanceof ArrayBuffer ?
    Buffer.from(value).toString('hex') : String(value));

function same(what, ours, theirs) {
  compared++;
  if (text(ours) === text(theirs)) return;
  different++;
  console.error(`${what}: ${text(ours).slice(0, 200)} is not ${text(theirs).slice(0, 200)}`);
}

// Bytes that look random and are the same in every run.
function bytes(size, seed = 1) {
  const out = Buffer.alloc(size);
  for (let i = 0, state = seed * 2654435761 >>> 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

process.on('exit', (code) => {
  if (folder) fs.rmSync(folder, { recursive: true });
  if (code !== 0) return;
  console.log(`${compared} comparisons, ${different} differences`);
  if (different > 0 || compared === 0) process.exitCode = 1;
});

module.exports = { openssl, file, same, bytes };
