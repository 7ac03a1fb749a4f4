# Sourced by every script here: a scratch folder to work in, and how to build and compare.
set -euo pipefail
: "${KILN:?set KILN to the kiln command}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# file PATH: writes stdin to PATH, with its folders.
file() {
  mkdir -p "$(dirname "$1")"
  cat >"$1"
}

# build ENTRY [FLAGS…]: compiles to ./app; what kiln says goes to ./log.
build() {
  if ! "$KILN" build "$@" -o app >log 2>&1; then
    cat log >&2
    echo "kiln build $* failed" >&2
    exit 1
  fi
}

# run [ARGS…]: the app, in a folder without the sources.
run() {
  mkdir -p away
  (cd away && "$scratch/app" "$@")
}

# expect [ARGS…]: the app must print exactly stdin.
expect() {
  local want got
  want=$(cat)
  got=$(run "$@" 2>&1) || true
  if [[ $got != "$want" ]]; then
    diff <(printf '%s\n' "$want") <(printf '%s\n' "$got") >&2 || true
    echo "the app printed something else" >&2
    exit 1
  fi
}

# fails_with TEXT ENTRY [FLAGS…]: the build must fail, say TEXT and leave no file.
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

# says TEXT: kiln must have said TEXT.
says() {
  grep -qF -- "$1" log || { cat log >&2; echo "kiln did not say: $1" >&2; exit 1; }
}
