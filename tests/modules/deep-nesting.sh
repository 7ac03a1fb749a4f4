. "$(dirname "$0")/common.sh"
# Deeply nested source is compiled where node compiles it, and otherwise the error names the file.
# Each module exports what it finds; the numbers are as deep as node goes, or near to it.
mkdir src
"$KILN_NODE" - <<'JS'
const fs = require('fs'), n = 1900, write = (name, text) => fs.writeFileSync(`src/${name}`, text), r = (text, count) => text.repeat(count);
const texts = {
  brackets: [`${r('[', n)}${r(']', n)}`, 'x.length'], more: [`${r('[', 3000)}${r(']', 3000)}`, 'x.length'], parentheses: [`${r('(', n)}1${r(')', n)}`, 'x'],
  objects: [`${r('{a:', 1500)}1${r('}', 1500)}`, 'Object.keys(x)'], chain: [Array(9000).fill('1').join('+'), 'x'], strings: [Array(3000).fill('"a"').join('+'), 'x.length'], ternary: [`${Array(3000).fill(0).map((_, i) => `7===${i + 10}?${i}:`).join('')}-1`, 'x'],
  functions: [`${r('()=>(', 500)}1${r(')', 500)}`, 'typeof x()()'], template: [`${r('`${', 700)}1${r('}`', 700)}`, 'x'], unary: [`${r('!', 3000)}1`, 'x'], members: [`new Proxy(function(){},{get:(t,k,r)=>r,apply:(t)=>t.self??=new Proxy(t,{get:(t,k,r)=>r,apply:(t)=>t.self})})${r('.a()', 2000)}`, 'typeof x'], commas: [`(${Array(9000).fill('2').join()})`, 'x'],
};
let main = '';
for (const [name, [text, value]] of Object.entries(texts)) {
  write(`${name}.cjs`, `const x = ${text}; module.exports = ${value};`); write(`${name}.mjs`, `const x = ${text}; export default ${value};`);
  main += `console.log('${name}', require('./${name}.cjs'), (await import('./${name}.mjs')).default);\n`;
}
write('blocks.cjs', `${r('{', 1900)}exports.b = 1;${r('}', 1900)}`); write('else.cjs', `${Array(3000).fill(0).map((_, i) => `if (7 === ${i + 10}) exports.e = ${i}; else `).join('')}exports.e = 'none';`); write('lazy.cjs', `exports.f = () => ${r('[', 1500)}${r(']', 1500)};`); write('deep.json', `${r('[', 20000)}${r(']', 20000)}`);
write('main.mjs', `import { createRequire } from 'node:module'; import parentheses from './parentheses.mjs'; const require = createRequire(import.meta.url); console.log(parentheses, require('./blocks.cjs'), require('./else.cjs'), require('./lazy.cjs').f().length, require('./deep.json').length);\n${main}`);
JS
as_node 'nested expressions' main.mjs

rm -rf src && mkdir src
"$KILN_NODE" -e "const fs = require('fs'), deep = 'x = ' + '('.repeat(50000) + '1' + ')'.repeat(50000); fs.writeFileSync('src/deep.cjs', deep); fs.writeFileSync('src/deep.mjs', 'let ' + deep); fs.writeFileSync('src/first.cjs', 'require(\'./deep.cjs\')'); fs.writeFileSync('src/second.mjs', 'import \'./first.mjs\''); fs.writeFileSync('src/first.mjs', 'import \'./deep.mjs\'');"
for entry in first.cjs second.mjs; do
  ! "$KILN" build "src/$entry" -o app "${flags[@]}" >log 2>&1 || { echo "kiln build of $entry did not fail" >&2; differ+=("'$entry'"); }
  grep -q "src/deep\.[cm]js: error: The code is nested too deeply" log || { cat log >&2; differ+=("'the name in the error of $entry'"); }
done
report_differences
