// Makes series over time of a probe's readings: counters become rates, what is missing becomes gaps.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "loadlab/probe/probe.h"
#include "loadlab/result/probe_series.h"

namespace loadlab {

// Not thread-safe. Readings come with the monotonic clock's time, ascending. As a test starts some time after its
// probes do (its users log in first), nothing is made of them until the start is known: then the last reading before it
// is what the first rates are counted from, and those before that are forgotten.
//
// A counter that has fallen was reset, and its rate is a gap this once. After a gap, a rate is the mean since the
// reading before it: the counter went on counting meanwhile.
class SeriesBuilder {
 public:
  // Parts beyond so many are not kept apart: a plot of more workers than this tells nobody anything.
  static constexpr std::size_t kMostParts = 64;
  // … and metrics, for the sake of an endpoint that exports one a customer.
  static constexpr std::size_t kMostMetrics = 300;

  // Metrics that are wanted find a place however many there are.
  SeriesBuilder(std::string probe, std::string label, base::Nanoseconds interval, std::vector<std::string> wanted = {});

  // When the test started. Summaries begin after its warm-up.
  void begin_test(base::Nanoseconds start, base::Nanoseconds warm_up);

  // A `closing` one comes after the load: what counters did until then belongs to it, and levels don't, unless nothing
  // else was read.
  void add(base::Nanoseconds at, Reading reading, bool closing = false);

  // Nothing could be read.
  void miss(base::Nanoseconds at, const std::string& reason);

  // Of the whole, as of its last tick; NaN where that was a gap, or there is no such metric.
  double latest(std::string_view metric) const;

  // The whole, then the parts. Without samples they have summaries and gaps only, and cost little.
  enum class Detail { summaries, samples };
  std::vector<ProbeSeries> series(Detail detail) const;

 private:
  struct Metric {
    MetricSeries series;
    double counter = 0;
    double counter_at = kGap;  // when it was read; NaN: not yet
    double pending_sum = 0;    // of the samples that are being merged
    int pending_count = 0;
    double latest = kGap;         // of the tick at hand
    double before = kGap;         // of gauges, before the measured part
    double sum = 0;               // of gauges, in the measured part
    double observed_seconds = 0;  // of rates, there
  };
  struct Part {
    std::string name;
    std::vector<double> at;
    std::vector<Metric> metrics;
    double pending_at = 0;
    int pending_ticks = 0;
    int stride = 1;  // ticks to a kept sample
    bool present = false;
  };

  struct Tick {
    base::Nanoseconds at;
    std::optional<Reading> reading;
    std::string reason;  // why there is none
    bool closing = false;
  };

  void receive(Tick tick);
  void process(const Tick& tick);
  void forget_latest();
  void take_in(double at, const Reading& reading, bool closing);
  void leave_out(double at, const std::string& reason);
  Part* part_of(const std::string& name);
  Metric* metric_of(Part& part, const Reading::Value& value) const;
  void take(Metric& metric, double at, double value, bool closing) const;
  bool is_share(const Metric& metric) const;
  double rate_of(Metric& metric, double at, double counter) const;
  void summarise(Metric& metric, double at, double value) const;
  static void end_tick(Part& part, double at);
  static void halve(Part& part);

  std::string probe_;
  std::string label_;
  base::Nanoseconds interval_;
  std::vector<std::string> wanted_;
  std::optional<base::Nanoseconds> start_;
  std::deque<Tick> waiting_;  // for the start to be known
  double measured_from_ = 0;
  std::vector<Part> parts_;
  std::vector<ProbeGap> gaps_;
  bool in_gap_ = false;
  double last_at_ = kGap;
};

}  // namespace loadlab
