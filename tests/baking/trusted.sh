. "$(dirname "$0")/common.sh"
# --bake: what a module reads does not defer it, what it does defers it all the same, and others that read are still deferred.
files <<'APP'
-- main.js --
const { started } = require('clock'), { argument } = require('./argument'), { home } = require('./home');
console.log(typeof started, typeof argument, home === require('./user').copy, require('acts').handler());
-- argument.js --
exports.argument = process.argv.length;
-- home.js --
exports.home = process.env.HOME;
-- user.js --
exports.copy = require('./home').home;
-- node_modules/clock/index.js --
exports.started = Date.now() + Math.random(); exports.where = process.cwd();
-- node_modules/acts/index.js --
const at = Date.now(); let ran = false; setTimeout(() => { ran = true; console.log('ran', at > 0); }); exports.handler = () => ran;
APP
as_node 'without --bake' main.js
baked 0
mv hidden src
as_node '--bake' main.js --bake clock --bake 'src/{argument,home}.js' --bake acts
baked 3
says 'baked although they read, because of --bake:'
says 'src/argument.js:1 reads process.argv'
says 'src/node_modules/clock/index.js:1 reads Date.now()'
says 'src/node_modules/clock/index.js:1 reads process_methods.cwd'
grep -q 'acts/index.js:1 calls' log || { cat log >&2; echo 'a module that acts is baked' >&2; exit 1; }
mv hidden src
# The word is about the modules that are named only: what copies a value from them that differs between environments is deferred.
as_node '--bake of one that others copy' main.js --bake 'src/home.js' --bake missing --defer 'source/**'
baked 1
says '--bake missing names none of the modules'
says '--defer source/** names none of the modules'
mv hidden src
"$KILN" build src/main.js -o app "${flags[@]}" --bake clock --json >json.out 2>log || { cat json.out log >&2; exit 1; }
python3 - <<'PY'
import json
lines = [json.loads(line) for line in open("json.out")]
clock = next(line for line in lines if line["type"] == "bake" and line.get("module", "").endswith("clock/index.js"))
texts = [read["text"] for read in clock["trusted"]]
assert clock["state"] == "baked" and "reads Date.now()" in texts and "reads Math.random()" in texts, clock
assert clock["trusted"][0]["location"]["line"] == 1, clock
PY
# A module cannot be both.
rm app
fails_with '--bake and --defer both name clock' src/main.js "${flags[@]}" --bake clock --defer clock
fails_with '--defer src/**/*.js and --bake clock both name src/node_modules/clock/index.js' src/main.js "${flags[@]}" --bake clock --defer 'src/**/*.js'
report_differences
