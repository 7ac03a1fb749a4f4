. "$(dirname "$0")/common.sh"
# import.meta.resolve, require.resolve and "imports" find what node finds, and fail as it does (report 12).
files <<'APP'
-- package.json --
{"name":"app","type":"module","imports":{"#int/*.js":"./src/*.js","#int/private/*":null,"#cond":{"import":"./src/a.js","require":"./src/b.cjs"},"#pkg":"dep/sub","#list":["./src/a.js"],"#bad":"./nope/","#builtin":"path","#url":"node:path"},"exports":{"./self":"./src/a.js"}}
-- main.js --
import { createRequire } from 'node:module';
import a from '#int/a.js'; import sub from '#pkg'; import path from '#builtin'; import self from 'app/self'; import '#cond';
const require = createRequire(import.meta.url);
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.name, e.code, e.message.split('\n')[0]); } };
console.log(a, sub, path.sep, self, require('#cond'));
for (const s of ['#int/a.js', '#int/private/x', '#cond', '#pkg', '#list', '#none', '#', '#/x', '#bad', '#builtin', '#url', 'app/self', 'app', 'app/other', './src/a.js?q#f', './src/../src/a.js', './src/a%2ejs', '/etc/x', 'file:///etc/y', 'data:text/javascript,1', 'https://a.b/c', 'dep', 'dep/sub', 'dep/absent', 'dep/', 'none', '@scope', '@scope/none', 'fs', 'node:fs', 'node:nope', 'node:test', 'test', '', '.', './', './src', './%2f', 'blob:x', 'dep\\x'])
  { t('meta ' + s, () => import.meta.resolve(s)); t('require ' + s, () => require.resolve(s)); }
t('parent', () => import.meta.resolve('./x.js', 'file:///elsewhere/y.js'));
t('number', () => import.meta.resolve(3)); t('none', () => import.meta.resolve());
-- src/a.js --
export default 'a';
-- src/b.cjs --
module.exports = 'b';
-- node_modules/dep/package.json --
{"name":"dep","exports":{".":{"import":"./i.mjs","require":"./r.cjs"},"./sub":"./sub.mjs"}}
-- node_modules/dep/i.mjs --
export default 'dep i';
-- node_modules/dep/r.cjs --
module.exports = 'dep r';
-- node_modules/dep/sub.mjs --
export default 'dep sub';
APP
as_node 'import.meta.resolve and require.resolve' main.js --asset src/node_modules/dep

files <<'APP'
-- main.js --
const path = require('path'), { createRequire } = require('module');
const t = (label, f) => { try { console.log(label, f()); } catch (e) { console.log(label, e.code, e.message.split('\n')[0], String(e.requireStack)); } };
t('ext', () => require.resolve('./lib/x')); t('dir', () => require.resolve('./lib')); t('dot', () => require('./lib/inner').up());
t('absolute', () => require(path.join(__dirname, 'lib/x')) === require('./lib/x'));
const later = (s) => require(s); t('none', () => later('./lib/none')); t('deep', () => require('./lib/inner').fail());
t('paths', () => require.resolve('x', { paths: [path.join(__dirname, 'lib')] }));
t('paths rel', () => require.resolve('./x', { paths: [path.join(__dirname, 'lib')] }));
t('resolve.paths', () => require.resolve.paths('y').slice(0, 1).join()); t('builtin', () => require.resolve.paths('fs')); t('rel', () => require.resolve.paths('./z'));
t('from', () => createRequire(path.join(__dirname, 'lib/none.js'))('x')); t('url', () => createRequire('file://' + __dirname + '/lib/')('./x'));
t('json', () => require.resolve('./lib/data')); t('data', () => require('./lib/data').n); t('prefix', () => require.resolve('node:fs') + require.resolve('fs'));
t('extension order', () => require('./lib/both')); t('trailing', () => require.resolve('./lib/x.js/'));
t('module.paths', () => module.paths[0]); t('module', () => [module.id, module.filename, module.loaded, require.main === module, module.children.length > 0].join());
t('_resolveFilename', () => require('module')._resolveFilename('./lib/x', module)); t('number', () => later(5)); t('empty', () => later(''));
-- lib/x.js --
exports.x = 1;
-- lib/index.js --
exports.index = true;
-- lib/data.json --
{"n":9}
-- lib/both.js --
module.exports = 'js';
-- lib/both.json --
"json"
-- lib/inner/index.js --
exports.up = () => [require('..').index, require.resolve('..'), require.resolve('.')].join(); exports.fail = () => require('./deeper');
-- lib/inner/deeper.js --
const name = './absent'; require(name);
-- lib/node_modules/x/index.js --
module.exports = 'package x';
APP
as_node 'require.resolve' main.js --asset src/lib

