#include "costagent/service/expiring.h"

#include <algorithm>

namespace costagent {
namespace {

constexpr std::chrono::days kCompared{30};
constexpr std::size_t kMostCommitments = 1000;

base::Result<> add_stake(FactStore& facts, const std::string& customer, Period known, ExpiringCommitment& expiring) {
  const base::Day end = std::min(std::chrono::ceil<std::chrono::days>(expiring.commitment.end), known.to);
  CoverageQuery query{customer, {std::max(end - kCompared, known.from), end}, {}, {}, CoverageBucket::whole, 1, 0};
  query.only[Dimension::commitment] = expiring.commitment.id;
  if (query.period.days() <= 0) return {};
  const auto page = facts.coverage(query);
  if (!page) return base::pass_on(page);
  if (page->totals.empty()) return {};
  const CoverageTotal& total = page->totals.front();
  expiring.currency = total.currency;
  expiring.covered_list_cost = total.coverage.used.list;
  expiring.saved = total.coverage.used.list - total.coverage.used.effective;
  return {};
}

}  // namespace

base::Result<std::vector<ExpiringCommitment>> expiring_commitments(FactStore& facts, const std::string& customer,
                                                                   Period period, Period known) {
  const Period asked{period.from, period.to + kSoon};
  const auto all = facts.commitments(customer, asked, kMostCommitments);
  if (!all) return base::pass_on(all);
  std::vector<ExpiringCommitment> expiring;
  for (const Commitment& commitment : *all) {
    if (commitment.end < base::Seconds(asked.to)) expiring.push_back({commitment, {}, {}, {}});
  }
  std::stable_sort(expiring.begin(), expiring.end(), [](const ExpiringCommitment& a, const ExpiringCommitment& b) {
    return a.commitment.end < b.commitment.end;
  });
  if (expiring.size() > kMostExpiring) expiring.resize(kMostExpiring);
  for (ExpiringCommitment& one : expiring) {
    if (const auto added = add_stake(facts, customer, known, one); !added) return base::pass_on(added);
  }
  return expiring;
}

}  // namespace costagent
