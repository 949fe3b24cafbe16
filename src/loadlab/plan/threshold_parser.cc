#include "loadlab/plan/threshold_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/nearest.h"
#include "loadlab/plan/bound_unit.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/quantity.h"
#include "loadlab/result/probe_metrics.h"

namespace loadlab {
namespace {

// What may be asked of a metric, and in which unit its bound is given.
struct MetricRule {
  std::string_view name;
  Metric metric;
  BoundUnit unit;
  std::string_view aggregates;  // separated by spaces; "percentiles" for p50 …; empty: none is written
  bool of_step;
  std::string_view example;
};

constexpr std::string_view kTimes = "avg min max percentiles";

constexpr auto kMetrics = std::to_array<MetricRule>({
    {"response_time", Metric::response_time, BoundUnit::time, kTimes, true, "p95(response_time) < 300ms"},
    {"service_time", Metric::service_time, BoundUnit::time, kTimes, true, "p95(service_time) < 300ms"},
    {"connection_wait", Metric::connection_wait, BoundUnit::time, kTimes, true, "p99(connection_wait) < 5ms"},
    {"send_lag", Metric::send_lag, BoundUnit::time, kTimes, true, "p99(send_lag) < 1ms"},
    {"duration", Metric::duration, BoundUnit::time, kTimes, true, "p95(duration of checkout) < 2s"},
    {"requests", Metric::requests, BoundUnit::rate_or_count, "rate count", true, "rate(requests) > 500/s"},
    {"error_rate", Metric::error_rate, BoundUnit::percent, "", true, "error_rate < 1%"},
    {"dropped", Metric::dropped, BoundUnit::count, "count", false, "count(dropped) <= 0"},
    {"cpu", Metric::cpu, BoundUnit::percent, "avg max", false, "avg(cpu) < 80%"},
    {"memory", Metric::memory, BoundUnit::megabytes, "avg max", false, "max(memory) < 512MB"},
    {"descriptors", Metric::descriptors, BoundUnit::count, "max", false, "max(descriptors) < 1000"},
    {"cpu_per_request", Metric::cpu_per_request, BoundUnit::time, "", false, "cpu_per_request < 2ms"},
    {"memory_per_request", Metric::memory_per_request, BoundUnit::bytes, "", false, "memory_per_request < 100B"},
    {"bytes_per_request", Metric::bytes_per_request, BoundUnit::bytes, "", false, "bytes_per_request < 20KB"},
    {"queries_per_request", Metric::queries_per_request, BoundUnit::count, "", false, "queries_per_request < 5"},
    {"db_connections", Metric::db_connections, BoundUnit::count, "avg max", false, "max(db_connections) < 50"},
});

// Of a probe's metric, where it can be counted by the request and where it can't.
constexpr std::string_view kProbed = "avg min max per_request";
constexpr std::string_view kProbedLevel = "avg min max";
constexpr std::string_view kAnyProbed = "max(redis:memory) < 100MB";

using Read = tl::expected<ParsedThreshold, ThresholdFault>;
using Fault = tl::unexpected<ThresholdFault>;

template <class... Args>
Fault fault(std::size_t offset, fmt::format_string<Args...> format, Args&&... args) {
  return Fault(ThresholdFault{offset, fmt::format(format, std::forward<Args>(args)...)});
}

// A piece of the expression and where it stands.
struct Piece {
  std::string_view text;
  std::size_t offset = 0;

