. "$(dirname "$0")/common.sh"
# What "imports" and "exports" of package.json lead to: conditions, patterns, lists, null, built-in modules, the
# package itself, for require(), import and the functions that resolve (reports 12, 48, 72).
files <<'APP'
-- package.json --
{"name": "self", "type": "module", "exports": {".": ["in:valid", {"import": "./src/i.mjs", "require": "./src/r.cjs"}, "./src/never.js"], "./deep": {"node": {"import": {"default": "./src/i.mjs"}, "default": "./src/r.cjs"}}, "./x/*": "./src/*.mjs", "./x/*.cjs": {"require": "./src/*.cjs"}, "./x/secret*": null, "./list": [null, {"none": "./src/none.js"}, ["./src/i.mjs"]], "./dir/": "./src/", "./package.json": "./package.json", "./none": {"none": "./src/i.mjs"}, "./up": "./src/../src/i.mjs", "./abs": "/etc/passwd", "./mods": "./node_modules/dep/index.js", "./gone": "./src/gone.mjs", "./json": "./data.json", "./empty": [], "./number": 5, "./string": "src/i.mjs"},
 "imports": {"#a": "./src/i.mjs", "#c": {"import": "./src/i.mjs", "require": "./src/r.cjs"}, "#n/*": {"node": {"require": "./src/*.cjs", "default": "./src/*.mjs"}}, "#n/no/*": null, "#fs": "fs", "#url": "node:url", "#path": {"default": "node:path/posix"}, "#dep": "dep", "#dep/*": "dep/lib/*.js", "#list": ["bad:url", null, "./src/r.cjs"], "#nothing": null, "#cond": {"none": "./x"}, "#bad": "../x", "#json": "./data.json", "#dir/": "./src/", "#self": "self/deep", "#nodefault": {"require": "./src/r.cjs"}, "#nest": [{"none": "./x"}, {"import": ["x:y", "./src/i.mjs"]}, "./src/r.cjs"], "#star*": "./src/*", "#s*r": "./src/*.mjs"}}
-- main.js --
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const flat = (x) => x?.default?.kind ?? x?.kind ?? (x?.default ? typeof x.default : typeof x);
const t = async (label, f) => { try { return `${label}: ${flat(await f())}`; } catch (e) { return `${label}: ${e.code} ${`${e.message}`.split('\n')[0]}`; } };
const r = (label, f) => { try { return `${label}: ${f()}`; } catch (e) { return `${label}: ${e.code}`; } };
const uses = [
  ['self', () => import('self'), () => require('self'), () => import.meta.resolve('self'), () => require.resolve('self')],
  ['self/deep', () => import('self/deep'), () => require('self/deep'), () => import.meta.resolve('self/deep'), () => require.resolve('self/deep')],
  ['self/x/i', () => import('self/x/i'), () => require('self/x/i'), () => import.meta.resolve('self/x/i'), () => require.resolve('self/x/i')],
  ['self/x/r.cjs', () => import('self/x/r.cjs'), () => require('self/x/r.cjs'), () => import.meta.resolve('self/x/r.cjs'), () => require.resolve('self/x/r.cjs')],
  ['self/x/secret1', () => import('self/x/secret1'), () => require('self/x/secret1'), () => import.meta.resolve('self/x/secret1'), () => require.resolve('self/x/secret1')],
  ['self/list', () => import('self/list'), () => require('self/list'), () => import.meta.resolve('self/list'), () => require.resolve('self/list')],
  ['self/dir/i.mjs', () => import('self/dir/i.mjs'), () => require('self/dir/i.mjs'), () => import.meta.resolve('self/dir/i.mjs'), () => require.resolve('self/dir/i.mjs')],
  ['self/package.json', () => import('self/package.json', { with: { type: 'json' } }), () => require('self/package.json'), () => import.meta.resolve('self/package.json'), () => require.resolve('self/package.json')],
  ['self/none', () => import('self/none'), () => require('self/none'), () => import.meta.resolve('self/none'), () => require.resolve('self/none')],
  ['self/up', () => import('self/up'), () => require('self/up'), () => import.meta.resolve('self/up'), () => require.resolve('self/up')],
  ['self/abs', () => import('self/abs'), () => require('self/abs'), () => import.meta.resolve('self/abs'), () => require.resolve('self/abs')],
  ['self/mods', () => import('self/mods'), () => require('self/mods'), () => import.meta.resolve('self/mods'), () => require.resolve('self/mods')],
  ['self/gone', () => import('self/gone'), () => require('self/gone'), () => import.meta.resolve('self/gone'), () => require.resolve('self/gone')],
  ['self/json', () => import('self/json', { with: { type: 'json' } }), () => require('self/json'), () => import.meta.resolve('self/json'), () => require.resolve('self/json')],
  ['self/empty', () => import('self/empty'), () => require('self/empty'), () => import.meta.resolve('self/empty'), () => require.resolve('self/empty')],
  ['self/number', () => import('self/number'), () => require('self/number'), () => import.meta.resolve('self/number'), () => require.resolve('self/number')],
  ['self/string', () => import('self/string'), () => require('self/string'), () => import.meta.resolve('self/string'), () => require.resolve('self/string')],
  ['self/', () => import('self/'), () => require('self/'), () => import.meta.resolve('self/'), () => require.resolve('self/')],
HASHES
];
for (const [name, imported, required, resolved, found] of uses)
  console.log([name, await t('import', imported), await t('require', required), r('resolve', resolved), r('require.resolve', found)].join('\n  '));
console.log(await import('self') === await import('#a'), require('self') === require('#c'), require('./src/i.mjs').default.kind, (await import('self')).self);
-- src/i.mjs --
import { createRequire } from 'node:module';
export default { kind: 'import' }; export const self = [import.meta.resolve('self'), import.meta.resolve('#c'), createRequire(import.meta.url).resolve('self'), createRequire(import.meta.url)('#c').kind].join();
-- src/r.cjs --
exports.kind = 'require'; exports.own = () => require('self').own === exports.own;
-- src/secret1.mjs --
export default 1;
-- data.json --
{"kind": "json"}
-- node_modules/dep/package.json --
{"name": "dep", "exports": {".": "./index.js", "./lib/*.js": "./lib/*.js"}}
-- node_modules/dep/index.js --
exports.kind = 'dep';
-- node_modules/dep/lib/one.js --
exports.kind = 'dep one';
APP
hashes=
for name in '#a' '#c' '#n/i' '#n/r' '#n/no/i' '#n/' '#fs' '#url' '#path' '#dep' '#dep/one' '#dep/two' '#list' '#nothing' '#cond' '#bad' '#json' '#dir/i.mjs' '#self' '#nodefault' '#nest' '#star' '#stari.mjs' '#sir' '#none' '#' '#/a'; do
  attributes=; [[ $name != '#json' ]] || attributes=", { with: { type: 'json' } }"
  hashes+="  ['$name', () => import('$name'$attributes), () => require('$name'), () => import.meta.resolve('$name'), () => require.resolve('$name')],\n"
done
sed -i "s|^HASHES\$|$hashes|" src/main.js
as_node 'imports and exports' main.js
report_differences
