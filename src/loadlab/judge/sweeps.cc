#include "loadlab/judge/sweeps.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "loadlab/history/record.h"
#include "loadlab/judge/thresholds.h"
#include "loadlab/judge/verdict.h"
#include "stats/robust.h"
#include "stats/scalability.h"

namespace loadlab {
namespace {

// What the name of a figure ends with tells its unit.
std::string unit_of_figure(const std::string& name) {
  for (const auto& [end, unit] : {std::pair("_ms", "ms"), std::pair("_ms_per_request", "ms"),
                                  std::pair("_percent", "%"), std::pair("_mb", "MB"), std::pair("_per_second", "/s")}) {
    if (name.ends_with(end)) return unit;
  }
  return "";
}

void add_value(std::vector<SampledFigure>& figures, const std::string& name, double value) {
  const auto found =
      std::find_if(figures.begin(), figures.end(), [&](const SampledFigure& one) { return one.name == name; });
  if (found != figures.end()) return found->values.push_back(value);
  figures.push_back({name, unit_of_figure(name), {value}});
}

// Of what was broken more than of what had room, of nothing measured before both.
double distance_of(const ThresholdOutcome& outcome) {
  if (!outcome.observed) return -HUGE_VAL;
  return outcome.margin.value_or(outcome.passed ? HUGE_VAL : -1);
}

// The more, the nearer to a leak; of two leaks the steeper one.
std::pair<int, double> weight_of(const LeakFinding& finding) {
  const int verdict = finding.verdict == LeakVerdict::leak ? 2 : finding.verdict == LeakVerdict::undecided ? 1 : 0;
  return {verdict, finding.slope_per_hour};
}

std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(number > 0)) return std::nullopt;
  return number;
}

}  // namespace

SweepJudge::SweepJudge(const Test& plan)
    : plan_(*plan.sweep), left_(plan_.compare.size()), right_(plan_.compare.size()) {
  for (const auto& [name, value] : plan_.points.front().values) result_.parameters.push_back(name);
  for (const SweepPoint& point : plan_.points) {
    SweepPointResult one;
    one.name = point.name();
    one.parameters = point.values;
    result_.points.push_back(std::move(one));
  }
}

void SweepJudge::add(std::size_t point, const TestResult& run) {
  SweepPointResult& into = result_.points[point];
  if (!run.failure.empty()) {
    if (failure_.empty()) failure_ = fmt::format("{}: {}", into.name, run.failure);
    return;
  }
  ++into.runs;
  for (const Figure& figure : figures_of(run)) {
    if (figure.step.empty()) add_value(into.figures, figure.name, figure.value);
  }
  add_outcomes(run, into.name);
  add_leaks(run.leaks, into.name);
  if (!run.trust.trusted) {
    trust_.trusted = false;
    for (const std::string& reason : run.trust.reasons) trust_.reasons.push_back(into.name + ": " + reason);
  }
  for (std::size_t i = 0; i < plan_.compare.size(); ++i) {
    const auto note = [&](const MetricAt& side, Side& values) {
      if (side.point != point) return;
      if (const auto observed = evaluate(side.metric, run).observed) values.values.push_back(*observed);
    };
    note(plan_.compare[i].left, left_[i]);
    if (plan_.compare[i].right) note(*plan_.compare[i].right, right_[i]);
  }
}

void SweepJudge::add_outcomes(const TestResult& run, const std::string& name) {
  for (ThresholdOutcome outcome : run.thresholds) {
    const std::string own = outcome.expression + " (";
    outcome.expression += fmt::format(" ({})", name);
    const auto same = std::find_if(outcomes_.begin(), outcomes_.end(),
                                   [&](const ThresholdOutcome& other) { return other.expression.starts_with(own); });
    if (same == outcomes_.end()) {
      outcomes_.push_back(std::move(outcome));
    } else if (distance_of(outcome) < distance_of(*same)) {
      *same = std::move(outcome);
    }
  }
  for (VerificationOutcome outcome : run.verifications) {
    const auto same = std::find_if(verifications_.begin(), verifications_.end(), [&](const VerificationOutcome& other) {
      return other.name.starts_with(outcome.name + " (");
    });
    outcome.name += fmt::format(" ({})", name);
    if (same == verifications_.end()) {
      verifications_.push_back(std::move(outcome));
    } else if (same->passed && !outcome.passed) {
      *same = std::move(outcome);
    }
  }
}

