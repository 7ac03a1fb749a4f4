. "$(dirname "$0")/../modules/common.sh"
# An entry that starts itself in one of these ways without asking who it is must not start more
# processes than under node. Words that are no scripts run the entry in an app, and end with an
# error under node; there the limits of docs/starting-itself.md hold.
files <<'END'
-- child.js --
require('fs').appendFileSync('starts', 'c');
-- main.js --
const cp = require('child_process'), path = require('path'), fs = require('fs'), cluster = require('cluster');
const self = process.execPath, child = path.join(__dirname, 'child.js'), stdio = { stdio: 'inherit' };
fs.appendFileSync('starts', 'e');
if (fs.statSync('starts').size > 60) process.exit(99);  // only a test that fails comes here
const spawn = (...args) => cp.spawn(self, args, stdio), sync = (...args) => cp.spawnSync(self, args, stdio);
const shell = (text) => cp.spawnSync('sh', ['-c', text], stdio);
const shapes = {
  spawn: () => spawn(child), twice: () => { spawn(child); spawn(child); }, sync: () => sync(child),
  fork: () => cp.fork(child), forkResolved: () => cp.fork(require.resolve('./child')),
  forkNoEnvironment: () => cp.fork(child, { env: {} }), noEnvironment: () => cp.spawnSync(self, [child], { env: {} }),
  exec: () => cp.exec(`"${self}" "${child}"`), execSync: () => cp.execSync(`${self} ${child}`),
  execFile: () => cp.execFile(self, [child]), shell: () => shell(`(${self} ${child} & wait)`),
  shellVariable: () => cp.spawnSync('sh', ['-c', '$N $C'], { env: { N: self, C: child } }),
  env: () => cp.spawnSync('env', ['A=1', self, child]), nested: () => shell(`sh -c "exec env ${self} ${child}"`),
  envEmpty: () => cp.spawnSync('env', ['-i', self, child]), envEval: () => cp.spawnSync('env', ['-i', self, '-e', '1']),
  script: () => { fs.writeFileSync('run.sh', `cd . && ${self} ${child}`); cp.spawnSync('sh', ['run.sh']); }, shellStdin: () => cp.spawnSync('sh', { input: `${self} ${child}` }),
  detached: () => cp.spawn(self, [child], { detached: true, stdio: 'inherit' }).unref(),
  argv0: () => cp.spawn(self, [child], { argv0: 'else' }), proc: () => cp.spawnSync('/proc/self/exe', [child]),
  execve: () => process.execve(self, [self, child], process.env), execArgv: () => spawn('--stack-size=900', child),
  eval: () => sync('-e', '1'), print: () => sync('-p', '1'), version: () => sync('--version'), check: () => sync('--check', child),
  missing: () => sync(path.join(__dirname, 'gone.js')), missingHere: () => sync('./gone.js'), forkMissing: () => cp.fork('gone'),
  stdin: () => cp.spawnSync(self, ['-'], { input: '1' }), badOption: () => cp.fork(child, { execArgv: ['--no-such'] }),
  cluster: () => { if (cluster.isPrimary) { cluster.fork(); cluster.fork(); } else process.exit(); },
  clusterExec: () => { cluster.setupPrimary({ exec: child }); cluster.fork().on('online', () => cluster.disconnect()); },
  guarded: () => process.argv[2] || spawn(process.argv[1], 'x'), guardedFork: () => process.send || cp.fork(__filename),
};
const words = {  // not scripts
  word: () => spawn('worker'), nothing: () => cp.spawn(self, { stdio: ['ignore', 1, 2] }), option: () => spawn('--worker', '1'),
  wordTwice: () => { spawn('a'); spawn('b'); }, growing: () => spawn('worker', ...process.argv.slice(2), 'x'),
  detachedWord: () => cp.spawn(self, ['worker'], { detached: true, stdio: 'inherit' }).unref(),
  envEmptyWord: () => cp.spawnSync('env', ['-i', self, 'worker'], stdio), envEmptyNothing: () => cp.spawnSync('env', ['-i', self], stdio),
  shellWord: () => shell(`${self} worker`), folder: () => spawn('.'),
};
(shapes[fs.readFileSync('shape', 'utf8')] ?? words[fs.readFileSync('shape', 'utf8')])();
END
mkdir -p away
"$KILN" build src/main.js -o app "${flags[@]}" >log 2>&1 || { cat log >&2; exit 1; }
# starts SHAPE COMMAND…: sorted letters of what was started. The pipe ends when all processes have.
starts() {
  printf %s "$1" >away/shape
  : >away/starts
  shift
  (cd away && timeout -k 1 60 "$@" 2>&1 </dev/null) | cat >output
  fold -w 1 away/starts | sort | tr -d '\n'
}
names() { sed -n "/^const $1 = {/,/^};/p" src/main.js | grep -oE '[{,]? +[a-zA-Z0-9]+: \(\)' | grep -oE '[a-zA-Z0-9]+'; }
mapfile -t shapes < <(names shapes)
mapfile -t words < <(names words)
((${#shapes[@]} >= 30 && ${#words[@]} >= 8)) || { echo "the shapes were not found: ${shapes[*]}, ${words[*]}" >&2; exit 1; }
for shape in "${shapes[@]}"; do
  wanted=$(starts "$shape" "$KILN_NODE" "$scratch/src/main.js")
  got=$(starts "$shape" "$scratch/app")
  [[ $got == "$wanted" ]] || { echo "$shape: node started '$wanted', the app '$got'" >&2; head -20 output >&2; differ+=("$shape"); }
done
# At most six entries below each other, two with equal arguments.
declare -A most=([word]=3 [nothing]=3 [option]=3 [detachedWord]=3 [shellWord]=3 [folder]=3 [envEmptyWord]=6 [envEmptyNothing]=6 [growing]=6 [wordTwice]=20)
for shape in "${words[@]}"; do
  got=$(starts "$shape" "$scratch/app")
  ((${#got} <= most[$shape])) || { echo "$shape: the app started '$got'" >&2; differ+=("$shape"); }
  grep -q 'has started itself again and again' output || { echo "$shape ended without the message" >&2; cat output; differ+=("$shape"); }
done
report_differences
