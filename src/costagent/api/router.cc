#include "costagent/api/router.h"

#include <algorithm>
#include <optional>

namespace costagent {
namespace {

// Takes the part up to the next slash off the front.
std::string_view take_part(std::string_view& path) {
  const auto slash = path.find('/');
  const std::string_view part = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  return part;
}

std::optional<std::map<std::string, std::string>> match(std::string_view pattern, std::string_view path) {
  std::map<std::string, std::string> parameters;
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/')) return std::nullopt;
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = take_part(pattern);
    const std::string_view given = take_part(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      parameters[std::string(wanted.substr(1, wanted.size() - 2))] = given;
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

void Router::add(Route route) { routes_.push_back(std::move(route)); }

Router::Match Router::find(std::string_view method, std::string_view path) const {
  if (method == "HEAD") method = "GET";
  Match found;
  for (const Route& route : routes_) {
    auto parameters = match(route.path, path);
    if (!parameters) continue;
    found.path_template = route.path;
    if (route.method == method) {
      found.route = &route;
      found.parameters = std::move(*parameters);
      return found;
    }
    found.allowed.push_back(route.method);
  }
  return found;
}

}  // namespace costagent
