. "$(dirname "$0")/../build/common.sh"
# All functions of an app are compiled when it is built: those that no start calls, and those of modules that
# are loaded later, by import() or a require() in a function.
file main.js <<'JS'
const { first } = require('./first');
exports.work = async function work() {
  console.log(first());
  console.log(require('./later').later());
  console.log((await import('./module.mjs')).imported());
  console.log(String(await import('./broken.mjs').catch((error) => error)));
};
if (process.argv[2] === 'work') exports.work();
JS
file first.js <<'JS'
exports.first = function firstFunction() { return [1].map(function firstInner(x) { return x + 1; }).join(); };
JS
file later.js <<'JS'
exports.later = function laterFunction() { return [2].map(function laterInner(x) { return x + 1; }).join(); };
JS
file module.mjs <<'JS'
export function imported() { return [3].map(function importedInner(x) { return `é ${x + 1}`; }).join(); }
JS
file broken.mjs <<'JS'
import { nothing } from './module.mjs';
JS
expected='2
3
é 4'
names=(work firstFunction firstInner laterFunction laterInner imported importedInner)
# compiled: which of them V8 compiles while the app works.
compiled() {
  local name
  rm -rf logs && mkdir logs
  (cd logs && "$scratch/app" work >/dev/null)
  for name in "${names[@]}"; do ! grep -qE "^function,(interpreter|full-parse|preparse-.*),.*,$name$" logs/*.log || echo "$name"; done | xargs
}
build main.js --intl=none --v8-flag=--log-function-events
same 'what the app prints' "$expected" "$(run work | head -3)"
grep -q 'SyntaxError.*nothing' <(run work) || { echo 'the broken module is not reported' >&2; exit 1; }
same 'what is compiled while it works' '' "$(compiled)"
build main.js --intl=none --v8-flag=--log-function-events --evaluate=none
same 'what is compiled with --evaluate=none' "${names[*]}" "$(compiled)"
# Code of another snapshot is refused by V8, and the module compiled: with options the start uses the ordinary one.
build main.js --intl=none --exec-argv-extension=cli
same 'what the app prints with an option' "$expected" "$(run --node-options=--stack-trace-limit=5 work | head -3)"
