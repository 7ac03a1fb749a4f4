. "$(dirname "$0")/common.sh"
# Stack traces show the user's own files and lines.
file main.ts <<'TS'
interface Unused {
  a: number;
}
import { fail } from './fail.ts';

try {
  fail();
} catch (e) {
  console.log((e as Error).stack!.split('\n').slice(1, 3).map((l) => l.match(/(\w+\.\w+):(\d+)/)!.slice(1).join(':')).join(' '));
}
require_c();
import c from './c.cjs';
function require_c() { console.log(c()); }
TS
file fail.ts <<'TS'
type T = string;

export function fail(): never {
  throw new Error('here');
}
TS
file c.cjs <<'JS'
/* a comment that
   goes away */
module.exports = () =>
  new Error().stack.match(/c\.cjs:\d+/)[0];
JS
build main.ts
expect <<'OUT'
fail.ts:4 main.ts:7
c.cjs:4
OUT

# TypeScript without import and export is CommonJS.
file script.ts <<'TS'
interface Unused {
  a: number;
}

console.log(new Error().stack!.match(/script\.ts:\d+:\d+/)![0]);
TS
build script.ts
expect <<'OUT'
script.ts:5:13
OUT
# The app sees source maps as disabled, and disabling them does not change its stack traces.
file seen.cts <<'TS'
type Removed = {
  a: string;
};
const assert = require('node:assert');
const where = () => new Error().stack!.split('\n')[2].match(/seen\.cts:\d+/)![0];
console.log(process.sourceMapsEnabled, where());
process.setSourceMapsEnabled(false);
console.log(process.sourceMapsEnabled, where());
try {
  assert((1 as number) === 2);
} catch (e) {
  console.log((e as Error).message.split('\n')[2]);
}
throw new TypeError('the end' as string);
TS
build seen.cts
status=0
run >out 2>&1 || status=$?
same "the exit status after an uncaught error" 1 "$status"
same "the output" "$(cat <<'OUT'
false seen.cts:6
false seen.cts:8
  assert((1 as number) === 2)
file:///kiln/seen.cts:14
throw new TypeError('the end'          );
^

TypeError: the end
OUT
)" "$(head -8 out)"
