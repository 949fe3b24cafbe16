// Jobs as answers, for the calls that make them and for those that ask what became of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "costagent/api/api.h"
#include "costagent/api/json_writer.h"
#include "costagent/api/message.h"
#include "costagent/domain/job.h"

namespace costagent {

// Seconds that a caller may wait for a job's end: less than what proxies allow a request.
inline constexpr std::int64_t kMaxWait = 30;

void write(JsonWriter& json, const Job& job);

Response job_response(const Job& job, int status);

// The job once it has ended, with 200; after `wait` as it is by then, with `status_until_end`. Keeps no thread
// meanwhile.
Response await_job(const Services& services, const std::string& id, std::chrono::seconds wait, int status_until_end,
                   std::string_view request_id);
// The same of one that was queued just now, which can't have ended.
Response await_new_job(const Services& services, const Job& job, std::chrono::seconds wait, int status_until_end,
                       std::string_view request_id);

}  // namespace costagent
