# Sourced by every script here: a scratch folder to work in, and how to build and compare.
set -euo pipefail
: "${KILN:?set KILN to the kiln command}"

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
cleanup=()   # functions to call when the script ends
evidence=()  # files to print when it fails
finish() {
  local status=$? one
  trap - EXIT
  if ((status != 0 && status != 77)); then
    for one in "${evidence[@]}"; do [[ ! -s $one ]] || { echo "-- $one:"; head -c 20000 "$one"; } >&2; done
  fi
  for one in "${cleanup[@]}"; do "$one"; done
  rm -rf "$scratch"
  exit "$status"
}
trap finish EXIT
cd "$scratch"

# file PATH: writes stdin to PATH, with its folders.
file() {
  mkdir -p "$(dirname "$1")"
  cat >"$1"
}

# build ENTRY [FLAGS…]: compiles to ./app; kiln's output goes to ./log.
build() {
  if ! "$KILN" build "$@" -o app >log 2>&1; then
    cat log >&2
    echo "kiln build $* failed" >&2
    exit 1
  fi
}

# run [ARGS…]: runs the app in a folder without the sources.
run() {
  mkdir -p away
  (cd away && "$scratch/app" "$@")
}

# expect [ARGS…]: the app must print exactly stdin, and exit with status 0.
expect() { expect_status 0 "$@"; }

# expect_status STATUS [ARGS…]: the app must print exactly stdin, and exit with STATUS.
expect_status() {
  local wanted_status=$1 status=0 wanted got
  shift
  wanted=$(cat)
  got=$(run "$@" 2>&1) || status=$?
  same "the app's output" "$wanted" "$got"
  same "the app's exit status" "$wanted_status" "$status"
}

# same WHAT WANTED GOT: both texts must be equal.
same() {
  [[ $2 == "$3" ]] && return
  echo "$1 is not as expected:" >&2
  diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") >&2 || true  # differs, as we know
  exit 1
}

# fails_with TEXT ENTRY [FLAGS…]: the build must fail, print TEXT and create no file.
fails_with() {
  local text=$1
  shift
  if "$KILN" build "$@" -o app >log 2>&1; then
    echo "kiln build $* did not fail" >&2
    exit 1
  fi
  says "$text"
  [[ ! -e app ]] || { echo "a failed build left a file" >&2; exit 1; }
}

# says TEXT: kiln must have printed TEXT.
says() {
  grep -qF -- "$1" log || { cat log >&2; echo "kiln did not say: $1" >&2; exit 1; }
}

# Skips the test where no set-user-ID executable can be made, or none can be run by another user. The
# scratch folder can be entered by others afterwards.
needs_set_user_id() {
  if [[ $(id -u) != 0 ]] || ! command -v setpriv >/dev/null; then
    echo "skipped: only root can make set-user-ID files, and setpriv (util-linux) is needed" >&2
    exit 77
  fi
  if [[ -n ${KILN_SANITIZED:-} ]]; then
    echo "skipped: with sanitizers, executables need the sysroot's loader, which other users cannot read" >&2
    exit 77
  fi
  chmod 755 "$scratch"
  if [[ $(findmnt -no OPTIONS --target "$scratch") == *nosuid* ]]; then
    echo "skipped: $scratch is on a file system that ignores set-user-ID" >&2
    exit 77
  fi
}
