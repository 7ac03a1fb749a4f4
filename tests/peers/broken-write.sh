. "$(dirname "$0")/../build/common.sh"
# A server destroys the session while its client still has frames to send. The client's next write
# of TLS fails, the one after it (GOAWAY) must fail too, and the session must close. Whether the
# first write fails depends on timing, so this takes some hundred sessions.
. "$tests/peers/certificates.sh"
authority ca
certificate server localhost

file main.js <<'JS'
const http2 = require('http2'), fs = require('fs'), { spawn } = require('child_process'), { once } = require('events');
if (process.argv[2] === 'serve') {
  const server = http2.createSecureServer({ key: fs.readFileSync('server.key'), cert: fs.readFileSync('server.pem') });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.session.on('error', () => {});
    stream.session.destroy(http2.constants.NGHTTP2_INADEQUATE_SECURITY);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit()).resume();  // ends with the client
} else {
  (async () => {
    const server = spawn(process.execPath, ['serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const port = +(await once(server.stdout, 'data'))[0];
    const ca = fs.readFileSync('ca.pem');
    for (let i = 0; i < 300; i++) {
      const client = http2.connect(`https://localhost:${port}`, { ca });
      client.on('error', () => {});
      client.request({ ':path': '/' }).on('error', () => {});
      const limit = setTimeout(() => { console.log(`session ${i} did not close`); process.exit(1); }, 10_000);
      await new Promise((resolve) => client.on('close', resolve));
      clearTimeout(limit);
    }
    console.log('all closed');
    server.stdin.end();
  })();
}
JS
build main.js
mkdir -p away && cp ca.pem server.key server.pem away
expect <<< 'all closed'
