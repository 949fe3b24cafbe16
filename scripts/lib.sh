# shellcheck shell=bash
# What run, test and scripts/setup share: words for people, and steps that are quiet while they work.
#
# Sourced after `set -euo pipefail`. Whoever sources it may set its own EXIT trap, which then calls `stop_progress`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${program:-$(basename "$0")}
progress_pid=

say() { printf '%s\n' "$*"; }

# die CODE MESSAGE: the end, with a reason.
die() {
  local code=$1
  shift
  printf '%s: %s\n' "$program" "$*" >&2
  exit "$code"
}

# did_you_mean WORD KNOWN…: "; did you mean 'KNOWN'?" of the one that is the fewest letters off, two at most; else nothing.
# It is Levenshtein's distance (1966), a row of his table at a time.
did_you_mean() {
  local word=$1 best='' fewest=3 known above row cost i j
  shift
  for known in "$@"; do
    above=()
    for ((j = 0; j <= ${#known}; j++)); do above+=("$j"); done
    for ((i = 1; i <= ${#word} && i < 64; i++)); do
      row=("$i")
      for ((j = 1; j <= ${#known}; j++)); do
        cost=${above[j - 1]}
        [[ ${word:i-1:1} == "${known:j-1:1}" ]] || cost=$((cost + 1))
        ((above[j] + 1 >= cost)) || cost=$((above[j] + 1))
        ((row[j - 1] + 1 >= cost)) || cost=$((row[j - 1] + 1))
        row+=("$cost")
      done
      above=("${row[@]}")
    done
    if ((above[${#known}] < fewest)); then fewest=${above[${#known}]} best=$known; fi
  done
  [[ -z $best ]] || printf "; did you mean '%s'?" "$best"
}

stop_progress() {
  [[ -n $progress_pid ]] || return 0
  kill "$progress_pid" 2>/dev/null || true
  wait "$progress_pid" 2>/dev/null || true
  progress_pid=
}

# How far ninja, ctest or apt got, from the end of their log: "12/40", or nothing.
fraction_done() {
  tail -n 200 -- "$1" 2>/dev/null | grep -aoE '(^\[| )[0-9]+/[0-9]+(\]| Test)' | tail -n 1 | tr -cd '0-9/' || true
}

# Says how a step is getting on: every second on a terminal, in one line; every 30 s elsewhere, where lines are kept.
show_progress() {
  local label=$1 log=$2 started=$SECONDS done_part
  while sleep 1 >/dev/null 2>&1; do
    done_part=$(fraction_done "$log")
    if [[ -t 1 ]]; then
      printf '\r\033[K%s … %s %s s' "$label" "$done_part" "$((SECONDS - started))"
    elif (((SECONDS - started) % 30 == 0)); then
      say "$label … $done_part $((SECONDS - started)) s"
    fi
  done
}

# step LABEL LOG COMMAND…: runs the command with its output in LOG, shows progress, and hands on its exit code. It is the
# caller who says what a failure means.
step() {
  local label=$1 log=$2 started=$SECONDS code=0
  shift 2
  mkdir -p "$(dirname "$log")"
  : >"$log"
  show_progress "$label" "$log" &
  progress_pid=$!
  "$@" >>"$log" 2>&1 </dev/null || code=$?
  stop_progress
  [[ ! -t 1 ]] || printf '\r\033[K'
  if ((code == 0)); then
    say "$label: done in $((SECONDS - started)) s"
  else
    say "$label: failed after $((SECONDS - started)) s (exit code $code)"
  fi
  return "$code"
}

# show_tail LOG: the end of a failed step's log.
show_tail() {
  say "--- the last lines of $1:"
  tail -n 40 -- "$1"
  say "---"
}

# build PRESET TARGET…: configures and compiles, or ends the program with what the compiler said.
build() {
  local preset=$1 log="$root/out/log/build-$1.log"
  shift
  step "building $preset" "$log" compile "$preset" "$@" && return
  show_tail "$log"
  die 3 "the $preset build failed; the whole log is $log"
}

compile() {
  local preset=$1
  shift
  cd "$root" && cmake --preset "$preset" && cmake --build "build/$preset" --target "$@"
}
