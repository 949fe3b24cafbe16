// The names of the domain's enumerations, as the API, the command line and the database spell them.
#pragma once

#include <optional>
#include <string_view>

#include "costagent/domain/anomaly.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/cost_series.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/job.h"
#include "costagent/domain/recommendation.h"

namespace costagent {

std::string_view name_of(ChargeCategory category);  // "Usage" …, as FOCUS writes them
std::string_view name_of(Dimension dimension);      // "provider" …
std::string_view name_of(AnomalyKind kind);
std::string_view name_of(RecommendationType type);
std::string_view name_of(RecommendationStatus status);
std::string_view name_of(Risk risk);
std::string_view name_of(JobState state);
std::string_view name_of(Restatement restatement);

// The value with that name, letter case ignored; none if there is none.
template <class Enum>
std::optional<Enum> parse_name(std::string_view name);

}  // namespace costagent
