// What a store of an earlier schema held is there, and the same, once the present code has opened it.
//
// A filled store of an earlier schema is made from one of the newest: what later migrations added is taken away again,
// which makes exactly what that version made, as is checked; rows of the other tables are written as they were then.
#include <gtest/gtest.h>

#include "costagent/domain/names.h"
#include "costagent/store/earlier_database_test.h"

namespace costagent {
namespace {

using std::chrono::seconds;

constexpr JobTime kStart{std::chrono::hours(480'000)};

// An earlier schema, by its number in its database.
struct Earlier {
  FactDatabase database;
  int version;
};

class FilledMigrationTest : public testing::TestWithParam<Earlier> {
 protected:
  void SetUp() override {
    if (GetParam().database == FactDatabase::sqlite) {
      database_ = std::make_unique<EarlierSqlite>();
    } else if (testing_support::PostgresServer::is_installed()) {
      database_ = std::make_unique<EarlierPostgres>();
    } else {
      GTEST_SKIP() << "Debian's package postgresql-15 is not installed";
    }
  }
  std::unique_ptr<Store> open() const {
    auto store = open_store(database_->url());
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  std::unique_ptr<EarlierDatabase> database_;
};

// Months of two providers in two currencies, of which one was restated; commitments, utilisation, and another customer.
void fill_facts(FactStore& facts) {
  const auto month = [](const char* name, const char* cost) {
    std::vector<Charge> charges;
    for (int day = 1; day <= 28; ++day) {
      const std::string date = fmt::format("{}-{:02}", name, day);
      charges.push_back(charge(date.c_str(), "EC2", "vm-1", cost));
      charges.push_back(charge(date.c_str(), "S3", "bucket", "0.00000000000001"));
      charges.back().effective_cost = number("0.00000000000000999");
      charges.back().tags = day % 2 == 0 ? R"({"team":"web"})" : R"({"team":"data"})";
      for (Charge* each : {&charges.back(), &charges[charges.size() - 2]})
        each->billing_period_start = base::Seconds(costagent::day((std::string(name) + "-01").c_str()));
    }
    return charges;
  };
  take_in(facts, "january", month("2025-01", "1.25"));
  take_in(facts, "february", month("2025-02", "2.5"));
  take_in(facts, "january anew", month("2025-01", "1.5"), "acme", Restatement::replace);
  auto google = month("2025-01", "3");
  for (Charge& charge : google) {
    charge.provider = "Google Cloud";
    charge.currency = "EUR";
  }
  take_in(facts, "google", google);
  take_in(facts, "other", month("2025-01", "7"), "globex");

  auto writer = facts.begin({"acme", Restatement::add}).value();
  ASSERT_TRUE(writer->begin_file({"commitments.csv", "FOCUS 1.3", "header", "beginning of commitments"}));
  Commitment commitment;
  commitment.provider = "AWS";
  commitment.id = "c-1";
  commitment.cost = number("12.000000000001");
  commitment.start = base::Seconds(day("2025-01-01"));
  commitment.end = base::Seconds(day("2026-01-01"));
  ASSERT_TRUE(writer->add(commitment));
  ASSERT_TRUE(writer->end_file("commitments", {1, 0, {}, {}}));
  ASSERT_TRUE(writer->begin_file({"use.csv", "utilisation", "header", "beginning of use"}));
  for (int hour = 0; hour < 48; ++hour) {
    ASSERT_TRUE(writer->add(UtilisationSample{"vm-1", base::Seconds(day("2025-01-03")) + std::chrono::hours(hour),
                                              10.0 + hour, 20, 1e6, 2e6}));
  }
  ASSERT_TRUE(writer->end_file("use", {48, 0, {}, {}}));
  ASSERT_TRUE(writer->publish({}));
}

void fill_state(StateStore& state) {
  std::vector<Recommendation> recommendations(3);
  for (std::size_t i = 0; i < recommendations.size(); ++i) {
    Recommendation& each = recommendations[i];
    each.id = fmt::format("rec-{}", i);
    each.customer = "acme";
    each.resource_id = fmt::format("vm-{}", i);
    each.title = "stop it";
    each.evidence = {"it idles", "since \"May\""};
    each.currency = "USD";
    each.confidence = 0.75;
    each.monthly_cost = number("31.5");
    each.monthly_savings = number("30.25");
    each.created = base::Seconds(day("2025-03-01"));
  }
  ASSERT_TRUE(state.save(recommendations));
  ASSERT_TRUE(state.set_status("rec-1", RecommendationStatus::approved).value());
}

// One of each state, in that order.
void fill_jobs(JobStore& jobs) {
  const auto push = [&](const char* id, int priority) {
    Job job;
    job.id = id;
    job.kind = "collect";
    job.customer = "acme";
    job.payload = R"({"file":"a.csv"})";
    job.key = std::string("key of ") + id;
    job.priority = priority;
    job.max_attempts = 2;
    job.created = job.due = kStart;
    ASSERT_TRUE(jobs.push(job, {100, 50}));
  };
  const auto claim = [&] {
    return jobs.claim({"host:7", {"collect"}, kStart + seconds(1), kStart + std::chrono::hours(1), kStart})
        .value()
        .value();
  };
  push("done", 4);
  push("failed", 3);
  push("running", 2);
  push("cancelled", 1);
  push("queued", 0);
  const JobTime now = kStart + seconds(2);
  const JobTime forget = kStart + std::chrono::hours(720);
  JobEnd end{.state = JobState::done, .now = now, .forget = forget, .result = R"({"charges":7})"};
  ASSERT_TRUE(jobs.settle(lease_of(claim()), end).value());
  end = {.state = JobState::failed, .now = now, .forget = forget, .error = "it is empty"};
  ASSERT_TRUE(jobs.settle(lease_of(claim()), end).value());
  const Job running = claim();
  ASSERT_EQ(running.id, "running");
  ASSERT_EQ(jobs.extend(lease_of(running), kStart + std::chrono::hours(1), {0.5, "reading"}).value(), LeaseState::held);
  ASSERT_TRUE(jobs.cancel("cancelled", now, forget).value());
}

void fill_leases(LeaseStore& leases) {
  const base::UtcTime now{std::chrono::hours(480'000)};
  const auto lease = leases.take("task sweep", "host:7", now, now + seconds(30)).value().value();
  ASSERT_TRUE(
      leases.save({.task = "sweep", .due = now + seconds(60), .holder = "host:7", .error = "away", .runs = 3}, lease)
          .value());
}

std::string text_of(const Costs& costs) {
  return fmt::format("{} {} {} {}", costs.billed.to_string(), costs.effective.to_string(), costs.list.to_string(),
                     costs.contracted.to_string());
}

std::string told_facts(FactStore& facts, const std::string& customer) {
  std::string told = fmt::format("{} version {}\n", customer, facts.version(customer).value());
  const Period year{day("2024-12-01"), day("2026-01-01")};
  const std::vector<std::vector<Dimension>> groups{{},
                                                   {Dimension::provider, Dimension::service},
                                                   {Dimension::account, Dimension::region},
                                                   {Dimension::resource, Dimension::category}};
  for (const Bucket bucket : {Bucket::whole, Bucket::day, Bucket::month}) {
    for (const auto& by : groups) {
      TotalsQuery query{customer, year, by, {}, bucket, 50};
      if (by.empty()) query.by_tags = {"team"};
      const auto page = facts.totals(query).value();
      for (const auto* totals : {&page.sum, &page.totals}) {
        for (const CostTotal& each : *totals)
          told += fmt::format("{} {} {}: {}\n", base::format_day(each.bucket), fmt::join(each.key, "/"), each.currency,
                              text_of(each.costs));
      }
    }
  }
  const auto bills = facts.bills(customer, 50).value();
  for (const Bill& bill : bills)
    told += fmt::format("bill {} {} {} {} {}\n", bill.provider, base::format_day(bill.billing_period), bill.currency,
                        bill.rows, text_of(bill.costs));
  const auto resources = facts.resources(customer, "", year, 50).value();
  for (const ResourceUsage& each : resources)
    told += fmt::format("{} {} {} {} {} {}\n", each.resource_id, each.resource_name, each.effective_cost.to_string(),
                        each.days_billed, each.hours_observed, each.cpu_percent_average);
  const auto commitments = facts.commitments(customer, year, 50).value();
  for (const Commitment& each : commitments) told += fmt::format("commitment {} {}\n", each.id, each.cost.to_string());
  for (const char* digest : {"january", "february", "january anew", "google", "other", "commitments", "use"}) {
    const auto known = facts.known(customer, digest).value();
    told += fmt::format("{}: {}\n", digest, known ? known->rows : -1);
  }
  return told;
}

std::string told_jobs(JobStore& jobs) {
  std::string told;
  for (const JobState state :
       {JobState::queued, JobState::running, JobState::done, JobState::failed, JobState::cancelled}) {
    const auto listed = jobs.list({.state = state}).value();
    for (const Job& job : listed) {
      told += fmt::format("{} {} {} {} {} {}/{} {} {} {} {} '{}' '{}' '{}' {} {} {}\n", job.id, name_of(job.state),
                          job.payload, job.key, job.priority, job.attempts, job.max_attempts, job.claims, job.worker,
                          job.due.time_since_epoch().count(), job.progress, job.note, job.result, job.error,
                          job.created.time_since_epoch().count(), job.started.time_since_epoch().count(),
                          job.finished.time_since_epoch().count());
    }
  }
  return told;
}

// Everything that the store tells of what it holds.
std::string told(Store& store) {
  std::string told = store.identity() + "\n" + told_facts(store.facts(), "acme") + told_facts(store.facts(), "globex");
  const auto recommendations = store.state().recommendations("acme", 50, 0).value();
  for (const Recommendation& each : recommendations)
    told += fmt::format("{} {} {} {} {}\n", each.id, name_of(each.status), each.monthly_savings.to_string(),
                        fmt::join(each.evidence, "|"), each.created.time_since_epoch().count());
  told += fmt::format("decisions {}\n", store.state().decisions_version("acme").value());
  const auto tasks = store.leases().tasks().value();
  for (const TaskRecord& task : tasks)
    told += fmt::format("{} {} {} {}\n", task.task, task.holder, task.error, task.runs);
  return told + told_jobs(store.jobs());
}

TEST_P(FilledMigrationTest, what_was_there_is_the_same_and_goes_on) {
  std::string before;
  {
    const auto store = open();
    fill_facts(store->facts());
    fill_state(store->state());
    fill_jobs(store->jobs());
    fill_leases(store->leases());
    before = told(*store);
  }
  database_->go_back(GetParam().version);
  ASSERT_EQ(database_->schema(), database_->schema_of(GetParam().version));

  const auto store = open();
  EXPECT_EQ(told(*store), before);
  // A month is restated, a job run, and advice decided on, as ever.
  FactStore& facts = store->facts();
  EXPECT_EQ(billed(facts), "112.00000000000056") << "42 and 70 of AWS, and twice 28 lines of 14 places";
  Charge restated = charge("2025-02-01", "EC2", "vm-1", "9");
  restated.billing_period_start = base::Seconds(day("2025-02-01"));
  const auto replaced = take_in(facts, "february anew", {restated}, "acme", Restatement::replace);
  EXPECT_EQ(replaced.replaced.size(), 1u);
  EXPECT_EQ(billed(facts), "51.00000000000028");
  EXPECT_EQ(store->jobs().claim({"host:8", {"collect"}, kStart + seconds(3), kStart + seconds(9), kStart}).value()->id,
            "queued");
  EXPECT_TRUE(store->state().set_status("rec-2", RecommendationStatus::rejected).value());
  const WatchedFile watched{.path = "a.csv"};
  EXPECT_EQ(store->watch().save("acme", {&watched, 1}).value(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Stores, FilledMigrationTest,
                         testing::Values(Earlier{FactDatabase::sqlite, 5}, Earlier{FactDatabase::sqlite, 6},
                                         Earlier{FactDatabase::sqlite, 8}, Earlier{FactDatabase::postgresql, 5},
                                         Earlier{FactDatabase::postgresql, 2}, Earlier{FactDatabase::postgresql, 3}),
                         [](const testing::TestParamInfo<Earlier>& earlier) {
                           const bool is_file = earlier.param.database == FactDatabase::sqlite;
                           return fmt::format("{}_{}", is_file ? "sqlite" : "postgresql", earlier.param.version);
                         });

}  // namespace
}  // namespace costagent
