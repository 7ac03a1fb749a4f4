. "$(dirname "$0")/common.sh"
# package.json: exports, imports and conditions, self reference, main, scopes.
file package.json <<< '{"name": "self", "exports": {".": "./main.cjs", "./own": "./own.cjs"}, "imports": {"#dep": {"node": "./dep.cjs"}, "#fs": "fs", "#in/*": "./in/*.cjs"}}'
file main.cjs <<'JS'
console.log(require('two'), require('two/sub'), require('two/deep/x'), require('@s/p'), require('old/lib/y'));
console.log(require('#dep'), require('#fs') === require('fs'), require('#in/z'), require('self/own'));
import('two').then((m) => console.log(m.default, require.resolve('two').split('/').pop()));
JS
file own.cjs <<< 'module.exports = "own";'
file dep.cjs <<< 'module.exports = "dep";'
file in/z.cjs <<< 'module.exports = "in z";'
file node_modules/two/package.json <<< '{"name": "two", "exports": {".": {"import": "./i.mjs", "require": "./r.cjs"}, "./sub": {"browser": "./no.js", "default": "./s.cjs"}, "./deep/*": "./d/*.cjs"}}'
file node_modules/two/i.mjs <<< 'export default "two for import";'
file node_modules/two/r.cjs <<< 'module.exports = "two for require";'
file node_modules/two/s.cjs <<< 'module.exports = "sub";'
file node_modules/two/d/x.cjs <<< 'module.exports = "deep";'
file node_modules/@s/p/package.json <<< '{"main": "m"}'
file node_modules/@s/p/m.js <<< 'module.exports = "scoped";'
file node_modules/old/lib/y.js <<< 'module.exports = "old";'
build main.cjs
expect <<'OUT'
two for require sub deep scoped old
dep true in z own
two for import r.cjs
OUT
