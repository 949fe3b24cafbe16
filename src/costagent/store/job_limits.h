// What both stores say of jobs in the same words.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "costagent/domain/job_store.h"

namespace costagent {

// Of a job whose lease has run out.
inline constexpr std::string_view kWorkerGone = "its worker ended, or was cut off, before the job did";

inline base::Failure same_work_is_queued() {
  return base::fail(base::ErrorKind::conflict, "the same is queued already, as another job");
}

// Whether one more job may be queued beside so many.
inline base::Result<> check_limits(const JobLimits& limits, const std::string& customer, std::int64_t in_all,
                                   std::int64_t of_customer) {
  if (static_cast<std::size_t>(in_all) >= limits.in_all) {
    return base::fail(base::ErrorKind::unavailable, "{} jobs are waiting already: try again later", in_all);
  }
  if (static_cast<std::size_t>(of_customer) >= limits.of_customer) {
    return base::fail(base::ErrorKind::unavailable, "{} jobs of '{}' are waiting already: try again later", of_customer,
                      customer);
  }
  return {};
}

}  // namespace costagent
