. "$(dirname "$0")/common.sh"
# --evaluate: the app runs while it is built, and its heap is what the executable starts with.
file app.mjs <<'JS'
import { startupSnapshot } from 'node:v8';
import { setTimeout } from 'node:timers/promises';
const table = new Map(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i]));
class Secret { #value = 5; get value() { return this.#value; } }
const secret = new Secret();
await setTimeout(2);
console.log('built', startupSnapshot.isBuildingSnapshot());
let order = 'evaluated';
startupSnapshot.addSerializeCallback((what) => { order += what; }, ', serialized');
startupSnapshot.addDeserializeCallback((what) => { order += what; }, ', deserialized');
startupSnapshot.setDeserializeMainFunction((data) => {
  console.log(order, data.x, table.get('key7'), secret.value);
  console.log(process.argv.slice(2), process.env.NAME, startupSnapshot.isBuildingSnapshot());
  process.stdout.write(`${new Date(2020, 0, 1).getTimezoneOffset()}\n`);
  process.exitCode = 3;
}, { x: 1 });
new Date(2020, 0, 1).getHours();
JS
build app.mjs --evaluate
says 'built 1'
export NAME=ann TZ=America/New_York
expect_status 3 a b <<'OUT'
evaluated, serialized, deserialized 1 7 5
[ 'a', 'b' ] ann 0
300
OUT

# Node's loader is used while the app is built, and prepared again at a start with NODE_OPTIONS.
file other.cjs <<<'module.exports = "loaded"'
file loader.cjs <<'JS'
const loaded = require(['./other', 'cjs'].join('.'));
require('v8').startupSnapshot.setDeserializeMainFunction(() => console.log(loaded));
JS
build loader.cjs --evaluate
NODE_OPTIONS=--no-warnings expect <<<'loaded'

# Without a main function the executable only has the handlers that the app installed.
file quiet.js <<'JS'
process.on('exit', (code) => console.log('exit', code));
JS
build quiet.js --evaluate
expect <<'OUT'
exit 0
OUT

# What replaces a function of V8 stays, as under node.
file polyfill.js <<'JS'
console.log(typeof Promise.try, typeof RegExp.escape, typeof Float16Array);
Promise.try = () => 'replaced';
Error.stackTraceLimit = 2;
require('v8').startupSnapshot.setDeserializeMainFunction(() => {
  console.log(Promise.try(() => 1), Error.stackTraceLimit);
});
JS
build polyfill.js --evaluate
says 'function function function'
expect <<'OUT'
replaced 2
OUT

# What the app has frozen stays frozen.
file frozen.js <<'JS'
for (const object of [Math, Promise, RegExp, Atomics]) Object.freeze(object);
require('v8').startupSnapshot.setDeserializeMainFunction(() => {
  console.log([Math, Promise, RegExp, Atomics].every(Object.isFrozen));
});
JS
build frozen.js --evaluate
expect <<'OUT'
true
OUT

# A FinalizationRegistry is notified of objects that were collected while the app was built.
file registry.js <<'JS'
const heard = [];
const registry = new FinalizationRegistry((name) => {
  heard.push(name);
  console.log('heard of', name);
});
for (let i = 0; i < 3; i++) registry.register({}, `gone${i}`);
require('v8').startupSnapshot.setDeserializeMainFunction(() => {
  console.log(heard.sort().join(), typeof registry);
});
JS
build registry.js --evaluate
says 'heard of gone2'
expect <<'OUT'
gone0,gone1,gone2 object
OUT
rm app

# The error for an object that cannot be in a snapshot names it and the code that created it.
file intl.js <<'JS'
function makeFormat() {
  return new Intl.NumberFormat('de');
}
globalThis.format = makeFormat();
JS
fails_with 'cannot hold an Intl.NumberFormat' intl.js --evaluate
says 'makeFormat (/kiln/intl.js:2:10)'
file server.js <<'JS'
require('net').createServer().listen(0, '127.0.0.1').unref();
JS
fails_with 'a snapshot cannot hold an open TCPSERVERWRAP' server.js --evaluate
file frozen-error.js <<'JS'
Object.freeze(Error);
JS
fails_with 'the app froze Error' frozen-error.js --evaluate
file throws.ts <<'JS'
const limit: number = 3;

function check(value: number) {
  if (value > limit) throw new RangeError(`${value} is too much`);
}
check(4);
JS
fails_with 'RangeError: 4 is too much' throws.ts --evaluate
says 'check (file:///kiln/throws.ts:4:28)'
file waits.mjs <<'JS'
await new Promise(() => {});
JS
fails_with 'top-level await did not settle' waits.mjs --evaluate
file exits.js <<'JS'
process.exit(0);
JS
fails_with 'ended before its snapshot was taken' exits.js --evaluate
