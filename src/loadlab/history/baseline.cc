#include "loadlab/history/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace loadlab {
namespace {

const TestRecord* find(const RunRecord& run, const std::string& name) {
  const auto found =
      std::find_if(run.tests.begin(), run.tests.end(), [&](const TestRecord& test) { return test.name == name; });
  return found == run.tests.end() ? nullptr : &*found;
}

// `http://127.0.0.1:8080/base` is `http://…/base`, and so is localhost's; `unix:/run/a.sock:/base` is `unix:/base`.
std::string without_local_port(std::string_view target) {
  constexpr std::string_view kUnix = "unix:";
  constexpr std::string_view kBehindScheme = "://";
  if (target.starts_with(kUnix)) {
    const auto colon = target.find(':', kUnix.size());
    return std::string(kUnix) + std::string(colon == std::string_view::npos ? "" : target.substr(colon + 1));
  }
  const auto scheme = target.find(kBehindScheme);
  if (scheme == std::string_view::npos) return std::string(target);
  const auto begin = scheme + kBehindScheme.size();
  const auto end = std::min(target.find('/', begin), target.size());
  const std::string_view host = target.substr(begin, end - begin);
  const bool local = host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
  return local ? fmt::format("{}…{}", target.substr(0, begin), target.substr(end)) : std::string(target);
}

// Those of two versions say nothing of each other.
bool digests_differ(const std::string& a, const std::string& b) {
  const auto version = [](const std::string& of) { return of.substr(0, of.find(':')); };
  return !a.empty() && !b.empty() && version(a) == version(b) && a != b;
}

std::string given(const std::string& variables) { return variables.empty() ? "no -e" : variables; }

}  // namespace

bool is_usable(const TestRecord& test) {
  return test.ended && test.failure.empty() && test.verdict != Verdict::error && test.verdict != Verdict::untrusted &&
         !test.allowed_steal;
}

std::string why_unusable(const TestRecord& test) {
  if (test.ended && test.verdict == Verdict::untrusted) return "is untrusted";
  if (test.ended && test.allowed_steal)
    return fmt::format("is trusted for its own bounds alone, as the machine's host took {:.1f} % of its time",
                       *test.allowed_steal);
  return "was not carried out to the end";
}

std::string difference_of_load(const RunRecord& then_run, const TestRecord& then, const RunRecord& now_run,
                               const TestRecord& now) {
  if (!then.load.empty() && !now.load.empty() && then.load != now.load)
    return fmt::format("it had {}, and run {} has {}", then.load, now_run.id, now.load);
  if (!then.target.empty() && !now.target.empty() && without_local_port(then.target) != without_local_port(now.target))
    return fmt::format("it loaded {}, and run {} loads {}", then.target, now_run.id, now.target);
  if (then_run.variables && now_run.variables && *then_run.variables != *now_run.variables)
    return fmt::format("it was played with {}, and run {} with {}", given(*then_run.variables), now_run.id,
                       given(*now_run.variables));
  if (digests_differ(then.load_digest, now.load_digest))
    return fmt::format("its requests, or when they were sent, were not those of run {}", now_run.id);
  return "";
}

BaselineSearch::BaselineSearch(const RunRecord& run, std::size_t count) : run_(run), count_(count) {
  if (count == 0) return;
  for (const TestRecord& test : run.tests) missing_[test.name] = count;
}

void BaselineSearch::pass_over(const std::string& test, const std::string& why) {
  const bool told =
      std::any_of(passed_over_.begin(), passed_over_.end(), [&](const PassedOver& one) { return one.test == test; });
  if (!told) passed_over_.push_back({test, why});
}

std::vector<std::string> BaselineSearch::take(const RunRecord& earlier) {
  std::vector<std::string> names;
  if (earlier.state != RunState::ended || earlier.interrupted || earlier.id >= run_.id ||
      fingerprint(earlier.machine) != fingerprint(run_.machine))
    return names;
  ++runs_;
  for (const TestRecord& then : earlier.tests) {
    if (!is_usable(then)) continue;
    const TestRecord* now = find(run_, then.name);
    if (now == nullptr) {
      // What only older ones have was given up long ago.
      if (runs_ <= count_)
        pass_over(then.name, fmt::format("'{}' of run {} was not played in run {}", then.name, earlier.id, run_.id));
      continue;
    }
    const auto missing = missing_.find(then.name);
    if (missing == missing_.end()) continue;
    if (const std::string by = difference_of_load(earlier, then, run_, *now); !by.empty()) {
      pass_over(then.name, fmt::format("'{}' of run {} is passed over: {}", then.name, earlier.id, by));
      continue;
    }
    names.push_back(then.name);
    if (--missing->second == 0) missing_.erase(missing);
  }
  return names;
}

}  // namespace loadlab
