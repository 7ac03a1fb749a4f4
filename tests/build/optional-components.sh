. "$(dirname "$0")/common.sh"
# What an app does not use of OpenSSL, nghttp2, Brotli and Zstandard is not in its executable.

# has NAME…, has_not NAME…: native functions of the app, which is built with --symbols.
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

# carries NAMES: what inspect says of it.
carries() {
  local told
  told=$("$KILN" inspect app)
  [[ $told == *$'\n'"  components=$1"$'\n'* ]] && return
  echo "the app should carry \"$1\", but: $told" >&2
  exit 1
}
bytes() { stat -c %s app; }

file hello.js <<< 'console.log("hello");'
build hello.js --symbols --intl=none
carries ''
has uv_run
has_not $openssl $http2 $brotli $zstd
expect <<< hello
hello=$(bytes)
build hello.js --symbols --with=all --intl=none
has $openssl $http2 $brotli $zstd
expect <<< hello
# 8 MB are those components; not a byte of them is in an app that needs none.
(($(bytes) - hello > 7000000)) || { echo "hello has $hello bytes, with all $(bytes)" >&2; exit 1; }

file gzip.js <<< 'const z = require("zlib"); console.log(String(z.gunzipSync(z.gzipSync("gzip"))));'
build gzip.js --symbols --intl=none
carries ''
has_not $openssl $brotli $zstd
expect <<< gzip

file formats.js <<'JS'
const zlib = require('zlib');
console.log(String(zlib.brotliDecompressSync(zlib.brotliCompressSync('brotli'))));
console.log(String(zlib.zstdDecompressSync(zlib.zstdCompressSync('zstd'))));
JS
build formats.js --symbols --intl=none
carries 'brotli-encoder,brotli-decoder,zstd-encoder'
has $brotli $zstd
has_not $openssl $http2
expect <<'OUT'
brotli
zstd
OUT

file hash.js <<< 'console.log(require("crypto").createHash("sha256").update("").digest("hex").slice(0, 8));'
build hash.js --symbols --intl=none
carries 'crypto'
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
carries 'crypto,http2'
has $openssl $http2
has_not $brotli
expect <<< h2c
