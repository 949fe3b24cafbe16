#include "costagent/service/schedule.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <new>
#include <optional>
#include <stdexcept>

#include "costagent/store/open_store.h"
#include "support/failing_memory.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using std::chrono::seconds;

// A store in which something happens just before a lease is taken.
class Interrupted final : public LeaseStore {
 public:
  explicit Interrupted(LeaseStore& store) : store_(store) {}
  std::function<void()> before_take = [] {};

  base::Result<std::optional<Lease>> take(const std::string& name, const std::string& holder, base::UtcTime now,
                                          base::UtcTime until) override {
    before_take();
    return store_.take(name, holder, now, until);
  }
  base::Result<std::optional<Lease>> lease(const std::string& name) override { return store_.lease(name); }
  base::Result<bool> extend(const Lease& lease, base::UtcTime until) override { return store_.extend(lease, until); }
  base::Result<bool> give_back(const Lease& lease) override { return store_.give_back(lease); }
  base::Result<std::optional<TaskRecord>> task(const std::string& name) override { return store_.task(name); }
  base::Result<std::vector<TaskRecord>> tasks() override { return store_.tasks(); }
  base::Result<bool> save(const TaskRecord& record, const Lease& lease) override { return store_.save(record, lease); }

 private:
  LeaseStore& store_;
};

// Two processes that share a database, each with its own connections and its own schedule of one task.
class ScheduleTest : public testing::Test {
 protected:
  struct Process {
    std::unique_ptr<Store> store;
    std::unique_ptr<Schedule> schedule;
    int runs = 0;
    // What a run does besides counting.
    std::function<base::Result<>(const TaskRun&)> act = [](const TaskRun&) { return base::Result<>(); };
  };

