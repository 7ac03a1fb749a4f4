. "$(dirname "$0")/../build/common.sh"
. "$tests/peers/certificates.sh"
# NODE_USE_ENV_PROXY=1, and --use-env-proxy in an app that takes NODE_OPTIONS: fetch, http and https
# use the proxies that the environment names, as under node.
node=${KILN_NODE:?set KILN_NODE to the official node}

# A proxy, and origins for HTTP and HTTPS. Starts the program of the arguments once for each line
# of cases.txt and prints what it prints and what the proxy saw.
file proxy.js <<'JS'
const http = require('http');
const https = require('https');
const net = require('net');
const { readFileSync } = require('fs');
const { spawn } = require('child_process');
let seen = [];
const origin = http.createServer((request, response) => response.end('http')).listen(0);
const secure = https.createServer({ key: readFileSync('server.key'), cert: readFileSync('server.pem') },
                                  (request, response) => response.end('https')).listen(0);
const proxy = http.createServer((request, response) => {
  seen.push([request.method, request.url, request.headers['proxy-authorization'], request.headers['proxy-connection']].join(' '));
  response.end('proxy');
});
proxy.on('connect', (request, socket) => {
  seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
  if (request.url.endsWith(':443')) return socket.end('HTTP/1.1 503 no\r\n\r\n');
  const upstream = net.connect(request.url.split(':')[1], '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
});
proxy.listen(0, async () => {
  const ports = { PROXY: proxy.address().port, HTTP: origin.address().port, HTTPS: secure.address().port };
  const hide = (text) => Object.entries(ports).reduce((all, [name, port]) => all.replaceAll(String(port), name), text);
  for (const line of readFileSync('cases.txt', 'utf8').trim().split('\n')) {
    const env = { NODE_EXTRA_CA_CERTS: 'ca.pem', PATH: process.env.PATH };
    for (const setting of line.replaceAll('PORT', ports.PROXY).split(/ +/)) {
      const at = setting.indexOf('=');
      if (at > 0) env[setting.slice(0, at)] = setting.slice(at + 1).replaceAll('_', ' ');
    }
    const child = spawn(process.argv[2], [...process.argv.slice(3), ports.HTTP, ports.HTTPS], { env, timeout: 30000 });
    let output = '';
    child.stdout.on('data', (bytes) => { output += bytes; });
    child.stderr.on('data', (bytes) => { output += bytes; });
    const status = await new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
    console.log(`-- ${line}\n${hide(output.trim())}\n${hide(seen.join('\n'))}\nstatus ${status}`);
    seen = [];
  }
  process.exit();
});
JS
file main.mjs <<'JS'
import { get as httpGet, globalAgent as httpAgent, Agent, setGlobalProxyFromEnv } from 'node:http';
import * as http from 'node:http';
import https, { globalAgent as httpsAgent } from 'node:https';
const [httpPort, httpsPort] = process.argv.slice(2);
const plain = `http://localhost:${httpPort}/path`, secure = `https://localhost:${httpsPort}/path`;
const text = (get, url, options = {}) => new Promise((resolve) => {
  get(url, options, (response) => response.setEncoding('utf8').on('data', resolve))
    .on('error', (error) => resolve(`${error.code} ${error.message}`));
});
const fetched = (url) => fetch(url).then((response) => response.text(), (error) => error.cause?.code ?? error.message);
console.log('http', await text(httpGet, plain), await text(httpGet, plain, { agent: httpAgent }));
console.log('https', await text(https.get, secure), await text(https.get, secure, { agent: httpsAgent }));
console.log('tunnel', await text(https.get, 'https://nowhere.invalid/'));
console.log('fetch', await fetched(plain), await fetched(secure));
console.log('own agent', await text(httpGet, plain, { agent: new Agent() }));
console.log('agent with a proxy', await text(httpGet, plain, { agent: new Agent({ proxyEnv: process.env }) }));
console.log('same', http.globalAgent === httpAgent, https.globalAgent === httpsAgent, (await import('node:https')).globalAgent === httpsAgent);
const restore = setGlobalProxyFromEnv({ http_proxy: process.env.HTTP_PROXY ?? process.env.http_proxy });
console.log('set', await text(httpGet, plain), await fetched(plain));
restore();
console.log('restored', await text(httpGet, plain));
process.exit();
JS
file preload.cjs <<'JS'
const symbol = Object.getOwnPropertySymbols(require('http').globalAgent).find((one) => one.description === 'kProxyConfig');
console.log('preloaded', require('http').globalAgent[symbol].href);
JS
authority ca
certificate server localhost

# same_as_node LABEL CASE…: the app prints what node prints for the environment of each case. PORT
# is the proxy's, and _ a space.
same_as_node() {
  local label=$1
  shift
  printf '%s\n' "$@" >cases.txt
  "$node" proxy.js "$node" main.mjs >"$label.want" 2>&1 &
  "$node" proxy.js "$scratch/app" >"$label.got" 2>&1
  wait $!
  sed -i '/^    at /d' "$label.want" "$label.got"  # frames of the start differ
  same "$label" "$(<"$label.want")" "$(<"$label.got")"
}

on='NODE_USE_ENV_PROXY=1 HTTP_PROXY=http://localhost:PORT HTTPS_PROXY=http://localhost:PORT'
cases=(
  "HTTP_PROXY=http://localhost:PORT HTTPS_PROXY=http://localhost:PORT"
  "$on"
  "NODE_USE_ENV_PROXY=1 http_proxy=http://us%65r:pa%3Ass@localhost:PORT"
  "NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://user:pass@localhost:PORT"
  "$on http_proxy=http://localhost:1"
  "$on NO_PROXY=example.com,localhost"
  "$on NO_PROXY=*"
  "$on no_proxy=.invalid"
  "NODE_USE_ENV_PROXY=1"
  "NODE_USE_ENV_PROXY=true HTTP_PROXY=http://localhost:PORT"
  "NODE_USE_ENV_PROXY=1 HTTP_PROXY=not_a_url"
  "NODE_USE_ENV_PROXY=1 HTTP_PROXY=http://[bad"
)
build main.mjs --intl=none
same_as_node default "${cases[@]}"
grep -q 'CONNECT localhost:HTTPS' default.got || { echo "nothing went through the proxy" >&2; exit 1; }
build main.mjs --intl=none --link=scope
same_as_node scope "${cases[1]}" "${cases[5]}"
build main.mjs --intl=none --exec-argv-extension=env
same_as_node options \
  "NODE_OPTIONS=--use-env-proxy HTTP_PROXY=http://localhost:PORT HTTPS_PROXY=http://localhost:PORT" \
  "NODE_OPTIONS=--no-use-env-proxy $on" \
  "NODE_OPTIONS=--require_./preload.cjs $on"
