. "$(dirname "$0")/common.sh"
# `kiln run` keeps one executable for an entry, and builds it again when anything that it is made of
# has changed: the code, an option, or the source map beside it.
export XDG_CACHE_HOME=$scratch/cache
run_app() { "$KILN" run "$@" main.js 2>log; }
built() { stat -c %Y.%i cache/kiln/run/main.js-*/app; }

file main.js <<< 'console.log("one");'
[[ $(run_app --sourcemap=none) == one ]] || { cat log; exit 1; }
first=$(built)
[[ $(run_app --sourcemap=none) == one && $(built) == "$first" ]] || { echo "built again without a change"; exit 1; }
[[ $(run_app --sourcemap=external) == one ]]
compgen -G 'cache/kiln/run/main.js-*/app.map' >/dev/null || { echo "the option made no source map"; exit 1; }
file main.js <<< 'console.log("two");'
[[ $(run_app --sourcemap=external) == two ]] || { echo "the change was not built"; exit 1; }
