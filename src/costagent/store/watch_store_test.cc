#include "costagent/domain/watch_store.h"

#include <gtest/gtest.h>

#include <thread>

#include "costagent/store/contract_test.h"

namespace costagent {
namespace {

class WatchStoreTest : public ContractTest {
 protected:
  WatchStore& watch() { return store_->watch(); }
  static WatchedFile file(const std::string& path) { return {.path = path, .stamp = {7, 8, 9}}; }
  std::size_t save(const WatchedFile& file, const std::string& customer = "acme") {
    return watch().save(customer, {&file, 1}).value();
  }
  std::vector<WatchedFile> files(const std::string& customer = "acme") { return watch().files(customer).value(); }
};

INSTANTIATE_TEST_SUITE_P(Stores, WatchStoreTest, every_store(), name_of_kind);

TEST_P(WatchStoreTest, a_file_is_read_as_it_was_saved) {
  WatchedFile saved;
  saved.path = std::string("2025/J\xE4n, \"new\".csv");
  saved.stamp = {std::int64_t{1} << 40, 1'767'225'600'123'456'789, 1'767'225'600'999'999'999};
  saved.state = WatchedState::failed;
  saved.digest = "e3b0c442";
  saved.job = "0803c33a13df6a29";
  saved.error = "it is \xFF no bill";
  saved.due = base::UtcTime(std::chrono::milliseconds(1'767'225'600'123));
  saved.since = base::UtcTime(std::chrono::milliseconds(1'767'225'600'124));
  EXPECT_EQ(save(saved), 1u);
  const auto read = files();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].path, saved.path);
  EXPECT_EQ(read[0].stamp, saved.stamp);
  EXPECT_EQ(read[0].state, WatchedState::failed);
  EXPECT_EQ(read[0].digest, saved.digest);
  EXPECT_EQ(read[0].job, saved.job);
  EXPECT_EQ(read[0].error, saved.error);
  EXPECT_EQ(read[0].due, saved.due);
  EXPECT_EQ(read[0].since, saved.since);
  EXPECT_EQ(read[0].revision, 1);
}

TEST_P(WatchStoreTest, files_are_their_customers_and_in_the_order_of_their_paths) {
  const WatchedFile two[] = {file("b.csv"), file("a/c.csv")};
  EXPECT_EQ(watch().save("acme", two).value(), 2u);
  save(file("b.csv"), "globex");
  ASSERT_EQ(files().size(), 2u);
  EXPECT_EQ(files()[0].path, "a/c.csv");
  EXPECT_EQ(files()[1].path, "b.csv");
  EXPECT_EQ(files("globex").size(), 1u);
  EXPECT_TRUE(files("none").empty());
  EXPECT_EQ(watch().save("acme", {}).value(), 0u);
}

TEST_P(WatchStoreTest, what_somebody_else_has_saved_since_it_was_read_is_left_as_it_is) {
  save(file("a.csv"));
  WatchedFile mine = files()[0];
  WatchedFile theirs = mine;
  theirs.state = WatchedState::taken;
  EXPECT_EQ(save(theirs), 1u);
  mine.state = WatchedState::failed;
  EXPECT_EQ(save(mine), 0u);
  EXPECT_EQ(save(file("a.csv")), 0u) << "nor is it new";
  EXPECT_EQ(files()[0].state, WatchedState::taken);
  EXPECT_EQ(files()[0].revision, 2);
  const WatchedFile both[] = {mine, file("b.csv")};
  EXPECT_EQ(watch().save("acme", both).value(), 1u) << "the others are written";
  EXPECT_EQ(files().size(), 2u);
}

TEST_P(WatchStoreTest, of_two_who_save_the_same_at_once_one_does) {
  save(file("a.csv"));
  const WatchedFile read = files()[0];
  std::size_t saved[2] = {};
  std::vector<std::thread> savers;
  for (std::size_t& each : saved) savers.emplace_back([&] { each = save(read); });
  for (std::thread& saver : savers) saver.join();
  EXPECT_EQ(saved[0] + saved[1], 1u);
}

TEST_P(WatchStoreTest, what_is_forgotten_may_be_new_again) {
  save(file("a.csv"));
  save(file("b.csv"));
  const std::string paths[] = {"a.csv", "c.csv"};
  ASSERT_TRUE(watch().forget("acme", paths));
  ASSERT_TRUE(watch().forget("acme", {}));
  ASSERT_EQ(files().size(), 1u);
  EXPECT_EQ(files()[0].path, "b.csv");
  EXPECT_EQ(save(file("a.csv")), 1u);
}

TEST_P(WatchStoreTest, files_of_all_customers_are_counted_by_state) {
  EXPECT_TRUE(watch().counts().value().empty());
  WatchedFile taken = file("a.csv");
  taken.state = WatchedState::taken;
  save(taken);
  save(taken, "globex");
  save(file("b.csv"));
  const auto counts = watch().counts().value();
  EXPECT_EQ(counts, (std::map<WatchedState, std::size_t>{{WatchedState::fresh, 1}, {WatchedState::taken, 2}}));
}

}  // namespace
}  // namespace costagent
