. "$(dirname "$0")/../build/common.sh"
. "$tests/support/servers.sh"
# HTTP/2 without TLS: an app as server and as client, against itself, curl and Node.
: "${KILN_NODE:?set KILN_NODE to the official node}"
file app.js <<'JS'
const http2 = require('http2');
const assert = require('assert');
const big = Buffer.alloc(3_000_000);
for (let i = 0; i < big.length; i++) big[i] = i * 7 + (i >> 8);
const custom = (id, value) => ({ customSettings: { [id]: value } });

const handlers = {
  '/push'(stream) {
    stream.pushStream({ ':path': '/pushed' }, (err, pushed) => {
      assert.ifError(err);
      pushed.respond();
      pushed.end('pushed body');
    });
    stream.respond();
    stream.end('main');
  },
  '/trailers'(stream) {
    stream.respond({}, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
    stream.end('body');
  },
  '/big'(stream) { stream.respond(); stream.end(big); },
  '/file'(stream) { stream.respondWithFile(process.execPath, {}, { length: 1_000_000 }); },
  '/echo'(stream) { stream.respond(); stream.pipe(stream); },
  '/info'(stream) {
    stream.additionalHeaders({ ':status': 103, 'link': '</a>' });
    stream.respond({ ':status': 204 }, { endStream: true });
  },
  '/settings'(stream) {
    const { localSettings, remoteSettings } = stream.session;
    stream.respond();
    stream.end(JSON.stringify([localSettings.customSettings, remoteSettings.customSettings]));
  },
  '/reset'(stream) { stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM); },
};

function serve() {
  const server = http2.createServer({ settings: custom(1244, 456), remoteCustomSettings: [55] });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] !== '/quit') return handlers[headers[':path']](stream);
    stream.respond();
    stream.end('bye');
    stream.session.close();
    server.close();
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

async function ask(port) {
  const client = http2.connect(`http://127.0.0.1:${port}`,
                               { settings: custom(55, 12), remoteCustomSettings: [1244] });
  const get = (path, body) => new Promise((resolve) => {
    const request = client.request({ ':path': path, ':method': body ? 'POST' : 'GET' });
    const chunks = [], answer = { info: 0 };
    request.on('headers', () => answer.info++);
    request.on('response', (headers) => answer.status = headers[':status']);
    request.on('trailers', (trailers) => answer.trailers = trailers['x-sum']);
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', (err) => answer.error = err.message);
    request.on('close', () => resolve({ ...answer, body: Buffer.concat(chunks) }));
    request.end(body);
  });
  client.on('close', () => console.log('client done'));
  let pushed = '';
  client.on('stream', (stream, headers) => {
    assert.strictEqual(headers[':path'], '/pushed');
    stream.on('data', (chunk) => pushed += chunk);
  });
  assert.strictEqual(String((await get('/push')).body), 'main');
  assert.strictEqual((await get('/trailers')).trailers, '1');
  assert((await get('/big')).body.equals(big));
  assert.strictEqual((await get('/file')).body.length, 1_000_000);
  assert((await get('/echo', big)).body.equals(big));
  const many = await Promise.all(Array.from({ length: 150 }, (_, i) => get('/echo', `n${i}`)));
  many.forEach(({ body }, i) => assert.strictEqual(String(body), `n${i}`));
  const { info, status } = await get('/info');
  assert.deepStrictEqual([info, status], [1, 204]);
  const [local, remote] = JSON.parse((await get('/settings')).body);
  assert.deepStrictEqual([local, remote], [{ 1244: 456 }, { 55: 12 }]);
  assert.deepStrictEqual(client.remoteSettings.customSettings, { 1244: 456 });
  assert.match((await get('/reset')).error, /ENHANCE_YOUR_CALM/);
  await new Promise((resolve, reject) => client.ping((err) => err ? reject(err) : resolve()));
  assert.strictEqual(pushed, 'pushed body');
  assert.strictEqual(String((await get('/quit')).body), 'bye');
  client.close();
}

const [what, port] = process.argv.slice(2);
if (what === 'serve') serve(); else ask(port);
JS
build app.js

# ask COMMAND…: runs a client of the last server, then ends the server.
ask() {
  local got
  got=$(timeout 60 "$@" ask "$port" 2>&1) || { echo "$1 failed: $got" >&2; exit 1; }
  same "what $1 printed" "client done" "$got"
  ended 0
}

serve ./app serve
ask ./app

serve ./app serve
ask "$KILN_NODE" app.js
serve "$KILN_NODE" app.js serve
ask ./app

if [[ $(curl --version) != *HTTP2* ]]; then
  echo "this curl has no HTTP/2, so it asks nothing"
  exit
fi
serve ./app serve
fetch() { curl -sS --max-time 60 --http2-prior-knowledge "$@"; }
head -c 2000000 /dev/urandom >blob
fetch --data-binary @blob "http://127.0.0.1:$port/echo" | cmp - blob
[[ $(fetch -v "http://127.0.0.1:$port/trailers" 2>&1) == *"x-sum: 1"* ]] || { echo "curl saw no trailer" >&2; exit 1; }
same "what /quit returned" bye "$(fetch "http://127.0.0.1:$port/quit")"
ended 0
