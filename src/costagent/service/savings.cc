#include "costagent/service/savings.h"

#include <algorithm>

#include "costagent/domain/names.h"
#include "costagent/recommend/rules.h"
#include "costagent/service/period.h"

namespace costagent {
namespace {

constexpr std::size_t kMostResources = 10'000;

bool wanted(const Recommendation& recommendation, const SavingsRequest& request) {
  const bool of_type = request.types.empty() || std::find(request.types.begin(), request.types.end(),
                                                          recommendation.type) != request.types.end();
  return of_type && recommendation.monthly_savings >= request.min_savings &&
         recommendation.risk <= request.risk_tolerance;
}

base::Seconds now(const base::Clock& clock) { return std::chrono::floor<std::chrono::seconds>(clock.utc()); }

}  // namespace

base::Result<SavingsPage> find_savings(FactStore& facts, StateStore& state, const base::Clock& clock,
                                       const SavingsRequest& request) {
  const auto extent = extent_of(facts, request.customer);
  if (!extent) return base::pass_on(extent);
  const Period period{extent->to - std::chrono::days(kDaysConsidered), extent->to};
  const auto resources = facts.resources(request.customer, request.provider, period, kMostResources);
  if (!resources) return base::pass_on(resources);

  auto all = recommend(request.customer, *resources, period, now(clock));
  std::erase_if(all, [&](const Recommendation& recommendation) { return !wanted(recommendation, request); });
  SavingsPage page;
  page.found = all.size();
  const std::size_t begin = std::min(request.offset, all.size());
  const std::size_t end = begin + std::min(request.limit, all.size() - begin);
  page.more = end < all.size();
  page.recommendations.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(begin)),
                              std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(end)));
  if (const auto saved = state.save(page.recommendations); !saved) return base::pass_on(saved);
  // What was known before keeps its status and its time.
  for (Recommendation& recommendation : page.recommendations) {
    const auto known = state.recommendation(recommendation.id);
    if (!known) return base::pass_on(known);
    if (!*known) continue;
    recommendation.status = (*known)->status;
    recommendation.created = (*known)->created;
  }
  return page;
}

base::Result<Recommendation> find_recommendation(StateStore& state, const std::string& id) {
  auto found = state.recommendation(id);
  if (!found) return base::pass_on(found);
  if (!*found) return base::fail(base::ErrorKind::not_found, "there is no recommendation '{}'", id);
  return std::move(**found);
}

base::Result<Recommendation> decide(StateStore& state, const std::string& id, RecommendationStatus decision) {
  auto found = find_recommendation(state, id);
  if (!found || found->status == decision) return found;
  if (found->status != RecommendationStatus::open) {
    return base::fail(base::ErrorKind::conflict, "recommendation '{}' is {} already", id, name_of(found->status));
  }
  if (const auto set = state.set_status(id, decision); !set) return base::pass_on(set);
  found->status = decision;
  return found;
}

}  // namespace costagent
