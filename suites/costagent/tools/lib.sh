# shellcheck shell=bash
# What the suite's tools share. Sourced after `set -euo pipefail`.
#
#   COSTAGENT       the program; by default this repository's release build
#   SUITE_YEAR      where the generated year is kept; by default build/sample
#   SUITE_POSTGRES  the URL of a PostgreSQL: each agent gets a database of its own there, instead of a SQLite file
#   SUITE_CACHE     the agents' --cache, as in redis://127.0.0.1:6379/0
#   SUITE_OPTIONS   more options of the agents, separated by spaces
#   SUITE_WRAPPER   a command that runs the agents, as in `prlimit --nofile=64`
#   SUITE_SQL       what is done to each agent's database before it starts
#   SUITE_IN_TURN   1: what is far away answers one question at a time
#   SUITE_AWAY      for so many seconds a database that is killed stays away
#   SUITE_ROOM      so many bytes are left on the small disk (300,000)
#   SUITE_FULL      1: the small disk gets no room
# All from SUITE_OPTIONS on are how faults are planted, to see which tests notice.

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tools/../../.." && pwd)
costagent=${COSTAGENT:-$root/build/release/bin/costagent}
year=${SUITE_YEAR:-$root/build/sample}
# shellcheck disable=SC2034  # for who sources this
postgres=${SUITE_POSTGRES:-}

# database_of URL NAME: the URL of another database of that server.
database_of() { printf '%s/%s' "${1%/*}" "$2"; }

# take_in DATABASE: every customer's year.
take_in() {
  local folder
  for folder in "$year"/bills/*/; do
    "$costagent" ingest --database "$1" --customer "$(basename "$folder")" --utilisation "${folder}utilisation.csv" \
      "$folder"[0-9]*.csv
  done
}