void SweepJudge::add_leaks(const Leaks& leaks, const std::string& name) {
  if (!leaks.not_judged.empty()) {
    if (not_judged_.empty()) why_not_judged_ = leaks.not_judged;
    if (std::find(not_judged_.begin(), not_judged_.end(), name) == not_judged_.end()) not_judged_.push_back(name);
  }
  for (auto finding = leaks.findings.begin(); finding != leaks.findings.end(); ++finding) {
    const auto alike = std::count_if(leaks.findings.begin(), finding,
                                     [&](const LeakFinding& before) { return before.resource == finding->resource; });
    const Leaking leaking{finding->resource, static_cast<std::size_t>(alike), name, *finding};
    const auto same = std::find_if(leaks_.begin(), leaks_.end(), [&](const Leaking& other) {
      return other.resource == leaking.resource && other.number == leaking.number;
    });
    if (same == leaks_.end()) {
      leaks_.push_back(leaking);
    } else if (weight_of(leaking.finding) > weight_of(same->finding)) {
      *same = leaking;
    }
  }
}

void SweepJudge::finish_leaks(TestResult& test) const {
  for (const Leaking& leaking : leaks_) {
    LeakFinding finding = leaking.finding;
    finding.label += fmt::format("{}at {}", finding.label.empty() ? "" : " ", leaking.point);
    finding.sentence = fmt::format("{}: {}", leaking.point, finding.sentence);
    test.leaks.findings.push_back(std::move(finding));
  }
  if (not_judged_.empty()) return;
  if (leaks_.empty()) {
    test.leaks.not_judged = why_not_judged_;
  } else {
    test.notes.push_back(
        fmt::format("Leaks were not judged in every run of {}: {}.", fmt::join(not_judged_, "; "), why_not_judged_));
  }
}

ThresholdOutcome SweepJudge::compare(std::size_t index) const {
  const SweepThreshold& threshold = plan_.compare[index];
  ThresholdOutcome outcome;
  outcome.expression = threshold.expression;
  outcome.warn_only = threshold.severity == Severity::warn;
  outcome.reason = threshold.reason;
  outcome.unit = threshold.unit;
  outcome.bound = threshold.bound;
  const auto left = stats::median(left_[index].values);
  const auto right = threshold.right ? stats::median(right_[index].values) : 1.0;
  if (!left || !right) {
    outcome.missing = "one of the points was not measured";
    return outcome;
  }
  outcome.bound = threshold.bound * *right;
  outcome.observed = *left;
  settle(outcome, threshold.comparison);
  return outcome;
}

std::optional<ScalingFit> SweepJudge::scaling() const {
  if (result_.parameters.size() != 1) return std::nullopt;
  std::vector<stats::ScalingPoint> points;
  for (const SweepPointResult& point : result_.points) {
    const auto number = number_of(point.parameters.front().second);
    const SampledFigure* rate = point.find("requests_per_second");
    if (!number || !rate) return std::nullopt;
    points.push_back({*number, rate->median()});
  }
  const auto law = stats::fit_scalability(points);
  if (!law) return std::nullopt;
  return ScalingFit{law->rate_of_one, law->sigma, law->kappa, law->best_at(), 100 * law->worst_error};
}

void SweepJudge::finish(TestResult& test) const {
  test.kind = TestKind::sweep;
  test.sweep = result_;
  test.sweep->scaling = scaling();
  test.thresholds = outcomes_;
  for (std::size_t i = 0; i < plan_.compare.size(); ++i) test.thresholds.push_back(compare(i));
  test.verifications = verifications_;
  finish_leaks(test);
  test.trust = trust_;
  test.failure = failure_;
  test.verdict = verdict_of(test);
}

}  // namespace loadlab
