#include "loadlab/probe/series_builder.h"

#include <algorithm>
#include <cmath>

namespace loadlab {
namespace {

// Rates over a smaller share of the interval say more about the clock's grain, and about how a reading was put off,
// than about what was watched: they count in sums, not as peaks.
constexpr double kShortestShare = 0.5;

// A thing that comes and goes all the time is told by its first gaps; its samples show the rest.
constexpr std::size_t kMostGaps = 100;

// Of readings before the start is known: a test says so with its first second, at the longest after a slow one.
constexpr std::size_t kMostWaiting = 64;

double seconds_of(base::Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

double mean_of(double a, double b) {
  if (std::isnan(a)) return b;
  return std::isnan(b) ? a : (a + b) / 2;
}

}  // namespace

SeriesBuilder::SeriesBuilder(std::string probe, std::string label, base::Nanoseconds interval,
                             std::vector<std::string> wanted)
    : probe_(std::move(probe)), label_(std::move(label)), interval_(interval), wanted_(std::move(wanted)), parts_(1) {}

void SeriesBuilder::begin_test(base::Nanoseconds start, base::Nanoseconds warm_up) {
  start_ = start;
  measured_from_ = seconds_of(warm_up);
  // Of those before the start the last one alone counts.
  while (waiting_.size() > 1 && waiting_[1].at <= start) waiting_.pop_front();
  for (const Tick& tick : waiting_) process(tick);
  waiting_.clear();
}

void SeriesBuilder::add(base::Nanoseconds at, Reading reading, bool closing) {
  receive({at, std::move(reading), "", closing});
}

void SeriesBuilder::miss(base::Nanoseconds at, const std::string& reason) {
  receive({at, std::nullopt, reason, false});
}

void SeriesBuilder::receive(Tick tick) {
  if (start_) return process(tick);
  if (waiting_.size() >= kMostWaiting) waiting_.pop_front();
  waiting_.push_back(std::move(tick));
}

void SeriesBuilder::process(const Tick& tick) {
  const double at = seconds_of(tick.at - *start_);
  if (tick.reading) {
    take_in(at, *tick.reading, tick.closing);
  } else {
    leave_out(at, tick.reason);
  }
}

void SeriesBuilder::forget_latest() {
  for (Metric& metric : parts_.front().metrics) metric.latest = kGap;
}

void SeriesBuilder::take_in(double at, const Reading& reading, bool closing) {
  forget_latest();
  if (in_gap_) gaps_.back().to_seconds = at;
  in_gap_ = false;
  // So soon after another it has neither rates nor levels of its own: no sample.
  const bool only_adds = closing && at - last_at_ < kShortestShare * seconds_of(interval_);
  std::vector<bool> seen(parts_.size(), false);
  for (const Reading::Part& from : reading.parts()) {
    Part* part = part_of(from.name);
    if (!part) continue;
    const auto index = static_cast<std::size_t>(part - parts_.data());
    if (index >= seen.size()) seen.resize(index + 1, false);
    seen[index] = true;
    part->present = true;
    for (const Reading::Value& value : from.values) {
      if (Metric* metric = metric_of(*part, value)) take(*metric, at, value.value, closing);
    }
    if (!only_adds) end_tick(*part, at);
  }
  if (only_adds) return;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    // What has left ends with a gap, should it come back.
    if (!seen[i] && parts_[i].present) end_tick(parts_[i], at);
    parts_[i].present = seen[i];
  }
  last_at_ = at;
}

void SeriesBuilder::leave_out(double at, const std::string& reason) {
  forget_latest();
  if (!in_gap_ && gaps_.size() < kMostGaps) {
    gaps_.push_back({std::isnan(last_at_) ? std::min(at, 0.0) : last_at_, at, reason});
    in_gap_ = true;
  }
  if (in_gap_) gaps_.back().to_seconds = at;
  for (Part& part : parts_) {
    if (part.present || part.name.empty()) end_tick(part, at);
  }
  last_at_ = at;
}

SeriesBuilder::Part* SeriesBuilder::part_of(const std::string& name) {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.name == name; });
  if (found != parts_.end()) return &*found;
  if (parts_.size() > kMostParts) return nullptr;
  parts_.emplace_back().name = name;
  return &parts_.back();
}

SeriesBuilder::Metric* SeriesBuilder::metric_of(Part& part, const Reading::Value& value) const {
  for (Metric& metric : part.metrics) {
    if (metric.series.name == value.name) return &metric;
  }
  const bool is_wanted = std::find(wanted_.begin(), wanted_.end(), value.name) != wanted_.end();
  if (part.metrics.size() >= kMostMetrics && !is_wanted) return nullptr;
  Metric& metric = part.metrics.emplace_back();
  metric.series.name = value.name;
  metric.series.unit = value.unit;
  metric.series.kind = value.kind;
  metric.series.values.assign(part.at.size(), kGap);
  return &metric;
}

