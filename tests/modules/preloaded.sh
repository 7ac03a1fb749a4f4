. "$(dirname "$0")/common.sh"
# Modules of --require and --import that replace functions of Node's loader or register hooks, as instrumentation and
# compilers do: they see the bundled modules, the entry too (--exec-argv-extension=env).
mkdir pre
cat >pre/functions.js <<'JS'
const Module = require('module');
const last = (path) => path.split('/').pop();
for (const [object, key, at] of [[Module, '_load', 0], [Module.prototype, 'require', 0], [Module.prototype, '_compile', 1], [Module._extensions, '.js', 1], [Module, 'runMain', 0]]) {
  const original = object[key];
  object[key] = function(...args) {
    console.log(key, typeof args[at] === 'string' ? last(args[at]) : args[at]);
    if (key === '_compile') args[0] = args[0].replace("'a'", "'changed'");
    return original.apply(this, args);
  };
}
JS
cat >pre/compiler.js <<'JS'
// As pirates: _compile of one module.
const { _extensions } = require('module');
const js = _extensions['.js'];
_extensions['.js'] = function(module, file) {
  const { _compile } = module;
  module._compile = function(code, name) {
    module._compile = _compile;
    return module._compile(code.replace("'a'", "'compiled'"), name);
  };
  return js(module, file);
};
JS
cat >pre/exports.js <<'JS'
// As require-in-the-middle.
const Module = require('module');
const { require: original } = Module.prototype;
Module.prototype.require = function(id) {
  const exports = original.call(this, id);
  return id === './a.js' ? { ...exports, name: `${exports.name} of ${this.filename.split('/').pop()}` } : exports;
};
JS
cat >pre/run-main.js <<'JS'
const Module = require('module');
const { runMain } = Module;
Module.runMain = function(...args) { console.log('runMain', this === Module); return runMain.apply(this, args); };
JS
cat >pre/wrapper.js <<<"require('module').wrapper[0] += 'console.log(\"in\", __filename.split(\"/\").pop());';"
cat >pre/nothing.js <<<"console.log('preloaded', module.id.split('/').pop(), require.main);"
cat >pre/hooks.mjs <<'JS'
import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) {
  const result = next(url, context);
  console.log('load', url.split('/').pop(), result.format);
  return result;
} });
JS
cat >pre/patch.mjs <<'JS'
import Module from 'node:module';
const { _load } = Module;
Module._load = function(request, ...rest) { console.log('_load', request.split('/').pop()); return _load.call(this, request, ...rest); };
JS
for options in --require=functions.js --require=compiler.js --require=exports.js --require=run-main.js --require=wrapper.js --require=nothing.js \
    --require=hooks.mjs --import=hooks.mjs --import=patch.mjs; do
  files <<'APP'
-- main.js --
console.log(require('./a.js').name, require.main === module, process.mainModule === module, module.children.length);
import('./m.mjs').then((m) => console.log(m.x, require('./sub').name));
-- a.js --
exports.name = 'a';
exports.data = require('./data.json');
-- data.json --
{ "b": 1 }
-- sub/index.js --
module.exports = require('../a.js');
-- m.mjs --
import './a.js';
export const x = 1;
APP
  NODE_OPTIONS=${options%%=*}=$scratch/pre/${options#*=} as_node "$options" main.js --exec-argv-extension=env
done
report_differences
