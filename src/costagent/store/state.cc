#include "costagent/store/state.h"

#include "costagent/domain/names.h"
#include "costagent/store/advice.h"
#include "costagent/store/queries.h"

namespace costagent {
namespace {

base::Seconds time_of(std::int64_t seconds) { return base::Seconds(std::chrono::seconds(seconds)); }

// A value's name as this program wrote it.
template <class Enum>
bool read_name(std::string_view name, Enum& value) {
  const auto parsed = parse_name<Enum>(name);
  if (parsed) value = *parsed;
  return parsed.has_value();
}

base::Failure corrupt_row(const char* table, std::string_view id) {
  return base::fail(base::ErrorKind::corrupt, "the database's {} {} can't be read", table, id);
}

base::Result<Recommendation> recommendation_of(const io::Statement& row) {
  Recommendation found;
  found.id = row.text(0);
  found.customer = row.text(1);
  found.confidence = row.real(5);
  found.provider = row.text(6);
  found.account = row.text(7);
  found.service = row.text(8);
  found.region = row.text(9);
  found.resource_id = row.text(10);
  found.title = row.text(11);
  found.evidence = split_sentences(row.text(12));
  found.currency = row.text(13);
  found.created = time_of(row.integer(16));
  const auto cost = base::Decimal::parse_sum(row.text(14));
  const auto savings = base::Decimal::parse_sum(row.text(15));
  if (!read_name(row.text(2), found.type) || !read_name(row.text(3), found.status) ||
      !read_name(row.text(4), found.risk) || !cost || !savings) {
    return corrupt_row("recommendation", found.id);
  }
  found.monthly_cost = *cost;
  found.monthly_savings = *savings;
  return found;
}

}  // namespace

base::Result<std::optional<Recommendation>> read_recommendation(io::Sqlite& connection, const std::string& id) {
  const auto select = connection.cached(kRecommendationById);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(id));
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::optional<Recommendation>();
  auto found = recommendation_of(**select);
  (*select)->reset();
  if (!found) return base::pass_on(found);
  return std::optional(std::move(*found));
}

base::Result<std::vector<Recommendation>> list_recommendations(io::Sqlite& connection, const std::string& customer,
                                                               std::size_t limit, std::size_t offset) {
  const auto select = connection.cached(kRecommendationsOfCustomer);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(customer)).bind(2, static_cast<std::int64_t>(limit));
  (*select)->bind(3, static_cast<std::int64_t>(offset));
  std::vector<Recommendation> found;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return found;
    auto recommendation = recommendation_of(**select);
    if (!recommendation) {
      (*select)->reset();
      return base::pass_on(recommendation);
    }
    found.push_back(std::move(*recommendation));
  }
}

base::Result<> write_recommendation(io::Sqlite& connection, const Recommendation& recommendation) {
  const auto insert = connection.cached(kWriteRecommendation);
  if (!insert) return base::pass_on(insert);
  const std::string evidence = join_sentences(recommendation.evidence);
  const std::string cost = recommendation.monthly_cost.to_string();
  const std::string savings = recommendation.monthly_savings.to_string();
  io::Statement& row = **insert;
  row.bind(1, std::string_view(recommendation.id)).bind(2, std::string_view(recommendation.customer));
  row.bind(3, name_of(recommendation.type))
      .bind(4, name_of(recommendation.status))
      .bind(5, name_of(recommendation.risk));
  row.bind(6, recommendation.confidence).bind(7, std::string_view(recommendation.provider));
  row.bind(8, std::string_view(recommendation.account)).bind(9, std::string_view(recommendation.service));
  row.bind(10, std::string_view(recommendation.region)).bind(11, std::string_view(recommendation.resource_id));
  row.bind(12, std::string_view(recommendation.title)).bind(13, std::string_view(evidence));
  row.bind(14, std::string_view(recommendation.currency))
      .bind(15, std::string_view(cost))
      .bind(16, std::string_view(savings));
  row.bind(17, static_cast<std::int64_t>(recommendation.created.time_since_epoch().count()));
  return row.run();
}

base::Result<bool> write_recommendation_status(io::Sqlite& connection, const std::string& id,
                                               RecommendationStatus status) {
  const auto update = connection.cached(kSetStatus);
  if (!update) return base::pass_on(update);
  (*update)->bind(1, name_of(status)).bind(2, std::string_view(id));
  if (const auto updated = (*update)->run(); !updated) return base::pass_on(updated);
  if (connection.changes() == 0) return false;
  const auto count = connection.cached(kCountDecision);
  if (!count) return base::pass_on(count);
  if (const auto counted = (*count)->bind(1, std::string_view(id)).run(); !counted) return base::pass_on(counted);
  return true;
}

base::Result<std::int64_t> read_decisions_version(io::Sqlite& connection, const std::string& customer) {
  const auto select = connection.cached(kDecisionsVersion);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(customer));
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return 0;
  const std::int64_t version = (*select)->integer(0);
  (*select)->reset();
  return version;
}

}  // namespace costagent
