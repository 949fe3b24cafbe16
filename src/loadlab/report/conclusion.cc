#include "loadlab/report/conclusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "loadlab/report/margin_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// Of a run, with the test that it is of.
struct Least {
  const ThresholdOutcome* outcome = nullptr;
  const TestResult* test = nullptr;
};

// The smaller, the worse: first by what it is like, then by its margin.
std::pair<int, double> room_of(const ThresholdOutcome& outcome) {
  if (outcome.passed) return {3, outcome.margin.value_or(HUGE_VAL)};
  if (!outcome.observed) return {2, 0};
  return outcome.margin ? std::pair(1, *outcome.margin) : std::pair(0, 0.0);
}

Least least_of(const RunResult& run) {
  Least least;
  for (const TestResult& test : run.tests) {
    const ThresholdOutcome* own = tightest(test);
    if (own && (!least.outcome || room_of(*own) < room_of(*least.outcome))) least = {own, &test};
  }
  return least;
}

// "17.5 ms observed", "nothing observed, as nobody listened".
std::string observed_of(const ThresholdOutcome& outcome) {
  const std::string observed = outcome.observed ? format_value(*outcome.observed, outcome.unit) : "nothing";
  return fmt::format("{} observed{}", observed, outcome.missing.empty() ? "" : ", as " + outcome.missing);
}

std::string margin_of(const Least& least) {
  const ThresholdOutcome& outcome = *least.outcome;
  const std::string what = fmt::format("{} in '{}'", outcome.expression, least.test->name);
  if (!outcome.margin) return fmt::format("broken is {}: {}", what, observed_of(outcome));
  const bool at_bound = !outcome.passed && *outcome.margin >= 0;
  return fmt::format("{} of {}: {}, {}", outcome.passed ? "the least is that" : "broken the most is that", what,
                     observed_of(outcome), at_bound ? "which is the bound itself" : margin_text(outcome));
}

std::string holds(const RunResult& run) {
  std::size_t passed = 0;
  std::size_t thresholds = 0;
  std::size_t held = 0;
  std::size_t verifications = 0;
  std::size_t verified = 0;
  std::set<std::string> leaking;
  for (const TestResult& test : run.tests) {
    passed += test.verdict == Verdict::pass;
    for (const ThresholdOutcome& outcome : test.thresholds) {
      ++thresholds;
      held += outcome.passed;
    }
    for (const VerificationOutcome& outcome : test.verifications) {
      ++verifications;
      verified += outcome.passed;
    }
    for (const LeakFinding& leak : test.leaks.findings) {
      if (leak.verdict == LeakVerdict::leak) leaking.insert(leak.resource);
    }
  }
  std::string text = run.tests.size() <= 1 ? "" : fmt::format("{} of {} tests passed", passed, run.tests.size());
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  if (thresholds > 0) add(fmt::format("{} of {} thresholds {}", held, thresholds, held == 1 ? "holds" : "hold"));
  if (verifications > 0) add(fmt::format("{} of {} verifications passed", verified, verifications));
  if (text.empty()) text = "no thresholds: nothing was asked of the target";
  if (!leaking.empty()) add(fmt::format("{} {}", fmt::join(leaking, " and "), leaking.size() == 1 ? "leaks" : "leak"));
  return text;
}

std::string missed_warnings(const RunResult& run) {
  std::size_t missed = 0;
  for (const TestResult& test : run.tests) {
    for (const ThresholdOutcome& outcome : test.thresholds) missed += outcome.warn_only && !outcome.passed;
    for (const VerificationOutcome& outcome : test.verifications) missed += outcome.warn_only && !outcome.passed;
  }
  if (missed == 0) return "";
  return fmt::format("{} of the bars that only warn {} missed", missed, missed == 1 ? "is" : "are");
}

// What gave, and what to do about it.
struct Given {
  std::string what;
  std::string change;
};

Given given_by(const Candidate& cause) { return {fmt::format("{}: {}", cause.cause, cause.evidence), cause.advice}; }

