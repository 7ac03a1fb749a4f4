. "$(dirname "$0")/../build/common.sh"
# Strings as UTF-8, short and long, of all widths, with lone surrogates, into buffers that are too
# small: Buffer, TextEncoder and a hash agree with an encoder written here.
file main.js <<'JS'
const crypto = require('crypto');
const differences = [];
const same = (what, found, wanted) => {
  if (Buffer.compare(Buffer.from(found), Buffer.from(wanted)) !== 0) differences.push(what);
};
function encode(text, space = Infinity) {
  const out = [];
  for (const character of text) {
    let code = character.codePointAt(0);
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    const bytes = code < 0x80 ? [code] : code < 0x800 ? [0xc0 | code >> 6, 0x80 | code & 63] :
      code < 0x10000 ? [0xe0 | code >> 12, 0x80 | code >> 6 & 63, 0x80 | code & 63] :
        [0xf0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63];
    if (out.length + bytes.length > space) break;
    out.push(...bytes);
  }
  return out;
}
const target = Buffer.alloc(700);
const write = (text, space) => target.subarray(0, target.write(text, 0, space));
for (let i = 0; i < 20000; i++) write('warm', 4);  // optimized code has a separate path
const encoder = new TextEncoder();
for (const letters of
  ['a', 'é', 'aé', '€', 'a€', '\u{1f600}', '\ud800', 'é\udc00', '\ud83d€']) {
  for (const length of [0, 1, 2, 15, 16, 17, 31, 32, 33, 34, 63, 64, 65, 100, 170, 171, 200]) {
    const text = letters.repeat(length), wanted = encode(text);
    const what = `${escape(letters)} ${length}`;
    same(`from ${what}`, Buffer.from(text), wanted);
    same(`length ${what}`, [Buffer.byteLength(text) & 255], [wanted.length & 255]);
    same(`encode ${what}`, encoder.encode(text), wanted);
    same(`hash ${what}`, crypto.createHash('md5').update(text).digest(),
         crypto.createHash('md5').update(Buffer.from(wanted)).digest());
    for (const space of [0, 1, 2, 31, 32, 33, 64, 65, 66, 99, 100, 200, 399, 700]) {
      same(`write ${what} into ${space}`, write(text, space), encode(text, space));
      const { written } = encoder.encodeInto(text, target.subarray(0, space));
      same(`into ${what} in ${space}`, target.subarray(0, written), encode(text, space));
    }
  }
}
console.log(differences.length, differences.slice(0, 5));
JS
build main.js
expect <<'OUT'
0 []
OUT
