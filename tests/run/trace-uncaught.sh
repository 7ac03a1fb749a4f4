. "$(dirname "$0")/../modules/common.sh"
# --trace-uncaught prints where a value was thrown, for Errors and for other values; without the option
# nothing is printed, since V8 then does not compute positions when an Error is created.
files <<'SRC'
-- main.js --
const values = {
  error: () => new TypeError('wrong'),
  number: () => 7,
  object: () => ({ a: 1 }),
  stackless: () => Object.assign(new Error('no stack'), { stack: undefined }),
};
function thrower(make) {
  const value = make();
  throw value;
}
const nested = () => thrower(values[process.env.VALUE]);
Error.stackTraceLimit = 3;
if (process.env.LATER) setTimeout(() => nested(), 1);
else nested();
SRC
"$KILN" build src/main.js -o app "${flags[@]}" --exec-argv-extension=env >log 2>&1
mkdir -p away
for value in error number object stackless; do
  for later in '' 1; do
    for option in '' --trace-uncaught; do
      export VALUE=$value LATER=$later NODE_OPTIONS=$option
      run_to node.out "$KILN_NODE" ../src/main.js
      run_to app.out "$scratch/app"
      # The hint names the program.
      diff node.out <(sed 's/(Use `app /(Use `node /' app.out) >diff.out ||
        { cat diff.out >&2; differ+=("'$value $later $option'"); }
      # The test must see the option work.
      grep -q '^Thrown at:' node.out || [[ ! $option ]] || differ+=("'$value: node prints nothing'")
    done
  done
done
report_differences
