#include "loadlab/plan/sweep_reader.h"

#include <algorithm>
#include <cctype>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/quantity.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/threshold_parser.h"
#include "loadlab/plan/thresholds_reader.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostPoints = 64;  // a table and a plot of more nobody reads
constexpr std::size_t kMostVariables = 5;
constexpr std::size_t kMostThresholds = 200;
constexpr const char* kExample = "rate(requests) at workers=4 > 1.8 * rate(requests) at workers=1";

std::string name_of(const PointValues& values) {
  std::string name;
  for (const auto& [variable, value] : values)
    name += fmt::format("{}{}={}", name.empty() ? "" : ", ", variable, value);
  return name;
}

class CompareReader {
 public:
  CompareReader(const std::vector<PointValues>& points, const Names& names, Complaints& complaints)
      : points_(points), names_(names), complaints_(complaints) {}

  std::optional<SweepThreshold> read(const YamlNode& node) {
    node_ = &node;
    text_ = node.text;
    const std::size_t compare = text_.find_last_of("<>");
    if (compare == std::string_view::npos) return complain(0, "expected a comparison, as in {}", kExample);
    const bool or_equal = compare + 1 < text_.size() && text_[compare + 1] == '=';
    SweepThreshold threshold;
    threshold.expression = trimmed(text_);
    threshold.comparison = text_[compare] == '<' ? (or_equal ? Comparison::less_or_equal : Comparison::less)
                                                 : (or_equal ? Comparison::greater_or_equal : Comparison::greater);
    const std::size_t behind = compare + (or_equal ? 2 : 1);
    const std::string_view right = text_.substr(behind);
    const auto left = read_metric_at(0, compare);
    if (!left) return std::nullopt;
    threshold.left = *left;
    threshold.unit = unit_of(left->metric);
    if (right.find(" at ") == std::string_view::npos) return read_bound(compare, std::move(threshold));
    return read_right(behind, std::move(threshold));
  }

 private:
  template <class... Args>
  std::nullopt_t complain(std::size_t offset, fmt::format_string<Args...> format, Args&&... args) {
    complaints_.add(position_within(*node_, offset), "compare: {}", fmt::format(format, std::forward<Args>(args)...));
    return std::nullopt;
  }

  // METRIC at POINT, between two offsets of the text.
  std::optional<MetricAt> read_metric_at(std::size_t from, std::size_t to) {
    const std::string_view part = text_.substr(from, to - from);
    const auto at = part.rfind(" at ");
    if (at == std::string_view::npos) return complain(from, "expected a metric, 'at' and a point, as in {}", kExample);
    const auto metric = read_metric_alone(part.substr(0, at));
    if (!metric) return complain(from + metric.error().offset, "{}", metric.error().message);
    const auto point = find_point(part.substr(at + 4), from + at + 4);
    if (!point) return std::nullopt;
    MetricAt found{metric->threshold, *point};
    const auto has = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), found.metric.step) != names.end();
    };
    if (!found.metric.step.empty() && !has(names_.steps)) {
      if (!has(names_.groups) && !names_.steps.empty())
        return complain(from + metric->step_offset, "no step is named '{}'", shown(found.metric.step));
      found.metric.of_group = true;
    }
    return found;
  }

  std::optional<std::size_t> find_point(std::string_view selector, std::size_t offset) {
    PointValues wanted;
    for (std::string_view rest = selector; !rest.empty();) {
      const auto equals = rest.find('=');
      if (equals == std::string_view::npos) return complain(offset, "expected a point, as in workers=4");
      const std::string name(trimmed(rest.substr(0, equals)));
      rest = rest.substr(equals + 1);
      const std::size_t end = end_of_value(name, rest);
      wanted.emplace_back(name, trimmed(rest.substr(0, end)));
      rest = rest.substr(std::min(end + 1, rest.size()));
    }
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const bool all = std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
        return std::find(points_[i].begin(), points_[i].end(), one) != points_[i].end();
      });
      if (all && !wanted.empty()) found.push_back(i);
    }
    if (found.size() == 1) return found.front();
    std::vector<std::string> names;
    for (const PointValues& point : points_) names.push_back(name_of(point));
    return complain(offset, "'{}' is {} of the points, which are {}", trimmed(selector),
                    found.empty() ? "none" : "several", fmt::join(names, "; "));
  }

  // Where the value that the text begins with ends: at its end, or at the comma before the next name.
  std::size_t end_of_value(const std::string& name, std::string_view text) const {
    const auto to_comma = [&](std::size_t from) { return std::min(text.find(',', from), text.size()); };
    std::size_t end = to_comma(0);
    for (const PointValues& point : points_) {
      for (const auto& [variable, value] : point) {
        if (variable != name || value.find(',') == std::string::npos) continue;
        for (std::size_t to = end; to < text.size();) {
          to = to_comma(to + 1);
          if (trimmed(text.substr(0, to)) == value) end = std::max(end, to);
        }
      }
    }
    return end;
  }

  // A plain bound, with the metric's unit.
  std::optional<SweepThreshold> read_bound(std::size_t compare, SweepThreshold threshold) {
    // The parser of thresholds knows the units, and wants the metric before them.
    const std::string metric(text_.substr(0, text_.rfind(" at ", compare)));
    const auto parsed = read_threshold(metric + std::string(text_.substr(compare)));
    if (!parsed) {
      const std::size_t lost = compare - metric.size();
      return complain(parsed.error().offset + (parsed.error().offset >= metric.size() ? lost : 0), "{}",
                      parsed.error().message);
    }
    threshold.bound = parsed->threshold.bound;
    return threshold;
  }

  // [NUMBER *] METRIC at POINT
  std::optional<SweepThreshold> read_right(std::size_t from, SweepThreshold threshold) {
    threshold.bound = 1;
    // A metric never begins with a digit, and the name of its step may hold a '*' too.
    const auto star = text_.find('*', from);
    const std::string_view right = trimmed(text_.substr(from));
    const bool has_factor = !right.empty() && std::isalpha(static_cast<unsigned char>(right.front())) == 0;
    if (has_factor && star != std::string_view::npos) {
      const auto factor = split_quantity(trimmed(text_.substr(from, star - from)));
      if (!factor || !factor->unit.empty())
        return complain(from, "expected a plain number before the '*', as in {}", kExample);
      threshold.bound = factor->number;
      from = star + 1;
    }
    threshold.right = read_metric_at(from, text_.size());
    if (!threshold.right) return std::nullopt;
    if (threshold.unit != unit_of(threshold.right->metric))
      return complain(from, "the two sides are counted in different units");
    return threshold;
  }

  const std::vector<PointValues>& points_;
  const Names& names_;
  Complaints& complaints_;
  const YamlNode* node_ = nullptr;
  std::string_view text_;
};

}  // namespace

