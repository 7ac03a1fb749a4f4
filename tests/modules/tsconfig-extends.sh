. "$(dirname "$0")/common.sh"
# "extends" of tsconfig.json: through "exports" and "tsconfig" of a package.json, lists, ${configDir}, and what is wrong with it
# (report 21). The expected texts are what tsc's rules give.
# probe NAME: src/main.ts prints which of the settings NAME, with the files src/p/*.ts behind `paths`, apply.
probe() {
  file src/main.ts <<'TS'
import { from } from 'probe'; import { other } from '@other/x';
class Parent { constructor() { this.init(); } init() {} }
class Child extends Parent { field!: string; init() { this.field = 'kept'; } }
console.log(from, other, new Child().field);
TS
  local name
  for name in one two three; do
    file src/$name/probe.ts <<<"export const from: string = '$name';"
    file src/$name/x.ts <<<"export const other: string = 'other of $name';"
  done
}
wants() { # LABEL LINE
  as_expected "$1" main.ts <<<"$2"
}
fails() { # LABEL ERROR…
  local label=$1
  shift
  ! "$KILN" build src/main.ts -o app "${flags[@]}" >log 2>&1 || { echo "-- $label: kiln build did not fail" >&2; differ+=("'$label'"); }
  for text; do grep -qF "$text" log || { cat log >&2; differ+=("'$label'"); }; done
}

files <<'APP'
-- tsconfig.json --
{ "extends": "by-exports/base", "compilerOptions": { "target": "es2022" } }
-- node_modules/by-exports/package.json --
{ "name": "by-exports", "exports": { "./base": { "types": "./none.json", "default": "./configs/real.json" }, "./more/*": "./configs/*.json" } }
-- node_modules/by-exports/configs/real.json --
{ "extends": ["./first.json", "by-field"], "compilerOptions": { "paths": { "probe": ["../../../one/probe.ts"], "@other/*": ["../../../one/*"] } } }
-- node_modules/by-exports/configs/first.json --
{ "compilerOptions": { "useDefineForClassFields": true } }
-- node_modules/by-field/package.json --
{ "name": "by-field", "tsconfig": "deep/config.json" }
-- node_modules/by-field/deep/config.json --
{ // with comments and trailing commas
  "compilerOptions": { "useDefineForClassFields": false, /* , */ }, }
APP
probe
wants 'exports, then the field tsconfig' 'one other of one kept'

files <<'APP'
-- tsconfig.json --
{ "extends": ["@scope/config", "by-exports/more/pattern", "./own", "folder/sub/tsconfig.json"], "compilerOptions": { "target": "es2022" } }
-- own.json --
{ "compilerOptions": { "paths": { "probe": ["./two/probe"], "@other/*": ["${configDir}/three/*"] } } }
-- node_modules/@scope/config/tsconfig.json --
{ "compilerOptions": { "useDefineForClassFields": true, "paths": { "probe": ["${configDir}/one/probe"] } } }
-- node_modules/@scope/config/package.json --
{ "name": "@scope/config" }
-- node_modules/by-exports/package.json --
{ "name": "by-exports", "exports": { "./more/*": "./configs/*.json" } }
-- node_modules/by-exports/configs/pattern.json --
{ "compilerOptions": { "useDefineForClassFields": false } }
-- node_modules/folder/sub/tsconfig.json --
{ "extends": "../base" }
-- node_modules/folder/base.json --
{ "compilerOptions": {} }
APP
probe
wants 'a list, a pattern and a scoped package' 'two other of three kept'

files <<'APP'
-- tsconfig.json --
{ "extends": "shared/tsconfig" }
-- node_modules/shared/tsconfig.json --
{ "compilerOptions": { "baseUrl": "${configDir}/two", "paths": { "@other/*": ["*"] }, "target": "ES5" } }
APP
probe
wants 'configDir in baseUrl' 'two other of two kept'

mkdir -p absolute
echo '{ "compilerOptions": { "target": "es2022", "paths": { "probe": ["'"$scratch"'/src/three/probe.ts"], "@other/*": ["'"$scratch"'/src/one/*"] } } }' >absolute/base.json
files <<APP
-- tsconfig.json --
{ "extends": "$scratch/absolute/base" }
APP
probe
wants 'absolute paths' 'three other of one undefined'

files <<'APP'
-- tsconfig.json --
{ "extends": ["./gone.json", "not-installed/tsconfig.json", "./good.json"] }
-- good.json --
{ "extends": "by-exports/private", "compilerOptions": { "paths": { "probe": ["./one/probe"], "@other/*": ["./one/*"] } } }
-- node_modules/by-exports/package.json --
{ "name": "by-exports", "exports": { "./other": "./x.json" } }
-- node_modules/by-exports/private/tsconfig.json --
{}
APP
probe
rm -r src/node_modules/by-exports/private
fails 'files that are missing' 'src/tsconfig.json: error: Cannot find "./gone.json", which it extends' 'src/tsconfig.json: error: Cannot find "not-installed/tsconfig.json", which it extends' 'src/good.json: error: Cannot find "by-exports/private", which it extends'
echo '{ "extends": "./a.json" }' >src/tsconfig.json
echo '{ "extends": "./b" }' >src/a.json
echo '{ "extends": ["./good.json", "./tsconfig.json"] }' >src/b.json
echo '{}' >src/good.json
fails 'a cycle' 'src/b.json: error: "extends" leads back to' 'src/tsconfig.json'
echo '{ "extends": "./tsconfig.json" }' >src/tsconfig.json
fails 'itself' 'src/tsconfig.json: error: "extends" leads back to'
echo '{ "compilerOptions": { "paths": }' >src/tsconfig.json
fails 'no JSON' 'src/tsconfig.json: error:' 'line 1'
# JavaScript does not need it.
files <<'APP'
-- main.js --
console.log('JavaScript');
-- tsconfig.json --
{ "extends": "./gone.json" }
APP
as_node 'JavaScript beside it' main.js
report_differences
