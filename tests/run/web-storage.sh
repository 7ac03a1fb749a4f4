#!/bin/bash
# localStorage and sessionStorage of an executable that accepts Node's options: the file is Node's, and
# without the option there is neither.
. "$(dirname "$0")/../build/common.sh"

file main.js <<'JS'
if (typeof localStorage !== 'undefined') {
  localStorage.setItem('count', Number(localStorage.getItem('count')) + 1);
  localStorage.text = 'größer \u{1f600}';
  sessionStorage[0] = 'zero';
  console.log(Object.keys(localStorage).sort().join(), localStorage.count, localStorage.text, sessionStorage.length, sessionStorage.key(0));
}
console.log(typeof localStorage, typeof Storage);
JS
build main.js --exec-argv-extension=env
expect <<< 'undefined undefined'
export NODE_OPTIONS='--experimental-webstorage --localstorage-file=items.db --no-warnings'
expect <<< $'count,text 1 größer 😀 1 0\nobject function'
[[ ! -e away/items.db-wal ]] || { echo "a log is left" >&2; exit 1; }
diff <(cd away && "$KILN_NODE" ../main.js) - <<< $'count,text 2 größer 😀 1 0\nobject function'
expect <<< $'count,text 3 größer 😀 1 0\nobject function'
