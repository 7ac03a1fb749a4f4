. "$(dirname "$0")/../build/common.sh"
# In a process with more rights than the user who started it (set-user-ID, capabilities) that user's
# variables and folders decide even less (docs/outside-code.md): externals beside the executable,
# which the user may have linked into a folder of his own, NODE_PATH and HOME with --packages=disk,
# options of --exec-argv-extension, the compile cache, time zone files for ICU.
needs_set_user_id

file main.js <<'JS'
const nodeModule = require('module');
for (const name of ['beside', 'by-path', 'by-home']) {
  try { console.log(name, require(name)); } catch (error) { console.log(name, error.code); }
}
if (process.argv[2] === 'short') process.exit();
const { status, directory } = nodeModule.enableCompileCache();
console.log('cache', Object.keys(nodeModule.constants.compileCacheStatus)[status], directory?.split('/kiln-')[0]);
try { console.log(new Date(0).toLocaleDateString('en', { timeZone: 'Europe/Berlin' })); } catch (error) { console.log(error.name); }
console.log(process.execArgv.join(), process.env.NODE_PATH === undefined);
JS
mkdir -m 777 tmp
file node_modules/beside/index.js <<< 'module.exports = "foreign";'
file path/by-path/index.js <<< 'module.exports = "foreign";'
file home/.node_modules/by-home/index.js <<< 'module.exports = "foreign";'
file zones/zoneinfo64.res <<< 'no time zones'
# as_user ARGS…: runs ./copy as an unprivileged user.
as_user() {
  rm -rf tmp/*
  env NODE_PATH="$scratch/path" HOME="$scratch/home" TMPDIR="$scratch/tmp" ICU_TIMEZONE_FILES_DIR="$scratch/zones" \
    NODE_COMPILE_CACHE="$scratch/tmp/cache" NODE_OPTIONS='--trace-uncaught' \
    setpriv --reuid 65534 --regid 65534 --clear-groups ./copy "$@" 2>&1
}
copy() {  # MODE
  rm -f copy
  cp app copy
  chmod "$1" copy
}
privileged='beside MODULE_NOT_FOUND
by-path MODULE_NOT_FOUND
by-home MODULE_NOT_FOUND
cache DISABLED undefined
1/1/1970
 false'
# both NAME ORDINARY: what an ordinary process prints, and one with more rights.
both() {
  copy 755
  same "$1" "$2" "$(as_user)"
  copy 4755
  same "$1, set-user-ID" "$privileged" "$(as_user)"
  copy 2755
  same "$1, set-group-ID" "$privileged" "$(as_user)"
  copy 755
  if command -v setcap >/dev/null && setcap cap_net_raw+ep copy 2>/dev/null; then
    same "$1, with a capability" "$privileged" "$(as_user)"
    setcap cap_net_bind_service+ep copy
    # Here libc itself ignores TMPDIR, so the cache would be outside of the scratch folder.
    same "$1, with CAP_NET_BIND_SERVICE" "$(head -3 <<<"$2")" "$(as_user short)"
  fi
}
build main.js --external beside --intl=en
both 'an app with an external' "beside foreign
by-path MODULE_NOT_FOUND
by-home MODULE_NOT_FOUND
cache ENABLED $scratch/tmp/node-compile-cache
RangeError
 false"
build main.js --packages=disk --exec-argv-extension=env --external '*' --intl=en
both 'an app with --packages=disk' "beside MODULE_NOT_FOUND
by-path foreign
by-home foreign
cache ALREADY_ENABLED $scratch/tmp/cache
RangeError
 false"
# A cache that another user could have prepared is not used.
build main.js --external beside --intl=en
copy 755
mkdir -p tmp/node-compile-cache
others=$(env TMPDIR="$scratch/tmp" setpriv --reuid 65534 --regid 65534 --clear-groups ./copy 2>&1 | grep ^cache)
same 'with a cache of root' 'cache FAILED undefined' "$others"
