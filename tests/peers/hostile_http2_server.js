'use strict';
// An HTTP/2 server, with TLS on PORT + 1 and without on PORT, for hostile_http2.py. GET /1
// or /0 on PORT + 2 (HTTP/1.1) takes what one or the other has reported since the last time.
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');

const port = Number(process.env.PORT);
const seen = [{}, {}];
const big = Buffer.alloc(200_000, 'data ');

function listen(server, secure) {
  const note = (what) => { seen[secure][what] = (seen[secure][what] ?? 0) + 1; };
  server.on('sessionError', (err) => note(`session ${err.code}`));
  server.on('session', (session) => session.on('close', () => note('closed')));
  server.on('stream', (stream, headers) => {
    stream.on('error', (err) => note(`stream ${err.code}`));
    stream.respond();
    if (headers[':path'] === '/big') return stream.end(big);
    stream.resume();
    stream.end('fine');
  });
  server.listen(port + secure, '127.0.0.1');
}
listen(http2.createServer(), 0);
listen(http2.createSecureServer({ key: fs.readFileSync('server.key'), cert: fs.readFileSync('server.pem') }), 1);
http.createServer((request, response) => {
  const secure = Number(request.url.slice(1));
  response.end(JSON.stringify(seen[secure]));
  seen[secure] = {};
}).listen(port + 2, '127.0.0.1');
