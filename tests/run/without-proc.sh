. "$(dirname "$0")/../build/common.sh"
# Where /proc is missing: process.execPath and argv[0] are the name by which the program was started,
# as under node, and what reads /proc has node's values or errors.
file main.js <<'JS'
const os = require('os');
const { spawnSync } = require('child_process');
if (process.env.IS_CHILD) { console.log('child', process.argv0); process.exit(); }
const line = (name, get) => {
  let value;
  try {
    value = get();
    if (Array.isArray(value)) value = `list of ${value.length}`;
    else if (typeof value === 'object') value = Object.keys(value).join();
    else if (typeof value === 'number') value = value > 0 ? 'a positive number' : value;
  } catch (error) {
    value = `${error.name} ${error.code} ${error.message}`;
  }
  console.log(name, value);
};
console.log(process.execPath, process.argv[0], process.argv0, process.argv.length, process.title);
line('title', () => { process.title = 'abc'; return process.title; });
for (const name of ['memoryUsage', 'resourceUsage', 'cpuUsage', 'uptime', 'constrainedMemory', 'availableMemory',
                    'getgroups', 'cwd'])
  line(name, process[name]);
for (const name of ['uptime', 'cpus', 'loadavg', 'freemem', 'totalmem', 'networkInterfaces', 'availableParallelism',
                    'getPriority', 'tmpdir', 'homedir', 'machine'])
  line(name, os[name]);
line('rss', process.memoryUsage.rss);
line('report', () => JSON.parse(JSON.stringify(process.report.getReport())));
line('heap', () => String(require('v8').getHeapStatistics().heap_size_limit));
const args = process.env.MAIN ? [process.env.MAIN] : [];  // node needs the script's path
const { stdout, error } = spawnSync(process.execPath, args, { env: { IS_CHILD: '1' }, timeout: 10000 });
line('itself', () => error?.code ?? String(stdout).trim());
JS
build main.js --intl=none
mkdir -p node/sub app_/sub
cp "$KILN_NODE" node/program
mv app app_/program
ln -s program node/link
ln -s program app_/link
without_proc() { unshare -m bash -c 'mount -t tmpfs tmpfs /proc && cd "$1" && shift && "$@"' _ "$@"; }
if ! without_proc . true 2>/dev/null; then
  echo "skipped: mounting over /proc is not allowed here" >&2
  exit 77
fi

# both NAME: the program NAME, run in its folder, prints what node prints.
both() {
  local want got
  want=$(MAIN=$scratch/main.js without_proc node "$@" "$scratch/main.js" 2>&1 | sed "s#$scratch/node#/FOLDER#g")
  got=$(without_proc app_ "$@" 2>&1 | sed "s#$scratch/app_#/FOLDER#g")
  [[ $want == *rss* ]] || { echo "node failed: $want" >&2; exit 1; }
  same "started by $*" "$want" "$got"
}
both ./program
both ./link
both sub/../program
PATH=.:$PATH both program
both bash -c 'exec -a other ./program "$@"' _
both bash -c 'exec "$PWD/program" "$@"' _
