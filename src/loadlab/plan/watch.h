// What to read while a load runs.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"

namespace loadlab {

struct Watch {
  enum class Kind {
    pid,         // pid:4242
    port,        // port:8080, whoever listens there
    name,        // name:shop, every process of that name
    command,     // command:./shop --port 8080, which loadlab starts before the test and ends after it
    machine,     // machine, the one that loadlab runs on
    cgroup,      // cgroup:/sys/fs/cgroup/shop.slice
    postgresql,  // postgresql:postgresql://user@host:5432/shop, or just postgresql://…
    pgbouncer,   // pgbouncer:postgresql://user@host:6432/pgbouncer
    redis,       // redis:redis://host:6379, or just redis://…
    prometheus,  // prometheus:http://host:9100/metrics
    query        // prometheus:http://host:9090#NAME=QUERY, of a Prometheus server
  };

  Kind kind = Kind::pid;
  int number = 0;     // of pid and port
  std::string text;   // the name, command, folder or URL, which may hold a password
  std::string label;  // for reports: the same without the password, and without the query
  std::string name;   // of a query: what its metric is called
  std::string query;  // its expression

  // Together, these are one thing to watch: the target's processes.
  bool is_process() const {
    return kind == Kind::pid || kind == Kind::port || kind == Kind::name || kind == Kind::command;
  }
};

// A thread each.
inline constexpr std::size_t kMostWatched = 16;
// Below, probes would take more of the machine than they say of it; above, nothing of a test would be seen.
inline constexpr base::Nanoseconds kShortestWatchInterval = std::chrono::milliseconds(100);
inline constexpr base::Nanoseconds kLongestWatchInterval = std::chrono::minutes(10);
inline constexpr const char* kReasonOfWatchInterval = "more often costs the target too much, more seldom shows nothing";

}  // namespace loadlab
