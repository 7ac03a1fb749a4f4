. "$(dirname "$0")/common.sh"
# Node's loader loads a file for an app that has changed the iterators of arrays: it must not use them.
files <<'APP'
-- main.mjs --
import fs from 'node:fs';
import os from 'node:os';
const folder = fs.mkdtempSync(`${os.tmpdir()}/modules-`);
fs.writeFileSync(`${folder}/a.mjs`, 'export default 5');
fs.writeFileSync(`${folder}/b.cjs`, 'module.exports = 6');
const prototype = Object.getPrototypeOf([][Symbol.iterator]());
const { next } = prototype, iterate = Array.prototype[Symbol.iterator];
delete prototype.next;
delete Array.prototype[Symbol.iterator];
let text;
try {
  text = `${(await import(`${folder}/a.mjs`)).default} ${(await import(`${folder}/b.cjs`)).default}`;
} catch (error) {
  text = error.stack;
}
prototype.next = next;
Array.prototype[Symbol.iterator] = iterate;
console.log(text);
fs.rmSync(folder, { recursive: true });
APP
as_node 'a loader without iterators' main.mjs --external '/*'
report_differences
