. "$(dirname "$0")/common.sh"
# data: URLs as modules: literal and computed, with attributes, media types, what they import and from where they are imported.
files <<'APP'
-- main.mjs --
import json from 'data:application/json,{"a":[1,"%C3%A9"]}' with { type: 'json' }; import again from "data:application/json,{%22a%22:[1]}" with { type: "json" }; import b64, * as ns from 'data:text/javascript;base64,ZXhwb3J0IGRlZmF1bHQgNjQ7IGV4cG9ydCBjb25zdCB1cmwgPSBpbXBvcnQubWV0YS51cmw7';
export { x as y } from 'data:text/javascript,export const x = 1'; export * as all from `data:text/javascript,export const z = 2`; import * as self from './main.mjs'; import './other.mjs'; import cjs from './cjs.cjs';
APP
sed -i 's/ export \* as all from `data:text\/javascript,export const z = 2`;/ export * as all from "data:text\/javascript,export const z = 2";/' src/main.mjs
cat >>src/main.mjs <<'JS'
const t = async (label, f) => { try { console.log(label, await f()); } catch (e) { console.log(label, e?.name, e?.code, `${e?.message}`.split('\n')[0]); } };
console.log(json, again, b64, ns.url.slice(0, 30), self.y, self.all.z, cjs);
await t('literal', async () => (await import('data:text/javascript,export default 1')).default);
await t('twice the same', async () => (await import('data:text/javascript,export default {}')).default === (await import('data:text/javascript,export default {}')).default);
await t('fragment', async () => (await import('data:text/javascript,export default {}#1')).default === (await import('data:text/javascript,export default {}#2')).default);
await t('template', async () => (await import(`data:text/javascript,export default ${json.a.length}`)).default);
await t('json', async () => (await import('data:application/json,{"b":2}', { with: { type: 'json' } })).default.b);
await t('json without', () => import('data:application/json,{"b":2}'));
await t('json as text', () => import('data:text/json,1', { with: { type: 'json' } }));
await t('json, wrong', () => import('data:application/json,{', { with: { type: 'json' } }));
await t('json with parameters', async () => (await import('data:application/json;charset=utf-8;x=y,[3]', { with: { type: 'json' } })).default);
await t('json in base64', async () => (await import('data:application/json;base64,WzRd', { with: { type: 'json' } })).default);
await t('javascript as json', () => import('data:text/javascript,1', { with: { type: 'json' } }));
await t('css', () => import('data:text/css,a{}', { with: { type: 'css' } }));
await t('text', () => import('data:text/plain,x'));
await t('no type', () => import('data:,export default 5'));
await t('upper case', async () => (await import('DATA:text/javascript,export default 6')).default);
await t('type in upper case', () => import('data:TEXT/JavaScript,export default 7'));
await t('application/javascript', () => import('data:application/javascript,export default 8'));
await t('typescript', () => import('data:application/typescript,export default 8 as number'));
await t('no comma', () => import('data:text/javascript'));
await t('empty', async () => Object.keys(await import('data:text/javascript,')).length);
await t('escapes', async () => (await import('data:text/javascript,export%20default%20%22%25%0A%22.length')).default);
await t('plus', async () => (await import('data:text/javascript,export default 1+1')).default);
await t('imports a builtin', async () => (await import('data:text/javascript,import p, { sep } from "node:path"; export default [sep, typeof p.join].join()')).default);
await t('imports a bare name', () => import('data:text/javascript,import "dep"'));
await t('imports a relative name', () => import('data:text/javascript,import "./other.mjs"'));
await t('imports an absolute name', () => import('data:text/javascript,import "/other.mjs"'));
await t('imports #', () => import('data:text/javascript,import "#x"'));
await t('imports a file', async () => { globalThis.base = import.meta.url; return (await import('data:text/javascript,const { other } = await import(new URL("./other.mjs", base)); export default other')).default; });
await t('imports by file:', async () => (await import(`data:text/javascript,export { other as default } from "${new URL('./other.mjs', import.meta.url)}"`)).default);
await t('nested', async () => (await import('data:text/javascript,export { default } from "data:text/javascript,export default 9"')).default);
await t('meta', async () => (await import('data:text/javascript,export default [Object.keys(import.meta), import.meta.dirname, import.meta.main, import.meta.url].join()')).default);
await t('meta.resolve', () => import('data:text/javascript,import.meta.resolve("dep")'));
await t('meta.resolve of a builtin', async () => (await import('data:text/javascript,export default import.meta.resolve("fs")')).default);
await t('this', async () => (await import('data:text/javascript,export default [typeof this, typeof require, typeof module].join()')).default);
await t('await', async () => (await import('data:text/javascript,export default await Promise.resolve(10)')).default);
await t('throws', () => import('data:text/javascript,throw new RangeError("own")'));
await t('syntax', () => import('data:text/javascript,const ='));
await t('missing export', () => import('data:text/javascript,import { nope } from "node:fs"'));
await t('resolve', () => [import.meta.resolve('data:text/javascript,1'), import.meta.resolve('data:x')].join());
await t('promise', () => import('data:text/javascript,export const then = (f) => f("thenable")'));
await t('function', async () => { const m = await import('data:text/javascript,export function f() { return f.name + new Error().stack.split("\\n")[1].trim(); }'); return m.f(); });
JS
cat >src/other.mjs <<'JS'
import value from 'data:text/javascript,globalThis.count = (globalThis.count ?? 0) + 1; export default count'; import same from 'data:text/javascript,globalThis.count = (globalThis.count ?? 0) + 1; export default count';
export const other = 'other'; console.log('other', value, same);
JS
cat >src/cjs.cjs <<'JS'
try { require('data:text/javascript,1'); } catch (e) { console.log(e.code); }
import('data:text/javascript,export default "from CommonJS"').then((m) => console.log(m.default)); module.exports = 'cjs';
JS
file src/node_modules/dep/index.js <<<'module.exports = 1;'
as_node 'data: URLs' main.mjs
report_differences
