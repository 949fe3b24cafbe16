// One store and several queues over it, in threads and in processes, some of which are killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <thread>

#include "base/unique_fd.h"
#include "costagent/queue/store_queue.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// A line of text from another process, or all that it wrote before it ended.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    out_.reset(ends[0]);
    in_.reset(ends[1]);
  }
  void write(const std::string& line) const {
    const std::string text = line + "\n";
    if (::write(in_.get(), text.data(), text.size()) < 0) ::_exit(9);
  }
  void close_writing() { in_.reset(); }
  // Empty once everybody has closed it.
  std::string line() const {
    std::string text;
    for (char c = 0; ::read(out_.get(), &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }

 private:
  base::UniqueFd out_;
  base::UniqueFd in_;
};

class SharedStoreTest : public testing::Test {
 protected:
  SharedStoreTest() {
    std::string name = (fs::temp_directory_path() / "shared-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SharedStoreTest() override { fs::remove_all(folder_); }

  // A process's own way to the jobs, as all of it has: nothing is shared but the file.
  struct Access {
    explicit Access(const fs::path& folder, const base::Clock& clock, std::uint64_t seed = 1)
        : store(open_store("sqlite:" + (folder / "costs.db").string()).value()),
          queue(store->jobs(), clock, {.seed = seed}) {}
    std::unique_ptr<Store> store;
    StoreQueue queue;
  };

  static std::optional<Job> claim(Access& access) { return access.queue.claim({"worker", {"collect"}, 10s}).value(); }

  // Runs `work` in a process that is left by _exit, as it must not clean up what is this one's.
  template <class Work>
  static pid_t in_child(Work work) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    work();
    ::_exit(0);
  }

  fs::path folder_;
  base::FakeClock clock_{base::UtcTime(std::chrono::hours(480'000))};
};

TEST_F(SharedStoreTest, threads_with_queues_of_their_own_never_run_the_same_job) {
  constexpr int kJobs = 200;
  Access pusher(folder_, clock_);
  for (int i = 0; i < kJobs; ++i) ASSERT_TRUE(pusher.queue.push({"collect", "customer" + std::to_string(i % 7)}));
  std::vector<std::vector<std::string>> ran(4);
  std::vector<std::thread> threads;
  Access first(folder_, clock_);
  Access second(folder_, clock_);
  for (std::size_t i = 0; i < ran.size(); ++i) {
    threads.emplace_back([&, i] {
      Access& access = i % 2 == 0 ? first : second;
      while (const auto job = claim(access)) {
        ran[i].push_back(job->id);
        EXPECT_EQ(access.queue.finish(*job, "{}").value(), JobState::done);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::multiset<std::string> all;
  for (const auto& some : ran) all.insert(some.begin(), some.end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ((std::set<std::string>(all.begin(), all.end()).size()), static_cast<std::size_t>(kJobs));
}

TEST_F(SharedStoreTest, processes_never_run_the_same_job) {
  constexpr std::size_t kJobs = 100;
  {
    Access pusher(folder_, clock_);
    for (std::size_t i = 0; i < kJobs; ++i) ASSERT_TRUE(pusher.queue.push({"collect", "acme"}));
  }
  Pipe told;
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(in_child([&] {
      Access access(folder_, clock_);
      while (const auto job = claim(access)) {
        told.write(job->id);
        if (!access.queue.finish(*job, "{}")) ::_exit(1);
      }
    }));
  }
  told.close_writing();
  std::vector<std::string> ran;
  for (std::string id = told.line(); !id.empty(); id = told.line()) ran.push_back(id);
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(ran.size(), kJobs);
  EXPECT_EQ((std::set<std::string>(ran.begin(), ran.end()).size()), kJobs);
}

TEST_F(SharedStoreTest, the_job_of_a_killed_process_is_run_by_another) {
  std::string id;
  {
    Access pusher(folder_, clock_);
    id = pusher.queue.push({"collect", "acme"})->id;
  }
  Pipe told;
  const pid_t child = in_child([&] {
    Access access(folder_, clock_);
    told.write(claim(access)->id);
    ::pause();
  });
  EXPECT_EQ(told.line(), id);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  Access other(folder_, clock_);
  EXPECT_FALSE(claim(other)) << "nobody knows yet that it is gone";
  clock_.advance(10s);
  const auto job = claim(other);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, id);
  EXPECT_EQ(job->attempts, 2);
  EXPECT_EQ(other.queue.finish(*job, "{}").value(), JobState::done);
}

TEST_F(SharedStoreTest, of_those_who_push_the_same_at_once_all_get_the_same_job) {
  std::vector<std::string> ids(8);
  std::vector<std::unique_ptr<Access>> access;
  for (std::size_t i = 0; i < ids.size(); ++i) access.push_back(std::make_unique<Access>(folder_, clock_, i));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&, i] {
      NewJob job{"collect", "acme"};
      job.key = "collect:a.csv";
      ids[i] = access[i]->queue.push(job)->id;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((std::set<std::string>(ids.begin(), ids.end()).size()), 1u);
  EXPECT_EQ(access[0]->queue.counts()->queued, 1u);
}

}  // namespace
}  // namespace costagent
