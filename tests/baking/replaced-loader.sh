. "$(dirname "$0")/common.sh"
# Functions of Module that the app replaces, and hooks that it registers, before modules are first loaded that were evaluated
# by the build: they are called for them, and what they change has effect.
# Only when they run, not in the builder, where modules that a changed loader loads are not baked.
export REPLACE=1
files <<'APP'
-- main.js --
const Module = require('module'), path = require('path'), base = (x) => typeof x === 'string' ? path.basename(x) : typeof x;
const { REPLACE } = process.env;
const replaced = (object, name, make, f) => { if (!REPLACE) return f(); const old = object[name]; object[name] = make(old); try { return f(); } finally { object[name] = old; } };
const seen = [], note = (old) => function (...args) { seen.push(args.map(base).slice(0, 1)); return old.apply(this, args); };
const t = (label, f) => { seen.length = 0; console.log(label, f(), seen.join()); };
t('_load', () => replaced(Module, '_load', note, () => require('./a').a));
t('require', () => replaced(Module.prototype, 'require', note, () => require('./b').b));
t('_resolveFilename', () => replaced(Module, '_resolveFilename', (old) => (request, ...rest) => old(request === './c' ? './d' : request, ...rest), () => require('./c').d));
t('_compile', () => replaced(Module.prototype, '_compile', (old) => function (text, file) { seen.push(base(file)); return old.call(this, text.replaceAll('plain', 'changed'), file); }, () => require('./e').e));
t('_extensions', () => replaced(Module._extensions, '.js', (old) => function (module, file) { seen.push(base(file)); return old(module, file); }, () => require('./f').f));
t('wrapper', () => { const old = Module.wrapper[0]; if (REPLACE) Module.wrapper[0] = old + 'var injected = 1;'; try { return require('./g').g; } finally { Module.wrapper[0] = old; } });
// Afterwards all is as before, and what was evaluated then stays.
t('afterwards', () => [require('./a').a, require('./lib').lib, require('./e').e, require('./late').late].join());
if (REPLACE) { delete require.cache[require.resolve('./e')]; delete require.cache[require.resolve('./lib')]; }
t('anew', () => [require('./e').e, require('./e').lib === require('./lib').lib].join());
const hooks = REPLACE && Module.registerHooks({ resolve(specifier, context, next) { seen.push('resolve ' + base(specifier)); return next(specifier, context); },
  load(url, context, next) { const r = next(url, context); seen.push('load ' + base(url)); if (url.endsWith('hooked.js')) return { ...r, source: String(r.source).replace('plain', 'hooked') }; return r; } });
t('hooks', () => require('./hooked').h);
hooks?.deregister();
t('without hooks', () => [require('./unhooked').h, require('./hooked').h].join());
-- a.js --
exports.a = 'plain a ' + require('./lib').lib;
-- lib.js --
exports.lib = 'plain lib';
-- b.js --
exports.b = 'plain b ' + require('./lib').lib;
-- c.js --
exports.d = 'plain c';
-- d.js --
exports.d = 'plain d';
-- e.js --
exports.e = 'plain e'; exports.lib = require('./lib').lib;
-- f.js --
exports.f = 'plain f';
-- g.js --
exports.g = typeof injected;
-- late.js --
exports.late = 'plain late ' + require('./lib').lib;
-- hooked.js --
exports.h = 'plain h ' + require('./unhooked').h;
-- unhooked.js --
exports.h = 'plain u';
APP
as_node 'replaced before the first load' main.js
baked '[1-9][0-9]*'

# Hooks are not asked for what import statements have loaded already.
files <<'APP'
-- main.mjs --
import { registerHooks, createRequire } from 'node:module'; import './first.cjs';
const require = createRequire(import.meta.url), seen = [], base = (x) => x.split('/').pop();
if (process.env.REPLACE) registerHooks({ resolve(s, c, next) { seen.push('resolve ' + base(s)); return next(s, c); }, load(u, c, next) { seen.push('load ' + base(u)); return next(u, c); } });
console.log(require('./first.cjs').first, require('./second.cjs').second, seen.join());
-- first.cjs --
exports.first = 1; require('./deep.cjs');
-- second.cjs --
exports.second = 2; require('./deep.cjs');
-- deep.cjs --
exports.deep = 1;
APP
as_node 'hooks after import' main.mjs
baked '[1-9]'
report_differences
