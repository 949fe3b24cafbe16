#include "loadlab/judge/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "base/random.h"
#include "loadlab/judge/comparable.h"
#include "loadlab/judge/difference.h"
#include "stats/normal.h"
#include "stats/students_t.h"

namespace loadlab {
namespace {

// What a difference must be beyond its bound to be found in four of five cases, in standard errors.
constexpr double kPower = 0.8416;

// Of a step: a p95 has ten answers beyond it, and fewer errors than this are chance in any case. Each figure more makes
// the others' bound a little wider.
constexpr double kFewestAnswers = 200;
constexpr double kFewestErrors = 5;

constexpr const char* kPeakMemory = "peak_memory_mb";
constexpr std::string_view kDroppedIterations = "dropped_iterations";

// What is compared of benchmarks, and of the points of a sweep.
constexpr ComparedFigure kSampledFigures[] = {
    {"cpu_time_ms"},          {"items_per_second", true}, {"bytes_per_second", true}, {"requests_per_second", true},
    {"p95_response_time_ms"}, {"error_rate_percent"},     {kDroppedIterations},       {kPeakMemory}};

// Of the chance to err. Steps are many, and what is rare in them has long tails: with a share of their own they don't
// widen the bound of what the test as a whole shows. The rest is kept back, as a minute's few stretches tell a little
// too little of their scatter: of simulated pairs that don't differ nearly 5 % were told apart where 5 % were allowed.
constexpr double kShareOfSteps = 0.15;
constexpr double kShareOfOthers = 0.8;

// What the largest of these, in standard errors, exceeds with the chance when nothing differs.
double bound_of_largest(const std::vector<Difference>& differences, bool of_steps, double chance, int resamples) {
  std::vector<double> largest(static_cast<std::size_t>(resamples));
  for (const Difference& one : differences) {
    if (one.of_step != of_steps) continue;
    for (std::size_t draw = 0; draw < one.draws.size(); ++draw)
      largest[draw] = std::max(largest[draw], std::abs(one.draws[draw]));
  }
  std::sort(largest.begin(), largest.end());
  const auto rank = static_cast<std::size_t>(std::ceil((1 - chance) * static_cast<double>(largest.size())));
  return std::max(stats::normal_upper_point(chance / 2), largest[std::min(rank, largest.size() - 1)]);
}

FigureComparison judge(const Difference& difference, double bound, const ComparisonOptions& options) {
  // The bound is of normal errors; those that are known by few stretches or runs reach farther with the same chance.
  const double reach =
      stats::students_t_two_sided_point(2 * stats::normal_upper_tail(bound), difference.freedom) * difference.error;
  FigureComparison result;
  result.test = difference.test;
  result.figure = difference.figure;
  result.before = difference.before;
  result.now = difference.now;
  result.low = result.difference() - reach;
  result.high = result.difference() + reach;
  result.detectable = reach + kPower * difference.error;
  const double tolerated = options.tolerance * std::abs(result.before);
  if (result.low >= -tolerated && result.high <= tolerated) {
    result.change = Change::same;
  } else if (result.low > 0 || result.high < 0) {
    result.change = (result.difference() > 0) == difference.more_is_better ? Change::better : Change::worse;
  }
  return result;
}

const TestRecord* find(const RunRecord& run, const std::string& name) {
  const auto found =
      std::find_if(run.tests.begin(), run.tests.end(), [&](const TestRecord& test) { return test.name == name; });
  return found == run.tests.end() ? nullptr : &*found;
}

// A test of a run, and what its seconds came to.
struct Taken {
  const RunRecord* run;
  const TestRecord* test;
  MeasuredSeconds seconds;
  ResampledTest resampled;
};

const Seconds* step_of(const Taken& taken, const std::string& name) {
  const auto& steps = taken.seconds.steps;
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.first == name; });
  return found == steps.end() ? nullptr : &found->second;
}

