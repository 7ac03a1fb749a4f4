. "$(dirname "$0")/../build/common.sh"
# HTTP/2 over TLS with nghttp2's programs and curl: as clients of the same server, run by the
# official node and compiled by Kiln, and nghttpd as the server of the same client.
# Everything is on 127.0.0.1; what both runtimes print must be equal.
: "${KILN_NODE:?set KILN_NODE to the official node}"
for tool in h2load nghttp nghttpd; do
  command -v "$tool" >/dev/null || { echo "no $tool; scripts/host-tools installs it"; exit 77; }
done
. "$tests/support/servers.sh"
. "$tests/peers/certificates.sh"
authority ca
certificate server localhost
certificate client somebody

file app.js <<'JS'
const http2 = require('http2'), fs = require('fs'), crypto = require('crypto');
const sha = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const big = Buffer.alloc(3_000_000, 'every byte counts. ');
const [role, port] = process.argv.slice(2);
const ca = fs.readFileSync('ca.pem');
const identity = (name) => ({ key: fs.readFileSync(`${name}.key`), cert: fs.readFileSync(`${name}.pem`), ca });

function serve() {
  const server = http2.createSecureServer({ ...identity('server'), allowHTTP1: true, requestCert: true,
                                            rejectUnauthorized: false }, async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.url === '/big') return response.end(big);
    if (request.url === '/small') return response.end('small');
    if (request.url === '/push') {
      const pushed = await new Promise((resolve, reject) =>
        response.createPushResponse({ ':path': '/small' }, (err, made) => err ? reject(err) : resolve(made)));
      pushed.end('small');
    }
    const socket = request.httpVersion === '2.0' ? request.stream.session.socket : request.socket;
    if (request.httpVersion === '2.0') response.addTrailers({ 'x-sum': sha(Buffer.concat(parts)) });
    response.setHeader('x-protocol', `${socket.alpnProtocol} ${socket.getProtocol()}`);
    response.end(`${request.method} ${request.httpVersion} ${socket.getPeerCertificate().subject?.CN ?? 'nobody'} ` +
                 `${sha(Buffer.concat(parts))}\n`);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

// A client of nghttpd, which serves this folder.
async function ask() {
  const client = http2.connect(`https://localhost:${port}`, { ...identity('client') });
  client.on('stream', (stream, headers) => {
    let size = 0;
    stream.on('data', (part) => size += part.length);
    stream.on('end', () => console.log('pushed', headers[':path'], size));
  });
  const get = (path, body) => new Promise((resolve) => {
    const request = client.request({ ':path': path, ':method': body ? 'POST' : 'GET' });
    const parts = [], answer = {};
    request.on('response', (headers) => answer.status = headers[':status']);
    request.on('trailers', (headers) => answer.trailer = headers['x-end']);
    request.on('data', (part) => parts.push(part));
    request.on('error', (err) => answer.error = err.code);
    request.on('close', () => resolve({ ...answer, size: Buffer.concat(parts).length, sum: sha(Buffer.concat(parts)) }));
    request.end(body);
  });
  for (const [path, body] of [['/ca.pem'], ['/big'], ['/none'], ['/echo', big], ['/pushing']]) {
    const { status, trailer, size, sum, error } = await get(path, body);
    console.log(path, status, trailer, path === '/none' ? '' : `${size} ${sum}`, error);
  }
  const many = await Promise.all(Array.from({ length: 200 }, () => get('/small')));
  console.log(many.every(({ status, size }) => status === 200 && size === 5), client.alpnProtocol,
              client.socket.getProtocol(), client.socket.authorized);
  await new Promise((resolve) => client.ping((err) => resolve(console.log('ping', err))));
  client.close(() => console.log('closed'));
}
if (role === 'serve') serve(); else ask();
JS
build app.js

head -c 2000000 /dev/urandom >blob

summary() { grep -E '^(Application protocol|requests|status codes)'; }

# Prints what clients receive from the server on $port. All of them must succeed, except the one
# that does not trust the authority.
clients() {
  local status=0
  local curl=(curl -sS --max-time 30 --cacert ca.pem) url=https://localhost:$port
  "${curl[@]}" --http2 -w '%{http_version} %{response_code} %header{x-protocol}\n' "$url/"
  "${curl[@]}" --http1.1 -w '%{http_version} %header{x-protocol}\n' "$url/"
  "${curl[@]}" --no-alpn -w '%{http_version} %header{x-protocol}\n' "$url/"
  "${curl[@]}" --http2 --tls-max 1.2 -w '%{http_version} %header{x-protocol}\n' "$url/"
  "${curl[@]}" --http2 --cert client.pem --key client.key "$url/"
  "${curl[@]}" --http2 --data-binary @blob "$url/"
  "${curl[@]}" --http2 "$url/big" | sha256sum
  "${curl[@]}" --http2 -v "$url/" 2>&1 | grep -i '^< x-sum'
  "${curl[@]}" --http2 --parallel "$url/small" "$url/small" "$url/small" "$url/big" | wc -c
  curl -sS --max-time 30 --http2 "$url/" 2>&1 || status=$?
  echo "without the authority curl ends with $status"
  nghttp -n -v "$url/push" 2>&1 | grep -Eo 'recv PUSH_PROMISE|recv RST_STREAM|recv GOAWAY|x-sum: .*|:status: .*' | sort | uniq -c
  nghttp --continuation -b 200 -d blob "$url/"
  h2load -n 3000 -c 8 -m 20 "$url/small" | summary
  h2load -n 60 -c 8 -m 2 "$url/big" | summary
  h2load --npn-list=http/1.1 -n 500 -c 4 "$url/small" | summary
}

for who in node kiln; do
  if [[ $who == node ]]; then serve "$KILN_NODE" app.js serve; else serve ./app serve; fi
  evidence=("$who" "$who.err" "${evidence[@]}")
  clients >"$who" 2>"$who.err"
  stop
done
diff node kiln >&2 || { echo "clients see another server" >&2; exit 1; }
for line in '2 200 h2 TLSv1.3' '1.1 http/1.1 TLSv1.3' '2 h2 TLSv1.2' 'GET 2.0 somebody' 'requests: .* 3000 succeeded' \
            'requests: .* 60 succeeded' 'requests: .* 500 succeeded' 'recv PUSH_PROMISE' 'curl ends with 60'; do
  grep -q -- "$line" kiln || { echo "no client saw: $line" >&2; exit 1; }
done

mkdir files
printf small >files/small
head -c 3000000 blob >files/big
cp ca.pem files
echo pushing >files/pushing
serve_at_free_port nghttpd -a 127.0.0.1 -d files -p /pushing=/small -p /pushing=/ca.pem --trailer 'x-end: yes' --echo-upload -b 30 \
  PORT server.key server.pem
timeout 30 "$KILN_NODE" app.js ask "$port" >node 2>&1 || { cat node >&2; exit 1; }
timeout 30 ./app ask "$port" >kiln 2>&1 || { cat kiln >&2; exit 1; }
stop
diff <(sort node) <(sort kiln) >&2 || { echo "the client sees another nghttpd" >&2; exit 1; }
grep -q "^closed" kiln
