#include "costagent/service/watched_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/service/watched_testing.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST_F(WatchedFolderTest, a_file_is_taken_in_by_a_job_once_it_was_the_same_in_two_looks) {
  write("2025-01.csv", "1");
  ASSERT_TRUE(look());
  EXPECT_FALSE(claim());
  write("2025-01.csv", "2");  // goes on being written
  begin_anew();
  ASSERT_TRUE(look());
  EXPECT_FALSE(claim());
  ASSERT_TRUE(look());
  const auto job = claim();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->customer, "acme");
  EXPECT_EQ(remembered("2025-01.csv").job, job->id);
  const auto result = run(*job).value();
  EXPECT_THAT(result, HasSubstr(R"("files":1,"failed":0,"charges":31)"));
  EXPECT_EQ(total(), "62");
  EXPECT_EQ(remembered("2025-01.csv").state, WatchedState::taken);
  EXPECT_EQ(watched_->use().taken, 1u);
  EXPECT_EQ(watched_->use().seen, 0u) << "by this process; it was fresh when it came";
}

TEST_F(WatchedFolderTest, what_was_taken_in_is_not_again_whichever_process_looks) {
  write("2025-01.csv", "1");
  EXPECT_EQ(settle().size(), 1u);
  begin_anew();
  EXPECT_TRUE(settle().empty());
  touch("2025-01.csv");
  EXPECT_THAT(settle().at(0), HasSubstr(R"("files":0,"failed":0,"charges":0,"duplicates":0)"));
  EXPECT_EQ(total(), "31");
}

TEST_F(WatchedFolderTest, a_month_is_replaced_by_what_is_written_over_it_be_it_less) {
  write("2025-01.csv", "1");
  settle();
  write("2025-01.csv", "2", 1, 20);
  settle();
  EXPECT_EQ(total(), "40");
  write("2025-01.csv", "1");
  settle();
  EXPECT_EQ(total(), "31") << "back to the bytes it had once";
  EXPECT_TRUE(settle().empty());
}

TEST_F(WatchedFolderTest, an_older_file_beside_the_one_that_replaced_it_does_not_come_back) {
  write("january.csv", "1");
  settle();
  write("january-restated.csv", "2");
  settle();
  EXPECT_EQ(total(), "62");
  EXPECT_TRUE(settle().empty());
  touch("january.csv");
  settle();
  EXPECT_EQ(total(), "62");
}

TEST_F(WatchedFolderTest, of_files_that_are_all_there_at_the_beginning_the_last_written_counts) {
  write("b.csv", "1");
  write("a.csv", "2");
  write("costs-2025-02-01.csv", "1", 1, 1, "2025-02");
  write("costs-2025-02-02.csv", "1", 1, 2, "2025-02");
  EXPECT_EQ(settle().size(), 1u);
  EXPECT_EQ(total(), "64");
}

TEST_F(WatchedFolderTest, parts_in_a_folder_are_one_delivery_and_bring_each_other_along) {
  write("export/part-0001.csv", "1");
  write("export/part-0002.csv", "10");
  settle();
  EXPECT_EQ(total(), "341");
  write("export/part-0002.csv", "20");
  settle();
  EXPECT_EQ(total(), "651") << "the first part with the second one's new state";
  write("export/part-0003.csv", "100");
  settle();
  EXPECT_EQ(total(), "3751");
  EXPECT_TRUE(settle().empty());
}

TEST_F(WatchedFolderTest, parts_wait_for_the_one_that_is_still_written) {
  write("part-0001.csv", "1");
  ASSERT_TRUE(look());
  write("part-0002.csv", "10");
  ASSERT_TRUE(look());
  EXPECT_FALSE(claim());
  settle();
  EXPECT_EQ(total(), "341");
}

TEST_F(WatchedFolderTest, a_file_a_month_replaces_no_other_month) {
  for (const char* name : {"2025-{}.csv", "aws/2025-{}.csv", "aws/month{}/bill.csv", "all/{}.csv"}) {
    const std::string pattern = name;
    const std::string customer = pattern.substr(0, pattern.find('{'));
    write(fmt::format(fmt::runtime(pattern), "01"), "1", 1, 28);
    settle();
    write(fmt::format(fmt::runtime(pattern), "02"), "2", 1, 28, "2025-02");
    settle();
    EXPECT_EQ(total("2025-01-01", "2025-02-01"), "28") << pattern;
    EXPECT_EQ(total("2025-02-01", "2025-03-01"), "56") << pattern;
    write(fmt::format(fmt::runtime(pattern), "02"), "3", 1, 28, "2025-02");
    settle();
    EXPECT_EQ(total(), "112") << pattern;
  }
}

