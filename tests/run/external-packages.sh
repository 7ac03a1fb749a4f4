. "$(dirname "$0")/../build/common.sh"
# --external: packages that the build leaves out are found in the folders node_modules beside the
# executable and above it, as node finds them for code in that folder, and nowhere else.
: "${KILN_NODE:?set KILN_NODE to the official node}"
mkdir -p opt/app/bin
package() {  # FOLDER NAME: a CommonJS package with a file, and a dependency beside it
  file "$1/$2/package.json" <<< "{\"name\": \"$2\", \"main\": \"lib\"}"
  file "$1/$2/lib/index.js" <<< "exports.name = '$2'; exports.from = '$3'; exports.needs = require('needed').name;"
  file "$1/$2/file.js" <<< "module.exports = '$2/file';"
  file "$1/needed/index.js" <<< 'exports.name = "needed";'
}
package opt/app/bin/node_modules beside beside
package opt/app/node_modules above above
package opt/node_modules far far
package opt/app/bin/node_modules family-a beside
package opt/app/bin/node_modules unnamed beside
file opt/app/bin/node_modules/both/package.json <<'JSON'
{"name": "both", "exports": {".": {"import": "./esm.mjs", "require": "./cjs.cjs"}, "./data": "./data.json"}}
JSON
file opt/app/bin/node_modules/both/esm.mjs <<< 'import { name } from "needed"; export const kind = `esm ${name}`; export default kind;'
file opt/app/bin/node_modules/both/cjs.cjs <<< 'module.exports = "cjs";'
file opt/app/bin/node_modules/both/data.json <<< '{"data": 1}'
file opt/app/bin/node_modules/@scope/pkg/index.js <<< 'exports.name = "scoped";'
file opt/app/bin/package.json <<< '{"name": "app", "imports": {"#both": "both"}}'
package elsewhere/node_modules absent elsewhere

file opt/app/bin/main.mjs <<'JS'
import kind, { kind as named } from 'both';
import beside from 'beside';
import { createRequire, findPackageJSON } from 'node:module';
import path from 'node:path';
const require = createRequire(import.meta.url);
const show = (label, f) => {
  let value;
  try { value = f(); } catch (error) { value = error.code; }
  if (value?.then) return value.then((v) => console.log(label, v), (e) => console.log(label, e.code));
  console.log(label, value);
};
const place = (name) => path.relative(process.argv[2], name.startsWith('file:') ? new URL(name).pathname : name);
console.log(kind, named, beside);
show('above', () => require('above'));
show('far', () => require('far').from);
show('file', () => require('beside/file'));
show('both', () => require('both'));
show('scope', () => require('@scope/pkg').name);
show('data', () => require('both/data'));
show('not exported', () => require('both/esm.mjs'));
show('no such file', () => require('beside/none'));
show('family', () => require(['family', 'a'].join('-')).name);
show('place', () => place(require.resolve('beside')));
show('place of an import', () => place(import.meta.resolve('both')));
show('package.json', () => place(findPackageJSON('above', import.meta.url)));
await show('import()', async () => (await import('above')).default.from);
await show('#imports', async () => (await import('#both')).kind);
await show('absent', () => import('absent'));
show('absent', () => require('absent'));
JS
externals=(--external beside --external above --external far --external both --external 'family-*' --external absent --external @scope/pkg)
for form in modules scope; do
  "$KILN" build opt/app/bin/main.mjs -o opt/app/bin/app --intl=none --link=$form "${externals[@]}" >log 2>&1 || { cat log >&2; exit 1; }
  mkdir -p away links
  ln -sf ../opt/app/bin/app links/app
  wanted=$(cd away && "$KILN_NODE" ../opt/app/bin/main.mjs "$scratch/opt/app" 2>&1)
  [[ $wanted == *'above above'* || $wanted == *"from: 'above'"* ]] || { echo "$wanted" >&2; exit 1; }
  # With --link=scope import statements of externals are those of require(), which is the first line.
  from=1
  [[ $form == modules ]] || from=2
  mv opt/app/bin/main.mjs main.mjs
  for program in opt/app/bin/app links/app; do
    got=$(cd away && NODE_PATH=$scratch/elsewhere/node_modules "../$program" "$scratch/opt/app" 2>&1)
    same "what $program prints ($form)" "$(tail -n +$from <<<"$wanted")" "$(tail -n +$from <<<"$got")"
  done
  mv main.mjs opt/app/bin/
done

# A name that the build did not leave out is not found there, and an external is not found elsewhere.
file other.js <<'JS'
for (const name of ['unnamed', 'beside', 'family-a/file']) {
  try { console.log(name, require(name).from); } catch (error) { console.log(name, error.code); }
}
console.log(require.resolve.paths('unnamed').join(), require.resolve.paths('beside').map((one) => one.slice(process.argv[2].length)).slice(1, 3).join());
console.log(require('module').globalPaths.length);
process.env.NODE_PATH = `${__dirname}/lib:${process.argv[2]}/elsewhere/node_modules`;
require('module')._initPaths();
console.log(require('module').globalPaths.filter((one) => !one.includes('.node_') && !one.endsWith('/lib/node')).map((one) => one.replace(process.argv[2], '')).join());
JS
build other.js --external beside --external family-* --intl=none
run_other() { (cd elsewhere && env HOME="$scratch/elsewhere" NODE_PATH="$scratch/elsewhere/node_modules" "$1" "$scratch"); }
ln app opt/app/bin/other
ln app elsewhere/other
package elsewhere/lib/node beside elsewhere
same 'an app beside the packages' "unnamed MODULE_NOT_FOUND
beside beside
family-a/file undefined
/kiln/node_modules /opt/app/node_modules,/opt/node_modules
0
/kiln/lib" "$(run_other "$scratch/opt/app/bin/other")"
same 'an app without them' "unnamed MODULE_NOT_FOUND
beside MODULE_NOT_FOUND
family-a/file MODULE_NOT_FOUND
/kiln/node_modules /node_modules,
0
/kiln/lib" "$(run_other "$scratch/elsewhere/other")"

# --packages=disk: all of Node's search, with a list of folders that begins with the app's own.
build other.js --packages=disk --external '*' --intl=none
ln app elsewhere/disk
package elsewhere/.node_modules unnamed home
same 'with --packages=disk' "unnamed home
beside MODULE_NOT_FOUND
family-a/file MODULE_NOT_FOUND" "$(run_other "$scratch/elsewhere/disk" | head -3)"
same 'globalPaths with --packages=disk' '4
/kiln/lib,/elsewhere/node_modules' "$(run_other "$scratch/elsewhere/disk" | tail -2)"
