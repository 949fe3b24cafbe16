// Watches a service through the metrics that it shows itself, in Prometheus' text format, or through a Prometheus
// server that collects them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/http_client.h"
#include "loadlab/probe/probe.h"

namespace loadlab {

// A metric's samples are added up over their labels: counters become rates, gauges stay. A histogram `h` becomes h_p50,
// h_p95 and h_p99 of what came since the reading before (found within a bucket in a straight line, as Prometheus'
// histogram_quantile does), h_count and h_sum; a summary's quantiles are the highest of its labels'. Fails where there
// is no answer within three seconds, or one that is not in the format or over 8 MB.
class PrometheusProbe final : public Probe {
 public:
  // Those that are wanted are kept before others, of which SeriesBuilder has no room for more than some hundred.
  PrometheusProbe(std::string url, std::string label, std::vector<std::string> wanted)
      : url_(std::move(url)), label_(std::move(label)), wanted_(std::move(wanted)) {}

  std::string_view kind() const override { return "prometheus"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;
  std::vector<std::string> wanted() const override { return wanted_; }

 private:
  using Buckets = std::map<double, double>;  // upper bound to cumulative count

  std::string url_;
  std::string label_;
  std::vector<std::string> wanted_;
  io::HttpClient client_;
  std::map<std::string, Buckets, std::less<>> before_;
};

// Asks a Prometheus server one query, by its range query of the last interval: the newest value of each series, added
// up.
class PrometheusQueryProbe final : public Probe {
 public:
  PrometheusQueryProbe(std::string url, std::string label, std::string name, std::string query,
                       base::Nanoseconds interval);

  std::string_view kind() const override { return "prometheus"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;

 private:
  std::string url_;
  std::string label_;
  std::string name_;
  std::string query_;
  double interval_seconds_;
  io::HttpClient client_;
};

}  // namespace loadlab
