. "$(dirname "$0")/../build/common.sh"
# The files inside the executable, through all of fs: readable like other files, never writable.
file main.js <<'JS'
const fs = require('fs'), path = require('path');
const at = (name) => path.join(__dirname, 'data', name);
const code = (work) => { try { return work(); } catch (error) { return error.code; } };
async function main() {
  console.log(fs.readFileSync(at('a.txt'), 'utf8'), fs.statSync(at('a.txt')).size);
  console.log(fs.readdirSync(at('.'), { recursive: true }).sort().join());
  const fd = fs.openSync(at('a.txt'));
  const bytes = Buffer.alloc(3);
  console.log(fs.readSync(fd, bytes, 0, 3, 2), bytes.toString());
  fs.closeSync(fd);
  console.log(await fs.promises.readFile(at('deep/b.json'), 'utf8'));
  let streamed = '';
  for await (const piece of fs.createReadStream(at('a.txt'), { start: 1, end: 4 })) streamed += piece;
  console.log(streamed);
  fs.copyFileSync(at('a.txt'), 'copy.txt');
  console.log(fs.readFileSync('copy.txt', 'utf8'), fs.existsSync(at('none')));
  console.log(code(() => fs.readFileSync(at('none'))), code(() => fs.readFileSync(at('deep'))),
              code(() => fs.readdirSync(at('a.txt'))));
  console.log(code(() => fs.writeFileSync(at('a.txt'), 'x')), code(() => fs.unlinkSync(at('a.txt'))),
              code(() => fs.mkdirSync(at('new'))));
  console.log(fs.readFileSync(at('a.txt'), 'utf8'));
  const time = (name) => fs.statSync(name).mtimeMs, old = time(at('a.txt'));
  fs.cpSync(at('.'), 'copies', { recursive: true, preserveTimestamps: true });
  console.log(time('copies/a.txt') === old, time('copies/deep/b.json') === old);
  fs.cpSync(at('a.txt'), 'copy.txt', { preserveTimestamps: true });
  fs.cpSync(at('deep'), 'now', { recursive: true });
  console.log(time('copy.txt') === old, time('now/b.json') === old);
  // What is wrong with the arguments is reported before the file system is.
  console.log(code(() => fs.cpSync(at('deep'), at('deep'), { recursive: true })),
              code(() => fs.cpSync('copies', at('a.txt'), { recursive: true })),
              code(() => fs.cpSync('copy.txt', at('deep'))), code(() => fs.cpSync('none', at('new'))),
              code(() => fs.cpSync('copies', at('new'))), code(() => fs.cpSync('copy.txt', at('new'))));
}
main();
JS
file data/a.txt < <(printf 'some text')
file data/deep/b.json < <(printf '{"b": 1}')
build main.js --asset 'data/**'
rm -r data
expect <<'OUT'
some text 9
a.txt,deep,deep/b.json
3 me 
{"b": 1}
ome 
some text false
ENOENT EISDIR ENOTDIR
EROFS EROFS EROFS
some text
true true
true false
ERR_FS_CP_EINVAL ERR_FS_CP_DIR_TO_NON_DIR ERR_FS_CP_NON_DIR_TO_DIR ENOENT ERR_FS_EISDIR EROFS
OUT
