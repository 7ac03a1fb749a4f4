. "$(dirname "$0")/common.sh"
# Programs in a folder that the code gives to what loads them: they are embedded, and what they require is bundled (reports 11, 12).
files <<'APP'
-- package.json --
{"name":"app"}
-- main.js --
const path = require('path'), { Commands, all, load } = require('loader'), { requireDir } = require('loader');
new Commands(require).commandDir('./commands').commandDir(path.join(__dirname, 'more')).run();
console.log(all({ dirname: __dirname + '/controllers' }).join(), load(path.resolve(__dirname, 'routes')).join(), requireDir(module, './required').join());
console.log(require('./models').join());
require('loader/autoload')({ dir: path.join(__dirname, 'plugins') }).then((list) => console.log(list.join()));
-- commands/user.js --
exports.name = 'user'; exports.sub = (c) => c.commandDir('user');
-- commands/user/add.js --
exports.name = 'add ' + require('dep-of-command');
-- more/m.js --
exports.name = 'more ' + require('../util').x;
-- util.js --
exports.x = 42;
-- controllers/home.js --
const { x } = require('../util'); module.exports = 'home ' + x + require('dep-of-command/sub');
-- routes/deep/r.js --
module.exports = 'route ' + require('../../lib/only-by-route');
-- lib/only-by-route.js --
module.exports = 'lib ' + require('fs').readFileSync(__dirname + '/r.txt', 'utf8').trim();
-- lib/r.txt --
text
-- required/q.js --
module.exports = 'required ' + require('../lib/only-by-required');
-- lib/only-by-required.js --
module.exports = typeof require('dep-of-command');
-- models/index.js --
const fs = require('fs'), path = require('path'), { one } = require('loader');
module.exports = fs.readdirSync(__dirname).filter((f) => f !== path.basename(__filename)).map((f) => one(path.join(__dirname, f)).model);
-- models/cat.js --
exports.model = 'cat ' + require('./base/base').base;
-- models/dog.js --
exports.model = 'dog';
-- models/base/index.js --
exports.model = 'index of base';
-- models/base/base.js --
exports.base = 'base ' + require('dep-of-model');
-- plugins/one.mjs --
import dep from 'dep-of-plugin'; export default 'one ' + dep;
-- plugins/two.cjs --
module.exports = 'two ' + require('dep-of-plugin');
-- plugins/three.cts --
interface Unused {} const k: number = 7; module.exports = ('three ' + k) as string;
-- node_modules/loader/index.js --
const fs = require('fs'), path = require('path');
const load = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((e) => e.isDirectory() ? load(path.join(folder, e.name)) : [require(path.join(folder, e.name))]);
exports.one = (file) => require(file); exports.load = load; exports.all = (options) => load(options.dirname); exports.requireDir = (m, name) => load(path.resolve(path.dirname(m.filename), name));
exports.Commands = class Commands {
  constructor(require) { this.file = require.main.filename; this.list = []; }
  commandDir(name) {
    const folder = path.resolve(path.dirname(this.file), name);
    for (const entry of fs.readdirSync(folder)) {
      const file = path.join(folder, entry); if (fs.statSync(file).isDirectory()) continue;
      const c = require(file); this.list.push(c.name);
      if (c.sub) { const before = this.file; this.file = file; c.sub(this); this.file = before; }
    }
    return this;
  }
  run() { console.log(this.list.join()); }
};
-- node_modules/loader/autoload.js --
const fs = require('fs'), path = require('path');
module.exports = async ({ dir }) => { const list = []; for (const f of fs.readdirSync(dir).sort()) { const m = await import(path.join(dir, f)); list.push(m.default); } return list; };
-- node_modules/dep-of-command/index.js --
module.exports = 'dep';
-- node_modules/dep-of-command/sub.js --
module.exports = 'sub';
-- node_modules/dep-of-model/index.js --
module.exports = 'model dep';
-- node_modules/dep-of-plugin/package.json --
{"name":"dep-of-plugin","exports":{"import":"./i.mjs","require":"./r.cjs"}}
-- node_modules/dep-of-plugin/i.mjs --
export default 'i';
-- node_modules/dep-of-plugin/r.cjs --
module.exports = 'r';
APP
as_node 'folders' main.js

# Programs of a package that loads some of them by a computed name, and their packages (depcheck and deps-regex, npm and its commands).
files <<'APP'
-- package.json --
{"name":"app","dependencies":{"checker":"1"},"devDependencies":{"for-tests":"1"}}
-- main.js --
const { check, cli } = require('checker'); console.log(['coffee', 'vue', 'absent'].map(check).join(), cli('list'));
import('checker/esm.mjs').then(async (m) => console.log(await m.use('one')));
-- main.test.js --
require('for-tests');
-- node_modules/checker/package.json --
{"name":"checker","exports":{".":"./dist/index.js","./esm.mjs":"./dist/esm.mjs"}}
-- node_modules/checker/dist/index.js --
const path = require('path');
const names = (x) => x.map((n) => { try { return require('./parser/' + n); } catch (e) { return () => e.code; } });
exports.check = (n) => require('./run')(n, names);
const cliEntry = path.resolve(__dirname, 'cli/entry.js');
exports.cli = (...a) => ((load) => load())(() => require(cliEntry))(...a);
-- node_modules/checker/dist/run.js --
module.exports = (n, names) => { const file = ['.', 'parser', n].join('/'); try { return require(file)(); } catch (e) { return names([n])[0](); } };
-- node_modules/checker/dist/parser/coffee.js --
const regex = require('deps-regex'); module.exports = () => 'coffee ' + regex;
-- node_modules/checker/dist/parser/vue.js --
module.exports = () => 'vue ' + require('deps-regex/lib') + require('./shared/s');
-- node_modules/checker/dist/parser/shared/s.js --
module.exports = require('shared-dep');
-- node_modules/checker/dist/cli/entry.js --
const fs = require('graceful'), { commands } = require('../names'); module.exports = (name) => fs + (commands.includes(name) ? require(`../commands/${name}.js`).run() : 'none');
-- node_modules/checker/dist/names.js --
exports.commands = ['list'];
-- node_modules/checker/dist/commands/list.js --
exports.run = () => 'list with ' + require('dep-of-list');
-- node_modules/checker/dist/esm.mjs --
export const use = async (n) => { const file = './adapters/' + n + '.mjs'; return (await import(file)).default; };
-- node_modules/checker/dist/adapters/one.mjs --
import dep from 'dep-of-adapter'; import { helper } from './helper.mjs'; export default dep + helper;
-- node_modules/checker/dist/adapters/helper.mjs --
export const helper = ' helper';
-- node_modules/deps-regex/index.js --
module.exports = 'regex';
-- node_modules/deps-regex/lib.js --
module.exports = 'regex lib ';
-- node_modules/shared-dep/index.js --
module.exports = 'shared';
-- node_modules/graceful/index.js --
module.exports = 'graceful ';
-- node_modules/dep-of-list/index.js --
module.exports = 'dep of list';
-- node_modules/dep-of-adapter/index.js --
module.exports = 'adapter dep';
-- node_modules/for-tests/index.js --
module.exports = 'must not be bundled';
APP
as_node 'programs of a package' main.js
! "$KILN" inspect app | grep -q for-tests || { echo '-- what only tests need is bundled' >&2; differ+=("'development'"); }
report_differences
