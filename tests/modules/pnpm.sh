. "$(dirname "$0")/common.sh"
# Packages behind symbolic links are one module each, named by their real path (report 34).
files <<'APP'
-- main.mjs --
import a from 'a'; import b from 'b'; import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
console.log(a.core === b.core, a.core.id, a.file, b.file, globalThis.loads, require.resolve('a'), import.meta.resolve('b'));
try { require('core'); } catch (e) { console.log(e.code); }
console.log(a.inside('core') === a.core);
-- node_modules/.pnpm/a@1.0.0/node_modules/a/package.json --
{"name":"a","version":"1.0.0","main":"m.cjs"}
-- node_modules/.pnpm/a@1.0.0/node_modules/a/m.cjs --
exports.core = require('core'); exports.file = __filename; exports.inside = (n) => { try { return require(n); } catch (e) { return e.code; } };
-- node_modules/.pnpm/b@2.0.0_peer@1.0.0/node_modules/b/package.json --
{"name":"b","type":"module","exports":"./m.js"}
-- node_modules/.pnpm/b@2.0.0_peer@1.0.0/node_modules/b/m.js --
import core from 'core'; export default { core, file: import.meta.filename };
-- node_modules/.pnpm/core@3.0.0/node_modules/core/package.json --
{"name":"core","version":"3.0.0","main":"./c"}
-- node_modules/.pnpm/core@3.0.0/node_modules/core/c.js --
globalThis.loads = (globalThis.loads ?? 0) + 1; exports.id = __dirname;
APP
ln -s .pnpm/a@1.0.0/node_modules/a src/node_modules/a
ln -s .pnpm/b@2.0.0_peer@1.0.0/node_modules/b src/node_modules/b
ln -s ../../core@3.0.0/node_modules/core src/node_modules/.pnpm/a@1.0.0/node_modules/core
ln -s ../../core@3.0.0/node_modules/core src/node_modules/.pnpm/b@2.0.0_peer@1.0.0/node_modules/core
as_node 'a store' main.mjs

files <<'APP'
-- apps/web/main.mjs --
import { button } from '@ws/ui'; import { button as direct } from '../../packages/ui/src/button.mjs'; import * as react from 'react'; import { version } from '@ws/ui/version';
console.log(button === direct, button.react === react.id, react.url, button.url, version);
console.log(await import('@ws/ui') === await import('../../packages/ui/src/index.mjs'));
-- apps/web/package.json --
{"name":"web"}
-- packages/ui/package.json --
{"name":"@ws/ui","exports":{".":"./src/index.mjs","./*":"./src/*.cjs"}}
-- packages/ui/src/index.mjs --
export * from './button.mjs';
-- packages/ui/src/button.mjs --
import { id } from 'react'; export const button = { react: id, url: import.meta.url };
-- packages/ui/src/version.cjs --
exports.version = require('../package.json').name + module.paths[0].split('/').slice(-3).join('/');
-- store/react@18/package.json --
{"name":"react","exports":"./r.mjs"}
-- store/react@18/r.mjs --
export const id = Symbol('react'), url = import.meta.url;
APP
mkdir -p src/apps/web/node_modules/@ws src/packages/ui/node_modules
ln -s ../../../../packages/ui src/apps/web/node_modules/@ws/ui
ln -s ../../../store/react@18 src/apps/web/node_modules/react
ln -s ../../../store/react@18 src/packages/ui/node_modules/react
as_node 'a workspace' apps/web/main.mjs

files <<'APP'
-- real/main.js --
console.log(__filename, require.main === module, require('./linked').name, require('./dir/x').where, require('./linked') === require('./real-file'));
console.log(Object.keys(require.cache).join(), require.resolve('./linked'), require('fs').realpathSync(__filename) === __filename);
import('./linked.mjs').then(async (m) => console.log(m.url, m === await import('./es.mjs')));
-- real/real-file.js --
exports.name = __filename;
-- real/es.mjs --
export const url = import.meta.url;
-- other/x.js --
exports.where = __dirname + module.id;
APP
ln -s real-file.js src/real/linked.js; ln -s es.mjs src/real/linked.mjs; ln -s ../other src/real/dir; ln -s real/main.js src/start.js
as_node 'links to files and folders' start.js
report_differences
