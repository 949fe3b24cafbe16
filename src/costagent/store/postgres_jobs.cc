#include "costagent/store/postgres_jobs.h"

#include <algorithm>
#include <limits>

#include "costagent/domain/names.h"
#include "costagent/store/job_limits.h"
#include "costagent/store/postgres_ask.h"
#include "costagent/store/postgres_job_queries.h"
#include "costagent/store/postgres_queries.h"
#include "io/postgresql_pipeline.h"
#include "io/postgresql_transaction.h"

namespace costagent {
namespace {

using io::PostgresValues;

// What those who add queued jobs lock: "costjobs" in ASCII.
constexpr std::int64_t kQueueLock = 0x636f73746a6f6273;
// And those who claim some: "costclai".
constexpr std::int64_t kClaimsLock = 0x636f7374636c6169;

JobTime time_of(std::int64_t microseconds) { return JobTime(std::chrono::microseconds(microseconds)); }
std::int64_t number_of(JobTime time) { return time.time_since_epoch().count(); }

base::Result<Job> job_of(const io::PostgresRows& rows, int row) {
  Job job;
  job.id = rows.text(row, 0);
  job.kind = rows.text(row, 1);
  job.customer = rows.text(row, 2);
  job.payload = rows.text(row, 3);
  job.key = rows.text(row, 4);
  job.priority = static_cast<int>(rows.integer(row, 5));
  const auto state = parse_name<JobState>(rows.text(row, 6));
  job.cancelling = rows.boolean(row, 7);
  job.attempts = static_cast<int>(rows.integer(row, 8));
  job.max_attempts = static_cast<int>(rows.integer(row, 9));
  job.claims = rows.integer(row, 10);
  job.worker = rows.text(row, 11);
  job.due = time_of(rows.integer(row, 12));
  job.progress = rows.number(row, 13).value_or(0);
  job.note = rows.text(row, 14);
  job.result = rows.text(row, 15);
  job.error = rows.text(row, 16);
  job.created = time_of(rows.integer(row, 17));
  job.started = time_of(rows.integer(row, 18));
  job.finished = time_of(rows.integer(row, 19));
  if (!state) return base::fail(base::ErrorKind::corrupt, "the database's job {} can't be read", job.id);
  job.state = *state;
  return job;
}

base::Result<std::optional<Job>> first_of(const io::PostgresRows& rows) {
  if (rows.size() == 0) return std::nullopt;
  auto job = job_of(rows, 0);
  if (!job) return base::pass_on(job);
  return std::optional(std::move(*job));
}

// Of a transaction that has locked the queue, so that nobody adds one between the count and what follows.
base::Result<> check_limits(io::Postgres& session, const std::string& customer, const JobLimits& limits,
                            base::Nanoseconds until) {
  io::PostgresPipeline pipeline(session);
  pipeline.add(postgres::kQueuedJobs);
  pipeline.add(postgres::kQueuedJobsOfCustomer, PostgresValues().text(customer));
  const auto counts = pipeline.run(until);
  if (!counts) return base::pass_on(counts);
  return check_limits(limits, customer, (*counts)[0].integer(0, 0), (*counts)[1].integer(0, 0));
}

PostgresValues new_job(const Job& job, const JobLimits& limits) {
  const auto most = [](std::size_t limit) {
    return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
  };
  PostgresValues values;
  values.text(job.id).text(job.kind).text(job.customer).bytes(job.payload).bytes(job.key).int32(job.priority);
  values.int32(job.max_attempts).int64(number_of(job.due)).int64(number_of(job.created));
  return std::move(values.int64(most(limits.in_all)).int64(most(limits.of_customer)));
}

base::Result<std::optional<Job>> queue_again(io::Postgres& session, const std::string& id, JobTime now,
                                             const JobLimits& limits, base::Nanoseconds until) {
  io::PostgresPipeline pipeline(session);
  pipeline.add(postgres::kPlanOnce);
  pipeline.add(postgres::kLockQueue, PostgresValues().int64(kQueueLock));
  pipeline.add(postgres::kJobById, PostgresValues().text(id));
  const auto rows = pipeline.run(until);
  if (!rows) return base::pass_on(rows);
  auto job = first_of(rows->back());
  if (!job || !*job || ((*job)->state != JobState::failed && (*job)->state != JobState::cancelled)) return job;
  if (const auto room = check_limits(session, (*job)->customer, limits, until); !room) return base::pass_on(room);
  const auto queued = session.run(postgres::kRetryJob, PostgresValues().int64(number_of(now)).text(id), until);
  if (!queued && queued.error().kind == base::ErrorKind::conflict) return same_work_is_queued();
  if (!queued) return base::pass_on(queued);
  const auto found = session.run(postgres::kJobById, PostgresValues().text(id), until);
  if (!found) return base::pass_on(found);
  return first_of(*found);
}

// `call` gets a session with a transaction, which is committed if it went well.
template <class Call>
auto write(PostgresPool& pool, Call call)
    -> decltype(call(std::declval<io::Postgres&>(), std::declval<base::Nanoseconds>())) {
  auto session = pool.lend(store_deadline());
  if (!session) return base::pass_on(session);
  auto transaction = io::PostgresTransaction::begin(**session, session->until());
  if (!transaction) return base::pass_on(transaction);
  auto done = call(**session, session->until());
  if (!done) return done;
  if (const auto committed = transaction->commit(session->until()); !committed) return base::pass_on(committed);
  return done;
}

}  // namespace

base::Result<PushedJob> PostgresJobs::push(const Job& job, const JobLimits& limits) {
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  io::PostgresPipeline pipeline(**session);
  pipeline.add(postgres::kPlanOnce);
  pipeline.add(postgres::kLockQueue, PostgresValues().int64(kQueueLock));
  const bool has_key = !job.key.empty();
  if (has_key) pipeline.add(postgres::kUnfinishedJobOfKey, PostgresValues().text(job.customer).bytes(job.key));
  pipeline.add(postgres::kAddJob, new_job(job, limits));
  const auto rows = pipeline.run(session->until());
  if (!rows) return base::pass_on(rows);
  const io::PostgresRows& queued = rows->back();
  // Perhaps as the one of its key, seen just before, has ended.
  if (queued.integer(0, 2) == 1) return PushedJob{job, true};
  if (has_key) {
    auto unfinished = first_of((*rows)[2]);
    if (!unfinished) return base::pass_on(unfinished);
    if (*unfinished) return PushedJob{std::move(**unfinished), false};
  }
  const auto room = check_limits(limits, job.customer, queued.integer(0, 0), queued.integer(0, 1));
  return room ? base::fail(base::ErrorKind::internal, "the database did not keep a job") : base::pass_on(room);
}

base::Result<std::optional<JobTime>> PostgresJobs::next_due(const std::vector<std::string>& kinds) {
  const auto rows = ask_by_index(pool_, postgres::kNextJobDue, PostgresValues().texts(kinds));
  if (!rows) return base::pass_on(rows);
  if (rows->is_null(0, 0)) return std::nullopt;
  return time_of(rows->integer(0, 0));
}

base::Result<std::optional<Job>> PostgresJobs::claim(const JobClaim& claim) {
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  PostgresValues expired;
  expired.int64(number_of(claim.now)).int64(number_of(claim.forget)).bytes(kWorkerGone);
  PostgresValues wanted;
  wanted.int64(number_of(claim.now)).int64(number_of(claim.until)).text(claim.worker).texts(claim.kinds);
  io::PostgresPipeline pipeline(**session);
  pipeline.add(postgres::kPlanOnceAndCommitLazily);  // of a claim that a crash takes back the job is as it was
  pipeline.add(postgres::kLockClaims, PostgresValues().int64(kClaimsLock));
  pipeline.add(postgres::kTakeBackJobs, std::move(expired));
  pipeline.add(postgres::kClaimJob, std::move(wanted));
  const auto rows = pipeline.run(session->until());
  if (!rows) return base::pass_on(rows);
  return first_of(rows->back());
}

base::Result<LeaseState> PostgresJobs::extend(const JobLease& lease, JobTime until, const JobProgress& progress) {
  PostgresValues values;
  values.int64(number_of(until)).real(progress.share).bytes(progress.note).text(lease.job).int64(lease.claim);
  const auto extended = ask_by_index(pool_, postgres::kExtendLease, values);
  if (!extended) return base::pass_on(extended);
  if (extended->size() == 0) return LeaseState::lost;
  return extended->boolean(0, 0) ? LeaseState::cancelled : LeaseState::held;
}

base::Result<std::optional<JobState>> PostgresJobs::settle(const JobLease& lease, const JobEnd& end) {
  PostgresValues values;
  values.text(name_of(end.state)).int64(number_of(end.now)).int64(number_of(end.due)).int64(number_of(end.forget));
  values.int32(end.counts ? 0 : 1).bytes(end.result).bytes(end.error).text(lease.job).int64(lease.claim);
  const auto settled = ask_by_index(pool_, postgres::kSettleJob, values);
  if (!settled) return base::pass_on(settled);
  return settled->size() > 0 ? parse_name<JobState>(settled->text(0, 0)) : std::nullopt;
}

base::Result<std::optional<Job>> PostgresJobs::cancel(const std::string& id, JobTime now, JobTime forget) {
  auto session = pool_.lend(store_deadline());
  if (!session) return base::pass_on(session);
  io::PostgresPipeline pipeline(**session);
  pipeline.add(postgres::kPlanOnce);
  pipeline.add(postgres::kCancelJob, PostgresValues().text(id).int64(number_of(now)).int64(number_of(forget)));
  pipeline.add(postgres::kJobById, PostgresValues().text(id));
  const auto rows = pipeline.run(session->until());
  if (!rows) return base::pass_on(rows);
  return first_of(rows->back());
}

base::Result<std::optional<Job>> PostgresJobs::retry(const std::string& id, JobTime now, const JobLimits& limits) {
  return write(pool_, [&](io::Postgres& session, base::Nanoseconds until) {
    return queue_again(session, id, now, limits, until);
  });
}

base::Result<std::optional<Job>> PostgresJobs::find(const std::string& id) {
  const auto rows = ask_by_index(pool_, postgres::kJobById, PostgresValues().text(id));
  if (!rows) return base::pass_on(rows);
  return first_of(*rows);
}

base::Result<std::vector<Job>> PostgresJobs::list(const JobQuery& query) {
  const bool of_all = query.customer.empty();
  PostgresValues values;
  values.text(name_of(query.state));
  if (!of_all) values.text(query.customer);
  values.int64(static_cast<std::int64_t>(query.limit)).int64(static_cast<std::int64_t>(query.offset));
  const auto rows = ask_by_index(pool_, of_all ? postgres::kJobsOfState : postgres::kJobsOfStateAndCustomer, values);
  if (!rows) return base::pass_on(rows);
  std::vector<Job> jobs;
  for (int row = 0; row < rows->size(); ++row) {
    auto job = job_of(*rows, row);
    if (!job) return base::pass_on(job);
    jobs.push_back(std::move(*job));
  }
  return jobs;
}

base::Result<JobCounts> PostgresJobs::counts() {
  const auto rows = ask_by_index(pool_, postgres::kCountJobs, {});
  if (!rows) return base::pass_on(rows);
  JobCounts counts;
  counts.queued = static_cast<std::size_t>(rows->integer(0, 0));
  counts.running = static_cast<std::size_t>(rows->integer(0, 1));
  counts.failed = static_cast<std::size_t>(rows->integer(0, 2));
  counts.oldest = time_of(rows->integer(0, 3));
  return counts;
}

base::Result<std::size_t> PostgresJobs::forget(JobTime now, std::size_t limit) {
  const auto gone = ask_by_index(pool_, postgres::kForgetJobs,
                                 PostgresValues().int64(number_of(now)).int64(static_cast<std::int64_t>(limit)));
  if (!gone) return base::pass_on(gone);
  return static_cast<std::size_t>(gone->affected());
}

}  // namespace costagent