  Piece part(std::size_t from, std::size_t length = std::string_view::npos) const {
    return Piece{text.substr(from, length), offset + from}.trim();
  }
  Piece trim() const {
    const std::string_view inner = trimmed(text);
    if (inner.empty()) return {inner, offset};
    return {inner, offset + static_cast<std::size_t>(inner.data() - text.data())};
  }
};

std::string known_metrics() {
  std::string names;
  for (const auto& form : kMetrics) names += fmt::format("{}{}", names.empty() ? "" : ", ", form.name);
  return names;
}

std::string aggregates_of(const MetricRule& form) {
  if (form.aggregates == kTimes) return "avg, min, max, p50 … p99.9";
  std::string list(form.aggregates);
  std::replace(list.begin(), list.end(), ' ', '|');
  return list;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
  }
  return false;
}

// `redis:memory`: any metric of a probe. An endpoint's may have any name, and its bound is a plain number, or a rate.
tl::expected<MetricRule, ThresholdFault> find_probed(const Piece& name, Threshold& into) {
  const auto colon = name.text.find(':');
  const Piece probe = name.part(0, colon);
  const Piece metric = name.part(colon + 1);
  into.probe = probe.text;
  into.probed = metric.text;
  if (probe.text == "prometheus") {
    if (metric.text.empty()) return fault(metric.offset, "expected the name of one of the endpoint's metrics");
    return MetricRule{name.text, Metric::probed, BoundUnit::count, kProbed, false, kAnyProbed};
  }
  std::vector<std::string_view> probes = {"prometheus"};
  std::vector<std::string_view> metrics;
  for (const auto& form : metric_catalogue()) {
    if (std::find(probes.begin(), probes.end(), form.probe) == probes.end()) probes.push_back(form.probe);
    if (form.probe != probe.text) continue;
    metrics.push_back(form.name);
    if (form.name != metric.text) continue;
    const BoundUnit unit = unit_of_probe(form.unit);
    return MetricRule{name.text, Metric::probed, unit, unit == BoundUnit::percent ? kProbedLevel : kProbed,
                      false,     kAnyProbed};
  }
  if (metrics.empty())
    return fault(probe.offset, "unknown probe '{}'; the probes are {}", shown(probe.text), fmt::join(probes, ", "));
  if (const auto meant = base::nearest(metric.text, metrics))
    return fault(metric.offset, "unknown metric '{}' of {}; did you mean '{}'?", shown(metric.text), probe.text,
                 *meant);
  return fault(metric.offset, "unknown metric '{}' of {}; its metrics are {}", shown(metric.text), probe.text,
               fmt::join(metrics, ", "));
}

tl::expected<MetricRule, ThresholdFault> find_metric(const Piece& name, Threshold& into) {
  if (name.text.find(':') != std::string_view::npos) return find_probed(name, into);
  for (const auto& form : kMetrics) {
    if (form.name == name.text) return form;
  }
  if (name.text.empty()) return fault(name.offset, "expected a metric: {}", known_metrics());
  std::vector<std::string_view> names;
  names.reserve(kMetrics.size());
  for (const auto& form : kMetrics) names.push_back(form.name);
  if (const auto meant = base::nearest(name.text, names))
    return fault(name.offset, "unknown metric '{}'; did you mean '{}'?", shown(name.text), *meant);
  return fault(name.offset, "unknown metric '{}'; the metrics are {}", shown(name.text), known_metrics());
}

bool is_like_percentile(std::string_view word) {
  return word.size() > 1 && word[0] == 'p' && word.find_first_not_of("0123456789.", 1) == std::string_view::npos;
}

// `p99.9`: 99.9. Zero for what is no percentile's name.
tl::expected<double, ThresholdFault> read_percentile(const Piece& word) {
  double percent = 0;
  const std::string_view digits = word.text.substr(1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), percent, std::chars_format::fixed);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || !(percent > 0))
    return fault(word.offset, "'{}' is not a percentile; write p50, p95 or p99.9", shown(word.text));
  if (percent > 100) {
    const bool meant_point = digits.size() > 2 && digits.find('.') == std::string_view::npos && digits.size() < 6;
    return fault(word.offset, "'{}' is above 100; {}", shown(word.text),
                 meant_point ? fmt::format("did you mean p{}.{}?", digits.substr(0, 2), digits.substr(2))
                             : std::string("write p50, p95 or p99.9"));
  }
  return percent;
}

