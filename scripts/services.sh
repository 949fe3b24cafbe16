# shellcheck shell=bash
# PostgreSQL and Redis of Debian's packages, each on a free port of 127.0.0.1, with its data in a folder of the caller's.
#
# Sourced after lib.sh. Each start sets a URL and a pid; the caller ends what was started with `stop_services`, from its EXIT
# trap too. They don't outlive a script that is killed.

postgres_url=
redis_url=
postgres_pid=
redis_pid=

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# PostgreSQL refuses to run as root. For a subshell, whose place the command takes.
as_postgres() {
  if ((EUID == 0)); then exec setpriv --reuid postgres --regid postgres --clear-groups --inh-caps=-all "$@"; else exec "$@"; fi
}

# start_postgres FOLDER: an empty server with a database `costs`. FOLDER must be reachable for the user postgres.
start_postgres() {
  local bin=/usr/lib/postgresql/15/bin data=$1/postgres port
  port=$(free_port)
  mkdir -p "$data"
  ((EUID != 0)) || chown postgres:postgres "$data"
  (cd / && as_postgres "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-sync) >"$data.log" 2>&1 || return
  local server=("$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c "port=$port" -c unix_socket_directories=
    -c max_wal_size=2GB)
  (cd / && as_postgres setpriv --pdeathsig INT "${server[@]}") >>"$data.log" 2>&1 </dev/null &
  postgres_pid=$!
  for ((i = 0; i < 300; i++)); do
    kill -0 "$postgres_pid" 2>/dev/null || return 1
    if pg_isready -q -h 127.0.0.1 -p "$port"; then break; fi
    sleep 0.1
  done
  psql -X -q "postgresql://postgres@127.0.0.1:$port/postgres" -c 'CREATE DATABASE costs' >>"$data.log" 2>&1 || return
  # shellcheck disable=SC2034  # for who sources this
  postgres_url="postgresql://postgres@127.0.0.1:$port/costs"
}

# start_redis FOLDER: an empty server that keeps nothing on the disk.
start_redis() {
  local port
  port=$(free_port)
  setpriv --pdeathsig TERM redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$1" >"$1/redis.log" 2>&1 </dev/null &
  redis_pid=$!
  for ((i = 0; i < 300; i++)); do
    kill -0 "$redis_pid" 2>/dev/null || return 1
    if [[ $(redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null) == PONG ]]; then break; fi
    sleep 0.1
  done
  # shellcheck disable=SC2034  # for who sources this
  redis_url="redis://127.0.0.1:$port/0"
}

stop_services() {
  local pid
  for pid in $redis_pid $postgres_pid; do
    kill -INT "$pid" 2>/dev/null || true # of PostgreSQL: a fast shutdown
    wait "$pid" 2>/dev/null || true
  done
  redis_pid=
  postgres_pid=
}
