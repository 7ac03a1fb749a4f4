. "$(dirname "$0")/../build/common.sh"
# Streams through a compressor into a file and back, and compares with the gzip command.
file main.js <<'JS'
const fs = require('fs'), zlib = require('zlib'), { pipeline } = require('stream/promises');
const { Readable } = require('stream');
async function main() {
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`);
  const text = lines.join('');
  for (const name of ['Gzip', 'Deflate', 'BrotliCompress', 'ZstdCompress']) {
    await pipeline(Readable.from(lines), zlib[`create${name}`](), fs.createWriteStream(name));
    const back = { Gzip: 'Gunzip', Deflate: 'Inflate', BrotliCompress: 'BrotliDecompress', ZstdCompress: 'ZstdDecompress' }[name];
    let got = '';
    const unpack = zlib[`create${back}`]();
    unpack.setEncoding('utf8').on('data', (piece) => got += piece);
    await pipeline(fs.createReadStream(name, { highWaterMark: 1000 }), unpack);
    console.log(name, got === text, fs.statSync(name).size < text.length / 4);
  }
  fs.writeFileSync('text', text);
  fs.truncateSync('Gzip', 1000);
  await pipeline(fs.createReadStream('Gzip'), zlib.createGunzip(), fs.createWriteStream('cut'))
    .catch((error) => console.log(error.code));
  try { zlib.inflateSync('no'); } catch (error) { console.log(error.code, error.message); }
  fs.writeFileSync('again.gz', zlib.gzipSync(text));
}
main();
JS
build main.js
expect <<'OUT'
Gzip true true
Deflate true true
BrotliCompress true true
ZstdCompress true true
Z_BUF_ERROR
Z_DATA_ERROR incorrect header check
OUT
gzip -dc away/again.gz | cmp - away/text
