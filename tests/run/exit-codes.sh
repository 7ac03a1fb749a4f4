. "$(dirname "$0")/../build/common.sh"
# How a process ends: its exit code, what it prints to stderr, and which callbacks run before.
file main.js <<'JS'
process.on('exit', (code) => console.log('exit', code));
process.on('beforeExit', () => console.log('beforeExit'));
const ways = {
  return() {},
  exit() { process.exit(3); },
  exitCode() { process.exitCode = 4; },
  throw() { throw new TypeError('thrown'); },
  reject() { Promise.reject(new RangeError('rejected')); },
  rejectValue() { Promise.reject(7); },
  later() { setTimeout(() => { throw new Error('later'); }, 1); },
  caught() {
    process.on('uncaughtException', (error, origin) => console.log(origin, error.message));
    setTimeout(() => console.log('still here'), 5);
    throw new Error('caught');
  },
  caughtRejection() {
    process.on('unhandledRejection', (error) => console.log('unhandledRejection', error.message));
    Promise.reject(new Error('caught'));
  },
  handledLater() {
    const promise = Promise.reject(new Error('never seen'));
    process.nextTick(() => promise.catch((error) => console.log(error.message)));
  },
};
ways[process.argv[2]]();
JS
build main.js

# ends WAY CODE STDERR-PATTERN: stdout must be stdin.
ends() {
  local code=0
  cat >want
  run "$1" >got 2>output || code=$?
  ((code == $2)) || { echo "$1 ended with $code, not $2" >&2; cat output >&2; exit 1; }
  diff want got >&2
  if [[ -n ${3:-} ]]; then
    grep -qE -- "$3" output || { echo "$1 did not print to stderr: $3" >&2; cat output >&2; exit 1; }
  elif [[ -s output ]]; then
    echo "$1 printed to stderr:" >&2; cat output >&2; exit 1
  fi
}
ends return 0 <<< $'beforeExit\nexit 0'
ends exit 3 <<< 'exit 3'
ends exitCode 4 <<< $'beforeExit\nexit 4'
ends throw 1 '^TypeError: thrown$' <<< 'exit 1'
ends reject 1 '^RangeError: rejected$' <<< 'exit 1'
ends rejectValue 1 'ERR_UNHANDLED_REJECTION' <<< 'exit 1'
ends later 1 '^Error: later$' <<< 'exit 1'
ends caught 0 <<< $'uncaughtException caught\nstill here\nbeforeExit\nexit 0'
ends caughtRejection 0 <<< $'unhandledRejection caught\nbeforeExit\nexit 0'
ends handledLater 0 <<< $'never seen\nbeforeExit\nexit 0'