void SeriesBuilder::take(Metric& metric, double at, double value, bool closing) const {
  if (metric.series.kind == MetricKind::rate) value = rate_of(metric, at, value);
  if (closing && metric.series.kind == MetricKind::gauge && metric.series.summary.samples > 0) value = kGap;
  metric.latest = value;
  if (std::isnan(value)) return;
  metric.pending_sum += value;
  ++metric.pending_count;
  if (metric.series.kind != MetricKind::gauge) return;
  if (at < measured_from_) metric.before = value;
  summarise(metric, at, value);
}

// Of time, of which no more can be had than passes: what is beyond is the grain of two clocks. (Redis' CPU is of one
// core.)
bool SeriesBuilder::is_share(const Metric& metric) const {
  const std::string& name = metric.series.name;
  return metric.series.unit == "%" && probe_ != "redis" &&
         (name.starts_with("cpu") || name.starts_with("pressure") || name == "disk_busy" || name == "busiest_core");
}

// The rate since the reading before, which is added to the summary. NaN for the first one, and where it was reset.
double SeriesBuilder::rate_of(Metric& metric, double at, double counter) const {
  const double seconds = at - metric.counter_at;
  const double increase = counter - metric.counter;
  metric.counter = counter;
  metric.counter_at = at;
  if (std::isnan(seconds) || seconds <= 0 || std::isnan(increase) || increase < 0) return kGap;
  const double rate = is_share(metric) ? std::min(100.0, increase / seconds) : increase / seconds;
  const bool is_long = seconds >= kShortestShare * seconds_of(interval_);
  if (at - seconds / 2 < measured_from_) return is_long ? rate : kGap;
  MetricSummary& summary = metric.series.summary;
  summary.increase = std::isnan(summary.increase) ? increase : summary.increase + increase;
  metric.observed_seconds += seconds;
  if (is_long) summarise(metric, at, rate);
  summary.average = summary.increase / metric.observed_seconds;
  if (is_share(metric)) summary.average = std::min(100.0, summary.average);
  return is_long ? rate : kGap;
}

void SeriesBuilder::summarise(Metric& metric, double at, double value) const {
  if (at < measured_from_) return;
  MetricSummary& summary = metric.series.summary;
  if (summary.samples == 0) {
    summary.first = summary.lowest = summary.highest = value;
  }
  ++summary.samples;
  summary.last = value;
  summary.lowest = std::min(summary.lowest, value);
  summary.highest = std::max(summary.highest, value);
  if (metric.series.kind == MetricKind::rate) return;
  metric.sum += value;
  summary.average = metric.sum / static_cast<double>(summary.samples);
  summary.increase = summary.last - summary.first;
}

void SeriesBuilder::end_tick(Part& part, double at) {
  part.pending_at += at;
  if (++part.pending_ticks < part.stride) return;
  part.at.push_back(part.pending_at / part.pending_ticks);
  for (Metric& metric : part.metrics) {
    metric.series.values.push_back(metric.pending_count > 0 ? metric.pending_sum / metric.pending_count : kGap);
    metric.pending_sum = 0;
    metric.pending_count = 0;
  }
  part.pending_at = 0;
  part.pending_ticks = 0;
  if (part.at.size() >= ProbeSeries::kMostSamples) halve(part);
}

void SeriesBuilder::halve(Part& part) {
  const std::size_t pairs = part.at.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i) part.at[i] = (part.at[2 * i] + part.at[2 * i + 1]) / 2;
  part.at.resize(pairs);
  for (Metric& metric : part.metrics) {
    auto& values = metric.series.values;
    for (std::size_t i = 0; i < pairs; ++i) values[i] = mean_of(values[2 * i], values[2 * i + 1]);
    values.resize(pairs);
  }
  part.stride *= 2;
}

double SeriesBuilder::latest(std::string_view metric) const {
  for (const Metric& one : parts_.front().metrics) {
    if (one.series.name == metric) return one.latest;
  }
  return kGap;
}

std::vector<ProbeSeries> SeriesBuilder::series(Detail detail) const {
  std::vector<ProbeSeries> all;
  for (const Part& part : parts_) {
    ProbeSeries& series = all.emplace_back();
    series.probe = probe_;
    series.label = label_;
    series.part = part.name;
    series.interval = seconds_of(interval_) * part.stride;
    if (part.name.empty()) series.gaps = gaps_;
    if (detail == Detail::samples) series.at = part.at;
    for (const Metric& metric : part.metrics) {
      MetricSeries& made = series.metrics.emplace_back();
      made.name = metric.series.name;
      made.unit = metric.series.unit;
      made.kind = metric.series.kind;
      made.summary = metric.series.summary;
      // What is read seldom, and last was before the load: it still is what it was.
      if (MetricSummary& summary = made.summary; summary.samples == 0 && !std::isnan(metric.before)) {
        summary.samples = 1;
        summary.first = summary.last = summary.lowest = summary.highest = summary.average = metric.before;
        summary.increase = 0;
      }
      if (detail == Detail::samples) made.values = metric.series.values;
    }
  }
  return all;
}

}  // namespace loadlab
