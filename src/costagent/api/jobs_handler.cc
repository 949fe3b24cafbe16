// GET /jobs, GET and DELETE /jobs/{id}, POST /jobs/{id}/{cancel,retry}.
#include "costagent/api/job_answers.h"
#include "costagent/api/requests.h"

namespace costagent {
namespace {

base::Result<JobQuery> read_query(std::string_view text, std::size_t& limit) {
  auto parameters = Parameters::from_query(text);
  if (!parameters) return base::pass_on(parameters);
  JobQuery query;
  query.state = parameters->choice_or<JobState>("state", JobState::failed,
                                                {{"queued", JobState::queued},
                                                 {"running", JobState::running},
                                                 {"done", JobState::done},
                                                 {"failed", JobState::failed},
                                                 {"cancelled", JobState::cancelled}});
  query.customer = parameters->text_or_empty("customer_id");
  limit = parameters->limit();
  query.offset = parameters->offset();
  // One more than is shown tells whether there are more.
  query.limit = limit + 1;
  if (const auto good = parameters->finish(); !good) return base::pass_on(good);
  return query;
}

base::Result<Response> list(const Services& services, const Request& request) {
  std::size_t limit = 0;
  const auto query = read_query(request.query, limit);
  if (!query) return base::pass_on(query);
  const auto jobs = services.jobs.list(*query);
  if (!jobs) return base::pass_on(jobs);
  JsonWriter json;
  json.begin_object().key("jobs").begin_array();
  for (std::size_t i = 0; i < std::min(limit, jobs->size()); ++i) write(json, (*jobs)[i]);
  json.end_array();
  write_next_cursor(json, jobs->size() > limit, query->offset + limit);
  json.end_object();
  return json_response(json);
}

base::Result<Response> look(const Services& services, const Request& request) {
  auto query = Parameters::from_query(request.query);
  if (!query) return base::pass_on(query);
  const auto wait = query->integer_or("wait", 0, 0, kMaxWait);
  if (const auto good = query->finish(); !good) return base::pass_on(good);
  return await_job(services, std::string(request.parameters[0]), std::chrono::seconds(wait), 200, request.request_id);
}

// 202 while it runs, as it has been told to stop and has not yet.
base::Result<Response> cancel(const Services& services, const Request& request) {
  const auto job = services.jobs.cancel(std::string(request.parameters[0]));
  if (!job) return base::pass_on(job);
  return job_response(*job, has_ended(*job) ? 200 : 202);
}

base::Result<Response> retry(const Services& services, const Request& request) {
  const std::string id(request.parameters[0]);
  if (const auto good = services.collection.check_retry(id); !good) return base::pass_on(good);
  const auto job = services.jobs.retry(id);
  if (!job) return base::pass_on(job);
  return job_response(*job, 202);
}

}  // namespace

// Not under names of queues that requests wait in: no answer waits for these.
void add_job_metrics(const JobUse& use, std::vector<prometheus::MetricFamily>& families) {
  using enum prometheus::MetricType;
  const auto add = [&](const char* name, const char* help, double value) {
    families.push_back(metric_family(name, help, Gauge, value));
  };
  add("jobs_queued", "Jobs that wait, whichever process will run them.", static_cast<double>(use.queued));
  add("jobs_running", "Jobs that a process runs.", static_cast<double>(use.running));
  add("jobs_failed", "Jobs that are kept because every attempt failed.", static_cast<double>(use.failed));
  add("jobs_oldest_queued_seconds", "How long the oldest job that waits has been there.",
      std::chrono::duration<double>(use.oldest).count());
  prometheus::MetricFamily attempts{"job_attempts_total", "Attempts, by what they came to.", Counter, {}};
  for (std::size_t i = 0; i < kAttemptOutcomes.size(); ++i) {
    prometheus::ClientMetric metric;
    metric.label = {{"outcome", std::string(kAttemptOutcomes[i])}};
    metric.counter.value = static_cast<double>(use.attempts[i]);
    attempts.metric.push_back(std::move(metric));
  }
  families.push_back(std::move(attempts));
}

void add_job_routes(Router& router, const Services& services) {
  const auto with = [&services](base::Result<Response> (*call)(const Services&, const Request&)) {
    return [&services, call](const Request& request) { return call(services, request); };
  };
  router.add(Method::get, "/jobs", with(list));
  router.add(Method::get, "/jobs/{id}", with(look));
  router.add(Method::remove, "/jobs/{id}", with(cancel));
  router.add(Method::post, "/jobs/{id}/cancel", with(cancel));
  router.add(Method::post, "/jobs/{id}/retry", with(retry));
}

}  // namespace costagent