class Comparer {
 public:
  Comparer(const RunRecord& run, std::span<const RunRecord> earlier, std::span<const PassedOver> passed_over,
           const ComparisonOptions& options)
      : run_(run), earlier_(earlier), passed_over_(passed_over), options_(options), random_(options.seed) {}

  RunComparison compare() {
    for (const RunRecord& one : earlier_) describe(one);
    for (const PassedOver& one : passed_over_) note("{}", one.why);
    for (const TestRecord& test : run_.tests) {
      if (is_stopped()) break;
      add(test);
    }
    note_what_is_gone();
    if (by_a_single_run_)
      note("how much runs differ by themselves is not known from one; compare with several (--last 5)");
    judge_all();
    return std::move(result_);
  }

 private:
  using Found = std::vector<std::pair<const RunRecord*, const TestRecord*>>;

  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    result_.notes.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  bool is_stopped() const { return options_.stop && *options_.stop; }

  void judge_all() {
    const auto steps = static_cast<std::size_t>(std::count_if(
        differences_.begin(), differences_.end(), [](const Difference& difference) { return difference.of_step; }));
    const double all = kShareOfSteps + kShareOfOthers;
    const double chance = 1 - options_.confidence;
    const double chance_of_steps = chance * (steps == differences_.size() ? all : kShareOfSteps);
    const double chance_of_others = chance * (steps == 0 ? all : kShareOfOthers);
    const double bound_of_steps = bound_of_largest(differences_, true, chance_of_steps, options_.resamples);
    const double bound = bound_of_largest(differences_, false, chance_of_others, options_.resamples);
    for (const Difference& difference : differences_)
      result_.figures.push_back(judge(difference, difference.of_step ? bound_of_steps : bound, options_));
  }

  void describe(const RunRecord& earlier) {
    if (fingerprint(earlier.machine) != fingerprint(run_.machine)) {
      note("run {} was played on another machine ({}; run {} on {})", earlier.id, fingerprint(earlier.machine), run_.id,
           fingerprint(run_.machine));
    }
    if (earlier.plan != run_.plan) note("run {} was played by another plan", earlier.id);
  }

  // A test that is left out by a typing error, or as its file is missing, would be none that is worse.
  void note_what_is_gone() {
    std::set<std::string> told;
    for (const RunRecord& one : earlier_) {
      for (const TestRecord& test : one.tests) {
        if (find(run_, test.name) == nullptr && told.insert(test.name).second)
          note("'{}' of run {} was not played in run {}", test.name, one.id, run_.id);
      }
    }
  }

  void add(const TestRecord& test) {
    Found found;
    for (const RunRecord& one : earlier_) {
      if (const TestRecord* same = find(one, test.name)) found.emplace_back(&one, same);
    }
    const bool passed_over = std::any_of(passed_over_.begin(), passed_over_.end(),
                                         [&](const PassedOver& one) { return one.test == test.name; });
    if (found.empty()) {
      if (!passed_over) note("'{}' is new", test.name);
      return;
    }
    for (const auto& [run, same] : found) {
      const std::string by = difference_of_load(*run, *same, run_, test);
      if (!by.empty()) note("'{}' of run {} was another load: {}", test.name, run->id, by);
    }
    if (is_sampled(test)) return add_sampled(test, found);
    add_load(test, found);
  }

  void add_difference(const TestRecord& test, std::string figure, Difference difference) {
    difference.test = test.name;
    difference.figure = std::move(figure);
    differences_.push_back(std::move(difference));
  }

  std::optional<Taken> take(const RunRecord& run, const TestRecord& test) {
    if (!is_usable(test)) {
      note("'{}' of run {} is left out: it {}", test.name, run.id, why_unusable(test));
      return std::nullopt;
    }
    auto seconds = measured_seconds(test, run.machine.cores);
    if (!seconds) {
      note("'{}' of run {} is left out: {}", test.name, run.id, seconds.error().message);
      return std::nullopt;
    }
    if (seconds->whole.size() < kFewestSeconds) {
      note("'{}' of run {} is left out: it measured {} whole seconds, and {} are the least", test.name, run.id,
           seconds->whole.size(), kFewestSeconds);
      return std::nullopt;
    }
    Taken taken{&run, &test, std::move(*seconds), {}};
    auto resampled = resample(taken.seconds, options_.resamples, random_, options_.stop);
    if (!resampled) return std::nullopt;
    taken.resampled = std::move(*resampled);
    return taken;
  }

