#!/bin/bash
# A worker of an app starts from a context of the snapshot. What depends on the thread, on options, on
# the environment and on the time is nevertheless that of the worker, as under node.
. "$(dirname "$0")/../build/common.sh"

file main.js <<'JS'
const { Worker } = require('worker_threads');
const text = `
const { parentPort, threadId, threadName, isMainThread, workerData, resourceLimits } = require('worker_threads');
const names = (object) => Object.getOwnPropertyNames(object).sort().join();
const caught = (f) => { try { f(); } catch (e) { return e.code; } };
parentPort.postMessage([
  threadId, threadName, isMainThread, workerData, resourceLimits.stackSizeMb,
  names(globalThis), names(process),
  Error.stackTraceLimit, process.argv.slice(1), process.execArgv, process.env.FOO, process.env.HOME,
  process.noDeprecation, process.traceDeprecation, typeof process.exitCode, process._exiting,
  process.eventNames().map(String), caught(() => process.chdir('/')), caught(() => process.umask(0)),
  typeof WebSocket, typeof EventSource, typeof WebAssembly.compileStreaming,
  new Date(0).getTimezoneOffset(), process.pid > 1, process.hrtime()[0] > 0, performance.timeOrigin > 1e12,
  require('async_hooks').executionAsyncId() > 1, Buffer.poolSize, Buffer.allocUnsafe(3).length,
]);
process.exit(3);`;
const worker = new Worker(text, {
  eval: true, workerData: { a: 1 }, name: 'n', argv: ['x'], env: { FOO: 'bar' },
  execArgv: process.argv.slice(2), resourceLimits: { stackSizeMb: 3 },
});
worker.on('message', (values) => values.forEach((value, i) => console.log(i, JSON.stringify(value))));
worker.on('exit', (code) => console.log('exit', code));
JS
build main.js
for option in --no-warnings --no-deprecation --trace-deprecation --no-experimental-websocket --experimental-eventsource; do
  TZ=Asia/Tokyo timeout 20 "$KILN_NODE" main.js $option > node.txt
  TZ=Asia/Tokyo timeout 20 ./app $option > kiln.txt
  [ "$(wc -l < node.txt)" -gt 25 ]
  diff node.txt kiln.txt
done

# The snapshot of an app that does not name the module has no such context.
file hidden.js <<'JS'
const { Worker } = process.getBuiltinModule(['worker', 'threads'].join('_'));
new Worker('console.log(process.argv.length)', { eval: true }).on('exit', (code) => console.log('exit', code));
JS
build hidden.js
expect <<'END'
2
exit 0
END
