#include "loadlab/plan/benchmark_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/quantity.h"
#include "loadlab/plan/surroundings_reader.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/thresholds_reader.h"

namespace loadlab {
namespace {

using Fault = tl::unexpected<ThresholdFault>;

constexpr std::int64_t kMostRepetitions = 50;
constexpr std::size_t kMostThresholds = 200;
constexpr Nanoseconds kLongestBenchmark = std::chrono::hours(24);
constexpr Nanoseconds kUsualTime = std::chrono::minutes(10);
constexpr const char* kExample = "median(cpu_time of BM_parse) < 3us";

template <class... Args>
Fault fault(std::size_t offset, fmt::format_string<Args...> format, Args&&... args) {
  return Fault(ThresholdFault{offset, fmt::format(format, std::forward<Args>(args)...)});
}

bool is_time(const BenchmarkThreshold& threshold) {
  return threshold.figure == "cpu_time" || threshold.figure == "real_time";
}

// The factor from a written unit to the threshold's own, which is set; none where it is none of the figure's.
std::optional<double> factor_of(std::string_view unit, BenchmarkThreshold& threshold) {
  constexpr double kNanosecondsPerMillisecond = 1e6;
  if (threshold.spread == Spread::variation) {
    threshold.unit = "%";
    return unit == "%" ? std::optional(1.0) : std::nullopt;
  }
  if (is_time(threshold)) {
    threshold.unit = "ms";
    if (unit == "ns") return 1 / kNanosecondsPerMillisecond;
    const auto nanoseconds = nanoseconds_per(unit);
    return nanoseconds ? std::optional(*nanoseconds / kNanosecondsPerMillisecond) : std::nullopt;
  }
  if (!threshold.figure.ends_with("_per_second")) return unit.empty() ? std::optional(1.0) : std::nullopt;
  threshold.unit = "/s";
  return unit.empty() ? std::optional(1.0) : per_second(unit);
}

std::string_view units_of(const BenchmarkThreshold& threshold) {
  if (threshold.spread == Spread::variation) return "a percentage, as in 5%";
  if (is_time(threshold)) return "a time: ns, us, ms or s, as in 3us";
  return threshold.figure.ends_with("_per_second") ? "a rate, as in 1000/s" : "a plain number, as in 1000";
}

tl::expected<void, ThresholdFault> read_subject(std::string_view text, std::size_t offset, BenchmarkThreshold& into) {
  std::string_view rest = trimmed(text);
  constexpr std::string_view kCounter = "counter ";
  if (rest.starts_with(kCounter)) rest = trimmed(rest.substr(kCounter.size()));
  const auto of = rest.find(" of ");
  if (of == std::string_view::npos)
    return fault(offset, "expected a figure, 'of' and a benchmark's name, as in {}", kExample);
  into.figure = trimmed(rest.substr(0, of));
  into.benchmark = trimmed(rest.substr(of + 4));
  if (into.figure.empty() || into.benchmark.empty())
    return fault(offset, "expected a figure, 'of' and a benchmark's name, as in {}", kExample);
  return {};
}

}  // namespace

tl::expected<BenchmarkThreshold, ThresholdFault> read_benchmark_threshold(std::string_view expression) {
  static constexpr auto kSpreads = std::to_array<std::pair<std::string_view, Spread>>({{"median", Spread::median},
                                                                                       {"min", Spread::minimum},
                                                                                       {"max", Spread::maximum},
                                                                                       {"avg", Spread::average},
                                                                                       {"cv", Spread::variation}});
  // A benchmark's name may hold such signs, as that of a template does.
  const std::size_t compare = expression.find_last_of("<>");
  const std::size_t close = expression.rfind(')', compare);
  if (compare == std::string_view::npos || close == std::string_view::npos)
    return fault(expression.size(), "expected a figure, a comparison and a bound, as in {}", kExample);
  BenchmarkThreshold threshold;
  threshold.expression = trimmed(expression);
  const std::size_t open = expression.find('(');
  const std::string_view word = trimmed(expression.substr(0, open));
  const auto* spread =
      std::find_if(kSpreads.begin(), kSpreads.end(), [&](const auto& one) { return one.first == word; });
  if (open == std::string_view::npos || open > close || spread == kSpreads.end())
    return fault(0, "expected median, min, max, avg or cv of a figure, as in {}", kExample);
  threshold.spread = spread->second;
  const auto subject = read_subject(expression.substr(open + 1, close - open - 1), open + 1, threshold);
  if (!subject) return Fault(subject.error());
  const bool or_equal = compare + 1 < expression.size() && expression[compare + 1] == '=';
  threshold.comparison = expression[compare] == '<' ? (or_equal ? Comparison::less_or_equal : Comparison::less)
                                                    : (or_equal ? Comparison::greater_or_equal : Comparison::greater);
  const std::size_t behind = compare + (or_equal ? 2 : 1);
  const auto quantity = split_quantity(trimmed(expression.substr(behind)));
  if (!quantity) return fault(behind, "expected a number here, with its unit ({})", units_of(threshold));
  const auto factor = factor_of(quantity->unit, threshold);
  if (!factor) return fault(behind, "{} of a benchmark is bounded by {}", threshold.figure, units_of(threshold));
  threshold.bound = quantity->number * *factor;
  return threshold;
}

namespace {

void read_threshold_item(const YamlPointer& item, Position at, std::vector<BenchmarkThreshold>& into,
                         Complaints& complaints) {
  BenchmarkThreshold settings;
  YamlEntry expect{"thresholds", at, item};
  if (item->kind == YamlNode::Kind::map) {
    refuse_unknown_keys(*item, "a benchmark's threshold", {"expect", "severity", "reason"}, complaints);
    const YamlEntry* found = item->find("expect");
    if (!found) {
      complaints.add(item->at, "this threshold has no 'expect'; write one, as in expect: {}", kExample);
      return;
    }
    expect = *found;
    read_severity(*item, settings.severity, settings.reason, complaints);
  }
  const auto text = read_text(expect, kExample, complaints);
  if (!text) return;
  auto threshold = read_benchmark_threshold(*text);
  if (!threshold) {
    complaints.add(position_within(*expect.value, threshold.error().offset), "{}", threshold.error().message);
    return;
  }
  threshold->severity = settings.severity;
  threshold->reason = settings.reason;
  into.push_back(std::move(*threshold));
}

}  // namespace

Benchmark read_benchmark(const YamlEntry& entry, const YamlEntry* thresholds, const Constants& constants,
                         Complaints& complaints) {
  Benchmark benchmark;
  benchmark.command.within = kUsualTime;
  const YamlNode* map = read_map(entry, "a map with 'run', a Google Benchmark binary", complaints);
  if (!map) return benchmark;
  refuse_unknown_keys(*map, "a benchmark", {"run", "filter", "repetitions", "within"}, complaints);
  if (const YamlEntry* run = map->find("run")) {
    if (auto command = read_command(*run, constants, complaints)) {
      command->within = benchmark.command.within;
      benchmark.command = std::move(*command);
    }
  } else {
    complaints.add(map->at, "benchmark: no 'run', which is the binary's command");
  }
  if (const YamlEntry* filter = map->find("filter"))
    benchmark.filter = read_text(constants.in_entry(*filter), "filter: BM_parse.*", complaints).value_or("");
  if (const YamlEntry* repetitions = map->find("repetitions")) {
    const auto number =
        read_whole(constants.in_entry(*repetitions), {1, kMostRepetitions, "more only take longer"}, complaints);
    benchmark.repetitions = static_cast<int>(number.value_or(benchmark.repetitions));
  }
  if (const YamlEntry* within = map->find("within")) {
    const auto time = read_duration(constants.in_entry(*within),
                                    {std::chrono::seconds(1), kLongestBenchmark, "nobody waits longer"}, complaints);
    benchmark.command.within = time.value_or(kUsualTime);
  }
  const YamlNode* list = thresholds ? read_list(*thresholds, kMostThresholds,
                                                "a list, each as in median(cpu_time of BM_parse) < 3us", complaints)
                                    : nullptr;
  if (!list) return benchmark;
  for (const YamlPointer& item : list->items)
    read_threshold_item(item, thresholds->key_at, benchmark.thresholds, complaints);
  return benchmark;
}

}  // namespace loadlab
