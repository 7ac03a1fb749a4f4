. "$(dirname "$0")/../modules/common.sh"
# Symbolic links in the virtual file system: fs, the module loaders and programs see the links that node
# sees on disk, and find through them what they find there.
run_to() {
  local out=$1 status=0
  shift
  rm -rf away && mkdir away
  (cd away && timeout 60 "$@" </dev/null >../raw 2>&1) || status=$?
  sed -e "s#$scratch/src#/kiln#g" raw >"$out"
  echo "status $status" >>"$out"
}

# What all apps here use: for each path, what every function of fs says about it.
tools() {
  cat >src/tools.cjs <<'SRC'
const fs = require('fs'), path = require('path');
const root = __dirname;
const here = (text) => String(text).replaceAll(root, '/HERE').replaceAll(path.relative('/', root), 'HERE');
const show = (label, value) => console.log(label, here(typeof value === 'string' ? value : JSON.stringify(value) ?? 'undefined'));
const code = (e) => [e.code ?? e.name, e.syscall, e.path && here(e.path)].filter(Boolean).join(' ');
const t = async (label, work) => {
  try { show(label, await work()); } catch (e) { show(label, code(e)); }
};
const kind = (s) => s.isSymbolicLink() ? 'link' : s.isFile() ? 'file' : s.isDirectory() ? 'dir' : 'other';
const every = async (it) => { const list = []; for await (const x of it) list.push(x); return list; };
const calls = {
  lstat: (f) => kind(fs.lstatSync(f)),
  stat: (f) => kind(fs.statSync(f)),
  readlink: (f) => fs.readlinkSync(f),
  realpath: (f) => fs.realpathSync(f),
  native: (f) => fs.realpathSync.native(f),
  read: (f) => fs.readFileSync(f, 'utf8').trim().slice(0, 30),
  list: (f) => fs.readdirSync(f).sort().join(),
  exists: (f) => fs.existsSync(f),
  access: (f) => fs.accessSync(f),
};
// One line for each path; equal errors of several functions are one.
const about = (f) => {
  const line = [];
  for (const [name, call] of Object.entries(calls)) {
    try { line.push(name + '=' + call(f)); } catch (e) { line.push(name + '!' + code(e)); }
  }
  return line.join(' ');
};
const types = (list) => list.map((d) => d.name + ':' + kind(d)).sort().join();
module.exports = { fs, path, root, here, show, t, kind, every, about, types, at: (...names) => path.join(root, ...names) };
SRC
}

