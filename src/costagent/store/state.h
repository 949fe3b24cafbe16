// Reads and writes state: recommendations.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "costagent/domain/recommendation.h"
#include "io/sqlite.h"

namespace costagent {

base::Result<std::optional<Recommendation>> read_recommendation(io::Sqlite& connection, const std::string& id);
// Keeps the status and the time of creation of one that is there.
base::Result<> write_recommendation(io::Sqlite& connection, const Recommendation& recommendation);
base::Result<std::vector<Recommendation>> list_recommendations(io::Sqlite& connection, const std::string& customer,
                                                               std::size_t limit, std::size_t offset);
// False when there is none of that id. Counts as a decision.
base::Result<bool> write_recommendation_status(io::Sqlite& connection, const std::string& id,
                                               RecommendationStatus status);

base::Result<std::int64_t> read_decisions_version(io::Sqlite& connection, const std::string& customer);

}  // namespace costagent
