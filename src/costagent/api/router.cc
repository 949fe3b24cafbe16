#include "costagent/api/router.h"

#include <algorithm>
#include <cassert>

namespace costagent {
namespace {

// The segment at the start of `rest`, which begins with `/`; takes it away.
std::string_view next_segment(std::string_view& rest) {
  const auto end = rest.find('/', 1);
  const auto segment = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return segment;
}

bool matches(const Router::Route& route, std::string_view path, std::array<std::string_view, 2>& parameters) {
  std::size_t parameter = 0;
  for (const std::string& expected : route.segments) {
    if (path.empty()) return false;
    const auto segment = next_segment(path);
    if (expected.empty()) {
      if (segment.empty()) return false;
      parameters[parameter++] = segment;
    } else if (segment != expected) {
      return false;
    }
  }
  return path.empty();
}

std::string_view without_prefix(std::string_view path) {
  const auto prefix = Router::kPrefix;
  return path.starts_with(prefix) && path.substr(prefix.size()).starts_with('/') ? path.substr(prefix.size()) : path;
}

}  // namespace

std::string_view name_of(Method method) {
  static constexpr std::array<std::string_view, kMethods> kNames{"GET",    "POST", "PUT",     "PATCH",
                                                                 "DELETE", "HEAD", "OPTIONS", "other"};
  return kNames[static_cast<std::size_t>(method)];
}

void Router::add(Method method, std::string pattern, Handler handler, Turn turn, Intake intake) {
  Route route{std::move(pattern), {}, 0, method, turn, std::move(handler), std::move(intake)};
  assert(route.pattern.starts_with('/'));
  std::size_t parameters = 0;
  for (std::string_view rest = route.pattern; !rest.empty();) {
    const auto segment = next_segment(rest);
    const bool parameter = segment.starts_with('{');
    parameters += parameter;
    route.segments.emplace_back(parameter ? std::string_view() : segment);
  }
  assert(parameters <= std::tuple_size_v<decltype(Match::parameters)>);
  const auto known = std::find(patterns_.begin(), patterns_.end(), route.pattern);
  route.number = static_cast<std::size_t>(known - patterns_.begin());
  if (known == patterns_.end()) patterns_.push_back(route.pattern);
  routes_.push_back(std::move(route));
}

Router::Match Router::match(Method method, std::string_view path) const {
  Match match;
  path = without_prefix(path);
  if (!path.starts_with('/')) return match;
  for (const Route& route : routes_) {
    if (!matches(route, path, match.parameters)) continue;
    if (match.pattern == nullptr) match.pattern = &route;
    if (route.method == method) {
      match.route = &route;
      return match;
    }
  }
  return match;
}

std::string Router::allowed(const Route& pattern) const {
  std::string methods;
  for (const Route& route : routes_) {
    if (route.number != pattern.number) continue;
    if (!methods.empty()) methods += ", ";
    methods += name_of(route.method);
  }
  return methods;
}

}  // namespace costagent
