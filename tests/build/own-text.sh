. "$(dirname "$0")/common.sh"
# A module that reads its own file finds it, and the executable has the text once. Text that the bundle cannot keep byte
# for byte is embedded as a file as well.
: "${KILN_NODE:?set KILN_NODE to the official node}"
digest='require("crypto").createHash("sha256").update(require("fs").readFileSync(__filename)).digest("hex")'
file src/main.js <<'JS'
const own = __filename;
const fs = require('fs');
console.log(fs.readFileSync(own).length, fs.statSync(own).size, fs.existsSync(own));
console.log(require('./latin.js'), require('./wide.js'));
console.log(require('./invalid.js'), require('./mark.js'), require('./types.ts'));
JS
file src/latin.js <<< "module.exports = $digest; // café"
file src/wide.js <<< "module.exports = $digest; // 日本 😀"
printf 'module.exports = %s; // \xff' "$digest" >src/invalid.js
printf '\xef\xbb\xbfmodule.exports = %s;' "$digest" >src/mark.js
file src/types.ts <<< "const text: string = $digest; module.exports = text;"
"$KILN_NODE" --no-warnings src/main.js >wanted 2>&1
build src/main.js
expect <wanted
"$KILN" inspect app >contents
for name in invalid.js mark.js types.ts; do
  [[ $(grep -c "^  /kiln/$name " contents) == 2 ]] || { cat contents; echo "$name is not a file"; exit 1; }
done
for name in main.js latin.js wide.js; do
  [[ $(grep -c "^  /kiln/$name " contents) == 1 ]] || { cat contents; echo "$name is there twice"; exit 1; }
done
