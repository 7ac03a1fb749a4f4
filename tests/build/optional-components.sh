. "$(dirname "$0")/common.sh"
# Of OpenSSL, nghttp2, SQLite, Brotli and Zstandard an executable contains only what the app uses.

# has NAME…, has_not NAME…: the app, built with --symbols, contains these native functions, or not.
has() {
  local name
  for name; do
    LC_ALL=C grep -qazx "$name" app || { echo "the app has no $name" >&2; exit 1; }
  done
}
has_not() {
  local name
  for name; do
    if LC_ALL=C grep -qazx "$name" app; then echo "the app has $name" >&2; exit 1; fi
  done
}

openssl='EVP_DigestInit_ex SSL_new'
http2=nghttp2_session_mem_recv
brotli='BrotliEncoderCompressStream BrotliDecoderDecompressStream'
zstd=ZSTD_compressStream2
sqlite=sqlite3_open_v2

# contains NAMES: the components that `kiln inspect` reports.
contains() {
  local report
  report=$("$KILN" inspect app)
  [[ $report == *$'\n'"  components=$1"$'\n'* ]] && return
  echo "the app should contain \"$1\", but: $report" >&2
  exit 1
}
bytes() { stat -c %s app; }

file hello.js <<< 'console.log("hello");'
build hello.js --symbols --intl=none
contains ''
has uv_run
has_not $openssl $http2 $brotli $zstd $sqlite
expect <<< hello
hello=$(bytes)
build hello.js --symbols --with=all --intl=none
has $openssl $http2 $brotli $zstd $sqlite
expect <<< hello
# The components have 8 MB; no byte of them is in an app that uses none.
(($(bytes) - hello > 7000000)) || { echo "hello has $hello bytes, with all $(bytes)" >&2; exit 1; }

file query.js <<< 'const { DatabaseSync } = require("node:sqlite"); console.log(new DatabaseSync(":memory:").prepare("SELECT 5 AS x").get().x);'
build query.js --symbols --intl=none
contains 'sqlite'
has $sqlite
has_not $openssl $brotli
expect <<< 5

file gzip.js <<< 'const z = require("zlib"); console.log(String(z.gunzipSync(z.gzipSync("gzip"))));'
build gzip.js --symbols --intl=none
contains ''
has_not $openssl $brotli $zstd
expect <<< gzip

file formats.js <<'JS'
const zlib = require('zlib');
console.log(String(zlib.brotliDecompressSync(zlib.brotliCompressSync('brotli'))));
console.log(String(zlib.zstdDecompressSync(zlib.zstdCompressSync('zstd'))));
JS
build formats.js --symbols --intl=none
contains 'brotli-encoder,brotli-decoder,zstd-encoder'
has $brotli $zstd
has_not $openssl $http2
expect <<'OUT'
brotli
zstd
OUT

file hash.js <<< 'console.log(require("crypto").createHash("sha256").update("").digest("hex").slice(0, 8));'
build hash.js --symbols --intl=none
contains 'crypto'
has $openssl
has_not $http2 $brotli
expect <<< e3b0c442

file h2c.js <<'JS'
const http2 = require('http2');
const server = http2.createServer((request, response) => response.end('h2c'));
server.listen(0, '127.0.0.1', () => {
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  client.request().setEncoding('utf8').on('data', console.log).on('end', () => {
    client.close();
    server.close();
  });
});
JS
build h2c.js --symbols --intl=none
contains 'crypto,http2'
has $openssl $http2
has_not $brotli
expect <<< h2c
