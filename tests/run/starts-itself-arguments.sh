. "$(dirname "$0")/../build/common.sh"
# Arguments that are the app's own stay its own: those of a user, and words that are no scripts when
# the app starts itself. And the variable that marks a start by the app itself: who reads it, and who gets it.
file child.js <<'JS'
console.log('child', process.argv.slice(2).join(' '), Object.keys(process.env).filter((n) => n.startsWith('KILN_STARTED')).length);
JS
file main.js <<'JS'
const cp = require('child_process'), path = require('path'), fs = require('fs');
const [how, ...rest] = process.argv.slice(2), self = process.execPath;
const run = (file, args, options) => {
  const r = cp.spawnSync(file, args, { input: '', encoding: 'utf8', ...options });
  console.log(r.status, r.stdout.trim(), r.stderr.trim().replaceAll(self, 'APP'));
};
if (how === 'run') {
  for (const args of [['worker', '--x'], ['build'], ['task'], ['.'], ['./folder'], ['--port', '80'], ['-d'], ['data.json'], ['./data.json'],
                      ['https://example.com/a'], ['--port', './script.js'], ['worker', path.join(__dirname, 'child.js')]]) run(self, args);
} else if (how === 'name') {
  const env = { PATH: path.dirname(self) };
  run('app', ['script.js', '1'], { env });                        // a file of the user
  run('app', [path.join(__dirname, 'child.js'), '2'], { env });   // no user has such a path
  run('/bin/sh', ['-c', `: ${self}; app script.js 3`], { env });
} else if (how === 'deep') {  // ten times by name, as a recursive program does
  const depth = Number(rest[0] ?? 0), env = { PATH: path.dirname(self) };
  const r = depth < 10 ? cp.spawnSync('app', ['deep', depth + 1], { env, stdio: 'inherit' }) : cp.spawnSync(self, ['worker', depth], { stdio: 'inherit' });
  process.exitCode = r.status;
} else if (how === 'other') {
  run(rest[0], ['script.js', '4'], { env: { ...process.env, NAMES: self } });         // not this executable
  run(rest[0], ['start', self, path.join(__dirname, 'child.js')], { env: { ...process.env, NAMES: self } });
} else if (how === 'start') {
  run(rest[0], rest.slice(1));
} else if (how === 'child') {
  run(self, [path.join(__dirname, 'child.js')]);
} else if (how === 'variable') {
  process.stdout.write(cp.execSync(`: ${self}; echo $KILN_STARTED_BY`));
} else if (how === 'restart') {  // with the same arguments
  const times = fs.existsSync('times') ? fs.statSync('times').size : 0;
  fs.appendFileSync('times', 'x');
  if (times < 1) cp.spawn(self, ['restart'], { detached: true, stdio: 'inherit' }).unref();
  else console.log('restarted');
} else {
  console.log('entry', process.argv.slice(2).join(' '), 'KILN_STARTED_BY' in process.env);
}
JS
build main.js --intl=none
mkdir -p away/build away/folder
echo 'console.log("a file of the working directory")' | tee away/script.js away/build/index.js away/folder/index.js away/task.js >away/task
echo '{}' >away/data.json

for args in script.js ./script.js /kiln/child.js /kiln/main.js '-e 1' --version - '-p 1' '--check script.js'; do
  # shellcheck disable=SC2086  # words
  expect $args <<<"entry $args false"
done
expect run <<'OUT'
0 entry worker --x false 
0 entry build false 
0 entry task false 
0 entry . false 
0 entry ./folder false 
0 entry --port 80 false 
0 entry -d false 
0 entry data.json false 
0 entry ./data.json false 
0 entry https://example.com/a false 
0 entry --port ./script.js false 
0 entry worker /kiln/child.js false 
OUT
expect name <<'OUT'
0 entry script.js 1 false 
0 child 2 0 
0 entry script.js 3 false 
OUT
expect deep <<<'entry worker 10 false'
expect restart <<<restarted
# The variable of one executable means nothing to another, which passes it on unseen.
echo '// another program' >>main.js
mv app first
build main.js --intl=none
mv app other
mv first app
expect other "$scratch/other" <<'OUT'
0 entry script.js 4 false 
0 0 child  0 
OUT
variable=$(run variable)
[[ $variable =~ ^[0-9a-f]{16}:w: ]] || { echo "the variable is '$variable'" >&2; exit 1; }

# In a process with more rights than its user it has no effect but an error.
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null && [[ -z ${KILN_SANITIZED:-} ]] &&
  [[ $(findmnt -no OPTIONS --target "$scratch") != *nosuid* ]]; then
  chmod 755 "$scratch" away
  chmod 4755 app
  as_user() {
    status=0
    (cd away && KILN_STARTED_BY=${variable/:w:/:p:} setpriv --reuid 65534 --regid 65534 --clear-groups "$scratch/app" "$@") >output 2>&1 </dev/null || status=$?
  }
  for args in script.js /kiln/child.js '-e 1'; do
    # shellcheck disable=SC2086  # words
    as_user $args
    [[ $status == 1 && $(<output) == *"more rights than the user who started it"* ]] ||
      { echo "$args as set-user-ID: status $status" >&2; cat output >&2; exit 1; }
  done
  for args in '/kiln/main.js x' x; do
    # shellcheck disable=SC2086  # words
    as_user $args
    same "the output of $args as set-user-ID" "entry x false" "$(<output)"
  done
  as_user child
  same "a set-user-ID app that starts itself" "1  APP: has more rights than the user who started it, so it runs nothing but its own entry" "$(<output)"
  chmod 755 app
fi

# Whoever has set the variable elsewhere, a script on disk runs only below a process of the executable.
same "a variable that somebody else has set" "entry script.js false" \
  "$(cd away && KILN_STARTED_BY=${variable/:w:/:p:} ../app script.js 2>&1)"

# With --evaluate the app ran when it was built.
file evaluated.js <<'JS'
const { startupSnapshot } = require('v8');
const cp = require('child_process'), path = require('path'), built = [1];
startupSnapshot.setDeserializeMainFunction(() => {
  if (process.argv[2]) return console.log('main', process.argv.slice(2).join(' '), built.length);
  for (const args of [[path.join(__dirname, 'child.js'), 'x'], [process.argv[1], 'own'], ['-p', '7'], ['word']])
    console.log(cp.spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.trim());
});
JS
build evaluated.js --evaluate --intl=none
expect <<'OUT'
child x 0
main own 1
7
main word 1
OUT
