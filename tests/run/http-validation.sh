. "$(dirname "$0")/../build/common.sh"
# httpValidation and insecureHTTPParser: which malformed messages a server and a client accept in
# each mode, and the errors for those that they reject, compared with node, which runs the same
# program.
file app.js <<'JS'
const http = require('node:http');
const net = require('node:net');

const modes = { none: {}, strict: { httpValidation: 'strict' }, relaxed: { httpValidation: 'relaxed' },
                insecure: { httpValidation: 'insecure' }, insecureHTTPParser: { insecureHTTPParser: true } };
const post = (head, body) => `POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n${body}`;
const chunked = 'Transfer-Encoding: chunked\r\n';

// At least one request for each lenient flag of the parser.
const requests = {
  'valid': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'space before first name': 'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
  'space before colon': 'GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n',
  'space in name': 'GET / HTTP/1.1\r\nHost: a\r\nX Y: a\r\n\r\n',
  'folded value': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n',
  'no colon': 'GET / HTTP/1.1\r\nHost: a\r\nXyz\r\n\r\n',
  'bare CR in value': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n',
  'bare LF after value': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n',
  'bare LF everywhere': 'GET / HTTP/1.1\nHost: a\n\n',
  'bare CR everywhere': 'GET / HTTP/1.1\rHost: a\r\r',
  'length and chunked': post('Content-Length: 4\r\n' + chunked, '0\r\n\r\n'),
  'chunked and length': post(chunked + 'Content-Length: 4\r\n', '0\r\n\r\n'),
  'two lengths': post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd'),
  'chunked not last': post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
  'unknown encoding': post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
  'version 1.5': 'GET / HTTP/1.5\r\nHost: a\r\n\r\n',
  'version 3.0': 'GET / HTTP/3.0\r\nHost: a\r\n\r\n',
  'data after close': 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'space after chunk size': post(chunked, '5 \r\nhello\r\n0\r\n\r\n'),
  'no line end after chunk': post(chunked, '5\r\nhello0\r\n\r\n'),
  'LF after chunk size': post(chunked, '5\nhello\n0\n\n'),
  'CR in chunk extension': post(chunked, '5;a=\rb\r\nhello\r\n0\r\n\r\n'),
  'control character in trailer': post(chunked, '0\r\nX: a\x01b\r\n\r\n'),
  'another protocol': 'GET / FTP/1.1\r\nHost: a\r\n\r\n',
  'no protocol': 'GET / \r\nHost: a\r\n\r\n',
  'broken protocol': 'GET / HTTQ/1.1\r\nHost: a\r\n\r\n',
  'control character in target': 'GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n',
  'control character in name': 'GET / HTTP/1.1\r\nHost: a\r\nX\x01: a\r\n\r\n',
};
const responses = {
  'valid': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  'control character in value': 'HTTP/1.1 200 OK\r\nX: a\x07\x1b\x7fb\r\nContent-Length: 2\r\n\r\nhi',
  'control character in status': 'HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nhi',
  'control character in name': 'HTTP/1.1 200 OK\r\nX\x01: a\r\nContent-Length: 2\r\n\r\nhi',
  'space before colon': 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi',
  'bare LF': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi',
  'length and chunked': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  'no line end after chunk': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi0\r\n\r\n',
  'another protocol': 'FTP/1.1 200 OK\r\n\r\n',
  'version 1.5': 'HTTP/1.5 200 OK\r\nContent-Length: 2\r\n\r\nhi',
};
const describe = (error) => `${error.code}, ${error.reason}, ${error.bytesParsed} bytes`;
const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

// What a server of this mode reports of each message: [name, what].
async function serve(options, messages) {
  const reports = new Map();
  const of = (socket) => reports.get(socket.remotePort);
  const server = http.createServer(options, (req, res) => {
    const noted = of(req.socket);
    let body = '';
    req.setEncoding('latin1').on('data', (data) => body += data).on('error', () => {});
    req.on('end', () => {
      noted.push(`${req.httpVersion} ${JSON.stringify([req.rawHeaders, body, req.rawTrailers])}`);
      res.end();
    });
  });
  server.on('clientError', (error, socket) => {
    of(socket)?.push(describe(error));
    socket.destroy();
  });
  const port = await listen(server);
  const results = await Promise.all(messages.map(async ([name, message]) => [name, await new Promise((done) => {
    const noted = [];
    const socket = net.connect({ port, host: '127.0.0.1' }, () => {
      reports.set(socket.localPort, noted);
      socket.end(message, 'latin1');
    });
    socket.on('error', () => {}).on('close', () => done(noted.join('; ') || 'nothing')).resume();
  })]));
  server.close();
  return results;
}

async function request(options, messages) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).once('data', (data) => {
      const [, number] = /^GET .(\d+)/.exec(data);
      socket.end(messages[number][1], 'latin1');
    });
  });
  const port = await listen(server);
  const results = await Promise.all(messages.map(async ([name], number) => [name, await new Promise((done) => {
    http.get({ port, host: '127.0.0.1', path: `/${number}`, agent: false, ...options }, (res) => {
      let body = '', failed;
      res.setEncoding('latin1').on('data', (data) => body += data);
      res.on('error', (error) => failed = error);
      res.on('close', () => done(`${res.httpVersion} ${JSON.stringify([res.rawHeaders, res.statusMessage, body])} ${failed ? failed.code : 'end'}`));
    }).on('error', (error) => done(describe(error)));
  })]));
  server.close();
  return results;
}

// 0-8,10-31: which bytes a value may hold.
function ranges(results) {
  const out = [];
  for (const [byte, what] of results) {
    if (what.startsWith('HPE_')) continue;
    if (out.length && out.at(-1)[1] === byte - 1) out.at(-1)[1] = byte;
    else out.push([byte, byte]);
  }
  return out.map(([from, to]) => from === to ? from : `${from}-${to}`).join(',');
}

(async () => {
  // Without NUL, on which node 24.21 hangs in relaxed mode (tests/bindings/http_nul.js).
  const bytes = Array.from({ length: 255 }, (_, i) => i + 1).map((byte) =>
    [byte, `GET / HTTP/1.1\r\nHost: a\r\nX: a${String.fromCharCode(byte)}b: c\r\n\r\n`]);
  for (const [mode, options] of Object.entries(modes)) {
    console.log(`${mode}: a value may hold ${ranges(await serve(options, bytes))}`);
    for (const [name, what] of await serve(options, Object.entries(requests))) console.log(`${mode}: server, ${name}: ${what}`);
    for (const [name, what] of await request(options, Object.entries(responses))) console.log(`${mode}: client, ${name}: ${what}`);
  }
})();
JS
build app.js
: "${KILN_NODE:?set KILN_NODE to the official node}"
"$KILN_NODE" --no-warnings app.js >theirs 2>&1
./app >ours 2>&1 || true
diff theirs ours >&2 || { echo "the app printed something else" >&2; exit 1; }

# The modes must differ, or the comparison would prove nothing.
has() { grep -qx -- "$1" ours || { cat ours >&2; echo "no line: $1" >&2; exit 1; }; }
has 'strict: a value may hold 9,32-126,128-255'
has 'relaxed: a value may hold 1-9,11-12,14-255'
has 'insecure: a value may hold 1-12,14-255'
has 'relaxed: server, folded value: HPE_INVALID_HEADER_TOKEN, .*'
has 'insecure: server, folded value: 1.1 .*'