// What most requests failed by, where that is an answer that no lack of anything explains: a page that isn't there, or
// a service that is broken whatever is asked of it.
std::string wrong_answer(const TestResult& test) {
  const auto& faults = test.total.faults;
  const auto most =
      std::max_element(faults.begin(), faults.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == faults.end() || test.bottleneck.pressure == Pressure::limited) return "";
  const bool is_broken = most->first >= Fault::first_status && test.total.failed == test.total.requests;
  return is_broken || is_answer(most->first) ? test.name_of(most->first) : "";
}

// Of a test that failed: the cause of its broken thresholds, where one is known; else what it failed by.
Given given_by_failed(const TestResult& test) {
  const ThresholdOutcome* broken = tightest(test);
  if (broken && broken->passed) broken = nullptr;
  if (broken && broken->expression.starts_with("error_rate")) {
    if (const std::string answer = wrong_answer(test); !answer.empty())
      return {fmt::format("{}: {}, mostly {}", broken->expression, observed_of(*broken), answer), ""};
  }
  if (broken && !test.bottleneck.candidates.empty()) return given_by(test.bottleneck.candidates.front());
  for (const LeakFinding& leak : test.leaks.findings) {
    if (leak.verdict == LeakVerdict::leak && !leak.warn_only) return {leak.sentence, ""};
  }
  if (broken) {
    return {fmt::format("{}: {}{}{}", broken->expression, observed_of(*broken),
                        test.bottleneck.sentence.empty() ? "" : ". ", test.bottleneck.sentence),
            ""};
  }
  for (const VerificationOutcome& outcome : test.verifications) {
    if (!outcome.passed && !outcome.warn_only)
      return {outcome.name + ": " + (outcome.observed.empty() ? "it does not hold" : outcome.observed), ""};
  }
  return {test.bottleneck.sentence, ""};
}

// The test in which the run gave first: of a run that failed the first that did. Else of those that something was seen
// to limit, or of all, the nearest to a broken threshold. Null of a run without tests.
const TestResult* first_to_give(const RunResult& run) {
  const auto failed = std::find_if(run.tests.begin(), run.tests.end(),
                                   [](const TestResult& test) { return test.verdict == Verdict::fail; });
  if (failed != run.tests.end()) return &*failed;
  const auto order = [](const TestResult& test) {
    const ThresholdOutcome* own = tightest(test);
    constexpr std::pair kNothingAsked(4, 0.0);
    return std::tuple(test.bottleneck.candidates.empty(), test.bottleneck.sentence.empty(),
                      own ? room_of(*own) : kNothingAsked);
  };
  const auto nearest = std::min_element(run.tests.begin(), run.tests.end(),
                                        [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return nearest != run.tests.end() ? &*nearest : nullptr;
}

void conclude_what_gives(const RunResult& run, Conclusion& conclusion) {
  const TestResult* test = first_to_give(run);
  if (!test) return;
  Given given{test->bottleneck.sentence, ""};
  if (test->verdict == Verdict::fail) {
    given = given_by_failed(*test);
  } else if (!test->bottleneck.candidates.empty()) {
    given = given_by(test->bottleneck.candidates.front());
  }
  const bool says_where = run.tests.size() > 1 && !given.what.empty();
  conclusion.gives_first = says_where ? fmt::format("in '{}': {}", test->name, given.what) : given.what;
  conclusion.change = given.change;
}

}  // namespace

const ThresholdOutcome* tightest(const TestResult& test) {
  const ThresholdOutcome* found = nullptr;
  for (const ThresholdOutcome& outcome : test.thresholds) {
    if (outcome.warn_only || (outcome.passed && !outcome.margin)) continue;
    if (!found || room_of(outcome) < room_of(*found)) found = &outcome;
  }
  return found;
}

Conclusion conclude(const RunResult& run) {
  Conclusion conclusion;
  conclusion.holds = holds(run);
  conclusion.warnings = missed_warnings(run);
  if (const Least least = least_of(run); least.outcome) conclusion.margin = margin_of(least);
  conclude_what_gives(run, conclusion);
  return conclusion;
}

}  // namespace loadlab
