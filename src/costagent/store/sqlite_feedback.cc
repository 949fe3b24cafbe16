#include "costagent/store/sqlite_feedback.h"

#include "costagent/domain/names.h"
#include "costagent/store/fact_ids.h"
#include "costagent/store/feedback_queries.h"
#include "costagent/store/feedback_rows.h"

namespace costagent {
namespace {

base::Seconds time_of(std::int64_t seconds) { return base::Seconds(std::chrono::seconds(seconds)); }

base::Result<Feedback> feedback_of(const io::Statement& row) {
  Feedback feedback;
  feedback.id = row.text(0);
  feedback.customer = row.text(1);
  const auto kind = feedback_kind(row.text(2));
  if (!kind || !read_slice(row.text(3), feedback.slice))
    return base::fail(base::ErrorKind::corrupt, "the database's feedback {} can't be read", feedback.id);
  feedback.kind = *kind;
  feedback.days = {day_of(row.integer(4)), day_of(row.integer(5))};
  feedback.note = row.text(6);
  feedback.anomaly = row.text(7);
  feedback.daily_impact = row.real(8);
  feedback.change_percent = row.real(9);
  feedback.created = time_of(row.integer(10));
  return feedback;
}

base::Result<ToldIncident> told_of(const io::Statement& row) {
  ToldIncident told;
  told.id = row.text(0);
  Anomaly& anomaly = told.anomaly;
  const auto kind = parse_name<AnomalyKind>(row.text(1));
  if (!kind || !read_slice(row.text(2), anomaly))
    return base::fail(base::ErrorKind::corrupt, "the database's incident {} can't be read", told.id);
  anomaly.kind = *kind;
  anomaly.currency = row.text(3);
  anomaly.start = day_of(row.integer(4));
  anomaly.end = day_of(row.integer(5));
  anomaly.expected_cost = row.real(6);
  anomaly.actual_cost = row.real(7);
  anomaly.deviations = row.real(8);
  anomaly.score = row.real(9);
  told.version = row.integer(10);
  told.told = time_of(row.integer(11));
  return told;
}

// All rows of a statement whose parameters are bound.
template <class Row, class Read>
base::Result<std::vector<Row>> all(io::Statement& select, Read read) {
  std::vector<Row> found;
  for (;;) {
    const auto row = select.step();
    if (!row) return base::pass_on(row);
    if (!*row) return found;
    auto one = read(select);
    if (!one) {
      select.reset();
      return base::pass_on(one);
    }
    found.push_back(std::move(*one));
  }
}

base::Result<> count_decision(io::Sqlite& connection, const std::string& customer) {
  const auto count = connection.cached(kCountFeedbackDecision);
  if (!count) return base::pass_on(count);
  return (*count)->bind(1, std::string_view(customer)).run();
}

}  // namespace

base::Result<> SqliteFeedback::save(const Feedback& feedback) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  io::Sqlite& connection = writer->connection;
  const auto others = connection.cached(kCountOtherFeedback);
  if (!others) return base::pass_on(others);
  (*others)->bind(1, std::string_view(feedback.customer)).bind(2, std::string_view(feedback.id));
  if (const auto row = (*others)->step(); !row) return base::pass_on(row);
  const auto count = static_cast<std::size_t>((*others)->integer(0));
  (*others)->reset();
  if (count >= kMostFeedback) return too_much_feedback();
  const auto insert = connection.cached(kSaveFeedback);
  if (!insert) return base::pass_on(insert);
  const std::string slice = slice_text(feedback.slice);
  io::Statement& row = **insert;
  row.bind(1, std::string_view(feedback.id)).bind(2, std::string_view(feedback.customer));
  row.bind(3, name_of(feedback.kind)).bind(4, std::string_view(slice));
  row.bind(5, number_of(feedback.days.from)).bind(6, number_of(feedback.days.to));
  row.bind(7, std::string_view(feedback.note)).bind(8, std::string_view(feedback.anomaly));
  row.bind(9, feedback.daily_impact).bind(10, feedback.change_percent);
  row.bind(11, static_cast<std::int64_t>(feedback.created.time_since_epoch().count()));
  if (auto saved = row.run(); !saved) return saved;
  if (auto counted = count_decision(connection, feedback.customer); !counted) return counted;
  return writer->transaction.commit();
}

base::Result<std::vector<Feedback>> SqliteFeedback::feedback(const std::string& customer) {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kFeedbackOfCustomer);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(customer));
  return all<Feedback>(**select, feedback_of);
}

base::Result<std::optional<Feedback>> SqliteFeedback::remove(const std::string& id) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  io::Sqlite& connection = writer->connection;
  const auto select = connection.cached(kFeedbackById);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(id));
  auto found = all<Feedback>(**select, feedback_of);
  if (!found) return base::pass_on(found);
  if (found->empty()) return std::optional<Feedback>();
  const auto remove = connection.cached(kRemoveFeedback);
  if (!remove) return base::pass_on(remove);
  if (const auto removed = (*remove)->bind(1, std::string_view(id)).run(); !removed) return base::pass_on(removed);
  if (const auto counted = count_decision(connection, found->front().customer); !counted) return base::pass_on(counted);
  if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
  return std::optional(std::move(found->front()));
}

base::Result<> SqliteFeedback::remember(const std::string& customer, std::span<const ToldIncident> incidents) {
  auto writer = pool_.writer();
  if (!writer) return base::pass_on(writer);
  const auto insert = writer->connection.cached(kRememberTold);
  if (!insert) return base::pass_on(insert);
  for (const ToldIncident& told : incidents) {
    const std::string slice = slice_text(told.anomaly);
    const Anomaly& anomaly = told.anomaly;
    io::Statement& row = **insert;
    row.bind(1, std::string_view(customer)).bind(2, std::string_view(told.id)).bind(3, name_of(anomaly.kind));
    row.bind(4, std::string_view(slice)).bind(5, std::string_view(anomaly.currency));
    row.bind(6, number_of(anomaly.start)).bind(7, number_of(anomaly.end));
    row.bind(8, anomaly.expected_cost).bind(9, anomaly.actual_cost).bind(10, anomaly.deviations);
    row.bind(11, anomaly.score).bind(12, told.version);
    row.bind(13, static_cast<std::int64_t>(told.told.time_since_epoch().count()));
    if (auto saved = row.run(); !saved) return saved;
  }
  const auto forget = writer->connection.cached(kForgetTold);
  if (!forget) return base::pass_on(forget);
  (*forget)->bind(1, std::string_view(customer)).bind(2, static_cast<std::int64_t>(kMostTold));
  if (auto forgotten = (*forget)->run(); !forgotten) return forgotten;
  return writer->transaction.commit();
}

base::Result<std::vector<ToldIncident>> SqliteFeedback::told(const std::string& customer, Period period) {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kToldWithin);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(customer)).bind(2, number_of(period.from)).bind(3, number_of(period.to));
  return all<ToldIncident>(**select, told_of);
}

base::Result<std::optional<ToldIncident>> SqliteFeedback::told(const std::string& customer, const std::string& id) {
  auto connection = pool_.reader();
  if (!connection) return base::pass_on(connection);
  const auto select = (*connection)->cached(kToldById);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, std::string_view(customer)).bind(2, std::string_view(id));
  auto found = all<ToldIncident>(**select, told_of);
  if (!found) return base::pass_on(found);
  return found->empty() ? std::optional<ToldIncident>() : std::optional(std::move(found->front()));
}

}  // namespace costagent
