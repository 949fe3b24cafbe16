// Every statement about feedback and told incidents that the store asks of SQLite, named after what it answers.
#pragma once

#include <array>

namespace costagent {

inline constexpr const char* kFeedbackOfCustomer = R"sql(
SELECT id, customer, kind, slice, first_day, end_day, note, anomaly, daily_impact, change_percent, created
FROM feedback WHERE customer = ? ORDER BY created, id)sql";

inline constexpr const char* kFeedbackById = R"sql(
SELECT id, customer, kind, slice, first_day, end_day, note, anomaly, daily_impact, change_percent, created
FROM feedback WHERE id = ?)sql";

inline constexpr const char* kCountOtherFeedback = "SELECT count(*) FROM feedback WHERE customer = ? AND id <> ?";

inline constexpr const char* kSaveFeedback = R"sql(
INSERT INTO feedback (id, customer, kind, slice, first_day, end_day, note, anomaly, daily_impact, change_percent, created)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  note = excluded.note, anomaly = excluded.anomaly, daily_impact = excluded.daily_impact,
  change_percent = excluded.change_percent)sql";

inline constexpr const char* kRemoveFeedback = "DELETE FROM feedback WHERE id = ?";

inline constexpr const char* kCountFeedbackDecision = R"sql(
INSERT INTO decision_version (customer, version) VALUES (?, 1)
ON CONFLICT (customer) DO UPDATE SET version = version + 1)sql";

inline constexpr const char* kRememberTold = R"sql(
INSERT INTO told_incident (customer, id, kind, slice, currency, first_day, end_day, expected, actual, deviations, score,
                           version, told)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (customer, id) DO NOTHING)sql";

inline constexpr const char* kForgetTold = R"sql(
DELETE FROM told_incident WHERE customer = ?1 AND id IN (
  SELECT id FROM told_incident WHERE customer = ?1 ORDER BY first_day DESC, id DESC LIMIT -1 OFFSET ?2))sql";

inline constexpr const char* kToldWithin = R"sql(
SELECT id, kind, slice, currency, first_day, end_day, expected, actual, deviations, score, version, told
FROM told_incident WHERE customer = ? AND first_day >= ? AND first_day < ? ORDER BY first_day, id)sql";

inline constexpr const char* kToldById = R"sql(
SELECT id, kind, slice, currency, first_day, end_day, expected, actual, deviations, score, version, told
FROM told_incident WHERE customer = ? AND id = ?)sql";

// All that look something up: each must find its rows by an index, which a test holds them to.
inline constexpr auto kFeedbackLookUps = std::to_array<const char*>(
    {kFeedbackOfCustomer, kFeedbackById, kCountOtherFeedback, kRemoveFeedback, kForgetTold, kToldWithin, kToldById});

}  // namespace costagent
