. "$(dirname "$0")/../build/common.sh"
# Compiling WebAssembly keeps the process running, also when nothing else does, each time anew.
file main.js <<'JS'
const bytes = Buffer.from('0061736d01000000', 'hex');
(async () => {
  for (let i = 0; i < 3; i++) {
    await WebAssembly.instantiate(bytes);
    console.log('instance', i);
  }
})();
process.on('exit', (code) => console.log('exit', code));
JS
build main.js
expect <<'END'
instance 0
instance 1
instance 2
exit 0
END
