. "$(dirname "$0")/../modules/common.sh"
limit=55  # 130 processes, one after the other
# What an executable runs that is started by itself: the script that `node` would run. Each way of
# starting is a function of main.js; what the child prints must be what it prints under node.
files <<'END'
-- child.js --
const show = (path) => path && path.replace(process.cwd(), 'CWD');
console.log('child', process.argv.slice(1).map(show).join(' '), '|', process.execArgv.join(' '), '|',
            require.main === module, show(require.main.filename), process.argv[0] === process.execPath,
            Object.keys(process.env).filter((name) => !['PATH', 'PWD', 'HOME', 'TMPDIR', 'SHLVL', '_', 'OLDPWD'].includes(name) && !/^(LANG|LC_|KILN($|_NODE|_FLAGS|_STUB))/.test(name)).join(),
            'KILN_STARTED_BY' in process.env, typeof process.send, require('./lib/dep.js'));
if (process.send) { process.send('hello'); process.disconnect(); }
-- lib/dep.js --
module.exports = 'dep of ' + require('path').basename(module.parent.filename);
-- esm.mjs --
import fs from 'node:fs';
import dep from './lib/dep.js';
console.log('esm', process.argv.slice(1).join(' '), import.meta.main, import.meta.filename, dep, await 1, typeof fs.read);
-- typed.ts --
type T = string; const text: T = 'typed';
console.log(text, process.argv.slice(1).join(' '));
-- main.js --
const cp = require('child_process'), path = require('path'), fs = require('fs'), cluster = require('cluster');
const self = process.execPath, child = path.join(__dirname, 'child.js'), esm = path.join(__dirname, 'esm.mjs');
const typed = require.resolve('./typed.ts');
// Stops a process tree that grows. The environment would not do: some children get none.
if (process.argv.length === 2 && !process.env.WORKER) fs.rmSync('starts', { force: true });
fs.appendFileSync('starts', 'x');
if (fs.statSync('starts').size > 100) { console.log('too many processes'); process.exit(99); }
const show = (r) => {
  if (r.error) return console.log('error', r.error.code);
  console.log(r.status, r.signal, r.stdout?.toString().trim().replaceAll(process.cwd(), 'CWD'),
              '|', r.stderr?.toString().trim().split('\n').filter((l) => /Error|bad option|requires/.test(l)).join('\n').replaceAll(self, 'EXE').replaceAll(process.cwd(), 'CWD'));
};
const sync = (...args) => show(cp.spawnSync(self, args, { input: '' }));
const ended = (c) => new Promise((done) => { let text = ''; c.stdout?.on('data', (d) => text += d); c.on('message', (m) => text += `message ${m} `); c.on('error', (e) => done(console.log(e.code))); c.on('close', (code, signal) => done(console.log(code, signal, text.trim().replaceAll(process.cwd(), 'CWD')))); });
fs.writeFileSync('disk.js', `console.log('disk', process.argv.slice(2), __filename === require('path').resolve('disk.js'), require.main === module)`);
fs.writeFileSync('disk.mjs', `console.log('disk esm', process.argv.slice(2), import.meta.main)`);
fs.writeFileSync('typed.ts', `const n: number = 5; console.log('disk ts', n, process.argv.slice(2))`);
fs.writeFileSync('pre.js', `console.log('preloaded')`);
fs.writeFileSync('pre.mjs', `console.log('imported')`);
fs.mkdirSync('bin', { recursive: true });
fs.writeFileSync('bin/tool', `#!/usr/bin/env node\nconsole.log('tool', process.argv.slice(2))`);
fs.writeFileSync('broken.js', `this is no script`);
const silent = { silent: true };
const ways = {
  spawn: () => ended(cp.spawn(self, [child, 'a', '--b=c', '-v', '--', ''])),
  sync: () => sync(child, 'x y', "'"),
  argv0: () => show(cp.spawnSync(process.argv[0], [child])),
  argv0Original: () => show(cp.spawnSync(process.argv0, [child])),
  execFile: () => show(cp.spawnSync(self, [require.resolve('./child')])),
  withoutExtension: () => sync(path.join(__dirname, 'child'), '1'),
  dots: () => sync(__dirname + '/lib/.././child.js'),
  esm: () => sync(esm, 'e'),
  typed: () => sync(typed, 't'),
  noEnvironment: () => show(cp.spawnSync(self, [child], { env: {} })),
  environment: () => show(cp.spawnSync(self, [child], { env: { A: '1', NODE: self } })),
  renamed: () => show(cp.spawnSync(self, [child], { argv0: 'renamed' })),
  fork: () => ended(cp.fork(child, ['f'], silent)),
  forkResolved: () => ended(cp.fork(require.resolve('./child.js'), silent)),
  forkEsm: () => ended(cp.fork(esm, silent)),
  forkURL: () => ended(cp.fork(require('url').pathToFileURL(child), ['u'], silent)),
  forkNoEnvironment: () => ended(cp.fork(child, { ...silent, env: {} })),
  forkOptions: () => ended(cp.fork(child, ['o'], { ...silent, execArgv: ['--max-old-space-size=64', '--no-warnings'] })),
  forkRequire: () => ended(cp.fork(child, { ...silent, execArgv: ['-r', './pre.js'] })),
  forkImport: () => ended(cp.fork(child, { ...silent, execArgv: ['--import', './pre.mjs'] })),
  forkImportEsm: () => ended(cp.fork(esm, { ...silent, execArgv: ['--import', './pre.mjs', '-r', './pre.js'] })),
  forkConditions: () => ended(cp.fork(child, { ...silent, execArgv: ['--conditions=x', '-C', 'y'] })),
  forkBadOption: () => ended(cp.fork(child, { stdio: ['ignore', 'pipe', 'ignore', 'ipc'], execArgv: ['--no-such-option'] })),
  forkMissing: () => ended(cp.fork('./missing.js', { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })),
  forkWord: () => ended(cp.fork('missing', { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })),
  forkDisk: () => ended(cp.fork('./disk.js', ['d'], silent)),
  forkDiskWord: () => ended(cp.fork('disk', ['d'], silent)),
  forkSelf: () => ended(cp.fork(__filename, ['own'], silent)),
  selfAgain: () => sync(process.argv[1], 'own', '2'),
  selfOptions: () => sync(...process.execArgv, '--stack-trace-limit=3', __filename, 'own'),
  selfRequire: () => sync('-r', './pre.js', process.argv[1], 'own'),
  selfImport: () => sync('--import=./pre.mjs', process.argv[1], 'own'),
  disk: () => sync('disk.js', 'd'),
  diskPath: () => sync('./disk', 'd'),
  diskEsm: () => sync(path.resolve('disk.mjs'), 'd'),
  diskTyped: () => sync('./typed.ts', 'd'),
  tool: () => sync(path.resolve('bin/tool'), 'd'),
  broken: () => sync('./broken.js'),
  missing: () => sync('./missing.js'),
  missingHere: () => sync(path.join(__dirname, 'missing.js')),
  eval: () => sync('-e', 'console.log("eval", process.argv.slice(1), process.execArgv.length)', 'a', 'b'),
  evalLong: () => sync('--eval', 'console.log(require("os").EOL === "\\n")'),
  evalEsm: () => sync('--input-type=module', '-e', 'import os from "os"; console.log(typeof os.EOL, await 1)'),
  print: () => sync('-p', '1 + 1'),
  printLong: () => sync('--print', 'process.argv.length', 'x'),
  printEval: () => sync('-pe', '[1].length'),
  evalThrows: () => sync('-e', 'process.exitCode = 4; throw new TypeError("thrown")'),
  evalMissing: () => sync('-e'),
  version: () => sync('--version'),
  versionShort: () => sync('-v'),
  check: () => sync('--check', './disk.js'),
  checkBroken: () => sync('-c', './broken.js'),
  stdin: () => show(cp.spawnSync(self, ['-', 'z'], { input: 'console.log("stdin", process.argv.slice(1))' })),
  sh: () => show(cp.spawnSync('sh', ['-c', `"${self}" "${child}" s; echo $?`])),
  shell: () => show(cp.spawnSync(`"${self}"`, [`"${child}"`], { shell: true })),
  shArguments: () => show(cp.spawnSync('sh', ['-c', '"$0" "$1"', self, child])),
  shVariable: () => show(cp.spawnSync('sh', ['-c', '"$NODE" "$SCRIPT" v'], { env: { NODE: self, SCRIPT: child } })),
  shNested: () => show(cp.spawnSync('sh', ['-c', `sh -c '(exec "${self}" "${child}" n)'; echo then`])),
  env: () => show(cp.spawnSync('env', ['-u', 'HOME', 'EXTRA=1', self, child])),
  envEmpty: () => show(cp.spawnSync('env', ['-i', self, child, 'i'])),
  shStdin: () => show(cp.spawnSync('sh', { input: `"${self}" "${child}" in` })),
  shFile: () => { fs.writeFileSync('run.sh', `"${self}" "${child}" file; exit 7`); show(cp.spawnSync('sh', ['run.sh'])); },
  xargs: () => show(cp.spawnSync('xargs', ['-n', '1', self, child], { input: '1 2' })),
  exec: () => new Promise((done) => cp.exec(`${self} ${child} e1 && ${self} -p 7`, (error, out) => done(console.log(error, out.replaceAll(process.cwd(), 'CWD'))))),
  proc: () => show(cp.spawnSync('/proc/self/exe', [child, 'p'])),
  link: () => { fs.rmSync('link', { force: true }); fs.symlinkSync(self, 'link'); show(cp.spawnSync('./link', [child])); },
  execve: () => show(cp.spawnSync(self, [__filename, 'execve'])),
  grandchild: () => show(cp.spawnSync(self, [__filename, 'again'])),
  printenv: () => show(cp.spawnSync('env', { env: { ONLY: '1' } })),
  printenvEmpty: () => show(cp.spawnSync('/usr/bin/env', { env: {} })),
  printenvOwn: () => console.log(cp.execSync('env').toString().includes('KILN_STARTED_BY'), 'KILN_STARTED_BY' in process.env),
  detached: async () => { fs.rmSync('done', { force: true }); cp.spawn('sh', ['-c', `"${self}" "${child}" d > done.tmp; mv done.tmp done`], { detached: true, stdio: 'ignore' }).unref(); for (let i = 0; i < 500 && !fs.existsSync('done'); i++) await new Promise((d) => setTimeout(d, 20)); console.log(fs.readFileSync('done', 'utf8').trim()); },
  clusterOwn: () => new Promise((done) => { cluster.setupPrimary({ silent: true }); const w = cluster.fork({ WORKER: '1' }); w.process.stdout.on('data', (d) => console.log(`${d}`.trim())); w.on('exit', (code) => done(console.log('worker', code))); }),
  clusterExec: () => new Promise((done) => { cluster.setupPrimary({ exec: child, args: ['w', '--x'], silent: true }); const w = cluster.fork(); w.process.stdout.on('data', (d) => console.log(`${d}`.trim())); w.on('exit', (code) => done(console.log('worker', code))); }),
};
async function main() {
  if (cluster.isWorker) { console.log('worker', process.argv.length, process.argv.slice(2), cluster.worker.id); return process.exit(0); }
  if (process.argv[2] === 'execve') return process.execve(self, [self, child, 'replaced'], { E: '1' });
  if (process.argv[2] === 'again') return sync(child, 'of child');
  if (process.argv[2] === 'own') return console.log('own', process.argv.slice(1), process.execArgv, require.main === module);
  for (const name in ways) {
    console.log(`-- ${name}`);
    try { await ways[name](); } catch (error) { console.log(name, error); }
  }
  console.log(fs.statSync('starts').size, 'starts of the entry');
}
main();
END
as_node "ways" main.js
report_differences
