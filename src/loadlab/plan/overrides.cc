#include "loadlab/plan/overrides.h"

#include <algorithm>
#include <cmath>

#include "base/nearest.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/load_reader.h"
#include "loadlab/plan/sweep.h"
#include "loadlab/plan/test_reader.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

bool answers_to(const Test& test, const std::string& word) {
  return test.name == word || (!word.empty() && test.family == word) ||
         std::find(test.tags.begin(), test.tags.end(), word) != test.tags.end();
}

// More tests than a message can name.
constexpr std::size_t kManyTests = 20;

// Every name, tag and file that tests answer to.
base::Result<> check_words(const char* option, const std::vector<std::string>& words, const Plan& plan) {
  std::vector<std::string_view> known;
  for (const Test& test : plan.tests) known.push_back(test.name);
  for (const Test& test : plan.tests) {
    for (const std::string& tag : test.tags) {
      if (std::find(known.begin(), known.end(), tag) == known.end()) known.push_back(tag);
    }
    if (!test.family.empty() && std::find(known.begin(), known.end(), test.family) == known.end())
      known.push_back(test.family);
  }
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const auto meant = base::nearest(word, known);
    const std::size_t unnamed = plan.tests.size() > kManyTests ? plan.tests.size() : 0;
    return fail(ErrorKind::invalid, "{}: no test has the name or tag '{}'; {}there are: {}{}", option, shown(word),
                meant ? fmt::format("did you mean '{}'? ", *meant) : "",
                fmt::join(known.begin() + static_cast<std::ptrdiff_t>(unnamed), known.end(), ", "),
                unnamed > 0 ? fmt::format(", and {} tests, which --list names", unnamed) : "");
  }
  return {};
}

base::Result<> keep_wanted(const Overrides& overrides, Plan& plan) {
  if (const auto known = check_words("--only", overrides.only, plan); !known) return known;
  if (const auto known = check_words("--except", overrides.except, plan); !known) return known;
  const auto answers_to_any = [](const Test& test, const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return answers_to(test, word); });
  };
  const auto unwanted = [&](const Test& test) {
    return (!overrides.only.empty() && !answers_to_any(test, overrides.only)) || answers_to_any(test, overrides.except);
  };
  plan.tests.erase(std::remove_if(plan.tests.begin(), plan.tests.end(), unwanted), plan.tests.end());
  if (plan.tests.empty()) return fail(ErrorKind::invalid, "--except: no test is left");
  return {};
}

// A sweep says itself which values its variables have. Tests that are not played mind nothing.
base::Result<> check_swept(const Overrides& overrides, const Plan& plan) {
  for (const Test& test : plan.tests) {
    if (!test.sweep) continue;
    for (const auto& [name, value] : test.sweep->points.front().values) {
      const bool is_given = std::any_of(overrides.variables.begin(), overrides.variables.end(),
                                        [&name = name](const auto& given) { return given.first == name; });
      if (!is_given) continue;
      return fail(ErrorKind::invalid,
                  "-e: '{}' is what the test '{}' is swept over; take the -e away, or leave the test out (--except)",
                  name, shown(test.name));
    }
  }
  return {};
}

// Every load's times are stretched alike, so that those that run side by side still do.
void last(Nanoseconds duration, Test& test) {
  const double factor = static_cast<double>(duration.count()) / static_cast<double>(test.duration().count());
  const auto stretched = [factor](Nanoseconds time) {
    return Nanoseconds(std::llround(static_cast<double>(time.count()) * factor));
  };
  for (Load& load : test.loads) {
    load.start = stretched(load.start);
    load.duration = std::max(Nanoseconds(1), stretched(load.duration));
    if (auto* closed = std::get_if<ClosedLoad>(&load.model)) {
      closed->users = closed->users.lasting(load.duration);
    } else {
      auto& open = std::get<OpenLoad>(load.model);
      open.rate = open.rate.lasting(load.duration);
    }
  }
  test.warm_up = std::min(test.warm_up, stretched(test.warm_up));
}

void apply_tls(const Overrides& overrides, TlsSettings& tls) {
  if (overrides.insecure) tls.insecure = true;
  if (!overrides.ca_file.empty()) tls.ca_file = overrides.ca_file;
  if (overrides.certificate.empty()) return;
  tls.certificate = overrides.certificate;
  tls.key = overrides.key;
}

base::Result<> apply_to(const Overrides& overrides, Test& test) {
  test.watch.insert(test.watch.end(), overrides.watch.begin(), overrides.watch.end());
  if (test.watch.size() > kMostWatched)
    return fail(ErrorKind::invalid, "--watch: test '{}' would watch {} things, and {} are the most", shown(test.name),
                test.watch.size(), kMostWatched);
  if (overrides.watch_interval) test.watch_interval = *overrides.watch_interval;
  if (overrides.threads) test.threads = overrides.threads;
  apply_tls(overrides, test.network.tls);
  if (overrides.duration && !test.loads.empty()) last(*overrides.duration, test);
  return {};
}

}  // namespace

base::Result<> check_overrides(const Overrides& overrides) {
  if (!overrides.target.empty()) {
    if (const auto url = parse_url(overrides.target); !url)
      return fail(ErrorKind::invalid, "--target: {}", url.error().message);
  }
  if (overrides.certificate.empty() != overrides.key.empty())
    return fail(ErrorKind::invalid, "--cert and --key belong together; give both");
  if (overrides.threads && (*overrides.threads < 1 || *overrides.threads > kMostThreads)) {
    return fail(ErrorKind::invalid, "--threads: {} is not between 1 and {} ({})", *overrides.threads, kMostThreads,
                kReasonOfThreads);
  }
  if (overrides.duration && (*overrides.duration < kShortestTest || *overrides.duration > kLongestTest)) {
    return fail(ErrorKind::invalid, "--duration: {} is not between {} and {} ({})",
                format_duration(*overrides.duration), format_duration(kShortestTest), format_duration(kLongestTest),
                kReasonOfDuration);
  }
  if (overrides.watch_interval &&
      (*overrides.watch_interval < kShortestWatchInterval || *overrides.watch_interval > kLongestWatchInterval)) {
    return fail(ErrorKind::invalid, "--watch-interval: {} is not between {} and {} ({})",
                format_duration(*overrides.watch_interval), format_duration(kShortestWatchInterval),
                format_duration(kLongestWatchInterval), kReasonOfWatchInterval);
  }
  return {};
}

base::Result<> apply_overrides(const Overrides& overrides, Plan& plan) {
  for (Test& test : plan.tests) {
    if (const auto applied = apply_to(overrides, test); !applied) return applied;
    if (!test.sweep) continue;
    for (SweepPoint& point : test.sweep->points) {
      if (const auto applied = apply_to(overrides, point.test); !applied) return applied;
    }
  }
  if (const auto kept = keep_wanted(overrides, plan); !kept) return kept;
  return check_swept(overrides, plan);
}

}  // namespace loadlab
