. "$(dirname "$0")/../build/common.sh"
# Code that no start calls is filled in when it is touched, by a handler of SIGSEGV (platform/lazy_heap.h).
file make.js <<'JS'
let text = 'exports.all = [];\n';
for (let i = 0; i < 400; i++)
  text += `exports.all.push(function f${i}(x) { const y = { a${i}: x, b: [${i}, ${i + 1}] }; return y.a${i} + y.b[1] + 't${i}'.length; });\n`;
require('fs').writeFileSync('many.js', text);
JS
"$KILN_NODE" make.js
file main.js <<'JS'
const { all } = require('./many');
const sum = (from, step) => { let n = 0; for (let i = from; i < all.length; i += step) n += all[i](i); return n; };
switch (process.argv[2]) {
  case 'some': console.log(sum(0, 50)); break;
  case 'all': console.log(sum(0, 1)); break;
  case 'collect': gc(); console.log(sum(0, 1)); gc(); console.log(sum(1, 2)); break;
  case 'listen':  // libuv's handler replaces the one that fills
    process.on('SIGSEGV', () => { console.log('signal', sum(0, 3)); clearInterval(wait); });
    var wait = setInterval(() => {}, 1000);
    console.log(sum(0, 1));
    process.kill(process.pid, 'SIGSEGV');
    break;
  case 'die': process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000); break;
  case 'memory': console.log(process.memoryUsage().rss); break;
  default: console.log(all.length);
}
JS
build main.js --intl=none --v8-flag=--expose-gc
for what in '' some all collect; do
  same "what the app prints ($what)" "$("$KILN_NODE" --expose-gc main.js $what)" "$(run $what)"
done
same 'a listener for SIGSEGV' "$("$KILN_NODE" main.js listen)" "$(run listen)"
status=0; run die 2>/dev/null || status=$?
same 'the status after SIGSEGV' 139 "$status"
for flags in --stress-compaction --gc-interval=200 '--stress-flush-code --gc-interval=500' '--stress-incremental-marking --gc-interval=1000'; do
  options=(); for flag in $flags; do options+=("--v8-flag=$flag"); done
  build main.js --intl=none --v8-flag=--expose-gc "${options[@]}"
  same "with $flags" "$("$KILN_NODE" --expose-gc main.js collect)" "$(run collect)"
done
# valgrind knows the registers only roughly when a signal comes, so everything is filled at start then. It runs no
# program that has AddressSanitizer.
if [[ -z ${KILN_SANITIZED:-} ]] && command -v valgrind >/dev/null; then
  build main.js --intl=none
  same 'under valgrind' "$("$KILN_NODE" main.js all)" "$(valgrind --tool=none -q "$scratch/app" all 2>/dev/null)"
fi
