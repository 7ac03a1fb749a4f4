. "$(dirname "$0")/../build/common.sh"
# An executable with more rights than the user who starts it (set-user-ID, capabilities) does not
# take options or places to write to from that user's environment. The app still sees it.
if [[ $(id -u) != 0 ]] || ! command -v setpriv >/dev/null; then
  echo "skipped: only root can make set-user-ID files, and setpriv (util-linux) is needed" >&2
  exit 77
fi
chmod 755 "$scratch"
if [[ $(findmnt -no OPTIONS --target "$scratch") == *nosuid* ]]; then
  echo "skipped: $scratch is on a file system that ignores set-user-ID" >&2
  exit 77
fi
# Where the user may write.
mkdir -m 777 shared

file main.js <<'JS'
console.log(process.env.NODE_OPTIONS, process.getuid(), process.geteuid());
JS
build main.js --exec-argv-extension=env
node=${KILN_NODE:?set KILN_NODE to a node of the same version}
stub=${KILN_STUB:?set KILN_STUB to the stub of this machine}

# copy PROGRAM MODE: ./copy, root's, in the mode.
copy() {
  rm -f copy
  cp "$1" copy
  chmod "$2" copy
}
# as_user ARGS…: runs ./copy as an unprivileged user who sets variables of Node. What it says goes to ./said.
as_user() {
  code=0
  rm -rf shared/*
  env NODE_OPTIONS=--no-such-option NODE_COMPILE_CACHE="$scratch/shared/cache" \
    setpriv --reuid 65534 --regid 65534 --clear-groups ./copy "$@" >said 2>&1 || code=$?
}
# took WHAT: the program took the option, and fails because it does not know it.
took() {
  ((code == 9)) || { echo "$1: NODE_OPTIONS was ignored (exit $code)" >&2; cat said >&2; exit 1; }
}
# ignored WHAT SAID: it took neither variable, but shows them.
ignored() {
  ((code == 0)) && [[ $(<said) == "$2" ]] ||
    { echo "$1: NODE_OPTIONS was not ignored (exit $code)" >&2; cat said >&2; exit 1; }
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
    # A server on a low port is not distrusted.
    setcap cap_net_bind_service+ep copy
    as_user "${args[@]}"
    took "$program, with CAP_NET_BIND_SERVICE"
  fi
done
# The cache is where the variable says, when the user is root himself.
NODE_COMPILE_CACHE=$scratch/shared/cache "$stub" main.js >said
[[ -e shared/cache ]] || { echo "NODE_COMPILE_CACHE has no effect" >&2; exit 1; }
