. "$(dirname "$0")/common.sh"
# What a build finds in the app's files is kept for the next build of the same entry. The executable is the same with
# and without that, after each edit, and with a cache that is damaged, foreign, in use or cannot be written.
export XDG_CACHE_HOME=$scratch/cache
kept() { ls cache/kiln/builds/* 2>/dev/null; }
build_app() { "$KILN" build main.js -o "$1" --intl=none "${@:2}" >log 2>&1 || { cat log; exit 1; }; }
# same_as_without NAME [FLAGS…]: builds with the cache and with an empty one (but for the linked runtime, which takes
# longest), which must give the same file.
same_as_without() {
  build_app "$1" "${@:2}"
  rm -rf empty/kiln/builds
  XDG_CACHE_HOME=$scratch/empty build_app without "${@:2}"
  cmp "$1" without || { echo "the cache changes the executable: $1"; exit 1; }
}

file package.json <<< '{ "type": "commonjs" }'
file main.js <<'JS'
const { area } = require('./shapes.ts');
const places = require('./places.js');
const { text } = require('./paths.js');
const page = require('./page.jsx');
console.log(area(2), text(), page.page().name);
if (process.argv[2] === 'places') return console.log(places.far(), places.arrow());
if (process.argv[2]) require('./throws.ts').fail();
JS
file shapes.ts <<< 'enum Kind { Square = 1 } export function area(n: number): number { return n * n * Kind.Square; }'
file page.jsx <<< 'const h = (name) => ({ name }); exports.page = () => <p/>; /** @jsx h */'
file throws.ts <<'TS'
interface Unused { a: string }
namespace N { export const text = 'thrown'; }

export function fail(): never { throw new Error(N.text); }
TS
file root.js <<< 'exports.root = __dirname + "/data";'
file paths.js <<'JS'
const { root } = require('./root.js');
exports.text = () => require('fs').readFileSync(root + '/a.txt', 'utf8').slice(0, 5);
JS
# What is kept of a scan has the place from which a name is resolved, and where a require() is.
file places.js <<'JS'
const path = require('path');
const { createRequire } = require('module');
const other = createRequire(path.join(__dirname, 'elsewhere/x.js'));
exports.far = () => other('far');
exports.arrow = () => require('./in-arrow.js');
JS
file elsewhere/node_modules/far/index.js <<< 'module.exports = "far";'
file in-arrow.js <<< 'module.exports = "arrow";'
file data/a.txt < <(for i in {1..2000}; do echo "line $i"; done)

# The first build, one that finds all of it, one without a cache.
same_as_without first
[[ $(./first) == '4 line  p' ]] || { ./first; exit 1; }
[[ $(kept | wc -l) == 1 ]] || { echo "not one file for one entry: $(kept)"; exit 1; }
cp "$(kept)" kept-first
build_app second
cmp first second
cmp "$(kept)" kept-first || { echo "a build that found everything wrote the cache again"; exit 1; }
[[ $(./second places | tail -1) == 'far arrow' ]] || { echo "a wrong place:"; ./second places; exit 1; }
grep -q throws.ts:4 <(./second fail 2>&1) || { echo "a wrong position:"; ./second fail; exit 1; }

# --no-cache neither reads nor writes it.
(export XDG_CACHE_HOME=$scratch/unused; build_app without --no-cache)
cmp first without
[[ ! -e unused ]] || { echo "--no-cache wrote a cache"; find unused; exit 1; }

# After edits: of JavaScript, TypeScript, an embedded file, and of a module that another one's files depend on.
file main.js <<< "$(cat main.js) // edited"
same_as_without edited
file shapes.ts <<< 'export function area(n: number): number { return n + 7; }'
same_as_without edited
[[ $(./edited) == '9 line  p' ]]
file data/a.txt <<< 'other text'
same_as_without edited
[[ $(./edited) == '9 other p' ]]
file other/a.txt <<< 'third text'
file root.js <<< 'exports.root = __dirname + "/other";'
same_as_without edited
[[ $(./edited) == '9 third p' ]] || { echo "a path of another module is old"; exit 1; }
file throws.ts <<< $'\n\n\n\n\n'"$(cat throws.ts)"
same_as_without edited
grep -q throws.ts:9 <(./edited fail 2>&1) || { echo "an old position:"; ./edited fail; exit 1; }
mkdir node_modules && file node_modules/root.js/index.js <<< ''
file root.js <<< 'exports.root = require("path").join(__dirname, "data");'
same_as_without edited

# The same text under other options.
same_as_without defined --define N.text='"x"'
same_as_without maps --sourcemap=none
same_as_without scope --link=scope
same_as_without small --minify
same_as_without baked --evaluate=auto --explain
grep -qE ' [1-9][0-9]* of [0-9]+ modules? baked' log && ./baked places | grep -q 'far arrow' || { cat log; exit 1; }
build_app with-map --sourcemap=external && cp with-map.map one.map
XDG_CACHE_HOME=$scratch/empty build_app with-map --sourcemap=external && cmp one.map with-map.map

# Warnings come again.
file shapes.ts <<< 'export function area(n: number): number { return n === NaN ? 1 : 3; }'
build_app warns && cp log first-log
build_app warns
diff <(grep -A3 warning first-log) <(grep -A3 warning log) && grep -q warning log || { cat first-log log; exit 1; }
same_as_without warns

# Damage: cut short at many places, bytes changed, another file in its place, nothing.
file=$(ls -t cache/kiln/builds/* | head -1)
cp "$file" whole
size=$(stat -c %s whole)
for cut in 0 40 $((size / 2)) $((size - 1)); do
  head -c "$cut" whole >"$file"
  build_app damaged
  cmp warns damaged || { echo "cut at $cut"; exit 1; }
done
for at in 0 20 60 $((size / 3)) $((size - 2)); do
  cp whole "$file"
  printf '\x5a' | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
  build_app damaged
  cmp warns damaged || { echo "a byte changed at $at"; exit 1; }
done
head -c 100000 /dev/urandom >"$file"
build_app damaged && cmp warns damaged
cmp -s "$file" whole || { echo "the damaged file was not replaced by a whole one"; exit 1; }
rm "$file" && mkdir "$file"
build_app damaged && cmp warns damaged
rmdir "$file"

# Another kiln does not read it: a copy of the installation has another program file.
build_app warns
installation=$(dirname "$(dirname "$(realpath "$KILN")")")
mkdir -p other-kiln/bin && ln -s "$installation/lib" other-kiln/lib && cp "$KILN" other-kiln/bin/kiln
cp "$file" whole
KILN=$scratch/other-kiln/bin/kiln build_app foreign
cmp warns foreign
cmp -s "$file" whole && { echo "another kiln's results were used"; exit 1; }

# The compiled library beside the stub: damaged or missing, the app is as good.
targets=other-kiln/lib/kiln/targets
rm other-kiln/lib && mkdir -p other-kiln/lib/kiln && cp -rs "$installation/lib/kiln/." other-kiln/lib/kiln/
for code in "$targets"/*/library-code; do
  [[ -e $code ]] || continue  # with sanitizers there is none
  cp --remove-destination "$(realpath "$code")" "$code"
  for at in 4 30 100 200000 1000000; do printf '\x5a\x5a' | dd of="$code" bs=1 seek="$at" conv=notrunc status=none; done
  KILN=$scratch/other-kiln/bin/kiln build_app foreign
  [[ $(./foreign) == "$(./warns)" ]] || { echo "damaged library-code"; exit 1; }
  head -c 5000 "$(realpath "$installation/lib/kiln/targets/$(basename "$(dirname "$code")")/library-code")" >"$code"
  KILN=$scratch/other-kiln/bin/kiln build_app foreign
  [[ $(./foreign) == "$(./warns)" ]] || { echo "library-code cut short"; exit 1; }
  rm "$code"
  KILN=$scratch/other-kiln/bin/kiln build_app foreign
  [[ $(./foreign) == "$(./warns)" ]] || { echo "no library-code"; exit 1; }
done

# Without a place for it.
XDG_CACHE_HOME='' HOME='' build_app nowhere && cmp warns nowhere
touch blocked && XDG_CACHE_HOME=$scratch/blocked build_app nowhere && cmp warns nowhere
XDG_CACHE_HOME=/proc/kiln build_app nowhere && cmp warns nowhere

# Several builds at once, which find, write and replace the same file.
rm -r cache/kiln/builds
pids=()
for i in 1 2 3; do build_app at-once-$i & pids+=($!); done
for pid in "${pids[@]}"; do wait "$pid"; done
for i in 1 2 3; do cmp warns at-once-$i; done
build_app warns && [[ $(find cache/kiln/builds -type f | wc -l) == 1 ]]

# What was not used for longest is removed, by number and by size.
for i in {10..59}; do touch -d "2020-01-01 00:$i" "cache/kiln/builds/old$i"{a,b}; done
file main.js <<< "$(cat main.js) // once more"
build_app again
[[ $(find cache/kiln/builds -type f | wc -l) == 64 && -e cache/kiln/builds/old59a && ! -e cache/kiln/builds/old20a ]] ||
  { ls -la cache/kiln/builds; exit 1; }
truncate -s 600M cache/kiln/builds/large && touch -d 2020-01-03 cache/kiln/builds/large
file main.js <<< "$(cat main.js) // again"
build_app again
[[ $(find cache/kiln/builds -type f | wc -l) == 1 ]] || { ls -la cache/kiln/builds; exit 1; }
