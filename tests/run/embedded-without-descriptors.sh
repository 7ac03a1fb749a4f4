. "$(dirname "$0")/../modules/common.sh"
# Reading embedded files makes no system calls of the file system and no descriptors; a descriptor is
# made for code that asks for one.
files <<'SRC'
-- main.js --
const fs = require('fs'), os = require('os'), path = require('path');
const at = (name) => path.join(__dirname, 'data', name);
let sections = [];
const section = async (name, work) => {
  try { os.getPriority(2000000000 + sections.push(name)); } catch { /* there is no such process */ }
  await work();
};
const all = async (stream) => { let size = 0; for await (const piece of stream) size += piece.length; return size; };
const expect = (value, wanted) => { if (value !== wanted) throw new Error(`${value} is not ${wanted}`); };
(async () => {
  // What is loaded or created at first use does not count.
  await fs.promises.readFile(at('small.txt'));
  await all(fs.createReadStream(at('small.txt')));
  await import(at('first.json'), { with: { type: 'json' } });
  require(at('second.json'));
  const sizes = { 'small.txt': 6, 'big.txt': 1288895, 'bytes.bin': 256 };
  for (const [name, size] of Object.entries(sizes)) {
    const file = at(name);
    await section('readFileSync', () => expect(fs.readFileSync(file).length, size));
    await section('readFileSync utf8', () => expect(fs.readFileSync(file, 'utf8').length, size));
    await section('readFileSync latin1', () => expect(fs.readFileSync(file, 'latin1').length, size));
    await section('readFile', () => new Promise((done) => fs.readFile(file, (e, data) => done(expect(data.length, size)))));
    await section('promises.readFile', async () => expect((await fs.promises.readFile(file)).length, size));
    await section('createReadStream', async () => expect(await all(fs.createReadStream(file)), size));
    await section('part of a stream', async () => expect(await all(fs.createReadStream(file, { start: 1, end: 3 })), 3));
    await section('statSync', () => expect(fs.statSync(file).size, size));
    await section('stat', async () => expect((await fs.promises.lstat(file)).size, size));
    await section('existsSync', () => expect(fs.existsSync(file) && !fs.existsSync(file + 'x'), true));
    await section('access', () => fs.promises.access(file, fs.constants.R_OK));
    await section('realpathSync', () => expect(fs.realpathSync(file), file));
  }
  await section('readFileSync of a module', () => expect(fs.readFileSync(require.resolve('./module.js'), 'utf8'), "exports.name = 'mödule';\n"));
  await section('readdirSync', () => expect(fs.readdirSync(at('.')).length, 8));
  await section('readdir', async () => expect((await fs.promises.readdir(at('.'), { withFileTypes: true })).length, 8));
  await section('opendir', async () => { let n = 0; for await (const item of await fs.promises.opendir(at('.'))) n++; expect(n, 8); });
  await section('require of bundled JSON', () => expect(require('./data/bundled.json').n, 3));
  await section('require of JSON', () => expect(require(at('third.json')).n, 5));
  await section('import of JSON', async () => expect((await import(at('fourth.json'), { with: { type: 'json' } })).default.n, 6));
  await section('no such file', () => { try { fs.readFileSync(at('none')); expect(1, 2); } catch (e) { expect(e.code, 'ENOENT'); } });
  const count = sections.length;
  await section('fs.open', () => { const fd = fs.openSync(at('small.txt')); expect(fs.readSync(fd, Buffer.alloc(9)), 6); fs.closeSync(fd); });
  await section('stream.fd', async () => { const stream = fs.createReadStream(at('small.txt')); stream.on('open', (fd) => expect(fs.fstatSync(fd).size, 6)); await all(stream); });
  await section('end', () => {});
  console.log(count, sections.join());
})();
-- data/small.txt --
small
-- data/bundled.json --
{ "n": 3 }
-- data/first.json --
{ "n": 1 }
-- module.js --
exports.name = 'mödule';
SRC
seq 1 200000 >src/data/big.txt
python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(128)) * 2)' >src/data/bytes.bin
echo '{ "n": 4 }' >src/data/second.json
sed -i "s/^let sections/require('.\/module.js');\n&/" src/main.js
echo '{ "n": 5 }' >src/data/third.json
echo '{ "n": 6 }' >src/data/fourth.json
"$KILN" build src/main.js -o app "${flags[@]}" --asset 'src/data/**' >log 2>&1 || { cat log >&2; exit 1; }
mv src hidden
status=0
evidence=(output calls)
# LeakSanitizer cannot look for leaks of a program that is traced.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 timeout 60 "$KILN_SYSTEM_CALLS" "$scratch/app" >output 2>calls || status=$?
((status != 77)) || { cat calls >&2; exit 77; }
same status 0 "$status"
read -r count names <output
IFS=, read -ra names <<<"$names"
same "sections" $((count + 3)) "$(wc -l <calls)"
for ((i = 1; i <= count; i++)); do
  same "system calls of ${names[i - 1]}" "$i: none" "$(grep "^$i: " calls)"
done
for i in $((count + 1)) $((count + 2)); do
  [[ $(grep "^$i: " calls) == *memfd_create* ]] || { echo "${names[i - 1]} has no descriptor: $(grep "^$i: " calls)" >&2; exit 1; }
done
