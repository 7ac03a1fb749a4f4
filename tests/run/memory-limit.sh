. "$(dirname "$0")/../build/common.sh"
# The heap limit is derived from the memory limit of the container, as in Node.
file main.js <<'JS'
console.log(require('v8').getHeapStatistics().heap_size_limit);
JS
build main.js
node=${KILN_NODE:?set KILN_NODE to a node of the same version}

# A container as libuv sees it: the files of both versions of control groups, in a mounted temporary
# file system. (Real control groups need privileges that are often missing.)
cat >in_container <<'SH'
set -e
limit=$1
shift
mount -t tmpfs tmpfs /sys/fs/cgroup
while IFS=: read -r _ controllers path; do
  if [[ ,$controllers, == *,memory,* ]]; then folder=/sys/fs/cgroup/memory$path
  elif [[ -z $controllers ]]; then folder=/sys/fs/cgroup$path
  else continue
  fi
  mkdir -p "$folder"
  [[ $folder == */ ]] || folder+=/
  if [[ $limit == none ]]; then
    echo max >"${folder}memory.max"
    echo 9223372036854771712 >"${folder}memory.limit_in_bytes"
  else
    echo "$limit" | tee "${folder}memory.max" >"${folder}memory.limit_in_bytes"
  fi
  echo max >"${folder}memory.high"
  echo 9223372036854771712 >"${folder}memory.soft_limit_in_bytes"
done </proc/self/cgroup
exec "$@"
SH
if ! unshare -m bash in_container none true 2>/dev/null; then
  echo "skipped: mounting over /sys/fs/cgroup is not allowed here" >&2
  exit 77
fi

# heap LIMIT PROGRAM ARGS…: prints the heap limit of the program in a container with that limit.
heap() { unshare -m bash in_container "$@"; }
# Below 1 GB Node's young generation is smaller than 24 MB, the maximum of ours; above, a flag gives
# Node the same.
for limit in 134217728 536870912 1073741824 2147483648 none; do
  flags=()
  case $limit in 134217728 | 536870912) ;; *) flags=(--max-semi-space-size=8) ;; esac
  want=$(heap $limit "$node" "${flags[@]}" main.js)
  got=$(heap $limit ./app)
  ((got == want)) || { echo "limit $limit: the heap may have $got bytes, under node $want" >&2; exit 1; }
done
# The container's limit makes a difference.
(($(heap 536870912 ./app) < $(heap 2147483648 ./app))) ||
  { echo "the memory limit makes no difference" >&2; exit 1; }
