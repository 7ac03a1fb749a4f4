'use strict';
// The server of `./dev bench https` (scripts/benchmark/servers.py): returns a short text over TLS. It
// listens on port KILN_BENCH_PORT; KILN_BENCH_TLS is the folder of its key and certificate.
const { readFileSync } = require('node:fs');
const https = require('node:https');

const folder = process.env.KILN_BENCH_TLS;
const options = {
  key: readFileSync(`${folder}/key.pem`),
  cert: readFileSync(`${folder}/cert.pem`),
};
const server = https.createServer(options, (req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  res.end('Hello, world!\n');
});
server.keepAliveTimeout = 300_000;
server.listen(Number(process.env.KILN_BENCH_PORT), '127.0.0.1', 4096);
