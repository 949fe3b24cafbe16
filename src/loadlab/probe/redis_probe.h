// Watches a Redis server through its INFO, its slow log and its command statistics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "io/redis.h"
#include "loadlab/probe/probe.h"

namespace loadlab {

// Two commands a reading. A server that refuses or is slow is a failure within three seconds, and is tried anew at the
// next reading.
class RedisProbe final : public Probe {
 public:
  RedisProbe(std::string url, std::string label) : url_(std::move(url)), label_(std::move(label)) {}

  std::string_view kind() const override { return "redis"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;
  // Commands by total time, and what went into the slow log meanwhile.
  std::vector<ProbeTable> tables() override;

 private:
  struct Command {
    double calls = 0;
    double total_us = 0;
  };
  using Commands = std::map<std::string, Command>;

  base::Result<io::RedisReply> ask(const std::vector<std::string>& words, base::Nanoseconds until);
  base::Result<Commands> commands(base::Nanoseconds until);
  void set_hit_ratio(const std::string& info, Reading& into);
  ProbeTable slow_log(base::Nanoseconds until);

  std::string url_;
  std::string label_;
  std::optional<io::Redis> server_;
  std::optional<std::pair<double, double>> lookups_before_;  // hits, misses
  std::optional<Commands> first_commands_;
  std::int64_t first_slow_ = 0;  // the number that the next entry of the slow log had at the first reading
};

}  // namespace loadlab
