#include "loadlab/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace loadlab {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
  const bool usual = !socket.empty() || port == (tls ? kHttpsPort : kHttpPort);
  return usual ? name : fmt::format("{}:{}", name, port);
}

bool Url::is_loopback() const { return host == "localhost" || host == "::1" || host.starts_with("127."); }

const std::string* literal_of(const Template::Piece& piece) {
  if (const auto* secret = std::get_if<Template::Secret>(&piece)) return &secret->text;
  return std::get_if<std::string>(&piece);
}

bool Template::is_constant() const {
  return std::all_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return literal_of(piece) != nullptr; });
}

std::string Template::constant() const {
  assert(is_constant());
  std::string text;
  for (const Piece& piece : pieces) text += *literal_of(piece);
  return text;
}

const LevelProfile& Load::profile() const {
  const auto* closed = std::get_if<ClosedLoad>(&model);
  return closed != nullptr ? closed->users : std::get<OpenLoad>(model).rate;
}

int Load::most_users() const {
  const auto* closed = std::get_if<ClosedLoad>(&model);
  return closed != nullptr ? static_cast<int>(std::ceil(closed->users.highest())) : std::get<OpenLoad>(model).max_users;
}

Nanoseconds Test::duration() const {
  Nanoseconds end{0};
  for (const Load& load : loads) end = std::max(end, load.end());
  return end;
}

bool Test::follows_redirects() const {
  const auto in_step = [](const Step& step) { return step.redirects > 0; };
  const auto in_journey = [&](const Journey& journey) {
    return std::any_of(journey.steps.begin(), journey.steps.end(), in_step);
  };
  const auto in_errand = [&](const Errand& errand) {
    return std::any_of(errand.steps.begin(), errand.steps.end(), in_step);
  };
  return in_errand(setup) || in_errand(teardown) || std::any_of(loads.begin(), loads.end(), [&](const Load& load) {
           return in_errand(load.user_setup) || in_errand(load.user_teardown) ||
                  std::any_of(load.journeys.begin(), load.journeys.end(), in_journey);
         });
}

bool Check::accepts(int status) const {
  if (statuses.empty()) return status < 400;
  return std::any_of(statuses.begin(), statuses.end(),
                     [status](const auto& range) { return status >= range.first && status <= range.second; });
}

}  // namespace loadlab
