. "$(dirname "$0")/common.sh"
# CommonJS as in Node: sloppy mode, module objects, cycles, the cache, errors.
file main.js <<'JS'
#!/usr/bin/env node
const a = require('./a');
console.log(a.name, require('./a.js') === a, require.main === module, module.id);
console.log(require.resolve('./a') === module.children[0].id, this === exports, __filename === module.filename);
console.log(require('path').basename(__dirname) === require('path').basename(require('path').dirname(__filename)));
console.log(require('./fn')(2), typeof require('node:fs').readFileSync, require('./data').list.length);
console.log(require('./folder').from, require('./cycle-a').done, require('./cycle-b').saw);
delete require.cache[require.resolve('./count')];
console.log(require('./count').n, (delete require.cache[require.resolve('./count')], require('./count').n));
for (let i = 0; i < 2; i++) try { require('./throws'); } catch (e) { console.log(e.message); }
try { require('./absent'); } catch (e) { console.log(e.code, e.message.split('\n')[0]); }
console.log(module instanceof require('module'), module.require('./a') === a, module.loaded);
(function (require) { console.log(require('./a')); })((x) => 'own require of ' + x);
console.log(undeclared = 1, (function () { return typeof this; })(), Object.keys(require.cache).length > 5);
JS
file a.js <<'JS'
with ({ x: 'sloppy' }) exports.name = x + ' \u00e4 ' + typeof module.parent + ' ü';
JS
file fn.js <<< 'module.exports = (n) => n * 2; return;'
file data.json <<< '{"list": [1, 2, 3]}'
file folder/package.json <<< '{"main": "./lib/x"}'
file folder/lib/x.js <<< 'exports.from = "folder/lib/x";'
file cycle-a.js <<< 'exports.early = 1; require("./cycle-b"); exports.done = true;'
file cycle-b.js <<< 'exports.saw = Object.keys(require("./cycle-a")).join();'
file count.js <<< 'exports.n = globalThis.n = (globalThis.n || 0) + 1;'
file throws.js <<< 'throw new Error("thrown " + (globalThis.t = (globalThis.t || 0) + 1));'
build main.js
expect <<'OUT'
sloppy ä object ü true true .
true true true
true
4 function 3
folder/lib/x true early
1 2
thrown 1
thrown 2
MODULE_NOT_FOUND Cannot find module './absent'
true true false
own require of ./a
1 object true
OUT
