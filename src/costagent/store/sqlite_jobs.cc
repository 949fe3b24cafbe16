#include "costagent/store/sqlite_jobs.h"

#include "costagent/domain/names.h"
#include "costagent/store/job_limits.h"
#include "costagent/store/job_queries.h"

namespace costagent {
namespace {

JobTime time_of(std::int64_t microseconds) { return JobTime(std::chrono::microseconds(microseconds)); }
std::int64_t number_of(JobTime time) { return time.time_since_epoch().count(); }

// Kinds are named in the code, by plain words.
std::string json_list(const std::vector<std::string>& words) {
  return words.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(words, "\",\""));
}

// The first column of the first row; none without a row. `bind` gets the statement.
template <class Column, class Bind>
auto first_row(io::Sqlite& connection, const char* sql, Bind bind, Column column)
    -> base::Result<std::optional<decltype(column(std::declval<io::Statement&>()))>> {
  const auto statement = connection.cached(sql);
  if (!statement) return base::pass_on(statement);
  bind(**statement);
  const auto row = (*statement)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::nullopt;
  auto value = column(**statement);
  (*statement)->reset();
  return std::optional(std::move(value));
}

std::string text_column(io::Statement& row) { return std::string(row.text(0)); }
std::int64_t integer_column(io::Statement& row) { return row.integer(0); }

base::Result<std::optional<Job>> job_by_id(io::Sqlite& connection, const std::string& id) {
  const auto select = connection.cached(kJobById);
  if (!select) return base::pass_on(select);
  io::Statement& row = **select;
  const auto found = row.bind(1, std::string_view(id)).step();
  if (!found) return base::pass_on(found);
  if (!*found) return std::nullopt;
  Job job;
  job.id = row.text(0);
  job.kind = row.text(1);
  job.customer = row.text(2);
  job.payload = row.text(3);
  job.key = row.text(4);
  job.priority = static_cast<int>(row.integer(5));
  const auto state = parse_name<JobState>(row.text(6));
  job.cancelling = row.integer(7) != 0;
  job.attempts = static_cast<int>(row.integer(8));
  job.max_attempts = static_cast<int>(row.integer(9));
  job.claims = row.integer(10);
  job.worker = row.text(11);
  job.due = time_of(row.integer(12));
  job.progress = row.real(13);
  job.note = row.text(14);
  job.result = row.text(15);
  job.error = row.text(16);
  job.created = time_of(row.integer(17));
  job.started = time_of(row.integer(18));
  job.finished = time_of(row.integer(19));
  row.reset();
  if (!state) return base::fail(base::ErrorKind::corrupt, "the database's job {} can't be read", id);
  job.state = *state;
  return std::optional(std::move(job));
}

// Of a transaction, so that nobody adds one between the count and what follows.
base::Result<> check_limits(io::Sqlite& connection, const std::string& customer, const JobLimits& limits) {
  const auto nothing = [](io::Statement&) {};
  const auto in_all = first_row(connection, kQueuedJobs, nothing, integer_column);
  if (!in_all) return base::pass_on(in_all);
  const auto customers = [&](io::Statement& row) { row.bind(1, std::string_view(customer)); };
  const auto of_customer = first_row(connection, kQueuedJobsOfCustomer, customers, integer_column);
  if (!of_customer) return base::pass_on(of_customer);
  return check_limits(limits, customer, in_all->value_or(0), of_customer->value_or(0));
}

base::Result<> add_job(io::Sqlite& connection, const Job& job) {
  const auto insert = connection.cached(kAddJob);
  if (!insert) return base::pass_on(insert);
  io::Statement& row = **insert;
  row.bind(1, std::string_view(job.id)).bind(2, std::string_view(job.kind)).bind(3, std::string_view(job.customer));
  row.bind(4, std::string_view(job.payload)).bind(5, std::string_view(job.key)).bind(6, std::int64_t{job.priority});
  row.bind(7, std::int64_t{job.max_attempts}).bind(8, number_of(job.due)).bind(9, number_of(job.created));
  return row.run();
}

base::Result<> take_back(io::Sqlite& connection, const JobClaim& claim) {
  const auto update = connection.cached(kTakeBackJobs);
  if (!update) return base::pass_on(update);
  (*update)->bind(1, number_of(claim.now)).bind(2, number_of(claim.forget)).bind(3, kWorkerGone);
  return (*update)->run();
}

// Of a transaction: commits, if `call` went well.
template <class Call>
auto write(ConnectionPool& pool, Call call) -> decltype(call(std::declval<io::Sqlite&>())) {
  auto writer = pool.writer();
  if (!writer) return base::pass_on(writer);
  auto done = call(writer->connection);
  if (!done) return done;
  if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
  return done;
}

}  // namespace

