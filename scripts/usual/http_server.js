// when: library _http_server Server
// The client is no part of it: it is the program that runs this one.
const http = require('node:http');

const server = http.createServer((request, response) => {
  if (request.method === 'POST') {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(201, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ size: Buffer.concat(chunks).length }));
    });
    return;
  }
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  if (request.url === '/chunks') {
    response.write('a');
    setImmediate(() => response.end('b'));
    return;
  }
  response.on('finish', () => {});
  response.on('close', () => {});
  response.end('text');
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
process.on('SIGTERM', () => server.close());
