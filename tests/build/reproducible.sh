. "$(dirname "$0")/common.sh"
# Two builds in two folders give the same bytes.
for folder in one two/deeper; do
  file "$folder/main.mjs" <<< 'import c from "./c.cjs"; import { d } from "./d.ts"; console.log(c, d, import.meta.url);'
  file "$folder/c.cjs" <<< 'module.exports = __filename + require("fs").readFileSync(__dirname + "/t.txt");'
  file "$folder/d.ts" <<< 'export const d: string = import.meta.url;'
  file "$folder/t.txt" <<< 'text'
  (cd "$folder" && "$KILN" build main.mjs -o app >log 2>&1) || { cat "$folder/log" >&2; exit 1; }
done
cmp one/app two/deeper/app
if grep -qaF "$scratch" one/app; then
  echo "the build folder shows in the executable" >&2
  exit 1
fi
