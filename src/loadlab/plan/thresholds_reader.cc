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
    refuse_unknown_keys(map, "a threshold", {"expect", "severity", "abort", "grace", "reason"}, complaints_);
    Threshold settings;
    read_severity(map, settings.severity, settings.reason, complaints_);
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
    resolve_name(threshold, position_within(*entry.value, parsed->step_offset));
    if (settings.abort && !is_upper_bound(threshold)) {
      complaints_.add(place_of(entry),
                      "abort: a lower bound may be met as long as the test runs; only < and <= can end it");
    }
    threshold.severity = settings.severity;
    threshold.abort = settings.abort;
    threshold.grace = settings.grace;
    threshold.reason = settings.reason;
    thresholds_.push_back(std::move(threshold));
  }

  // Whose name it is, a step's or a group's, where it may be either's.
  void resolve_name(Threshold& threshold, Position at) {
    const std::string& name = threshold.step;
    if (name.empty() || names_.steps.empty()) return;
    const bool of_group = has(names_.groups, name);
    const bool only_of_group = threshold.metric == Metric::duration;
    const bool of_either = threshold.metric == Metric::response_time || threshold.metric == Metric::error_rate;
    if (only_of_group ? of_group : has(names_.steps, name)) {
      if (of_group && of_either)
        complaints_.add(at, "'{}' is a step's name and a group's; name one of them differently", shown(name));
      return;
    }
    threshold.of_group = of_group && of_either;
    if (threshold.of_group) return;
    if (of_group) {
      complaints_.add(at, "'{}' is a group, which has a response_time, a duration and an error_rate", shown(name));
      return;
    }
    std::vector<std::string_view> names;
    if (only_of_group) {
      add_to(names, names_.groups);
      return complain_of_name("group", name, names, at);
    }
    add_to(names, names_.steps);
    if (of_either) add_to(names, names_.groups);
    complain_of_name(of_either && !names_.groups.empty() ? "step or group" : "step", name, names, at);
  }

  void complain_of_name(std::string_view noun, const std::string& name, std::vector<std::string_view>& known,
                        Position at) {
    if (const auto meant = base::nearest(name, known)) {
      complaints_.add(at, "no {} is named '{}'; did you mean '{}'?", noun, shown(name), *meant);
    } else if (known.empty()) {
      complaints_.add(at, "no {} is named '{}'; there are none", noun, shown(name));
    } else {
      constexpr std::size_t kMostListed = 20;
      if (known.size() > kMostListed) known.resize(kMostListed);
      const std::string all = noun == "step or group" ? "names" : fmt::format("{}s", noun);
      complaints_.add(at, "no {} is named '{}'; the {} are {}", noun, shown(name), all, fmt::join(known, ", "));
    }
  }

  static bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  // Each name once.
  static void add_to(std::vector<std::string_view>& names, const std::vector<std::string>& more) {
    for (const std::string& name : more) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }

  const Names& names_;
  Complaints& complaints_;
  std::vector<Threshold> thresholds_;
};

}  // namespace

void read_severity(const YamlNode& map, Severity& severity, std::string& reason, Complaints& complaints) {
  if (const YamlEntry* entry = map.find("severity")) {
    const auto text = read_text(*entry, "severity: warn", complaints);
    if (text && *text != "fail" && *text != "warn")
      complaints.add(place_of(*entry), "severity: expected fail or warn, not '{}'", shown(*text));
    if (text && *text == "warn") severity = Severity::warn;
  }
  const YamlEntry* entry = map.find("reason");
  if (!entry) return;
  reason = read_text(*entry, "reason: the disk is slow", complaints).value_or("");
  if (severity != Severity::warn)
    complaints.add(entry->key_at, "reason: says why a warning's bar is missed; write severity: warn beside it");
}

std::vector<Threshold> read_thresholds(const YamlEntry& entry, const Names& names, Complaints& complaints) {
  return ThresholdsReader(names, complaints).read(entry);
}

}  // namespace loadlab
