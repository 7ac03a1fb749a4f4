'use strict';
// The server of scripts/benchmark/servers.py: `/` returns a short text, `/json` 10 kB of JSON that is
// serialized for each request. It listens on port KILN_BENCH_PORT.
const http = require('node:http');

const users = [];
for (let id = 0; id < 64; id++) {
  users.push({
    id,
    name: `User ${id}`,
    email: `user${id}@example.com`,
    score: id * 1.5,
    active: id % 3 === 0,
    tags: ['alpha', 'beta', `group-${id % 8}`],
    address: { street: `${id} Main Street`, city: 'Springfield' },
  });
}

const server = http.createServer((req, res) => {
  if (req.url === '/json') {
    const body = JSON.stringify({ page: 1, total: users.length, users });
    res.writeHead(200, { 'Content-Type': 'application/json' });
    res.end(body);
    return;
  }
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  res.end('Hello, world!\n');
});
// Idle connections stay open for the whole measurement.
server.keepAliveTimeout = 300_000;
server.listen(Number(process.env.KILN_BENCH_PORT), '127.0.0.1', 4096);
