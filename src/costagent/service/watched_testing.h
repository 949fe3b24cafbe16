// For tests of a watched folder: one in which bills are written, looked at and taken in, on a store of its own.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "costagent/queue/store_queue.h"
#include "costagent/service/watched_folder.h"
#include "costagent/store/open_store.h"

namespace costagent {

inline constexpr const char* kHeader =
    "ServiceName,BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n";

class WatchedFolderTest : public testing::Test {
 protected:
  WatchedFolderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "watched-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    queue_ = std::make_unique<StoreQueue>(store_->jobs(), clock_, StoreQueueOptions{.max_attempts = 2});
    std::filesystem::create_directories(folder_ / "bills/acme");
    begin_anew();
  }
  ~WatchedFolderTest() override {
    watched_.reset();
    queue_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // As another process would, which remembers nothing itself.
  void begin_anew() {
    watched_ = std::make_unique<WatchedFolder>(store_->watch(), store_->facts(), *queue_, clock_,
                                               WatchOptions{(folder_ / "bills").string()});
  }

  std::filesystem::path path_of(const std::string& path) const { return folder_ / "bills/acme" / path; }

  // A bill of January 2025, a line a day. Written files are each a second newer than the one before.
  void write(const std::string& path, const std::string& cost, int first_day = 1, int last_day = 31,
             const char* month = "2025-01") {
    std::string text = kHeader;
    for (int day = first_day; day <= last_day; ++day)
      text += fmt::format("EC2,{},USD,Usage,{}-{:02} 00:00:00,AWS\n", cost, month, day);
    write_text(path, text);
  }
  void write_text(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(path_of(path).parent_path());
    std::ofstream(path_of(path), std::ios::binary) << text;
    touch(path);
  }
  void touch(const std::string& path) {
    std::filesystem::last_write_time(path_of(path),
                                     std::filesystem::file_time_type() + std::chrono::seconds(++written_));
  }

  base::Result<> look() {
    clock_.advance(std::chrono::seconds(10));
    const TaskRun run(clock_, {"task", "test", clock_.utc() + std::chrono::hours(1), 1});
    return watched_->task().work(run);
  }
  std::optional<Job> claim() {
    return queue_->claim({"test", {WatchedFolder::kKind}, std::chrono::seconds(30)}).value();
  }
  base::Result<std::string> run(const Job& job) {
    JobContext context(base::Nanoseconds::max());
    return watched_->run(job, context);
  }
  // Looks until nothing moves any more; what the jobs said.
  std::vector<std::string> settle() {
    std::vector<std::string> results;
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(look());
      while (const auto job = claim()) {
        const auto result = run(*job);
        EXPECT_TRUE(result) << result.error().message;
        EXPECT_TRUE(queue_->finish(*job, result.value_or("")));
        watched_->ended(*job);
        results.push_back(result.value_or(""));
      }
    }
    return results;
  }

  std::string total(const char* from = "2020-01-01", const char* to = "2030-01-01") {
    TotalsQuery query;
    query.customer = "acme";
    query.period = {base::parse_day(from).value(), base::parse_day(to).value()};
    const auto page = store_->facts().totals(query).value();
    return page.sum.empty() ? "none" : page.sum[0].costs.billed.to_string();
  }
  WatchedFile remembered(const std::string& path) {
    const auto files = store_->watch().files("acme").value();
    for (const WatchedFile& file : files) {
      if (file.path == path) return file;
    }
    ADD_FAILURE() << path;
    return {};
  }
  std::size_t jobs(JobState state) { return queue_->list({.state = state}).value().size(); }

  base::FakeClock clock_{base::UtcTime(std::chrono::hours(500'000))};
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<StoreQueue> queue_;
  std::unique_ptr<WatchedFolder> watched_;
  int written_ = 0;
};

}  // namespace costagent
