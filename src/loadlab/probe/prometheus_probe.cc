#include "loadlab/probe/prometheus_probe.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "loadlab/probe/proc_text.h"
#include "loadlab/probe/prometheus_text.h"

namespace loadlab {
namespace {

namespace json = boost::json;
using base::ErrorKind;

// Longer than anybody names a metric; what an endpoint makes up would swell every report.
constexpr std::size_t kLongestName = 200;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Quantile {
  const char* ending;
  double share;
};
constexpr Quantile kQuantiles[] = {{"_p50", 0.50}, {"_p95", 0.95}, {"_p99", 0.99}};

bool is_counter(const ExposedSample& sample) {
  if (sample.kind == ExposedKind::counter) return true;
  if (sample.kind == ExposedKind::histogram || sample.kind == ExposedKind::summary)
    return sample.name.ends_with("_count") || sample.name.ends_with("_sum");
  return sample.kind == ExposedKind::untyped && sample.name.ends_with("_total");
}

std::optional<double> bound_of(std::string_view text) {
  return text == "+Inf" || text == "Inf" ? std::optional(kInfinity) : real_number(text);
}

// What came into each bucket between two readings; nothing where the counts fell, as after a restart.
std::optional<std::map<double, double>> grown(const std::map<double, double>& before,
                                              const std::map<double, double>& after) {
  std::map<double, double> counts;
  for (const auto& [bound, count] : after) {
    const auto known = before.find(bound);
    const double from = known == before.end() ? 0 : known->second;
    if (count < from) return std::nullopt;
    counts[bound] = count - from;
  }
  return counts;
}

// Of cumulative counts by upper bound; nothing where none came.
std::optional<double> quantile_of(const std::map<double, double>& counts, double share) {
  if (counts.empty() || counts.rbegin()->first != kInfinity || counts.rbegin()->second <= 0) return std::nullopt;
  const double rank = share * counts.rbegin()->second;
  double below_bound = std::min(0.0, counts.begin()->first);
  double below = 0;
  for (const auto& [bound, count] : counts) {
    if (count < rank || count <= below) {
      below_bound = bound;
      below = count;
      continue;
    }
    if (bound == kInfinity) return below_bound;
    return below_bound + (bound - below_bound) * (rank - below) / (count - below);
  }
  return std::nullopt;
}

// A name's values, put together over its labels.
struct Collected {
  MetricKind kind = MetricKind::gauge;
  double value = 0;
};
using Metrics = std::map<std::string, Collected, std::less<>>;

void collect_quantile(const ExposedSample& sample, Metrics& metrics) {
  const auto share = real_number(sample.label("quantile"));
  for (const auto& [ending, wanted] : kQuantiles) {
    if (!share || *share != wanted || !std::isfinite(sample.value)) continue;
    const std::string name = std::string(sample.name) + ending;
    const auto [at, is_new] = metrics.try_emplace(name, Collected{MetricKind::gauge, sample.value});
    if (!is_new) at->second.value = std::max(at->second.value, sample.value);
  }
}

}  // namespace

base::Result<> PrometheusProbe::read(Reading& into) {
  const auto answer = client_.get(url_, {});
  if (!answer) return base::pass_on(answer);
  if (answer->status != 200) return base::fail(ErrorKind::unavailable, "{} answers {}", label_, answer->status);
  const auto samples = parse_exposition(answer->body);
  if (!samples) return base::fail(samples.error().kind, "{}: {}", label_, samples.error().message);
  Metrics metrics;
  std::map<std::string, Buckets, std::less<>> histograms;
  for (const ExposedSample& sample : *samples) {
    if (sample.name.size() > kLongestName) continue;
    if (sample.kind == ExposedKind::histogram && sample.name.ends_with("_bucket")) {
      constexpr std::size_t kEnding = 7;
      const auto bound = bound_of(sample.label("le"));
      if (bound) histograms[std::string(sample.name.substr(0, sample.name.size() - kEnding))][*bound] += sample.value;
    } else if (sample.kind == ExposedKind::summary && !sample.label("quantile").empty()) {
      collect_quantile(sample, metrics);
    } else if (std::isfinite(sample.value)) {
      Collected& one = metrics[std::string(sample.name)];
      one.kind = is_counter(sample) ? MetricKind::rate : MetricKind::gauge;
      one.value += sample.value;
    }
  }
  for (const auto& [name, buckets] : histograms) {
    const auto before = before_.find(name);
    const auto counts = before == before_.end() ? std::nullopt : grown(before->second, buckets);
    for (const auto& [ending, share] : kQuantiles) {
      const auto value = counts ? quantile_of(*counts, share) : std::nullopt;
      if (value) metrics[name + ending] = {MetricKind::gauge, *value};
    }
  }
  before_ = std::move(histograms);
  const auto set = [&](const std::string& name, const Collected& one) {
    into.set_other(name, one.kind, one.value, one.kind == MetricKind::rate ? "/s" : "");
  };
  for (const std::string& name : wanted_) {
    if (const auto found = metrics.find(name); found != metrics.end()) set(name, found->second);
  }
  for (const auto& [name, one] : metrics) {
    if (std::find(wanted_.begin(), wanted_.end(), name) == wanted_.end()) set(name, one);
  }
  return {};
}

PrometheusQueryProbe::PrometheusQueryProbe(std::string url, std::string label, std::string name, std::string query,
                                           base::Nanoseconds interval)
    : url_(std::move(url)),
      label_(std::move(label)),
      name_(std::move(name)),
      query_(std::move(query)),
      interval_seconds_(std::chrono::duration<double>(interval).count()) {
  while (url_.ends_with('/')) url_.pop_back();
}

base::Result<> PrometheusQueryProbe::read(Reading& into) {
  const double now = std::chrono::duration<double>(base::SystemClock().utc().time_since_epoch()).count();
  const std::string url = fmt::format("{}/api/v1/query_range?query={}&start={:.3f}&end={:.3f}&step={:.3f}", url_,
                                      io::HttpClient::escaped(query_), now - interval_seconds_, now, interval_seconds_);
  const auto answer = client_.get(url, {});
  if (!answer) return base::pass_on(answer);
  boost::system::error_code error;
  const json::value body = json::parse(answer->body, error);
  const auto* object = error ? nullptr : body.if_object();
  if (const auto* why = object ? object->if_contains("error") : nullptr; why && why->is_string())
    return base::fail(ErrorKind::invalid, "{}: {}", label_, std::string_view(why->get_string()));
  if (answer->status != 200) return base::fail(ErrorKind::unavailable, "{} answers {}", label_, answer->status);
  const json::value* result = body.find_pointer("/data/result", error);
  if (!object || !result || !result->is_array())
    return base::fail(ErrorKind::corrupt, "{} answers with something else than a range: is this a Prometheus server?",
                      label_);
  double sum = 0;
  bool any = false;
  for (const json::value& series : result->get_array()) {
    // [[seconds, "value"], …], the newest one last
    const json::value* values = series.find_pointer("/values", error);
    if (!values || !values->is_array() || values->get_array().empty()) continue;
    const json::value* text = values->get_array().back().find_pointer("/1", error);
    const auto value = text && text->is_string() ? real_number(std::string_view(text->get_string())) : std::nullopt;
    if (!value || !std::isfinite(*value)) continue;
    sum += *value;
    any = true;
  }
  if (!any) return base::fail(ErrorKind::not_found, "{}: the query '{}' finds nothing now", label_, query_);
  into.set_other(name_, MetricKind::gauge, sum);
  return {};
}

}  // namespace loadlab