tl::expected<void, ThresholdFault> read_aggregate(const Piece& word, const MetricRule& form, Threshold& into) {
  if (form.aggregates.empty())
    return fault(word.offset, "'{}' stands alone, without '{}(…)', as in {}", form.name, shown(word.text),
                 form.example);
  static constexpr auto kNames =
      std::to_array<std::pair<std::string_view, Aggregate>>({{"avg", Aggregate::average},
                                                             {"min", Aggregate::minimum},
                                                             {"max", Aggregate::maximum},
                                                             {"rate", Aggregate::rate},
                                                             {"count", Aggregate::count},
                                                             {"per_request", Aggregate::per_request}});
  for (const auto& [name, aggregate] : kNames) {
    if (word.text != name || !has_word(form.aggregates, name)) continue;
    into.aggregate = aggregate;
    return {};
  }
  if (!is_like_percentile(word.text) || form.aggregates != kTimes) {
    return fault(word.offset, "'{}' can't be asked of {}; write {}, as in {}", shown(word.text), form.name,
                 aggregates_of(form), form.example);
  }
  const auto percent = read_percentile(word);
  if (!percent) return Fault(percent.error());
  into.aggregate = Aggregate::percentile;
  into.percentile = *percent;
  return {};
}

// `NAME`, or `NAME of STEP`.
struct Subject {
  Piece name;
  std::optional<Piece> step;
};

tl::expected<Subject, ThresholdFault> read_subject(const Piece& text) {
  const auto end = std::min(text.text.find_first_of(" \t"), text.text.size());
  Subject subject{text.part(0, end), std::nullopt};
  const Piece rest = text.part(end);
  if (rest.text.empty()) return subject;
  if (rest.text != "of" && !rest.text.starts_with("of ") && !rest.text.starts_with("of\t"))
    return fault(rest.offset, "expected 'of' and the name of a step, not '{}'", shown(rest.text));
  const Piece step = rest.part(2);
  if (step.text.empty()) return fault(rest.offset, "expected the name of a step behind 'of'");
  subject.step = step;
  return subject;
}

// Everything before the comparison.
tl::expected<MetricRule, ThresholdFault> read_metric(const Piece& left, ParsedThreshold& into) {
  const auto word_end = std::min(left.text.find_first_of(" \t("), left.text.size());
  const Piece after_word = left.part(word_end);
  Piece inner = left;
  std::optional<Piece> aggregate;
  if (after_word.text.starts_with('(')) {
    if (!after_word.text.ends_with(')'))
      return fault(after_word.offset + after_word.text.size(), "expected ')' before the comparison");
    aggregate = left.part(0, word_end);
    inner = after_word.part(1, after_word.text.size() - 2);
  }
  const auto subject = read_subject(inner);
  if (!subject) return Fault(subject.error());
  Threshold& threshold = into.threshold;
  const auto form = find_metric(subject->name, threshold);
  if (!form) return form;
  threshold.metric = form->metric;
  if (aggregate) {
    if (const auto read = read_aggregate(*aggregate, *form, threshold); !read) return Fault(read.error());
  } else if (!form->aggregates.empty()) {
    return fault(left.offset, "'{}' needs one of {} around it, as in {}", form->name, aggregates_of(*form),
                 form->example);
  }
  if (threshold.metric == Metric::duration && !subject->step)
    return fault(subject->name.offset + subject->name.text.size(), "'duration' is of a group, as in {}", form->example);
  if (subject->step) {
    if (!form->of_step)
      return fault(subject->step->offset, "'{}' is of the whole test, not of a step; take 'of …' away", form->name);
    threshold.step = subject->step->text;
    into.step_offset = subject->step->offset;
    threshold.of_group = threshold.metric == Metric::duration;
  }
  return form;
}

