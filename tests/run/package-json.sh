. "$(dirname "$0")/../build/common.sh"
# package.json files that are read while an app runs: the meaning of unusual ones, and the messages
# about invalid ones, are the same as in the pinned Node.
: "${KILN_NODE:?set KILN_NODE to the official node}"
file main.js <<'JS'
const fs = require('fs'), path = require('path');
const { createRequire } = require('module');
const latin1 = (text) => Buffer.from(text, 'latin1');
const inString = (...bytes) => Buffer.from([...Buffer.from('{"name":"'), ...bytes, ...Buffer.from('"}')]);
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const texts = [
  // the frame
  '', ' ', '{}', '[]', '"x"', '1', 'null', '\ufeff{"name":"a","main":"m.js"}', '{"name":"a"} x', '{"name":"a"}{}',
  '{"name":"a"} }', '{"name":"a",}', '{,"name":"a"}', '{"name":"a" "main":"m.js"}', '{"name" "a"}', '{"name":"a"',
  '{"name":"a}', "{'name':'a'}", '{/* c */"name":"a"}', '{"name":"a"}// c', '{\v"name":"a"}', '{\u00a0"name":"a"}',
  '{"name":"a"}\0', '{"name":\0"a"}', '{1:2}', '{:2}', '{"name":}',
  // fields that are not used
  '{"x":[1,2,"name":"a"}', '{"x":[1 2 {]}],"name":"a"}', '{"x":tru,"name":"a"}', '{"x":01,"name":"a"}',
  '{"x":[}],"name":"a"}', '{"x":,"name":"a"}', '{"x":1,,"name":"a"}', '{"x"::1,"name":"a"}', '{"x":true"y","name":"a"}',
  '{"x":{}{},"name":"a"}', '{"x":1e999,"y":123456789012345678901234567890,"name":"a"}', '{"x":"\u0001","name":"a"}',
  `{"x":${nested(2000)},"name":"a"}`,
  // name, main, type
  '{"name":1}', '{"name":null}', '{"name":"\\ud800"}', '{"name":"\\udc00x"}', '{"name":"\\ud83d\\ude00"}',
  '{"name":"\\ud83d\\u0041"}', '{"name":"\\q"}', '{"name":"\\b\\f\\n\\r\\t\\/\\\\\\""}', '{"name":"a\tb"}', '{"name":"a\\u0000b"}',
  '{"n\\u0061me":"a"}', '{"main":1,"name":"a"}', '{"main":"\\q","name":"a"}', '{"main":"\\ud800","name":"a"}',
  '{"main":{},"name":"a"}', '{"main":null}', '{"main":"m.js","main":"b.js"}', '{"main":"m.js","main":7}', '{"type":"module"}',
  '{"type":"other"}', '{"type":1}', '{"type":"module","type":"x"}', '{"type":null}',
  // exports, imports, scripts
  '{"exports":"./m.js"}', '{"exports": { "." : "./m.js" } , "name":"a"}', '{"exports":[ "./m.js" , 1 ]}', '{"exports":1}',
  '{"exports":null}', '{"exports":false}', '{"exports":nonsense}', '{"exports":xyz,"name":"a"}', '{"exports":"\\q"}',
  '{"exports":{"." "./m.js"}}', '{"exports":{".":"./m.js"', '{"exports":{".":"./m.js",}}', '{"exports":}', '{"exports":[}}',
  '{"exports":{"a":}}', '{"exports":{:}}', `{"exports":${nested(1500)}}`, `{"exports":${nested(900)}}`,
  '{"imports":{"#a":"./m.js"}}', '{"imports":"x"}', '{"imports":-}', '{"scripts":{"a":"b"}}', '{"scripts":"x"}',
  '{"scripts":{"a":}}', '{"scripts":{"a":"b"', '{"scripts":zzz}',
  // bytes that are no UTF-8, and another encoding
  latin1('{"name":"caf\xe9"}'), latin1('{"author":"caf\xe9","name":"a"}'), inString(0xc0, 0x80), inString(0xed, 0xa0, 0x80),
  Buffer.from('\ufeff{"name":"a"}', 'utf16le'), '{"name":"é😀"}',
  null,       // a folder of that name
  undefined,  // a link to itself
];

const modules = path.join(process.argv[2], 'node_modules');
texts.forEach((text, i) => {
  const folder = path.join(modules, `p${i}`), file = path.join(folder, 'package.json');
  fs.mkdirSync(folder, { recursive: true });
  for (const name of ['m', 'index', 'b']) fs.writeFileSync(path.join(folder, `${name}.js`), `module.exports = '${name}'`);
  if (text === null) fs.mkdirSync(file);
  else if (text === undefined) fs.symlinkSync('package.json', file);
  else fs.writeFileSync(file, text);
});

const outside = createRequire(path.join(process.argv[2], 'main.js'));
(async () => {
  for (let i = 0; i < texts.length; i++) {
    const inside = createRequire(path.join(modules, `p${i}`, 'm.js'));
    const ways = {
      main: () => outside(`p${i}`),
      file: () => outside(`p${i}/b.js`),
      self: () => inside('a'),
      hash: () => inside('#a'),
      import: async () => (await import(path.join(modules, `p${i}`, 'b.js'))).default,
      importMain: async () => (await import(path.join(modules, `p${i}`, 'm.js'))).default,
    };
    for (const [way, run] of Object.entries(ways)) {
      let result;
      try {
        result = await run();
      } catch (error) {
        result = `${error.name} ${error.code} ${error.message.split('\n')[0]}`;
      }
      console.log(`${JSON.stringify(String(texts[i])).slice(0, 60)} ${way}: ${result}`);
    }
  }
  // What was found absent stays so; what was broken is read again.
  const late = path.join(modules, 'late'), lateFile = path.join(late, 'package.json');
  fs.mkdirSync(late);
  fs.writeFileSync(path.join(late, 'index.js'), 'module.exports = "index"');
  fs.writeFileSync(path.join(late, 'm.js'), 'module.exports = "m"');
  console.log('late', outside('late'));
  fs.writeFileSync(lateFile, '{"main":"m.js"}');
  console.log('late', outside('late'));
  const mended = path.join(modules, 'p0');
  fs.writeFileSync(path.join(mended, 'package.json'), '{"main":"m.js"}');
  console.log('mended', outside('p0'));
})();
JS
build main.js
"$KILN_NODE" main.js "$scratch/tree" >want
rm -r tree
./app "$scratch/tree" >got
(($(wc -l <want) > 500)) || { echo "node printed only $(wc -l <want) lines" >&2; exit 1; }
diff want got
