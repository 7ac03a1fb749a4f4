. "$(dirname "$0")/../build/common.sh"
# Values that differ from run to run are read when the app starts, not when it is built.
file main.mjs <<'JS'
import os from 'node:os';
console.log(process.env.WORD, process.env.TZ, Object.keys(process.env).includes('BUILT'));
console.log(process.argv.slice(2), process.argv0, process.cwd());
console.log(new Date(0).getHours(), process.title === os.hostname(), process.umask().toString(8));
console.error(Math.random(), crypto.randomUUID(), Math.abs(Date.now() - process.argv[2] * 1000) < 60e3,
              process.pid !== Number(process.env.PARENT), performance.now() < 60e3);
JS
WORD=old BUILT=1 TZ=Europe/Paris build main.mjs
file place/here <<< ''
for word in one two; do
  (cd place && umask 027 &&
   env -i WORD=$word TZ=Etc/GMT+5 PARENT=$BASHPID "$scratch/app" "$(date +%s)" "$word" >../output 2>>../random)
  diff - output <<OUT
$word Etc/GMT+5 false
[ '$(sed -n "s/^\[ '\([0-9]*\)'.*/\1/p" output)', '$word' ] $scratch/app $scratch/place
19 false 27
OUT
done
[[ $(sort -u random | wc -l) == 2 && $(grep -c ' true true true$' random) == 2 ]] || { cat random >&2; exit 1; }