  void add_load(const TestRecord& test, const Found& found) {
    const auto now = take(run_, test);
    if (!now) return;
    std::vector<Taken> before;
    for (const auto& [run, same] : found) {
      if (auto taken = take(*run, *same)) before.push_back(std::move(*taken));
    }
    if (before.empty()) return;
    by_a_single_run_ = by_a_single_run_ || before.size() == 1;
    for (std::size_t figure = 0; figure < kComparedFigures.size(); ++figure) add_figure(figure, *now, before);
    add_peak_memory(*now, before);
    for (const auto& [name, seconds] : now->seconds.steps) add_step(name, seconds, *now, before);
    const bool knows_steps =
        std::any_of(before.begin(), before.end(), [](const Taken& one) { return !one.seconds.steps.empty(); });
    if (!now->seconds.steps.empty() && !knows_steps)
      note("the steps of '{}' are not compared: the earlier runs don't remember their seconds", test.name);
  }

  // Whether it was observed often enough; where it was only now and then, the notes tell.
  bool is_read(std::size_t figure, const Taken& taken) {
    if (figure != kCpu && figure != kMemory) return true;
    const Seconds& seconds = taken.seconds.whole;
    const std::size_t read = figure == kCpu ? seconds.with_cpu() : seconds.with_memory();
    if (read >= kFewestSeconds && 2 * read >= seconds.size()) return true;
    if (read > 0) {
      note("'{}' of run {}: the target's {} was read in {} of {} seconds, so that {} is not compared", taken.test->name,
           taken.run->id, figure == kCpu ? "CPU" : "memory", read, seconds.size(), kComparedFigures[figure].name);
    }
    return false;
  }

  void add_figure(std::size_t figure, const Taken& now, const std::vector<Taken>& before) {
    const bool any_dropped =
        now.seconds.whole.dropped() > 0 ||
        std::any_of(before.begin(), before.end(), [](const Taken& one) { return one.seconds.whole.dropped() > 0; });
    if (figure == kDropped && !any_dropped) return;
    const std::size_t told = result_.notes.size();
    const bool is_read_now = is_read(figure, now);
    std::vector<const Resampled*> of_before;
    for (const Taken& one : before) {
      if (is_read(figure, one)) of_before.push_back(&one.resampled.whole);
    }
    if (!is_read_now || of_before.empty()) {
      if (is_read_now == of_before.empty() && told == result_.notes.size())
        note("'{}': {} was not observed in all of the runs", now.test->name, kComparedFigures[figure].name);
      return;
    }
    if (auto difference = difference_of(figure, now.resampled.whole, of_before))
      add_difference(*now.test, std::string(kComparedFigures[figure].name), std::move(*difference));
  }

  void add_peak_memory(const Taken& now, const std::vector<Taken>& before) {
    const auto value = now.test->figure(kPeakMemory);
    std::vector<double> values;
    for (const Taken& one : before) {
      if (const auto earlier = one.test->figure(kPeakMemory)) values.push_back(*earlier);
    }
    if (!value || values.size() < kFewestSamples) return;
    add_difference(*now.test, kPeakMemory, difference_of_values(*value, values, options_.resamples, random_));
  }

