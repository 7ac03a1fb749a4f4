. "$(dirname "$0")/../modules/common.sh"
# Executable scripts of node in the app, which start themselves or are started by their path: the executable
# runs them, as node does on disk.
files <<'SRC'
-- main.js --
#!/usr/bin/env node
const cp = require('child_process'), path = require('path');
const [, script, depth = '0'] = process.argv;
console.log('main', depth, path.basename(script));
const env = { ...process.env, NODE_OPTIONS: '' };
if (depth === '0') {
  const run = (...args) => { const r = cp.spawnSync(...args); console.log(path.basename(args[0]), r.status, r.error?.code, String(r.stdout).trim().split('\n').join(' | '), String(r.stderr).split('\n')[0]); };
  run(__filename, ['1'], { env });
  run(path.join(__dirname, 'bin', 'tool.mjs'), ['a', '--b', 'c d']);
  run(path.join(__dirname, 'bin', 'flags.js'), ['x']);
  run(path.join(__dirname, 'bin', 'not-executable.js'), ['x']);
  run(path.join(__dirname, 'bin', 'no-first-line'), ['x']);
  cp.execFile(path.join(__dirname, 'bin', 'tool.mjs'), ['async'], (error, out) => {
    console.log(error?.code, out.trim());
    const child = cp.spawn(path.join(__dirname, 'bin', 'ipc.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (m) => console.log('message', m)).on('exit', (...a) => {
      console.log('exit', ...a);
      process.execve(path.join(__dirname, 'bin', 'tool.mjs'), ['zero', 'execve'], env);
    });
    child.send('hello');
  });
}
-- bin/tool.mjs --
#!/usr/bin/env -S node
import { name } from '../lib.mjs';
console.log(name, process.argv.length, process.argv.slice(2).join(), process.argv[1] === import.meta.filename);
-- bin/flags.js --
#!/usr/bin/env -S node --no-warnings
process.emitWarning('not printed');
console.log('flags', process.execArgv.join());
-- bin/ipc.js --
#! /usr/bin/env node
process.on('message', (m) => { process.send(m + ' back'); process.disconnect(); });
-- bin/not-executable.js --
#!/usr/bin/env node
-- bin/no-first-line --
echo "a shell runs $1"
-- lib.mjs --
export const name = 'tool';
SRC
chmod +x src/main.js src/bin/*; chmod -x src/bin/not-executable.js
PATH=$(dirname "$KILN_NODE"):$PATH
as_node 'scripts' main.js
report_differences
