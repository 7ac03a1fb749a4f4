. "$(dirname "$0")/common.sh"
# Processes that a baked app starts from itself, and code that NODE_OPTIONS loads before it.
files <<'APP'
-- main.js --
const { fork, execFileSync } = require('child_process'), lib = require('./lib');
if (process.argv[2] === 'child') {
  console.log('entry again', lib.count(), require.main === module);
} else {
  console.log('parent', lib.count(), lib.count());
  const child = fork(require.resolve('./worker'), ['a b'], { env: { ...process.env, DEBUG: 'on' } });
  child.on('message', (message) => console.log('message', JSON.stringify(message)));
  child.on('exit', (code) => {
    console.log('worker', code);
    fork(__filename, ['child']).on('exit', (status) => {
      console.log('entry', status, execFileSync(process.execPath, ['-e', 'console.log(1 + 1)'], { encoding: 'utf8' }).trim());
    });
  });
}
-- worker.js --
const lib = require('./lib'); lib.count();
process.send({ argument: process.argv[2], count: lib.count(), debug: require('debug-like'), main: require.main === module, parent: module.parent === null });
-- lib.js --
let n = 0; exports.count = () => ++n; exports.table = Array.from({ length: 50 }, (_, i) => i * i);
-- node_modules/debug-like/index.js --
module.exports = process.env.DEBUG ?? 'off';
APP
as_node 'fork' main.js
baked 1

files <<'APP'
-- main.js --
const lib = require('./lib'); console.log(lib.text, lib.seen, globalThis.preloaded, Object.keys(require.cache).length, lib.limit());
-- lib.js --
exports.text = 'plain'; exports.limit = () => Error.stackTraceLimit; exports.seen = String(globalThis.preloaded);
APP
mkdir -p preloads
cat >preloads/preload.cjs <<'JS'
globalThis.preloaded = 'preloaded';
JS
echo "globalThis.preloaded = 'imported'" >preloads/preload.mjs
for options in "--require $scratch/preloads/preload.cjs" "--import $scratch/preloads/preload.mjs" --stack-trace-limit=3 ''; do
  export NODE_OPTIONS=$options
  as_node "NODE_OPTIONS=$options" main.js --exec-argv-extension=env
  baked 1
  mv hidden src
done
report_differences
