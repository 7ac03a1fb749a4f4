. "$(dirname "$0")/common.sh"
# package.json: main, type, exports, and packages named as built-in modules (report 13).
files <<'APP'
-- main.mjs --
import a from 'main-dir'; import b from 'main-noext'; import c from 'main-wrong'; import d from 'no-main'; import e from 'main-empty'; import f from '@s/scoped'; import g from '@s/scoped/sub/file.js';
import * as h from 'typed'; import i from 'typed/x.cjs'; import j from 'untyped-esm'; import k from 'browserish'; import l from 'main-json' with { type: 'json' };
console.log(a, b, c, d, e, f, g, h, i, j, k, l);
-- node_modules/main-dir/package.json --
{"main":"./lib"}
-- node_modules/main-dir/lib/index.js --
module.exports = 'main-dir';
-- node_modules/main-noext/package.json --
{"main":"lib/entry"}
-- node_modules/main-noext/lib/entry.js --
module.exports = 'main-noext';
-- node_modules/main-wrong/package.json --
{"main":"gone.js"}
-- node_modules/main-wrong/index.js --
module.exports = 'main-wrong';
-- node_modules/no-main/package.json --
{"module":"./es.js","browser":"./es.js","es2015":"./es.js"}
-- node_modules/no-main/es.js --
export default 'wrong';
-- node_modules/no-main/index.js --
module.exports = 'no-main';
-- node_modules/main-empty/package.json --
{"main":""}
-- node_modules/main-empty/index.js --
exports.x = 'main-empty';
-- node_modules/@s/scoped/package.json --
{"name":"@s/scoped","main":"m.cjs"}
-- node_modules/@s/scoped/m.cjs --
module.exports = 'scoped';
-- node_modules/@s/scoped/sub/file.js --
module.exports = 'scoped file';
-- node_modules/typed/package.json --
{"type":"module","main":"x.js"}
-- node_modules/typed/x.js --
export const typed = typeof module;
-- node_modules/typed/x.cjs --
module.exports = typeof module;
-- node_modules/untyped-esm/package.json --
{"name":"untyped-esm"}
-- node_modules/untyped-esm/index.js --
export default 'detected ' + typeof require + import.meta.filename;
-- node_modules/browserish/package.json --
{"main":"node.js","browser":{"./node.js":"./browser.js","fs":false}}
-- node_modules/browserish/node.js --
module.exports = 'node ' + typeof require('fs').readFileSync;
-- node_modules/browserish/browser.js --
module.exports = 'browser';
-- node_modules/main-json/package.json --
{"main":"d.json"}
-- node_modules/main-json/d.json --
{"json":1}
APP
as_node 'main and type' main.mjs

files <<'APP'
-- main.mjs --
import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
import one from 'ex'; import two from 'ex/sub'; import three from 'ex/p/a/b'; import four from 'ex/ext/x.js'; import order from 'ex/order'; import nested from 'ex/nested'; import arr from 'ex/array'; import str from 'strx'; import addons from 'ex/addons';
console.log(one, two, three, four, order, nested, arr, str, addons, require('ex/sub'), require('ex/order'), require('ex/nested'));
for (const s of ['ex/p/private', 'ex/none', 'ex/m.mjs', 'ex/nul', 'ex/out', 'ex/target', 'ex/undef', 'strx/x', 'ex/p/../m', 'ex/array2', 'ex/%70/a', 'ex/package.json'])
  { await import(s).catch((e) => console.log(s, e.code, e.message)); try { require(s); } catch (e) { console.log(s, e.code); } }
-- node_modules/ex/package.json --
{"name":"ex","exports":{".":"./m.mjs","./sub":{"import":"./i.mjs","require":"./r.cjs"},"./p/*":"./deep/*.mjs","./p/private":null,"./ext/*.js":"./deep/*.cjs","./order":{"default":"./m.mjs","import":"./i.mjs"},"./nested":{"node":{"import":"./i.mjs","default":"./r.cjs"},"default":"./m.mjs"},"./array":["https://x","./m.mjs"],"./array2":["https://x"],"./nul":{"browser":"./m.mjs"},"./out":"../x.js","./target":"./gone.mjs","./undef":{"import":null},"./addons":{"node-addons":"./i.mjs","default":"./m.mjs"}}}
-- node_modules/ex/m.mjs --
export default 'm';
-- node_modules/ex/i.mjs --
export default 'i';
-- node_modules/ex/r.cjs --
module.exports = 'r';
-- node_modules/ex/deep/a/b.mjs --
export default 'a/b';
-- node_modules/ex/deep/x.cjs --
module.exports = 'x.cjs';
-- node_modules/strx/package.json --
{"name":"strx","exports":"./s.cjs"}
-- node_modules/strx/s.cjs --
module.exports = 's';
APP
as_node 'exports' main.mjs

files <<'APP'
-- main.js --
const t = (s) => { try { const x = require(s); console.log(s, typeof x === 'string' ? x : typeof x, require.resolve(s)); } catch (e) { console.log(s, e.code, e.message.split('\n')[0]); } };
['util', 'util/', 'node:util', 'buffer/', 'assert', 'assert/', 'punycode/', 'sea', 'node:sea', 'sqlite/', 'fs/promises', 'fs/', 'util/types', 'util/extra', 'timers/promises', 'constants/'].forEach(t);
try { require('punycode/'); } catch (e) { console.log(e.code); }
t('util'); t('util/'); require('util/'); require('buffer/'); require('assert/'); require('sea'); require('util/extra');
import('util/').then((m) => console.log(m.default), (e) => console.log(e.code, e.message)).then(() => import('sea')).then((m) => console.log(m.default));
-- node_modules/util/package.json --
{"name":"util"}
-- node_modules/util/index.js --
module.exports = 'npm util';
-- node_modules/util/extra.js --
module.exports = 'npm util/extra';
-- node_modules/buffer/index.js --
module.exports = 'npm buffer';
-- node_modules/assert/package.json --
{"main":"build/a.js"}
-- node_modules/assert/build/a.js --
module.exports = 'npm assert';
-- node_modules/punycode/package.json --
{"main":"p.js","exports":{".":{"import":"./p.mjs","require":"./p.js"}}}
-- node_modules/punycode/p.js --
module.exports = 'npm punycode';
-- node_modules/punycode/p.mjs --
export default 'mjs punycode';
-- node_modules/sea/index.js --
module.exports = 'npm sea';
APP
as_node 'packages named as built-in modules' main.js
report_differences
