// Every statement about feedback and told incidents that the store asks of PostgreSQL, named after what it answers.
#pragma once

#include <array>

#include "io/postgresql.h"

namespace costagent::postgres {

inline constexpr io::PostgresStatement kFeedbackOfCustomer{"feedback_of_customer", R"sql(
SELECT id, customer, kind, slice, first_day, end_day, note, anomaly, daily_impact, change_percent, created
FROM costagent.feedback WHERE customer = $1 ORDER BY created, id)sql"};

// Nothing where the customer has as many others as it may. Of several who save at once a few more may be let in.
inline constexpr io::PostgresStatement kSaveFeedback{"save_feedback", R"sql(
WITH saved AS (
  INSERT INTO costagent.feedback
    (id, customer, kind, slice, first_day, end_day, note, anomaly, daily_impact, change_percent, created)
  SELECT $1::text, $2::text, $3::text, $4::bytea, $5::integer, $6::integer, $7::bytea, $8::text, $9::double precision,
         $10::double precision, $11::bigint
  WHERE (SELECT count(*) FROM costagent.feedback WHERE customer = $2::text AND id <> $1::text) < $12::bigint
  ON CONFLICT (id) DO UPDATE SET
    note = excluded.note, anomaly = excluded.anomaly, daily_impact = excluded.daily_impact,
    change_percent = excluded.change_percent
  RETURNING customer)
INSERT INTO costagent.decision_version AS known (customer, version) SELECT customer, 1 FROM saved
ON CONFLICT (customer) DO UPDATE SET version = known.version + 1)sql"};

inline constexpr io::PostgresStatement kRemoveFeedback{"remove_feedback", R"sql(
WITH removed AS (DELETE FROM costagent.feedback WHERE id = $1 RETURNING *),
counted AS (
  INSERT INTO costagent.decision_version AS known (customer, version) SELECT customer, 1 FROM removed
  ON CONFLICT (customer) DO UPDATE SET version = known.version + 1)
SELECT id, customer, kind, slice, first_day, end_day, note, anomaly, daily_impact, change_percent, created
FROM removed)sql"};

inline constexpr io::PostgresStatement kRememberTold{"remember_told", R"sql(
INSERT INTO costagent.told_incident
  (customer, id, kind, slice, currency, first_day, end_day, expected, actual, deviations, score, version, told)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (customer, id) DO NOTHING)sql"};

inline constexpr io::PostgresStatement kForgetTold{"forget_told", R"sql(
DELETE FROM costagent.told_incident WHERE customer = $1 AND id IN (
  SELECT id FROM costagent.told_incident WHERE customer = $1 ORDER BY first_day DESC, id DESC OFFSET $2::bigint))sql"};

inline constexpr io::PostgresStatement kToldWithin{"told_within", R"sql(
SELECT id, kind, slice, currency, first_day, end_day, expected, actual, deviations, score, version, told
FROM costagent.told_incident WHERE customer = $1 AND first_day >= $2 AND first_day < $3 ORDER BY first_day, id)sql"};

inline constexpr io::PostgresStatement kToldById{"told_by_id", R"sql(
SELECT id, kind, slice, currency, first_day, end_day, expected, actual, deviations, score, version, told
FROM costagent.told_incident WHERE customer = $1 AND id = $2)sql"};

// Each must find its rows by an index, which a test holds them to.
inline constexpr auto kFeedbackLookUps =
    std::to_array<io::PostgresStatement>({kFeedbackOfCustomer, kRemoveFeedback, kForgetTold, kToldWithin, kToldById});

}  // namespace costagent::postgres
