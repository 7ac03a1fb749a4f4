. "$(dirname "$0")/common.sh"
# One stub takes the snapshots for all values of --intl: an app sees the same languages while it is
# built as when it runs.
file app.js <<'JS'
function languages() {
  const month = new Intl.DateTimeFormat('de', { month: 'long' }).format(0);
  return `${month} ${'İ'.toLowerCase().length} ${'ß'.localeCompare('ss')}`;
}
console.log(`built: ${languages()}`);
require('v8').startupSnapshot.setDeserializeMainFunction(() => console.log(languages()));
JS
while read -r mode want; do
  build app.js "--intl=$mode" --evaluate
  says "built: $want"
  expect <<< "$want"
done <<'MODES'
full Januar 2 1
en January 2 1
none M01 2 1
MODES
