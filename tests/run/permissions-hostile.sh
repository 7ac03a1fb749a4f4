#!/bin/bash
. "$(dirname "$0")/../build/common.sh"
# Ways round the permission model, each tried by the runtime with node's options, by the pinned node, and
# by an executable that was built with the permissions: a program that may read and write one folder tries
# to get at a file outside of it. None may succeed, and what node refuses is refused with the same error.
: "${KILN_NODE:?set KILN_NODE to the official node}"
runtime=${KILN_STUB:?set KILN_STUB to the stub of this machine}

cat >attempts.js <<'JS'
'use strict';
const fs = require('fs'), path = require('path'), url = require('url'), v8 = require('v8');
const { constants: C, promises: P } = fs;
const root = process.env.TRIED_IN;
const inside = root + '/allowed', secret = root + '/outside/secret', victim = root + '/outside/victim';
process.chdir(inside);
const read = (file) => fs.readFileSync(file, 'latin1');
const called = (f, ...args) => new Promise((done, fail) => f(...args, (e, r) => e ? fail(e) : done(r)));
const drain = async (stream) => { let all = ''; for await (const part of stream) all += part; return all; };

// Those that begin with "new" must not create the victim, those with "change" not change the secret; the
// others must not return anything of it.
const attempts = {
  // The ways to name a file.
  absolute: () => read(secret),
  dots: () => read('../outside/secret'),
  'dots within': () => read(inside + '/x/../../outside/secret'),
  'dots of a folder that exists': () => read(inside + '/folder/../../outside/secret'),
  'double slashes': () => read('//' + secret.slice(1)),
  'slashes within': () => read(inside + '//..//outside//secret'),
  'one dot': () => read(inside + '/./../outside/./secret'),
  'trailing slash': () => read(secret + '/'),
  'trailing dot': () => read(secret + '/.'),
  'beginning of the name': () => read(inside + '-not/secret'),
  'upper case': () => read(inside.toUpperCase() + '/../outside/secret'),
  buffer: () => read(Buffer.from(secret)),
  'buffer with dots': () => read(Buffer.from('../outside/secret')),
  'bytes that are no text': () => read(Buffer.concat([Buffer.from(inside + '/\xff/../', 'latin1'), Buffer.from('../outside/secret')])),
  'typed array': () => read(new Uint8Array(Buffer.from(secret))),
  url: () => read(url.pathToFileURL(secret)),
  'url with escapes': () => read(new URL(`file://${inside}/%2e%2e/outside/secret`)),
  'object with toString': () => read({ toString: () => secret }),
  'string object': () => read(new String(secret)),
  'zero byte': () => read(secret + '\0'),
  'working directory': () => { process.chdir(root + '/outside'); return read('secret'); },
  'root of a process': () => read('/proc/self/root' + secret),
  'directory of a process': () => read('/proc/self/cwd/../outside/secret'),
  'directory of a thread': () => read('/proc/thread-self/cwd/../outside/secret'),
  'descriptor of a folder': () => { const d = fs.openSync(inside); return read(`/proc/self/fd/${d}/../outside/secret`); },
  'memory of the process': () => read('/proc/self/mem'),
  'environment of the process': () => read('/proc/self/environ'),
  // The ways to read it.
  open: () => { const d = fs.openSync(secret); return read(d); },
  'open for reading and writing': () => read(fs.openSync(secret, 'r+')),
  'open for appending': () => read(fs.openSync(secret, 'a+')),
  'path only': () => read(fs.openSync(secret, 0o10000000)),
  'open with a callback': async () => read(await called(fs.open, secret)),
  'readFile': () => called(fs.readFile, secret, 'latin1'),
  'promises.readFile': () => P.readFile(secret, 'latin1'),
  'promises.open': async () => (await P.open(secret)).readFile('latin1'),
  'read stream': () => drain(fs.createReadStream(secret)),
  'ReadStream': () => drain(new fs.ReadStream(secret)),
  blob: async () => (await fs.openAsBlob(secret)).text(),
  'copy file': () => { fs.copyFileSync(secret, 'copy'); return read('copy'); },
  'copy file, promised': async () => { await P.copyFile(secret, 'copy2'); return read('copy2'); },
  cp: () => { fs.cpSync(secret, 'copy3'); return read('copy3'); },
  'cp of the folder': () => { fs.cpSync('../outside', 'copy4', { recursive: true }); return read('copy4/secret'); },
  'promises.cp': async () => { await P.cp('../outside', 'copy5', { recursive: true }); return read('copy5/secret'); },
  'hard link': () => { fs.linkSync(secret, 'hard'); return read('hard'); },
  'symbolic link': () => { fs.symlinkSync(secret, 'soft'); return read('soft'); },
  'symbolic link to the folder': () => { fs.symlinkSync('..', 'up'); return read('up/outside/secret'); },
  'promises.symlink': async () => { await P.symlink(secret, 'soft2'); return read('soft2'); },
  'move it here': () => { fs.renameSync(secret, 'moved'); return read('moved'); },
  'move the folder here': () => { fs.renameSync('../outside', 'moved2'); return read('moved2/secret'); },
  'move the folder away and back': () => { fs.renameSync(inside, root + '/elsewhere'); return read('/'); },
  require: () => require(secret + '.json').text,
  createRequire: () => require('module').createRequire(secret)('./secret.json').text,
  'extension handlers': () => { const m = new (require('module'))('x'); require.extensions['.json'](m, secret + '.json'); return m.exports.text; },
  'text of a module': () => { const m = new (require('module'))('x'); m._compile = (text) => { m.text = text; }; require.extensions['.js'](m, secret + '.js'); return m.text; },
  import: async () => (await import(secret + '.mjs')).default,
  'import of JSON': async () => (await import(secret + '.json', { with: { type: 'json' } })).default.text,
  'import with dots': async () => (await import('file://' + inside + '/../outside/secret.mjs')).default,
  'environment file': () => { process.loadEnvFile(secret + '.env'); return process.env.TEXT; },
  'package.json': () => JSON.stringify(require('module').findPackageJSON(url.pathToFileURL(secret))),
  'key by URL': () => require('crypto').createPrivateKey(new URL('file://' + secret)).type + 'SECRET',
  // What is known of it.
  stat: () => fs.statSync(secret).size === 7 && 'SECRET',
  'promises.stat': async () => (await P.stat(secret)).size === 7 && 'SECRET',
  lstat: () => fs.lstatSync(secret).size === 7 && 'SECRET',
  'promises.lstat': async () => (await P.lstat(secret)).size === 7 && 'SECRET',
  exists: () => fs.existsSync(secret) && 'SECRET',
  access: () => { fs.accessSync(secret); return 'SECRET'; },
  statfs: () => { fs.statfsSync(secret); return 'SECRET'; },
  'realpath.native': () => fs.realpathSync.native(secret) && 'SECRET',
  readlink: () => fs.readlinkSync(root + '/outside/link'),
  readdir: () => fs.readdirSync('../outside').includes('secret') && 'SECRET',
  'readdir, recursive': () => fs.readdirSync('..', { recursive: true }).join().includes('secret') && 'SECRET',
  'promises.readdir': async () => (await P.readdir('../outside')).join().includes('secret') && 'SECRET',
  opendir: () => fs.opendirSync('../outside').readSync().name && 'SECRET',
  'promises.opendir': async () => { for await (const e of await P.opendir('../outside')) return 'SECRET' + e.name; },
  glob: () => fs.globSync('../outside/*').length > 0 && 'SECRET',
  'promises.glob': async () => { for await (const e of P.glob(root + '/**')) if (e.includes('secret')) return 'SECRET'; },
  watch: () => { fs.watch(secret).close(); return 'SECRET'; },
  'promises.watch': async () => { for await (const e of P.watch(secret, { signal: AbortSignal.timeout(50) })) return 'SECRET'; },
  watchFile: () => { fs.watchFile(secret, () => {}); fs.unwatchFile(secret); return 'SECRET'; },
  // The ways to change it, or to leave something beside it.
  'new by writeFile': () => fs.writeFileSync(victim, 'x'),
  'new by appendFile': () => fs.appendFileSync(victim, 'x'),
  'new by promises': () => P.writeFile(victim, 'x'),
  'new by a stream': () => called((done) => fs.createWriteStream(victim).on('error', done).end('x', done)),
  'new by open': () => fs.closeSync(fs.openSync(victim, C.O_RDONLY | C.O_CREAT)),
  'new by Utf8Stream': () => new fs.Utf8Stream({ dest: victim, sync: true }).end(),
  'new by copyFile': () => fs.copyFileSync('own', victim),
  'new by cp': () => fs.cpSync('folder', victim, { recursive: true }),
  'new by rename': () => fs.renameSync('own', victim),
  'new by link': () => fs.linkSync('own', victim),
  'new by symlink': () => fs.symlinkSync('own', victim),
  'new by mkdir': () => fs.mkdirSync(victim),
  'new by mkdir -p': () => fs.mkdirSync(inside + '/../outside/victim/x', { recursive: true }),
  'new by mkdtemp': () => fs.renameSync(fs.mkdtempSync(victim), victim),
  'new by a socket': () => called((done) => require('net').createServer().on('error', done).listen(victim, done)),
  'new by a report': () => process.report.writeReport(victim),
  'new by the directory of reports': () => { process.report.directory = root + '/outside'; process.report.writeReport('victim'); },
  'new by a heap snapshot': () => v8.writeHeapSnapshot(victim),
  'new by the compile cache': () => { require('module').enableCompileCache(victim); require('module').flushCompileCache(); },
  'new by trace events': () => require('trace_events').createTracing({ categories: ['v8'] }).enable(),
  'new by a flag of V8': () => v8.setFlagsFromString('--logfile=' + victim),
  'new by a flag of V8 with underscores': () => v8.setFlagsFromString('--redirect_code_traces_to=' + victim),
  'new by a database': () => new (require('node:sqlite').DatabaseSync)(victim).exec('create table t(x)'),
  'new by a database and a URI': () => new (require('node:sqlite').DatabaseSync)('file:' + victim).exec('create table t(x)'),
  'new by a database and ATTACH': () => new (require('node:sqlite').DatabaseSync)(':memory:').exec(`attach '${victim}' as v; create table v.t(x)`),
  'new by a database and VACUUM INTO': () => new (require('node:sqlite').DatabaseSync)(':memory:').exec(`create table t(x); vacuum into '${victim}'`),
  'new by a database and backup()': () => require('node:sqlite').backup(new (require('node:sqlite').DatabaseSync)(':memory:'), victim),
  'change by writeFile': () => fs.writeFileSync(secret, ''),
  'change by truncate': () => fs.truncateSync(secret, 0),
  'change by open': () => fs.openSync(secret, 'w'),
  'change by O_TRUNC': () => fs.openSync(secret, C.O_RDONLY | C.O_TRUNC),
  'change by unlink': () => fs.unlinkSync(secret),
  'change by rm': () => fs.rmSync('../outside', { recursive: true }),
  'change by promises.rm': () => P.rm('../outside', { recursive: true, force: true }),
  'change by rmdir': () => fs.rmdirSync('../outside'),
  'change by chmod': () => fs.chmodSync(secret, 0o123),
  'change by lchown': () => fs.lchownSync(secret, 1, 1),
  'change by utimes': () => fs.utimesSync(secret, 1, 1),
  'change by lutimes': () => fs.lutimesSync(secret, 1, 1),
  // A descriptor for reading is enough for these.
  'fchmod': () => { fs.fchmodSync(fs.openSync('own'), 0o600); return 'SECRET'; },
  'fchown': () => { fs.fchownSync(fs.openSync('own'), 0, 0); return 'SECRET'; },
  'futimes': () => { fs.futimesSync(fs.openSync('own'), 1, 1); return 'SECRET'; },
  'chmod of a handle': async () => { await (await P.open('own')).chmod(0o600); return 'SECRET'; },
  'utimes of a handle': async () => { await (await P.open('own')).utimes(1, 1); return 'SECRET'; },
  // Other code that has all rights.
  spawnSync: () => String(require('child_process').spawnSync('cat', [secret]).stdout),
  execSync: () => String(require('child_process').execSync('cat ' + secret)),
  execFile: async () => (await called(require('child_process').execFile, 'cat', [secret])),
  spawn: () => drain(require('child_process').spawn('cat', [secret]).stdout),
  fork: () => { require('child_process').fork(inside + '/own'); return 'SECRET'; },
  execve: () => process.execve('/bin/cat', ['cat', secret], {}),
  cluster: () => { const c = require('cluster'); c.setupPrimary({ exec: secret + '.js' }); c.fork(); return 'SECRET'; },
  worker: () => { new (require('worker_threads').Worker)('', { eval: true }); return 'SECRET'; },
  'worker with options': () => { new (require('worker_threads').Worker)('', { eval: true, execArgv: ['--allow-fs-read=*'] }); return 'SECRET'; },
  'worker without options': () => { new (require('worker_threads').Worker)('', { eval: true, execArgv: [], env: {} }); return 'SECRET'; },
  'loader hooks': () => { require('module').register('data:text/javascript,'); return 'SECRET'; },
  'inspector session': () => { new (require('inspector').Session)().connect(); return 'SECRET'; },
  'inspector.open': () => { require('inspector').open(0, '127.0.0.1'); return 'SECRET'; },
  addon: () => { require(secret + '.node'); return 'SECRET'; },
  dlopen: () => { process['dlop' + 'en']({ exports: {} }, secret + '.node'); return 'SECRET'; },
  'linked binding': () => { process._linkedBinding('x'); return 'SECRET'; },
  wasi: () => { new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }); return 'SECRET'; },
  'process.binding': () => process.binding('fs') && 'SECRET',
  'process.binding of the prototype': () => Object.getPrototypeOf(process).binding?.('fs') && 'SECRET',
  // The model itself.
  'another permission': () => { process.permission.has = () => true; return read(secret); },
  'another option': () => { process.execArgv.push('--allow-fs-read=*'); process.argv.push('--allow-fs-read=*'); return read(secret); },
  'another path module': () => { path.resolve = path.toNamespacedPath = () => inside; return read(secret); },
  'another prototype': () => { Object.prototype.permission = true; String.prototype.startsWith = () => true; return read(secret); },
  'path that changes': () => { let n = 0; return read({ get href() { return n++ ? 'file://' + secret : 'file://' + inside; }, protocol: 'file:', pathname: secret }); },
  'stack of async hooks': async () => { const h = require('async_hooks').createHook({ init() { process.permission.has('fs.read', secret); } }).enable(); try { return await P.readFile(secret, 'latin1'); } finally { h.disable(); } },
  'drop of another': () => { process.permission.drop('fs.read', '/nowhere'); return read(secret); },
};
// Links that were there before. Node follows them, so only an executable's own permissions refuse these.
const throughLinks = {
  'link to a file': () => read('old-link'),
  'link to a folder': () => read('old-folder/secret'),
  'dots after a link': () => read(inside + '/deep/../secret'),
  'chain of links': () => read('old-chain'),
  'new by a dangling link': () => fs.writeFileSync('old-dangling', 'x'),
  'new in a linked folder': () => fs.writeFileSync('old-folder/victim', 'x'),
  'change by a link': () => fs.truncateSync('old-link', 0),
};

