. "$(dirname "$0")/common.sh"
# Options of a build beside --evaluate=auto, and what is loaded from outside: the output is that of node.
app() {
  files <<'APP'
-- main.ts --
import { inner, fail } from './lib.ts';
import { both } from './both.cjs';
const packages = require('packages');
console.log(inner(1), both, packages.name, packages.loaded());
try { fail(); } catch (error) { console.log((error as Error).stack!.split('\n').slice(0, 3).join('\n')); }
-- lib.ts --
interface Unused { a: number }


export function inner(n: number): string { return `inner ${n}`; }
export function fail(): never {
  const holder: Unused = { a: 1 }; throw new Error('failed ' + holder.a);
}
-- both.cjs --
exports.both = 'both ' + require('./lib.ts').inner(2);
-- node_modules/packages/package.json --
{"name": "packages", "version": "1.0.0"}
-- node_modules/packages/index.js --
exports.name = 'packages'; exports.loaded = () => require('./later').later;
-- node_modules/packages/later.js --
exports.later = __filename.split('/').pop();
APP
}
app; as_expected 'source map: inline' main.ts <<'OUT'
inner 1 both inner 2 packages later.js
Error: failed 1
    at fail (file:///kiln/lib.ts:6:42)
    at file:///kiln/main.ts:5:7
OUT
baked 4
OUT='inner 1 both inner 2 packages later.js'
for mode in external none; do
  app
  # Lines of TypeScript are kept, columns are not.
  "$KILN" build src/main.ts -o app "${flags[@]}" --sourcemap=$mode >log 2>&1 || { cat log >&2; exit 1; }
  baked 4
  run >got.out 2>&1
  same "the first line with --sourcemap=$mode" "$OUT" "$(head -1 got.out)"
done
app; "$KILN" build src/main.ts -o app "${flags[@]}" --minify >log 2>&1 || { cat log >&2; exit 1; }
if grep -q baked log; then cat log >&2; echo "--minify bakes modules" >&2; exit 1; fi
same '--minify' "$OUT" "$(run | head -1)"
if "$KILN" inspect app | grep -q '^baked modules'; then echo "--minify has a baked snapshot" >&2; exit 1; fi

# Packages beside the executable and on disk are not baked, but what loads them may be.
files <<'APP'
-- main.js --
const ext = () => require('ext'), lib = require('./lib');
console.log(lib.lib, ext().name, ext() === lib.ext(), ext().parent(), Object.keys(require.cache).length);
-- lib.js --
exports.lib = 'lib'; exports.ext = () => require('ext');
-- node_modules/ext/package.json --
{"name": "ext", "version": "1.0.0"}
-- node_modules/ext/index.js --
exports.name = 'external'; exports.parent = () => module.parent.filename.split('/').pop();
APP
cp -r src/node_modules .
as_node '--external' main.js --external ext
baked 1
mv hidden src
as_node '--packages=disk' main.js --packages=disk
baked 2
rm -r node_modules

# What the user defers, and what is assumed of the environment.
files <<'APP'
-- main.js --
console.log(require('./mode').mode, require('lib').lib, require('./other').other);
-- mode.js --
exports.mode = process.env.APP_MODE === 'fast' ? 'fast' : `slow ${process.env.HOME === undefined}`;
-- other.js --
exports.other = 1;
-- node_modules/lib/index.js --
exports.lib = 'lib';
APP
as_node '--bake-env' main.js --bake-env APP_MODE=fast --bake-env HOME
baked 3
"$KILN" inspect app | grep -qx '  env APP_MODE=fast' || { echo "no guard of APP_MODE" >&2; exit 1; }
mv hidden src
export APP_MODE=fast
as_node '--bake-env, at a start where it holds' main.js --bake-env APP_MODE=fast --bake-env HOME
same 'without HOME' 'fast lib 1' "$(env -u HOME ./app)"
mv hidden src
unset APP_MODE
as_node '--defer' main.js --defer lib --defer 'src/oth*' --bake-env APP_MODE --bake-env HOME
baked 1
mv hidden src
"$KILN" build src/main.js -o app "${flags[@]}" --defer lib --json >json.out 2>log || { cat json.out log >&2; exit 1; }
python3 - >got.out <<'PY'
import json
lines = [json.loads(line) for line in open("json.out")]
for line in lines:
    if line["type"] == "bake":
        print(line.get("module"), line.get("state"), line.get("cause"), line.get("location", {}).get("line"), line.get("baked"))
PY
same '--explain --json' "$(printf '%s\n' 'None None None None 1' 'src/other.js baked None None None' 'src/main.js deferred entry None None' \
  'src/mode.js deferred read 1 None' 'src/node_modules/lib/index.js deferred state None None' | sort)" "$(sort got.out)"
report_differences
