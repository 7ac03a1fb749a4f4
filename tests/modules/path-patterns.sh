. "$(dirname "$0")/common.sh"
# Files that a glob pattern made of the module's folder matches are embedded, and what programs among them need (report 16).
files <<'APP'
-- package.json --
{"name":"app","dependencies":{"globber":"1"}}
-- main.js --
const fs = require('fs'), path = require('path'), globber = require('globber');
const names = (list) => list.map((file) => path.relative(__dirname, path.resolve(__dirname, file))).sort().join();
const a = path.join(__dirname, 'migrations', '*.js'), b = `${__dirname}/**/*.entity{.ts,.js}`, rest = { cwd: path.join(__dirname, 'with-cwd') };
console.log(names(globber(a)), names(fs.globSync(b)), names(fs.globSync(__dirname + '/data/[a-b]?.{txt,md}')), names(fs.globSync(__dirname + '/data/!(x).csv')));
for (const file of globber(a)) console.log(globber.load(file).up());
for (const file of fs.globSync(b).sort()) console.log(globber.load(file).entity);
const pattern = '*.plugin.js';
console.log(names(fs.globSync(pattern, { cwd: __dirname })), names(fs.globSync(['sub/**/*.sql', '*.none'], { cwd: path.join(__dirname, 'with-cwd') }).map((f) => 'with-cwd/' + f)), globber.all('deep/*.js', { cwd: __dirname }).map((m) => m.deep).join());
console.log(new globber.Store({ migrations: { glob: ['*.js', { cwd: __dirname + '/stored' }] } }).list().map((m) => m.stored()).join());
import('./late.mjs').then((m) => m.default());
-- late.mjs --
import fs from 'node:fs'; import path from 'node:path'; import { fileURLToPath } from 'node:url'; import globber from 'globber';
const folder = path.dirname(fileURLToPath(import.meta.url));
export default async () => {
  const list = []; for await (const file of fs.promises.glob(path.join(folder, 'esm', '*.mjs'))) list.push(file);
  for (const file of list.sort()) console.log((await globber.esm(file)).name);
  console.log(fs.globSync('*.css', { cwd: new URL('./styles/', import.meta.url).pathname }).join());
};
-- migrations/01-one.js --
const util = require('../util'), dep = require('only-by-migration'); exports.up = () => 'one ' + util.text + dep;
-- migrations/02-two.js --
exports.up = () => 'two ' + require('./helpers/part').part;
-- migrations/helpers/part.js --
exports.part = 'part ' + require('fs').readFileSync(__dirname + '/../../data/part.bin', 'utf8').trim();
-- data/part.bin --
binary
-- util.js --
exports.text = 'util ';
-- model/user.entity.js --
exports.entity = 'user of ' + require('./base').base;
-- model/base.js --
exports.base = 'base';
-- model/deep/cat.entity.js --
exports.entity = 'cat';
-- data/a1.txt --
-- data/b2.md --
-- data/c3.txt --
-- data/y.csv --
-- first.plugin.js --
-- with-cwd/sub/more/x.sql --
-- deep/one.js --
exports.deep = 'deep ' + require('../util').text;
-- stored/s.js --
exports.stored = () => require('only-by-migration');
-- esm/one.mjs --
import dep from 'only-by-esm'; import { shared } from './shared/s.mjs'; export const name = dep + shared;
-- esm/shared/s.mjs --
export const shared = ' shared ' + import.meta.dirname;
-- styles/a.css --
-- node_modules/globber/index.js --
const fs = require('fs'), path = require('path');
module.exports = (pattern) => fs.globSync(pattern).sort(); module.exports.load = (file) => require(path.resolve(file));
module.exports.all = (pattern, { cwd }) => fs.globSync(pattern, { cwd }).map((file) => require(path.join(cwd, file)));
module.exports.esm = (file) => import(file);
module.exports.Store = class { constructor(o) { [this.pattern, this.o] = o.migrations.glob; } list() { return module.exports.all(this.pattern, this.o); } };
-- node_modules/only-by-migration/index.js --
module.exports = 'dep';
-- node_modules/only-by-esm/package.json --
{"name":"only-by-esm","exports":{"import":"./m.mjs","require":"./wrong.cjs"}}
-- node_modules/only-by-esm/m.mjs --
export default 'esm dep';
APP
as_node 'globs' main.js
grep -q 'embedded: 2 files that match src/migrations/\*.js, which src/main.js:4 names' log || { cat log >&2; differ+=("'the report of a pattern'"); }

# Paths that another module exports (lighthouse), whose files may be programs that are read as text.
files <<'APP'
-- package.json --
{"name":"app","type":"module"}
-- main.js --
import { readFileSync, readdirSync } from 'node:fs'; import path from 'node:path';
import { ROOT, LH_ROOT as r, views } from './root.js'; import def, * as ns from './root.js'; import { sub } from './mid.js'; import common from './paths.cjs'; import { bin } from './paths.cjs';
const text = (file) => readFileSync(file, 'utf8').trim();
console.log(text(ROOT + '/dist/report/flow.js'), text(`${r}/dist/a.css`), text(path.join(views, 'x.html')));
console.log(text(ns.ROOT + '/assets/one.txt'), text(path.join(def.two, 'two.txt')), readdirSync(sub).join(), text(path.join(bin, 'tool')), text(common.of.data + '/d.csv'));
const { ROOT: again } = await import('./root.js'); console.log(text(again + '/lazy/l.txt'));
await import('./lib/use.cjs');
-- root.js --
import path from 'path'; import { fileURLToPath } from 'url';
const here = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.join(here, '.'); const LH_ROOT = here; export { LH_ROOT }; export const views = path.join(ROOT, 'views');
export default { two: path.join(here, 'two') };
-- mid.js --
export * from './x/deep.js';
-- x/deep.js --
export const sub = new URL('../sub', import.meta.url).pathname;
-- paths.cjs --
const path = require('path'), data = path.resolve(__dirname, 'data');
exports.bin = path.join(__dirname, 'bin'); exports.of = { data };
-- lib/paths.cjs --
const path = require('path'); module.exports = { ROOT: path.dirname(__dirname), names: { tpl: path.join(__dirname, 'tpl') }, f() {} };
-- lib/use.cjs --
const fs = require('fs'), paths = require('./paths.cjs'), { ROOT, names } = require('./paths.cjs'), { tpl } = require('./paths.cjs').names;
console.log([ROOT + '/conf/c.ini', paths.names.tpl + '/a.tpl', names.tpl + '/b.tpl', tpl + '/c.tpl'].map((f) => fs.readFileSync(f, 'utf8').trim()).join());
-- dist/report/flow.js --
not a program (
-- dist/a.css --
css
-- views/x.html --
html
-- assets/one.txt --
one
-- two/two.txt --
two
-- sub/s.txt --
-- bin/tool --
tool
-- data/d.csv --
data
-- lazy/l.txt --
lazy
-- conf/c.ini --
ini
-- lib/tpl/a.tpl --
a
-- lib/tpl/b.tpl --
b
-- lib/tpl/c.tpl --
c
APP
as_node 'paths of other modules' main.js
report_differences
