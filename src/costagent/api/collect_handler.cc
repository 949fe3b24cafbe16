// POST /collect/focus, GET /jobs/{id}.
#include "costagent/api/api.h"
#include "costagent/api/errors.h"
#include "costagent/api/json_writer.h"
#include "costagent/api/parameters.h"
#include "costagent/domain/names.h"

namespace costagent {
namespace {

// Seconds that a caller may wait for a job's end: less than what proxies allow a request.
constexpr std::int64_t kMaxWait = 30;

bool ended(const Job& job) { return job.state == JobState::done || job.state == JobState::failed; }

Response job_response(const Job& job, int status) {
  JsonWriter json;
  json.begin_object()
      .field("job_id", job.id)
      .field("kind", job.kind)
      .field("customer_id", job.customer)
      .field("status", name_of(job.state))
      .field("created", job.created);
  if (ended(job)) json.field("finished", job.finished);
  if (job.state == JobState::done) json.key("result").raw(job.result);
  if (job.state == JobState::failed) json.field("error", job.error);
  json.end_object();
  Response response;
  response.status = status;
  response.body = json.take();
  return response;
}

// A job whose end a caller waits for.
struct Awaited {
  const Services* services;
  std::string id;
  base::Nanoseconds deadline;
  int status_until_end;  // 202 where it was submitted, 200 where it was asked for
  std::string request_id;

  Response look(bool last) const {
    const auto job = services->jobs.find(id);
    if (!job) return error_response(job.error(), request_id, services->clock.utc());
    Response response = job_response(*job, ended(*job) ? 200 : status_until_end);
    if (!ended(*job) && !last && services->clock.monotonic() < deadline) {
      response.ask_again = [*this](bool last_look) { return look(last_look); };
    }
    return response;
  }
};

}  // namespace

void add_collect_routes(Router& router, const Services& services) {
  const auto collect = [&services](const Request& request) -> base::Result<Response> {
    auto query = Parameters::from_query(request.query);
    if (!query) return base::pass_on(query);
    const auto wait = query->integer_or("wait", 0, 0, kMaxWait);
    if (const auto good = query->finish(); !good) return base::pass_on(good);
    auto body = Parameters::from_body(request.body);
    if (!body) return base::pass_on(body);
    const auto customer = body->text("customer_id");
    const auto file = body->text("file");
    if (const auto good = body->finish(); !good) return base::pass_on(good);

    const auto job = services.collection.collect_focus(customer, file);
    if (!job) return base::pass_on(job);
    if (wait == 0) return job_response(*job, 202);
    const auto deadline = services.clock.monotonic() + std::chrono::seconds(wait);
    return Awaited{&services, job->id, deadline, 202, std::string(request.request_id)}.look(false);
  };

  const auto look = [&services](const Request& request) -> base::Result<Response> {
    auto query = Parameters::from_query(request.query);
    if (!query) return base::pass_on(query);
    const auto wait = query->integer_or("wait", 0, 0, kMaxWait);
    if (const auto good = query->finish(); !good) return base::pass_on(good);
    const auto deadline = services.clock.monotonic() + std::chrono::seconds(wait);
    return Awaited{&services, std::string(request.parameters[0]), deadline, 200, std::string(request.request_id)}.look(
        wait == 0);
  };

  router.add(Method::post, "/collect/focus", collect);
  router.add(Method::get, "/jobs/{id}", look);
}

}  // namespace costagent
