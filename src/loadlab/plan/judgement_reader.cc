#include "loadlab/plan/judgement_reader.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostMetrics = 50;
constexpr double kSecondsPerHour = 3600;
constexpr DurationBounds kAllowedSendLag{std::chrono::milliseconds(1), std::chrono::seconds(1),
                                         "less is the kernel's scheduling, and more is no measurement"};
// Of a bound: what the generator adds must not decide whether it holds.
constexpr double kPartsOfBound = 10;
constexpr auto kResources =
    std::to_array<std::string_view>({"memory", "descriptors", "threads", "connections", "rows"});

// MB an hour of `1MB/h`; things an hour of `10/h`. Nothing if the text is neither.
std::optional<double> slope_of(std::string_view text, bool memory) {
  const auto quantity = split_quantity(text);
  if (!quantity) return std::nullopt;
  const auto slash = quantity->unit.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto times = per_second(quantity->unit.substr(slash));
  const auto size = memory       ? megabytes_per(quantity->unit.substr(0, slash))
                    : slash == 0 ? std::optional(1.0)
                                 : std::nullopt;
  if (!times || !size || quantity->number <= 0) return std::nullopt;
  return quantity->number * *size * *times * kSecondsPerHour;
}

void read_slope(const YamlEntry& entry, bool memory, std::map<std::string, double>& slopes, Complaints& complaints) {
  const char* example = memory ? "1MB/h" : "10/h";
  const auto text = read_text(entry, example, complaints);
  if (!text) return;
  if (const auto slope = slope_of(*text, memory)) {
    slopes[entry.key] = *slope;
  } else {
    complaints.add(place_of(entry), "{}: '{}' is no smallest slope that counts; write one above zero, as in {}",
                   shown(entry.key), shown(*text), example);
  }
}

struct Percentages {
  double least;
  double most;
  const char* example;
};

constexpr Percentages kFalseAlarms{1e-4, 20, "1%"};
// Where the host takes a fifth, what is left is no machine to measure on.
constexpr Percentages kAllowedSteal{kUsualStealPercent, 20, "15%"};

std::optional<double> read_percentage(const YamlEntry& entry, const Percentages& allowed, Complaints& complaints) {
  const auto text = read_text(entry, allowed.example, complaints);
  if (!text) return std::nullopt;
  const auto quantity = split_quantity(*text);
  if (quantity && quantity->unit == "%" && quantity->number >= allowed.least && quantity->number <= allowed.most)
    return quantity->number;
  complaints.add(place_of(entry), "{}: expected a percentage from {}% to {}%, as in {}, not '{}'", entry.key,
                 allowed.least, allowed.most, allowed.example, shown(*text));
  return std::nullopt;
}

void read_severity(const YamlEntry& entry, LeakRules& rules, Complaints& complaints) {
  const auto text = read_text(entry, "warn", complaints);
  if (!text) return;
  if (*text != "fail" && *text != "warn") {
    complaints.add(place_of(entry), "severity: expected fail or warn, not '{}'", shown(*text));
    return;
  }
  rules.severity = *text == "warn" ? Severity::warn : Severity::fail;
}

// A time that the generator measures: it is no shorter than its own lateness.
bool is_bent_by_lag(const Threshold& threshold) {
  constexpr std::array kTimes = {Metric::response_time, Metric::service_time, Metric::connection_wait,
                                 Metric::duration};
  const bool measured = std::find(kTimes.begin(), kTimes.end(), threshold.metric) != kTimes.end();
  return measured && std::string_view(unit_of(threshold)) == "ms";
}

}  // namespace

LeakRules read_leaks(const YamlEntry& entry, Complaints& complaints) {
  LeakRules rules;
  if (entry.value->kind == YamlNode::Kind::scalar && entry.value->text == "off") {
    rules.judged = false;
    return rules;
  }
  const YamlNode* map = read_map(entry, "off, or a map, as in {memory: 1MB/h, severity: warn}", complaints);
  if (map == nullptr) return rules;
  std::vector<std::string_view> known = {"false_alarms", "severity", "metrics"};
  known.insert(known.end(), kResources.begin(), kResources.end());
  refuse_unknown_keys(*map, "leaks", known, complaints);
  for (const YamlEntry& own : map->entries) {
    if (own.key == "false_alarms") {
      if (const auto percent = read_percentage(own, kFalseAlarms, complaints)) rules.false_alarms = *percent / 100;
    } else if (own.key == "severity") {
      read_severity(own, rules, complaints);
    } else if (own.key == "metrics") {
      const YamlNode* metrics = read_map(own, "a map of metrics, as in {sessions_open: 10/h}", complaints);
      if (metrics == nullptr) continue;
      if (metrics->entries.size() > kMostMetrics)
        complaints.add(own.key_at, "metrics: at most {} are judged for leaks", kMostMetrics);
      for (const YamlEntry& metric : metrics->entries) read_slope(metric, false, rules.metrics, complaints);
    } else if (std::find(kResources.begin(), kResources.end(), own.key) != kResources.end()) {
      read_slope(own, own.key == "memory", rules.slopes, complaints);
    }
  }
  return rules;
}

CauseMetrics read_causes(const YamlEntry& entry, Complaints& complaints) {
  CauseMetrics metrics;
  const YamlNode* map =
      read_map(entry, "a map of causes, as in {pool: {used: db_pool_in_use, size: db_pool_size}}", complaints);
  if (map == nullptr) return metrics;
  std::vector<std::string_view> causes;
  for (const CauseRole& known : kCauseRoles) {
    if (causes.empty() || causes.back() != known.cause) causes.push_back(known.cause);
  }
  refuse_unknown_keys(*map, "bottleneck", causes, complaints);
  for (const YamlEntry& cause : map->entries) {
    const YamlNode* roles = read_map(cause, "a map of metrics, as in {used: db_pool_in_use}", complaints);
    if (roles == nullptr) continue;
    std::vector<std::string_view> known;
    for (const CauseRole& role : kCauseRoles) {
      if (role.cause == cause.key) known.push_back(role.role);
    }
    if (known.empty()) continue;  // complained of above
    refuse_unknown_keys(*roles, cause.key, known, complaints);
    for (const YamlEntry& role : roles->entries) {
      if (const auto name = read_name(role, complaints)) metrics[{cause.key, role.key}] = *name;
    }
  }
  return metrics;
}

std::optional<base::Nanoseconds> read_allowed_send_lag(const YamlEntry& entry, const std::vector<Threshold>& thresholds,
                                                       Complaints& complaints) {
  const auto allowed = read_duration(entry, kAllowedSendLag, complaints);
  if (!allowed) return std::nullopt;
  const Threshold* narrowest = nullptr;
  for (const Threshold& threshold : thresholds) {
    if (is_bent_by_lag(threshold) && (!narrowest || threshold.bound < narrowest->bound)) narrowest = &threshold;
  }
  if (!narrowest || *allowed == kAllowedSendLag.low) return allowed;
  const double bound_ns = narrowest->bound * 1e6;
  if (static_cast<double>(allowed->count()) <= std::round(bound_ns / kPartsOfBound)) return allowed;
  complaints.add(place_of(entry),
                 "allowed_send_lag: {} is more than a tenth of the bound of '{}', so that the generator's own lateness "
                 "could decide about it; allow less, or leave it out",
                 format_duration(*allowed), shown(narrowest->expression));
  return std::nullopt;
}

std::optional<double> read_allowed_steal(const YamlEntry& entry, Complaints& complaints) {
  return read_percentage(entry, kAllowedSteal, complaints);
}

}  // namespace loadlab
