// POST /feedback, GET /feedback, DELETE /feedback/{id}.
#include <algorithm>

#include "costagent/api/api.h"
#include "costagent/api/requests.h"
#include "costagent/service/feedback.h"

namespace costagent {
namespace {

// More than a hundredfold is a slip of the pen; less than nothing can't be.
constexpr std::int64_t kLeastChange = -99;
constexpr std::int64_t kMostChange = 10'000;
constexpr std::string_view kTag = "tag:";

void read_slice(Parameters& body, BillSlice& slice) {
  for (const auto& [name, value] : body.text_map("slice")) {
    if (name.starts_with(kTag) && name.size() > kTag.size()) {
      slice.only_tagged[name.substr(kTag.size())] = value;
      continue;
    }
    const auto dimension = parse_name<Dimension>(name);
    if (!dimension) return body.refuse("slice", fmt::format("'{}' is no dimension, nor tag:NAME", name));
    slice.only[*dimension] = value;
  }
}

base::Result<FeedbackRequest> read_request(std::string_view text) {
  auto body = Parameters::from_body(text);
  if (!body) return base::pass_on(body);
  FeedbackRequest request;
  request.customer = body->text("customer_id");
  if (body->text("kind").empty()) return base::pass_on(body->finish());
  request.kind = body->choice_or<FeedbackKind>("kind", FeedbackKind::expected,
                                               {{"expected", FeedbackKind::expected},
                                                {"not_an_anomaly", FeedbackKind::not_an_anomaly},
                                                {"exclude", FeedbackKind::exclude},
                                                {"planned_event", FeedbackKind::planned_event}});
  request.anomaly = body->text_or_empty("anomaly_id");
  read_slice(*body, request.slice);
  request.days = asked_days(*body);
  request.note = body->text_or_empty("note");
  const bool event = request.kind == FeedbackKind::planned_event;
  if (event) {
    request.change_percent =
        static_cast<double>(body->integer_or("expected_change_percent", 0, kLeastChange, kMostChange));
  }
  if (!request.anomaly.empty() && (request.days.start || body->has("slice")))
    body->refuse("anomaly_id", "what it is about is told by anomaly_id, or by slice and days, but not by both");
  if (const auto good = body->finish(); !good) return base::pass_on(good);
  return request;
}

void write(JsonWriter& json, const Feedback& feedback) {
  json.begin_object()
      .field("feedback_id", feedback.id)
      .field("customer_id", feedback.customer)
      .field("kind", name_of(feedback.kind))
      .key("slice")
      .begin_object();
  for (const auto& [dimension, value] : feedback.slice.only) json.field(name_of(dimension), value);
  for (const auto& [tag, value] : feedback.slice.only_tagged) json.field(std::string(kTag) + tag, value);
  json.end_object();
  write_period(json, feedback.days);
  json.field("note", feedback.note);
  if (!feedback.anomaly.empty()) json.field("anomaly_id", feedback.anomaly);
  if (feedback.change_percent != 0) json.field("expected_change_percent", feedback.change_percent);
  json.field("created", feedback.created).end_object();
}

base::Result<Response> answer(const base::Result<Feedback>& feedback, int status) {
  if (!feedback) return base::pass_on(feedback);
  JsonWriter json;
  write(json, *feedback);
  Response response = json_response(json);
  response.status = status;
  return response;
}

base::Result<Response> list(const Services& services, std::string_view query) {
  auto parameters = Parameters::from_query(query);
  if (!parameters) return base::pass_on(parameters);
  const std::string customer = parameters->text("customer_id");
  const std::size_t limit = parameters->limit();
  const std::size_t offset = parameters->offset();
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  const auto all = services.feedback.feedback(customer);
  if (!all) return base::pass_on(all);
  JsonWriter json;
  json.begin_object().field("customer_id", customer).key("feedback").begin_array();
  const std::size_t end = std::min(all->size(), offset + limit);
  for (std::size_t i = offset; i < end; ++i) write(json, (*all)[i]);
  json.end_array().field("found", all->size());
  write_next_cursor(json, end < all->size(), end);
  json.end_object();
  return json_response(json);
}

}  // namespace

void add_feedback_routes(Router& router, const Services& services) {
  const auto give = [&services](const Request& http) -> base::Result<Response> {
    const auto request = read_request(http.body);
    if (!request) return base::pass_on(request);
    auto given = answer(give_feedback(services.facts, services.feedback, services.clock, *request), 201);
    // An answer that is kept is of another version from now on; what is in memory makes room.
    if (given) services.answers.invalidate(request->customer);
    return given;
  };
  const auto remove = [&services](const Request& http) -> base::Result<Response> {
    const auto removed = remove_feedback(services.feedback, std::string(http.parameters[0]));
    if (removed) services.answers.invalidate(removed->customer);
    return answer(removed, 200);
  };
  router.add(Method::post, "/feedback", give);
  router.add(Method::get, "/feedback", [&services](const Request& http) { return list(services, http.query); });
  router.add(Method::remove, "/feedback/{id}", remove);
}

}  // namespace costagent
