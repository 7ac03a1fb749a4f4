. "$(dirname "$0")/common.sh"
# import() in a text of code: programs that were compiled to CommonJS have it like this, since their compiler makes require() of import().
files <<'APP'
-- main.cjs --
const show = (label, promise) => promise.then((m) => console.log(label, m.name), (e) => console.log(label, e.code ?? e.message));
const dynamicImport = new Function('specifier', 'return import(specifier)');
const withOptions = Function('s', 'o', 'return import(s, o)');
const evaluated = eval('(s) => import(s)');
(async () => {
  await show('relative', dynamicImport('./lib/one.mjs'));
  await show('package', dynamicImport('esm-only'));
  await show('constant', dynamicImport(__filename.length > 0 ? './lib/two.mjs' : './lib/one.mjs'));
  await show('options', withOptions('./lib/three.json', { with: { type: 'json' } }).then((m) => m.default));
  await show('eval', evaluated('./lib/four.mjs'));
  await show('at once', new Function('s', 'return import(s)')('./lib/five.mjs'));
  await show('literal', Function('return import("./lib/six.mjs")')());
  await show('missing', dynamicImport('./lib/none.mjs'));
  await show('exported', require('./load.cjs').load('./lib/seven.mjs'));
  await show('command', require('cli').run());
})();
-- load.cjs --
exports.load = new Function('file', 'return import(file);');
-- lib/one.mjs --
export const name = 'one';
-- lib/two.mjs --
export const name = 'two';
-- lib/three.json --
{"name": "three"}
-- lib/four.mjs --
export const name = 'four';
-- lib/five.mjs --
export const name = 'five';
-- lib/six.mjs --
export const name = 'six';
-- lib/seven.mjs --
export const name = 'seven';
-- node_modules/esm-only/package.json --
{"name": "esm-only", "type": "module", "exports": {"import": "./index.js"}}
-- node_modules/esm-only/index.js --
export const name = 'esm-only';
-- node_modules/cli/package.json --
{"name": "cli", "main": "bin/cli.cjs"}
-- node_modules/cli/bin/cli.cjs --
exports.run = function run() {
  var dynamicImport = new Function("module", "return import(module)");
  return dynamicImport("../internal/main.mjs").then((main) => main.default());
};
-- node_modules/cli/internal/main.mjs --
import { createRequire } from 'node:module';
export default async () => ({ name: (await import('./part.mjs')).part + typeof createRequire });
-- node_modules/cli/internal/part.mjs --
export const part = 'part ';
APP
as_node 'import() in texts of code' main.cjs
report_differences
