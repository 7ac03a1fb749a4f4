// when: library internal/fs/promises readFile
// when: library internal/fs/promises writeFile
// when: library internal/fs/promises readdir
// when: library internal/fs/promises stat
// when: library internal/fs/promises access
// when: library internal/fs/promises mkdir
// when: library internal/fs/promises open
const fs = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');

(async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'usual-'));
  const file = path.join(folder, 'a.txt');
  await fs.writeFile(file, 'text');
  await fs.readFile(file);
  await fs.readFile(file, 'utf8');
  await fs.readFile(file, { encoding: 'utf8' });
  await fs.access(file);
  (await fs.stat(file)).isFile();
  (await fs.lstat(file)).isDirectory();
  await fs.stat(`${file}none`).catch((error) => error.code);
  await fs.readFile(`${file}none`).catch((error) => error.message);
  await fs.mkdir(path.join(folder, 'b/c'), { recursive: true });
  (await fs.readdir(folder, { withFileTypes: true })).map((entry) => entry.isDirectory());
  await fs.readdir(folder);
  await fs.realpath(file);
  await fs.copyFile(file, `${file}2`);
  await fs.rename(`${file}2`, `${file}3`);
  await fs.unlink(`${file}3`);
  const handle = await fs.open(file);
  await handle.read(Buffer.alloc(4), 0, 4, 0);
  await handle.close();
  await fs.rm(folder, { recursive: true, force: true });
})();
