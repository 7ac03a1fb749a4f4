. "$(dirname "$0")/common.sh"
# Computed module names: files of the package work, and the build reports where such a name is.
file main.js <<'JS'
const plugin = require('./plugins/' + process.argv[2]);
console.log(plugin.name, require('./shared').n, plugin.shared === require('./shared'));
const { pick } = require('pkg');
console.log(pick('./parts/b').name, pick('./parts/b') === pick('./parts/b.js'), pick('os').EOL === '\n');
const load = (x) => import(x);
load('./late.mjs').then((m) => console.log(m.default));
JS
file plugins/one.js <<< 'exports.name = "one"; exports.shared = require("../shared");'
file shared.js <<< 'exports.n = globalThis.n = (globalThis.n || 0) + 1;'
file late.mjs <<< 'export default "late";'
file node_modules/pkg/package.json <<< '{"name": "pkg"}'
file node_modules/pkg/index.js <<< 'exports.pick = (name) => require(name);'
file node_modules/pkg/parts/b.js <<< 'exports.name = "b";'
build main.js
says 'main.js:5'
rm -rf node_modules plugins shared.js
expect one <<'OUT'
one 1 true
b true true
late
OUT

# Optional packages that a package loads by name, and one that the app names.
file package.json <<< '{"name": "app", "dependencies": {"host": "1", "engine": "1", "unused": "1"}}'
file second.js <<< 'const host = require("host"); console.log(host.load("driver"), host.load("engine")); try { host.load("unu" + "sed"); } catch (e) { console.log(e.code); }'
file node_modules/host/package.json <<< '{"name": "host", "peerDependencies": {"driver": "1", "not-there": "1"}}'
file node_modules/host/index.js <<< 'exports.load = (name) => require(name);'
for name in driver engine unused; do
  file node_modules/$name/package.json <<< "{\"name\": \"$name\", \"main\": \"lib/x.js\"}"
  file node_modules/$name/lib/x.js <<< "module.exports = '$name!';"
done
build second.js
rm -rf node_modules
expect <<'OUT'
driver! engine!
MODULE_NOT_FOUND
OUT

# The code of a package is embedded also if its JSON files are too large.
file third.js <<< 'console.log(require("large").load("./part"));'
file node_modules/large/package.json <<< '{"name": "large"}'
file node_modules/large/index.js <<< 'exports.load = (name) => require(name);'
file node_modules/large/part.js <<< 'module.exports = "a part";'
truncate -s 9M node_modules/large/strings.json
build third.js
says 'embedded: 2 program files of node_modules/large'
says 'not embedded: 2 JSON files of node_modules/large (9437 KB)'
rm -rf node_modules
expect <<'OUT'
a part
OUT
