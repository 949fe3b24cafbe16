// From a person's YAML, or from a bare URL, to a checked Plan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

// What the command line says of every test of a plan. Unset fields leave the plan as it is.
struct Overrides {
  std::string target;        // --target
  std::vector<Watch> watch;  // --watch, in addition
  std::optional<Nanoseconds> watch_interval;
  std::optional<int> threads;           // --threads
  std::optional<Nanoseconds> duration;  // --duration; a longer ramp is shortened to it
  std::vector<std::string> only;        // --only: tests with this name or tag, or of this file; empty: all
  std::vector<std::string> except;      // --except: not those, even if `only` has them
  // --insecure, --ca-file, --cert, --key; unset ones leave the plan's
  bool insecure = false;
  std::string ca_file;
  std::string certificate;
  std::string key;
  std::vector<std::pair<std::string, std::string>> variables;  // -e NAME=VALUE; of the same name, the last
  // What the environment says under a name; without it, nothing.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  // A port of 127.0.0.1 on which nobody listens, another one each time; without it, no port is free.
  std::function<std::optional<std::uint16_t>()> free_port;
};

// What a bare URL is loaded with.
struct UrlLoad {
  std::string url;
  std::optional<int> users;    // a closed model; 10 users if neither is said
  std::optional<double> rate;  // an open model, iterations a second
  Arrivals arrivals = Arrivals::poisson;
  Nanoseconds duration{std::chrono::seconds(10)};
  Nanoseconds ramp_up{0};
  std::string method = "GET";
  std::vector<std::string> headers;  // `Name: value`
  std::string body;
  bool keep_alive = true;               // else each request has a connection of its own
  std::vector<std::string> thresholds;  // expressions; with `error_rate < 1%` unless one is about error_rate
};

// Reads a plan; docs/plan.md is its reference. What is wrong with it fails (invalid) with up to ten lines in the order
// of the file, each beginning with `FILE:LINE:COLUMN:` and saying what was expected, with the nearest known key for one
// that isn't known. A file that can't be read fails (not_found, io) with its name, and overrides that make no sense
// (invalid) with their option. Time and memory are bounded whatever the text: 1 MB of it, 8 MB with aliases written
// out, 64 MB of requests.
// A folder is its suite.yaml.
base::Result<Plan> load_plan_file(const std::string& what, const Overrides& overrides);
base::Result<Plan> load_plan_text(std::string_view yaml, const std::string& name, const Overrides& overrides);

// The plan of one test with one step. Fails (invalid), naming the option at fault.
base::Result<Plan> plan_for_url(const UrlLoad& load, const Overrides& overrides);

// `http://host[:port][/path]`, `https://…`, or `unix:/path/of/socket[:/path]`. Fails (invalid) on another scheme, user
// names, an empty host or a port that is none.
base::Result<Url> parse_url(std::string_view text);

// `250ms`, `1.5s`, `2m`, `1h`, `100us`. A number without a unit is refused, as nobody knows what it means.
base::Result<Nanoseconds> parse_duration(std::string_view text);

// `500/s`, `30/m`, `10/h`: a second's.
base::Result<double> parse_rate(std::string_view text);

// `p95(response_time of recommend) < 3s`; threshold_parser.h has the grammar. Fails (invalid) with the column and what
// was expected there.
base::Result<Threshold> parse_threshold(std::string_view expression);

// `NAME=VALUE`. What is wrong with it is told without showing the value.
base::Result<std::pair<std::string, std::string>> parse_variable(std::string_view text);

// `pid:4242`, `port:8080`, `redis:redis://127.0.0.1:6379` and the like; watch.h has them all. Fails (invalid) with what
// was expected, and without the password that a URL may hold.
base::Result<Watch> parse_watch(std::string_view text);

}  // namespace loadlab
