// when: library zlib ZlibBase
// when: library zlib zlibBufferSync
// when: library zlib zlibBuffer
const zlib = require('node:zlib');

zlib.gunzipSync(zlib.gzipSync('text'));
zlib.inflateSync(zlib.deflateSync('text'));
zlib.gzip('text', (_, bytes) => zlib.gunzip(bytes, () => {}));
const stream = zlib.createGzip();
stream.on('data', () => {});
stream.end('text '.repeat(1000));
