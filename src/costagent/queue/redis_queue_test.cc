// Against the real Redis, which is killed and started again.
#include "costagent/queue/redis_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <future>

#include "costagent/queue/open_queue.h"
#include "costagent/store/open_store.h"
#include "support/databases.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing_support::RedisServer;

// Without Redis, or with a wake-up that is missed, a worker that sweeps so seldom waits until the test is given up.
constexpr auto kNeverSweep = std::chrono::hours(1);

class RedisQueueTest : public testing::Test {
 protected:
  RedisQueueTest() {
    std::string name = (fs::temp_directory_path() / "redis-queue-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~RedisQueueTest() override { fs::remove_all(folder_); }
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "Debian's package redis-server is not installed";
    redis_.emplace();
  }

  // A process's own way to the jobs, as another process would have it.
  struct Process {
    Process(const RedisQueueTest& test, const std::string& name, std::chrono::milliseconds sweep)
        : store(open_store("sqlite:" + (test.folder_ / "costs.db").string()).value()),
          queue(store->jobs(), test.clock_, {.seed = std::hash<std::string>()(name)},
                io::parse_redis_url(test.redis_->url()).value(),
                {.consumer = name, .sweep = sweep, .abandoned = 50ms, .reading = 100ms}) {}
    std::unique_ptr<Store> store;
    RedisQueue queue;
  };
  std::unique_ptr<Process> process(const std::string& name, std::chrono::milliseconds sweep = kNeverSweep) {
    auto made = std::make_unique<Process>(*this, name, sweep);
    until_listening(*made);
    return made;
  }
  static void until_listening(const Process& process, bool wanted = true) {
    while (process.queue.is_listening() != wanted) std::this_thread::yield();
  }

  static std::string push(Process& process) { return process.queue.push({"collect", "acme"})->id; }

  // What a worker does: asks, and waits where there is nothing. `asked` is told when that is so for the first time.
  static Job next(
      Process& process, const std::function<void()>& asked = [] {}) {
    for (bool told = false;; told = true) {
      const auto job = process.queue.claim({"worker", {"collect"}, 10s}).value();
      if (job) return *job;
      if (!told) asked();
      process.queue.wait(std::stop_token());
    }
  }
  // Of a worker that has asked in vain: from now on only being woken, or a sweep, leads to a job.
  static std::future<Job> idle_worker(Process& process) {
    const auto asked = std::make_shared<std::promise<void>>();
    auto job = std::async(std::launch::async, [&process, asked] { return next(process, [&] { asked->set_value(); }); });
    asked->get_future().wait();
    return job;
  }
  io::RedisReply ask(const std::vector<std::string>& words) const {
    auto redis = io::Redis::connect(io::parse_redis_url(redis_->url()).value(), 10s).value();
    return redis.command(words, 10s).value();
  }
  // Entries that were read and not acknowledged.
  std::int64_t pending() const { return ask({"XPENDING", "costagent:jobs", "workers"}).list.at(0).integer; }

  fs::path folder_;
  base::SystemClock clock_;
  std::optional<RedisServer> redis_;
};

TEST_F(RedisQueueTest, a_push_wakes_an_idle_worker_of_another_process) {
  const auto pusher = process("pusher");
  const auto worker = process("worker");
  for (int i = 0; i < 5; ++i) {
    auto claimed = idle_worker(*worker);
    const std::string id = push(*pusher);
    EXPECT_EQ(claimed.get().id, id);
  }
}

TEST_F(RedisQueueTest, every_idle_worker_is_woken_by_one_push_and_entries_are_acknowledged) {
  const auto first = process("first");
  const auto second = process("second");
  std::vector<std::future<Job>> claimed;
  for (int i = 0; i < 2; ++i) {
    claimed.push_back(idle_worker(*first));
    claimed.push_back(idle_worker(*second));
  }
  std::vector<std::string> pushed;
  for (int i = 0; i < 4; ++i) pushed.push_back(push(*first));
  std::vector<std::string> ran;
  for (auto& job : claimed) ran.push_back(job.get().id);
  EXPECT_THAT(ran, testing::UnorderedElementsAreArray(pushed));
  while (pending() > 0) std::this_thread::yield();
}

TEST_F(RedisQueueTest, what_is_given_back_or_tried_again_wakes_a_worker_too) {
  const auto holder = process("holder");
  const auto worker = process("worker");
  push(*holder);
  const Job held = next(*holder);
  auto claimed = idle_worker(*worker);
  ASSERT_TRUE(holder->queue.give_back(held));
  EXPECT_EQ(claimed.get().id, held.id);
  const Job again = holder->queue.find(held.id).value();
  ASSERT_TRUE(worker->queue.fail(again, "no bill", false));
  claimed = idle_worker(*worker);
  ASSERT_TRUE(holder->queue.retry(held.id));
  EXPECT_EQ(claimed.get().id, held.id);
}

TEST_F(RedisQueueTest, without_redis_jobs_are_found_by_asking_and_with_it_again_by_waking) {
  const auto pusher = process("pusher");
  const auto worker = process("worker");
  auto claimed = idle_worker(*worker);
  redis_->kill();
  std::string id = push(*pusher);
  EXPECT_EQ(claimed.get().id, id) << "whoever waited for Redis asks for itself";
  until_listening(*worker, false);
  id = push(*pusher);
  EXPECT_EQ(next(*worker).id, id);

  redis_->start();
  until_listening(*worker);
  until_listening(*pusher);
  // The pusher's own connection rests after a failure; what it says meanwhile goes unheard.
  for (std::string woken; woken != id;) {
    id = push(*pusher);
    if (ask({"XLEN", "costagent:jobs"}).integer > 0) {
      woken = id;
    } else {
      EXPECT_EQ(next(*worker).id, id);
    }
  }
  EXPECT_EQ(next(*worker).id, id);
  claimed = idle_worker(*worker);
  id = push(*pusher);
  EXPECT_EQ(claimed.get().id, id);
}

TEST_F(RedisQueueTest, a_queue_begins_without_redis_and_finds_it_later) {
  redis_->kill();
  Process worker(*this, "worker", kNeverSweep);
  const std::string id = push(worker);
  EXPECT_EQ(next(worker).id, id);
  redis_->start();
  until_listening(worker);
}

TEST_F(RedisQueueTest, what_nobody_was_woken_for_is_found_by_a_sweep) {
  const auto worker = process("worker", 50ms);
  auto claimed = idle_worker(*worker);
  // As a process would push for which Redis is away.
  StoreQueue pusher(worker->store->jobs(), clock_, {.seed = 7});
  const std::string id = pusher.push({"collect", "acme"})->id;
  EXPECT_EQ(claimed.get().id, id);
}

TEST_F(RedisQueueTest, a_stream_that_was_lost_under_the_workers_feet_is_begun_anew) {
  const auto pusher = process("pusher");
  const auto worker = process("worker");
  auto claimed = idle_worker(*worker);
  ask({"FLUSHALL"});
  std::string id = push(*pusher);
  EXPECT_EQ(claimed.get().id, id);
  until_listening(*worker);
  claimed = idle_worker(*worker);
  id = push(*pusher);
  EXPECT_EQ(claimed.get().id, id);
}

TEST_F(RedisQueueTest, what_a_process_read_before_it_died_wakes_another) {
  const auto pusher = process("pusher");
  push(*pusher);
  // As a process would have done that was killed before it could claim.
  const auto read = ask({"XREADGROUP", "GROUP", "workers", "dead", "COUNT", "1", "STREAMS", "costagent:jobs", ">"});
  ASSERT_EQ(read.list.size(), 1u);
  EXPECT_EQ(pending(), 1);
  const auto worker = process("worker");
  // One worker claims the job, and the other waits for what was read.
  next(*worker);
  auto claimed = idle_worker(*worker);
  while (pending() > 0) std::this_thread::yield();
  const std::string id = push(*pusher);
  EXPECT_EQ(claimed.get().id, id);
}

TEST_F(RedisQueueTest, a_stream_does_not_grow_without_end) {
  auto redis = io::Redis::connect(io::parse_redis_url(redis_->url()).value(), 10s).value();
  const auto pusher = process("pusher");
  for (int i = 0; i < 12'000; ++i) {
    ASSERT_TRUE(redis.command({"XADD", "costagent:jobs", "*", "job", "old"}, 10s));
  }
  push(*pusher);
  EXPECT_LE(ask({"XLEN", "costagent:jobs"}).integer, 10'200);
}

TEST_F(RedisQueueTest, a_process_that_ends_leaves_no_name_behind) {
  auto worker = process("worker");
  auto claimed = idle_worker(*worker);
  push(*worker);
  claimed.get();
  EXPECT_EQ(ask({"XINFO", "CONSUMERS", "costagent:jobs", "workers"}).list.size(), 1u);
  worker.reset();
  EXPECT_EQ(ask({"XINFO", "CONSUMERS", "costagent:jobs", "workers"}).list.size(), 0u);
}

TEST(OpenQueue, is_over_the_store_unless_a_redis_is_named) {
  std::string folder = (fs::temp_directory_path() / "open-queue-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto store = open_store("sqlite:" + folder + "/costs.db");
  fs::remove_all(folder);
  ASSERT_TRUE(store);
  const base::SystemClock clock;
  EXPECT_TRUE(open_queue("", "here", (*store)->jobs(), clock, {}));
  EXPECT_TRUE(open_queue("redis://127.0.0.1:1", "here", (*store)->jobs(), clock, {}));
  const auto wrong = open_queue("rabbit://:s3cret@host", "here", (*store)->jobs(), clock, {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field, "queue");
  EXPECT_EQ(check_queue_url("rabbit://host").error().field, "queue");
  EXPECT_TRUE(check_queue_url(""));
  EXPECT_THAT(wrong.error().message, testing::Not(testing::HasSubstr("s3cret")));
}

}  // namespace
}  // namespace costagent