const show = (e) => e.code === undefined ? e.name : e.permission ? `${e.code} ${e.permission}` : e.code;
(async () => {
  for (const [name, attempt] of Object.entries({ ...attempts, ...process.env.LINKS ? throughLinks : {} })) {
    let outcome;
    try {
      process.chdir(inside);
      outcome = String(await attempt()).includes('SECRET') ? 'GOT IT' : 'nothing';
    } catch (e) {
      outcome = show(e);
    }
    console.log(`${name}: ${outcome}`);
  }
  process.exit(0);
})();
JS

world=$PWD/world
state() { stat -c '%n %a %u %Y %s' "$world"/outside "$world"/outside/secret; ls "$world" "$world"/outside; }
# try PROGRAM…: all attempts; prints what came of each, and whether something outside was changed.
try() {
  rm -rf "$world"; mkdir -p "$world"/allowed/folder "$world"/allowed-not "$world"/outside/below
  printf 'SECRET\n' | tee "$world"/outside/secret >"$world"/allowed-not/secret
  echo '{"text":"SECRET"}' >"$world"/outside/secret.json
  echo '{"name":"SECRET"}' >"$world"/outside/package.json
  echo 'module.exports = "SECRET"' | tee "$world"/outside/secret.js >"$world"/outside/secret.node
  echo 'export default "SECRET"' >"$world"/outside/secret.mjs
  echo 'TEXT=SECRET' >"$world"/outside/secret.env
  ln -s SECRET "$world"/outside/link
  echo own >"$world"/allowed/own
  cp attempts.js "$world"/allowed/
  ln -s ../outside/secret "$world"/allowed/old-link
  ln -s old-link "$world"/allowed/old-chain
  ln -s ../outside "$world"/allowed/old-folder
  ln -s ../outside/below "$world"/allowed/deep
  ln -s ../outside/victim "$world"/allowed/old-dangling
  local before=$(state)
  TRIED_IN=$world timeout 120 "$@" 2>err || { cat err >&2; echo "status $?"; }
  [[ $(state) == "$before" ]] || echo "outside: CHANGED to $(state | tr '\n' ' ')"
}
# check FILE: no attempt in it has succeeded.
check() {
  [[ $(wc -l <"$1") -ge 100 ]] || { echo "only $(wc -l <"$1") attempts in $1" >&2; failed=1; }
  ! grep -E 'GOT IT|CHANGED|status' "$1" >&2 || failed=1
}

