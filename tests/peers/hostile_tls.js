'use strict';
// Both roles for hostile_tls.py, in a folder with certificates.
//   serve              prints the port of a TLS server and that of an HTTP server, where GET /N
//                      waits for the end of the connection from port N and returns how it ended
//   ask PORT COUNT     connects COUNT times, and prints how each connection ended
const fs = require('node:fs');
const http = require('node:http');
const tls = require('node:tls');

const [role, port, count] = process.argv.slice(2);
const ca = fs.readFileSync('ca.pem');

// Calls `report` once, with a text that describes how the connection ended.
function watch(socket, report) {
  let size = 0, error;
  socket.on('data', (data) => { size += data.length; });
  socket.on('error', (err) => { error = err.code; });
  socket.on('close', () => report(`${size} bytes, ${error ?? 'a good end'}`));
}

if (role === 'serve') {
  const outcomes = new Map(), waiting = new Map();
  const report = (from, what) => {
    if (outcomes.has(from)) return;
    outcomes.set(from, what);
    waiting.get(from)?.end(what);
  };
  const server = tls.createServer({ key: fs.readFileSync('server.key'), cert: fs.readFileSync('server.pem'),
                                    handshakeTimeout: 1500 });
  server.on('connection', (socket) => {
    const from = socket.remotePort;
    outcomes.delete(from);
    socket.kilnFrom = from;
    socket.on('close', () => setTimeout(report, 100, from, 'closed'));
  });
  server.on('tlsClientError', (err, socket) => {
    report(socket._parent?.kilnFrom ?? socket.remotePort, `refused ${err.code}`);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    const from = socket.remotePort;
    socket.write('welcome');
    watch(socket, (what) => report(from, what));
  });
  server.listen(0, '127.0.0.1', () => {
    const control = http.createServer((request, response) => {
      const from = Number(request.url.slice(1));
      if (outcomes.has(from)) return response.end(outcomes.get(from));
      waiting.set(from, response);
    }).listen(0, '127.0.0.1', () => console.log(server.address().port, control.address().port));
  });
} else {
  const next = (left) => {
    if (left === 0) return;
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca, minVersion: 'TLSv1.2' });
    let secure = 'refused';
    socket.on('secureConnect', () => { secure = 'secure'; socket.write('hello'); });
    watch(socket, (what) => {
      console.log(`${secure}, ${what}`);
      next(left - 1);
    });
  };
  next(Number(count));
}
