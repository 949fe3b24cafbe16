#include "costagent/api/job_answers.h"

#include <cmath>

#include "costagent/api/errors.h"
#include "costagent/domain/names.h"

namespace costagent {
namespace {

// More than a thousand steps nobody looks at.
constexpr double kProgressSteps = 1000;

base::Seconds seconds_of(JobTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

// A job whose end a caller waits for.
struct Awaited {
  const Services* services;
  std::string id;
  base::Nanoseconds deadline;
  int status_until_end;
  std::string request_id;

  Response look(bool last) const {
    const auto job = services->jobs.find(id);
    if (!job) return error_response(job.error(), request_id, services->clock.utc());
    Response response = job_response(*job, has_ended(*job) ? 200 : status_until_end);
    if (has_ended(*job) || last || services->clock.monotonic() >= deadline) return response;
    return wait(std::move(response));
  }

  // With what is known so far.
  Response wait(Response response) const {
    response.awaited = id;
    response.ask_until = deadline;
    response.ask_again = [awaited = *this](bool last_look) { return awaited.look(last_look); };
    return response;
  }
};

}  // namespace

void write(JsonWriter& json, const Job& job) {
  json.begin_object()
      .field("job_id", job.id)
      .field("kind", job.kind)
      .field("customer_id", job.customer)
      .field("status", name_of(job.state))
      .field("attempts", job.attempts)
      .field("max_attempts", job.max_attempts)
      .field("progress", std::round(job.progress * kProgressSteps) / kProgressSteps)
      .field("created", seconds_of(job.created));
  if (job.state == JobState::running && !job.note.empty()) json.field("note", job.note);
  if (job.cancelling) json.field("cancelling", true);
  if (job.started != JobTime()) json.field("started", seconds_of(job.started));
  // One that has been tried waits for its next attempt.
  if (job.state == JobState::queued && job.attempts > 0) json.field("next_attempt", seconds_of(job.due));
  if (has_ended(job)) json.field("finished", seconds_of(job.finished));
  if (job.state == JobState::done) json.key("result").raw(job.result);
  if (!job.error.empty()) json.field("error", job.error);
  json.end_object();
}

Response job_response(const Job& job, int status) {
  JsonWriter json;
  write(json, job);
  Response response;
  response.status = status;
  response.body = json.take();
  return response;
}

Response await_job(const Services& services, const std::string& id, std::chrono::seconds wait, int status_until_end,
                   std::string_view request_id) {
  const auto deadline = services.clock.monotonic() + wait;
  return Awaited{&services, id, deadline, status_until_end, std::string(request_id)}.look(wait.count() == 0);
}

Response await_new_job(const Services& services, const Job& job, std::chrono::seconds wait, int status_until_end,
                       std::string_view request_id) {
  const auto deadline = services.clock.monotonic() + wait;
  return Awaited{&services, job.id, deadline, status_until_end, std::string(request_id)}.wait(
      job_response(job, status_until_end));
}

}  // namespace costagent
