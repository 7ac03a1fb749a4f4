. "$(dirname "$0")/common.sh"
# A baked CommonJS module has loaded an ES module by require(). When it is loaded at start, what that ES module imports
# gets into the cache, and the variables of ES modules get the values of the start.
files <<'APP'
-- main.cjs --
const names = () => Object.keys(require.cache).map((path) => path.split('/').pop()).sort().join();
console.log('before', names());
const { outer } = require('./above.cjs').loads;
console.log('loaded', outer.names.join(), outer.writes(), names());
console.log('inner', require('./inner.cjs') === require.cache[require.resolve('./inner.cjs')].exports, names());
console.log('second', require('./second.cjs').outer === outer, names());
-- above.cjs --
exports.loads = require('./loads.cjs');
-- loads.cjs --
exports.outer = require('./outer.mjs');
-- second.cjs --
exports.outer = require('./outer.mjs');
-- outer.mjs --
import inner from './inner.cjs';
export { writes } from './late.mjs';
export const names = [inner.name];
-- inner.cjs --
exports.name = require('./innermost.cjs').name;
-- innermost.cjs --
exports.name = 'innermost';
-- late.mjs --
const { stdout } = process;
export const writes = () => stdout === process.stdout && typeof stdout.write;
APP
as_node required main.cjs
baked 7
report_differences
