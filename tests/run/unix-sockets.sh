. "$(dirname "$0")/../build/common.sh"
# A server on a socket in the file system: many clients, half-closed ends, errors.
file main.mjs <<'JS'
import net from 'node:net';
import fs from 'node:fs';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
const server = net.createServer({ allowHalfOpen: true }, async (socket) => {
  socket.end((await text(socket)).split('').reverse().join(''));
});
await once(server.listen('sock'), 'listening');
console.log(server.address(), fs.statSync('sock').isSocket());
const ask = async (word) => {
  const socket = net.connect({ path: 'sock', allowHalfOpen: true });
  socket.end(word);
  return text(socket);
};
console.log(await Promise.all(['abc', 'x'.repeat(1e6) + 'y', ''].map(ask)).then((all) => all.map((s) => s.slice(0, 3))));
const [taken] = await once(net.createServer().listen('sock'), 'error');
console.log(taken.code, taken.syscall, taken.address);
const [absent] = await once(net.connect('none'), 'error');
console.log(absent.code, absent.syscall, absent.address);
server.close(() => console.log('closed', fs.existsSync('sock')));
JS
build main.mjs
expect <<'OUT'
sock true
[ 'cba', 'yxx', '' ]
EADDRINUSE listen sock
ENOENT connect none
closed false
OUT
