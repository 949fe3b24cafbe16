// What people say about their costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/feedback_store.h"
#include "costagent/service/period.h"

namespace costagent {

struct FeedbackRequest {
  std::string customer{};
  FeedbackKind kind = FeedbackKind::expected;
  std::string anomaly{};  // the id of one that was told; it names slice and days where these are not given
  BillSlice slice{};
  AskedDays days{};
  std::string note{};
  double change_percent = 0;  // of a planned event
};

// Saves it. Fails with `not_found` (customer_id, anomaly_id) where there are no such, and with `invalid` where days are
// missing: an exclusion of a slice alone may be of all days, and what is marked is otherwise of a slice and days, or an
// id. Nor is a slice taken (`slice`) of which the customer has no charge, but for what is planned for days after the
// last one.
base::Result<Feedback> give_feedback(FactStore& facts, FeedbackStore& store, const base::Clock& clock,
                                     const FeedbackRequest& request);

// Fails with `not_found`.
base::Result<Feedback> remove_feedback(FeedbackStore& store, const std::string& id);

}  // namespace costagent
