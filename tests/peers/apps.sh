. "$(dirname "$0")/../build/common.sh"
# Real packages over TLS, on 127.0.0.1: pg, ioredis, nodemailer, undici and axios against small
# servers that the official node runs (apps/servers.js); jsonwebtoken and bcryptjs without a server.
# The client must print the same when node runs it and when it is Kiln's executable.
: "${KILN_NODE:?set KILN_NODE to the official node}"
sources=$tests/peers
. "$tests/support/servers.sh"
. "$tests/peers/certificates.sh"

packages=${KILN_PARTS:?set KILN_PARTS to what scripts/fetch --print prints}/peer-apps
if [[ ! -d $packages/node_modules ]]; then
  echo "the npm packages of tests/peers/apps are not there: run ./dev fetch"
  exit 77
fi

authority ca
certificate server localhost
certificate client somebody
certificate rsa localhost
cp "$sources"/apps/{client,servers}.js .
ln -s "$packages/node_modules" node_modules
build client.js
rm node_modules

serve "$KILN_NODE" servers.js  # $port is a list of all ports

timeout 60 ./app "$port" >ours 2>&1 || { cat ours >&2; exit 1; }
ln -s "$packages/node_modules" node_modules
timeout 60 "$KILN_NODE" client.js "$port" >theirs 2>&1 || { cat theirs >&2; exit 1; }
diff theirs ours >&2 || { echo "Kiln's executable printed something else" >&2; exit 1; }
echo "$(wc -l <ours) lines, all the same"