TEST_F(WatchedFolderTest, what_is_no_bill_is_told_once_and_left_alone_until_it_changes) {
  write_text("notes.txt", "nothing of interest");
  write("2025-01.csv", "1");
  const auto results = settle();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_THAT(results[0], HasSubstr(R"("files":1,"failed":1)"));
  EXPECT_THAT(results[0], HasSubstr("notes.txt"));
  EXPECT_THAT(results[0], Not(HasSubstr(folder_.string())));
  EXPECT_EQ(watched_->use().failed, 1u);
  EXPECT_EQ(remembered("notes.txt").state, WatchedState::failed);
  EXPECT_THAT(remembered("notes.txt").error, HasSubstr("notes.txt"));
  EXPECT_TRUE(settle().empty());
  write("notes.txt", "2", 1, 1, "2025-02");
  settle();
  EXPECT_EQ(total(), "33");
}

TEST_F(WatchedFolderTest, a_note_beside_parts_is_no_part) {
  write("export/a.csv", "1");
  write("export/b.csv", "2");
  write_text("export/README", "made by hand");
  settle();
  EXPECT_EQ(total(), "93");
  EXPECT_EQ(remembered("export/README").state, WatchedState::failed);
}

TEST_F(WatchedFolderTest, a_part_that_is_damaged_keeps_the_others_from_being_half_a_month) {
  write("export/a.csv", "1");
  write_text("export/b.csv", "\x1f\x8b\x08");
  settle();
  EXPECT_EQ(total(), "none");
  EXPECT_THAT(remembered("export/a.csv").error, HasSubstr("export/b.csv: its packed data end too soon"));
  write("export/c.csv", "5");
  settle();
  EXPECT_EQ(total(), "none");
  write("export/b.csv", "2");
  settle();
  EXPECT_EQ(total(), "248");
  EXPECT_TRUE(settle().empty());
}

TEST_F(WatchedFolderTest, a_new_bill_of_some_of_the_days_is_refused) {
  write("january.csv", "1");
  settle();
  write("correction.csv", "5", 10, 12);
  settle();
  EXPECT_EQ(total(), "31");
  EXPECT_EQ(remembered("correction.csv").state, WatchedState::failed);
  EXPECT_THAT(remembered("correction.csv").error, HasSubstr("2025-01-10 to 2025-01-12"));
  EXPECT_TRUE(settle().empty());
}

TEST_F(WatchedFolderTest, what_goes_leaves_its_charges_and_may_come_back) {
  write("january.csv", "1");
  settle();
  fs::rename(path_of("january.csv"), folder_ / "kept");
  EXPECT_TRUE(settle().empty());
  EXPECT_EQ(total(), "31");
  EXPECT_EQ(remembered("january.csv").state, WatchedState::gone);
  fs::rename(folder_ / "kept", path_of("january.csv"));
  settle();
  EXPECT_EQ(remembered("january.csv").state, WatchedState::taken);
  EXPECT_EQ(total(), "31");
  fs::remove(path_of("january.csv"));
  settle();
  clock_.advance(std::chrono::hours(24 * 91));
  settle();
  EXPECT_TRUE(store_->watch().files("acme").value().empty()) << "in the end it is forgotten";
}

TEST_F(WatchedFolderTest, customers_are_told_apart_and_one_that_cannot_be_is_passed_over) {
  write("../globex/january.csv", "5");
  write("../no customer/january.csv", "7");
  write("january.csv", "1");
  std::set<std::string> changed;
  watched_->when_changed([&](const std::string& customer) { changed.insert(customer); });
  EXPECT_EQ(settle().size(), 2u);
  EXPECT_EQ(changed, (std::set<std::string>{"acme", "globex"}));
  EXPECT_EQ(total(), "31");
}

TEST_F(WatchedFolderTest, a_restated_month_comes_by_its_manifest_and_what_none_lists_is_passed_over) {
  const auto manifest = [&](const char* run) {
    write_text(
        fmt::format("aws/{}/cur-Manifest.json", run),
        fmt::format(R"({{"assemblyId": "{0}", "reportName": "cur", "reportKeys": ["cur/{0}/a.csv", "cur/{0}/b.csv"],
      "billingPeriod": {{"start": "20250101T000000.000Z", "end": "20250201T000000.000Z"}}}})",
                    run));
  };
  write("aws/one/a.csv", "1");
  write("aws/one/b.csv", "2");
  manifest("one");
  settle();
  EXPECT_EQ(total(), "93");
  write("aws/two/a.csv", "3", 1, 20);
  settle();
  EXPECT_EQ(total(), "93") << "half a month, as its manifest has not come";
  EXPECT_EQ(remembered("aws/two/a.csv").state, WatchedState::passed);
  manifest("two");
  settle();
  EXPECT_EQ(remembered("aws/two/cur-Manifest.json").state, WatchedState::failed);
  EXPECT_EQ(total(), "93");
  write("aws/two/b.csv", "1", 1, 20);
  settle();
  EXPECT_EQ(total(), "80");
  EXPECT_EQ(remembered("aws/two/a.csv").state, WatchedState::taken);
  EXPECT_EQ(remembered("aws/two/cur-Manifest.json").state, WatchedState::taken);
  EXPECT_TRUE(settle().empty());
}

}  // namespace
}  // namespace costagent
