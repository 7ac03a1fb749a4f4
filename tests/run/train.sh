. "$(dirname "$0")/../build/common.sh"
# kiln build --train: what ran in a training run is compiled in the snapshot, and nothing else changes.
flags=(--intl=none)
file main.js <<'JS'
const { used, unused, Shape } = require('./lib');
const [what, ...rest] = process.argv.slice(2);
if (what === 'fail') { console.error('this went wrong'); process.exit(3); }
if (what === 'die') process.kill(process.pid, 'SIGKILL');
if (what === 'write') require('fs').writeFileSync(rest[0], process.cwd() + ' ' + process.env.WHO + ' ' + rest.join('|'));
if (what === 'fork') require('child_process').fork(__filename, ['unused']).on('exit', (code) => console.log('child', code));
else if (what === 'unused') console.log(unused(rest.length));
else console.log(used(rest.length), new Shape(2).area, used.toString().length, require('util').inspect(new Map([[1, { deep: [1] }]])));
try { (function thrower() { null.x; })(); } catch (error) { console.log(error.stack.split('\n')[1].trim()); }
JS
file lib.js <<'JS'
exports.used = function usedFunction(n) {
  const inner = (x) => { function innermost() { return x + 1; } return innermost(); };
  return [n].map(inner).join();
};
exports.unused = function unusedFunction(n) { return Array.from({ length: 3 }, (_, i) => i + n).join(); };
exports.Shape = class Shape {
  #side = 1;
  static all = [];
  constructor(n) { this.#side = n; Shape.all.push(this); }
  get area() { return this.#side ** 2; }
};
JS

# outputs: of all that the app does, trained or not.
outputs() {
  local arguments
  for arguments in '' 'a b' unused 'unused x y' fail fork "write $scratch/written one"; do
    echo "-- $arguments"
    (WHO=me run $arguments 2>&1) || echo "status $?"
  done
  cat written
}
# compiled FUNCTION…: which of them V8 compiles while the app runs. The app is built with log_flags.
log_flags=(--v8-flag=--log-function-events)
compiled() {
  local name
  rm -rf logs && mkdir logs
  (cd logs && "$scratch/app" >/dev/null)
  for name in "$@"; do ! grep -q "^function,interpreter,.*,$name$" logs/*.log || echo "$name"; done | xargs
}
names=(usedFunction inner innermost Shape 'get area' unusedFunction inspect formatMap)

for evaluate in none auto; do
  flags=(--intl=none --evaluate=$evaluate)
  build main.js "${flags[@]}" "${log_flags[@]}"
  outputs >untrained
  # With baked modules what the app calls without arguments is compiled, as far as it was observed.
  [[ $evaluate == auto ]] && wanted= || wanted='usedFunction inner innermost Shape inspect formatMap'
  same "what an untrained start compiles ($evaluate)" "$wanted" "$(compiled "${names[@]}" | sed 's/ get area//')"
  build main.js "${flags[@]}" "${log_flags[@]}" --train ''
  grep -qE '^ +train .* [0-9]+ functions of 1 process$' log || { cat log >&2; echo 'no report of the training' >&2; exit 1; }
  outputs >trained
  same "what the trained app prints ($evaluate)" "$(cat untrained)" "$(cat trained)"
  same "what a trained start compiles ($evaluate)" "" "$(compiled "${names[@]}")"
  if [[ $evaluate == auto ]]; then
    build main.js "${flags[@]}" "${log_flags[@]}" --train unused
    # All functions of the app are compiled (run/compiled-in-advance), of the library those of the profile.
    same "what a start compiles after another training" "inspect formatMap" "$(compiled "${names[@]}" | sed 's/ get area//')"
  fi

  ! grep -qa 'training=/' app || { echo 'the final executable records, too' >&2; exit 1; }

  # Two builds in two folders, one without the cache.
  rm -rf elsewhere && mkdir -p elsewhere/tmp && cp main.js lib.js elsewhere
  build main.js "${flags[@]}" --train 'a b' --train fork
  (cd elsewhere && TMPDIR=$PWD/tmp "$KILN" build main.js "${flags[@]}" -o app --no-cache --train 'a b' --train fork >log 2>&1) || { cat elsewhere/log >&2; exit 1; }
  same "the bytes of two builds ($evaluate)" "$(sha256sum <app)" "$(sha256sum <elsewhere/app)"
  grep -qE 'functions of 3 processes$' log || { cat log >&2; echo 'a child process was not recorded' >&2; exit 1; }
done
flags=(--intl=none)

# Runs are in the working directory of the build, with its environment. Their arguments are quoted as in a shell.
WHO=builder build main.js "${flags[@]}" --train "write $scratch/written 'a b'c \"d \\\" e\" f\\ g ''" --json
same "what a training run has written" "$scratch builder $scratch/written|a bc|d \" e|f g|" "$(cat written)"
grep -qE '^\{"type":"train","functions":[1-9][0-9]*,"bytes":[1-9][0-9]*,"runs":1,"processes":1\}$' log || { cat log >&2; echo 'no object of the type train' >&2; exit 1; }

# Failures.
build main.js "${flags[@]}" --train fail
says 'warning: The training run --train fail exited with code 3'
says 'this went wrong'
rm app
fails_with 'The training run --train die was killed by signal 9' main.js "${flags[@]}" --train die
fails_with "A quote is not closed in --train a 'b" main.js "${flags[@]}" --train "a 'b"
fails_with 'missing.sh' main.js "${flags[@]}" --train-script ./missing.sh
file nothing.sh <<<'#!/bin/sh'
chmod +x nothing.sh
fails_with 'The training runs have recorded nothing' main.js "${flags[@]}" --train-script nothing.sh
same "files beside the output" "" "$(find . -maxdepth 1 -name '*training*')"
