. "$(dirname "$0")/common.sh"
# Packages and files that the app names in a string which it gives to another function than require (report 14).
files <<'APP'
-- package.json --
{"name":"the-app","version":"1.2.3"}
-- main.js --
const fs = require('fs'), path = require('path'), Module = require('module'), { fresh, from, up, caller, pkg } = require('resolvers');
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0]); } };
const read = (file) => fs.readFileSync(file, 'utf8').trim();
t('_resolveFilename', () => read(Module._resolveFilename('css-a', module)));
t('_load', () => Module._load('dep-a', module, false)); t('createRequire', () => Module.createRequire(__dirname + '/')('dep-b'));
t('from', () => read(from(__dirname, 'css-b'))); t('from file', () => from(__dirname, './lib/part')); t('from sub', () => from(path.join(__dirname, 'lib'), 'dep-c/deep'));
t('fresh', () => fresh('dep-d') + fresh('./lib/part').n + fresh('./lib/part').n); t('fresh json', () => fresh('./lib/data').d);
t('resolve', () => require.resolve('css-c')); t('resolve data', () => read(require.resolve('css-c'))); t('package.json', () => JSON.parse(read(require.resolve('dep-e/package.json'))).name);
t('beside it', () => read(path.join(path.dirname(require.resolve('dep-e/package.json')), 'data.txt')));
t('up', () => up(__dirname)); t('caller', caller); t('pkg', () => pkg(module).version); t('absent', () => fresh('not-installed')); t('builtin', () => fresh('os').EOL === '\n');
t('main.require', () => require.main.require('./lib/other')); t('module.require', () => module.require('dep-f')); t('text', () => fresh('no name at all'));
-- lib/part.js --
module.exports = { n: globalThis.n = (globalThis.n ?? 0) + 1, dep: require('dep-g') };
-- lib/data.json --
{"d":"json"}
-- lib/other.js --
module.exports = 'other';
-- node_modules/resolvers/index.js --
const path = require('path'), fs = require('fs'), Module = require('module');
const here = () => { const before = Error.prepareStackTrace; Error.prepareStackTrace = (_, s) => s; const stack = new Error().stack; Error.prepareStackTrace = before; return stack.map((s) => s.getFileName()).find((f) => f && f !== __filename && path.isAbsolute(f)); };
exports.from = (folder, name) => { const file = path.join(folder, 'noop.js'); return Module._resolveFilename(name, { id: file, filename: file, paths: Module._nodeModulePaths(folder) }); };
exports.fresh = (name) => { const file = Module.isBuiltin(name) ? name : exports.from(path.dirname(here()), name); delete require.cache[file]; return require(file); };
exports.up = (folder) => { for (;;) { const file = path.join(folder, 'package.json'); if (fs.existsSync(file)) return file; folder = path.dirname(folder); } };
exports.caller = () => here(); exports.pkg = (m) => JSON.parse(fs.readFileSync(exports.up(path.dirname(m.filename))));
-- node_modules/css-a/package.json --
{"name":"css-a","main":"a.css"}
-- node_modules/css-a/a.css --
a{}
-- node_modules/css-b/package.json --
{"name":"css-b","exports":{".":"./b.css"}}
-- node_modules/css-b/b.css --
b{}
-- node_modules/css-c/package.json --
{"name":"css-c","main":"c.css"}
-- node_modules/css-c/c.css --
c{}
-- node_modules/dep-a/index.js --
module.exports = 'a ' + require('dep-h');
-- node_modules/dep-b/index.js --
module.exports = 'b';
-- node_modules/dep-c/deep.js --
module.exports = 'c';
-- node_modules/dep-d/package.json --
{"name":"dep-d","main":"lib/d"}
-- node_modules/dep-d/lib/d.js --
module.exports = 'd';
-- node_modules/dep-e/package.json --
{"name":"dep-e"}
-- node_modules/dep-e/data.txt --
data of e
-- node_modules/dep-f/index.js --
module.exports = 'f';
-- node_modules/dep-g/index.js --
module.exports = 'g';
-- node_modules/dep-h/index.js --
module.exports = 'h';
APP
as_node 'functions that take names' main.js

# View engines: a package named by the extension of a file, or by a setting (express).
files <<'APP'
-- package.json --
{"name":"app"}
-- main.js --
const path = require('path'), views = require('views'), { helper } = require('./helper.js');
const app = views(path.join(__dirname, 'views')); app.set('view engine', 'pugx');
for (const name of ['list', 'item.ejsx', 'other.hbx', 'sub/part.mdx', 'none.xyz']) try { console.log(app.render(name)); } catch (e) { console.log(e.code, e.message.split('\n')[0]); }
helper();
-- helper.js --
exports.helper = () => console.log('helped');
-- views/list.pugx --
p list
-- views/item.ejsx --
item
-- views/other.hbx --
-- views/sub/part.mdx --
part
-- views/none.xyz --
-- node_modules/views/index.js --
const fs = require('fs'), path = require('path');
module.exports = (root) => { const settings = {}; return { set(k, v) { settings[k] = v; }, render(name) {
  let ext = path.extname(name); if (!ext) { ext = '.' + settings['view engine']; name += ext; }
  const engine = require(ext.slice(1)); return engine.run(fs.readFileSync(path.join(root, name), 'utf8').trim()); } }; };
-- node_modules/pugx/index.js --
exports.run = (text) => 'pugx ' + require('pugx-lexer')(text);
-- node_modules/pugx-lexer/index.js --
module.exports = (text) => text.split(' ').join('+');
-- node_modules/ejsx/package.json --
{"name":"ejsx","main":"./lib/e.js"}
-- node_modules/ejsx/lib/e.js --
exports.run = (text) => 'ejsx ' + text;
-- node_modules/hbx/index.js --
exports.run = (text) => 'hbx ' + (text || 'empty');
-- node_modules/mdx/index.js --
exports.run = (text) => 'mdx ' + text;
APP
as_node 'view engines' main.js
report_differences