# Every kind of link in an embedded folder.
files <<'SRC'
-- main.cjs --
const { fs, path, root, here, show, t, kind, every, about, types, at } = require('./tools.cjs');
const cp = require('child_process'), { pathToFileURL } = require('url');
const tree = path.join(__dirname, 'tree');
fs.readdirSync(path.join(__dirname, 'tree'));
(async () => {
  for (const name of fs.readdirSync(tree).sort()) {
    show(name, about(path.join(tree, name)));
    show(name + '/', about(path.join(tree, name) + '/'));
    if (name !== 'up') show(name + '/..', about(path.join(tree, name) + '/..'));
    show(name + '/x.txt', about(path.join(tree, name) + '/x.txt'));
  }
  for (const f of ['chain1/../x.txt', 'folder/../folder/x.txt', 'up/tree/up/tree/file', 'here/here/here/file', 'deep/link/../../a/x.txt',
                   'none/../file', 'file/../file', 'dangling/../file', 'loop/x', 'up/main.cjs', 'folder//./x.txt',
                   'absolute-folder/x.txt', 'deep/back/tree/file', 'folder/none', 'file/none', 'only-links/x', 'only-links', 'long/../x.txt'])
    show(f, about(tree + '/' + f));
  // Listings of all kinds.
  await t('types', () => types(fs.readdirSync(tree, { withFileTypes: true })));
  await t('types promise', async () => types(await fs.promises.readdir(tree, { withFileTypes: true })));
  await t('types through', () => types(fs.readdirSync(tree + '/folder', { withFileTypes: true })));
  // Without loops, in which node's recursion does not end.
  const flat = path.join(tree, 'flat');
  await t('recursive', () => fs.readdirSync(flat, { recursive: true }).sort().join());
  await t('recursive promise', async () => (await fs.promises.readdir(flat, { recursive: true })).sort().join());
  await t('recursive types', () => fs.readdirSync(flat, { recursive: true, withFileTypes: true }).map((d) => path.join(d.parentPath, d.name) + kind(d)).sort().join());
  await t('opendir', async () => types(await every(await fs.promises.opendir(tree))));
  await t('opendir sync', () => { const d = fs.opendirSync(tree), list = []; for (let e; (e = d.readSync());) list.push(e); d.closeSync(); return types(list); });
  await t('opendir link', async () => types(await every(await fs.promises.opendir(tree + '/folder'))));
  await t('opendir file', async () => types(await every(await fs.promises.opendir(tree + '/to-file'))));
  await t('opendir dangling', async () => types(await every(await fs.promises.opendir(tree + '/dangling'))));
  for (const pattern of ['*', '*/x.txt', '**/x.txt', 'folder/**', 'chain?/*', 'in/*/x.txt'])
    await t('glob ' + pattern, () => fs.globSync(pattern, { cwd: flat }).sort().join());
  await t('glob types', () => types(fs.globSync('*', { cwd: flat, withFileTypes: true })));
  await t('opendir recursive', async () => (await every(await fs.promises.opendir(flat, { recursive: true }))).map((d) => d.name).sort().join());
  // Stats, promises, callbacks.
  await t('size', () => ['to-file', 'folder', 'dangling', 'chain2'].map((f) => fs.lstatSync(path.join(tree, f)).size === fs.readlinkSync(path.join(tree, f)).length).join());
  await t('mode', () => ['to-file', 'folder', 'dangling'].map((f) => fs.lstatSync(path.join(tree, f)).mode.toString(8)).join());
  await t('same file', () => [fs.statSync(tree + '/to-file').ino === fs.statSync(tree + '/file').ino, fs.lstatSync(tree + '/to-file').ino === fs.statSync(tree + '/file').ino, fs.lstatSync(tree + '/to-file').nlink]);
  await t('bigint', () => kind(fs.lstatSync(tree + '/to-file', { bigint: true })));
  await t('no entry', () => [fs.statSync(tree + '/dangling', { throwIfNoEntry: false }), kind(fs.lstatSync(tree + '/dangling', { throwIfNoEntry: false })), fs.lstatSync(tree + '/none', { throwIfNoEntry: false })]);
  await t('promises', async () => [kind(await fs.promises.lstat(tree + '/folder')), await fs.promises.readlink(tree + '/folder'), await fs.promises.realpath(tree + '/chain2')]);
  await t('promise loop', () => fs.promises.stat(tree + '/loop'));
  await t('promise dangling', () => fs.promises.readFile(tree + '/dangling'));
  await t('callback', () => new Promise((done, fail) => fs.realpath(tree + '/chain2', (e, p) => e ? fail(e) : done(p))));
  await t('callback native', () => new Promise((done, fail) => fs.realpath.native(tree + '/chain2', (e, p) => e ? fail(e) : done(p))));
  await t('callback loop', () => new Promise((done, fail) => fs.realpath(tree + '/loop', (e, p) => e ? fail(e) : done(p))));
  await t('buffer', () => [fs.readlinkSync(Buffer.from(tree + '/folder'), 'buffer').toString('hex'), fs.realpathSync(tree + '/folder', 'buffer').length === (tree + '/deep/a').length]);
  await t('url', () => fs.readFileSync(pathToFileURL(tree + '/folder/x.txt'), 'utf8'));
  // Opening.
  await t('nofollow', () => fs.openSync(tree + '/to-file', fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW));
  await t('nofollow file', () => { fs.closeSync(fs.openSync(tree + '/file', fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)); return 'opened'; });
  await t('exclusive', () => fs.openSync(tree + '/dangling', 'wx'));
  await t('fstat', () => { const fd = fs.openSync(tree + '/to-file'); try { return [kind(fs.fstatSync(fd)), fs.fstatSync(fd).size]; } finally { fs.closeSync(fd); } });
  await t('stream', async () => Buffer.concat(await every(fs.createReadStream(tree + '/chain1/x.txt'))).toString());
  await t('blob', async () => (await fs.openAsBlob(tree + '/to-file')).text());
  await t('copyFile', () => { fs.copyFileSync(tree + '/to-file', 'copied'); return kind(fs.lstatSync('copied')) + fs.readFileSync('copied', 'utf8'); });
  await t('copyFile dangling', () => fs.copyFileSync(tree + '/dangling', 'copied2'));
  await t('cp file', () => { fs.cpSync(tree + '/folder/x.txt', 'copied3'); return fs.readFileSync('copied3', 'utf8'); });
  await t('cp dereference', () => { fs.cpSync(tree + '/to-file', 'copied4', { dereference: true }); return kind(fs.lstatSync('copied4')); });
  await t('cp verbatim', () => { fs.cpSync(tree + '/deep', 'deep', { recursive: true, verbatimSymlinks: true }); return [fs.readdirSync('deep', { withFileTypes: true }).map((d) => d.name + kind(d)).sort().join(), fs.readlinkSync('deep/link'), fs.readFileSync('deep/link/x.txt', 'utf8')]; });
  await t('cp verbatim promise', async () => { await fs.promises.cp(tree + '/deep', 'deep2', { recursive: true, verbatimSymlinks: true }); return [types(fs.readdirSync('deep2', { withFileTypes: true })), fs.readlinkSync('deep2/link'), fs.readFileSync('deep2/link/x.txt', 'utf8')]; });
  // Node copies a link with an absolute target, which cannot lead into an executable: only the contents are equal.
  const copies = { 'cp': (from, to, o) => fs.cpSync(from, to, o), 'cp promise': (from, to, o) => fs.promises.cp(from, to, o),
                   'cp callback': (from, to, o) => new Promise((done, fail) => fs.cp(from, to, o, (e) => e ? fail(e) : done())) };
  let n = 0;
  for (const [label, copy] of Object.entries(copies)) {
    for (const options of [{}, { filter: () => true }, { preserveTimestamps: true }, { force: false }]) {
      const to = 'copy' + n++, say = `${label} ${Object.keys(options)}`;
      await t(say + ' tree', async () => { await copy(flat, to, { recursive: true, ...options }); return [fs.readdirSync(to).sort().join(), ...['to-file', 'folder/x.txt', 'chain1/x.txt', 'in/a/x.txt'].map((f) => fs.readFileSync(path.join(to, f), 'utf8').trim()), fs.existsSync(to + '/dangling'), fs.lstatSync(to + '/dangling').isSymbolicLink()]; });
      await t(say + ' loops', async () => { await copy(tree + '/deep', to + 'deep', { recursive: true, ...options }); return [fs.readdirSync(to + 'deep').sort().join(), fs.readFileSync(to + 'deep/link/x.txt', 'utf8'), fs.lstatSync(to + 'deep/link').isSymbolicLink(), fs.lstatSync(to + 'deep/back').isSymbolicLink()]; });
      await t(say + ' link', async () => { await copy(tree + '/folder', to + 'link', { recursive: true, ...options }); return fs.readdirSync(to + 'link').sort().join(); });
      await t(say + ' link to file', async () => { await copy(tree + '/to-file', to + 'file', options); return fs.readFileSync(to + 'file', 'utf8'); });
      await t(say + ' dereference', async () => { await copy(flat + '/in', to + 'in', { recursive: true, dereference: true, ...options }); return fs.readFileSync(to + 'in/a/x.txt', 'utf8'); });
    }
  }
  // Changes: what is in an executable is read-only, and these fail under node too.
  for (const f of ['file/x', 'loop/x', 'to-file/x', 'to-file-slash/x'])
    await t('write ' + f, () => fs.writeFileSync(path.join(tree, f), 'x'));
  // Watchers of a link and of nothing.
  for (const f of ['to-file', 'folder', 'dangling', 'loop'])
    await t('watch ' + f, async () => { const w = fs.watch(tree + '/' + f, { persistent: false }); w.close(); return w.constructor.name; });
  await t('watchFile', () => new Promise((done) => { fs.watchFile(tree + '/dangling', { interval: 10 }, (now) => { fs.unwatchFile(tree + '/dangling'); done([now.size, now.nlink]); }); }));
  // Programs.
  const run = (file, args = []) => new Promise((done) => cp.execFile(file, args, { timeout: 9000 }, (e, out, err) => done(e ? [e.code, e.syscall] : out + err)));
  await t('run', () => run(tree + '/run', ['a']));
  await t('run dangling', () => run(tree + '/dangling'));
  await t('run no program', () => run(tree + '/to-file'));
  await t('require data', () => [require(tree + '/json').value, require.resolve(tree + '/json')]);
  await t('cwd', () => { process.chdir('/'); const r = path.relative('/', tree); return about(r + '/chain1/x.txt'); });
})();
-- tree/file --
the file
-- tree/x.txt --
x of the tree
-- tree/deep/a/x.txt --
x of a
-- tree/deep/a/y.txt --
y
-- tree/data.json --
{"value": 3}
-- tree/run.sh --
#!/bin/sh
echo "ran $1"
SRC
tools
chmod +x src/tree/run.sh
(
  cd src/tree
  ln -s file to-file; ln -s deep/a folder; ln -s a deep/link; ln -s ../.. deep/back; ln -s folder chain1; ln -s ./chain1/../a/../../file chain2
  ln -s none dangling; ln -s none/deeper dangling2; ln -s loop loop; ln -s two one; ln -s one two; ln -s .. up; ln -s . here
  ln -s "$scratch/src/tree/file" absolute-file; ln -s "$scratch/src/tree/deep/a" absolute-folder; ln -s "$scratch/src//tree/deep/../deep/a/" absolute-long; ln -s "$scratch/src/tree/none" absolute-dangling
  ln -s file/ to-file-slash; ln -s deep//a/ folder-slash; ln -s run.sh run; ln -s data.json json; mkdir flat flat/in; ln -s ../file flat/to-file; ln -s ../deep/a flat/folder; ln -s folder flat/chain1; ln -s none flat/dangling; ln -s ../../deep/a flat/in/a
  mkdir only-links; ln -s ../x.txt only-links/x; mkdir -p long; long=$(printf './%.0s' {1..300}); ln -s "${long}a" deep/dots; rmdir long; ln -s "deep/dots" long
  ln -s 'ünï 日本' 'näme'; echo unicode >'ünï 日本'; ln -s 40 41; for i in {1..40}; do ln -s $((i - 1)) "$i"; done; echo zero >0
)
as_node 'a folder' main.cjs

