// when: library internal/fs/streams ReadStream
// when: library internal/fs/streams WriteStream
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pipeline } = require('node:stream');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'usual-'));
const file = path.join(folder, 'a.txt');
fs.writeFileSync(file, 'text\n'.repeat(50000));
fs.createReadStream(file, 'utf8').on('data', () => {}).on('end', () => {
  fs.createReadStream(file).pipe(fs.createWriteStream(`${file}2`)).on('finish', () => {
    pipeline(fs.createReadStream(file), fs.createWriteStream(`${file}3`), async () => {
      for await (const chunk of fs.createReadStream(file)) chunk.length;
      fs.rmSync(folder, { recursive: true });
    });
  });
});
