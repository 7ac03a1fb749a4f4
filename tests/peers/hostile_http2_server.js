'use strict';
// HTTP/2 servers without and with TLS, for hostile_http2.py, and an HTTP/1.1 server where GET /0
// or /1 returns the events of one or the other since the last request. Prints their three ports.
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');

const seen = [{}, {}];
const big = Buffer.alloc(200_000, 'data ');

function report(server, secure) {
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
  return server;
}
const control = http.createServer((request, response) => {
  const secure = Number(request.url.slice(1));
  response.end(JSON.stringify(seen[secure]));
  seen[secure] = {};
});
const servers = [
  report(http2.createServer(), 0),
  report(http2.createSecureServer({ key: fs.readFileSync('server.key'), cert: fs.readFileSync('server.pem') }), 1),
  control,
];
Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')))
  .then(() => console.log(servers.map((server) => server.address().port).join(' ')));
