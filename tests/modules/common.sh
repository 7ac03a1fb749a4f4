# Sourced by every script here: apps whose output must be that of the official node.
. "$(dirname "${BASH_SOURCE[0]}")/../build/common.sh"
: "${KILN_NODE:?set KILN_NODE to the official node}"
# Of every build. Without language data it links faster; KILN_FLAGS may name more, e.g. --link=scope.
read -ra flags <<<"--intl=none ${KILN_FLAGS:-}"
differ=()            # labels of the apps that differ
script=$(basename "$0" .sh)
# With --link=scope those in linked-scope.txt (SCRIPT | LABEL | REASON) must differ, and no others.
expected=()
[[ " ${flags[*]} " != *" --link=scope "* ]] ||
  mapfile -t expected < <(sed -n "s/^$script | \(.*\) | .*/'\1'/p" "$tests/modules/linked-scope.txt")
report_differences() {
  local label rest=()
  for label in "${differ[@]}"; do
    [[ " ${expected[*]} " == *" $label "* ]] || rest+=("$label")
  done
  for label in "${expected[@]}"; do
    [[ " ${differ[*]} " == *" $label "* ]] || { echo "$label does not differ: remove it from linked-scope.txt" >&2; exit 1; }
  done
  differ=("${rest[@]}")
  ((${#differ[@]} == 0)) || { printf '%s\n' "${#differ[@]} apps differ from node: ${differ[*]}" >&2; exit 1; }
}

# Lists with paths are joined before they are printed: where util.inspect breaks lines depends on the
# length of the path, which is another one under node.

# files: writes an app to ./src. The files are in stdin, each after a line `-- PATH --`.
files() {
  rm -rf src hidden && mkdir src
  local line out=/dev/null
  while IFS= read -r line || [[ $line ]]; do
    if [[ $line =~ ^--\ ([^ ]+)\ --$ ]]; then
      out=src/${BASH_REMATCH[1]}
      mkdir -p "$(dirname "$out")"
      : >"$out"
    else
      printf '%s\n' "$line" >>"$out"
    fi
  done
}

# as_node LABEL ENTRY [FLAGS…]: runs ./src/ENTRY with node, builds it, and runs the app without the
# sources. Output and exit status must be equal. `options` are the app's arguments.
as_node() {
  local label=$1 entry=$2
  shift 2
  mkdir -p away
  run_to node.out "$KILN_NODE" "../src/$entry"
  compare "$label" "$entry" node.out "$@"
}

# as_expected LABEL ENTRY [FLAGS…]: the same for what node cannot run; stdin has the output.
as_expected() {
  local label=$1 entry=$2
  shift 2
  mkdir -p away
  { cat; echo "status 0"; } >node.out
  compare "$label" "$entry" node.out "$@"
}

compare() {
  local label=$1 entry=$2 wanted=$3 status=0
  shift 3
  "$KILN" build "src/$entry" -o app "${flags[@]}" "$@" >log 2>&1 || status=$?
  if ((status)); then
    echo "-- $label: kiln build failed with status $status" >&2
    grep -A4 error log >&2 || cat log >&2
    differ+=("'$label'")
    return
  fi
  mv src hidden
  run_to app.out "$scratch/app"
  if ! diff "$wanted" app.out >diff.out; then
    echo "-- $label (< node, > app)" >&2
    head -40 diff.out >&2
    differ+=("'$label'")
  fi
}

# run_to FILE COMMAND…: runs it for at most $limit seconds (30). Both outputs and the exit status,
# with what two runs never have in common replaced. Frames of Node's own modules are removed, except if
# `frames` is set: the columns of most are others (docs/differences.md). The brace before an error's
# properties belongs to the last frame.
run_to() {
  local out=$1 status=0
  shift
  (cd away && timeout "${limit:-30}" "$@" >../raw 2>&1 </dev/null) || status=$?
  local node_frames='/^( +at .*) \{$/s//\1/; /^ +at .*node:internal\/(modules|process|main|bootstrap|vm|timers)/d'
  [[ ! ${frames:-} ]] || node_frames='/^( +at .*) \{$/s//\1/; /process.processTicksAndRejections/d'
  sed -E -e "s#file://$scratch/src#file:///kiln#g; s#$scratch/src#/kiln#g; s#$scratch#/scratch#g" \
    -e 's#\((node|app):[0-9]+\)#(node:PID)#; s#\(Use `[^ ]+ #(Use `node #' \
    -e "$node_frames" raw >"$out"
  echo "status $status" >>"$out"
}
