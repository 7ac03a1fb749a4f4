. "$(dirname "$0")/common.sh"
# Executables with baked modules have the same bytes wherever, whenever and by whomever they are built. The second build of each
# app is in another folder, with other times of the files, variables, umask and an empty cache; and where that is possible by another
# user, on a machine with another name, and with another monotonic clock. The clock itself is that of some seconds later.
chmod 755 "$scratch"

# can COMMAND…: whether this machine allows it.
can() { "$@" true >probe.log 2>&1 && return; echo "not tried here: $* ($(head -1 probe.log))" >&2; return 1; }
other=()
can unshare --uts && other=(unshare --uts sh -c 'hostname elsewhere && exec "$@"' sh)
can unshare --time --monotonic 4000000 --boottime 4000000 --fork && other+=(unshare --time --monotonic 4000000 --boottime 4000000 --fork)
if [[ $(id -u) == 0 ]] && setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$KILN"; then
  other+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
elif can unshare --user --map-user=4711 --map-group=4711; then
  other+=(unshare --user --map-user=4711 --map-group=4711)
fi

# twice ENTRY BAKED [FLAGS…]: both builds, of which each has BAKED modules ("-": none is printed).
twice() {
  local entry=$1 count=$2
  shift 2
  rm -rf app app.map elsewhere
  "$KILN" build "src/$entry" -o app "${flags[@]}" "$@" >log 2>&1 || { cat log >&2; exit 1; }
  [[ $count == - ]] || baked "$count"
  mkdir -p elsewhere/quite/deep elsewhere/tmp
  # In the opposite order, which a folder's list may show.
  (cd src && find . -type f | sort -r) | while read -r path; do
    mkdir -p "elsewhere/quite/deep/src/$(dirname "$path")"
    cp "src/$path" "elsewhere/quite/deep/src/$path"
    touch -d "2001-01-0$((RANDOM % 9 + 1))" "elsewhere/quite/deep/src/$path"
  done
  [[ $(id -u) != 0 ]] || chown -R 65534:65534 elsewhere
  (
    umask 077
    cd elsewhere/quite/deep/src
    env -i PATH="$PATH" HOME="$scratch/elsewhere" XDG_CACHE_HOME="$scratch/elsewhere/cache" TMPDIR="$scratch/elsewhere/tmp" TZ=Asia/Tokyo \
      LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 USER=other LOGNAME=other NODE_ENV=production DEBUG='*' FORCE_COLOR=1 CI=1 NODE_OPTIONS=--no-warnings \
      PORT=4711 "${other[@]}" "$KILN" build "./$entry" -o ../app "${flags[@]}" "$@"
  ) >log 2>&1 || { cat log >&2; exit 1; }
  [[ $count == - ]] || baked "$count"
}

# builds_equal ENTRY BAKED [FLAGS…]: both builds have the same bytes.
builds_equal() {
  twice "$@"
  same "the bytes of two builds: $*" "$(sha256sum <app)" "$(sha256sum <elsewhere/quite/deep/app)"
  [[ ! -e app.map ]] || same "the maps of two builds: $*" "$(sha256sum <app.map)" "$(sha256sum <elsewhere/quite/deep/app.map)"
}

files <<'APP'
-- main.mjs --
import { table, Shape } from './table.mjs'; import lib from 'lib'; import words from './words.json' with { type: 'json' };
console.log(table.get('b'), new Shape().area, lib.names.join(), lib.color(), words.length);
-- table.mjs --
export const table = new Map([['a', 1], ['b', { c: [2, 3], when: new Date(0), pattern: /a+b/gu, weak: new WeakMap([[{}, 1]]) }]]);
export class Shape { #side = 3; static all = new Set([Symbol.for('x')]); get area() { return this.#side ** 2; } }
-- words.json --
["alpha", "beta", "gamma"]
-- node_modules/lib/index.js --
exports.names = Object.keys({ ...require('./words.json'), z: Symbol('z') }); exports.bytes = Buffer.from('bytes');
const color = !process.env.NO_COLOR && require('tty').isatty(1); exports.color = () => color;
exports.id = require('util').inspect(new Map([[1, { deep: [] }]])); exports.events = new (require('events'))();
-- node_modules/lib/words.json --
{"one": 1, "two": 2}
APP
builds_equal main.mjs 4

files <<'APP'
-- main.ts --
import { inner, type Unused } from './lib.ts'; import * as common from './common.cts';
const text = require('fs').readFileSync(__dirname + '/text/a.txt', 'utf8');
console.log(inner({ a: 1 }), common.list, text);
-- lib.ts --
export interface Unused { a: number }
enum Color { Red = 1, Green }
export function inner(unused: Unused): string { return `inner ${unused.a} ${Color.Green}`; }
-- common.cts --
const path = require('node:path'), url = require('node:url'), util = require('node:util');
exports.list = [path.join('a', 'b'), new url.URL('https://host/x').href, util.format('%s', 1)];
-- text/a.txt --
text
APP
builds_equal main.ts 2
builds_equal main.ts 2 --sourcemap=external --bake-env APP_MODE=fast

files <<'APP'
-- main.js --
const squares = Array.from({ length: 1000 }, (_, i) => i * i), http = require('http');
const names = require('fs').readdirSync(__dirname + '/data');
require('v8').startupSnapshot.setDeserializeMainFunction(() => console.log(squares[process.argv[2]], names, http.METHODS.length));
-- data/b.txt --
b
-- data/a.txt --
a
APP
builds_equal main.js - --evaluate=all

# The clock stands still while modules are baked, so that a time which the user lets a module keep is the same, too.
files <<'APP'
-- main.js --
console.log(require('./time').built);
-- time.js --
exports.built = new Date();
APP
builds_equal main.js 1 --bake '**/time.js'

# Two builds do differ if a module keeps the name of the machine.
[[ ${other[*]} == *--uts* ]] || exit 0
files <<'APP'
-- main.js --
console.log(require('./machine').name);
-- machine.js --
exports.name = require('os').hostname();
APP
twice main.js 1 --bake '**/machine.js'
! cmp -s app elsewhere/quite/deep/app || { echo 'builds are equal although a module keeps the name of the machine' >&2; exit 1; }
