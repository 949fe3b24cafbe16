#include "costagent/domain/lease.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "costagent/store/contract_test.h"

namespace costagent {
namespace {

using std::chrono::seconds;

class LeaseStoreTest : public ContractTest {
 protected:
  LeaseStore& leases() { return store_->leases(); }

  std::optional<Lease> take(const std::string& holder, base::UtcTime now) {
    return leases().take("sweep", holder, now, now + seconds(30)).value();
  }

  const base::UtcTime start_{std::chrono::hours(500'000)};
};

INSTANTIATE_TEST_SUITE_P(Stores, LeaseStoreTest, every_store(), name_of_kind);

TEST_P(LeaseStoreTest, one_holder_at_a_time_has_it) {
  const auto first = take("a", start_).value();
  EXPECT_EQ(first.holder, "a");
  EXPECT_EQ(first.until, start_ + seconds(30));
  EXPECT_FALSE(take("b", start_ + seconds(29)));
  EXPECT_FALSE(take("a", start_ + seconds(29))) << "not its holder either, who may be another of that name";
  EXPECT_TRUE(leases().take("scan", "b", start_, start_ + seconds(30)).value()) << "another name is another lease";
  EXPECT_EQ(leases().lease("sweep").value()->holder, "a");
  EXPECT_EQ(leases().lease("sweep").value()->until, start_ + seconds(30));
  EXPECT_FALSE(leases().lease("none").value());
}

TEST_P(LeaseStoreTest, what_ran_out_goes_to_the_next_with_a_higher_token) {
  const auto first = take("a", start_).value();
  const auto second = take("b", start_ + seconds(30)).value();
  EXPECT_GT(second.token, first.token);
  EXPECT_EQ(leases().lease("sweep").value()->holder, "b");
  EXPECT_FALSE(leases().extend(first, start_ + seconds(100)).value());
  EXPECT_FALSE(leases().give_back(first).value());
  EXPECT_FALSE(take("c", start_ + seconds(59))) << "who lost it has changed nothing";
}

TEST_P(LeaseStoreTest, it_is_kept_by_extending_and_ended_by_giving_back) {
  const auto first = take("a", start_).value();
  EXPECT_TRUE(leases().extend(first, start_ + seconds(60)).value());
  EXPECT_FALSE(take("b", start_ + seconds(59)));
  EXPECT_TRUE(leases().give_back(first).value());
  EXPECT_GT(take("b", start_ + seconds(1))->token, first.token);
}

TEST_P(LeaseStoreTest, what_ran_out_and_was_not_taken_is_had_again) {
  const auto first = take("a", start_).value();
  EXPECT_TRUE(leases().extend(first, start_ + seconds(90)).value());
  EXPECT_FALSE(take("b", start_ + seconds(89)));
}

TEST_P(LeaseStoreTest, a_record_is_read_as_it_was_saved) {
  const auto lease = take("a", start_).value();
  TaskRecord record;
  record.task = "sweep";
  record.due = start_ + std::chrono::milliseconds(61'234);
  record.started = start_;
  record.finished = start_ + seconds(2);
  record.holder = "a";
  record.error = "it is away";
  record.runs = 7;
  record.failures = 2;
  EXPECT_FALSE(leases().task("sweep").value());
  EXPECT_TRUE(leases().save(record, lease).value());
  record.runs = 8;
  record.error = "the disk is full";
  EXPECT_TRUE(leases().save(record, lease).value());
  const auto read = leases().task("sweep").value().value();
  EXPECT_EQ(read.due, record.due);
  EXPECT_EQ(read.started, record.started);
  EXPECT_EQ(read.finished, record.finished);
  EXPECT_EQ(read.holder, "a");
  EXPECT_EQ(read.error, "the disk is full");
  EXPECT_EQ(read.runs, 8);
  EXPECT_EQ(read.failures, 2);
  EXPECT_EQ(leases().tasks().value().size(), 1u);
}

TEST_P(LeaseStoreTest, a_lost_lease_writes_nothing) {
  const auto paused = take("a", start_).value();
  const auto newer = take("b", start_ + seconds(31)).value();
  TaskRecord record;
  record.task = "sweep";
  record.holder = "b";
  EXPECT_TRUE(leases().save(record, newer).value());
  record.holder = "a";
  EXPECT_FALSE(leases().save(record, paused).value());
  EXPECT_EQ(leases().task("sweep").value()->holder, "b");
  record.task = "scan";
  EXPECT_FALSE(leases().save(record, paused).value());
  EXPECT_FALSE(leases().task("scan").value()) << "nor a new one";
}

TEST_P(LeaseStoreTest, of_two_stores_over_one_database_one_gets_it) {
  const auto other = database_->open();
  const auto first = take("a", start_);
  ASSERT_TRUE(first);
  EXPECT_FALSE(other->leases().take("sweep", "b", start_, start_ + seconds(30)).value());
  EXPECT_TRUE(leases().give_back(*first).value());
  EXPECT_TRUE(other->leases().take("sweep", "b", start_, start_ + seconds(30)).value());
}

TEST_P(LeaseStoreTest, of_many_who_want_it_at_once_one_gets_it) {
  std::vector<std::thread> workers;
  std::atomic<int> taken = 0;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      if (take("a", start_)) ++taken;
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace costagent
