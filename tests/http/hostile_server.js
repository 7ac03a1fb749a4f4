'use strict';
// Returns the parsed requests, with time limits that are short enough for a test.
const http = require('node:http');

const server = http.createServer({ connectionsCheckingInterval: 100 }, (req, res) => {
  let size = 0;
  req.on('data', (chunk) => { size += chunk.length; });
  req.on('error', () => {});
  req.on('end', () => {
    res.end(JSON.stringify({
      method: req.method,
      url: req.url,
      version: req.httpVersion,
      headers: req.rawHeaders,
      trailers: req.rawTrailers,
      size,
    }) + '\n');
  });
});
server.headersTimeout = 1200;
server.requestTimeout = 1800;
server.keepAliveTimeout = 500;
server.keepAliveTimeoutBuffer = 100;
server.listen(0, '127.0.0.1', 4096, () => console.log(server.address().port));
