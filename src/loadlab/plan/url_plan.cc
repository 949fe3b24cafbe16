
#include "base/without_password.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/load_reader.h"
#include "loadlab/plan/overrides.h"
#include "loadlab/plan/quantity.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/test_reader.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kDefaultUsers = 10;

Template literal(std::string_view text) {
  Template result;
  append_literal(result, text);
  return result;
}

base::Result<Load> load_of(const UrlLoad& load) {
  if (load.users && load.rate)
    return fail(ErrorKind::invalid, "--users (a closed model) and --rate (an open one) exclude each other; give one");
  if (load.ramp_up < Nanoseconds(0) || load.ramp_up > load.duration) {
    return fail(ErrorKind::invalid, "--ramp-up: {} is longer than the duration of {}", format_duration(load.ramp_up),
                format_duration(load.duration));
  }
  Load result;
  result.duration = load.duration;
  if (load.rate) {
    if (!(*load.rate > 0) || *load.rate > kHighestRate)
      return fail(ErrorKind::invalid, "--rate: {}/s is not above 0 and up to 1000000/s", *load.rate);
    OpenLoad open;
    open.rate = LevelProfile::steady(*load.rate, load.ramp_up, load.duration);
    open.arrivals = load.arrivals;
    result.model = std::move(open);
    return result;
  }
  const int users = load.users.value_or(kDefaultUsers);
  if (users < 1 || users > kMostUsers) {
    return fail(ErrorKind::invalid, "--users: {} is not between 1 and {} ({})", users, kMostUsers, kReasonOfUsers);
  }
  ClosedLoad closed;
  closed.users = LevelProfile::steady(users, load.ramp_up, load.duration);
  result.model = std::move(closed);
  return result;
}

base::Result<> add_headers(const std::vector<std::string>& headers, Step& step) {
  for (const std::string& header : headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos)
      return fail(ErrorKind::invalid, "-H: '{}' is not a header; write it as in 'Accept: text/html'", shown(header));
    const std::string name = header.substr(0, colon);
    const std::string_view value = trimmed(std::string_view(header).substr(colon + 1));
    if (const auto problem = problem_of_header_name(name)) return fail(ErrorKind::invalid, "-H: {}", *problem);
    if (const auto problem = problem_of_header_value(value))
      return fail(ErrorKind::invalid, "-H: {}: {}", name, *problem);
    step.headers.emplace_back(name, literal(value));
  }
  return {};
}

// The step of a bare URL. `path` is what stands behind the authority.
base::Result<Step> step_of(const UrlLoad& load, std::string path) {
  if (!path.starts_with('/')) path.insert(0, "/");
  if (const auto problem = problem_of_method(load.method)) return fail(ErrorKind::invalid, "-X: {}", *problem);
  if (const auto problem = problem_of_path(path)) return fail(ErrorKind::invalid, "{}", *problem);
  Step step;
  step.method = load.method;
  step.path = literal(path);
  step.name = fmt::format("{} {}", step.method, base::without_password(path));
  if (const auto added = add_headers(load.headers, step); !added) return base::pass_on(added);
  step.body = literal(load.body);
  step.has_body = !load.body.empty();
  return step;
}

base::Result<std::vector<Threshold>> thresholds_of(const UrlLoad& load, const std::string& step) {
  std::vector<Threshold> thresholds;
  for (const std::string& expression : load.thresholds) {
    auto threshold = parse_threshold(expression);
    if (!threshold) return base::pass_on(threshold);
    if (!threshold->step.empty() && threshold->step != step) {
      return fail(ErrorKind::invalid, "threshold '{}': no step is named '{}'; the only step is '{}'", shown(expression),
                  shown(threshold->step), step);
    }
    thresholds.push_back(std::move(*threshold));
  }
  // Without a word from the user on errors, a target that answers nothing else must not pass.
  if (!speak_of_errors(thresholds)) thresholds.push_back(parse_threshold("error_rate < 1%").value());
  return thresholds;
}

// The target, and the path that is asked for.
std::pair<std::string, std::string> split_url(const std::string& url) {
  const bool is_unix = url.starts_with("unix:");
  const auto scheme = is_unix ? url.find(':') : url.find("://");
  if (scheme == std::string::npos) return {url, "/"};
  const auto end = is_unix ? url.find(':', scheme + 1) : url.find_first_of("/?#", scheme + 3);
  if (end == std::string::npos) return {url, "/"};
  return {url.substr(0, end), url.substr(is_unix ? end + 1 : end)};
}

}  // namespace

base::Result<Plan> plan_for_url(const UrlLoad& load, const Overrides& overrides) {
  if (const auto checked = check_overrides(overrides); !checked) return base::pass_on(checked);
  const auto [base, path] = split_url(load.url);
  const auto target = parse_url(overrides.target.empty() ? base : overrides.target);
  if (!target) return base::pass_on(target);
  if (load.duration < kShortestTest || load.duration > kLongestTest) {
    return fail(ErrorKind::invalid, "--duration: {} is not between {} and {} ({})", format_duration(load.duration),
                format_duration(kShortestTest), format_duration(kLongestTest), kReasonOfDuration);
  }
  auto only_load = load_of(load);
  if (!only_load) return base::pass_on(only_load);
  auto step = step_of(load, path);
  if (!step) return base::pass_on(step);
  auto thresholds = thresholds_of(load, step->name);
  if (!thresholds) return base::pass_on(thresholds);
  Test test;
  test.name = base::without_password(load.url);
  test.target = *target;
  test.http.per_request = !load.keep_alive;
  test.thresholds = std::move(*thresholds);
  Journey journey;
  journey.name = "journey 1";
  journey.steps.push_back(std::move(*step));
  only_load->journeys.push_back(std::move(journey));
  test.loads.push_back(std::move(*only_load));
  Plan plan{test.name, {test}};
  if (const auto applied = apply_overrides(overrides, plan); !applied) return base::pass_on(applied);
  return plan;
}

}  // namespace loadlab
