#include "loadlab/plan/overrides.h"

#include <algorithm>
#include <cmath>

#include "base/nearest.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/load_reader.h"
#include "loadlab/plan/test_reader.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

bool answers_to(const Test& test, const std::string& word) {
  return test.name == word || std::find(test.tags.begin(), test.tags.end(), word) != test.tags.end();
}

base::Result<> keep_only(const std::vector<std::string>& only, Plan& plan) {
  if (only.empty()) return {};
  std::vector<std::string_view> known;
  for (const Test& test : plan.tests) known.push_back(test.name);
  for (const Test& test : plan.tests) {
    for (const std::string& tag : test.tags) {
      if (std::find(known.begin(), known.end(), tag) == known.end()) known.push_back(tag);
    }
  }
  for (const std::string& word : only) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const auto meant = base::nearest(word, known);
    return fail(ErrorKind::invalid, "--only: no test has the name or tag '{}'; {}there are: {}", shown(word),
                meant ? fmt::format("did you mean '{}'? ", *meant) : "", fmt::join(known, ", "));
  }
  const auto unwanted = [&](const Test& test) {
    return std::none_of(only.begin(), only.end(), [&](const std::string& word) { return answers_to(test, word); });
  };
  plan.tests.erase(std::remove_if(plan.tests.begin(), plan.tests.end(), unwanted), plan.tests.end());
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
    test.watch.insert(test.watch.end(), overrides.watch.begin(), overrides.watch.end());
    if (test.watch.size() > kMostWatched)
      return fail(ErrorKind::invalid, "--watch: test '{}' would watch {} things, and {} are the most", shown(test.name),
                  test.watch.size(), kMostWatched);
    if (overrides.watch_interval) test.watch_interval = *overrides.watch_interval;
    if (overrides.threads) test.threads = overrides.threads;
    apply_tls(overrides, test.network.tls);
    if (overrides.duration) last(*overrides.duration, test);
  }
  return keep_only(overrides.only, plan);
}

}  // namespace loadlab
