. "$(dirname "$0")/../modules/common.sh"
# console.log and its relatives into pipes that are closed or full, full disks and descriptors that cannot
# be written to: what node does, error by error.
files <<'SRC'
-- main.js --
const fs = require('fs');
const [, , mode, way = 'log'] = process.argv;
const big = 'x'.repeat(299999);
const say = (text) => fs.appendFileSync('said', text + '\n');
let n = 0;
const modes = {
  ticks() {
    setInterval(() => {
      console[way](way === 'dir' ? { n } : 'tick', n);
      if (++n > 300) { say('still running'); process.exit(5); }
    }, 1);
  },
  caught() {
    process.on('uncaughtException', (error) => { say(`${error.code} ${error.syscall} ${error.message}`); process.exit(6); });
    modes.ticks();
  },
  listener() {
    console.log('first');
    process.stdout.on('error', (error) => { say(`listener ${error.code}`); process.exitCode = 7; clearInterval(timer); });
    const timer = setInterval(() => { console.log('more'); if (++n > 300) process.exit(5); }, 1);
  },
  group() { console.group('outer'); modes.ticks(); },
  once() { console[way]('one line'); console[way]('another'); process.on('exit', (code) => { console[way]('at exit'); say(`exit ${code}`); }); },
  text() { console[way]('€ß𝄞'.repeat(60000) + '\ud800'); console[way](big); console[way]('end'); },
  slow() { console[way](big); console[way]('end'); setTimeout(() => say('alive'), 5); },
  exit() { console[way](big); process.on('exit', () => console[way]('at exit')); process.exit(4); },
  wrote() {
    console.log(big); console.log('end');
    say(`${process.stdout.constructor.name} ${process.stdout.writableNeedDrain}`);
    process.stdout.write('last\n', () => say('written'));
  },
  bytes() { console.log('some', { text: 'ü' }); console.error('e'); say([process.stdout.bytesWritten, process.stderr.bytesWritten]); console.log('more'); say(process.stdout.bytesWritten); },
  terminal() { process.on('SIGHUP', () => {}); modes.caught(); },
  signals() { const [, ignored] = fs.readFileSync('/proc/self/status', 'utf8').match(/SigIgn:\s*(\w+)/);
    // SIGUSR1 starts node's inspector, which Kiln does not have.
    say((BigInt('0x' + ignored) & ~(1n << 9n)).toString(16)); },
  raw() { for (let i = 0; i < 3; i++) { process._rawDebug('raw'); process.stderr.write('', () => {}); } say('done'); },
};
modes[mode]();
SRC
"$KILN" build src/main.js -o app "${flags[@]}" >log 2>&1 || { cat log >&2; exit 1; }

# both LABEL SCRIPT: runs SCRIPT, in which "$@" is the program, with node and with the app.
both() {
  local label=$1 program
  for program in node app; do
    rm -rf away && mkdir away
    local command=("$scratch/app")
    [[ $program == app ]] || command=("$KILN_NODE" "$scratch/src/main.js")
    (cd away && timeout 20 bash -c "$2" _ "${command[@]}" >../"$program.out" 2>&1 </dev/null; [[ ! -e said ]] || cat said >>../"$program.out")
  done
  diff node.out app.out >diff.out && return
  echo "-- $label (< node, > app)" >&2
  head -20 diff.out >&2
  differ+=("'$label'")
}
# The first line of an error, and the status.
end='echo "status ${PIPESTATUS[0]} $(grep -o "^Error: .*" err | head -1)"'

for way in log error warn info debug table dir trace; do
  out='' err='2>err'
  case $way in error|warn|trace) out='2>&1 >/dev/null' err='';; esac
  both "closed pipe, $way" "\"\$@\" caught $way $out $err | head -c 3 >/dev/null; echo \${PIPESTATUS[0]}"
done
both 'closed pipe'          '"$@" ticks 2>err | head -1; '"$end"
both 'closed pipe, group'   '"$@" group 2>err | head -1; '"$end"
both 'closed pipe, caught'  '"$@" caught 2>err | head -1; '"$end"
both 'closed pipe, listener' '"$@" listener 2>err | head -1; '"$end"
both 'closed from the start' '(sleep 0.3; exec "$@" once 2>err; ) | exec true; '"$end"
both 'both closed'          '"$@" ticks 2>&1 | head -c 3 >/dev/null; echo ${PIPESTATUS[0]}'
both 'full disk'            '"$@" ticks >/dev/full 2>err; '"$end"
both 'full disk, objects'   '"$@" ticks dir >/dev/full 2>err; '"$end"
both 'full disk, caught'    '"$@" caught >/dev/full 2>err; '"$end"
both 'full disk, listener'  '"$@" listener >/dev/full 2>err; '"$end"
both 'full disk, once'      '"$@" once >/dev/full 2>err; '"$end"
both 'full disk, stderr'    '"$@" caught error 2>/dev/full; echo $?'
both 'full disk, raw'       '"$@" raw 2>/dev/full; echo $?'
both 'read-only'            '"$@" once 1</dev/null 2>err; '"$end"
both 'read-only, stderr'    '"$@" once error 2</dev/null; echo $?'
both 'closed descriptor'    '"$@" once >&- 2>err; '"$end"
both 'closed descriptors'   '"$@" once error >&- 2>&-; echo $?'
both 'limit of a file'      'ulimit -f 8; "$@" ticks >out 2>err; '"$end"'; wc -c <out'
both 'limit of a file, one write' 'ulimit -f 8; "$@" text >out 2>err; '"$end"'; wc -c <out'
both 'read late'            '"$@" text | (sleep 0.4; md5sum)'
both 'read late, stderr'    '"$@" text error 2>&1 >/dev/null | (sleep 0.4; md5sum)'
both 'goes on meanwhile'    '"$@" slow | (for i in {1..100}; do [[ -e said ]] && break; sleep 0.05; done; cat said; md5sum)'
both 'lost at exit'         '"$@" exit | (sleep 0.6; wc -c); echo ${PIPESTATUS[0]}'
both 'exit to a file'       '"$@" exit >out; echo $?; md5sum <out'
both 'then the stream'      '"$@" wrote | (sleep 0.4; md5sum)'
both 'bytes to pipes'       '"$@" bytes 2>&1 | cat'
both 'bytes to files'       '"$@" bytes >out 2>&1; cat out'
both 'flags of a pipe'      '("$@" once; grep flags /proc/self/fdinfo/1) | cat'
both 'flags while it runs'  'exec 3>copy; ("$@" slow 2>err & for i in {1..100}; do [[ -e said ]] && break; sleep 0.05; done
  grep flags /proc/self/fdinfo/1 >&3; kill $!; wait $!; echo $? >&3; grep flags /proc/self/fdinfo/1 >&3) | { sleep 1; md5sum; }; cat copy'
# On a terminal: colours, and the error when the terminal is gone, whether SIGHUP is handled or not.
cat >terminal.py <<'PY'
import os, pty, sys
child, terminal = pty.fork()
if child == 0: os.execv(sys.argv[1], sys.argv[1:])
shown = b''
while shown.count(b'\n') < 2: shown += os.read(terminal, 1)
print(shown)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
PY
both 'terminal'             'python3 ../terminal.py "$@" terminal dir'
both 'terminal, stderr'     'python3 ../terminal.py "$@" terminal error'
both 'terminal, no handler' 'trap "" HUP; python3 ../terminal.py "$@" caught'
# Signals that the parent ignores are not ignored.
both 'inherited signals'    'trap "" HUP TERM USR2 CHLD; "$@" signals'
report_differences
