. "$(dirname "$0")/../build/common.sh"
# An executable runs no code that the build did not name: three apps (a package with optional
# dependencies, like ws; one that loads packages by computed names, like express; a host of plug-ins)
# are started with variables set, and in places, that have foreign code. Each place has packages of
# the names that the apps look for and do not have, and of those that they have; if one of them is
# run, it writes a line to ./ran. What the apps print must be what the official node prints where
# there is nothing of all that. docs/outside-code.md has the table.
: "${KILN_NODE:?set KILN_NODE to the official node}"

# --- The apps -------------------------------------------------------------------------------
file src/package.json <<< '{"name": "app"}'
# All ways to ask for a package by its name. `found` are the results without an error.
file src/ways.mjs <<'JS'
import module, { createRequire } from 'node:module';
import vm from 'node:vm';
const require = createRequire(import.meta.url);
const { Module } = module;
const context = { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
const ways = {
  'require': (name) => require(name),
  'require of a file': (name) => require(`${name}/index.js`),
  'require.resolve': (name) => require.resolve(name),
  'require.resolve with paths': (name) => require.resolve(name, { paths: [import.meta.dirname] }),
  'require of the main module': (name) => process.mainModule ? process.mainModule.require(name) : require(name),
  'import()': (name) => import(name),
  'import() in eval': (name) => eval('import(name)'),
  'import() in a new Function': (name) => new Function('name', 'return import(name)')(name),
  'import() in a script': (name) => vm.runInThisContext(`import(${JSON.stringify(name)})`, context),
  'import() in a function of vm': (name) => vm.compileFunction('return import(name)', ['name'], context)(name),
  'import.meta.resolve': (name) => import.meta.resolve(name),
  'findPackageJSON': (name) => module.findPackageJSON(name, import.meta.url),
  'Module._resolveFilename': (name) => Module._resolveFilename(name, { id: 'x', filename: import.meta.filename, paths: Module._nodeModulePaths(import.meta.dirname) }),
  'Module._load': (name) => Module._load(name, null),
  'a new Module': (name) => new Module(import.meta.filename).require(name),
  'a package of imports': (name) => import(`#${name}`),
  'process.dlopen': (name) => process['dl' + 'open']({ exports: {} }, name),
};
export default async function ask(name) {
  for (const way in ways) {
    let result;
    try {
      await ways[way](name);
      result = 'found';
    } catch (error) {
      result = error.code;
    }
    console.log(name, way, result);
  }
}
JS
# As ws loads bufferutil and utf-8-validate; the wrapper is an ES module.
file src/node_modules/ws/package.json <<'JSON'
{"name": "ws", "main": "index.js", "exports": {".": {"import": "./wrapper.mjs", "require": "./index.js"}},
 "peerDependencies": {"bufferutil": "^4.0.1", "utf-8-validate": ">=5.0.2"},
 "peerDependenciesMeta": {"bufferutil": {"optional": true}, "utf-8-validate": {"optional": true}}}
JSON
file src/node_modules/ws/wrapper.mjs <<< 'import ws from "./index.js"; export const { mask, valid } = ws; export default ws;'
file src/node_modules/ws/index.js <<< "'use strict'; module.exports = { ...require('./lib/buffer-util'), ...require('./lib/validation') };"
file src/node_modules/ws/lib/buffer-util.js <<'JS'
'use strict';
module.exports = { mask: () => 'plain mask' };
if (!process.env.WS_NO_BUFFER_UTIL) {
  try {
    const bufferUtil = require('bufferutil');
    module.exports.mask = (...args) => bufferUtil.mask(...args);
  } catch (e) {
    // Continue regardless of the error.
  }
}
JS
file src/node_modules/ws/lib/validation.js <<'JS'
'use strict';
module.exports.valid = () => 'plain validation';
if (!process.env.WS_NO_UTF_8_VALIDATE) {
  try {
    const isValidUTF8 = require('utf-8-validate');
    module.exports.valid = (buf) => isValidUTF8(buf);
  } catch (e) {
    // Continue regardless of the error.
  }
}
JS
file src/sockets.mjs <<'JS'
import { mask, valid } from 'ws';
import { createRequire } from 'node:module';
import ask from './ways.mjs';
console.log(mask(), valid());
// The app's folder is /kiln, so these are files of the root.
const require = createRequire(import.meta.url);
for (const load of [() => require('../pug.js'), () => require('../pug'), () => import('../pug.js')]) {
  try {
    await load();
    console.log('found');
  } catch (error) {
    console.log(error.code, error.message.includes('pug'));
  }
}
await ask('bufferutil');
JS
# As express loads view engines, and debug supports-color.
file src/node_modules/debug/index.js <<'JS'
exports.colors = 'few';
try {
  const supportsColor = require('supports-color');
  if (supportsColor && (supportsColor.stderr || supportsColor).level >= 2) exports.colors = 'many';
} catch (error) {
  // Swallow - we only care if `supports-color` is available; it doesn't have to be.
}
JS
file src/node_modules/express/index.js <<< "module.exports = require('./lib/express');"
file src/node_modules/express/lib/express.js <<< "exports.View = require('./view'); exports.colors = require('debug').colors;"
file src/node_modules/express/lib/view.js <<'JS'
module.exports = function View(name, engines) {
  const ext = require('path').extname(name);
  if (!engines[ext]) {
    const mod = ext.slice(1);
    const fn = require(mod).__express;
    if (typeof fn !== 'function') throw new Error('Module "' + mod + '" does not provide a view engine.');
    engines[ext] = fn;
  }
  this.engine = engines[ext];
};
JS
file src/server.js <<'JS'
const express = require('express');
console.log(express.colors);
for (const view of ['index.pug', 'index.debug']) {
  try {
    new express.View(view, {});
    console.log(view, 'has an engine');
  } catch (error) {
    console.log(view, error.code ?? error.message);
  }
}
JS
# Loads each file of the folder of its first argument.
file src/host.mjs <<'JS'
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import ask from './ways.mjs';
const folder = path.resolve(process.argv[2]);
const require = createRequire(import.meta.url);
for (const name of fs.readdirSync(folder).sort()) {
  if (!/[.][cm]?js$/.test(name)) continue;
  for (const load of [(file) => require(file), (file) => import(file)]) {
    try {
      const { report } = await load(path.join(folder, name));
      console.log(name, await report());
    } catch (error) {
      console.log(name, error.code ?? error);
    }
  }
}
await ask('optional-dep');
JS
# plugins FOLDER: two plug-ins, with a package of their own and one that is not there.
plugins() {
  mkdir -p "$1/node_modules/own-dep"
  echo 'module.exports = "own";' >"$1/node_modules/own-dep/index.js"
  cat >"$1/a.cjs" <<'JS'
exports.report = () => {
  const codes = [];
  for (const name of ['own-dep', 'optional-dep', 'ws']) {
    try { codes.push(require(name)); } catch (error) { codes.push(error.code); }
  }
  return codes.join();
};
JS
  cat >"$1/b.mjs" <<'JS'
import own from 'own-dep';
export const report = async () => [own, await import('optional-dep').catch((error) => error.code)].join();
JS
}
apps=(sockets.mjs server.js host.mjs)
for app in "${apps[@]}"; do
  "$KILN" build "src/$app" -o "${app%.*}" --intl=none >log 2>&1 || { cat log >&2; exit 1; }
done
# Without the warning of vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER, which has the process's number.
clean() { sed '/ExperimentalWarning: vm[.]USE_MAIN/d; /--trace-warnings/d'; }
# What node prints. Its own search finds nothing here either, because nothing is there.
plugins nowhere/plugins
mkdir -p nowhere/cwd
for app in "${apps[@]}"; do
  (cd nowhere/cwd && env -i HOME="$scratch/nowhere" "$KILN_NODE" "../../src/$app" ../plugins) 2>&1 | clean >"$app.wanted"
done
grep -q '^bufferutil require MODULE_NOT_FOUND$' sockets.mjs.wanted && grep -q 'a.cjs own,MODULE_NOT_FOUND,' host.mjs.wanted ||
  { cat ./*.wanted >&2; exit 1; }

# --- The places -----------------------------------------------------------------------------
# packages FOLDER MARK: foreign packages and files of all names. MARK is ./ran as the app sees it.
packages() {
  local name
  for name in bufferutil utf-8-validate supports-color pug optional-dep ws express debug; do
    mkdir -p "$1/$name"
    cat >"$1/$name/index.js" <<JS
process.getBuiltinModule('fs').appendFileSync('$2', 'foreign $name\n');
module.exports = () => 'foreign';
module.exports.mask = module.exports.__express = module.exports;
JS
    echo "{\"name\": \"$name\", \"main\": \"index.js\"}" >"$1/$name/package.json"
    cp "$1/$name/index.js" "$1/$name.js"
  done
}
packages packages "$scratch/ran"
packages packages-in-root /ran
# foreign FOLDER [PACKAGES]: copies them into the folder.
foreign() { mkdir -p "$1" && cp -r "${2:-packages}/." "$1/"; }
code=$scratch/code  # for variables that name a file or folder
foreign code
cp code/pug.js code/canary.js
echo "process.getBuiltinModule('fs').appendFileSync('$scratch/ran', 'canary.mjs\n');" >code/canary.mjs
# library FILE MARK: a shared library without dependencies that writes to MARK when it is loaded. Kiln is
# built with clang; a machine without it gets a file that is no library.
library() {
  cat >canary.c <<C
static long call(long n, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
__attribute__((constructor)) static void run(void) {
  long fd = call(2, (long)"$2", 02101, 0644);  // open(): O_CREAT | O_WRONLY | O_APPEND
  call(1, fd, (long)"a library\n", 10);
  call(3, fd, 0, 0);
}
C
  clang-19 -O1 -shared -nostdlib -fPIC canary.c -o "$1" 2>/dev/null || head -c 4096 /dev/zero >"$1"
}
library code/canary.so "$scratch/ran"
library code/in-root.so /ran
cat >code/openssl.cnf <<CNF
nodejs_conf = init
openssl_conf = init
config_diagnostics = 1
[init]
providers = providers
engines = engines
[providers]
foreign = foreign
[foreign]
module = $code/canary.so
activate = 1
[engines]
foreign = engine
[engine]
dynamic_path = $code/canary.so
init = 1
CNF

failed=() count=0
# start APP [VARIABLE=VALUE…]: runs it in ./place/work/cwd as ./place/prefix/bin/APP. Prints what it prints.
start() {
  local app=$1
  shift
  mkdir -p place/prefix/bin place/work/cwd place/home
  mkdir -p place/elsewhere && cp -r nowhere/plugins place/elsewhere/
  ln -f "${app%.*}" "place/prefix/bin/${app%.*}"
  (cd place/work/cwd && timeout 20 env -i HOME="$scratch/place/home" PATH="$PATH" "$@" \
    "$scratch/place/prefix/bin/${app%.*}" "$scratch/place/elsewhere/plugins") 2>&1 </dev/null || echo "status $?"
}
# place LABEL [VARIABLE=VALUE…]: nothing foreign may run in ./place, which is removed afterwards.
place() {
  local label=$1 app
  shift
  rm -f ran
  for app in "${apps[@]}"; do
    start "$app" "$@" >got
    compare "$label" "$app"
  done
  nothing_ran "$label"
  rm -rf place
  count=$((count + 1))
}
compare() {
  diff "$2.wanted" <(clean <got) >difference && return
  echo "-- $1, $2 (< node where there is nothing foreign, > the executable)" >&2
  head -5 difference >&2
  failed+=("$1")
}
nothing_ran() {
  [[ -e ran ]] || return 0
  echo "-- $1: foreign code was run:" >&2
  sort -u ran >&2
  failed+=("$1")
}
# folder LABEL FOLDER [VARIABLE=VALUE…]: foreign packages in that folder.
folder() {
  local label=$1 folder=$2
  shift 2
  foreign "$folder"
  place "$label" "$@"
}
home=$scratch/place/home
folder 'HOME/.node_modules' place/home/.node_modules
folder 'HOME/.node_libraries' place/home/.node_libraries
folder 'HOME/node_modules' place/home/node_modules
folder 'PREFIX/lib/node' place/prefix/lib/node
folder 'PREFIX/lib/node_modules' place/prefix/lib/node_modules
folder 'beside the executable: node_modules' place/prefix/bin/node_modules
folder 'beside the executable' place/prefix/bin
folder 'above the executable: node_modules' place/prefix/node_modules
folder 'the working directory' place/work/cwd
folder 'the working directory: node_modules' place/work/cwd/node_modules
folder 'above the working directory: node_modules' place/work/node_modules
folder 'the working directory: kiln/node_modules' place/work/cwd/kiln/node_modules
folder 'XDG folders' place/home/.config/node_modules \
  XDG_CONFIG_HOME="$home/.config" XDG_DATA_HOME="$home/.config" XDG_CACHE_HOME="$home/.config"
folder 'NODE_PATH' code NODE_PATH="$code"
folder 'NODE_PATH, several' code NODE_PATH="/nowhere:$code:."
folder 'NODE_PATH, the working directory' place/work/cwd NODE_PATH=.
folder 'NODE_PATH of a virtual folder' place/work/cwd NODE_PATH=/kiln/node_modules/ws/lib:/kiln
folder 'NODE_PRESERVE_SYMLINKS' place/work/cwd/node_modules NODE_PRESERVE_SYMLINKS=1 NODE_PRESERVE_SYMLINKS_MAIN=1
for option in "--require $code/canary.js" "--import $code/canary.mjs" "--experimental-loader $code/canary.mjs" \
  "--env-file=$code/x.env" "--experimental-default-config-file" "--openssl-config=$code/openssl.cnf" \
  "--inspect=127.0.0.1:0"; do
  place "NODE_OPTIONS=$option" NODE_OPTIONS="$option"
done
place 'npm_config_node_options' npm_config_node_options="--require $code/canary.js" npm_config_prefix="$scratch/place/home"
place 'NODE_REPL_EXTERNAL_MODULE' NODE_REPL_EXTERNAL_MODULE="$code/canary.js" NODE_REPL_HISTORY="$code/history"
place 'NODE_ICU_DATA' NODE_ICU_DATA="$code" ICU_DATA="$code"
place 'OPENSSL_CONF' OPENSSL_CONF="$code/openssl.cnf" SSLEAY_CONF="$code/openssl.cnf"
place 'OPENSSL_MODULES, OPENSSL_ENGINES' OPENSSL_MODULES="$code" OPENSSL_ENGINES="$code"
place 'LD_PRELOAD' LD_PRELOAD="$code/canary.so"
place 'LD_LIBRARY_PATH, LD_AUDIT' LD_LIBRARY_PATH="$code" LD_AUDIT="$code/canary.so"
place 'GCONV_PATH, LOCPATH' GCONV_PATH="$code" LOCPATH="$code" NLSPATH="$code/%N" LC_ALL=de_DE.ISO-8859-1
place 'TZ, TZDIR' TZ=:foreign TZDIR="$code"
place 'HOSTALIASES, RES_OPTIONS' HOSTALIASES="$code/pug.js" RES_OPTIONS=debug LOCALDOMAIN=foreign
place 'GLIBC_TUNABLES, MALLOC_*' GLIBC_TUNABLES=glibc.malloc.check=3 MALLOC_CHECK_=3 MALLOC_TRACE="$code/trace"
place 'other runtimes' BUN_OPTIONS="--preload $code/canary.js" BUN_INSPECT=0 ELECTRON_RUN_AS_NODE=1 PKG_EXECPATH="$code/canary.js" \
  TS_NODE_PROJECT="$code" DENO_DIR="$code"
mkdir -p place/work/cwd
cat >place/work/cwd/.env <<< "NODE_OPTIONS=--require $code/canary.js"
cp place/work/cwd/.env place/work/cwd/.npmrc
cp place/work/cwd/.env place/work/cwd/.noderc
echo "{\"nodeOptions\": {\"import\": [\"$code/canary.mjs\"]}}" >place/work/cwd/node.config.json
echo "{\"type\": \"module\", \"main\": \"$code/canary.js\", \"imports\": {\"#bufferutil\": \"$code/canary.mjs\"}}" >place/work/cwd/package.json
place 'files in the working directory'

# A compile cache contains code. It is not even written, except for the folder that the app names.
mkdir cache
place 'NODE_COMPILE_CACHE' NODE_COMPILE_CACHE="$scratch/cache" NODE_COMPILE_CACHE_PORTABLE=1
[[ -z $(ls cache) ]] || { echo "NODE_COMPILE_CACHE was not ignored" >&2; exit 1; }
# SIGUSR1 starts the debugger in Node.
file wait.js <<< "process.stdin.once('data', () => process.exit(3)); console.log('waits');"
"$KILN" build wait.js -o wait --intl=none >log 2>&1
mkfifo answer
./wait <answer >asked &
pid=$!
exec 3>answer
for ((i = 0; i < 1000; i++)); do [[ ! -s asked ]] || break; sleep 0.01; done
kill -USR1 "$pid"
sleep 0.1
echo >&3
status=0
wait "$pid" || status=$?
exec 3>&-
same 'the status after SIGUSR1' 3 "$status"

# --- Places that only exist in another root ------------------------------------------------
# In a new root, /node_modules and /kiln are real folders, and the app's virtual ones are named the same.
enter=(chroot)
[[ $(id -u) == 0 ]] || enter=(unshare -r chroot)
if [[ -z ${KILN_SANITIZED:-} ]] && mkdir -p root && ln -f server root/ && "${enter[@]}" root /server >/dev/null 2>&1; then
  # in_root LABEL FOLDER…: foreign packages in folders of the root.
  in_root() {
    local label=$1 one app
    shift
    rm -rf root ran
    for one; do foreign "root$one" packages-in-root; done
    plugins root/plugins/inner
    for app in "${apps[@]}"; do
      ln -f "${app%.*}" root/
      (cd / && timeout 20 env -i HOME=/ PATH="$PATH" "${enter[@]}" "$scratch/root" "/${app%.*}" /plugins/inner) >got 2>&1 </dev/null || echo "status $?" >>got
      compare "$label" "$app"
    done
    mv root/ran . 2>/dev/null || true  # it is not there, as it should be
    nothing_ran "$label"
    count=$((count + 1))
  }
  in_root '/node_modules' /node_modules
  in_root '/kiln/node_modules' /kiln/node_modules
  in_root '/kiln, the packages of the app' /kiln /kiln/node_modules/ws/lib /kiln/node_modules/ws/node_modules /kiln/node_modules/express/node_modules
  in_root '/' /
  in_root '/lib/node, /usr/lib/node, /usr/local/lib/node' /lib/node /usr/lib/node /usr/local/lib/node /lib/node_modules
  in_root '/.node_modules, /.node_libraries' /.node_modules /.node_libraries
  # Modules of libc for names of users and hosts.
  rm -rf root ran
  mkdir -p root/etc
  for service in passwd group hosts shadow; do echo "$service: foreign files"; done >root/etc/nsswitch.conf
  echo 'somebody:x:0:0::/:/bin/sh' >root/etc/passwd
  echo '127.0.0.7 somewhere' >root/etc/hosts
  for folder in {,usr/}lib{,64,/"$(uname -m)-linux-gnu"}; do
    mkdir -p "root/$folder"
    cp code/in-root.so "root/$folder/libnss_foreign.so.2"
  done
  cat >names.js <<< "require('dns').lookup('somewhere', (error, address) => console.log(require('os').userInfo().username, address));"
  "$KILN" build names.js -o root/names --intl=none >log 2>&1
  [[ $(id -u) != 0 ]] || same 'names of users and hosts' 'somebody 127.0.0.7' "$(cd / && env -i PATH="$PATH" "${enter[@]}" "$scratch/root" /names 2>&1)"
  [[ ! -e root/ran ]] || { echo "/etc/nsswitch.conf: a library was loaded" >&2; exit 1; }
  # package.json above the app's folder, and in it.
  rm -rf root
  for app in sockets.mjs server.js; do mkdir -p root && ln "${app%.*}" root/; done
  foreign root/node_modules packages-in-root
  for file in root/package.json root/kiln/package.json; do
    mkdir -p "$(dirname "$file")"
    cat >"$file" <<< '{"name": "bufferutil", "exports": "./node_modules/bufferutil/index.js", "type": "module",
      "imports": {"#bufferutil": "./node_modules/bufferutil/index.js", "#utf-8-validate": "./node_modules/bufferutil/index.js"}}'
  done
  for app in sockets.mjs server.js; do
    (cd / && timeout 20 env -i HOME=/ PATH="$PATH" "${enter[@]}" "$scratch/root" "/${app%.*}") >got 2>&1 </dev/null || echo "status $?" >>got
    compare '/package.json and /kiln/package.json' "$app"
  done
else
  echo "places in another root are not tried: this user cannot chroot, or executables are not static (sanitizers)"
fi

# --- The test itself ------------------------------------------------------------------------
# Where the build asks for it, the same foreign code is found and run.
found() {  # LABEL: foreign code must have run
  [[ -e ran ]] || { echo "$1 ran no foreign code, so this test tests nothing" >&2; cat got >&2; exit 1; }
  rm -rf ran place
}
"$KILN" build src/sockets.mjs -o sockets --intl=none --packages=disk >log 2>&1
start sockets.mjs NODE_PATH="$code" >got; found 'NODE_PATH with --packages=disk'
if [[ $(head -c 4 code/canary.so) == $'\x7fELF' ]]; then
  LD_PRELOAD=$code/canary.so "$KILN_NODE" --version >got; found 'LD_PRELOAD with node'
fi
for folder in home/.node_modules home/.node_libraries prefix/lib/node; do
  foreign "place/$folder"
  start sockets.mjs >got; found "$folder with --packages=disk"
done
"$KILN" build src/sockets.mjs -o sockets --intl=none --exec-argv-extension=env >log 2>&1
start sockets.mjs NODE_OPTIONS="--require $code/canary.js" >got; found 'NODE_OPTIONS with --exec-argv-extension=env'

((${#failed[@]} == 0)) || { printf '%s\n' "${#failed[@]} places: ${failed[*]}" >&2; exit 1; }
echo "$count places and variables, three apps: nothing foreign was run"
