// Something that is watched while a load runs: a process, a database, an endpoint.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loadlab/result/probe_series.h"

namespace loadlab {

// What one look at a watched thing found. A metric that isn't set is not known this time.
class Reading {
 public:
  struct Value {
    std::string name;
    std::string unit;
    MetricKind kind = MetricKind::gauge;
    double value = 0;  // of a rate: the counter itself, in `unit` x seconds
  };
  struct Part {
    std::string name;  // empty: the whole
    std::vector<Value> values;
  };

  // `probe` must stay; it is where the names of the catalogue are looked for.
  explicit Reading(std::string_view probe) : probe_(probe) {}

  // From now on values belong to this part; at first, to the whole.
  void begin_part(std::string name);

  // A metric of the catalogue (result/probe_metrics.h), in its unit; a rate's is the counter as it stands.
  void set(std::string_view metric, double value);

  // One that no catalogue knows.
  void set_other(std::string name, MetricKind kind, double value, std::string unit = "");

  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::string_view probe_;
  std::vector<Part> parts_{1};
};

// One thread at a time uses it: the one that reads.
class Probe {
 public:
  virtual ~Probe() = default;

  // The catalogue's word for it: "process", "redis" …
  virtual std::string_view kind() const = 0;

  // Which one it is, for people and without secrets. Fixed from the start.
  virtual const std::string& label() const = 0;

  // Looks. May be tried again after any failure: what is gone may come back, and connections are opened anew. Blocks
  // for no longer than some seconds, and if the operating system lets it hang all the same, only its own thread hangs.
  virtual base::Result<> read(Reading& into) = 0;

  // Names of metrics that are kept before all others, should there be too many. Fixed from the start.
  virtual std::vector<std::string> wanted() const { return {}; }

  // What is best listed by name, from the first reading to the last.
  virtual std::vector<ProbeTable> tables() { return {}; }
};

}  // namespace loadlab
