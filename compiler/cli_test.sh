#!/bin/bash
# What a user sees of `kiln`: bad input gives one clear error, a non-zero exit and no output
# file, an older output stays; good input gives the same bytes wherever it is built.
#   cli_test.sh KILN
set -u
kiln=$1
dir=$(mktemp -d)
# A child that gets a signal before it runs its program runs this, too.
trap '[[ $BASHPID != "$$" ]] || rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }

# refuses CODE TEXT ARGUMENTS…: the command fails and says TEXT, and makes no file "out".
refuses() {
  local code=$1 text=$2 said got
  shift 2
  rm -f out
  said=$("$kiln" "$@" 2>&1)
  got=$?
  [[ $got == "$code" ]] || fail "kiln $* exits with $got, not $code: $said"
  [[ $said == *"$text"* ]] || fail "kiln $* does not say \"$text\" but: $said"
  [[ $(grep -c 'error:' <<<"$said") == 1 ]] || fail "kiln $* has not one error: $said"
  [[ ! -e out ]] || fail "kiln $* left a file"
}

echo 'console.log("hello", process.argv.slice(2).join())' >ok.js
echo 'let a = ;' >syntax.js
echo 'import "no-such-package"' >missing.mjs

refuses 2 'Which file is to be built?' build
refuses 2 'Unknown option --wat' build ok.js --wat -o out
refuses 2 'no command "frob"' frob
refuses 1 'nope.js' build nope.js -o out
refuses 1 'syntax.js' build syntax.js -o out
refuses 1 'no-such-package' build missing.mjs -o out
refuses 1 'no/folder' build ok.js -o no/folder/out
refuses 1 'No space left on device' build ok.js -o /dev/full
refuses 1 'would replace the entry' build ok.js -o ok.js
refuses 1 'not installed' build ok.js -o out --target linux-arm64
refuses 1 'no payload' inspect ok.js
if [[ $(id -u) != 0 ]]; then
  touch secret.js && chmod 000 secret.js
  refuses 1 'secret.js' build secret.js -o out
  mkdir closed && chmod 555 closed
  refuses 1 'Permission denied' build ok.js -o closed/out
else
  echo "not tested: permissions, which do not bind root"
fi

# A failed or killed build leaves the older output alone, and nothing else.
echo old >kept
"$kiln" build syntax.js -o kept >/dev/null 2>&1 && fail "syntax.js can be built"
[[ $(cat kept) == old ]] || fail "a failed build touched the older output"
# A build takes 0.1 s, or a second where the runtime has to be linked first, so signals are sent at
# many moments of both. Whenever one arrives, the output is the whole old file or the whole new one.
for signal in HUP TERM KILL; do
  ended_by_signal=0
  for cache in linked empty; do
    for delay in 0.01 0.02 0.04 0.06 0.08 0.1 0.15 0.3; do
      [[ $cache == linked ]] || rm -rf cache
      echo old >kept
      XDG_CACHE_HOME=$dir/cache "$kiln" build ok.js -o kept >/dev/null 2>&1 &
      sleep $delay
      kill -$signal $! 2>/dev/null
      wait $! 2>/dev/null
      got=$?
      if [[ $got != 0 ]]; then
        [[ $(kill -l $got) == "$signal" ]] || fail "a build ended by SIG$signal exits with $got"
        ended_by_signal=$((ended_by_signal + 1))
      fi
      [[ $(head -c 3 kept) == old || $(./kept) == "hello " ]] ||
        fail "a build ended by SIG$signal after $delay s leaves neither the older output nor a whole one"
    done
    XDG_CACHE_HOME=$dir/cache "$kiln" build ok.js -o kept >/dev/null 2>&1 || fail "ok.js cannot be built after SIG$signal"
    [[ $(./kept) == "hello " ]] || fail "kept does not work after SIG$signal"
  done
  ((ended_by_signal > 4)) || fail "SIG$signal ended only $ended_by_signal of 16 builds"
done
[[ $(find . -name '.*' -type f) == "" ]] || fail "temporary files are left: $(find . -name '.*')"

# The same bytes in another folder; and what is inside can be checked.
mkdir -p one two/deep
cp ok.js one && cp ok.js two/deep
(cd one && "$kiln" build ok.js -o app >log 2>&1) || fail "ok.js cannot be built: $(cat one/log)"
(cd two/deep && "$kiln" build ok.js -o ../app >log 2>&1) || fail "ok.js cannot be built: $(cat two/deep/log)"
cmp -s one/app two/app || fail "two builds differ"
# prints PATTERN COMMAND…: it succeeds, and its last line matches.
prints() {
  local pattern=$1 said
  shift
  said=$("$@" 2>&1) || fail "$* exits with $?"
  # shellcheck disable=SC2053
  [[ ${said##*$'\n'} == $pattern ]] || fail "$* does not print \"$pattern\" but: $said"
}
prints 'hello a,b' one/app a b
prints '*intact*' "$kiln" inspect one/app --verify
XDG_CACHE_HOME=$dir/cache prints 'hello x,-y' "$kiln" run ok.js x -y
prints '{"type":"result"*' "$kiln" build ok.js -o app --json

[[ $failures == 0 ]]
