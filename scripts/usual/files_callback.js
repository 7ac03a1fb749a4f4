// when: library fs readFile
// when: library fs stat
// when: library fs readdir
// when: library fs writeFile
// when: library fs access
// when: library fs mkdir
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

fs.mkdtemp(path.join(os.tmpdir(), 'usual-'), (_, folder) => {
  const file = path.join(folder, 'a.txt');
  fs.writeFile(file, 'text', () => fs.stat(file, () => fs.readFile(file, 'utf8', () => fs.readFile(file, () => {
    fs.lstat(file, () => fs.access(file, () => fs.mkdir(path.join(folder, 'b'), { recursive: true }, () => {
      fs.readdir(folder, { withFileTypes: true }, () => fs.realpath(file, () => fs.stat(`${file}none`, () => {
        fs.open(file, (__, fd) => fs.read(fd, Buffer.alloc(4), 0, 4, 0, () => fs.close(fd, () => {
          fs.unlink(file, () => fs.rm(folder, { recursive: true }, () => {}));
        })));
      })));
    })));
  }))));
});
