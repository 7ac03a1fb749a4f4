. "$(dirname "$0")/common.sh"
# The smallest app.
file hello.js <<'JS'
console.log('hello', process.argv.length);
JS
build hello.js
expect <<'OUT'
hello 2
OUT
