#include "loadlab/plan/thresholds_reader.h"

#include <algorithm>

#include "base/nearest.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/threshold_parser.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostThresholds = 200;
constexpr Nanoseconds kLongestGrace = std::chrono::hours(7 * 24);

bool is_upper_bound(const Threshold& threshold) {
  return threshold.comparison == Comparison::less || threshold.comparison == Comparison::less_or_equal;
}

class ThresholdsReader {
 public:
  ThresholdsReader(const Names& names, Complaints& complaints) : names_(names), complaints_(complaints) {}

  std::vector<Threshold> read(const YamlEntry& entry) {
    const YamlNode* list =
        read_list(entry, kMostThresholds, "a list, each as in p95(response_time) < 300ms", complaints_);
    if (!list) return {};
    for (const YamlPointer& item : list->items) {
      if (item->kind == YamlNode::Kind::map) {
        read_map_form(*item);
      } else {
        read_expression({"thresholds", entry.key_at, item}, Threshold());
      }
    }
    return std::move(thresholds_);
  }

 private:
  void read_map_form(const YamlNode& map) {
    refuse_unknown_keys(map, "a threshold", {"expect", "severity", "abort", "grace"}, complaints_);
    Threshold settings;
    if (const YamlEntry* entry = map.find("severity")) {
      const auto text = read_text(*entry, "severity: warn", complaints_);
      if (text && *text != "fail" && *text != "warn")
        complaints_.add(place_of(*entry), "severity: expected fail or warn, not '{}'", shown(*text));
      if (text && *text == "warn") settings.severity = Severity::warn;
    }
    if (const YamlEntry* abort = map.find("abort")) settings.abort = read_boolean(*abort, complaints_).value_or(false);
    if (const YamlEntry* grace = map.find("grace")) {
      const auto time = read_duration(*grace, {Nanoseconds(0), kLongestGrace, "no test is longer"}, complaints_);
      settings.grace = time.value_or(settings.grace);
      if (!settings.abort)
        complaints_.add(grace->key_at, "grace: is the time before the test may be ended; write abort: true beside it");
    }
    if (const YamlEntry* expect = map.find("expect")) {
      read_expression(*expect, settings);
    } else {
      complaints_.add(map.at, "this threshold has no 'expect'; write one, as in expect: error_rate < 1%");
    }
  }

  void read_expression(const YamlEntry& entry, const Threshold& settings) {
    const auto text = read_text(entry, "p95(response_time) < 300ms", complaints_);
    if (!text) return;
    auto parsed = read_threshold(*text);
    if (!parsed) {
      complaints_.add(position_within(*entry.value, parsed.error().offset), "{}", parsed.error().message);
      return;
    }
    Threshold& threshold = parsed->threshold;
    check_name(threshold, position_within(*entry.value, parsed->step_offset));
    if (settings.abort && !is_upper_bound(threshold)) {
      complaints_.add(place_of(entry),
                      "abort: a lower bound may be met as long as the test runs; only < and <= can end it");
    }
    threshold.severity = settings.severity;
    threshold.abort = settings.abort;
    threshold.grace = settings.grace;
    thresholds_.push_back(std::move(threshold));
  }

  void check_name(const Threshold& threshold, Position at) {
    const bool of_group = threshold.metric == Metric::duration;
    const std::vector<std::string>& all = of_group ? names_.groups : names_.steps;
    const std::string& name = threshold.step;
    if (name.empty() || names_.steps.empty() || std::find(all.begin(), all.end(), name) != all.end()) return;
    const std::string_view noun = of_group ? "group" : "step";
    std::vector<std::string_view> names;
    for (const std::string& other : all) {
      if (std::find(names.begin(), names.end(), other) == names.end()) names.push_back(other);
    }
    if (const auto meant = base::nearest(name, names)) {
      complaints_.add(at, "no {} is named '{}'; did you mean '{}'?", noun, shown(name), *meant);
    } else if (names.empty()) {
      complaints_.add(at, "no group is named '{}'; there are none", shown(name));
    } else {
      constexpr std::size_t kMostListed = 20;
      if (names.size() > kMostListed) names.resize(kMostListed);
      complaints_.add(at, "no {0} is named '{1}'; the {0}s are {2}", noun, shown(name), fmt::join(names, ", "));
    }
  }

  const Names& names_;
  Complaints& complaints_;
  std::vector<Threshold> thresholds_;
};

}  // namespace

std::vector<Threshold> read_thresholds(const YamlEntry& entry, const Names& names, Complaints& complaints) {
  return ThresholdsReader(names, complaints).read(entry);
}

}  // namespace loadlab
