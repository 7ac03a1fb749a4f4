// when: library fs readFileSync
// when: library fs readdirSync
// when: library fs writeFileSync
// when: library fs statSync
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'usual-'));
const file = path.join(folder, 'a.txt');
fs.writeFileSync(file, 'text');
fs.writeFileSync(file, Buffer.from('text'), { mode: 0o644 });
fs.mkdirSync(path.join(folder, 'b/c'), { recursive: true });
fs.existsSync(file);
fs.statSync(file).isFile();
fs.lstatSync(file).isDirectory();
fs.statSync(path.join(folder, 'none'), { throwIfNoEntry: false });
fs.accessSync(file, fs.constants.R_OK);
fs.readFileSync(file);
fs.readFileSync(file, 'utf8');
fs.realpathSync(file);
fs.readdirSync(folder);
fs.readdirSync(folder, { withFileTypes: true }).map((entry) => entry.isDirectory());
const fd = fs.openSync(file, 'r');
fs.readSync(fd, Buffer.alloc(4), 0, 4, 0);
fs.closeSync(fd);
fs.copyFileSync(file, `${file}2`);
fs.renameSync(`${file}2`, `${file}3`);
fs.unlinkSync(`${file}3`);
try {
  fs.readFileSync(path.join(folder, 'none'));
} catch (error) {
  console.log(error.code);
}
fs.rmSync(folder, { recursive: true, force: true });
