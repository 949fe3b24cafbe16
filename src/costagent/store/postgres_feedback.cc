#include "costagent/store/postgres_feedback.h"

#include <algorithm>

#include "costagent/domain/names.h"
#include "costagent/store/fact_ids.h"
#include "costagent/store/feedback_rows.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_feedback_queries.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using io::PostgresValues;

base::Seconds time_of(std::int64_t seconds) { return base::Seconds(std::chrono::seconds(seconds)); }

std::int32_t day_number(base::Day day) { return static_cast<std::int32_t>(number_of(day)); }

base::Result<Feedback> feedback_of(const io::PostgresRows& rows, int row) {
  Feedback feedback;
  feedback.id = rows.text(row, 0);
  feedback.customer = rows.text(row, 1);
  const auto kind = feedback_kind(rows.text(row, 2));
  if (!kind || !read_slice(rows.text(row, 3), feedback.slice))
    return base::fail(base::ErrorKind::corrupt, "the database's feedback {} can't be read", feedback.id);
  feedback.kind = *kind;
  feedback.days = {day_of(rows.integer(row, 4)), day_of(rows.integer(row, 5))};
  feedback.note = rows.text(row, 6);
  feedback.anomaly = rows.text(row, 7);
  feedback.daily_impact = rows.number(row, 8).value_or(0);
  feedback.change_percent = rows.number(row, 9).value_or(0);
  feedback.created = time_of(rows.integer(row, 10));
  return feedback;
}

base::Result<ToldIncident> told_of(const io::PostgresRows& rows, int row) {
  ToldIncident told;
  told.id = rows.text(row, 0);
  Anomaly& anomaly = told.anomaly;
  const auto kind = parse_name<AnomalyKind>(rows.text(row, 1));
  if (!kind || !read_slice(rows.text(row, 2), anomaly))
    return base::fail(base::ErrorKind::corrupt, "the database's incident {} can't be read", told.id);
  anomaly.kind = *kind;
  anomaly.currency = rows.text(row, 3);
  anomaly.start = day_of(rows.integer(row, 4));
  anomaly.end = day_of(rows.integer(row, 5));
  anomaly.expected_cost = rows.number(row, 6).value_or(0);
  anomaly.actual_cost = rows.number(row, 7).value_or(0);
  anomaly.deviations = rows.number(row, 8).value_or(0);
  anomaly.score = rows.number(row, 9).value_or(0);
  told.version = rows.integer(row, 10);
  told.told = time_of(rows.integer(row, 11));
  return told;
}

template <class Row, class Read>
base::Result<std::vector<Row>> all(const io::PostgresRows& rows, Read read) {
  std::vector<Row> found;
  found.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    auto one = read(rows, row);
    if (!one) return base::pass_on(one);
    found.push_back(std::move(*one));
  }
  return found;
}

PostgresValues values_of(const std::string& customer, const ToldIncident& told) {
  const Anomaly& anomaly = told.anomaly;
  PostgresValues values;
  values.text(customer).text(told.id).text(name_of(anomaly.kind)).bytes(slice_text(anomaly)).bytes(anomaly.currency);
  values.int32(day_number(anomaly.start)).int32(day_number(anomaly.end));
  values.real(anomaly.expected_cost).real(anomaly.actual_cost).real(anomaly.deviations).real(anomaly.score);
  return values.int64(told.version).int64(told.told.time_since_epoch().count());
}

}  // namespace

base::Result<> PostgresFeedback::save(const Feedback& feedback) {
  PostgresValues values;
  values.text(feedback.id).text(feedback.customer).text(name_of(feedback.kind)).bytes(slice_text(feedback.slice));
  values.int32(day_number(feedback.days.from)).int32(day_number(feedback.days.to)).bytes(feedback.note);
  values.text(feedback.anomaly).real(feedback.daily_impact).real(feedback.change_percent);
  values.int64(feedback.created.time_since_epoch().count()).int64(static_cast<std::int64_t>(kMostFeedback));
  const auto saved = ask(pool_, postgres::kSaveFeedback, values);
  if (!saved) return base::pass_on(saved);
  if (saved->affected() == 0) return too_much_feedback();
  return {};
}

base::Result<std::vector<Feedback>> PostgresFeedback::feedback(const std::string& customer) {
  const auto rows = ask(pool_, postgres::kFeedbackOfCustomer, PostgresValues().text(customer));
  if (!rows) return base::pass_on(rows);
  return all<Feedback>(*rows, feedback_of);
}

base::Result<std::optional<Feedback>> PostgresFeedback::remove(const std::string& id) {
  const auto rows = ask(pool_, postgres::kRemoveFeedback, PostgresValues().text(id));
  if (!rows) return base::pass_on(rows);
  if (rows->size() == 0) return std::optional<Feedback>();
  auto removed = feedback_of(*rows, 0);
  if (!removed) return base::pass_on(removed);
  return std::optional(std::move(*removed));
}

base::Result<> PostgresFeedback::remember(const std::string& customer, std::span<const ToldIncident> incidents) {
  // In the order of their ids: two processes that write the same ones then wait for each other rather than block each
  // other for good.
  std::vector<const ToldIncident*> order;
  for (const ToldIncident& told : incidents) order.push_back(&told);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  auto transaction = io::PostgresTransaction::begin(**session, session->until());
  if (!transaction) return base::pass_on(transaction);
  io::PostgresPipeline batch(**session);
  for (const ToldIncident* told : order) batch.add(postgres::kRememberTold, values_of(customer, *told));
  batch.add(postgres::kForgetTold, PostgresValues().text(customer).int64(static_cast<std::int64_t>(kMostTold)));
  if (const auto written = batch.run(session->until()); !written) return base::pass_on(written);
  return transaction->commit(session->until());
}

base::Result<std::vector<ToldIncident>> PostgresFeedback::told(const std::string& customer, Period period) {
  PostgresValues values;
  values.text(customer).int32(day_number(period.from)).int32(day_number(period.to));
  const auto rows = ask(pool_, postgres::kToldWithin, values);
  if (!rows) return base::pass_on(rows);
  return all<ToldIncident>(*rows, told_of);
}

base::Result<std::optional<ToldIncident>> PostgresFeedback::told(const std::string& customer, const std::string& id) {
  const auto rows = ask(pool_, postgres::kToldById, PostgresValues().text(customer).text(id));
  if (!rows) return base::pass_on(rows);
  if (rows->size() == 0) return std::optional<ToldIncident>();
  auto told = told_of(*rows, 0);
  if (!told) return base::pass_on(told);
  return std::optional(std::move(*told));
}

}  // namespace costagent
