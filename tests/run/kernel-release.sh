. "$(dirname "$0")/../build/common.sh"
# os.release() and the other strings of uname(2) are those of the machine that the app runs on, not
# of the machine of the build. `setarch` changes them for one process.
node=${KILN_NODE:?set KILN_NODE to the official node}
changed() { setarch --uname-2.6 "$@" && linux32 "$@"; }
here=$(uname -srvm)
there=$(changed uname -srvm 2>&1) || { echo "setarch does not work here: $there" >&2; exit 77; }
[[ $there != *"$here"* ]] || { echo "setarch has no effect here" >&2; exit 77; }

file main.mjs <<'JS'
import os, { machine } from 'node:os';
import { createRequire } from 'node:module';
const required = createRequire(import.meta.url)('os');
console.log(os.type(), os.release(), os.version(), machine(), `${os.release}`);
console.log(required.release() === os.release(), os.release.name, os.machine.length);
JS
build main.mjs
same "the kernel" "$(changed "$node" main.mjs)" "$(changed ./app)"
same "the kernel, unchanged" "$("$node" main.mjs)" "$(./app)"
