. "$(dirname "$0")/common.sh"
# When the build cannot detect that the app uses a native component, its use throws an Error that
# names the option --with, and that option adds the component.
joined='const joined = (...parts) => parts.join("");'
file hidden.js <<JS
$joined
const get = process[joined('getBuiltin', 'Module')], zlib = get('zlib');
const attempts = {
  http2: () => get(joined('ht', 'tp2')).createServer(() => {}),
  hash: () => get(joined('cry', 'pto')).createHash('md5'),
  tls: () => get(joined('t', 'ls')).createServer(),
  uuid: () => globalThis[joined('cry', 'pto')].randomUUID(),
  compress: () => zlib[joined('br', 'otliCompressSync')](''),
  decompress: () => zlib[joined('br', 'otliDecompressSync')](Buffer.from([6])),
  squeeze: () => zlib[joined('zs', 'tdCompressSync')](''),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    attempt();
    console.log(name, 'works');
  } catch ({ code, message }) {
    console.log(name, code, /did not link .*kiln build (--with=[\\w-]+)/.exec(message)?.[1]);
  }
}
JS
build hidden.js --intl=none
expect <<'OUT'
http2 ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=http2
hash ERR_NO_CRYPTO --with=crypto
tls ERR_NO_CRYPTO --with=crypto
uuid ERR_NO_CRYPTO --with=crypto
compress ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=brotli-encoder
decompress ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=brotli-decoder
squeeze ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=zstd-encoder
OUT
build hidden.js --intl=none --with=brotli-encoder,crypto
expect <<'OUT'
http2 ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=http2
hash works
tls works
uuid works
compress works
decompress ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=brotli-decoder
squeeze ERR_FEATURE_UNAVAILABLE_ON_PLATFORM --with=zstd-encoder
OUT
build hidden.js --intl=none --with=all
expect <<'OUT'
http2 works
hash works
tls works
uuid works
compress works
decompress works
squeeze works
OUT

# While it is built, an app has the same components as when it runs.
file baked.js <<JS
$joined
try {
  require('zlib')[joined('br', 'otliCompressSync')]('');
} catch (error) {
  console.log(error.message);
}
console.log('done');
JS
build baked.js --intl=none --evaluate
says '--with=brotli-encoder'
build baked.js --intl=none --evaluate --with=brotli-encoder
if grep -qF -e --with log; then
  cat log >&2
  exit 1
fi
