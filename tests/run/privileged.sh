. "$(dirname "$0")/../build/common.sh"
# An executable with more privileges than the user who starts it (set-user-ID, capabilities) does
# not take options or output paths from that user's environment. The app can still read it.
needs_set_user_id
# A folder that the user may write to.
mkdir -m 777 shared

file main.js <<'JS'
console.log(process.env.NODE_OPTIONS, process.getuid(), process.geteuid());
JS
build main.js --exec-argv-extension=env
node=${KILN_NODE:?set KILN_NODE to a node of the same version}
stub=${KILN_STUB:?set KILN_STUB to the stub of this machine}

# copy PROGRAM MODE: creates ./copy, owned by root, with that mode.
copy() {
  rm -f copy
  cp "$1" copy
  chmod "$2" copy
}
# as_user ARGS…: runs ./copy as an unprivileged user who sets Node's variables. Its output goes to
# ./output.
as_user() {
  code=0
  rm -rf shared/*
  env NODE_OPTIONS=--no-such-option NODE_COMPILE_CACHE="$scratch/shared/cache" \
    setpriv --reuid 65534 --regid 65534 --clear-groups ./copy "$@" >output 2>&1 || code=$?
}
# took WHAT: the program read the option, and failed because it is unknown.
took() {
  ((code == 9)) || { echo "$1: NODE_OPTIONS was ignored (exit $code)" >&2; cat output >&2; exit 1; }
}
# ignored WHAT OUTPUT: it used neither variable, but the app could read them.
ignored() {
  ((code == 0)) && [[ $(<output) == "$2" ]] ||
    { echo "$1: NODE_OPTIONS was not ignored (exit $code)" >&2; cat output >&2; exit 1; }
  [[ ! -e shared/cache ]] || { echo "$1: NODE_COMPILE_CACHE was not ignored" >&2; exit 1; }
}

chmod 755 main.js
for program in app stub node; do
  args=(main.js)
  case $program in
    app) path=app args=() ;;
    stub) path=$stub ;;
    node) path=$node ;;
  esac
  copy "$path" 755
  as_user "${args[@]}"
  took "$program"
  copy "$path" 4755
  as_user "${args[@]}"
  ignored "$program, set-user-ID" '--no-such-option 65534 0'
  copy "$path" 2755
  as_user "${args[@]}"
  ignored "$program, set-group-ID" '--no-such-option 65534 65534'

  command -v setcap >/dev/null || continue
  copy "$path" 755
  if setcap cap_net_raw+ep copy 2>/dev/null; then
    as_user "${args[@]}"
    ignored "$program, with a capability" '--no-such-option 65534 65534'
    # The capability to listen on a low port does not make the environment ignored.
    setcap cap_net_bind_service+ep copy
    as_user "${args[@]}"
    took "$program, with CAP_NET_BIND_SERVICE"
  fi
done
# When the user is root, the variable is used: the cache is in that folder.
NODE_COMPILE_CACHE=$scratch/shared/cache "$stub" main.js >output
[[ -e shared/cache ]] || { echo "NODE_COMPILE_CACHE has no effect" >&2; exit 1; }

# Options in an argument (--exec-argv-extension=cli) could load the user's code.
echo "console.log('foreign code');" >foreign.js
chmod 755 foreign.js
build main.js --intl=none --exec-argv-extension=cli
copy app 755
as_user --node-options="--require $scratch/foreign.js"
[[ $(<output) == "foreign code"* ]] || { echo "--node-options was ignored" >&2; cat output >&2; exit 1; }
copy app 4755
as_user --node-options="--require $scratch/foreign.js"
[[ $code == 1 && $(<output) == *"takes no --node-options" ]] ||
  { echo "--node-options as set-user-ID (exit $code):" >&2; cat output >&2; exit 1; }
