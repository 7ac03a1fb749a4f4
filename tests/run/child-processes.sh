. "$(dirname "$0")/../build/common.sh"
# Programs that an app starts, including itself: pipes, exit codes, signals, environment.
file main.js <<'JS'
const cp = require('child_process'), { once } = require('events'), { promisify } = require('util');
async function main() {
  if (process.argv[2] === 'child') {
    process.stdout.write(`child of ${process.ppid} has ${process.env.WORD}`);
    process.exitCode = 5;
    return;
  }
  console.log(cp.execSync('echo sync; pwd', { cwd: '/', encoding: 'utf8' }).trim().split('\n'));
  console.log(cp.spawnSync('cat', { input: 'fed' }).stdout.toString());
  const { stdout } = await promisify(cp.execFile)('sh', ['-c', 'printf %s "$0-$1"', 'a', 'b c']);
  console.log(stdout);

  const self = cp.spawnSync(process.execPath, ['child'], { env: { WORD: 'this' }, encoding: 'utf8' });
  console.log(self.status, self.stdout === `child of ${process.pid} has this`, self.stderr);

  const sort = cp.spawn('sort', ['-n'], { stdio: ['pipe', 'pipe', 'inherit'] });
  for (const n of [30, 4, 100]) sort.stdin.write(`${n}\n`);
  sort.stdin.end();
  let sorted = '';
  for await (const piece of sort.stdout) sorted += piece;
  console.log(JSON.stringify(sorted), sort.exitCode ?? (await once(sort, 'exit'))[0]);

  const sleeper = cp.spawn('sleep', ['100']);
  sleeper.kill();
  console.log(await once(sleeper, 'close'), sleeper.killed, sleeper.signalCode);
  const [error] = await once(cp.spawn('/no/such/program'), 'error');
  console.log(error.code, error.syscall);
  const slow = cp.spawnSync('sleep', ['100'], { timeout: 50 });
  console.log(slow.signal, slow.error.code);
}
main();
JS
build main.js
expect <<'OUT'
[ 'sync', '/' ]
fed
a-b c
5 true 
"4\n30\n100\n" 0
[ null, 'SIGTERM' ] true SIGTERM
ENOENT spawn /no/such/program
SIGTERM ETIMEDOUT
OUT
