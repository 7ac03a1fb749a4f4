. "$(dirname "$0")/../build/common.sh"
# Features of TLS with `openssl s_client` and `s_server`: resumption, OCSP stapling, pre-shared
# keys, renegotiation, SNI, groups and required certificates. Each is used with the official node
# and with Kiln's executable at the other end; the results must be equal.
: "${KILN_NODE:?set KILN_NODE to the official node}"
. "$tests/support/servers.sh"
. "$tests/peers/certificates.sh"
authority ca
certificate server localhost
certificate client somebody
certificate other other.example

file app.js <<'JS'
const tls = require('tls'), fs = require('fs');
const [role, port, version] = process.argv.slice(2);
const as = (name) => ({ key: fs.readFileSync(`${name}.key`), cert: fs.readFileSync(`${name}.pem`), ca: fs.readFileSync('ca.pem') });
const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const psk = 'PSK-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256';

const servers = {
  plain: () => tls.createServer(as('server')),
  status: () => tls.createServer(as('server')).on('OCSPRequest', (certificate, issuer, done) =>
    done(null, Buffer.from('30030a0106', 'hex'))),  // "unauthorized"
  sni() {
    const server = tls.createServer(as('server'));
    server.addContext('other.example', as('other'));
    return server;
  },
  required: () => tls.createServer({ ...as('server'), requestCert: true }),
  psk: () => tls.createServer({ ciphers: psk, pskCallback: (socket, identity) => identity === 'me' ? key : null }),
  groups: () => tls.createServer({ ...as('server'), ecdhCurve: 'P-521' }),
};
if (role === 'serve') {
  const ports = {};
  for (const [name, make] of Object.entries(servers)) {
    const server = make();
    server.on('tlsClientError', () => {});
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => socket.write(String(data).toUpperCase()));
      socket.write(`reused ${socket.isSessionReused()}\n`);
    });
    server.listen(0, '127.0.0.1', () => {
      ports[name] = server.address().port;
      if (Object.keys(ports).length === Object.keys(servers).length)
        console.log(Object.entries(ports).map(([n, p]) => `${n}=${p}`).join(' '));
    });
  }
} else {
  const options = { port, host: '127.0.0.1', servername: 'localhost', minVersion: version, maxVersion: version,
                    ...(role === 'psk' ? { ciphers: psk, pskCallback: () => ({ identity: 'me', psk: key }), checkServerIdentity() {} } :
                      as('client')), requestOCSP: role === 'status' };
  const socket = tls.connect(options, () => {
    console.log(socket.getProtocol(), socket.getCipher().name, socket.authorized);
    socket.end('hello\n');
  });
  socket.on('OCSPResponse', (response) => console.log('OCSP', response?.toString('hex')));
  socket.on('error', (err) => console.log(err.code));
  socket.on('data', () => {});
}
JS
build app.js

# client NAME [OPTION…]: s_client with the server NAME, in the background; sends a line. The
# relevant lines of its output go to a separate file.
client() {
  number=$((number + 1))
  one_client "output.$number" "$@" &
  clients+=($!)
}
one_client() {
  local output=$1 status=0
  local -n at=$2
  # s_client ends at the end of its input, so the input stays open until the response.
  { echo "${line:-hello}"
    for ((i = 0; i < 60; i++)); do sleep 0.1; grep -aqE 'HELLO|alert|handshake failure' "$output.raw" && break; done
  } | timeout 20 openssl s_client -connect "127.0.0.1:$at" -CAfile ca.pem "${@:3}" >"$output.raw" 2>&1 || status=$?
  # A rejected connection ends s_client with 1, sooner or later; only a timeout is a failure.
  ((status != 124)) || echo "s_client ${*:2} did not end within 20 seconds" >&2
  { echo "-- ${*:2}"
    ! grep -aq HELLO "$output.raw" || echo HELLO
    # A client whose handshake failed early prints none of these.
    { grep -aE '^(New|Reused), |^Server Temp Key|^Verification|^ *Protocol *:|OCSP Response Status|^subject=|alert' "$output.raw" || true; } |
      sed 's/^[0-9A-F]*:error/error/' | sort | uniq -c
  } >"$output"
}

all_clients() {
  local v number=100 clients=()
  for v in -tls1_2 -tls1_3; do
    client plain $v -servername localhost
    client plain $v -reconnect
    client status $v -status
    client sni $v -servername other.example
    client sni $v -noservername
    client required $v -cert client.pem -key client.key
    client required $v
    client groups $v -groups P-521
    client groups $v -groups P-256
    client psk $v -psk_identity me -psk 00112233445566778899aabbccddeeff -cipher PSK-AES128-GCM-SHA256
    client psk $v -psk_identity you -psk 00112233445566778899aabbccddeeff -cipher PSK-AES128-GCM-SHA256
    client plain $v -keylogfile /dev/null -sigalgs ecdsa_secp256r1_sha256
  done
  line=R client plain -tls1_2
  client plain -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
  client plain -no_tls1_3 -no_tls1_2
  local one
  for one in "${clients[@]}"; do wait "$one"; done
  cat output.???
}

for who in node kiln; do
  if [[ $who == node ]]; then serve "$KILN_NODE" app.js serve; else serve ./app serve; fi
  declare $port  # a variable for each server
  all_clients >"$who"
  stop
done
diff node kiln >&2 || { echo "s_client sees another server" >&2; exit 1; }
if (($(grep -c '^HELLO' kiln) < 14)) || ! grep -q '5 Reused' kiln; then cat kiln >&2; exit 1; fi

printf '\x30\x03\x0a\x01\x06' >ocsp.der
for options in "plain -cert server.pem -key server.key -CAfile ca.pem -Verify 1" \
               "status -cert server.pem -key server.key -status_file ocsp.der" \
               "psk -nocert -psk_identity me -psk 00112233445566778899aabbccddeeff -cipher PSK-AES128-GCM-SHA256"; do
  read -r role options <<<"$options"
  # shellcheck disable=SC2086
  serve_at_free_port openssl s_server -accept 127.0.0.1:PORT $options -quiet -rev
  for version in TLSv1.2 TLSv1.3; do
    theirs=$(timeout 20 "$KILN_NODE" app.js "$role" "$port" $version 2>&1)
    ours=$(timeout 20 ./app "$role" "$port" $version 2>&1)
    [[ $theirs == "$ours" && $ours == *"$version"* ]] ||
      { printf 's_server for %s, %s:\n  node %s\n  kiln %s\n' "$role" $version "$theirs" "$ours" >&2; exit 1; }
  done
  stop
done