base::Result<PushedJob> SqliteJobs::push(const Job& job, const JobLimits& limits) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<PushedJob> {
    const auto key = [&](io::Statement& row) {
      row.bind(1, std::string_view(job.customer)).bind(2, std::string_view(job.key));
    };
    const auto unfinished = first_row(connection, kUnfinishedJobOfKey, key, text_column);
    if (!unfinished) return base::pass_on(unfinished);
    if (*unfinished) {
      auto known = job_by_id(connection, **unfinished);
      if (!known) return base::pass_on(known);
      return PushedJob{std::move(**known), false};
    }
    if (const auto room = check_limits(connection, job.customer, limits); !room) return base::pass_on(room);
    if (const auto added = add_job(connection, job); !added) return base::pass_on(added);
    return PushedJob{job, true};
  });
}

base::Result<std::optional<JobTime>> SqliteJobs::next_due(const std::vector<std::string>& kinds) {
  auto reader = pool_.reader();
  if (!reader) return base::pass_on(reader);
  const std::string list = json_list(kinds);
  const auto those = [&](io::Statement& row) { row.bind(1, std::string_view(list)); };
  const auto queued = first_row(**reader, kNextQueuedJobDue, those, integer_column);
  if (!queued) return base::pass_on(queued);
  const auto leased = first_row(
      **reader, kNextLeaseEnd, [](io::Statement&) {}, integer_column);
  if (!leased) return base::pass_on(leased);
  if (!*queued && !*leased) return std::nullopt;
  constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  return time_of(std::min(queued->value_or(kNever), leased->value_or(kNever)));
}

base::Result<std::optional<Job>> SqliteJobs::claim(const JobClaim& claim) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<std::optional<Job>> {
    if (const auto taken = take_back(connection, claim); !taken) return base::pass_on(taken);
    const std::string kinds = json_list(claim.kinds);
    const auto id = first_row(
        connection, kClaimJob,
        [&](io::Statement& row) {
          row.bind(1, number_of(claim.now)).bind(2, number_of(claim.until));
          row.bind(3, std::string_view(claim.worker)).bind(4, std::string_view(kinds));
        },
        text_column);
    if (!id) return base::pass_on(id);
    if (!*id) return std::nullopt;
    return job_by_id(connection, **id);
  });
}

base::Result<LeaseState> SqliteJobs::extend(const JobLease& lease, JobTime until, const JobProgress& progress) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<LeaseState> {
    const auto cancelling = first_row(
        connection, kExtendLease,
        [&](io::Statement& row) {
          row.bind(1, number_of(until)).bind(2, progress.share).bind(3, std::string_view(progress.note));
          row.bind(4, std::string_view(lease.job)).bind(5, lease.claim);
        },
        integer_column);
    if (!cancelling) return base::pass_on(cancelling);
    if (!*cancelling) return LeaseState::lost;
    return **cancelling != 0 ? LeaseState::cancelled : LeaseState::held;
  });
}

base::Result<std::optional<JobState>> SqliteJobs::settle(const JobLease& lease, const JobEnd& end) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<std::optional<JobState>> {
    const auto state = first_row(
        connection, kSettleJob,
        [&](io::Statement& row) {
          row.bind(1, name_of(end.state)).bind(2, number_of(end.now)).bind(3, number_of(end.due));
          row.bind(4, number_of(end.forget)).bind(5, std::int64_t{end.counts ? 0 : 1});
          row.bind(6, std::string_view(end.result)).bind(7, std::string_view(end.error));
          row.bind(8, std::string_view(lease.job)).bind(9, lease.claim);
        },
        text_column);
    if (!state) return base::pass_on(state);
    return *state ? parse_name<JobState>(**state) : std::nullopt;
  });
}

