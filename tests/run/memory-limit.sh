. "$(dirname "$0")/../build/common.sh"
# The heap limit and the number of processors are those of node in a container, under control groups
# of version 1 and 2.
file main.js <<'JS'
const os = require('os');
console.log('heap', require('v8').getHeapStatistics().heap_size_limit);
console.log('memory', process.constrainedMemory(), process.availableMemory() > 0);
console.log('processors', os.availableParallelism(), navigator.hardwareConcurrency);
JS
build main.js --intl=none
node=${KILN_NODE:?set KILN_NODE to a node of the same version}

# A container as libuv sees it: files in a mounted temporary file system and a bound
# /proc/self/cgroup. (Real control groups need privileges that are often missing.)
#   in_container VERSION GROUP MEMORY PROCESSORS OUTER ROOT PROGRAM ARGS…
# PROCESSORS is a cpu.max, OUTER that of the group around it, ROOT that of the mount point; - means
# that the file is missing.
cat >in_container <<'SH'
set -e
version=$1 group=$2 memory=$3 processors=$4 outer=$5 root=$6
shift 6
mount -t tmpfs tmpfs /sys/fs/cgroup
write() { [[ $1 == - ]] || echo "$1" >"$2"; }
if [[ $version == 2 ]]; then
  echo "0::$group" >cgroup
  folder=/sys/fs/cgroup$group
  mkdir -p "$folder"
  touch "$folder/cgroup.controllers"
  write "$memory" "$folder/memory.max"
  echo max >"$folder/memory.high"
  echo 1000 >"$folder/memory.current"
  write "$root" /sys/fs/cgroup/cpu.max
  [[ $group == / ]] || write "$outer" "$folder/../cpu.max"
  write "$processors" "$folder/cpu.max"
  echo 50 >"$folder/cpu.weight"
else
  printf '%s\n' "9:name=systemd:/" "4:memory:$group" "3:cpu,cpuacct:$group" "0::/" >cgroup
  for folder in "/sys/fs/cgroup/memory$group" "/sys/fs/cgroup/cpu,cpuacct$group" "/sys/fs/cgroup/cpu$group"; do
    mkdir -p "$folder"
    write "${memory/max/9223372036854771712}" "$folder/memory.limit_in_bytes"
    echo 9223372036854771712 >"$folder/memory.soft_limit_in_bytes"
    echo 1000 >"$folder/memory.usage_in_bytes"
    write "${processors% *}" "$folder/cpu.cfs_quota_us"
    echo 100000 >"$folder/cpu.cfs_period_us"
    echo 512 >"$folder/cpu.shares"
  done
fi
mount --bind cgroup /proc/$$/cgroup
exec "$@"
SH
if ! unshare -m bash in_container 2 / max - - - true 2>/dev/null; then
  echo "skipped: mounting over /sys/fs/cgroup is not allowed here" >&2
  exit 77
fi

# both VERSION GROUP MEMORY PROCESSORS OUTER ROOT: the app prints what node prints; it is in $got.
both() {
  local want
  want=$(unshare -m bash in_container "$@" "$node" main.js)
  got=$(unshare -m bash in_container "$@" ./app)
  same "in a container ($*)" "$want" "$got"
}

heaps=()
for version in 1 2; do
  for memory in 67108864 134217728 268435456 536870912 1073741824 2147483648 4294967296 max; do
    both $version /a/b $memory "max 100000" - -
    heaps+=("$(sed -n 's/^heap //p' <<<"$got")")
  done
done
# The limit makes a difference, and the greatest for 512 MB: the kernel would end the process.
((heaps[0] < heaps[7] && heaps[3] < 536870912)) || { echo "the memory limit makes no difference" >&2; exit 1; }
both 2 / 536870912 "max 100000" - -
both 2 /a/b - - - -

# A flag for the young generation changes the sum as in node.
"$KILN" build main.js -o flagged --intl=none --v8-flag=--max_semi_space_size=16 >log 2>&1 || { cat log >&2; exit 1; }
same "with --max-semi-space-size" "$("$node" --max-semi-space-size=16 main.js | grep heap)" "$(./flagged | grep heap)"

# Quotas of processors, in one, two and three nested groups.
one=0
while IFS='|' read -r group inner outer root; do
  both 2 "$group" max "$inner" "$outer" "$root"
  [[ $got != *"processors 1 1"* ]] || one=$((one + 1))
done <<'QUOTAS'
/a/b|50000 100000|-|-
/a/b|100000 100000|-|-
/a/b|199999 100000|-|-
/a/b|200000 100000|-|-
/a/b|max 100000|-|-
/a/b|0 100000|-|-
/a/b|100000 0|-|-
/a/b|100000|-|-
/a/b|max 100000|100000 100000|-
/a/b|max 100000|max 100000|100000 100000
/a/b|300000 100000|100000 100000|-
/a/b|100000 100000|300000 100000|-
/a/b|100000 100000|max 100000|max 100000
/a/b|-|-|100000 100000
/|100000 100000|-|-
/|-|-|100000 100000
/a/../c|100000 100000|-|-
QUOTAS
((one >= 9)) || { echo "the processor quota makes a difference in $one cases only" >&2; exit 1; }
both 1 /a/b max "50000 100000" - -
if (($(nproc) > 1)) && command -v taskset >/dev/null; then
  same "on one processor" "$(taskset -c 0 "$node" main.js)" "$(taskset -c 0 ./app)"
fi
