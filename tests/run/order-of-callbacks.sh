. "$(dirname "$0")/../build/common.sh"
# Ticks run before microtasks, both between any two callbacks; then timers, polling and checks.
file main.js <<'JS'
const fs = require('fs');
const log = [];
const say = (word) => () => log.push(word);
setTimeout(() => {
  log.push('timeout');
  process.nextTick(say('tick in timeout'));
  Promise.resolve().then(say('microtask in timeout'));
}, 1);
setTimeout(say('next timeout'), 1);
setTimeout(say('earlier timeout'), 0).hasRef() && log.push('main');
Promise.resolve().then(() => {
  log.push('microtask');
  process.nextTick(say('tick of microtask'));
}).then(say('second microtask'));
process.nextTick(say('tick'));
queueMicrotask(say('queued microtask'));
const late = Date.now() + 5;
while (Date.now() < late);  // so that all timers are due at once
fs.stat(__filename, () => {
  log.push('stat');
  setTimeout(say('timeout after check'), 0);
  setImmediate(() => {
    log.push('check');
    setImmediate(say('second check'));
    clearImmediate(setImmediate(say('cleared')));
  });
});
setTimeout(say('never'), 1e6).unref();
let ticks = 0;
const interval = setInterval(() => { if (++ticks === 3) clearInterval(interval); }, 1);
process.on('exit', () => console.log(log.concat(`interval ${ticks}`).join('\n')));
JS
build main.js
got=$(run)
# Only the order of a check and a timer of one millisecond may vary.
[[ $(grep -vE '^(second check|timeout after check)$' <<< "$got") == 'main
tick
microtask
queued microtask
second microtask
tick of microtask
timeout
tick in timeout
microtask in timeout
next timeout
earlier timeout
stat
check
interval 3' ]] || { echo "$got" >&2; exit 1; }
