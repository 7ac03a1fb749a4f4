. "$(dirname "$0")/common.sh"
# RegExp.lastMatch, RegExp.$1 and the like: empty at start, though Kiln and Node's library have used regular expressions
# while the snapshot was taken; afterwards those of the app's last match.
for entry in main.js main.mjs; do
  for options in '' --evaluate=auto env; do
    files <<'APP'
-- main.js --
const show = (label) => console.log(label, JSON.stringify([RegExp.lastMatch, RegExp.lastParen, RegExp.leftContext, RegExp.rightContext, RegExp.input, RegExp.$_, RegExp['$&'], RegExp.$1, RegExp.$9]));
show('start');
require('./match.js');
show('match of a module');
/(c)d/.exec('bcde');
console.log({ a: [1, 'b', /x/] });
show('after console.log');
/(c)d/.exec('bcde');
require('path').join('a', '../b');
show('after join');
new URL('http://x/y?z');
show('after URL');
process.nextTick(show, 'tick');
setTimeout(show, 1, 'timer');
-- match.js --
/(m)n/.exec('lmno');
exports.x = 1;
-- main.mjs --
const show = (label) => console.log(label, JSON.stringify([RegExp.lastMatch, RegExp.lastParen, RegExp.leftContext, RegExp.rightContext, RegExp.input]));
show('start');
'abc'.replace(/b/, '');
await import('./match.js');
-- package.json --
{}
APP
    if [[ $options == env ]]; then NODE_NO_WARNINGS=1 as_node "$entry with NODE_NO_WARNINGS" "$entry"
    else as_node "$entry $options" "$entry" ${options:+"$options"}; fi
  done
done
report_differences
