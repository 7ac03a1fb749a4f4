. "$(dirname "$0")/../build/common.sh"
# V8 reads snapshots without handles and write barriers (scripts/parts/v8-patches/deserializer.patch): what a start has read, and
# contexts that are created while the heap is being marked, survive collections of all kinds. So do images of the heap, the default.
file main.js <<'JS'
const vm = require('vm');
const map = new Map([[{ key: 1 }, 'object'], ['text', Symbol.for('one')]]);
const weak = new WeakMap([[map, new Uint8Array([1, 2, 3])]]);
const view = new DataView(new ArrayBuffer(16, { maxByteLength: 1 << 16 }));
class Counter { #count = 0; add() { return ++this.#count; } }
const counter = new Counter();
const kept = [];
for (let i = 0; i < 12; i++) {
  const context = vm.createContext({ i });
  vm.runInContext(`const map = new Map([[i, { a: 1 }]]); class A { #x = i; get x() { return this.#x; } }
    var out = [1, 2, 3].map((x) => x + i).join() + new A().x + JSON.stringify([...map]) + new Uint8Array(9).length;`, context);
  if (i % 3 === 0) kept.push(context);
  globalThis.gc?.();
  const garbage = [];
  for (let n = 0; n < 2000; n++) garbage.push({ n, text: `text ${n}` });
  view.setUint8(i % 16, counter.add());
}
console.log(kept.map((context) => context.out), [...map], weak.get(map), view.buffer.resizable, view.getUint8(7));
console.log(require('util').inspect(new Proxy(new Set([1n, NaN]), {}), { showProxy: true }), new Date(0).toISOString());
JS
fail() { echo "$*" >&2; exit 1; }
for options in --evaluate=none --evaluate=auto "--evaluate=none --heap=read" "--evaluate=auto --heap=read"; do
  # shellcheck disable=SC2086
  build main.js $options --exec-argv-extension=cli
  for flags in "" "--expose-gc" "--stress-compaction" "--stress-incremental-marking" "--stress-marking=40 --stress-scavenge=60" \
               "--stress-compaction-random --single-threaded-gc" "--no-rehash-snapshot"; do
    # shellcheck disable=SC2086
    "$KILN_NODE" $flags main.js >wanted 2>wanted.err
    ./app --node-options="$flags" >got 2>got.err || fail "$options, flags '$flags': $(cat got.err)"
    diff wanted got || fail "$options, flags '$flags'"
  done
done
