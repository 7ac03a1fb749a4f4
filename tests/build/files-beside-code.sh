. "$(dirname "$0")/common.sh"
# Files next to the code that the code reads, and files that --asset adds.
file package.json <<< '{"name": "app"}'
file main.js <<'JS'
const fs = require('fs'), path = require('path');
console.log(fs.readFileSync(path.join(__dirname, 'text.txt'), 'utf8').trim());
console.log(fs.readFileSync(`${__dirname}/views/a.html`, 'utf8').trim(), fs.readdirSync(__dirname + '/views').join());
const dir = path.resolve(__dirname, 'pages');
console.log(fs.readFileSync(path.join(dir, process.argv[2] + '.md'), 'utf8').trim());
console.log(fs.readFileSync(require.resolve('pkg/data.bin')).length, require('pkg')('x'));
console.log(fs.existsSync(path.join(__dirname, 'extra', 'e.dat')), fs.statSync(path.join(__dirname, 'views')).isDirectory());
import('./module.mjs').then((m) => console.log(m.text));
JS
file module.mjs <<'JS'
import fs from 'fs';
import { fileURLToPath } from 'url';
import { dirname, join } from 'path';
const here = dirname(fileURLToPath(import.meta.url));
export const text = fs.readFileSync(new URL('./text.txt', import.meta.url), 'utf8').trim() +
  fs.readFileSync(join(here, 'views', 'a.html'), 'utf8').trim();
JS
file text.txt <<< 'some text'
file views/a.html <<< '<a>'
file views/b.html <<< '<b>'
file pages/one.md <<< '# one'
file extra/e.dat <<< 'e'
file node_modules/pkg/package.json <<< '{"name": "pkg", "main": "index.js"}'
file node_modules/pkg/index.js <<< 'const d = __dirname; module.exports = (n) => require("fs").readFileSync(find(d, n), "utf8").trim(); const find = (folder, name) => folder + "/" + name + ".tpl";'
file node_modules/pkg/x.tpl <<< 'template'
file node_modules/pkg/data.bin <<< '1234'
build main.js --asset 'extra/*.dat'
rm -rf node_modules text.txt views pages extra
expect one <<'OUT'
some text
<a> a.html,b.html
# one
5 template
true true
some text<a>
OUT

# A folder with what Node lists in it, and folders of which only the beginning of the name is known.
file src/create.mjs <<'JS'
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
const [, , name] = process.argv;
const list = (folder) => console.log(fs.readdirSync(folder, { recursive: true }).sort().join(' '));
const template = path.resolve(fileURLToPath(import.meta.url), '../..', `template-${name}`);
list(template);
list(new URL('../parts', import.meta.url));
list(new URL('../heavy', import.meta.url));
const cycle = fileURLToPath(new URL('../cycle', import.meta.url));
// Node's own recursion follows links, so it would not end here.
const below = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((d) => {
  const at = path.join(folder, d.name);
  return [path.relative(cycle, at) + (d.isSymbolicLink() ? '@' : ''), ...(d.isDirectory() ? below(at) : [])];
});
console.log(below(cycle).sort().join(' '));
console.log(fs.readFileSync(import.meta.dirname + '/../notes-' + name + '.txt', 'utf8').trim());
console.log(fs.existsSync(path.join(import.meta.dirname, '..', 'other-' + name)));
JS
file template-one/src/App.jsx <<< 'x'
file outer-one.txt <<< x
file template-one/.vscode/settings.json <<< '{}'
file template-one/.eslintrc <<< '{}'
file template-one/package.json <<< '{}'
file template-two/a.ts <<< 'x'
file parts/sub/node_modules/q/index.js <<< 'q'
file parts/sub/.git/HEAD <<< 'no'
file parts/.gitignore <<< 'x'
file notes-one.txt <<< 'note'
file unrelated.txt <<< 'no'
file .env <<< 'SECRET=1'
mkdir -p cycle/a cycle/b
file cycle/a/one <<< 1
file cycle/b/two <<< 2
ln -s ../b cycle/a/b; ln -s ../a cycle/b/a; ln -s / cycle/root; ln -s /usr/share cycle/share; ln -s .. cycle/up; ln -s nowhere cycle/none
mkdir -p heavy/.cache heavy/node_modules
truncate -s 33M heavy/.cache/large heavy/node_modules/large
file heavy/a.txt <<< a
build src/create.mjs
says 'not embedded: the link cycle/root, which leads to nothing that is embedded'
says 'not embedded: the 34.6 MB in hidden folders of heavy'
says 'not embedded: the 34.6 MB in node_modules of heavy'
"$KILN" inspect app >listed
! grep -E 'unrelated|\.env|HEAD|outer|large' listed
rm -rf template-one template-two parts heavy cycle notes-one.txt
expect one <<'OUT'
.eslintrc .vscode .vscode/settings.json package.json src src/App.jsx
.gitignore sub sub/node_modules sub/node_modules/q sub/node_modules/q/index.js
a.txt
a a/b@ a/one b b/a@ b/two none@ up@
note
false
OUT

# A folder that a function of another module makes of import.meta, and a program that is read as text.
file assets.mjs <<'JS'
import fs from 'node:fs';
import { getModuleDirectory } from './lib/where.mjs';
const here = getModuleDirectory(import.meta);
console.log(fs.readFileSync(`${here}/dist/client.js`, 'utf8').trim(), fs.readFileSync(getModuleDirectory(import.meta) + '/dist/page.html', 'utf8').trim());
JS
file lib/where.mjs <<'JS'
import path from 'node:path';
import { fileURLToPath } from 'node:url';
export const getModuleDirectory = (meta) => path.dirname(fileURLToPath(meta.url));
JS
file dist/client.js <<< 'alert("client");'
file dist/page.html <<< '<page>'
build assets.mjs
rm -rf dist lib
expect <<'OUT'
alert("client"); <page>
OUT
