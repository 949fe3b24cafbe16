// The job queue that a URL names.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "costagent/queue/store_queue.h"

namespace costagent {

// Fails with `invalid` (queue) on what open_queue does.
base::Result<> check_queue_url(const std::string& url);

// Empty: over the store alone. `redis://user:password@host:port/database`: with Redis to wake workers by, which need
// not be there now. `process` tells this process from others. Fails with `invalid` (queue) on anything else. Store and
// clock must outlive the queue.
base::Result<std::unique_ptr<JobQueue>> open_queue(const std::string& url, const std::string& process, JobStore& store,
                                                   const base::Clock& clock, const StoreQueueOptions& options);

}  // namespace costagent