  ScheduleTest() {
    std::string name = (fs::temp_directory_path() / "schedule-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    begin(one_, "one");
    begin(two_, "two");
  }
  ~ScheduleTest() override {
    for (Process* process : {&one_, &two_}) {
      process->schedule.reset();
      process->store.reset();
    }
    fs::remove_all(folder_);
  }

  void begin(Process& process, const std::string& holder) {
    process.store = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    process.schedule = std::make_unique<Schedule>(process.store->leases(), clock_,
                                                  ScheduleOptions{.holder = holder, .lease = seconds(30), .seed = 1});
    Task task;
    task.name = "sweep";
    task.interval = minutes(10);
    task.jitter = 0;
    task.limit = minutes(5);
    task.work = [&process](const TaskRun& run) {
      ++process.runs;
      return process.act(run);
    };
    process.schedule->add(std::move(task));
  }

  TaskRecord record() { return one_.store->leases().task("sweep").value().value(); }

  fs::path folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(500'000))};
  Process one_;
  Process two_;
};

TEST_F(ScheduleTest, each_due_time_is_run_once_whoever_comes_first) {
  for (int hour = 0; hour < 6; ++hour) {
    for (int i = 0; i < 60; ++i) {
      // Now the one looks first, now the other.
      (i % 2 == hour % 2 ? one_ : two_).schedule->run_due();
      (i % 2 == hour % 2 ? two_ : one_).schedule->run_due();
      clock_.advance(minutes(1));
    }
  }
  EXPECT_EQ(one_.runs + two_.runs, 36) << one_.runs << " and " << two_.runs;
  EXPECT_EQ(record().runs, 36);
  EXPECT_EQ(record().failures, 0);
}

TEST_F(ScheduleTest, says_when_to_look_again) {
  const auto start = clock_.utc();
  EXPECT_EQ(one_.schedule->run_due(), start + minutes(1)) << "the clock may be set back";
  EXPECT_EQ(record().due, start + minutes(10));
  clock_.advance(minutes(9) + seconds(30));
  EXPECT_EQ(one_.schedule->run_due(), start + minutes(10));
  EXPECT_EQ(one_.runs, 1);
}

TEST_F(ScheduleTest, a_due_time_far_away_is_looked_at_again_as_the_clock_may_be_wrong) {
  one_.schedule->run_due();
  LeaseStore& leases = one_.store->leases();
  const auto lease = leases.take("task sweep", "somebody", clock_.utc(), clock_.utc() + seconds(1)).value().value();
  auto sooner = record();
  sooner.due = clock_.utc() + minutes(1);
  ASSERT_TRUE(leases.save(sooner, lease).value());
  clock_.advance(minutes(1));
  one_.schedule->run_due();
  EXPECT_EQ(one_.runs, 2);
}

TEST_F(ScheduleTest, jitter_puts_a_due_time_off_by_its_share_at_most) {
  std::vector<base::Nanoseconds> waits;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Schedule jittered(one_.store->leases(), clock_, {.holder = "x", .seed = seed});
    Task task;
    task.name = fmt::format("task_{}", seed);
    task.interval = minutes(100);
    task.jitter = 0.1;
    task.work = [](const TaskRun&) { return base::Result<>(); };
    jittered.add(std::move(task));
    jittered.run_due();
    waits.push_back(one_.store->leases().task(fmt::format("task_{}", seed)).value()->due - clock_.utc());
  }
  const auto [least, most] = std::minmax_element(waits.begin(), waits.end());
  EXPECT_GE(*least, minutes(100));
  EXPECT_LE(*most, minutes(110));
  EXPECT_GT(*most - *least, minutes(5));
}

TEST_F(ScheduleTest, what_runs_elsewhere_is_not_run_again_however_long_it_takes) {
  one_.act = [this](const TaskRun& run) {
    for (int i = 0; i < 24; ++i) {
      clock_.advance(seconds(10));
      one_.schedule->extend();
      two_.schedule->run_due();
      EXPECT_TRUE(run.go_on());
    }
    return base::Result<>();
  };
  one_.schedule->run_due();
  EXPECT_EQ(two_.runs, 0);
  EXPECT_EQ(record().holder, "one");
  EXPECT_EQ(record().runs, 1);
}

TEST_F(ScheduleTest, what_was_run_between_the_look_and_the_lease_is_not_run_again) {
  Interrupted store(one_.store->leases());
  Schedule late(store, clock_, {.holder = "late"});
  int runs = 0;
  Task task;
  task.name = "sweep";
  task.work = [&runs](const TaskRun&) {
    ++runs;
    return base::Result<>();
  };
  late.add(std::move(task));
  store.before_take = [this] { two_.schedule->run_due(); };
  late.run_due();
  EXPECT_EQ(two_.runs, 1);
  EXPECT_EQ(runs, 0);
  EXPECT_LE(one_.store->leases().lease("task sweep").value()->until, clock_.utc()) << "it was given back";
}

TEST_F(ScheduleTest, a_run_whose_process_died_is_begun_anew_once_its_lease_is_over) {
  // Held, and begun, by who is no more.
  const auto start = clock_.utc();
  LeaseStore& leases = one_.store->leases();
  const auto left = leases.take("task sweep", "dead", start, start + seconds(30)).value().value();
  ASSERT_TRUE(leases.save(TaskRecord{.task = "sweep", .started = start}, left).value());
  EXPECT_EQ(two_.schedule->run_due(), start + seconds(30)) << "looks again at the lease's end";
  clock_.advance(seconds(29));
  two_.schedule->run_due();
  EXPECT_EQ(two_.runs, 0);
  clock_.advance(seconds(1));
  two_.schedule->run_due();
  EXPECT_EQ(two_.runs, 1);
  EXPECT_EQ(record().holder, "two");
}

TEST_F(ScheduleTest, who_was_paused_for_longer_than_its_lease_can_do_no_harm) {
  bool told = false;
  one_.act = [&](const TaskRun& run) {
    clock_.advance(seconds(31));  // asleep
    two_.schedule->run_due();
    // Awake, before it hears from anybody.
    const auto go_on = run.go_on();
    told = !go_on && go_on.error().kind == base::ErrorKind::conflict;
    EXPECT_FALSE(one_.store->leases().save(TaskRecord{.task = "sweep"}, run.lease()).value());
    return base::Result<>();
  };
  one_.schedule->run_due();
  EXPECT_TRUE(told);
  EXPECT_EQ(two_.runs, 1);
  EXPECT_EQ(record().holder, "two") << "the end of the paused one does not count";
  EXPECT_EQ(record().runs, 1);
  EXPECT_EQ(one_.schedule->counts()[0].lost, 1u);
  EXPECT_EQ(one_.schedule->counts()[0].done, 0u);
  EXPECT_EQ(two_.schedule->counts()[0].done, 1u);
}

TEST_F(ScheduleTest, extending_a_lost_lease_tells_the_run) {
  one_.act = [&](const TaskRun& run) {
    // Taken by another whose clock is ahead.
    const auto now = clock_.utc() + seconds(40);
    EXPECT_TRUE(two_.store->leases().take("task sweep", "two", now, now + seconds(30)).value());
    EXPECT_TRUE(run.go_on());
    one_.schedule->extend();
    EXPECT_EQ(run.go_on().error().kind, base::ErrorKind::conflict);
    return base::Result<>();
  };
  one_.schedule->run_due();
  EXPECT_EQ(one_.schedule->counts()[0].lost, 1u);
}

TEST_F(ScheduleTest, a_run_that_hangs_is_not_kept_for_ever) {
  one_.act = [&](const TaskRun& run) {
    for (int i = 0; i < 40; ++i) {
      clock_.advance(seconds(10));
      one_.schedule->extend();
      two_.schedule->run_due();
    }
    EXPECT_FALSE(run.go_on());
    return base::Result<>();
  };
  one_.schedule->run_due();
  EXPECT_EQ(two_.runs, 1) << "after the limit of five minutes";
  EXPECT_EQ(record().holder, "two");
}

TEST_F(ScheduleTest, a_run_whose_end_finds_no_memory_is_not_kept) {
  std::optional<testing_support::FailingAllocation> failing;
  one_.act = [&](const TaskRun&) -> base::Result<> {
    const std::runtime_error error("what a library says, and at some length");
    failing.emplace(0);
    throw error;
  };
  EXPECT_THROW(one_.schedule->run_due(), std::bad_alloc);
  clock_.advance(seconds(20));
  one_.schedule->extend();
  clock_.advance(seconds(11));
  two_.schedule->run_due();
  EXPECT_EQ(two_.runs, 1) << "the lease of the first was extended";
}

TEST_F(ScheduleTest, a_failed_run_is_told_and_waits_for_the_next_time) {
  one_.act = [](const TaskRun&) { return base::fail(base::ErrorKind::io, "the folder is gone"); };
  one_.schedule->run_due();
  two_.schedule->run_due();
  EXPECT_EQ(two_.runs, 0);
  EXPECT_EQ(record().error, "the folder is gone");
  EXPECT_EQ(record().failures, 1);
  EXPECT_EQ(one_.schedule->counts()[0].failed, 1u);
  clock_.advance(minutes(10));
  two_.schedule->run_due();
  EXPECT_EQ(record().error, "");
  EXPECT_EQ(record().runs, 2);
  one_.act = [](const TaskRun&) -> base::Result<> { throw std::bad_alloc(); };
  clock_.advance(minutes(10));
  one_.schedule->run_due();
  EXPECT_EQ(record().failures, 2) << "what is thrown is a failure, too";
}

TEST_F(ScheduleTest, times_that_nobody_was_there_for_are_not_made_up_for) {
  one_.schedule->run_due();
  clock_.advance(std::chrono::hours(24));
  one_.schedule->run_due();
  two_.schedule->run_due();
  clock_.advance(minutes(9));
  one_.schedule->run_due();
  EXPECT_EQ(one_.runs + two_.runs, 2);
}

TEST_F(ScheduleTest, stopping_puts_off_what_runs_to_another_process) {
  std::promise<void> began;
  one_.act = [&](const TaskRun& run) -> base::Result<> {
    began.set_value();
    for (;;) {
      if (auto go_on = run.go_on(); !go_on) return go_on;
      std::this_thread::yield();
    }
  };
  one_.schedule->start();
  began.get_future().wait();
  EXPECT_TRUE(one_.schedule->stop(seconds(20)));
  EXPECT_EQ(record().runs, 0);
  two_.schedule->run_due();
  EXPECT_EQ(two_.runs, 1) << "the lease was given back and the time is still due";
}

}  // namespace
}  // namespace costagent
