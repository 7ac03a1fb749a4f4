. "$(dirname "$0")/../build/common.sh"
. "$tests/support/servers.sh"
# Signals: a handler runs and the process continues; without one, the signal ends it,
# except for SIGUSR1.
file main.js <<'JS'
let count = 0;
if (process.argv[2] === 'handle') {
  process.on('SIGTERM', (name, number) => console.log(name, number, ++count));
  process.once('SIGUSR2', () => { console.log('done'); clearInterval(alive); });
}
const alive = setInterval(() => {}, 1000);
console.log('ready');
JS
build main.js

start ./app handle
await ready
kill -TERM "$pid"
await 'SIGTERM 15 1'
kill -TERM "$pid"
await 'SIGTERM 15 2'
kill -USR2 "$pid"
await done
ended 0
start ./app default
await ready
kill -TERM "$pid"
ended 143
# Node would start its debugger.
start ./app default
await ready
kill -USR1 "$pid"
kill -TERM "$pid"
ended 143
start ./app default
await ready
kill -HUP "$pid"
ended 129
