. "$(dirname "$0")/../build/common.sh"
# The heap that a start makes of the images of a snapshot is the one that V8's own reader makes, object by object (--heap=verified,
# snapshot_builder/heap_walk.h): for hello world, and for objects of all kinds that a snapshot can have, of baked modules.

# equal_heaps NUMBER ENTRY [FLAGS…]: the build says so of that many snapshots.
equal_heaps() {
  local count=$1
  shift
  build "$@" --intl=none --no-cache --heap=verified
  if grep -q 'V8 is not patched' log; then echo 'V8 is not patched, so there are no images'; exit 77; fi
  same "snapshots with equal heaps: $*" "$count" "$(grep -c "the heap of an image is V8's: objects [0-9]* bytes" log || true)"
}

file main.js <<< 'console.log("hello")'
equal_heaps 1 main.js
expect <<< hello

program=$tests/stress
equal_heaps 2 "$program/program.mjs"
same "what the program prints" "$("$KILN_NODE" "$program/program.mjs" 3)" "$(run 3)"

# Strings of both widths, long, internalized and not; dictionaries; accessors; boxed values; an app's flags.
file kinds.js <<'JS'
const kinds = require('./kinds/objects');
console.log(Object.keys(kinds).length, kinds.cons.length, kinds.accessor.get, kinds.generator.next().value);
JS
file kinds/objects.js <<'JS'
exports.cons = 'a'.repeat(20) + Math.sqrt(2) + '\u{1f600}'; exports.sliced = exports.cons.slice(3, 30); exports.one = String.fromCharCode(233);
exports.dictionary = Object.create(null); for (let i = 0; i < 100; i++) { exports.dictionary['k' + i] = i; delete exports.dictionary['k' + (i - 9)]; }
exports.accessor = { get get() { return 'got'; }, set set(to) { this.to = to; } }; exports.boxed = [Object(1), Object('s'), Object(1n), Object(Symbol('in'))];
exports.dates = [new Date(0), new Date(NaN)]; exports.patterns = [/a/giu, /(?<year>\d+)/d]; exports.patterns[0].exec('xay');
exports.generator = (function* () { yield 'first'; yield exports; })(); exports.async = (async () => exports.one)(); exports.frozen = Object.freeze([1, , 3]);
exports.arrays = [[1.5, 2.5, , -0], [1, 'two', {}], new Array(20), Array.from({ length: 3 }, () => new Array(3).fill(0))];
exports.typed = [new Int8Array(3), new Float32Array(100), new BigUint64Array([1n]), new Uint8ClampedArray(new ArrayBuffer(8), 2, 3)];
exports.bound = exports.accessor.valueOf.bind(exports, 1); exports.proxy = new Proxy({ a: 1 }, { get: () => 2 }); exports.errors = Error.captureStackTrace;
exports.registry = new FinalizationRegistry(() => {}); exports.weak = new WeakSet([exports.typed]); exports.iterators = [[1, 2].values(), new Map([[1, 2]]).entries()];
exports.classes = [class A { static #p = 1; static { this.q = A.#p; } #m() {} }, class extends Array {}, class { accessor; [Symbol.iterator]() {} }];
exports.symbols = [Symbol.for('shared'), Symbol('own'), Symbol.asyncIterator]; exports.sets = [new Set([NaN, 0, 'x']), new Map([[exports.symbols[1], -1]])];
exports.numbers = [2 ** 31, -(2 ** 31), 2 ** 53, 1e-320, 123456789012345678901234567890n, -1n]; exports.closure = ((a, b) => () => { a += b; return a; })(1, 2);
JS
equal_heaps 2 kinds.js
same "what an app with objects of all kinds prints" "$("$KILN_NODE" kinds.js)" "$(run)"
equal_heaps 2 kinds.js --v8-flag=--stack-size=900 --train ''
