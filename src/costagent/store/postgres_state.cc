#include "costagent/store/postgres_state.h"

#include <algorithm>
#include <map>

#include "costagent/domain/names.h"
#include "costagent/store/advice.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_queries.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using io::PostgresValues;

// Recommendations that are written in one round trip, some hundred kilobytes.
constexpr std::size_t kBatch = 500;

template <class Enum>
bool read_name(std::string_view name, Enum& value) {
  const auto parsed = parse_name<Enum>(name);
  if (parsed) value = *parsed;
  return parsed.has_value();
}

base::Result<Recommendation> recommendation_of(const io::PostgresRows& rows, int row) {
  Recommendation found;
  found.id = rows.text(row, 0);
  found.customer = rows.text(row, 1);
  found.confidence = rows.number(row, 5).value_or(0);
  found.provider = rows.text(row, 6);
  found.account = rows.text(row, 7);
  found.service = rows.text(row, 8);
  found.region = rows.text(row, 9);
  found.resource_id = rows.text(row, 10);
  found.title = rows.text(row, 11);
  found.evidence = split_sentences(rows.text(row, 12));
  found.currency = rows.text(row, 13);
  found.created = base::Seconds(std::chrono::seconds(rows.integer(row, 16)));
  const auto cost = base::Decimal::parse_sum(rows.text(row, 14));
  const auto savings = base::Decimal::parse_sum(rows.text(row, 15));
  if (!read_name(rows.text(row, 2), found.type) || !read_name(rows.text(row, 3), found.status) ||
      !read_name(rows.text(row, 4), found.risk) || !cost || !savings) {
    return base::fail(base::ErrorKind::corrupt, "the database's recommendation {} can't be read", found.id);
  }
  found.monthly_cost = *cost;
  found.monthly_savings = *savings;
  return found;
}

base::Result<std::vector<Recommendation>> all_of(const io::PostgresRows& rows) {
  std::vector<Recommendation> found;
  found.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    auto recommendation = recommendation_of(rows, row);
    if (!recommendation) return base::pass_on(recommendation);
    found.push_back(std::move(*recommendation));
  }
  return found;
}

PostgresValues values_of(const Recommendation& recommendation) {
  PostgresValues values;
  values.text(recommendation.id).text(recommendation.customer).text(name_of(recommendation.type));
  values.text(name_of(recommendation.status)).text(name_of(recommendation.risk)).real(recommendation.confidence);
  values.bytes(recommendation.provider).bytes(recommendation.account).bytes(recommendation.service);
  values.bytes(recommendation.region).bytes(recommendation.resource_id).bytes(recommendation.title);
  values.bytes(join_sentences(recommendation.evidence)).bytes(recommendation.currency);
  values.numeric(recommendation.monthly_cost.to_string()).numeric(recommendation.monthly_savings.to_string());
  return values.int64(recommendation.created.time_since_epoch().count());
}

using Changed = std::vector<const Recommendation*>;

// Those that aren't in the database as they are given, in the order of their ids: two processes that write the same
// ones then wait for each other rather than block each other for good.
base::Result<Changed> changed_of(std::span<const Recommendation> recommendations, io::Postgres& session,
                                 Nanoseconds until) {
  std::vector<std::string> ids;
  ids.reserve(recommendations.size());
  for (const Recommendation& recommendation : recommendations) ids.push_back(recommendation.id);
  const auto rows = session.run(postgres::kRecommendationsById, PostgresValues().texts(ids), until);
  if (!rows) return base::pass_on(rows);
  const auto known = all_of(*rows);
  if (!known) return base::pass_on(known);
  std::map<std::string_view, const Recommendation*> by_id;
  for (const Recommendation& recommendation : *known) by_id.emplace(recommendation.id, &recommendation);
  Changed changed;
  for (const Recommendation& recommendation : recommendations) {
    const auto found = by_id.find(recommendation.id);
    if (found == by_id.end() || !same_advice(*found->second, recommendation)) changed.push_back(&recommendation);
  }
  std::stable_sort(changed.begin(), changed.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  return changed;
}

}  // namespace

base::Result<> PostgresState::save(std::span<const Recommendation> recommendations) {
  if (recommendations.empty()) return {};
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  // Mostly the same advice is given again; then nothing is written.
  const auto changed = changed_of(recommendations, **session, session->until());
  if (!changed) return base::pass_on(changed);
  if (changed->empty()) return {};
  auto transaction = io::PostgresTransaction::begin(**session, session->until());
  if (!transaction) return base::pass_on(transaction);
  for (std::size_t first = 0; first < changed->size(); first += kBatch) {
    io::PostgresPipeline batch(**session);
    for (std::size_t i = first; i < std::min(first + kBatch, changed->size()); ++i)
      batch.add(postgres::kWriteRecommendation, values_of(*(*changed)[i]));
    if (const auto written = batch.run(session->until()); !written) return base::pass_on(written);
  }
  return transaction->commit(session->until());
}

base::Result<std::optional<Recommendation>> PostgresState::recommendation(const std::string& id) {
  const auto rows = ask(pool_, postgres::kRecommendationById, PostgresValues().text(id));
  if (!rows) return base::pass_on(rows);
  if (rows->size() == 0) return std::optional<Recommendation>();
  auto found = recommendation_of(*rows, 0);
  if (!found) return base::pass_on(found);
  return std::optional(std::move(*found));
}

base::Result<std::vector<Recommendation>> PostgresState::recommendations(const std::string& customer, std::size_t limit,
                                                                         std::size_t offset) {
  PostgresValues page;
  page.text(customer).int64(static_cast<std::int64_t>(limit)).int64(static_cast<std::int64_t>(offset));
  const auto rows = ask(pool_, postgres::kRecommendationsOfCustomer, page);
  if (!rows) return base::pass_on(rows);
  return all_of(*rows);
}

base::Result<bool> PostgresState::set_status(const std::string& id, RecommendationStatus status) {
  const auto updated = ask(pool_, postgres::kSetStatus, PostgresValues().text(name_of(status)).text(id));
  if (!updated) return base::pass_on(updated);
  return updated->affected() > 0;
}

base::Result<std::int64_t> PostgresState::decisions_version(const std::string& customer) {
  const auto rows = ask(pool_, postgres::kDecisionsVersion, PostgresValues().text(customer));
  if (!rows) return base::pass_on(rows);
  return rows->size() > 0 ? rows->integer(0, 0) : 0;
}

}  // namespace costagent
