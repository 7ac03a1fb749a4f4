. "$(dirname "$0")/common.sh"
# Functions in require.extensions: for files that Node does not know, and in place of Node's own (report 14).
files <<'APP'
-- main.js --
const fs = require('fs'), path = require('path'), seen = [];
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code ?? e.name, e.message.split('\n')[0].replaceAll(__dirname, 'D')); } };
t('before', () => require('./late')); t('as JavaScript', () => require('./views/plain.es').plain);
require.extensions['.art'] = (m, f) => { const text = fs.readFileSync(f, 'utf8').trim(); m.exports = (o) => text.replace(/\{\{(\w+)\}\}/g, (_, k) => o[k]); };
require.extensions['.coffee'] = (m, f) => m._compile(fs.readFileSync(f, 'utf8').replace('raw', 'compiled'), f);
require.extensions['.sub.txt'] = (m, f) => { m.exports = 'longest ' + path.basename(f); }; require.extensions['.txt'] = (m, f) => { m.exports = 'text ' + fs.readFileSync(f, 'utf8').trim(); };
require.extensions['.late'] = (m, f) => { m.exports = 'late ' + m.id.split('/').pop() + m.loaded + m.children.length; };
t('by name', () => require('./views/home.art')({ title: 'Hi' })); t('without extension', () => require('./views/home')({ title: 'no' })); t('folder', () => require('./views')({ title: 'index' }));
t('requires others', () => JSON.stringify(require('./views/x.coffee'))); t('longest', () => [require('./a.sub.txt'), require('./b.txt'), require('./b')]); t('after', () => require('./late'));
t('resolve', () => [require.resolve('./views/home'), require.resolve('./b')].map((p) => path.basename(p)).join()); t('from a package', () => require('pkg')); t('cached', () => require('./views/home') === require('./views/home.art'));
t('in try', () => { try { return require('./views/optional')({}); } catch { return 'none'; } }); t('no handler', () => require('./views/unknown.zzz')); t('registered by a package', () => require('./views/page.mark'));
t('parents', () => module.children.map((c) => path.basename(c.id)).join()); t('keys', () => Object.keys(require.extensions).join());
const js = require.extensions['.js']; require.extensions['.js'] = (m, f) => { seen.push(path.basename(f)); return js(m, f); };
const json = require.extensions['.json']; require.extensions['.json'] = (m, f) => { seen.push(path.basename(f)); json(m, f); m.exports.hooked = true; };
t('js', () => [require('./lib').v, require('./data.json').hooked, require('./deep').deep, seen.join()]); require.extensions['.js'] = js; require.extensions['.json'] = json; t('restored', () => [require('./lib2').v, seen.length]);
delete require.extensions['.txt']; t('deleted', () => require('./c'));
import('./late').catch((e) => console.log('import', e.code)); import('./imported.mjs').then((m) => console.log('imported', m.default.v, seen.join()), (e) => console.log(e.message));
-- views/home.art --
<h1>{{title}}</h1>
-- views/index.art --
<i>{{title}}</i>
-- views/optional.art --
<b>optional</b>
-- views/page.mark --
# not JavaScript <%
-- views/plain.es --
exports.plain = 'JavaScript after all';
-- views/unknown.zzz --
<nobody knows>
-- views/x.coffee --
exports.up = 'raw ' + __filename.slice(-8); exports.other = require('./y.coffee').y; exports.lib = require('../lib2').v;
-- views/y.coffee --
exports.y = 'raw y' -> not JavaScript, replaced:
-- a.sub.txt --
a
-- b.txt --
b
-- c.txt --
c
-- x.late --
x
-- late.late --
{{ not javascript
-- lib.js --
exports.v = 'lib';
-- lib2.js --
exports.v = 'lib2';
-- deep.js --
exports.deep = require('./lib').v + require('./lib2').v;
-- data.json --
{"a":1}
-- imported.mjs --
export { default } from './lib3.js';
-- lib3.js --
exports.v = 'lib3';
-- node_modules/pkg/package.json --
{"name":"pkg","main":"main.txt"}
-- node_modules/pkg/main.txt --
package text
APP
sed -i "s/ -> not JavaScript, replaced://" src/views/y.coffee
as_node 'handlers' main.js --asset 'src/views/**'

# As pirates, @babel/register and ts-node do: _compile of the module is replaced by a handler.
files <<'APP'
-- main.js --
const Module = require('module'), path = require('path');
function addHook(hook, { exts, matcher }) {
  const old = {}; for (const ext of exts) { const loader = old[ext] = Module._extensions[ext] || Module._extensions['.js'];
    Module._extensions[ext] = function (mod, filename) { const compile = mod._compile; if (matcher(filename)) mod._compile = function (code, name) { mod._compile = compile; mod._compile(hook(code, name), name); }; loader(mod, filename); }; }
  return () => { for (const ext of exts) Module._extensions[ext] = old[ext]; };
}
const revert = addHook((code, name) => code.replace('original', 'hooked ' + path.basename(name)), { exts: ['.js', '.tpl'], matcher: (f) => !f.includes('skip') });
console.log(require('./a').a, require('./skip').s, require('./page.tpl').t, require('./b')(), require('m').m); revert(); console.log(require('./later').l, Object.keys(Module._extensions).join());
// nyc and append-transform: the property of one extension has an accessor
let ext = Module._extensions['.js']; Object.defineProperty(Module._extensions, '.js', { configurable: true, enumerable: true, get: () => ext, set(v) { ext = v; } });
Module._extensions['.js'] = ((inner) => function (m, f) { const c = m._compile; m._compile = function (code, name) { return c.call(m, code + ';module.exports.covered = true', name); }; inner(m, f); })(ext); console.log(require('./covered').covered);
-- a.js --
exports.a = 'original'; exports.file = __filename;
-- skip.js --
exports.s = 'original';
-- page.tpl --
exports.t = 'original template';
-- b.js --
const { a } = require('./a'); module.exports = () => 'original ' + a + typeof require.resolve;
-- later.js --
exports.l = 'original';
-- covered.js --
exports.x = 1;
-- node_modules/m/index.js --
exports.m = 'original package';
APP
as_node 'compilers' main.js

# The handler of native addons, and a mention that is no registration.
files <<'APP'
-- main.js --
require.extensions['.node'] = (m, f) => { m.exports = 'addon ' + f.split('/').pop(); };
console.log(require('./build/x.node'), require('./build/x')); const e = require.extensions; console.log(e['.art'], typeof e['.js'], e === require('module')._extensions);
try { require('./gone'); } catch (x) { console.log(x.code); }
-- build/x.node --
ELF?
APP
as_node 'addons' main.js

# Names in packages without an extension, which only a handler completes.
files <<'APP'
-- main.js --
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0]); } };
t('before', () => require('pkg/lib/x'));
for (const ext of ['.art', '.coffee']) require.extensions[ext] = (m, f) => { m.exports = ext + ' ' + require('fs').readFileSync(f, 'utf8').trim(); };
t('path', () => require('pkg/lib/x')); t('folder', () => require('pkg/folder')); t('scoped', () => require('@s/p/y')); t('main without extension', () => require('by-main')); t('index', () => require('by-index')); t('folder as main', () => require('main-folder'));
t('resolve', () => require.resolve('pkg/lib/x').split('/').pop()); t('absent', () => require('pkg/lib/none')); t('exports', () => require('closed/x')); t('in the package', () => require('pkg').own); t('relative', () => require('./z'));
-- z.art --
z
-- node_modules/pkg/package.json --
{"name": "pkg", "main": "main.js"}
-- node_modules/pkg/main.js --
exports.own = [require('./lib/x'), require('pkg/folder'), require('by-main')].join();
-- node_modules/pkg/lib/x.art --
text of x
-- node_modules/pkg/folder/index.coffee --
text of the folder
-- node_modules/@s/p/y.coffee --
text of y
-- node_modules/by-main/package.json --
{"name": "by-main", "main": "./src/start"}
-- node_modules/by-main/src/start.coffee --
text of start
-- node_modules/by-index/index.art --
text of index
-- node_modules/main-folder/package.json --
{"main": "lib"}
-- node_modules/main-folder/lib/index.art --
text of lib
-- node_modules/closed/package.json --
{"name": "closed", "exports": {"./x": "./x"}}
-- node_modules/closed/x.art --
never read
APP
as_node 'names in packages' main.js
report_differences
