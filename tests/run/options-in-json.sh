. "$(dirname "$0")/../build/common.sh"
# JSON that is read before V8 starts: node.config.json, and the "scripts" of package.json for
# --run. Values, messages and exit codes must be those of the pinned Node. The program is the
# runtime without an app, which accepts all of Node's options.
: "${KILN_NODE:?set KILN_NODE to the official node}"
runtime=${KILN_STUB:?set KILN_STUB to the stub of this machine}

# run_both ARGS…: runs both programs in here/sub; their output, without their names, must be equal.
run_both() {
  local program out=want
  for program in "$KILN_NODE" "$runtime"; do
    (
      cd here/sub
      code=0
      timeout 60 "$program" "$@" 2>&1 || code=$?
      echo "code $code"
    ) | sed "s#$program#PROGRAM#g" >$out
    out=got
  done
  compared=$((compared + 1))
  diff want got >&2 || { echo "differs: $* with $(cat here/*.json)" >&2; exit 1; }
}
compared=0
mkdir -p here/sub/node_modules/.bin here/node_modules/.bin

# A line is a file's text, with printf's escapes.
while IFS= read -r text; do
  printf "$text" >here/node.config.json
  run_both --experimental-config-file=../node.config.json --version
done <<'TEXTS'
{}

[]
"x"
1
x
{} x
{}{}
\xef\xbb\xbf{"nodeOptions":{"title":"a"}}
{"nodeOptions":{"title":"caf\xe9"}}
{"nodeOptions":1}
{"nodeOptions":{"title":1}}
{"nodeOptions":{"title":"\\ud800"}}
{"nodeOptions":{"title":"a b"}}
{"nodeOptions":{"title":"a","title":"b"}}
{"nodeOptions":{"max-http-header-size":10}}
{"nodeOptions":{"max-http-header-size":1e3}}
{"nodeOptions":{"max-http-header-size":-1}}
{"nodeOptions":{"max-http-header-size":1.5}}
{"nodeOptions":{"max-http-header-size":"10"}}
{"nodeOptions":{"max-http-header-size":010}}
{"nodeOptions":{"max-http-header-size":-0}}
{"nodeOptions":{"max-http-header-size":99999999999999999999}}
{"nodeOptions":{"stack-trace-limit":-5}}
{"nodeOptions":{"import":["a","b"]}}
{"nodeOptions":{"import":"a"}}
{"nodeOptions":{"import":["a",1]}}
{"nodeOptions":{"import":["a","b"}}
{"nodeOptions":{"import":[]}}
{"nodeOptions":{"import":x}}
{"nodeOptions":{"import":{}}}
{"nodeOptions":{"warnings":false}}
{"nodeOptions":{"warnings":truex}}
{"nodeOptions":{"warnings":null}}
{"nodeOptions":{"warnings":"true"}}
{"nodeOptions":{"nonsense":1}}
{"nodeOptions":{"warn\\u0069ngs":true}}
{"nodeOptions":{"warnings":true,}}
{"nodeOptions":{"warnings":true}
{"nodeOptions":{"warnings":true}}}
{"nodeOptions":{"warnings" true}}
{"nodeOptions":{warnings:true}}
{"node\\u004fptions":{"warnings":true}}
{"$schema":x,"nodeOptions":{}}
{"$schema":{"a":[}]},"nodeOptions":{}}
{"$schema":"a" "nodeOptions":{}}
{"test":{"test-isolation":"none"}}
{"testRunner":{}}
{"unknown":{}}
{"watch":{"watch-preserve-output":true}}
{"permission":{"allow-fs-read":["/"]}}
{"nodeOptions":{}} // c
{"\\q":1}
{"nodeOptions":{"\\q":1}}
TEXTS
rm here/node.config.json
run_both --experimental-config-file=../node.config.json --version

while IFS= read -r text; do
  printf "$text" >here/package.json
  run_both --run a
done <<'TEXTS'
{}

[]
"x"
1
x
{"scripts":1}
{"scripts":{}}
{"scripts":{"a":"echo hi"}}
{"scripts":{"a":"echo hi","a":"echo second"}}
{"scripts":{"a":"echo first"},"scripts":{"a":"echo second"}}
{"scripts":{"\\u0061":"echo hi"}}
{"scripts":{"a":"echo \\u00e9"}}
{"scripts":{"a":"echo \\ud800"}}
{"scripts":{"a":"echo caf\xe9"}}
{"scripts":{"a":1}}
{"scripts":{"b":"echo b","c":2,"\\u0064":"echo \\"d\\"","e":"\\q","f":"echo f"}}
{"scripts":{"b":"echo b" "c":2}}
{"scripts":{"b":"echo b"
{"scripts":{"a":"echo hi"}} x
{"scripts":{"a":"echo hi"}}}
{"x":[1,{]},"scripts":{"a":"echo hi"}}
{"x":tru,"scripts":{"a":"echo hi"}}
\xef\xbb\xbf{"scripts":{"a":"echo hi"}}
{"scripts":{"a":"exit 3"}}
{"scripts":{"a":"kill -9 $$"}}
{"scripts":{"a":"echo $PATH; pwd; echo $NODE_RUN_SCRIPT_NAME $NODE_RUN_PACKAGE_JSON_PATH"}}
TEXTS
((compared == 82)) || { echo "$compared cases ran, not 82" >&2; exit 1; }
