. "$(dirname "$0")/../build/common.sh"
# A debugger stops at a line of src/app.ts in a compiled app: node's WebSocket is the client. An app that was not
# built with --inspect opens no port, whatever its arguments, its environment and signals say.
node=${KILN_NODE:?set KILN_NODE to the official node}

mkdir src
file src/app.ts <<'TS'
interface Item { name: string; price: number }

function total(items: Item[]): number {
  let sum: number = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
}

console.log('total', total([{ name: 'a', price: 2 }, { name: 'b', price: 40 }]), process.argv.slice(2).join());
TS

file client.js <<'JS'
'use strict';
// client.js PROGRAM ARGUMENTS: starts the program, sets a breakpoint in src/app.ts and says what it sees.
const { spawn } = require('child_process');
const child = spawn(process.argv[2], process.argv.slice(3), { stdio: ['ignore', 'inherit', 'pipe'] });
const timeout = setTimeout(() => { console.log('timeout'); child.kill('SIGKILL'); process.exit(1); }, 20000);
child.on('exit', (code) => { console.log('exit', code); clearTimeout(timeout); });
let text = '';
child.stderr.on('data', function onData(data) {
  text += data;
  const url = /ws:\S+/.exec(text)?.[0];
  if (!url) return;
  child.stderr.off('data', onData);
  child.stderr.resume();
  debug(new WebSocket(url));
});

function debug(socket) {
  let id = 0;
  const answers = new Map();
  const send = (method, params = {}) => new Promise((resolve) => {
    answers.set(++id, resolve);
    socket.send(JSON.stringify({ id, method, params }));
  });
  let paused = () => {};
  let url;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.id) return answers.get(message.id)(message.result ?? message.error);
    if (message.method === 'Debugger.scriptParsed' && /\/app\.ts$/.test(message.params.url)) url = message.params.url;
    if (message.method === 'Debugger.paused') paused(message.params);
    if (message.method === 'Runtime.consoleAPICalled') console.log('console', message.params.args.map((a) => a.value).join(' '));
    if (message.method === 'Runtime.executionContextDestroyed') socket.close();
  };
  socket.onopen = async () => {
    await send('Runtime.enable');
    await send('Debugger.enable');
    await send('Debugger.setBreakpointByUrl', { lineNumber: 5, urlRegex: '/app\\.ts$' });
    let stop = new Promise((resolve) => paused = resolve);
    await send('Runtime.runIfWaitingForDebugger');
    for (let stops = 0; stops < 3;) {
      const { callFrames: [frame], hitBreakpoints } = await stop;
      stop = new Promise((resolve) => paused = resolve);
      if (hitBreakpoints?.length) {
        const { result } = await send('Debugger.evaluateOnCallFrame', { callFrameId: frame.callFrameId, expression: 'sum + " " + item.name' });
        console.log(frame.functionName, frame.location.lineNumber + 1, result.value);
        stops++;
      }
      send('Debugger.resume');
      if (stops === 2) break;
    }
  };
}
JS

build src/app.ts --inspect
expected='total 6 0 a
total 6 2 b
console total 42 x,y
total 42 x,y
exit 0'
for way in --inspect-brk=0 --inspect-wait=0; do
  "$node" client.js ./app $way x y >out 2>&1 || true  # what it prints is checked
  diff <(sort <<<"$expected") <(sort out) || { echo "FAIL: $way" >&2; exit 1; }
done
expect x <<<'total 42 x'
NODE_OPTIONS=--inspect=0 expect <<<'total 42 '

# Not built with --inspect, but with the module.
file uses.js <<'JS'
const inspector = require('inspector');
process.on('exit', () => console.log(inspector.url(), process.argv.slice(2).join(), process.features.inspector));
setTimeout(() => {}, 100);
process.kill(process.pid, 'SIGUSR1');
JS
build uses.js
NODE_OPTIONS=--inspect=0 expect --inspect=0 <<<'undefined --inspect=0 true'

# Without either there is none. Files beside it are embedded, because it computes a name, and would bring it in.
rm uses.js
file none.js <<'JS'
const name = ['inspect', 'or'].join('');
try { require('node:' + name); } catch (error) { console.log(error.code, process.features.inspector); }
JS
build none.js
NODE_OPTIONS=--inspect=0 expect <<<'ERR_INSPECTOR_NOT_AVAILABLE false'
