. "$(dirname "$0")/../build/common.sh"
# Kiln's inner loop of inflate(): streams of many kinds, valid and damaged, in pieces of many sizes,
# give the same output as in node, which runs the same program. Errors are at the same byte.
file app.js <<'JS'
const zlib = require('zlib');
const { createHash } = require('crypto');
let state = 1;
const below = (limit) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0, Math.floor(state / 2 ** 32 * limit));
const pick = (list) => list[below(list.length)];
const words = Array.from({ length: 60 }, () => String.fromCharCode(...Array.from({ length: 1 + below(12) }, () => 97 + below(26))));

// Texts, noise, runs, and repetitions of every short period and across the whole window.
function makeData() {
  const parts = [];
  for (let i = 1 + below(6); i > 0; i--) {
    const size = below(pick([30, 3000, 60000]));
    const period = Buffer.from(Array.from({ length: pick([1, 1 + below(40), 1 + below(300), 20000 + below(20000)]) }, () => below(256)));
    switch (below(4)) {
      case 0: parts.push(Buffer.from(Array.from({ length: size / 5 }, () => pick(words)).join(' '))); break;
      case 1: parts.push(Buffer.from(Array.from({ length: size / 10 }, () => below(256)))); break;
      default: parts.push(Buffer.alloc(size, period));
    }
  }
  return Buffer.concat(parts);
}
const sum = (data) => createHash('sha1').update(data).digest('hex').slice(0, 12);
const atLeast = (least, size) => Math.max(Math.floor(least), size);  // else it takes minutes
const [, , rounds] = process.argv;

(async () => {
  for (let round = 0; round < rounds; round++) {
    const kind = pick(['Inflate', 'InflateRaw', 'Gunzip']);
    const compress = { Inflate: zlib.deflateSync, InflateRaw: zlib.deflateRawSync, Gunzip: zlib.gzipSync }[kind];
    const windowBits = 9 + below(7), dictionary = kind === 'Gunzip' || below(3) ? undefined : Buffer.from(words.join(''));
    const data = makeData();
    const packed = compress(data, { level: below(10), strategy: pick([0, 0, 0, 1, 2, 3, 4]), memLevel: 1 + below(9), windowBits, dictionary });
    const output = [round, kind, data.length, sum(packed)];
    for (let damage = 0; damage < 4; damage++) {
      const input = Buffer.from(packed);
      for (let i = 0; i < damage; i++) input[below(input.length)] ^= 1 << below(8);
      const options = { windowBits: pick([windowBits, 15]), dictionary, chunkSize: atLeast(data.length / 300, pick([64, 257, 258, 259, 289, 290, 291, 1000, 16384, 1 << 18])) };
      const stream = zlib[`create${kind}`](options);
      const out = [];
      stream.on('data', (part) => out.push(part));
      const ended = new Promise((resolve) => stream.on('end', () => resolve('end')).on('error', (error) => resolve(error.message)));
      const piece = atLeast(input.length / 300, pick([1, 5, 6, 7, 8, 9, 100, 1 << 20]));
      for (let at = 0; at < input.length; at += piece) stream.write(input.subarray(at, at + piece));
      stream.end();
      const how = await ended;
      const got = Buffer.concat(out);
      output.push(how, got.length, sum(got), damage === 0 && got.equals(data));
    }
    console.log(output.join(' '));
  }
})();
JS
build app.js
: "${KILN_NODE:?set KILN_NODE to the official node}"
rounds=${KILN_INFLATE_ROUNDS:-60}
"$KILN_NODE" app.js "$rounds" >theirs 2>&1
status=0
./app "$rounds" >ours 2>&1 || status=$?
diff theirs ours >&2 || { echo "the app printed something else" >&2; exit 1; }
same "the app's exit status" 0 "$status"
[[ $(grep -c 'end .* true' ours) == "$rounds" ]] && grep -q 'too far back' ours || { cat ours >&2; exit 1; }
