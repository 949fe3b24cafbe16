// A store of jobs at a known moment, for tests.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "costagent/domain/job_store.h"
#include "costagent/store/contract_test.h"

namespace costagent {

inline constexpr JobTime kStart{std::chrono::hours(480'000)};
inline constexpr JobTime kForget = kStart + std::chrono::hours(1'000);
inline constexpr JobLimits kLimits{100, 50};

class JobStoreTest : public ContractTest {
 protected:
  JobStore& jobs() { return store_->jobs(); }

  static Job job(const std::string& id, const std::string& customer = "acme") {
    Job job;
    job.id = id;
    job.kind = "collect";
    job.customer = customer;
    job.payload = R"({"file":"a.csv"})";
    job.max_attempts = 2;
    job.created = kStart;
    job.due = kStart;
    return job;
  }
  void push(const std::string& id, const std::string& customer = "acme", int priority = 0) {
    Job pushed = job(id, customer);
    pushed.priority = priority;
    ASSERT_TRUE(jobs().push(pushed, kLimits));
  }

  std::optional<Job> claim(JobTime now = kStart) {
    return jobs().claim({"worker", {"collect", "watch"}, now, now + std::chrono::seconds(10), kForget}).value();
  }
  // The id of what is claimed, or "".
  std::string claimed(JobTime now = kStart) {
    const auto job = claim(now);
    return job ? job->id : "";
  }
  std::optional<JobState> settle(const Job& job, JobEnd end) {
    end.forget = kForget;
    return jobs().settle(lease_of(job), end).value();
  }
  Job find(const std::string& id) { return jobs().find(id).value().value(); }
  std::vector<std::string> listed(const JobQuery& query) {
    std::vector<std::string> ids;
    const auto found = jobs().list(query).value();
    for (const Job& job : found) ids.push_back(job.id);
    return ids;
  }
};

}  // namespace costagent