tl::expected<double, ThresholdFault> read_bound(const Piece& right, const MetricRule& form, Aggregate aggregate) {
  const auto quantity = split_quantity(right.text);
  if (!quantity) {
    return fault(right.offset, "{} a number here, with its unit ({})",
                 right.text.empty() ? "expected" : fmt::format("'{}' is no bound; expected", shown(right.text)),
                 units_of(form.unit, aggregate));
  }
  // Which of an endpoint's metrics are counters, and so rates here, is not known before it is read.
  const bool may_be_rate = form.metric == Metric::probed && form.name.starts_with("prometheus:") &&
                           aggregate != Aggregate::per_request && !quantity->unit.empty();
  const auto factor = factor_of(may_be_rate ? BoundUnit::rate : form.unit, aggregate, quantity->unit);
  const std::size_t unit_offset =
      quantity->unit.empty() ? right.offset + right.text.size()
                             : right.offset + static_cast<std::size_t>(quantity->unit.data() - right.text.data());
  if (!factor) {
    return fault(unit_offset, "{}; {} is bounded by {}",
                 quantity->unit.empty() ? fmt::format("a unit is missing here (did you mean {}?)",
                                                      with_meant_unit(quantity->number, right.text, form.unit))
                                        : fmt::format("the unit '{}' does not fit", shown(quantity->unit)),
                 form.name, units_of(form.unit, aggregate));
  }
  if (form.unit == BoundUnit::percent && form.metric != Metric::probed && quantity->number > 100)
    return fault(right.offset, "{} is never above 100%", form.name);
  return quantity->number * *factor;
}

// `p95 < 3s`, which doesn't say of what.
std::optional<ThresholdFault> refuse_lone_aggregate(const Piece& left, const Piece& right, std::string_view compare) {
  if (!is_like_percentile(left.text) && !has_word("avg min max", left.text)) return std::nullopt;
  const auto quantity = split_quantity(right.text);
  const bool is_time = quantity && nanoseconds_per(quantity->unit);
  std::string bound(is_time ? right.text : "300ms");
  if (quantity && quantity->unit.empty()) bound = with_meant_unit(quantity->number, right.text, BoundUnit::time);
  return ThresholdFault{
      left.offset, fmt::format("'{0}' is asked of a metric, and bounded by {1}; did you mean {0}(response_time) "
                               "{2} {3}?",
                               shown(left.text), units_of(BoundUnit::time, Aggregate::percentile), compare, bound)};
}

}  // namespace

Read read_threshold(std::string_view expression) {
  // Longer than any step's name allows; keeps messages and reports readable.
  constexpr std::size_t kLongest = 500;
  if (expression.size() > kLongest) return fault(0, "a threshold is at most {} characters long", kLongest);
  const Piece whole{expression, 0};
  const std::size_t compare = expression.find_last_of("<>");
  if (compare == std::string_view::npos) {
    const std::size_t equals = expression.rfind('=');
    return fault(equals == std::string_view::npos ? expression.size() : equals,
                 "expected a comparison, <, <=, > or >=, and a bound, as in p95(response_time) < 300ms");
  }
  const bool or_equal = compare + 1 < expression.size() && expression[compare + 1] == '=';
  ParsedThreshold parsed;
  Threshold& threshold = parsed.threshold;
  threshold.expression = trimmed(expression);
  const bool less = expression[compare] == '<';
  threshold.comparison = less ? (or_equal ? Comparison::less_or_equal : Comparison::less)
                              : (or_equal ? Comparison::greater_or_equal : Comparison::greater);
  const Piece left = whole.part(0, compare);
  const Piece right = whole.part(compare + (or_equal ? 2 : 1));
  if (const auto of_nothing = refuse_lone_aggregate(left, right, expression.substr(compare, or_equal ? 2 : 1)))
    return Fault(*of_nothing);
  const auto form = read_metric(left, parsed);
  if (!form) return Fault(form.error());
  const auto bound = read_bound(right, *form, threshold.aggregate);
  if (!bound) return Fault(bound.error());
  threshold.bound = *bound;
  return parsed;
}

Read read_metric_alone(std::string_view metric) {
  ParsedThreshold parsed;
  parsed.threshold.expression = trimmed(metric);
  const auto form = read_metric(Piece{metric, 0}.trim(), parsed);
  if (!form) return Fault(form.error());
  return parsed;
}

base::Result<Threshold> parse_threshold(std::string_view expression) {
  auto parsed = read_threshold(expression);
  if (parsed) return std::move(parsed->threshold);
  return base::fail(base::ErrorKind::invalid, "threshold '{}', column {}: {}", shown(expression),
                    parsed.error().offset + 1, parsed.error().message);
}

}  // namespace loadlab
