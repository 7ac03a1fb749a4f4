// when: library net createServer
// when: library net connect
const net = require('node:net');

const server = net.createServer((socket) => socket.on('data', (data) => socket.end(data)).on('close', () => {}));
server.listen(0, '127.0.0.1', () => {
  const socket = net.connect(server.address().port, '127.0.0.1', () => socket.write('a'));
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  socket.setTimeout(5000);
  socket.on('data', () => {});
  socket.on('end', () => {});
  socket.on('close', () => server.close());
});
