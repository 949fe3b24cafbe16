// POST /collect/focus.
#include "costagent/api/api.h"
#include "costagent/api/job_answers.h"
#include "costagent/api/parameters.h"

namespace costagent {

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
    return await_job(services, job->id, std::chrono::seconds(wait), 202, request.request_id);
  };
  router.add(Method::post, "/collect/focus", collect);
}

}  // namespace costagent
