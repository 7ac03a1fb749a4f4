. "$(dirname "$0")/../build/common.sh"
# kiln build --train-script: a server that a script starts, asks and stops, with and without a handler of its own for SIGTERM.
file main.js <<'JS'
const server = require('http').createServer((request, response) => answer(request, response));
function answer(request, response) { response.end('hello ' + request.url); }
function stop() { server.close(() => { console.log('stopped'); process.exit(0); }); server.closeAllConnections(); }
if (process.argv[2] === 'handles') process.on('SIGTERM', stop);
server.listen(0, '127.0.0.1', () => console.log('ready', server.address().port));
JS
file ask.sh <<'SH'
#!/bin/bash
# ask.sh APP ARGUMENTS…: prints the response to a request, and the status with which the app ends.
coproc app { exec "$@"; }
pid=$app_PID
# A server that does not stop is ended.
(sleep 60 && kill -KILL "$pid") >/dev/null 2>&1 &
watch=$!
read -r -t 60 -u "${app[0]}" ready port
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3
tail -n 1 <&3
echo
kill -TERM "$pid"
wait "$pid"
echo "status $?"
kill "$watch"
SH
file train.sh <<'SH'
#!/bin/sh
exec bash ask.sh "$KILN_TRAIN_APP" "$@" >asked
SH
file train-handler.sh <<'SH'
#!/bin/sh
exec bash ask.sh "$KILN_TRAIN_APP" handles >asked
SH
chmod +x train.sh train-handler.sh
# compiled: how many functions V8 compiles until a server has answered and stopped.
compiled() {
  rm -rf logs && mkdir logs
  (cd logs && bash ../ask.sh ../app handles >../answer)
  same 'the answer' "hello /path
status 0" "$(cat answer)"
  cat logs/*.log | grep -c '^function,interpreter,' || true
}
flags=(--intl=none --v8-flag=--log-function-events)
(mkdir built && cd built && "$KILN" build ../main.js -o ../app "${flags[@]}") >log 2>&1 || { cat log >&2; exit 1; }
before=$(compiled)
build main.js "${flags[@]}" --train-script train.sh
same 'what the script has seen' "hello /path
status 143" "$(cat asked)"
without=$(compiled)
build main.js "${flags[@]}" --train-script train-handler.sh
same 'what the script has seen of the handler' "hello /path
status 0" "$(cat asked)"
with=$(compiled)
echo "functions that are compiled: $before untrained, $without after training until a signal, $with after training"
((before > 200 && without < before / 4 && with < 10)) || { echo 'too many functions are compiled after training' >&2; exit 1; }
