# Sourced by every script here: apps whose modules are evaluated by the build, with the output of the official node.
. "$(dirname "${BASH_SOURCE[0]}")/../modules/common.sh"
flags+=(--evaluate=auto --explain)

# baked COUNT: of the app that was built last, so many modules must be baked.
baked() {
  grep -qE "^ +$1 of [0-9]+ modules? baked" log && return
  cat log >&2
  echo "not $1 modules are baked" >&2
  exit 1
}
