. "$(dirname "$0")/../build/common.sh"
. "$tests/peers/certificates.sh"
# Every variable of docs/environment.md: an app obeys it as node does, or ignores it on purpose. The
# table below has at least one line for each row of that document.
node=${KILN_NODE:?set KILN_NODE to the official node}
document=$tests/../docs/environment.md

file main.js <<'JS'
'use strict';
// The first argument names the probe: code whose output one of the variables changes.
// Each probe loads what it needs, which makes node start faster. In the app all of it is in the snapshot.
const builtins = {
  get crypto() { return require('crypto'); },
  get http() { return require('http'); },
  get https() { return require('https'); },
  get net() { return require('net'); },
  get tls() { return require('tls'); },
  get util() { return require('util'); },
  get repl() { return require('repl'); },
};
const os = require('os');
const { existsSync, readFileSync, readdirSync } = require('fs');
const Module = require('module');

const digest = (list) => `${list.length} ${builtins.crypto.createHash('sha1').update(list.join()).digest('hex')}`;
const probes = {
  colors() {
    console.log({ number: 1, text: 'x' });
    console.error(['error', null]);
    console.log(builtins.util.styleText('red', 'always'), builtins.util.styleText('red', 'checked', { stream: process.stderr }));
    console.log(require('tty').WriteStream.prototype.getColorDepth(), require('tty').WriteStream.prototype.hasColors(256));
  },
  terminal() { process.env.COLORTERM = 'truecolor'; console.log(require('tty').WriteStream.prototype.getColorDepth()); },
  compileCache() {
    console.log(Module.getCompileCacheDir() === undefined, existsSync('cache'));
    const { status } = Module.enableCompileCache('cache2');
    console.log(status === Module.constants.compileCacheStatus.DISABLED, existsSync('cache2'));
  },
  debug() {
    const mine = builtins.util.debuglog('mine');
    mine('logged %d', 1);
    console.log(mine.enabled, builtins.util.debuglog('other').enabled);
    builtins.net.createServer().listen(0, '127.0.0.1', function() { this.close(); });
  },
  debugNative() { require('http2').createServer().listen(0, function() { this.close(); }); console.log(existsSync('x')); },
  warnings() {
    process.emitWarning('first', 'MyWarning', 'CODE1');
    process.emitWarning('second', 'DeprecationWarning', 'DEP9');
    process.on('exit', () => console.log(existsSync('warned') && readFileSync('warned', 'utf8')));
  },
  pending() {
    console.log(Buffer(1).length, typeof process.binding('util').isDate, typeof process._tickCallback);
  },
  agents() {
    for (const { globalAgent } of [builtins.http, builtins.https]) {
      const symbol = Object.getOwnPropertySymbols(globalAgent).find((one) => one.description === 'kProxyConfig');
      console.log(symbol && globalAgent[symbol], Object.keys(globalAgent.options).join());
    }
    console.log(Object.keys(builtins.http).join(), Object.keys(builtins.https).join());
  },
  roots() {
    for (const type of ['default', 'bundled', 'extra', 'system']) console.log(type, digest(builtins.tls.getCACertificates(type)));
    console.log(digest(builtins.tls.rootCertificates));
  },
  https() {
    const server = builtins.https.createServer({ key: readFileSync('../server.key'), cert: readFileSync('../server.pem') },
                                      (request, response) => response.end('hello'));
    server.listen(0, async () => {
      const url = `https://localhost:${server.address().port}/`;
      const get = () => new Promise((resolve) => builtins.https.get(url, { agent: new builtins.https.Agent() }, (response) => resolve(response.socket.authorized))
        .on('error', (error) => resolve(error.code)));
      console.log(await get(), await fetch(url).then((response) => response.text(), (error) => error.cause.code));
      builtins.tls.setDefaultCACertificates([readFileSync('../ca.pem', 'utf8')]);
      console.log('set', await get());
      server.close();
      server.closeAllConnections();
    });
  },
  tlsDefaults() {
    console.log(builtins.tls.DEFAULT_CIPHERS, builtins.tls.DEFAULT_MIN_VERSION, builtins.tls.DEFAULT_MAX_VERSION);
    console.log(builtins.net.getDefaultAutoSelectFamily(), builtins.net.getDefaultAutoSelectFamilyAttemptTimeout());
    console.log(builtins.http.maxHeaderSize, require('dns').getDefaultResultOrder());
    builtins.http.createServer((request, response) => response.end()).listen(0, '127.0.0.1', function() {
      const socket = builtins.net.connect(this.address().port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nBad: \u0001\r\nConnection: close\r\n\r\n', 'latin1'));
      socket.on('data', (bytes) => console.log(String(bytes).split('\r\n')[0])).on('close', () => this.close());
    });
  },
  digests() { for (const name of ['md5', 'sha256']) { try { console.log(builtins.crypto.createHash(name).digest('hex')); } catch (error) { console.log(error.code); } } },
  time() {
    console.log(new Date(0).toString(), new Intl.DateTimeFormat('en').resolvedOptions().timeZone);
    process.env.TZ = 'Asia/Tokyo';
    console.log(new Date(0).toString());
  },
  locale() { console.log(navigator.language, new Intl.NumberFormat().resolvedOptions().locale, (1234.5).toLocaleString()); },
  folders() { console.log(os.tmpdir(), os.homedir()); },
  threads() {
    const names = () => readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8'));
    let left = 20;
    for (let i = 0; i < 20; i++)
      builtins.crypto.pbkdf2('a', 'b', 2000, 32, 'sha1', () => { if (--left === 0) console.log(names().filter((name) => name.startsWith('libuv')).length); });
  },
  coverage() { process.on('exit', () => console.log(existsSync('coverage'))); },
  channel() { console.log(process.connected, typeof process.send, 'NODE_CHANNEL_FD' in process.env, 'NODE_CHANNEL_SERIALIZATION_MODE' in process.env); process.exit(); },
  cluster() {
    const cluster = require('cluster');
    console.log(cluster.isPrimary, cluster.isWorker, cluster.schedulingPolicy, process.env.NODE_UNIQUE_ID, cluster.worker?.id);
    process.exit();
  },
  testRunner() { require('node:test')('one', (t) => { console.log(t.name, t.workerId); }); },
  readline() {
    const line = require('readline').createInterface({ input: process.stdin, output: process.stdout, terminal: true });
    line.setPrompt('> ');
    line.prompt();
    line.close();
  },
  repl() { console.log('script'); },
  report() { console.log(Object.keys(process.report.getReport().environmentVariables).includes('SOME')); },
  children() { try { console.log(require('child_process').execFileSync('tool', { encoding: 'utf8' }).trim()); } catch (error) { console.log(error.code); } },
  version() { console.log(process.version); },
  process() { console.log(process.title.split('/').pop().replace(/node|default|env/, 'NAME'), '__proto__' in {}, globalThis.imported); },
  fetch() { fetch('http://127.0.0.1:9/').catch((error) => console.log(error.cause.code)); },
  // A module that the app loads from disk by a path of its own.
  symlinks() { console.log(Module.createRequire(`${process.cwd()}/x.js`)('../link.js')); },
  main() { console.log(require.main === module, existsSync(__filename)); },
};
probes[process.argv[2]]();
JS
build main.js --intl=full
mv app default
build main.js --exec-argv-extension=env
mv app env
authority ca
authority other
certificate server localhost
cat other.pem ca.pem >bundle.pem
{ cat ca.pem; printf '%s\n' '-----BEGIN CERTIFICATE-----' broken; } >broken.pem
mkdir hashed tools
echo "module.exports = require('path').basename(__filename);" >real.js
ln -s real.js link.js
echo "await 1; globalThis.imported = import.meta.filename.split('/').pop();" >imported.mjs
cp ca.pem "hashed/$(openssl x509 -hash -noout -in ca.pem).0"
printf '#!/bin/sh\necho tool\n' >tools/tool
chmod +x tools/tool
printf 'nodejs_conf = init\n[init]\nalg_section = algorithms\n[algorithms]\ndefault_properties = ?fips=yes,provider=default\n[broken\n' >broken.cnf
printf 'nodejs_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = defaults\n[defaults]\nSignatureAlgorithms = ecdsa_secp384r1_sha384\n' >openssl.cnf
printf 'openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = defaults\n[defaults]\nSignatureAlgorithms = ecdsa_secp384r1_sha384\n' >other.cnf
printf 'nodejs_conf = init\n[init]\nproviders = list\n[list]\nforeign = foreign\n[foreign]\nmodule = %s/foreign.so\nactivate = 1\n' "$scratch" >provider.cnf

# run_with OUT PROGRAM… -- VARIABLE=VALUE…: with these variables only; what two runs never have in
# common is replaced. Frames below the program differ.
run_with() {
  local out=$1 status=0 command=()
  shift
  while [[ $1 != -- ]]; do command+=("$1"); shift; done
  shift
  rm -rf "$out.folder"
  mkdir "$out.folder"
  (cd "$out.folder" && env -i "PATH=$PATH" HOME=/ "$@" timeout 30 "${command[@]}" >../"$out.raw" 2>&1 </dev/null) || status=$?
  sed -E -e "s#$scratch/main.js#/kiln/main.js#g; s#$out.folder#FOLDER#g; s#^(/[^ ]*/)?(node|default|env): #PROGRAM: #" \
    -e 's#\((node|default|env):[0-9]+\)#(node:PID)#; s/^([A-Z]+) [0-9]+:/\1 PID:/; s#[0-9.]+ ?ms#TIME#; s#(duration_ms:?) .*#\1#; s/^[0-9A-F]{12,16}:error/ID:error/; s#:[^:]*crypto/conf#:crypto/conf#' \
    -e '/^\S* +at .*node:internal\/(modules|process|main|bootstrap)/d' "$out.raw" >"$out"
  echo "status $status" >>"$out"
}

declare -A without_node without_app
names=()
failed=0
wrong() {
  echo "$1, with $variables (< node or expected, > app):" >&2
  diff "$2" "$3" | sed 20q >&2 || true  # they differ, as we know
  failed=$((failed + 1))
}

# obeyed: the app prints what node prints, and without the variables node prints something else.
# nothing: the variables change nothing under node, nor in the app. ignored: they change what node
# prints, but not what the app prints. env: ignored, but obeyed in an app that was built with
# --exec-argv-extension=env. `says TEXT`: the app prints TEXT.
while IFS='|' read -r variables probe expected; do
  read -r probe <<<"$probe"
  read -r expected text <<<"$expected"
  eval "set -- $variables"
  for one; do names+=("${one%%=*}"); done
  if [[ ! ${without_node[$probe]:-} ]]; then
    without_node[$probe]=$probe.node without_app[$probe]=$probe.app
    run_with "$probe.node" "$node" "$scratch/main.js" "$probe" -- &
    run_with "$probe.app" "$scratch/default" "$probe" --
    wait $!
    variables="no variable"
    cmp -s "$probe.node" "$probe.app" || wrong "probe $probe" "$probe.node" "$probe.app"
    variables=$*
  fi
  changes=1
  [[ $expected == says ]] || run_with want "$node" "$scratch/main.js" "$probe" -- "$@" &
  run_with got "$scratch/default" "$probe" -- "$@"
  wait $!
  [[ $expected == says ]] || { cmp -s want "$probe.node" && changes=0; }
  case $expected in
    obeyed | ignored | env) ((changes)) || { echo "$variables: changes nothing under node" >&2; failed=$((failed + 1)); } ;;
    nothing) ((!changes)) || wrong "changes what node prints" "$probe.node" want ;;
  esac
  case $expected in
    obeyed | nothing) cmp -s want got || wrong "probe $probe" want got ;;
    ignored | env) cmp -s "$probe.app" got || wrong "not ignored: probe $probe" "$probe.app" got ;;
    says) grep -qF -- "$text" got || { echo "$variables: does not say $text" >&2; cat got >&2; failed=$((failed + 1)); } ;;
    *) echo "unknown expectation $expected" >&2; exit 1 ;;
  esac
  if [[ $expected == env ]]; then
    run_with got "$scratch/env" "$probe" -- "$@"
    cmp -s want got || wrong "built with --exec-argv-extension=env: probe $probe" want got
  fi