files <<'APP'
-- main.mjs --
import { helper } from './lib/a.mjs'; import * as ns from 'dual'; import { createRequire, findPackageJSON, isBuiltin } from 'node:module';
const require = createRequire(import.meta.url);
console.log(helper, ns.kind, require('dual').kind, (await import('dual')).kind, ns === await import('dual'));
console.log(import.meta.resolve('dual'), require.resolve('dual'), import.meta.resolve('dual/package.json'));
console.log(['fs', 'node:fs', 'test', 'node:test', 'sys', 'fs/promises', 'nope', 'node:sea'].map((n) => isBuiltin(n)));
console.log(findPackageJSON('dual', import.meta.url), findPackageJSON('.', import.meta.url));
for (const s of ['dual/none', './none.mjs', 'none', '#none', 'node:none', './lib', './lib/', 'dual/lib'])
  await import(s).then(() => console.log(s, 'ok'), (e) => console.log(s, e.code, e.message));
-- package.json --
{"name":"the-app"}
-- lib/a.mjs --
export const helper = import.meta.resolve('../x') + import.meta.resolve('dual');
-- node_modules/dual/package.json --
{"name":"dual","exports":{".":{"module-sync":"./sync.mjs","import":"./i.mjs","require":"./r.cjs"},"./package.json":"./package.json","./lib/*":"./lib/*"}}
-- node_modules/dual/sync.mjs --
export const kind = 'module-sync';
-- node_modules/dual/i.mjs --
export const kind = 'import';
-- node_modules/dual/r.cjs --
exports.kind = 'require';
APP
as_node 'conditions, and errors of import()' main.mjs
# Names that are only known when the app runs: Node's own algorithm, among the package.json files of the bundled packages.
files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module'; import './use.cjs'; import 'ex'; import 'ex/sub'; import both from 'both'; import 'plain/lib/two.js'; import '@s/scoped/esm/x.js';
const require = createRequire(import.meta.url);
const name = (s) => s.split('').join('');
for (const s of ['ex', 'ex/sub', 'ex/p/one', 'ex/private.cjs', 'ex/package.json', 'ex/none', 'ex/', 'both', 'plain', 'plain/', 'plain/lib/two', 'plain/lib/two.js', 'plain/lib', 'plain/package.json', '@s/scoped', '@s/scoped/esm/x.js', '@s/scoped/esm/package.json', '@s', 'absent', 'absent/x']) {
  try { const x = require(name(s)); console.log(s, typeof x === 'string' ? x : Object.keys(x).join(), require.resolve(name(s))); } catch (e) { console.log(s, e.code, e.message.split('\n')[0]); }
  await import(name(s)).then((m) => console.log(s, m.default), (e) => console.log(s, e.code, e.message));
}
console.log(both === (await import(name('both'))).default, require(name('both')) === both);
-- use.cjs --
const list = [require('ex'), require('both'), require('plain'), require('@s/scoped')]; const again = ['ex', 'both', 'plain', '@s/scoped'].map((s) => require(s));
console.log(list.every((x, i) => x === again[i]), module.children.length);
-- node_modules/ex/package.json --
{"name":"ex","exports":{".":{"import":"./i.mjs","require":"./r.cjs"},"./sub":"./private.cjs","./p/*":"./p/*.cjs"}}
-- node_modules/ex/i.mjs --
export default 'ex i';
-- node_modules/ex/r.cjs --
module.exports = 'ex r ' + require('./p/one.cjs');
-- node_modules/ex/private.cjs --
module.exports = 'private';
-- node_modules/ex/p/one.cjs --
module.exports = 'one';
-- node_modules/both/package.json --
{"name":"both","main":"./main","module":"./m.mjs"}
-- node_modules/both/main.js --
module.exports = { both: 1 };
-- node_modules/plain/package.json --
{"name":"plain","main":"lib/gone"}
-- node_modules/plain/index.js --
module.exports = 'plain index';
-- node_modules/plain/lib/two.js --
module.exports = 'two';
-- node_modules/@s/scoped/package.json --
{"name":"@s/scoped","main":"./cjs/x.js"}
-- node_modules/@s/scoped/cjs/x.js --
module.exports = 'scoped cjs';
-- node_modules/@s/scoped/esm/package.json --
{"type":"module"}
-- node_modules/@s/scoped/esm/x.js --
export default 'scoped esm';
APP
as_node 'computed names of packages' main.mjs
files <<'APP'
-- main.cjs --
for (const name of ['esm', 'common', 'plain', 'data', 'folder']) {
  let text;
  try { text = require(`./parts/${name}`).value; } catch (e) { text = e.code; }
  console.log(name, text);
}
-- parts/esm.mjs --
export const value = 1;
-- parts/common.cjs --
exports.value = 2;
-- parts/plain.js --
exports.value = 3;
-- parts/data.json --
{ "value": 4 }
-- parts/folder/index.js --
exports.value = 5;
APP
as_node 'extensions that require() adds' main.cjs
report_differences
