. "$(dirname "$0")/common.sh"
# A builder that crashes, or is given an app that it cannot observe, makes an executable without baked modules.
files <<'APP'
-- main.mjs --
import { table, Shape } from './table.mjs'; import lib from 'lib';
console.log(table.get('b'), new Shape().area, lib.names.join(), lib.color());
-- table.mjs --
export const table = new Map([['a', 1], ['b', { c: [2, 3] }]]);
export class Shape { #side = 3; static all = new Set(); get area() { return this.#side ** 2; } }
-- node_modules/lib/index.js --
exports.names = Object.keys({ ...require('./words.json'), z: Symbol('z') }); exports.pattern = /a+b/gu;
const color = !process.env.NO_COLOR && require('tty').isatty(1); exports.color = () => color;
-- node_modules/lib/words.json --
{"one": 1, "two": 2}
APP
"$KILN" build src/main.mjs -o app "${flags[@]}" >log 2>&1 || { cat log >&2; exit 1; }
baked 3
wanted=$(run)
same 'the output' "$wanted" "$(cd away && "$KILN_NODE" ../src/main.mjs)"

# A copy of the installation whose stub fails in one of its modes. Observed runs are copies of a process that says how each
# has ended: "1 0". One that takes the snapshot has six arguments: it also gets the functions to compile.
installed=$(dirname "$(dirname "$(realpath "$KILN")")")
target=$(basename "$(dirname "$(ls "$installed"/lib/kiln/targets/*/stub)")")
stub=$installed/lib/kiln/targets/$target/stub
copy=$scratch/copy/lib/kiln/targets/$target
mkdir -p "$scratch/copy/bin" "$copy"
cp "$installed/bin/kiln" "$scratch/copy/bin/kiln"
for name in "$installed"/lib/kiln/*; do [[ $name == */targets ]] || ln -s "$name" "$scratch/copy/lib/kiln/"; done
for name in "$installed/lib/kiln/targets/$target"/*; do [[ $name == */stub ]] || ln -s "$name" "$copy/"; done
fails_while() {
  rm -f app
  printf '#!/bin/sh\n%s\nexec %s "$@"\n' "$2" "$stub" >"$copy/stub"
  chmod 755 "$copy/stub"
  if ! "$scratch/copy/bin/kiln" build src/main.mjs -o app "${flags[@]}" >log 2>&1; then
    cat log >&2
    echo "the build fails if the stub ends early: $1" >&2
    exit 1
  fi
  baked 0
  says 'nothing is baked: '
  same "$1" "$wanted" "$(run)"
}
# shellcheck disable=SC2016
{
  fails_while 'crash while it observes' '[ "$1" = --kiln-observe ] && kill -SEGV $$'
  fails_while 'crash in another environment' '[ "$1" = --kiln-observe ] && [ "$USER" = other ] && kill -ABRT $$'
  fails_while 'crash of the first run' "[ \"\$1\" = --kiln-observe ] && { $stub \"\$@\" | sed -u 's/^1 0/1 11/'; exit; }"
  fails_while 'crash while it observes baked modules' \
    "[ \"\$1\" = --kiln-observe ] && { $stub \"\$@\" | sed -u '/^1 /! s/ .*/ 6/'; exit; }"
  fails_while 'crash while it bakes' '[ "$1" = --kiln-take-snapshot ] && [ $# = 6 ] && kill -SEGV $$'
  fails_while 'no snapshot' '[ "$1" = --kiln-take-snapshot ] && [ $# = 6 ] && exit 0'
  fails_while 'an error' '[ "$1" = --kiln-take-snapshot ] && [ $# = 6 ] && { echo "kiln: no" >&2; exit 1; }'
}
