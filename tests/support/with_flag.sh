#!/usr/bin/env bash
# Runs the scripts of some folders of tests/ with another flag in all builds:
#
#   tests/support/with_flag.sh FLAG FOLDER|SCRIPT…      e.g. --heap=read run modules build
#
# KILN, KILN_NODE and KILN_STUB are as ctest sets them. Prints the scripts that fail, with the end of what they print, and a sum.
# A script that looks at what the flag changes fails rightly.
set -euo pipefail
flag=$1
shift
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
# Arguments behind an entry of `kiln run` are the app's.
cat >"$folder/bin/kiln" <<SCRIPT
#!/usr/bin/env bash
case \${1:-} in
  build | run) exec "$KILN" "\$1" "$flag" "\${@:2}" ;;
  *) exec "$KILN" "\$@" ;;
esac
SCRIPT
chmod +x "$folder/bin/kiln"
export KILN=$folder/bin/kiln
passed=0 skipped=0 failed=0
for what in "$@"; do
  scripts=("$tests/$what"/*.sh)
  [[ ! -f $what ]] || scripts=("$what")
  for script in "${scripts[@]}"; do
    [[ $script != */common.sh ]] || continue
    status=0
    timeout 300 bash "$script" >"$folder/log" 2>&1 || status=$?
    case $status in
      0) passed=$((passed + 1)) ;;
      77) skipped=$((skipped + 1)) ;;
      *) failed=$((failed + 1)); echo "-- ${script#"$tests/"}: status $status"; tail -n 8 "$folder/log" ;;
    esac
  done
done
echo "$passed scripts pass with $flag, $failed fail, $skipped are skipped"
[[ $failed == 0 ]]
