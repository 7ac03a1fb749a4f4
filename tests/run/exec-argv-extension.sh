. "$(dirname "$0")/../build/common.sh"
# --exec-argv-extension: none, env and cli do what execArgvExtension does in a single executable of
# Node 24.21 (the expected output is such a program's); node is the whole command line of `node`.
file main.js <<'JS'
console.log(process.argv.slice(2).join(), process.execArgv.join(), process.noDeprecation, process.traceDeprecation);
JS
cli='--node-options=--no-deprecation --trace-deprecation'
for extension in none env; do
  build main.js --intl=none --exec-argv-extension=$extension
  expect "$cli" a <<<"$cli,a  undefined undefined"
  value=$([[ $extension == none ]] && echo undefined || echo true)
  NODE_OPTIONS=--no-deprecation expect b <<<"b  $value undefined"
done
NODE_OPTIONS=--no-such expect_status 9 <<<"$scratch/app: --no-such is not allowed in NODE_OPTIONS"

build main.js --intl=none --exec-argv-extension=cli
NODE_OPTIONS=--no-such expect a -e 1 <<<'a,-e,1  undefined undefined'
expect "$cli" q <<<'q --no-deprecation,--trace-deprecation true true'
expect a --node-options=--no-deprecation b <<<'a,b --no-deprecation true undefined'
expect --node-options=--no-deprecation --node-options=--trace-deprecation z <<<'z --trace-deprecation undefined true'
expect --node-options= <<<'  undefined undefined'
expect --node-options --no-deprecation <<<'--node-options,--no-deprecation  undefined undefined'
expect -- --node-options=--no-deprecation <<<'-- --no-deprecation true undefined'
expect '--node-options=--max-old-space-size=64 --stack-size=900' <<<' --max-old-space-size=64,--stack-size=900 undefined undefined'
expect_status 9 --node-options=--no-such <<<"$scratch/app: bad option: --no-such"
expect_status 9 --node-options=other.js <<<"$scratch/app: bad option: other.js"

build main.js --intl=none --exec-argv-extension=node
mkdir -p away && echo 'console.log("script", process.argv.slice(2), process.execArgv)' >away/script.js
expect --no-warnings script.js a <<<"script [ 'a' ] [ '--no-warnings' ]"
expect -p '1 + 1' <<<2
