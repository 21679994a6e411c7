# ci/lib.sh: what ci/test and ci/run share: stages, logs, progress, elapsed time. Sourced, from the top folder.

cores=$(nproc)
out=out
logs=$out/log
mkdir -p "$logs"

# A duration in seconds, for people.
span() {
  if [ "$1" -ge 60 ]; then printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

say() { printf '%s\n' "$*"; }

# logged NAME COMMAND...: runs it with all output in out/log/NAME.log. Every 20 seconds a line says how long
# it has taken and what the log's last line is. Returns the command's status.
logged() {
  local log=$logs/$1.log name=$1 since=$SECONDS said=$SECONDS status=0 child
  shift
  "$@" >>"$log" 2>&1 </dev/null &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - said)) -ge 20 ]; then
      said=$SECONDS
      say "  $name: $(span $((SECONDS - since))); $(tail -n 1 "$log" | tr '\r' '\n' | tail -n 1 | cut -c1-110)"
    fi
  done
  wait "$child" || status=$?
  return "$status"
}

# The last lines of a log, indented: why something failed.
tail_of() { tail -n "${2:-15}" "$logs/$1.log" | sed 's/^/    /'; }

# select_stages KNOWN... -- ASKED...: sets `chosen` to what was asked for, in the known order; all if nothing.
select_stages() {
  local known=() asked=() name
  while [ "$1" != -- ]; do known+=("$1"); shift; done
  shift
  asked=("$@")
  for name in "${asked[@]}"; do
    case " ${known[*]} " in
      *" $name "*) ;;
      *) echo "$program: there is no stage '$name'; stages: ${known[*]}" >&2; exit 2 ;;
    esac
  done
  chosen=()
  for name in "${known[@]}"; do
    if [ ${#asked[@]} -eq 0 ]; then chosen+=("$name")
    else case " ${asked[*]} " in *" $name "*) chosen+=("$name") ;; esac; fi
  done
}

# configure_and_build LOG PRESET [TARGET...]: one preset, everything that can be built, ccache if it is here.
configure_and_build() {
  local log=$1 preset=$2 targets=()
  shift 2
  [ $# -eq 0 ] || targets=(--target "$@")
  command -v ccache >/dev/null && export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  : >"$logs/$log.log"
  logged "$log" cmake --preset "$preset" &&
    logged "$log" cmake --build --preset "$preset" "${targets[@]}" -- -k 0
}
