// What keeps a store small: scheduled tasks that remove what nobody needs any more.
#pragma once

#include "costagent/domain/fact_store.h"
#include "costagent/domain/job_queue.h"
#include "costagent/service/collection.h"
#include "costagent/service/schedule.h"

namespace costagent {

// Jobs that ended long ago. They end by the thousand a day and are kept for weeks.
Task forget_jobs(JobQueue& jobs);

// Rows of facts that no longer count, or never did: who replaces a month clears away after himself, and what he left,
// or what a killed process did, is cleared here.
Task clear_leftovers(FactStore& facts);

// What was sent for jobs that have ended without this agent's doing (cancelled, or run by another one), and what was
// never sent to its end.
Task clear_uploads(const Collection& collection);

}  // namespace costagent
