. "$(dirname "$0")/common.sh"
# The runtime is linked once for all apps that use the same parts of it. The executable is the same with and
# without that, and a cache that is damaged, full of old files or cannot be written does no harm.
export XDG_CACHE_HOME=$scratch/cache
build_app() { "$KILN" build main.js -o "$1" --intl=none "${@:2}" >log 2>&1 || { cat log; exit 1; }; }
runtimes() { find cache/kiln/runtimes -type f -printf '%i %s\n' | sort; }

file main.js <<< 'console.log("one");'
build_app first
[[ $(./first) == one ]]
linked=$(runtimes)
[[ $(wc -l <<<"$linked") == 1 ]] || { echo "not one runtime in the cache: $linked"; exit 1; }
build_app second
cmp first second
[[ $(runtimes) == "$linked" ]] || { echo "linked again without a reason"; exit 1; }

# Another app takes the same runtime, one with other parts another.
file main.js <<< 'console.log(require("zlib").brotliDecompressSync(require("zlib").brotliCompressSync("two")) + "");'
build_app third
[[ $(./third) == two && $(runtimes | wc -l) == 2 ]] || { echo "not a second runtime for Brotli"; exit 1; }
"$KILN" inspect third --verify | grep -q intact

# A runtime that was cut short is linked again.
file main.js <<< 'console.log("one");'
for runtime in cache/kiln/runtimes/*; do truncate -s -4096 "$runtime"; done
build_app fourth
cmp first fourth

# Without a cache: none named, a file in its place, a folder that cannot be written.
XDG_CACHE_HOME='' HOME='' build_app fifth
cmp first fifth
touch blocked
XDG_CACHE_HOME=$scratch/blocked build_app sixth
cmp first sixth
if [[ $(id -u) != 0 ]]; then
  mkdir -m 555 locked
  XDG_CACHE_HOME=$scratch/locked build_app seventh
  cmp first seventh
fi

# Two at once, and a pipe as the output.
rm -r cache
build_app eighth & build_app ninth & wait
cmp first eighth && cmp first ninth
"$KILN" build main.js -o /dev/stdout --intl=none 2>/dev/null | cat >tenth
cmp first tenth

# What was not used for longest is removed.
for i in {1..8}; do touch -d "2020-01-0$i" "cache/kiln/runtimes/old$i"; done
rm cache/kiln/runtimes/*[0-9a-f][0-9a-f][0-9a-f]
build_app last
[[ $(ls cache/kiln/runtimes | grep -c old) == 5 && ! -e cache/kiln/runtimes/old3 && -e cache/kiln/runtimes/old4 ]] || { ls cache/kiln/runtimes; exit 1; }

# Tools that copy an executable section by section keep the payload.
if command -v strip >/dev/null; then
  strip -o stripped first
  [[ $(./stripped) == one ]] || { echo "strip has lost the app"; exit 1; }
fi
