. "$(dirname "$0")/../build/common.sh"
# A filter between two pipes: nothing is lost when it is read slower than it writes.
file main.js <<'JS'
const { pipeline, Transform } = require('stream');
const upper = new Transform({
  transform(chunk, _, done) { done(null, chunk.toString('latin1').toUpperCase()); },
});
pipeline(process.stdin, upper, process.stdout, (error) => console.error('end', error ?? 'well'));
JS
build main.js
seq -f 'line %.0f of the input' 200000 >in
tr a-z A-Z <in >want
run <in 2>output | { sleep 0.2; cat; } >got
cmp want got
grep -qx 'end well' output
# From a file to a file, and with nothing to read.
run <in >got 2>output
cmp want got
[[ -z $(run </dev/null 2>output) ]]
