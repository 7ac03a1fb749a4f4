. "$(dirname "$0")/../build/common.sh"
# Signals: a handler runs and the process goes on; without one, the signal ends it.
file main.js <<'JS'
let count = 0;
if (process.argv[2] === 'handle') {
  process.on('SIGTERM', (name, number) => console.log(name, number, ++count));
  process.once('SIGUSR2', () => { console.log('done'); clearInterval(alive); });
}
const alive = setInterval(() => {}, 1000);
console.log('ready', process.pid);
JS
build main.js

# start WAY: runs the app in the background until it is ready; sets $pid.
start() {
  : >said
  run_in_place "$1" >said &
  while ! grep -q ready said; do sleep 0.02; done
  pid=$(sed -n 's/^ready //p' said)
}
run_in_place() { exec "$scratch/app" "$@"; }
# ended CODE: the app must end so.
ended() {
  local code=0
  wait "$pid" || code=$?
  ((code == $1)) || { echo "ended with $code, not $1" >&2; cat said >&2; exit 1; }
}
# after PATTERN: waits until the app has said it.
after() {
  while ! grep -q "$1" said; do sleep 0.02; done
}

start handle
kill -TERM "$pid"
after 'SIGTERM 15 1'
kill -TERM "$pid"
after 'SIGTERM 15 2'
kill -USR2 "$pid"
after done
ended 0
start default
kill -TERM "$pid"
ended 143
start default
kill -HUP "$pid"
ended 129