# node_modules as pnpm and workspaces make it: what require, import and fs find through the links.
files <<'SRC'
-- apps/web/main.cjs --
const { fs, path, root, here, show, t, kind, about, types, at } = require('../../tools.cjs');
const { createRequire, findPackageJSON } = require('node:module');
const { pathToFileURL } = require('url');
const a = require('a'), scoped = require('@scope/pkg'), ui = require('@ws/ui');
const modules = path.join(__dirname, 'node_modules');
const name = (n) => n + '';
(async () => {
  show('loaded', [a.file, a.dep.file, scoped.file, ui.file, ui.a === a]);
  show('cache', Object.keys(require.cache).map(here).sort().join());
  for (const f of ['a', '@scope', '@scope/pkg', '@scope/pkg/package.json', '@ws/ui', '@ws/ui/lib/button.cjs', 'a/node_modules', 'a/m.cjs', 'a/../dep',
                   'a/data.txt', 'esm', 'none', '@scope/none', 'a/..', 'linked-file.cjs'])
    show(f, about(modules + '/' + f));
  show('types', types(fs.readdirSync(modules, { withFileTypes: true })));
  show('scope types', types(fs.readdirSync(modules + '/@scope', { withFileTypes: true })));
  // Names that the build does not know.
  for (const n of ['a', 'a/m.cjs', 'a/m', '@scope/pkg', '@ws/ui', '@ws/ui/lib/button.cjs', 'dep', 'esm', 'a/package.json', 'none', '@scope/none', 'linked-file.cjs', 'a/data.txt'])
    await t('require ' + n, () => { const m = require(name(n)); return [typeof m, m.file ?? m.name ?? m.default?.file, m === a, m === scoped, m === ui]; });
  for (const n of ['a', 'a/m', '@scope/pkg', '@ws/ui', 'dep', 'esm', 'a/data.txt'])
    await t('resolve ' + n, () => require.resolve(name(n)));
  for (const n of ['a', '@scope/pkg', '@ws/ui', 'esm', 'dep'])
    await t('import ' + n, async () => { const m = await import(name(n)); return [m.file ?? m.default.file, m.default === a]; });
  await t('by path', () => [require(name(modules + '/a')) === a, require(name(modules + '/a/m.cjs')) === a, require(name('./node_modules/@ws/ui')) === ui]);
  await t('by path of a package without main', () => require.resolve(name(modules + '/@scope/pkg')));
  await t('by url', async () => [(await import(name(pathToFileURL(modules + '/esm/e.mjs').href))).file === (await import('esm')).file, (await import(name(pathToFileURL(modules + '/a/m.cjs').href))).default === a]);
  await t('from inside', () => createRequire(fs.realpathSync(modules + '/a/m.cjs'))(name('dep')) === a.dep);
  await t('from the link', () => createRequire(modules + '/a/m.cjs')(name('dep')));
  await t('paths', () => [require.resolve.paths('x')[0], a.paths[0], a.paths[1]]);
  await t('findPackageJSON', () => [findPackageJSON('a', __filename), findPackageJSON('@scope/pkg', __filename), findPackageJSON(pathToFileURL(modules + '/a/m.cjs'))]);
  await t('data', () => [a.data, fs.readFileSync(modules + '/a/data.txt', 'utf8'), fs.readFileSync(path.join(path.dirname(require.resolve('a')), 'data.txt'), 'utf8')]);
  await t('self by link', () => [fs.readdirSync(__dirname).sort().join(), fs.existsSync(path.join(__dirname, 'node_modules', 'a', 'm.cjs'))]);
  await t('real of main', () => [fs.realpathSync(process.argv[1]) === __filename, fs.realpathSync.native(__filename) === __filename]);
  const link = path.join(__dirname, 'lazy');
  await t('lazy', () => fs.readdirSync(link).map((f) => require(path.join(link, f)).file).sort().join());
  await t('lazy list', () => about(link));
})();
-- apps/web/package.json --
{"name":"web","dependencies":{"a":"1","@scope/pkg":"1","@ws/ui":"1","esm":"1"}}
-- apps/plugins/one.cjs --
exports.file = __filename;
-- apps/plugins/two.cjs --
exports.file = __filename;
-- packages/ui/package.json --
{"name":"@ws/ui","main":"./lib/index.cjs"}
-- packages/ui/lib/index.cjs --
exports.file = __filename; exports.a = require('a'); exports.button = require('./button.cjs');
-- packages/ui/lib/button.cjs --
exports.file = __filename;
-- node_modules/.pnpm/a@1.0.0/node_modules/a/package.json --
{"name":"a","version":"1.0.0","main":"m.cjs"}
-- node_modules/.pnpm/a@1.0.0/node_modules/a/m.cjs --
exports.file = __filename; exports.dep = require('dep'); exports.paths = module.paths;
exports.data = require('fs').readFileSync(require('path').join(__dirname, 'data.txt'), 'utf8');
-- node_modules/.pnpm/a@1.0.0/node_modules/a/data.txt --
data of a
-- node_modules/.pnpm/dep@2.0.0/node_modules/dep/package.json --
{"name":"dep","version":"2.0.0"}
-- node_modules/.pnpm/dep@2.0.0/node_modules/dep/index.js --
exports.file = __filename;
-- node_modules/.pnpm/@scope+pkg@3.0.0/node_modules/@scope/pkg/package.json --
{"name":"@scope/pkg","exports":{".":{"import":"./i.mjs","require":"./r.cjs"},"./package.json":"./package.json"}}
-- node_modules/.pnpm/@scope+pkg@3.0.0/node_modules/@scope/pkg/r.cjs --
exports.file = __filename;
-- node_modules/.pnpm/@scope+pkg@3.0.0/node_modules/@scope/pkg/i.mjs --
export const file = import.meta.filename;
-- node_modules/.pnpm/esm@1.0.0/node_modules/esm/package.json --
{"name":"esm","type":"module","exports":"./e.mjs"}
-- node_modules/.pnpm/esm@1.0.0/node_modules/esm/e.mjs --
export const file = import.meta.filename, url = import.meta.url;
SRC
tools
(
  cd src
  mkdir -p apps/web/node_modules/@scope apps/web/node_modules/@ws packages/ui/node_modules
  cd apps/web/node_modules
  ln -s ../../../node_modules/.pnpm/a@1.0.0/node_modules/a a; ln -s ../../../node_modules/.pnpm/esm@1.0.0/node_modules/esm esm
  ln -s ../../../../node_modules/.pnpm/@scope+pkg@3.0.0/node_modules/@scope/pkg @scope/pkg; ln -s ../../../../packages/ui @ws/ui
  ln -s a/m.cjs linked-file.cjs
  ln -s ../../../node_modules/.pnpm/a@1.0.0/node_modules/a ../../../packages/ui/node_modules/a
  ln -s ../../dep@2.0.0/node_modules/dep ../../../node_modules/.pnpm/a@1.0.0/node_modules/dep
  ln -s ../plugins ../lazy
)
as_node 'pnpm and a workspace' apps/web/main.cjs

