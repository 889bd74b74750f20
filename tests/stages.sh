# Stages of a run of tests, each with its seconds; sourced by tests/run and tests/stack/run.
#
#   stage NAME COMMAND…   runs it here; what it prints is seen as it comes
#   begin NAME COMMAND…   starts it beside the others; what it prints waits in target/stages/NAME.log
#   end NAME              waits for it and prints what it said; where it failed, the run ends
#   table                 the seconds of every stage so far
#
# Names have no spaces. However the run ends, nothing that was begun goes on.

stages=target/stages
mkdir -p "$stages"
seconds_of=()
begun=

# Each stage that was begun is a process group, so that it can be stopped with all that it started.
set -m

stop_all() {
  local pid
  for pid in $begun; do kill -INT -- "-$pid" 2>/dev/null || true; done
  for pid in $begun; do wait "$pid" 2>/dev/null || true; done
}
trap stop_all EXIT

stage() {
  local name=$1 started=$SECONDS
  shift
  echo "== $name"
  "$@"
  seconds_of+=("$name $((SECONDS - started))")
  echo "== $name: $((SECONDS - started)) s"
}

begin() {
  local name=$1
  shift
  echo "== $name: begun"
  rm -f "$stages/$name.seconds"
  (
    set -euo pipefail
    trap - EXIT
    started=$SECONDS
    "$@"
    echo $((SECONDS - started)) >"$stages/$name.seconds"
  ) >"$stages/$name.log" 2>&1 </dev/null &
  echo $! >"$stages/$name.pid"
  begun="$begun $!"
}

end() {
  local name=$1 status=0 pid
  pid=$(cat "$stages/$name.pid")
  wait "$pid" || status=$?
  # Its number may be another process's by now.
  begun=" $begun "
  begun=${begun/ $pid / }
  echo "== $name"
  cat "$stages/$name.log"
  if [ "$status" != 0 ]; then
    echo "== $name failed" >&2
    exit "$status"
  fi
  seconds_of+=("$name $(cat "$stages/$name.seconds")")
  echo "== $name: $(cat "$stages/$name.seconds") s"
}

table() {
  local line
  echo "== seconds of each stage; some ran side by side"
  for line in "${seconds_of[@]}"; do printf '%7s  %s\n' "${line##* }" "${line% *}"; done
  printf '%7s  in all\n' "$SECONDS"
}