std::string SweepPoint::name() const { return name_of(values); }

std::vector<PointValues> read_sweep(const YamlEntry& entry, OutsideVariables& outside, Complaints& complaints) {
  const YamlNode* map =
      read_map(entry, "a map of variables to lists of values, as in {workers: [1, 2, 4]}", complaints);
  if (!map) return {};
  std::vector<PointValues> points = {{}};
  if (map->entries.empty() || map->entries.size() > kMostVariables)
    complaints.add(map->at, "sweep: 1 to {} variables can be swept together", kMostVariables);
  for (const YamlEntry& variable : map->entries) {
    if (!is_variable_name(variable.key))
      complaints.add(variable.key_at, "sweep: '{}' is not the name of a variable", shown(variable.key));
    outside.note_known(variable.key);
    const YamlNode* values = read_list(variable, kMostPoints, "a list of values, as in [1, 2, 4]", complaints);
    if (!values) return {};
    std::vector<PointValues> longer;
    for (const PointValues& point : points) {
      for (const YamlPointer& item : values->items) {
        const auto text = read_text({variable.key, variable.key_at, item}, "[1, 2, 4]", complaints);
        if (!text) return {};
        PointValues next = point;
        next.emplace_back(variable.key, *text);
        if (std::find(longer.begin(), longer.end(), next) != longer.end())
          complaints.add(item->at, "sweep: the value '{}' is there twice", shown(*text));
        longer.push_back(std::move(next));
        if (longer.size() > kMostPoints) {
          complaints.add(map->at, "sweep: more than {} points are too many", kMostPoints);
          return {};
        }
      }
    }
    points = std::move(longer);
  }
  if (points.empty()) complaints.add(map->at, "sweep: no point; each variable needs at least one value");
  return points;
}

std::vector<SweepThreshold> read_compare(const YamlEntry& entry, const std::vector<PointValues>& points,
                                         const Names& names, Complaints& complaints) {
  std::vector<SweepThreshold> thresholds;
  const YamlNode* list = read_list(entry, kMostThresholds, std::string("a list, each as in ") + kExample, complaints);
  if (!list) return thresholds;
  for (const YamlPointer& item : list->items) {
    SweepThreshold settings;
    YamlEntry expect{entry.key, entry.key_at, item};
    if (item->kind == YamlNode::Kind::map) {
      refuse_unknown_keys(*item, "a comparison", {"expect", "severity", "reason"}, complaints);
      const YamlEntry* found = item->find("expect");
      if (!found) {
        complaints.add(item->at, "compare: no 'expect'; write one, as in expect: {}", kExample);
        continue;
      }
      expect = *found;
      read_severity(*item, settings.severity, settings.reason, complaints);
    }
    if (!read_text(expect, kExample, complaints)) continue;
    auto threshold = CompareReader(points, names, complaints).read(*expect.value);
    if (!threshold) continue;
    threshold->severity = settings.severity;
    threshold->reason = settings.reason;
    thresholds.push_back(std::move(*threshold));
  }
  return thresholds;
}

}  // namespace loadlab
