. "$(dirname "$0")/common.sh"
# Modules whose comment sourceMappingURL names something damaged, hostile or unusual: the build does not read
# it, positions are those of the file, and while the app enables source maps they are what they are in node.
write_apps() {
  rm -rf src hidden && mkdir src
  "$KILN_NODE" - <<'JS'
const fs = require('fs');
const base64 = (text) => 'data:application/json;base64,' + Buffer.from(text).toString('base64');
const good = { version: 3, sources: ['a.ts'], names: ['x'], mappings: 'AAAA;AACA;AACA,IAAMA' };
const map = (changes) => base64(JSON.stringify({ ...good, ...changes }));
const plain = JSON.stringify(good).replaceAll('"', '%22');
const urls = {
  good: map({}), cut: base64('{"version":3,"sources":["a.ts"],"mappings":'), empty: base64(''), null: base64('null'),
  array: base64('[]'), number: base64('1e400'), deep: base64('['.repeat(20000)), text: base64('"map"'),
  huge: map({ mappings: 'AAAA,' + 'g'.repeat(40) + '////D,AA' }), negative: map({ mappings: 'D,DDDD;DDDDD;DDDDD' }),
  letters: map({ mappings: '!!!!,é€,\\"' }), no_sources: base64('{"version":3,"mappings":"AAAA,ICAC,IDDDD"}'),
  null_sources: map({ sources: [null, 1, {}], sourcesContent: [1, null] }), no_mappings: map({ mappings: undefined }),
  out_of_range: map({ mappings: 'AAAA;AmjNAAmjN;AAAA' }), lines: map({ mappings: ';'.repeat(100000) + 'AAAA' }),
  sections: base64(JSON.stringify({ version: 3, sources: [], sections: [{ offset: { line: 0, column: 0 }, map: good }, { offset: { line: 1, column: 4 }, map: good }] })),
  bad_sections: base64(JSON.stringify({ version: 3, sources: [], sections: [{ offset: { line: -5, column: 1e300 }, map: good }, { offset: null }, { map: null }, 7] })),
  charset: map({}).replace(';', ';charset=utf-8;'), plain: 'data:application/json,' + plain, plain_charset: 'data:application/json;charset=utf-8,' + plain,
  other_type: map({}).replace('json', 'octet-stream'), bad_base64: 'data:application/json;base64,@@@@', bom: base64('\ufeff' + JSON.stringify(good)),
  version: map({ version: 99 }), root: map({ sourceRoot: 'http://[bad', sources: ['http://[', 'b.ts'] }), missing: 'nowhere/index.js.map', http: 'http://127.0.0.1:9/x.map',
  odd: 'data:;;;,,,', percent: '%%%.map', nul: '%00.map', folder: '.', long: 'x'.repeat(5000),
  names: base64('{"__proto__":{"mappings":"AAAA"},"version":3,"sources":["__proto__"],"names":["constructor"],"mappings":"AAAAA;;AAAAA"}'),
};
const names = Object.keys(urls);
for (const name of names) {
  const code = `/* two\n lines */ exports.f = () => {\n  throw new Error('${name}'); };\n//# sourceMappingURL=${urls[name]}\n`;
  fs.mkdirSync(`src/node_modules/p-${name}`, { recursive: true });
  fs.writeFileSync(`src/node_modules/p-${name}/index.js`, code);
  fs.writeFileSync(`src/own-${name}.cjs`, code);
  fs.writeFileSync(`src/${name}.mjs`, code.replace('exports.f =', 'export const f ='));
  fs.writeFileSync(`src/${name}.tsx`, `const React: any = { createElement() {} };\nenum E { A = 1 }\nexport const f = (): string => { const y = <p>{E.A}</p>;\n` +
    `  throw new Error('${name}'); };\n/* ${'sourceMappingURL='} */ const text = "//# sourceMappingURL=${name}";\n//# sourceMappingURL=${urls[name]}`);
}
const where = `const where = (f) => { try { f(); } catch (e) { return [e.message, ...e.stack.split('\\n').slice(1, 2)].join(' | '); } };\n`;
fs.writeFileSync('src/main.js', where + (names.map((name) => `console.log(where(require('p-${name}').f), where(require('./own-${name}.cjs').f));\n`)).join('') +
  `process.setSourceMapsEnabled(true);\nimport('./late.mjs').then(({ fs }) => console.log(fs.map(where).join('\\n')));\n` +
  names.map((name) => `delete require.cache[require.resolve('./own-${name}.cjs')];\nconsole.log(where(require('./own-${name}.cjs').f));\n`).join(''));
fs.writeFileSync('src/late.mjs', names.map((name, i) => `import { f as f${i} } from './${name}.mjs';\n`).join('') + `export const fs = [${names.map((name, i) => `f${i}`)}];\n`);
fs.writeFileSync('src/main.ts', names.map((name, i) => `import { f as f${i} } from './${name}.tsx';\n`).join('') + where.replace('(f)', '(f: any)') + `console.log([${names.map((name, i) => `f${i}`)}].map(where).join('\\n'));\n`);
fs.writeFileSync('wanted', names.map((name) => `${name} ${name}.tsx:4:9`).join('\n') + '\nstatus 0\n');
JS
}
write_apps
as_node 'JavaScript' main.js
for form in '' --minify; do
  write_apps
  # Nothing is said about files that are not read.
  "$KILN" build src/main.ts -o app "${flags[@]}" $form >log 2>&1 || { cat log >&2; differ+=("'build $form'"); continue; }
  ! grep -i -A3 'warning\|error' log >&2 || differ+=("'warnings $form'")
  run_to app.out "$scratch/app"
  sed -E -i 's# \| .*/(\w+\.tsx:[0-9]+:[0-9]+)\)?$# \1#' app.out
  diff wanted app.out >&2 || differ+=("'TSX $form'")
done
report_differences
