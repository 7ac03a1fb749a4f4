. "$(dirname "$0")/../build/common.sh"
# A server and a client in one app: methods, headers, bodies in both directions, errors, and exit.
file main.mjs <<'JS'
import http from 'node:http';
import { once } from 'node:events';
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  switch (request.url) {
    case '/echo':
      response.writeHead(201, { 'x-method': request.method, 'set-cookie': ['a=1', 'b=2'] });
      return response.end(body.toUpperCase());
    case '/pieces':
      for (let i = 0; i < 3; i++) {
        response.write(`piece ${i} `);
        await new Promise(setImmediate);
      }
      return response.end('end');
    case '/large': return response.end(Buffer.alloc(3e6, 'x'));
    case '/cut': response.writeHead(200, { 'content-length': 100 }).write('some');
      return setImmediate(() => response.destroy());
    case '/slow': return;
    default: response.writeHead(302, { location: '/pieces' }).end();
  }
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const at = `http://127.0.0.1:${server.address().port}`;

const echo = await fetch(`${at}/echo`, { method: 'PUT', body: 'text, ü', headers: { 'x-a': 'b' } });
console.log(echo.status, echo.headers.get('x-method'), echo.headers.getSetCookie(), await echo.text());
const json = await fetch(`${at}/echo`, { method: 'POST', body: JSON.stringify({ a: [1] }) });
console.log(await json.json());
console.log(await (await fetch(`${at}/pieces`)).text());
const moved = await fetch(`${at}/elsewhere`);
console.log(moved.redirected, moved.url === `${at}/pieces`, (await moved.text()).length);
console.log((await (await fetch(`${at}/large`)).arrayBuffer()).byteLength);
await (await fetch(`${at}/cut`)).text().catch((error) => console.log(error.name, error.message));
await fetch(`${at}/slow`, { signal: AbortSignal.timeout(50) }).catch((error) => console.log(error.name));
const many = await Promise.all(Array.from({ length: 20 }, (_, i) =>
  fetch(`${at}/echo`, { method: 'POST', body: `n${i}` }).then((response) => response.text())));
console.log(many.join(' '));

const old = http.get(`${at}/echo`, { agent: new http.Agent({ keepAlive: true }) });
const [response] = await once(old, 'response');
console.log(response.statusCode, response.rawHeaders.includes('x-method'));
response.resume();
await once(response, 'end');
server.close(() => console.log('closed'));
server.closeAllConnections();
await once(server, 'close');
const [error] = await once(http.get(at, { agent: false }), 'error');
console.log(error.code, error.syscall);
JS
build main.mjs
expect <<'OUT'
201 PUT [ 'a=1', 'b=2' ] TEXT, Ü
{ A: [ 1 ] }
piece 0 piece 1 piece 2 end
true true 27
3000000
TypeError terminated
TimeoutError
N0 N1 N2 N3 N4 N5 N6 N7 N8 N9 N10 N11 N12 N13 N14 N15 N16 N17 N18 N19
201 true
closed
ECONNREFUSED connect
OUT