done <<'TABLE'
FORCE_COLOR=1                              | colors | obeyed
FORCE_COLOR=3                              | colors | obeyed
FORCE_COLOR=                               | colors | obeyed
FORCE_COLOR=0                              | colors | nothing
FORCE_COLOR=2 NO_COLOR=1                   | colors | obeyed
NO_COLOR=1                                 | terminal | obeyed
NODE_DISABLE_COLORS=1                      | terminal | obeyed
NODE_DISABLE_COLORS=1 FORCE_COLOR=true     | colors | obeyed
TERM=xterm-256color                        | colors | obeyed
COLORTERM=truecolor                        | colors | obeyed
TERM=dumb                                  | readline | obeyed
TMUX=1                                     | colors | obeyed
CI=1 GITHUB_ACTIONS=1                      | colors | obeyed
TEAMCITY_VERSION=9.1.0                     | colors | obeyed
NODE_DEBUG=mine                            | debug | obeyed
NODE_DEBUG='MI*,other'                     | debug | obeyed
NODE_DEBUG=net                             | debug | obeyed
NODE_DEBUG_NATIVE=http2                    | debugNative | nothing
NODE_NO_WARNINGS=1                         | warnings | obeyed
NODE_NO_WARNINGS=0                         | warnings | nothing
NODE_REDIRECT_WARNINGS=warned              | warnings | obeyed
NODE_REDIRECT_WARNINGS=/missing/file       | warnings | nothing
NODE_PENDING_DEPRECATION=1                 | pending | obeyed
NODE_PENDING_DEPRECATION=yes               | pending | nothing
NODE_OPTIONS=--no-warnings                 | warnings | env
NODE_OPTIONS='--use-env-proxy' HTTP_PROXY=http://a.invalid:1 | agents | env
NODE_OPTIONS='--tls-min-v1.0 --tls-max-v1.2 --tls-cipher-list=ECDHE-RSA-AES128-GCM-SHA256' | tlsDefaults | env
NODE_OPTIONS='--no-network-family-autoselection --max-http-header-size=1000 --dns-result-order=ipv6first' | tlsDefaults | env
NODE_OPTIONS=--insecure-http-parser        | tlsDefaults | env
NODE_OPTIONS="--title='a b' --disable-proto=delete" | process | env
NODE_OPTIONS='"--title=a b"'               | process | env
NODE_OPTIONS=--disable-proto=never         | process | env
NODE_OPTIONS=--import=$scratch/imported.mjs | process | env
NODE_OPTIONS=--require=$scratch/real.js    | process | nothing
NODE_OPTIONS=--use-openssl-ca SSL_CERT_FILE=$scratch/bundle.pem SSL_CERT_DIR=$scratch/hashed | https | env
NODE_OPTIONS=--use-system-ca SSL_CERT_DIR=$scratch/hashed SSL_CERT_FILE=$scratch/other.pem | https | env
NODE_USE_ENV_PROXY=1 HTTP_PROXY=http://us%65r:pa%3Ass@a.invalid:1 https_proxy=http://b.invalid:2 NO_PROXY=x.invalid | agents | obeyed
NODE_USE_ENV_PROXY=1 HTTPS_PROXY=https://c.invalid no_proxy='*' | agents | obeyed
NODE_USE_ENV_PROXY=1 http_proxy=socks5://c.invalid | agents | obeyed
NODE_USE_ENV_PROXY=1 http_proxy='not a url' | agents | obeyed
NODE_USE_ENV_PROXY=0 HTTP_PROXY=http://a.invalid:1 | agents | nothing
HTTP_PROXY=http://a.invalid:1 HTTPS_PROXY=http://a.invalid:1 | agents | nothing
NODE_EXTRA_CA_CERTS=$scratch/bundle.pem    | https | obeyed
NODE_EXTRA_CA_CERTS=../ca.pem              | https | obeyed
NODE_EXTRA_CA_CERTS=$scratch/bundle.pem    | roots | obeyed
NODE_EXTRA_CA_CERTS=$scratch/missing.pem   | https | obeyed
NODE_EXTRA_CA_CERTS=$scratch/broken.pem    | https | obeyed
NODE_USE_SYSTEM_CA=1 SSL_CERT_FILE=$scratch/ca.pem SSL_CERT_DIR=/missing   | https | obeyed
NODE_USE_SYSTEM_CA=1 SSL_CERT_FILE=/missing SSL_CERT_DIR=$scratch/hashed   | https | obeyed
NODE_USE_SYSTEM_CA=1 SSL_CERT_FILE=$scratch/broken.pem SSL_CERT_DIR=$scratch/hashed NODE_EXTRA_CA_CERTS=$scratch/other.pem | roots | obeyed
NODE_USE_SYSTEM_CA=1 SSL_CERT_FILE= SSL_CERT_DIR= NODE_EXTRA_CA_CERTS=$scratch/other.pem | roots | obeyed
NODE_USE_SYSTEM_CA=0 SSL_CERT_FILE=$scratch/ca.pem | https | nothing
NODE_TLS_REJECT_UNAUTHORIZED=0             | https | obeyed
NODE_TLS_REJECT_UNAUTHORIZED=no            | https | nothing
OPENSSL_CONF=$scratch/openssl.cnf          | https | obeyed
OPENSSL_CONF=$scratch/other.cnf            | https | nothing
OPENSSL_CONF=/missing                      | digests | nothing
OPENSSL_CONF=$scratch/broken.cnf           | digests | obeyed
OPENSSL_CONF=$scratch/provider.cnf         | digests | says leaves OpenSSL without a random number generator
OPENSSL_MODULES=$scratch OPENSSL_ENGINES=$scratch | digests | nothing
NODE_COMPILE_CACHE=cache                   | compileCache | ignored
NODE_COMPILE_CACHE=cache NODE_COMPILE_CACHE_PORTABLE=1 | compileCache | ignored
NODE_COMPILE_CACHE=cache NODE_DISABLE_COMPILE_CACHE=1 | compileCache | obeyed
NODE_V8_COVERAGE=coverage                  | coverage | says The inspector is disabled, coverage could not be collected
NODE_ICU_DATA=/missing                     | locale | nothing
ICU_DATA=/missing                          | locale | nothing
ICU_TIMEZONE_FILES_DIR=/missing            | time | nothing
NODE_PATH=/missing                         | main | nothing
NODE_PRESERVE_SYMLINKS=1                   | symlinks | obeyed
NODE_PRESERVE_SYMLINKS=yes                 | symlinks | nothing
NODE_PRESERVE_SYMLINKS_MAIN=1              | main | nothing
NODE_REPL_EXTERNAL_MODULE=$scratch/main.js | repl | nothing
NODE_REPL_HISTORY=history                  | repl | nothing
NODE_SKIP_PLATFORM_CHECK=1                 | version | nothing
NODE_PENDING_PIPE_INSTANCES=3              | version | nothing
NODE_INSPECT_RESUME_ON_START=1             | version | nothing
WATCH_REPORT_DEPENDENCIES=1                | main | nothing
NODE_TEST_CONTEXT=child                    | testRunner | obeyed
NODE_TEST_WORKER_ID=7                      | testRunner | obeyed
NODE_CHANNEL_FD=0                          | channel | obeyed
NODE_CHANNEL_FD=no                         | channel | obeyed
NODE_CHANNEL_SERIALIZATION_MODE=advanced   | channel | obeyed
NODE_UNIQUE_ID=3                           | cluster | obeyed
NODE_CLUSTER_SCHED_POLICY=none             | cluster | obeyed
TZ=Europe/Paris                            | time | obeyed
TZ=:America/New_York                       | time | obeyed
TZ=EST5EDT                                 | time | obeyed
TZ=UTC                                     | time | nothing
TZDIR=/missing TZ=Europe/Paris             | time | obeyed
LANG=de_DE.UTF-8                           | locale | obeyed
LC_ALL=fr_FR LANG=de_DE.UTF-8              | locale | obeyed
LC_MESSAGES=ja_JP                          | locale | obeyed
TMPDIR=/x/                                 | folders | obeyed
TMP=/y                                     | folders | obeyed
TEMP=/z                                    | folders | obeyed
HOME=/h                                    | folders | obeyed
PATH=$scratch/tools:$PATH                  | children | obeyed
UV_THREADPOOL_SIZE=2                       | threads | obeyed
UV_THREADPOOL_SIZE=7                       | threads | obeyed
UV_THREADPOOL_SIZE=no                      | threads | obeyed
UV_USE_IO_URING=1                          | threads | nothing
UV_USE_IO_URING=0                          | threads | nothing
SOME=variable                              | report | obeyed
UNDICI_NO_WASM_SIMD=1                      | fetch | nothing
JEST_WORKER_ID=1                           | fetch | nothing
TABLE

# The document has the same variables: those in backquotes in the first cell of its rows.
documented=$(sed -n 's/^| *\(`[^|]*`\) *|.*/\1/p' "$document" | grep -oE '`[A-Za-z0-9_]+`' | tr -d '`' | sort -u || true)  # none: reported below
tested=$(printf '%s\n' "${names[@]}" | grep -vxE 'SOME|TEAMCITY_VERSION|TMUX|CI|GITHUB_ACTIONS' | sort -u)
if [[ $documented != "$tested" ]]; then
  echo "docs/environment.md and this table do not have the same variables (< documented, > tested):" >&2
  diff <(echo "$documented") <(echo "$tested") >&2 || true  # they differ, as we know
  failed=$((failed + 1))
fi
((failed == 0)) || { echo "$failed checks failed" >&2; exit 1; }
