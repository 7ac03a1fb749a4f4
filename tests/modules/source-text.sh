. "$(dirname "$0")/common.sh"
# Source text is kept: regular expressions, String.raw, non-ASCII, separators, hashbangs (report 03).
files <<'APP'
-- main.mjs --
import { all } from './other.mjs';
const show = (x) => console.log(JSON.stringify(x), x.length);
for (const re of [/é+/u, /[а-яё]/i, /\u00e9/, /\//, /[/]é/g, /(?<имя>\p{L})😀/u, /日|本/dgimsuy]) show(re.source + '|' + re.flags);
show(String.raw`é\n${1}\u{1F600}😀`); show(String.raw`x\\y`); show(`\u00e9é`);
((s, ...v) => show(s.raw.join('|') + s.join('|') + v))`ß\x41${'ж'}\q`;
show(/(?<имя>.)/u.exec('x').groups.имя); show('\u2028'.length + 'a@SEPARATOR@b'.codePointAt(1).toString(16));
all(show);
APP
LC_ALL=C.UTF-8 sed -i 's/@SEPARATOR@/\xe2\x80\xa8/' src/main.mjs
file src/other.mjs <<'JS'
export function all(show) {
  const größe = 1, ключ = 2, 变量 = 3; show(Object.keys({ größe, ключ, 变量 }).join());
  show(/\xe9é\u{e9}/u.source); show(new RegExp('é', 'u').source); show(eval('/é/').source);
  show(String.raw`line
two`); show('😀'.split('').map((c) => c.charCodeAt(0).toString(16)).join());
  show(Object.keys({ 'a\u0301': 1, á: 2 }).join());
}
JS
as_node 'regular expressions and templates' main.mjs

files <<'APP'
-- main.cjs --
#!/usr/bin/env node
'use strict';
const { latin, wide } = require('./lib.cjs');
for (const f of [latin, wide]) console.log(JSON.stringify([f(), f.toString(), f.name]));
console.log(/ÿ/.source, String.raw`ÿ\u00ff`, JSON.stringify(/[\u{1F600}-\u{1F64F}]😀/u.source));
console.log((function () { return this; })());
-- lib.cjs --
exports.latin = function latin() { return 'ÿ' + /ÿ/.source + String.raw`ÿ\ÿ`; };
exports.wide = function wide() { return 'Ā' + /Ā/.source + String.raw`Ā\Ā`; };
APP
as_node 'CommonJS, one byte and two bytes a character' main.cjs

files <<'APP'
-- main.mjs --
import './latin.mjs'; import './bom.mjs'; import './crlf.mjs'; import './hashbang.mjs'; import bom from './bom.cjs'; import data from './bom.json' with { type: 'json' };
console.log(bom, data);
-- latin.mjs --
console.log('ÿ', 'ÿ'.length, /ÿ/.test('ÿ'), new Error('ÿ').stack.split('\n')[1]);
-- bom.mjs --
console.log('bom', new Error().stack.split('\n')[1].trim());
-- crlf.mjs --
const t = `one
two`;
console.log(JSON.stringify(t), JSON.stringify(String.raw`a
b`), new Error().stack.split('\n')[1].trim());
-- hashbang.mjs --
#!/bin/false é
console.log('hashbang', new Error().stack.split('\n')[1].trim());
-- bom.cjs --
#!/bin/false
module.exports = ['bom.cjs', new Error().stack.split('\n')[1].trim(), (function () { return typeof this; })()].join();
-- bom.json --
{ "ключ": "é\u00e9" }
APP
for one in bom.mjs bom.cjs bom.json; do printf '\xef\xbb\xbf' | cat - src/$one >with && mv with src/$one; done
sed -i 's/$/\r/' src/crlf.mjs
as_node 'byte order marks, CRLF and hashbangs' main.mjs

files <<'APP'
-- main.mjs --
const 𠮷 = 'astral', ℮ = 1;
console.log({ 𠮷, ℮ }, (() => { try { null.ключ; } catch (e) { return e.message; } })(), (() => { try { нет(); } catch (e) { return e.message; } })());
class Ñandú { static #приват = 1; static m() { return Object.getOwnPropertyNames(this).join() + this.#приват; } }
console.log(Ñandú.m(), new Ñandú(), Ñandú.name, [function ü() {}, { 'ключ 1': () => 1 }['ключ 1']]);
export const ns = await import('./ns.mjs');
console.log(ns, ns['🙂 key']);
console.log(new Error('Ошибка').stack.split('\n').slice(0, 2).join('|'));
-- ns.mjs --
const v = 'wide'; export { v as '🙂 key', v as é }; export default '\ud83d'.length;
APP
as_node 'identifiers and export names' main.mjs
report_differences
