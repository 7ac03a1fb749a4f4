#!/bin/bash
# node:sea: an executable is a single executable application whose assets are its embedded files.
. "$(dirname "$0")/../build/common.sh"
file data/words.txt <<< 'größer'
file data/more/x.bin <<< 'bytes'
file other.js <<< 'module.exports = 1;'
file main.js <<'JS'
const sea = require('node:sea');
require('./other.js');
const attempt = (f) => { try { return f(); } catch (e) { return e.code; } };
console.log(sea.isSea(), sea.getAssetKeys());
console.log(sea.getAsset('data/words.txt', 'utf8').trim(), sea.getRawAsset('data/more/x.bin').byteLength);
console.log(sea.getAsset('data/words.txt') !== sea.getAsset('data/words.txt'), attempt(() => sea.getAsset('data')));
for (const key of ['missing', '', 'data', 'other.js', '../etc/passwd', '/etc/passwd', 'data/words.txt/', 'data\0'])
  console.log(JSON.stringify(key), attempt(() => sea.getRawAsset(key)));
console.log(attempt(() => sea.getAsset(1)), attempt(() => sea.getAsset('data/words.txt', 'nonsense')));
sea.getAssetAsBlob('data/words.txt', { type: 'text/plain' }).text().then((text) => console.log(text.trim()));
JS
for evaluate in auto none; do
  build main.js --asset 'data/**' --evaluate=$evaluate
  expect <<'OUT'
true [ 'data/more/x.bin', 'data/words.txt' ]
größer 6
true ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"missing" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"data" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"other.js" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"../etc/passwd" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"/etc/passwd" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"data/words.txt/" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
"data\u0000" ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND
ERR_INVALID_ARG_TYPE ERR_ENCODING_NOT_SUPPORTED
größer
OUT
done

# --watch starts a program again when its files change, which those of an executable do not.
echo 'console.log(1)' >plain.js
build plain.js --exec-argv-extension=cli
run --node-options='--no-warnings --watch' >out 2>&1 && exit 1
grep -q -- '--watch is not available in an executable' out
build plain.js --exec-argv-extension=env
NODE_OPTIONS=--watch-path=. run >out 2>&1 && exit 1
grep -q -- '--watch-path=. is not available in an executable' out
