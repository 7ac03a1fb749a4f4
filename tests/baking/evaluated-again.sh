. "$(dirname "$0")/common.sh"
# A module that waits for a deferred one is evaluated again if that exports another kind of value than in the build. Other baked
# modules stay as they are: what they have done to others is not done again.
files <<'APP'
-- main.js --
const uses = require('./uses'), adds = require('./adds');
import('./registry.mjs').then(({ names }) => console.log(uses.kind(), uses.same(), adds.count(), adds.names === names, names.join()));
-- d.js --
if (process.env.FAILS) throw new Error('fails');
module.exports = process.env.PORT ? () => 'function' : { kind: 'object' };
-- waits.js --
let d; try { d = require('./d'); } catch (error) { d = error.message; } exports.kind = () => typeof d;
-- uses.js --
const waits = require('./waits'); exports.kind = () => waits.kind(); exports.same = () => waits === require('./waits');
-- registry.mjs --
export const names = [];
-- adds.js --
const { names } = require('./registry.mjs'); names.push('adds'); exports.count = () => names.length; exports.names = names;
APP
"$KILN" build src/main.js -o app "${flags[@]}" >log 2>&1 || { cat log >&2; exit 1; }
baked 4
for variable in A=1 PORT=1 FAILS=1; do
  same "with $variable" "$(env "$variable" "$KILN_NODE" src/main.js 2>&1)" "$(env "$variable" ./app 2>&1)"
done
