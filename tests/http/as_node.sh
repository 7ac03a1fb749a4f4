#!/bin/bash
# as_node.sh KILN_STUB NODE SCRIPT: the script must print the same under both, and something.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in "$1" "$2"; do
  timeout 50 "$program" "$3" >"$work/$(basename "$program")" 2>&1
  echo "status $?" >>"$work/$(basename "$program")"
done
(($(wc -l <"$work/$(basename "$2")") > 10)) || { echo "node prints nearly nothing" >&2; exit 1; }
diff "$work/$(basename "$2")" "$work/$(basename "$1")" || { echo "other output than node's (<)" >&2; exit 1; }
