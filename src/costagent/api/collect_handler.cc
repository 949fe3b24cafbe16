#include "costagent/api/answers.h"
#include "costagent/api/fields.h"
#include "costagent/api/handlers.h"
#include "costagent/domain/names.h"

namespace costagent {
namespace {

// A client that waits holds a worker; this is as long as one may.
constexpr std::int64_t kLongestWait = 20;

boost::json::object job_json(const Job& job) {
  boost::json::object json{{"job_id", job.id},
                           {"kind", job.kind},
                           {"customer_id", job.customer},
                           {"status", name_of(job.state)},
                           {"created", base::format_time(job.created)}};
  if (job.state == JobState::done || job.state == JobState::failed) json["finished"] = base::format_time(job.finished);
  if (!job.result.empty()) json["result"] = boost::json::parse(job.result);
  if (!job.error.empty()) json["error"] = job.error;
  return json;
}

std::chrono::seconds wait_of(Fields& query) {
  return std::chrono::seconds(query.integer("wait", 0, kLongestWait).value_or(0));
}

}  // namespace

void add_collect(Router& router, CollectService& collect, const base::Clock& clock) {
  router.add({"POST", "/collect/focus", handler(clock, [&collect](const Request& request) -> base::Result<Response> {
                const auto body = parse_object(request.body);
                if (!body) return base::pass_on(body);
                Fields fields(*body);
                Fields query(request.query);
                const std::string customer = fields.customer();
                const std::string file = fields.required_text("file", 1024);
                const auto wait = wait_of(query);
                if (const auto good = fields.finish(); !good) return base::pass_on(good);
                if (const auto good = query.finish(); !good) return base::pass_on(good);
                const auto submitted = collect.submit(customer, file);
                if (!submitted) return base::pass_on(submitted);
                if (wait.count() == 0) return json_response(job_json(*submitted), 202);
                const auto job = collect.wait(submitted->id, wait);
                if (!job) return base::pass_on(job);
                const bool over = job->state == JobState::done || job->state == JobState::failed;
                return json_response(job_json(*job), over ? 200 : 202);
              })});
  router.add({"GET", "/jobs/{id}", handler(clock, [&collect](const Request& request) -> base::Result<Response> {
                Fields query(request.query);
                const auto wait = wait_of(query);
                if (const auto good = query.finish(); !good) return base::pass_on(good);
                const auto job = collect.wait(request.parameters.at("id"), wait);
                if (!job) return base::pass_on(job);
                return json_response(job_json(*job));
              })});
}

}  // namespace costagent