limits=(--permission --allow-fs-read="$world/allowed" --allow-fs-write="$world/allowed")
failed=
try "$KILN_NODE" --no-warnings "${limits[@]}" "$world"/allowed/attempts.js >node
try "$runtime" --no-warnings "${limits[@]}" "$world"/allowed/attempts.js >runtime
check runtime
# Each database would be a new file.
[[ $(grep -c '^new by a database.*: ERR_ACCESS_DENIED FileSystemRead$' runtime) == 5 ]] ||
  { grep '^new by a database' runtime >&2; failed=1; }

# Where the runtime does not refuse as node does: what it does not have yet, and what node allows.
grep -v -E "^(new by trace events|wasi):" node >want  # not available
# A path of a socket is one of a file; node does not ask for it, nor for that of a database, nor for flags
# of V8 that write files.
grep -v -E "^(new by a socket|new by a database.*|new by a flag of V8.*|outside):" want >wanted
grep -v -E "^(new by trace events|wasi|new by a socket|new by a database.*|new by a flag of V8.*):" runtime >got
diff wanted got >&2 || { echo 'node (<) refuses otherwise than the runtime (>)' >&2; failed=1; }

# The same rights for good. Links that were there before do not lead out, which they do with node.
rm -rf "$world"
build attempts.js "${limits[@]}" --with=all
export LINKS=1
try ./app --allow-fs-read=/ >baked
check baked
[[ -z $failed ]] || exit 1
