. "$(dirname "$0")/common.sh"
# An exception passes through a native callback also while async_hooks are enabled.
file main.js <<'JS'
const http = require('http');
const { createHook } = require('async_hooks');
const { Duplex } = require('stream');
createHook({ before() {}, after() {} }).enable();
const server = http.createServer((request) => {
  request.on('data', () => { throw new Error('seen'); });
});
// No socket: the server's JavaScript calls the native parser, which calls JavaScript.
const duplex = new Duplex({ read() {}, write(chunk, encoding, done) { done(); } });
server.emit('connection', duplex);
duplex.push('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n');
setImmediate(() => duplex.push('hello'));
const timer = setTimeout(() => console.log('lost'), 1000);
process.on('uncaughtException', (error) => {
  console.log(error.message);
  clearTimeout(timer);
});
JS
build main.js
expect <<'OUT'
seen
OUT
