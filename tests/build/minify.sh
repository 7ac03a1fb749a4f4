. "$(dirname "$0")/common.sh"
# --minify and --define change the source text, not what the program does.
file main.mjs <<'JS'
import { longExportedName } from './other.mjs';
import common from './common.cjs';
const value = await Promise.resolve(longExportedName(20));
console.log(value, common.another, import.meta.filename.endsWith('/main.mjs'), VERSION, /[é😀]/u.test('😀'), String.raw`ü\n`);
JS
file other.mjs <<< 'export function longExportedName(parameter) { const localName = parameter + 1; return localName * 2; }'
file common.cjs <<< 'const localValue = __filename.split("/").pop(); exports.another = localValue;'
for flags in '' --minify; do
  build main.mjs $flags --define 'VERSION="1.0"'
  expect <<'OUT'
42 common.cjs true 1.0 true ü\n
OUT
done
