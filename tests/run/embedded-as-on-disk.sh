. "$(dirname "$0")/../modules/common.sh"
# fs on embedded files and on the app's own modules is what it is on disk for node: listings, modes, watchers,
# paths of all forms, programs that are started. (Writing is in embedded-files.sh: it always fails.)
files <<'SRC'
-- main.js --
const fs = require('fs'), path = require('path'), { pathToFileURL } = require('url'), cp = require('child_process');
require('./typed.ts');
require('./lib/inner.js');
const at = (...names) => path.join(__dirname, 'tpl', ...names);
const here = (text) => String(text).replaceAll(__dirname, '/HERE').replaceAll(path.relative('/', __dirname), 'HERE');
const show = (label, value) => console.log(label, here(typeof value === 'string' ? value : JSON.stringify(value)));
const t = async (label, work) => {
  try { show(label, await work() ?? 'undefined'); } catch (e) { show(label, [e.code ?? e.name, e.syscall, e.message.replace(/'[^']*'/g, '..')].join(' ')); }
};
const all = async (it) => { const list = []; for await (const x of it) list.push(x); return list; };
const mode = (s) => (s.mode & 0o777).toString(8);
const run = (file, args = [], options = {}) => new Promise((done) => cp.execFile(file, args, { timeout: 9000, ...options }, (e, out, err) => done(e ? [e.code, e.syscall, e.killed] : out + err)).stdin?.end());
(async () => {
  // Listings.
  const list = (d, o) => fs.readdirSync(d, o).sort();
  await t('recursive', () => list(at(), { recursive: true }));
  await t('promise', async () => (await fs.promises.readdir(at(), { recursive: true })).sort());
  await t('dirents', () => fs.readdirSync(at(), { withFileTypes: true }).map((d) => d.name + d.isFile() + d.isDirectory() + here(d.parentPath)).sort());
  await t('opendir', async () => (await all(await fs.promises.opendir(at(), { recursive: true }))).map((d) => here(path.join(d.parentPath, d.name))).sort());
  await t('glob', async () => (await all(fs.promises.glob('**/*', { cwd: at() }))).sort());
  await t('globSync', () => fs.globSync(at('**', '*.js')).map(here).sort());
  await t('glob dots', () => fs.globSync('{.*,.*/**}', { cwd: at() }).sort());
  await t('dirname', () => list(__dirname));
  await t('lib', () => list(path.join(__dirname, 'lib')));
  await t('above', () => { let at = __dirname, names = []; do { names.push(fs.readdirSync(path.dirname(at)).includes(path.basename(at))); at = path.dirname(at); } while (at !== '/'); return names.every(Boolean); });
  await t('root', () => [fs.readdirSync('/').includes(__dirname.split('/')[1]), fs.opendirSync('/').closeSync() === undefined, fs.readdirSync('/', { withFileTypes: true }).find((d) => d.name === __dirname.split('/')[1]).isDirectory()]);
  await t('root dir', () => { const d = fs.opendirSync('//'), names = []; for (let e; (e = d.readSync());) names.push(e.name); d.closeSync(); return names.filter((n) => n === __dirname.split('/')[1]).length; });
  await t('link folder', () => [list(path.join(__dirname, 'links', 'folder')), fs.readFileSync(path.join(__dirname, 'links', 'folder', 'x.txt'), 'utf8'), fs.readFileSync(path.join(__dirname, 'links', 'file'), 'utf8')]);
  // The app's own modules.
  for (const f of [__filename, process.argv[1], require.resolve('./lib/inner.js'), require.resolve('./typed.ts')])
    await t('module ' + path.basename(f), () => [fs.existsSync(f), fs.realpathSync(f) === f, fs.realpathSync.native(f) === f, fs.lstatSync(f).isFile(), mode(fs.statSync(f)), fs.statSync(f).size, fs.readFileSync(f, 'utf8').length]);
  await t('typed', () => [require('./typed.ts').size, fs.readFileSync(require.resolve('./typed.ts'), 'utf8')]);
  await t('bom', () => [require('./bom.js'), fs.readFileSync(require.resolve('./bom.js')).subarray(0, 4).toString('hex'), fs.statSync(require.resolve('./bom.js')).size]);
  await t('copied', () => { fs.copyFileSync(require.resolve('./typed.ts'), 'typed.ts'); return [fs.readFileSync('typed.ts', 'utf8'), mode(fs.statSync('typed.ts'))]; });
  // Modes and access.
  for (const f of ['index.txt', 'run.sh', '.', '.github', 'sub/'])
    await t('mode ' + f, () => [mode(fs.statSync(at(f))), mode(fs.lstatSync(path.join(at(), f)))]);
  const can = (f, how) => { try { fs.accessSync(f, fs.constants[how]); return true; } catch (e) { return e.code; } };
  for (const f of ['index.txt', 'run.sh', 'sub', 'none', 'index.txt/x'])
    await t('access ' + f, () => ['F_OK', 'R_OK', 'X_OK'].map((how) => can(at(f), how)));
  await t('copy', () => { fs.copyFileSync(at('run.sh'), 'run.sh'); fs.copyFileSync(at('index.txt'), 'index.txt'); return [mode(fs.statSync('run.sh')), mode(fs.statSync('index.txt')), cp.execFileSync('./run.sh', ['copied']).toString()]; });
  await t('cp', () => { fs.cpSync(at(), 'all', { recursive: true }); return list('all', { recursive: true }).map((f) => f + mode(fs.statSync(path.join('all', f)))); });
  await t('fstat', () => { const fd = fs.openSync(at('run.sh')); const s = fs.fstatSync(fd); fs.closeSync(fd); return [s.size, mode(s), s.isFile()]; });
  await t('handle', async () => { await using h = await fs.promises.open(at('index.txt')); return [await all(h.readLines()), (await fs.promises.stat(at('index.txt'), { bigint: true })).size + '']; });
  await t('stat time', () => fs.statSync(at('index.txt')).mtime instanceof Date && fs.statSync(at('index.txt')).mtimeMs === fs.lstatSync(at('index.txt')).mtimeMs);
  await t('blob', async () => (await fs.openAsBlob(at('index.txt'))).text());
  await t('stream', async () => Buffer.concat(await all(fs.createReadStream(at('index.txt'), { start: 2, end: 5, highWaterMark: 1 }))).toString());
  await t('readlink', () => fs.readlinkSync(at('index.txt')));
  await t('exists', () => [at(), at() + '/', at('index.txt') + '/', at('sub/../index.txt'), at('none/../index.txt'), path.dirname(__dirname), at() + '//./index.txt'].map((f) => fs.existsSync(f)));
  await t('dots', () => ['/lib/../main.js', '/none/../main.js', '/main.js/../main.js', '/lib/./../lib/..', '/lib/..inner', '/lib/../none/../main.js', '/../' + path.basename(__dirname) + '/lib/'].map((f) => { try { return fs.statSync(__dirname + f).isFile(); } catch (e) { return e.code; } }));
  await t('url', () => fs.readFileSync(pathToFileURL(at('index.txt')), 'utf8') + fs.readFileSync(Buffer.from(at('index.txt'))).length);
  // Relative paths, from folders at any depth.
  for (const cwd of ['.', '/', '/usr', '/usr/share']) {
    const back = process.cwd(); process.chdir(cwd);
    const rel = path.relative(process.cwd(), at('index.txt'));
    await t('relative ' + cwd, () => [fs.readFileSync(rel, 'utf8'), fs.existsSync('./' + rel), fs.statSync(path.relative(process.cwd(), at())).isDirectory(), fs.readdirSync(path.relative(process.cwd(), at('sub'))), fs.realpathSync(rel) === at('index.txt')]);
    await t('relative promise ' + cwd, async () => [await fs.promises.readFile(rel, 'utf8'), (await all(fs.promises.glob('**/*.txt', { cwd: path.relative(process.cwd(), at()) }))).sort()]);
    process.chdir(back);
  }
  await t('parent', () => { process.chdir('/'); try { const n = __dirname.split('/')[1]; return [fs.readdirSync('.').includes(n), fs.readdirSync('./').includes(n), fs.existsSync(n), fs.existsSync('./' + n + '/'), fs.readdirSync('usr/..').includes('usr')]; } finally { process.chdir(process.env.OLD); } });
  await t('env', () => { process.loadEnvFile(at('.env')); return process.env.FROM_FILE; });
  for (const f of ['none', 'sub', 'index.txt/x', 'x'.repeat(300), 'x/'.repeat(3000)])
    await t('env ' + f.slice(0, 20), () => process.loadEnvFile(at(f)));
  await t('long', () => [fs.existsSync(at('x'.repeat(300))), fs.openSync(at('x'.repeat(300)))]);
  await t('longer', () => fs.readdirSync(at('x/'.repeat(3000))));
  await t('cp async', async () => { await fs.promises.cp(at('sub'), 'sub', { recursive: true, preserveTimestamps: true }); return list('sub', { recursive: true }); });
  await t('as stdin', () => { const fd = fs.openSync(at('index.txt')); const r = cp.spawnSync('cat', { stdio: [fd, 'pipe', 'inherit'] }); fs.closeSync(fd); return r.stdout.toString(); });
  await t('names', () => [list(at('ünï 日本')), fs.readFileSync(new URL('./tpl/%C3%BCn%C3%AF%20%E6%97%A5%E6%9C%AC/f%20%2520', pathToFileURL(__filename)), 'utf8'), fs.existsSync(at('INDEX.TXT'))]);
  await t('cwd none', () => new Promise((done) => cp.spawn('true', { cwd: at('none') }).on('error', (e) => done([e.code, e.message]))));
  // Watchers.
  const ticks = (n) => new Promise((done) => setTimeout(done, n));
  await t('watchFile', async () => { let n = 0; const w = fs.watchFile(at('index.txt'), { interval: 10 }, () => n++); await ticks(60); const kind = w.constructor.name; w.unref(); w.ref(); fs.unwatchFile(at('index.txt')); return [kind, n]; });
  await t('watchFile none', () => new Promise((done) => { fs.watchFile(at('none'), { interval: 10 }, (now, before) => { fs.unwatchFile(at('none')); done([now.size, now.mtimeMs, before.nlink]); }); }));
  await t('watchFile bigint', () => { const w = fs.watchFile(at('sub'), { bigint: true, persistent: false }, () => show('changed', '')); return typeof w.hasRef; });
  for (const f of ['index.txt', 'sub', 'none', 'index.txt/x'])
    await t('watch ' + f, async () => { const events = []; const w = fs.watch(at(f), (...e) => events.push(e)); w.on('close', () => events.push('closed')); await ticks(20); w.ref(); w.unref(); w.close(); w.close(); await ticks(5); return events; });
  await t('watch recursive', async () => { const w = fs.watch(at(), { recursive: true, persistent: false }, () => show('event', '')); await ticks(20); w.close(); return w.constructor.name; });
  await t('watch promise', async () => { const stop = new AbortController(); setTimeout(() => stop.abort(), 30); const seen = []; for await (const e of fs.promises.watch(at('index.txt'), { signal: stop.signal })) seen.push(e); return seen; });
  await t('watch promise none', async () => { for await (const e of fs.promises.watch(at('none'))) return e; });
  await t('watch buffer', () => { const w = fs.watch(Buffer.from(at()), 'buffer'); w.close(); return 'ok'; });
  await t('watch closed later', () => new Promise((done) => { const w = fs.watch(at('index.txt')); w.on('close', () => done('closed')); setTimeout(() => w.close(), 10); }));
  // Programs.
  await t('run', () => run(at('run.sh'), ['a', 'b c']));
  await t('run sync', () => { const r = cp.spawnSync(at('run.sh'), ['x'], { input: 'in', encoding: 'utf8' }); return [r.status, r.stdout, r.stderr, r.error?.code]; });
  await t('run in', () => run('./run.sh', ['x'], { cwd: '/usr' }));
  await t('run python', () => run(at('tool.py'), ['x']));
  await t('run binary', () => run(at('true-copy'), ['--version-of-nothing']));
  await t('run no', () => run(at('index.txt')));
  await t('run none', () => run(at('none.sh')));
  await t('run folder', () => run(at('sub')));
  await t('run below a file', () => run(at('index.txt', 'x')));
  await t('run sync no', () => { const r = cp.spawnSync(at('index.txt')); return [r.status, r.error.code, r.error.syscall.split(' ')[0]]; });
  await t('argv0', () => run(at('binary'), ['-c', 'echo $0 $1', 'zero', 'one'], { argv0: 'other' }));
  await t('stdio', () => new Promise((done) => { const c = cp.spawn(at('fds.sh'), { stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'ignore', 'pipe'] }); let out = ''; c.stdout.on('data', (d) => out += d); c.stdio[3].on('data', (d) => out += 'three ' + d); c.stdio[5].on('data', (d) => out += 'five ' + d); c.on('close', (code) => done([code, ...out.split('\n').sort()])); }));
  await t('detached', () => new Promise((done) => { const c = cp.spawn(at('run.sh'), ['d'], { detached: true, stdio: 'ignore' }); c.on('error', (e) => done(e.code)).on('exit', (code) => done([code, here(c.spawnfile)])); }));
  await t('many', async () => (await Promise.all(Array.from({ length: 20 }, (_, i) => run(at('run.sh'), [i])))).map((s) => s.split(' ')[1]).join());
  await t('signal', () => new Promise((done) => { const c = cp.spawn(at('sleep.sh')); c.on('exit', (...a) => done(a)); c.stdout.once('data', () => c.kill('SIGTERM')); }));
  process.execve(at('run.sh'), ['zero', 'execve'], { PATH: process.env.PATH });
})();
-- lib/inner.js --
exports.inner = 1;
-- typed.ts --
interface Shape { size: number }   // a comment with ü
const shape: Shape = { size: 3 };
module.exports = shape as Shape;
-- bom.js --
-- tpl/index.txt --
line one
line two
-- tpl/.gitignore --
node_modules
-- tpl/.github/workflows/x.yml --
on: push
-- tpl/sub/node_modules/q/index.js --
module.exports = 'q';
-- tpl/sub/node_modules/.bin/q --
#!/bin/sh
-- tpl/sub/.hidden/.deeper/f --
f
-- outside/x.txt --
x
-- tpl/run.sh --
#!/bin/sh
echo "ran $1 $#: $(cat)"
-- tpl/sleep.sh --
#!/bin/sh
echo up
sleep 8 >/dev/null
-- tpl/fds.sh --
#!/bin/sh
echo out; echo a >&3; echo b >&5
for fd in 4 6 7 8; do [ -e /proc/self/fd/$fd ] && echo open $fd; done
exit 4
-- tpl/tool.py --
#!/usr/bin/env python3
import sys
print("python", sys.argv[1:])
SRC
mkdir "src/tpl/ünï 日本"; echo f >"src/tpl/ünï 日本/f %20"; echo FROM_FILE=yes >src/tpl/.env
printf '\xef\xbb\xbfmodule.exports = "bom";\n' >src/bom.js
sed -i "s#^require('./lib/inner.js');#&require('./bom.js');#" src/main.js
cp /bin/true src/tpl/true-copy; cp /bin/sh src/tpl/binary
mkdir src/links; ln -s ../outside src/links/folder; ln -s ../.. src/links/loop; ln -s ../outside/x.txt src/links/file
chmod +x src/tpl/*.sh src/tpl/tool.py src/tpl/sub/node_modules/.bin/q src/main.js; chmod -R go-w,go+r src
export OLD=$scratch/away
run_to() {
  local out=$1 status=0
  shift
  rm -rf away && mkdir away
  (cd away && timeout 60 "$@" </dev/null >../raw 2>&1) || status=$?
  { cat raw; echo "status $status"; } >"$out"
}
as_node 'all' main.js
report_differences

# A child process cannot start in an embedded folder; the error says why.
files <<'SRC'
-- main.js --
const cp = require('child_process'), fs = require('fs');
const folder = __dirname + '/tpl';
console.log(fs.readdirSync(folder).join(), cp.spawnSync('true', { cwd: folder }).error.message);
cp.spawn('true', { cwd: folder }).on('error', (e) => console.log(e.code, e.message, Object.keys(e).join()));
-- tpl/a.txt --
a
SRC
as_expected 'cwd' main.js <<'OUT'
a.txt spawnSync true ENOENT (its cwd '/kiln/tpl' is in the executable)
ENOENT spawn true ENOENT (its cwd '/kiln/tpl' is in the executable) errno,code,syscall,path,spawnargs
OUT
report_differences
