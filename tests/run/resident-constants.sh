. "$(dirname "$0")/../build/common.sh"
# What of the executable's file is in memory once the app runs: the snapshot has been released, and the kernel
# cannot map huge pages of the file, since no segment's address fits its offset.
[[ -z ${KILN_SANITIZED:-} ]] || { echo "skipped: sanitizers change what is in memory" >&2; exit 77; }
file main.js <<'JS'
const fs = require('fs'), vm = require('vm');
const mappings = () => {
  const list = [];
  for (const line of fs.readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const found = /^(\w+)-(\w+) (\S+) (\w+) \S+ \d+ +(.*)/.exec(line);
    if (found) list.push({ begin: parseInt(found[1], 16), end: parseInt(found[2], 16), mode: found[3], offset: parseInt(found[4], 16), path: found[5] });
    else if (line.startsWith('Rss:')) list.at(-1).resident = parseInt(line.slice(4)) * 1024;
  }
  return list.filter((m) => m.path === process.execPath);
};
const own = mappings(), huge = own.filter((m) => (m.begin - m.offset) % (2 << 20) === 0);
const payload = own.filter((m) => m.mode === 'r--p').at(-1), size = payload.end - payload.begin;
console.log('mappings', own.length > 3, 'huge', huge.length);
console.log('payload', size > 500e3, payload.resident < size / 4 || payload);
// A new context is made from the snapshot, whose pages come back.
console.log(vm.runInNewContext('[1, 2].map((x) => x * 2).join() + new Error("e").message'), mappings().at(-1).path === process.execPath);
JS
build main.js --intl=none
expect <<'OUT'
mappings true huge 0
payload true true
2,4e true
OUT
