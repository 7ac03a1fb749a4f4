. "$(dirname "$0")/common.sh"
# A module that cannot be found is an error with its location, unless the program handles that.
file static.mjs <<'JS'
import 'fs';
import { x } from 'left-out';
JS
fails_with 'static.mjs:2:1' static.mjs
says 'left-out'
says '--external left-out'
file typed.tsx <<'TS'
interface Gone {
  a: number;
}

const name: string = process.argv[2]; console.log('ä', require(name) as Gone);
import { x } from 'left-out';
console.log(<b>{x}</b>);
TS
fails_with 'typed.tsx:6:1' typed.tsx
says 'typed.tsx:5:57: warning'
file required.js <<< 'const y = require("./gone");'
fails_with 'required.js:1:11' required.js
fails_with 'There is no entry file none.js' none.js
file syntax.js <<< 'const = 1;'
fails_with 'syntax.js:1:7' syntax.js
file optional.js <<'JS'
let fast;
try { fast = require('fast-one'); } catch (e) { fast = e.code; }
console.log(fast);
import('also-absent').catch((e) => console.log(e.code));
JS
build optional.js --external also-absent
expect <<'OUT'
MODULE_NOT_FOUND
ERR_MODULE_NOT_FOUND
OUT