# Links out of the project, in folders that --asset names, of programs and of modules.
files <<'SRC'
-- main.cjs --
const { fs, path, root, here, show, t, kind, every, about, types, at } = require('./tools.cjs');
const cp = require('child_process'), { createRequire } = require('module'), { pathToFileURL } = require('url');
if (process.argv[2] === 'again') { console.log('again', process.argv[3]); return; }
const read = (f) => fs.readFileSync(f, 'utf8').trim();
(async () => {
  // Node sees a link here, an app a copy: the contents are equal.
  await t('out', () => [read(path.join(__dirname, 'out/x.txt')), read(path.join(__dirname, 'out-file')), read(path.join(__dirname, 'out/sub/link')), read(path.join(__dirname, 'out/sub/../x.txt'))]);
  await t('out stat', () => [kind(fs.statSync(path.join(__dirname, 'out/x.txt'))), kind(fs.statSync(__dirname + '/out-file')), fs.existsSync(path.join(__dirname, 'out/none'))]);
  await t('out through', () => [read(path.join(__dirname, 'to-out')), fs.readlinkSync(path.join(__dirname, 'to-out'))]);
  const files = path.join(__dirname, process.env.NONE ?? 'files');
  for (const f of ['', 'current', 'current/a.txt', 'previous/a.txt', 'one', 'none', 'up', 'v1/other'])
    show('files/' + f, about(path.join(files, f)));
  await t('types', () => types(fs.readdirSync(files, { withFileTypes: true })));
  // Modules behind links, by names that the build knows and by others.
  const name = (n) => n;
  await t('modules', () => [require('./m.cjs').file, require('./m.cjs') === require('./real/m.cjs'), require(name('./m.cjs')) === require('./m.cjs'), require.resolve(name('./m.cjs')), require('./folder/m.cjs') === require('./m.cjs'), require(name('./folder')).file]);
  await t('import', async () => [(await import('./e.mjs')).url, await import('./e.mjs') === await import('./real/e.mjs'), await import(name('./e.mjs')) === await import('./e.mjs'), await import(name(pathToFileURL(at('folder/e.mjs')).href)) === await import('./e.mjs')]);
  await t('json', () => [require('./j.json').x, require('./real/j.json') === require('./j.json'), require(name('./j.json')) === require('./j.json')]);
  await t('createRequire', () => [createRequire(at('folder/x.js'))(name('./m.cjs')) === require('./m.cjs'), createRequire(at('m.cjs')).resolve(name('./real/m.cjs'))]);
  await t('extension of the link', () => require('./typed').value);
  await t('cache', () => Object.keys(require.cache).map(here).sort().join());
  // Scripts that run in a process of their own.
  const script = (args) => { const r = cp.spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20000 }); return [r.status, here(r.stdout), r.stderr.split('\n')[0]]; };
  await t('script', () => script([at('child-link.cjs'), 'a']));
  await t('script in a folder', () => script([at('folder/child.cjs'), 'b']));
  await t('script without extension', () => script([at('child-link'), 'c']));
  await t('the entry', () => script([at('entry.cjs'), 'again', 'd']));
  await t('dangling script', () => script([at('child-none.cjs')])[0]);
  await t('fork', () => new Promise((done) => { const c = cp.fork(at('child-link.cjs'), ['f']); c.on('message', (m) => done(m)); }));
  await t('program', () => cp.execFileSync(at('program'), ['x']).toString());
  await t('program of node', () => { const r = cp.spawnSync(at('script'), ['x'], { encoding: 'utf8', env: { ...process.env, PATH: path.dirname(process.execPath) + ':' + process.env.PATH } }); return [r.status, here(r.stdout)]; });
})();
-- package.json --
{"name":"links"}
-- real/m.cjs --
exports.file = __filename;
-- real/index.js --
exports.file = __filename;
-- real/e.mjs --
export const url = import.meta.url, file = import.meta.filename;
-- real/j.json --
{"x": 5}
-- real/typed.js --
exports.value = module.id === __filename && __filename;
-- real/child.cjs --
const m = [process.argv[1], process.argv[2], __filename, require.main === module, require('./m.cjs').file].join();
process.send ? process.send(m) : console.log(m);
-- real/program.sh --
#!/bin/sh
echo "program $1"
-- real/script.js --
#!/usr/bin/env node
console.log('script', __filename, process.argv[2]);
-- files/v1/a.txt --
a of 1
-- files/v2/a.txt --
a of 2
SRC
tools
mkdir -p outside/sub; echo x >outside/x.txt; echo y >outside/sub/y.txt; ln -s y.txt outside/sub/link
chmod +x src/real/program.sh src/real/script.js
(
  cd src
  ln -s ../outside out; ln -s ../outside/x.txt out-file; ln -s out/x.txt to-out
  ln -s v2 files/current; ln -s "$scratch/src/files/v1" files/previous; ln -s v1/a.txt files/one; ln -s nothing files/none; ln -s .. files/up; ln -s ../v2/a.txt files/v1/other
  ln -s real folder; ln -s real/m.cjs m.cjs; ln -s real/e.mjs e.mjs; ln -s real/j.json j.json; ln -s real/typed.js typed.js
  ln -s real/child.cjs child-link.cjs; ln -s real/child.cjs child-link; ln -s real/none child-none.cjs; ln -s real/program.sh program; ln -s real/script.js script; ln -s main.cjs entry.cjs
)
as_node 'out, assets and programs' main.cjs --asset src/files --asset 'src/real/*'
"$KILN" inspect app >inspected
for line in '/kiln/files/current -> v2' '/kiln/files/previous -> /kiln/files/v1' '/kiln/to-out -> out/x.txt' '/kiln/files/none -> nothing'; do
  grep -qxF "  $line" inspected || differ+=("'inspect: $line'")
done
! grep -E '/kiln/(out|out-file) ->|'"$scratch" inspected || differ+=("'inspect: links out of the project'")
report_differences
