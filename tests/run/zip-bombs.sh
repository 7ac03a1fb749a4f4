. "$(dirname "$0")/../build/common.sh"
# Compressed data with a huge decompressed size: maxOutputLength ends it with an error, a stream
# that is not read to the end stops, and both stay within a memory limit. Damaged and truncated data
# gives node's error codes (node runs the same program).
file app.js <<'JS'
const zlib = require('zlib'), fs = require('fs');
const { promisify } = require('util');
const { Readable } = require('stream');
const kinds = {
  gzip: ['gzip', 'gunzip', zlib.Gunzip], deflate: ['deflate', 'inflate', zlib.Inflate],
  raw: ['deflateRaw', 'inflateRaw', zlib.InflateRaw], brotli: ['brotliCompress', 'brotliDecompress', zlib.BrotliDecompress],
  zstd: ['zstdCompress', 'zstdDecompress', zlib.ZstdDecompress], unzip: ['gzip', 'unzip', zlib.Unzip],
};
const size = 100_000_000, maxOutputLength = 1_000_000;
const code = (err) => err.code ?? err.message;
const quick = (kind) => kind === 'brotli' ? { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } } : {};

if (process.argv[2] === 'make') {
  for (const [kind, [compress]] of Object.entries(kinds))
    fs.writeFileSync(`${kind}.bomb`, zlib[`${compress}Sync`](Buffer.alloc(size), quick(kind)));
  process.exit();
}

// How much the peak of the memory rose since the last call, in MB.
let peak = 0;
const risen = () => {
  const now = process.resourceUsage().maxRSS / 1024, before = peak;
  peak = Math.max(peak, now);
  return now - before;
};

(async () => {
  risen();
  for (const [kind, [compress, decompress, Stream]] of Object.entries(kinds)) {
    const bomb = fs.readFileSync(`${kind}.bomb`);
    const output = [];
    try { zlib[`${decompress}Sync`](bomb, { maxOutputLength }); } catch (err) { output.push(code(err)); }
    await promisify(zlib[decompress])(bomb, { maxOutputLength }).catch((err) => output.push(code(err)));
    // Eight at once, and a bomb of many members.
    const many = await Promise.allSettled(Array.from({ length: 8 }, () =>
      promisify(zlib[decompress])(Buffer.concat([bomb, bomb]), { maxOutputLength })));
    output.push(...new Set(many.map(({ reason }) => code(reason))));
    output.push(zlib[`${decompress}Sync`](zlib[`${compress}Sync`](Buffer.alloc(maxOutputLength)), { maxOutputLength }).length);
    // A stream that is left when it has given too much.
    let got = 0;
    const stream = Readable.from([bomb]).pipe(zlib[`create${Stream.name}`]());
    for await (const part of stream) if ((got += part.length) > maxOutputLength) break;
    output.push(got > maxOutputLength && got < 3 * maxOutputLength, stream.destroyed);
    // And a stream that is never read.
    const idle = zlib[`create${Stream.name}`]();
    idle.write(bomb);
    await new Promise((resolve) => setTimeout(resolve, 50));
    output.push(idle.readableLength <= 2 * idle.readableHighWaterMark);
    idle.destroy();
    console.log(kind, output.join(' '));
  }
  const more = risen();
  if (more > 160 && !process.env.KILN_SANITIZED) console.log(`took ${more} MB`);

  // Every byte spoiled and every length cut of something small.
  for (const [kind, [compress, decompress]] of Object.entries(kinds)) {
    const small = zlib[`${compress}Sync`](Buffer.from('a text with some more text in it, text '.repeat(8)));
    const codes = {};
    const note = (data) => {
      let what;
      try { what = zlib[`${decompress}Sync`](data, { maxOutputLength }).length === 312 ? 'whole' : 'other'; } catch (err) { what = code(err); }
      codes[what] = (codes[what] ?? 0) + 1;
    };
    for (let i = 0; i < small.length; i++) {
      note(small.subarray(0, i));
      for (let bit = 0; bit < 8; bit++) {
        const spoiled = Buffer.from(small);
        spoiled[i] ^= 1 << bit;
        note(spoiled);
      }
    }
    console.log(kind, small.length > 20, Object.keys(codes).sort().join(' '));
  }
})();
JS
build app.js
: "${KILN_NODE:?set KILN_NODE to the official node}"
"$KILN_NODE" app.js make
"$KILN_NODE" app.js >theirs 2>&1
status=0
./app >ours 2>&1 || status=$?
diff theirs ours >&2 || { echo "the app printed something else" >&2; exit 1; }
same "the app's exit status" 0 "$status"
[[ $(grep -c ERR_BUFFER_TOO_LARGE ours) -ge 6 ]] && ! grep -q took ours || { cat ours >&2; exit 1; }