base::Result<std::optional<Job>> SqliteJobs::cancel(const std::string& id, JobTime now, JobTime forget) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<std::optional<Job>> {
    const auto update = connection.cached(kCancelJob);
    if (!update) return base::pass_on(update);
    (*update)->bind(1, std::string_view(id)).bind(2, number_of(now)).bind(3, number_of(forget));
    if (const auto done = (*update)->run(); !done) return base::pass_on(done);
    return job_by_id(connection, id);
  });
}

base::Result<std::optional<Job>> SqliteJobs::retry(const std::string& id, JobTime now, const JobLimits& limits) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<std::optional<Job>> {
    auto job = job_by_id(connection, id);
    if (!job) return base::pass_on(job);
    if (!*job || ((*job)->state != JobState::failed && (*job)->state != JobState::cancelled)) return job;
    if (const auto room = check_limits(connection, (*job)->customer, limits); !room) return base::pass_on(room);
    const auto update = connection.cached(kRetryJob);
    if (!update) return base::pass_on(update);
    const auto done = (*update)->bind(1, number_of(now)).bind(2, std::string_view(id)).run();
    if (!done && done.error().kind == base::ErrorKind::conflict) return same_work_is_queued();
    if (!done) return base::pass_on(done);
    return job_by_id(connection, id);
  });
}

base::Result<std::optional<Job>> SqliteJobs::find(const std::string& id) {
  auto reader = pool_.reader();
  if (!reader) return base::pass_on(reader);
  return job_by_id(**reader, id);
}

base::Result<std::vector<Job>> SqliteJobs::list(const JobQuery& query) {
  auto reader = pool_.reader();
  if (!reader) return base::pass_on(reader);
  const bool of_all = query.customer.empty();
  const auto select = (*reader)->cached(of_all ? kJobsOfState : kJobsOfStateAndCustomer);
  if (!select) return base::pass_on(select);
  int parameter = 1;
  (*select)->bind(parameter++, name_of(query.state));
  if (!of_all) (*select)->bind(parameter++, std::string_view(query.customer));
  (*select)->bind(parameter++, static_cast<std::int64_t>(query.limit));
  (*select)->bind(parameter, static_cast<std::int64_t>(query.offset));
  std::vector<std::string> ids;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids.emplace_back((*select)->text(0));
  }
  std::vector<Job> jobs;
  for (const std::string& id : ids) {
    auto job = job_by_id(**reader, id);
    if (!job) return base::pass_on(job);
    // Forgotten in between.
    if (*job) jobs.push_back(std::move(**job));
  }
  return jobs;
}

base::Result<JobCounts> SqliteJobs::counts() {
  auto reader = pool_.reader();
  if (!reader) return base::pass_on(reader);
  const auto select = (*reader)->cached(kCountJobs);
  if (!select) return base::pass_on(select);
  JobCounts counts;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    const auto state = parse_name<JobState>((*select)->text(0));
    const auto count = static_cast<std::size_t>((*select)->integer(1));
    if (state == JobState::queued) counts.queued = count;
    if (state == JobState::running) counts.running = count;
    if (state == JobState::failed) counts.failed = count;
  }
  const auto oldest = first_row(
      **reader, kOldestQueuedJob, [](io::Statement&) {}, integer_column);
  if (!oldest) return base::pass_on(oldest);
  counts.oldest = time_of(oldest->value_or(0));
  return counts;
}

base::Result<std::size_t> SqliteJobs::forget(JobTime now, std::size_t limit) {
  return write(pool_, [&](io::Sqlite& connection) -> base::Result<std::size_t> {
    const auto remove = connection.cached(kForgetJobs);
    if (!remove) return base::pass_on(remove);
    const auto done = (*remove)->bind(1, number_of(now)).bind(2, static_cast<std::int64_t>(limit)).run();
    if (!done) return base::pass_on(done);
    return static_cast<std::size_t>(connection.changes());
  });
}

}  // namespace costagent
