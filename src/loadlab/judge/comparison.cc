#include "loadlab/judge/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/random.h"
#include "loadlab/judge/seconds.h"
#include "stats/block_bootstrap.h"
#include "stats/normal.h"
#include "stats/students_t.h"

namespace loadlab {
namespace {

// With fewer nothing is known of their scatter.
constexpr std::size_t kFewestSeconds = 8;
// What a difference must be beyond its bound to be found in four of five cases, in standard errors.
constexpr double kPower = 0.8416;

// Of repetitions the same.
constexpr std::size_t kFewestSamples = 3;

// What is compared of benchmarks, and of the points of a sweep.
constexpr ComparedFigure kSampledFigures[] = {
    {"cpu_time_ms"},          {"items_per_second", true}, {"bytes_per_second", true}, {"requests_per_second", true},
    {"p95_response_time_ms"}, {"error_rate_percent"}};

constexpr std::size_t kFigures = kComparedFigures.size();

// A test's figures, and what they were in each resample.
struct Resampled {
  Figures figures{};
  std::vector<Figures> draws;
  double freedom = 1;  // stretches that were drawn from, less one
  double variance_lost = 1;
};

Resampled resample(const Seconds& seconds, const ComparisonOptions& options, base::Random& random) {
  Resampled result;
  result.figures = seconds.figures();
  const auto [length, lost] = seconds.stretch();
  result.variance_lost = lost;
  result.freedom = std::max(1.0, static_cast<double>(seconds.size()) / static_cast<double>(length) - 1);
  for (int i = 0; i < options.resamples; ++i)
    result.draws.push_back(seconds.figures(stats::draw_blocks(seconds.size(), length, random)));
  return result;
}

double mean_of(const std::vector<Figures>& draws, std::size_t figure) {
  double sum = 0;
  for (const Figures& draw : draws) sum += draw[figure];
  return sum / static_cast<double>(draws.size());
}

double variance_drawn(const Resampled& of, std::size_t figure) {
  const double mean = mean_of(of.draws, figure);
  double squares = 0;
  for (const Figures& draw : of.draws) squares += (draw[figure] - mean) * (draw[figure] - mean);
  return squares / static_cast<double>(of.draws.size());
}

// Stretches that are drawn from a few vary less than the series did that they are of.
double variance_of(const Resampled& of, std::size_t figure) {
  return variance_drawn(of, figure) * of.variance_lost * (of.freedom + 1) / of.freedom;
}

// One figure of one test: the difference, and what is known of its scatter.
struct Difference {
  std::string test;
  std::string figure;
  bool more_is_better = false;
  double before = 0;
  double now = 0;
  double error = 0;  // standard error of now − before
  double freedom = 1;
  std::vector<double> draws;  // of the difference's error, in standard errors
};

double mean_before(const std::vector<Resampled>& before, std::size_t figure) {
  double sum = 0;
  for (const Resampled& one : before) sum += one.figures[figure];
  return sum / static_cast<double>(before.size());
}

// By how much runs differ beyond what their own seconds explain; 0 with a single one, of which nothing is known.
double variance_between(const std::vector<Resampled>& before, std::size_t figure, double within) {
  if (before.size() < 2) return 0;
  const double mean = mean_before(before, figure);
  double squares = 0;
  for (const Resampled& one : before) squares += (one.figures[figure] - mean) * (one.figures[figure] - mean);
  return std::max(0.0, squares / static_cast<double>(before.size() - 1) - within);
}

// Nothing where the figure was not observed in all of them, or has no scatter to be judged by.
std::optional<Difference> difference_of(const std::string& test, std::size_t figure, const Resampled& now,
                                        const std::vector<Resampled>& before) {
  Difference result;
  result.test = test;
  result.figure = kComparedFigures[figure].name;
  result.more_is_better = kComparedFigures[figure].more_is_better;
  result.now = now.figures[figure];
  result.before = mean_before(before, figure);
  if (!std::isfinite(result.now) || !std::isfinite(result.before)) return std::nullopt;
  const auto runs = static_cast<double>(before.size());
  double within = 0;
  double drawn_before = 0;
  double freedom = now.freedom;
  for (const Resampled& one : before) {
    within += variance_of(one, figure) / runs;
    drawn_before += variance_drawn(one, figure) / runs;
    freedom += one.freedom;
  }
  const double seconds = variance_of(now, figure) + within / runs;
  const double between = variance_between(before, figure, within) * (1 + 1 / runs);
  result.error = std::sqrt(seconds + between);
  if (!std::isfinite(result.error)) return std::nullopt;
  // Welch (1947) and Satterthwaite (1946).
  const double parts = seconds * seconds / freedom + (runs > 1 ? between * between / (runs - 1) : 0);
  result.freedom = parts > 0 ? (seconds + between) * (seconds + between) / parts : freedom;
  const double drawn = variance_drawn(now, figure) + drawn_before / runs;
  if (drawn <= 0) return result;
  const double now_mean = mean_of(now.draws, figure);
  std::vector<double> means;
  for (const Resampled& one : before) means.push_back(mean_of(one.draws, figure));
  for (std::size_t draw = 0; draw < now.draws.size(); ++draw) {
    double error = now.draws[draw][figure] - now_mean;
    for (std::size_t i = 0; i < before.size(); ++i) error -= (before[i].draws[draw][figure] - means[i]) / runs;
    // What lies between runs, and between stretches, is scaled like the rest: its part in common is not known.
    result.draws.push_back(error / std::sqrt(drawn));
  }
  return result;
}

// What the largest of all, in standard errors, stays below with the confidence when nothing differs.
double bound_of_largest(const std::vector<Difference>& differences, const ComparisonOptions& options) {
  std::vector<double> largest(static_cast<std::size_t>(options.resamples));
  for (const Difference& one : differences) {
    for (std::size_t draw = 0; draw < one.draws.size(); ++draw)
      largest[draw] = std::max(largest[draw], std::abs(one.draws[draw]));
  }
  std::sort(largest.begin(), largest.end());
  const auto rank = static_cast<std::size_t>(std::ceil(options.confidence * static_cast<double>(largest.size())));
  const double least = stats::normal_upper_point((1 - options.confidence) / 2);
  return std::max(least, largest[std::min(rank, largest.size() - 1)]);
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

struct Moments {
  double mean = 0;
  double error = 0;  // standard error of the mean, squared
  double freedom = 0;
};

std::optional<Moments> moments_of(const std::vector<double>& samples) {
  if (samples.size() < kFewestSamples) return std::nullopt;
  const auto count = static_cast<double>(samples.size());
  Moments moments;
  for (const double value : samples) moments.mean += value / count;
  for (const double value : samples)
    moments.error += (value - moments.mean) * (value - moments.mean) / (count - 1) / count;
  moments.freedom = count - 1;
  return moments;
}

// Of what was measured several times a run: Welch's test (1947) on the repetitions, with what runs differ by among
// themselves added. The draws are what such a difference's error would be by chance.
std::optional<Difference> difference_of_samples(const Moments& now, const std::vector<Moments>& before, int resamples,
                                                base::Random& random) {
  const auto runs = static_cast<double>(before.size());
  Difference result;
  result.now = now.mean;
  double within = 0;
  for (const Moments& one : before) {
    result.before += one.mean / runs;
    within += one.error / runs;
  }
  double between = 0;
  if (before.size() > 1) {
    for (const Moments& one : before) between += (one.mean - result.before) * (one.mean - result.before) / (runs - 1);
    between = std::max(0.0, between - within) * (1 + 1 / runs);
  }
  const double own = now.error + within / runs;
  result.error = std::sqrt(own + between);
  if (!(result.error > 0)) return std::nullopt;
  double parts = now.error * now.error / now.freedom;
  for (const Moments& one : before) parts += std::pow(one.error / (runs * runs), 2) / one.freedom;
  if (runs > 1) parts += between * between / (runs - 1);
  result.freedom = std::max(1.0, (own + between) * (own + between) / parts);
  for (int i = 0; i < resamples; ++i) result.draws.push_back(random.normal());
  return result;
}

bool is_usable(const TestRecord& test) {
  return test.ended && test.failure.empty() && test.verdict != Verdict::error && test.verdict != Verdict::untrusted;
}

const TestRecord* find(const RunRecord& run, const std::string& name) {
  const auto found =
      std::find_if(run.tests.begin(), run.tests.end(), [&](const TestRecord& test) { return test.name == name; });
  return found == run.tests.end() ? nullptr : &*found;
}

class Comparer {
 public:
  Comparer(const RunRecord& run, std::span<const RunRecord> earlier, const ComparisonOptions& options)
      : run_(run), earlier_(earlier), options_(options), random_(options.seed) {}

  RunComparison compare() {
    for (const RunRecord& one : earlier_) {
      if (fingerprint(one.machine) != fingerprint(run_.machine)) {
        note("run {} was played on another machine ({}; run {} on {})", one.id, fingerprint(one.machine), run_.id,
             fingerprint(run_.machine));
      }
      if (one.plan != run_.plan) note("run {} was played by another plan", one.id);
    }
    for (const TestRecord& test : run_.tests) add(test);
    if (earlier_.size() == 1 && !differences_.empty()) {
      note("how much runs differ by themselves is not known from one; compare with several (--last 5)");
    }
    const double bound = differences_.empty() ? 0 : bound_of_largest(differences_, options_);
    for (const Difference& difference : differences_) result_.figures.push_back(judge(difference, bound, options_));
    return std::move(result_);
  }

 private:
  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    result_.notes.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  std::optional<Resampled> take(const RunRecord& run, const TestRecord& test) {
    if (!is_usable(test)) {
      note("'{}' of run {} is left out: it {}", test.name, run.id,
           test.ended && test.verdict == Verdict::untrusted ? "is untrusted" : "was not carried out to the end");
      return std::nullopt;
    }
    const auto seconds = Seconds::of(test, run.machine.cores);
    if (!seconds) {
      note("'{}' of run {} is left out: {}", test.name, run.id, seconds.error().message);
      return std::nullopt;
    }
    if (seconds->size() < kFewestSeconds) {
      note("'{}' of run {} is left out: it measured {} whole seconds, and {} are the least", test.name, run.id,
           seconds->size(), kFewestSeconds);
      return std::nullopt;
    }
    return resample(*seconds, options_, random_);
  }

  void add(const TestRecord& test) {
    Found found;
    for (const RunRecord& one : earlier_) {
      if (const TestRecord* same = find(one, test.name)) found.emplace_back(&one, same);
    }
    if (found.empty()) return note("'{}' is new", test.name);
    if (is_sampled(test)) return add_sampled(test, found);
    const auto now = take(run_, test);
    if (!now) return;
    std::vector<Resampled> before;
    for (const auto& [run, same] : found) {
      if (auto resampled = take(*run, *same)) before.push_back(std::move(*resampled));
    }
    if (before.empty()) return;
    for (std::size_t figure = 0; figure < kFigures; ++figure) {
      if (auto difference = difference_of(test.name, figure, *now, before))
        differences_.push_back(std::move(*difference));
    }
  }

  using Found = std::vector<std::pair<const RunRecord*, const TestRecord*>>;

  // A benchmark or a sweep: it has no seconds, but repetitions.
  static bool is_sampled(const TestRecord& test) {
    return std::any_of(test.figures.begin(), test.figures.end(),
                       [](const Figure& figure) { return figure.name.ends_with("[0]"); });
  }

  void add_sampled(const TestRecord& test, const Found& found) {
    if (!is_usable(test))
      return note("'{}' of run {} is left out: it was not carried out to the end", test.name, run_.id);
    bool too_few = false;
    for (const Figure& figure : test.figures) {
      const auto* compared = std::find_if(std::begin(kSampledFigures), std::end(kSampledFigures),
                                          [&](const ComparedFigure& one) { return one.name == figure.name; });
      if (compared == std::end(kSampledFigures)) continue;
      const auto now = moments_of(samples_of(test, figure));
      std::vector<Moments> before;
      for (const auto& [run, same] : found) {
        if (!is_usable(*same)) continue;
        if (const auto moments = moments_of(samples_of(*same, figure))) before.push_back(*moments);
      }
      too_few = too_few || !now;
      if (!now || before.empty()) continue;
      auto difference = difference_of_samples(*now, before, options_.resamples, random_);
      if (!difference) continue;
      difference->test = test.name;
      difference->figure = fmt::format("{}: {}", figure.step, figure.name);
      difference->more_is_better = compared->more_is_better;
      differences_.push_back(std::move(*difference));
    }
    if (too_few)
      note("'{}' of run {} has figures of fewer than {} repetitions, which are left out", test.name, run_.id,
           kFewestSamples);
  }

  const RunRecord& run_;
  const std::span<const RunRecord> earlier_;
  const ComparisonOptions& options_;
  base::Random random_;
  std::vector<Difference> differences_;
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
  return Comparer(run, earlier, options).compare();
}

}  // namespace loadlab
