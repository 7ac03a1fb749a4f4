. "$(dirname "$0")/../build/common.sh"
# --evaluate=auto: what the observed start of an app has called is compiled in the snapshot, also if no module is
# baked, and what apps like this one usually call later (runtime-stub/library/usual_functions.txt).
flags=(--intl=none --v8-flag=--log-function-events)
# compiled FUNCTION…: which of them V8 compiles while the app runs.
compiled() {
  local name
  rm -rf logs && mkdir logs
  (cd logs && "$scratch/app" >out) || { cat logs/out >&2; exit 1; }
  for name in "$@"; do ! grep -q "^function,interpreter,.*,$name$" logs/*.log || echo "$name"; done | xargs
}

# A request. What answers it was called in the build, with a request of Kiln, but nothing that it does was done.
file server.js <<'JS'
const http = require('http'), net = require('net');
const { answer } = require('./answer');
const server = http.createServer(answer).listen(0, '127.0.0.1', () => {
  const socket = net.connect(server.address().port, '127.0.0.1');
  socket.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  socket.on('data', (data) => process.stdout.write(data)).on('close', () => server.close());
});
JS
file answer.js <<JS
exports.answer = async function answerRequest(request, response) {
  require('fs').writeFileSync('$scratch/answered', 'x');
  await null;
  setImmediate(function answerLater() { response.end('text'); });
};
JS
names=(answerRequest answerLater parserOnIncoming resOnFinish readableAddChunkPushByteMode setupConnectionsTracking)
build server.js "${flags[@]}" --evaluate=none
same "what a start compiles without observation" "${names[*]}" "$(compiled "${names[@]}")"
rm -f answered
build server.js "${flags[@]}"
[[ ! -e answered ]] || { echo 'the build has written a file of the app' >&2; exit 1; }
same "what it compiles after it was observed" "" "$(compiled "${names[@]}")"
grep -q '^text$' logs/out
[[ -e answered ]]

# Nothing is baked: the module acts.
file main.js <<'JS'
const { used } = require('./acts');
console.log(used(), new URL('http://a.b/c').pathname);
JS
file acts.js <<'JS'
console.log('loaded');
exports.used = function usedFunction() { return (function innerFunction() { return 'used'; })(); };
exports.unused = function unusedFunction() {};
JS
names=(usedFunction innerFunction)
build main.js "${flags[@]}" --evaluate=none
same "what a start compiles without observation" "${names[*]}" "$(compiled "${names[@]}")"
build main.js "${flags[@]}"
grep -q '0 of 2 modules baked' log
same "what it compiles if nothing is baked" "" "$(compiled "${names[@]}")"
same "what it prints" $'loaded\nused /c' "$(cat logs/out)"

# A file that is the whole app: observed if it is large.
{ echo "console.log(usedFunction());"; echo "function usedFunction() { return 'used'; }"; printf '// %0100d\n' {1..200}; } >single.js
build single.js "${flags[@]}"
same "what a large single file compiles" "" "$(compiled usedFunction)"
same "what it prints" used "$(cat logs/out)"
# Two builds are the same, byte for byte.
sha256sum <app >first
build single.js "${flags[@]}" --no-cache
same "the bytes of two builds" "$(cat first)" "$(sha256sum <app)"

# A handler that never ends, since the file that it waits for is not written in the build: what was recorded before counts.
file endless.js <<'JS'
const { table } = require('./table');
const fs = require('fs');
fs.writeFileSync('ready', '');
const server = require('http').createServer(() => { while (!fs.existsSync('ready')); });
server.listen(0, '127.0.0.1', () => server.close(() => console.log(table.get('one'))));
JS
file table.js <<'JS'
exports.table = new Map([['one', 1]]);
JS
build endless.js "${flags[@]}"
grep -q '1 of 2 modules baked' log || { cat log >&2; exit 1; }
same "what it prints" 1 "$(run)"
