# Sourced after build/common.sh by scripts that talk to processes in the background: starts them,
# waits until they are ready, and ends them by process id, at the latest when the script ends.
# Every wait is bounded, and fails immediately when the process it waits for has ended.
#
# start, serve and serve_at_free_port set $pid, and $output, the file with the standard output of the
# process. $output.err has its standard error, which is printed when the script fails.

kPatience=300  # time limit for a process to be ready or to end, in tenths of a second
started=()
number_started=0
cleanup+=(stop)

# start COMMAND…: runs it in the background.
start() {
  number_started=$((number_started + 1))
  output=$scratch/process.$number_started
  evidence+=("$output.err")
  : >"$output"  # it may be read before the process creates it
  "$@" >"$output" 2>"$output.err" &
  pid=$!
  started+=("$pid")
}

# until_true WHAT COMMAND…: waits until COMMAND is true, while the last process runs.
until_true() {
  local what=$1 i
  shift
  for ((i = 0; i < kPatience; i++)); do
    "$@" && return
    # It may have become true just before the process ended.
    if is_over "$pid"; then
      "$@" && return
      break
    fi
    sleep 0.1
  done
  echo "process $number_started did not $what; it printed:" >&2
  cat "$output" >&2
  exit 1
}

# await PATTERN: waits until a line of the last process's standard output matches.
await() { until_true "print '$1'" grep -q -- "$1" "$output"; }

# serve COMMAND…: starts a server, whose first line of output is its port, and sets $port.
serve() {
  start "$@"
  until_true "print its port" has_line
  port=$(head -n 1 "$output")
}
has_line() { (($(wc -l <"$output") > 0)); }

# serve_at_free_port COMMAND…: starts a server that takes its port as an argument: the word PORT in
# COMMAND is replaced. Sets $port, and waits until the server accepts connections there.
serve_at_free_port() {
  port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  start "${@//PORT/$port}"
  until_true "accept connections" listens "$port"
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }  # a refused connection is not an error here

# ended STATUS: the last process must end without a signal from us, with this status.
ended() {
  local status=0
  until_true "end" is_over "$pid"
  wait "$pid" || status=$?
  forget "$pid"
  same "the exit status of process $number_started" "$1" "$status"
}
# "No such process" is an expected result, not an error.
is_over() { ! kill -0 "$1" 2>/dev/null; }

forget() {
  local one kept=()
  for one in "${started[@]}"; do [[ $one == "$1" ]] || kept+=("$one"); done
  started=("${kept[@]}")
}

# stop: ends all processes that were started and still run.
stop() {
  local one i
  for one in "${started[@]}"; do kill "$one" 2>/dev/null || true; done  # may have ended already
  for one in "${started[@]}"; do
    for ((i = 0; i < 50; i++)); do is_over "$one" && break; sleep 0.1; done
    is_over "$one" || kill -KILL "$one" 2>/dev/null || true
    wait "$one" || true  # killed by us: its status is meaningless
  done
  started=()
}
