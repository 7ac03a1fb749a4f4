. "$(dirname "$0")/../build/common.sh"
# Features that V8 adds to each context are in the snapshot (runtime-stub/platform/context_features.h): the same as in
# node, in vm contexts too, and also when V8's flags at start enable more.
file main.js <<'JS'
const vm = require('vm');
const features = `[Float16Array, Promise.try, RegExp.escape, Error.isError, Math.f16round, Atomics.pause, DisposableStack,
  AsyncDisposableStack, SuppressedError, SharedArrayBuffer, DataView.prototype.setFloat16, Iterator.prototype[Symbol.dispose],
  globalThis.Temporal, Uint8Array.fromBase64, globalThis.WebAssembly, globalThis.gc, Error.stackTraceLimit]
  .map((one) => typeof one === 'number' ? one : typeof one + ' ' + (one?.name ?? ''))`;
console.log(eval(features));
console.log(vm.runInNewContext(features).join(), vm.runInContext(features, vm.createContext({ own: 1 })).join());
console.log(Reflect.ownKeys(Promise), Reflect.ownKeys(Error), Reflect.ownKeys(Math), Reflect.ownKeys(DataView.prototype));
const keys = Object.getOwnPropertyNames(globalThis);
console.log(keys.filter((key) => key !== 'WebAssembly' && key !== 'Temporal'), keys.length);
console.log(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)').filter((key) => key !== 'Temporal').join());
for (const key of ['Float16Array', 'SharedArrayBuffer', 'SuppressedError'])
  console.log(JSON.stringify(Object.getOwnPropertyDescriptor(globalThis, key)), Object.keys(globalThis).includes(key));
{ using one = { [Symbol.dispose]() { console.log('disposed'); } }; }
console.log(Float16Array.of(1.337), structuredClone(Float16Array.of(65504)), new Float16Array(vm.runInNewContext('Float16Array.of(2)')));
try { { using a = { [Symbol.dispose]() { throw new Error('a'); } }; throw new Error('b'); } } catch (error) {
  console.log(error instanceof SuppressedError, error.error.message, error.suppressed.message);
}
if (globalThis.WebAssembly) console.log(String(Object.getPrototypeOf(WebAssembly.Module)), typeof WebAssembly.promising, typeof WebAssembly.JSTag);
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]);
if (globalThis.WebAssembly) console.log(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f());
console.log(new SharedArrayBuffer(8, { maxByteLength: 16 }).growable);
JS
fail() { echo "$*" >&2; exit 1; }
build main.js --exec-argv-extension=cli
for flags in "" "--harmony-temporal" "--js_base_64 --expose-gc" "--stack-trace-limit=3" "--jitless" "--no-opt --max-lazy"; do
  # shellcheck disable=SC2086
  "$KILN_NODE" $flags main.js >wanted 2>wanted.err
  ./app --node-options="$flags" >got 2>got.err
  diff wanted got || fail "with the flags '$flags'"
done
./app --node-options=--no-js-float16array 2>got.err && fail "a flag that cannot be obeyed was accepted"
grep -q 'no-js-float16array cannot be given at start' got.err || fail "the message is: $(cat got.err)"
# When the executable is built, it can.
build main.js --v8-flag=--no-js-float16array --v8-flag=--jitless
./app >got 2>&1 && fail "a flag of the build has no effect"
grep -q 'Float16Array is not defined' got || fail "a flag of the build has no effect: $(cat got)"