  void add_step(const std::string& name, const Seconds& seconds, const Taken& now, const std::vector<Taken>& before) {
    const auto add_one = [&](std::size_t figure, const std::vector<const Resampled*>& of_before) {
      if (of_before.empty()) return;
      auto difference = difference_of(figure, now.resampled.steps.at(name), of_before);
      if (!difference) return;
      difference->of_step = true;
      add_difference(*now.test, fmt::format("{}: {}", name, kComparedFigures[figure].name), std::move(*difference));
    };
    std::vector<const Resampled*> all;
    std::vector<const Resampled*> with_answers;
    double errors = 0;
    for (const Taken& one : before) {
      const Seconds* step = step_of(one, name);
      if (step == nullptr) continue;
      all.push_back(&one.resampled.steps.at(name));
      if (step->requests() >= kFewestAnswers) with_answers.push_back(all.back());
      errors = std::max(errors, step->errors());
    }
    if (seconds.requests() >= kFewestAnswers) add_one(kP95, with_answers);
    if (errors + seconds.errors() >= kFewestErrors) add_one(kErrorRate, all);
  }

  // A benchmark or a sweep: it has no seconds, but repetitions.
  static bool is_sampled(const TestRecord& test) {
    return std::any_of(test.figures.begin(), test.figures.end(),
                       [](const Figure& figure) { return figure.name.ends_with("[0]"); });
  }

  void add_sampled(const TestRecord& test, const Found& found) {
    if (!is_usable(test)) return note("'{}' of run {} is left out: it {}", test.name, run_.id, why_unusable(test));
    std::set<std::int64_t> too_few;  // runs
    for (const Figure& figure : test.figures) {
      const auto* compared = std::find_if(std::begin(kSampledFigures), std::end(kSampledFigures),
                                          [&](const ComparedFigure& one) { return one.name == figure.name; });
      if (compared == std::end(kSampledFigures)) continue;
      const std::vector<double> now = samples_of(test, figure);
      if (now.size() < kFewestSamples) too_few.insert(run_.id);
      std::vector<std::vector<double>> before;
      for (const auto& [run, same] : found) {
        if (!is_usable(*same)) continue;
        auto samples = samples_of(*same, figure);
        if (samples.size() >= kFewestSamples) {
          before.push_back(std::move(samples));
        } else if (!samples.empty()) {
          too_few.insert(run->id);
        }
      }
      if (now.size() < kFewestSamples || before.empty()) continue;
      auto difference = difference_of_samples(now, before, options_.resamples, random_);
      if (compared->name == kDroppedIterations && difference.before == 0 && difference.now == 0) continue;
      difference.more_is_better = compared->more_is_better;
      by_a_single_run_ = by_a_single_run_ || before.size() == 1;
      add_difference(test, fmt::format("{}: {}", figure.step, figure.name), std::move(difference));
    }
    for (const std::int64_t run : too_few) {
      note(
          "'{}' of run {} has figures of fewer than {} repetitions, which are left out: nothing is known of their "
          "scatter (a sweep's `repeat`, a benchmark's `repetitions`)",
          test.name, run, kFewestSamples);
    }
  }

  const RunRecord& run_;
  const std::span<const RunRecord> earlier_;
  const std::span<const PassedOver> passed_over_;
  const ComparisonOptions& options_;
  base::Random random_;
  std::vector<Difference> differences_;
  bool by_a_single_run_ = false;
  RunComparison result_;
};

}  // namespace

std::string_view name_of(Change change) {
  switch (change) {
    case Change::better:
      return "better";
    case Change::same:
      return "same";
    case Change::worse:
      return "worse";
    case Change::unclear:
      break;
  }
  return "can't tell";
}

bool RunComparison::any(Change change) const {
  return std::any_of(figures.begin(), figures.end(), [&](const FigureComparison& one) { return one.change == change; });
}

RunComparison compare(const RunRecord& run, std::span<const RunRecord> earlier, const ComparisonOptions& options) {
  return Comparer(run, earlier, {}, options).compare();
}

RunComparison compare(const RunRecord& run, const Baseline& baseline, const ComparisonOptions& options) {
  return Comparer(run, baseline.runs, baseline.passed_over, options).compare();
}

}  // namespace loadlab
