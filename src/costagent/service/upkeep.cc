#include "costagent/service/upkeep.h"

namespace costagent {

Task forget_jobs(JobQueue& jobs) {
  Task task;
  task.name = "forget_jobs";
  task.interval = std::chrono::minutes(10);
  task.work = [&jobs](const TaskRun&) { return jobs.tidy(); };
  return task;
}

Task clear_leftovers(FactStore& facts) {
  Task task;
  task.name = "clear_leftovers";
  task.interval = std::chrono::minutes(30);
  task.work = [&facts](const TaskRun& run) -> base::Result<> {
    // Each step is short, so that neither readers nor whoever stops the agent wait for all of it.
    for (;;) {
      if (const auto good = run.go_on(); !good) return good;
      const auto more = facts.clear_leftovers();
      if (!more) return base::pass_on(more);
      if (!*more) return {};
    }
  };
  return task;
}

Task clear_uploads(const Collection& collection) {
  Task task;
  task.name = "clear_uploads";
  task.interval = std::chrono::minutes(10);
  task.work = [&collection](const TaskRun&) { return collection.sweep(); };
  return task;
}

}  // namespace costagent
