. "$(dirname "$0")/../build/common.sh"
# Frames of Kiln's own modules (node:internal/kiln/…, node:internal/main/kiln_…) are in no stack
# trace or CallSite array, and do not count for Error.stackTraceLimit. tests/modules/loader-frames.sh
# compares those of Node's loaders, which are there instead.
file main.js <<'JS'
const { stack, sites, calls, limited, caught } = require('./a');
const internal = (list) => list.filter((line) => /kiln\/|kiln_|frames/.test(line.replace(/\/kiln\/\w+\.m?js/, '')));
const files = (list) => list.map((line) => line.match(/(\w+)\.js/)?.[1]).filter((name) => name).join();
console.log(internal(stack), internal(sites), internal(calls), internal(caught));
console.log(files(stack).startsWith('c,b,b,a,main'), sites.length === stack.length, calls.length === stack.length);
console.log(files(limited), files(caught).startsWith('throws,c,b,b,a,main'));
process.on('exit', () => console.log('exit', internal(new Error().stack.split('\n')).length === 0));
import('./late.mjs').then(({ late }) => {
  console.log(internal(late.split('\n')), late.includes('ModuleJob.run'));
  require('./bad.json');
});
JS
file a.js <<<'module.exports = require("./b");'
file b.js <<<'module.exports = (() => require("./c"))();'
file c.js <<'JS'
const { getCallSites } = require('util');
const lines = (error) => error.stack.split('\n').slice(1);
Error.stackTraceLimit = 60;
exports.stack = lines(new Error());
Error.prepareStackTrace = (error, sites) => sites.map((site) => `${site.getFileName()}`);
exports.sites = new Error().stack;
Error.prepareStackTrace = undefined;
exports.calls = getCallSites(60).map((site) => site.scriptName);
Error.stackTraceLimit = 3;
exports.limited = lines(new Error());
Error.stackTraceLimit = 60;
try { require('./throws'); } catch (error) { exports.caught = lines(error); }
JS
file throws.js <<<'null.property;'
file late.mjs <<<'export const { stack: late } = new Error();'
file bad.json <<<'{"a": nothing}'
build main.js
status=0
run >out 2>error || status=$?
same "the exit status" 1 "$status"
same "the app's output" "[] [] [] []
true true true
c true
[] true
exit true" "$(cat out)"
evidence=(error)
grep -q 'SyntaxError: /kiln/bad.json: Unexpected token' error
! grep 'internal/kiln\|kiln_app' error
