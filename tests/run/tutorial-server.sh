. "$(dirname "$0")/../build/common.sh"
. "$tests/support/servers.sh"
# The web server of Node's tutorial, unchanged: it responds, and SIGTERM ends it as it ends node. It
# listens on port 3000, so it runs in a new network namespace where the system allows one. Where it
# does not and the port is in use, the test is skipped.
: "${KILN_NODE:?set KILN_NODE to the official node}"
if [[ -z ${OWN_NETWORK:-} ]] && unshare -rn true 2>/dev/null; then
  cd "$OLDPWD"
  rm -rf "$scratch"
  OWN_NETWORK=1 exec unshare -rn bash -c 'ip link set lo up 2>/dev/null || python3 - <<"PY"
import fcntl, socket, struct  # without iproute: SIOCSIFFLAGS, IFF_UP
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))
PY
exec bash "$0"' "$0"
fi
file server.mjs <<'JS'
import { createServer } from 'node:http';

const server = createServer((req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  res.end('Hello World!\n');
});

// starts a simple http server locally on port 3000
server.listen(3000, '127.0.0.1', () => {
  console.log('Listening on 127.0.0.1:3000');
});

// run with `node server.mjs`
JS
build server.mjs

# observe COMMAND…: prints the server's output and its response to a client; SIGTERM must end it.
observe() {
  start "$@"
  await Listening
  curl -sSi http://127.0.0.1:3000/ | grep -v '^Date:'
  kill -TERM "$pid"
  ended 143
  cat "$output" "$output.err"
}
if listens 3000; then
  echo "port 3000 is taken, and there is no network of our own"
  exit 77
fi
observe "$KILN_NODE" server.mjs >node.out
observe ./app >app.out
diff node.out app.out >&2
grep -q 'Hello World!' app.out
