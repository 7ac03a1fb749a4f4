. "$(dirname "$0")/../build/common.sh"
# TLS 1.2 and 1.3 with other programs at the other end: OpenSSL's own client and server,
# curl, and the official node, each in both roles. Everything is on 127.0.0.1.
: "${KILN_NODE:?set KILN_NODE to the official node}"

. "$tests/support/servers.sh"
. "$tests/peers/certificates.sh"

authority ca
certificate server localhost
certificate client somebody

# One program for both ends, so that node can run what Kiln compiles.
file peer.js <<'JS'
const tls = require('tls'), https = require('https'), fs = require('fs'), crypto = require('crypto');
const { FOLDER: folder, VERSION: version } = process.env;
const read = (name) => fs.readFileSync(`${folder}/${name}`);
const sha = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const big = Buffer.alloc(3_000_000, 'every byte counts. ');
const credentials = (name) => ({ key: read(`${name}.key`), cert: read(`${name}.pem`), ca: read('ca.pem'),
                                 minVersion: version, maxVersion: version });

const roles = {
  // GET / returns the client's identity; POST / also the hash of the body; /big a lot of data.
  https() {
    const server = https.createServer({ ...credentials('server'), requestCert: true, rejectUnauthorized: false },
      async (request, response) => {
        if (request.url === '/big') return response.end(big);
        const parts = [];
        for await (const part of request) parts.push(part);
        const { subject } = request.socket.getPeerCertificate();
        response.end(`${request.method} ${request.socket.getProtocol()} ${subject ? subject.CN : 'nobody'} ` +
                     `${request.socket.authorized} ${sha(Buffer.concat(parts))}\n`);
      });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  },
  async fetch(port) {
    const options = { port, host: '127.0.0.1', ...credentials('client'), agent: new https.Agent({ keepAlive: true }) };
    const ask = (more, body) => new Promise((resolve, reject) => {
      https.request({ ...options, ...more }, async (response) => {
        const parts = [];
        for await (const part of response) parts.push(part);
        resolve(Buffer.concat(parts));
      }).on('error', reject).end(body);
    });
    process.stdout.write(String(await ask({ path: '/', method: 'POST' }, big)));
    console.log((await ask({ path: '/big' })).equals(big));
    console.log(await ask({ path: '/', ca: undefined, agent: undefined }).then(() => 'trusted?', (e) => e.code));
    options.agent.destroy();
  },
  // Connects twice, the second time with the session of the first.
  resume(port) {
    const reused = [];
    const run = (session, left) => {
      const socket = tls.connect({ port, host: '127.0.0.1', ...credentials('client'), session });
      let saved;
      socket.on('session', (s) => saved = s);
      socket.on('secureConnect', () => { reused.push(socket.isSessionReused()); socket.write('GET / HTTP/1.0\r\n\r\n'); });
      socket.resume().on('close', () => left ? run(saved, left - 1) : console.log(socket.authorized, ...reused));
    };
    run(undefined, 1);
  },
  echo() {
    const server = tls.createServer({ ...credentials('server'), ALPNProtocols: ['talk/1'] }, (socket) => {
      socket.write(`${socket.servername} ${socket.alpnProtocol} ${socket.getProtocol()}\n`);
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  },
};
roles[process.argv[2]](process.argv[3]);
JS
build peer.js
export FOLDER=$scratch
evidence+=(s_client.err)

# prints WHAT WANTED COMMAND…: the command must succeed and print exactly that.
prints() {
  local what="$1 ($VERSION)" wanted=$2 got
  shift 2
  got=$(timeout 30 "$@" 2>&1) || { echo "$what: $1 failed: $got" >&2; exit 1; }
  same "$what" "$wanted" "$got"
}

sum=$("$KILN_NODE" -p "crypto.createHash('sha256').update(Buffer.alloc(3e6, 'every byte counts. ')).digest('hex').slice(0, 16)")
for VERSION in TLSv1.2 TLSv1.3; do
  export VERSION
  fetched="POST $VERSION somebody true $sum
true
SELF_SIGNED_CERT_IN_CHAIN"

  serve ./app https
  prints "node asks us" "$fetched" "$KILN_NODE" peer.js fetch "$port"
  prints "we ask us" "$fetched" ./app fetch "$port"
  prints "node resumes" "true false true" "$KILN_NODE" peer.js resume "$port"
  prints "we resume" "true false true" ./app resume "$port"
  curl=(curl -sS --cacert ca.pem "https://localhost:$port")
  prints "curl" "GET $VERSION nobody false e3b0c44298fc1c14" "${curl[@]}"/
  prints "curl with a certificate" "GET $VERSION somebody true e3b0c44298fc1c14" "${curl[@]}"/ --cert client.pem --key client.key
  size=$("${curl[@]}"/big | wc -c)
  same "curl, much data ($VERSION)" 3000000 "$size"
  stop

  serve "$KILN_NODE" peer.js https
  prints "we ask node" "$fetched" ./app fetch "$port"
  prints "we resume with node" "true false true" ./app resume "$port"
  stop

  serve ./app echo
  got=$( (echo hello; sleep 1) | openssl s_client -connect "127.0.0.1:$port" -servername localhost \
    -alpn talk/1 -CAfile ca.pem -verify_return_error -quiet -no_ign_eof 2>s_client.err)
  same "s_client ($VERSION)" "localhost talk/1 $VERSION
hello" "$got"
  stop

  option=$([[ $VERSION == TLSv1.2 ]] && echo -tls1_2 || echo -tls1_3)
  serve_at_free_port openssl s_server -accept 127.0.0.1:PORT -cert server.pem -key server.key -CAfile ca.pem \
    -Verify 1 "$option" -www
  prints "s_server" "true false true" ./app resume "$port"
  stop
done
