#include "costagent/service/watched_bills.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace costagent {
namespace {

namespace fs = std::filesystem;

bool are_one(const char* one, const char* other) { return bill_key(one) == bill_key(other); }

TEST(BillKey, in_the_customers_folder_files_are_one_bill_if_the_part_alone_differs) {
  EXPECT_TRUE(are_one("part-0001.csv", "part-0002.csv"));
  EXPECT_TRUE(are_one("costs-00001.csv.gz", "costs-00012.csv.gz"));
  EXPECT_TRUE(are_one("part_0_0001.csv", "part_1_0001.csv"));
  EXPECT_TRUE(are_one("000000000000.csv", "000000000001.csv"));
  EXPECT_TRUE(are_one("part-00000-4f0a9c1e-77b2-c000.csv", "part-00001-4f0a9c1e-77b2-c000.csv"));
  EXPECT_TRUE(are_one("2025-01-part1.csv", "2025-01-part2.csv"));
  EXPECT_FALSE(are_one("ec2.csv", "s3.csv"));
  EXPECT_FALSE(are_one("january.csv", "january-restated.csv"));
  EXPECT_FALSE(are_one("january-v1.csv", "january-v2.csv"));
  EXPECT_FALSE(are_one("january.csv", "january (1).csv"));
  EXPECT_FALSE(are_one("part-0001.csv", "part-0001.json"));
}

TEST(BillKey, a_date_is_no_number_of_a_part) {
  EXPECT_FALSE(are_one("2025-01.csv", "2025-02.csv"));
  EXPECT_FALSE(are_one("costs-2025-01-15.csv", "costs-2025-01-16.csv"));
  EXPECT_FALSE(are_one("costs_20250115.csv.gz", "costs_20250116.csv.gz"));
  EXPECT_FALSE(are_one("202501.csv", "202502.csv"));
  EXPECT_TRUE(are_one("costs-20251399.csv", "costs-20251398.csv")) << "there is no such month";
  EXPECT_TRUE(are_one("2025-01-0001.csv", "2025-01-0002.csv"));
}

TEST(BillKey, in_a_folder_of_its_own_all_is_one_bill_but_for_other_dates) {
  EXPECT_TRUE(are_one("2025-01/ec2.csv", "2025-01/s3.csv"));
  EXPECT_TRUE(are_one("aws/part-0001.csv", "aws/part-0002.csv"));
  EXPECT_FALSE(are_one("aws/part-0001.csv", "azure/part-0001.csv"));
  EXPECT_FALSE(are_one("aws/part-0001.csv", "part-0001.csv"));
  EXPECT_FALSE(are_one("aws/2025-01.csv", "aws/2025-02.csv"));
  EXPECT_FALSE(are_one("aws/costs-2025-01-15.csv", "aws/costs-2025-01-16.csv"));
  EXPECT_TRUE(are_one("aws/2025-01-ec2.csv", "aws/2025-01-s3.csv"));
}

class WatchedBillsTest : public testing::Test {
 protected:
  WatchedBillsTest() {
    std::string name = (fs::temp_directory_path() / "bills-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~WatchedBillsTest() override { fs::remove_all(folder_); }

  // Later ones are newer, as manifests are told apart by the time they were written at.
  void write(const std::string& path, const std::string& text = "x") {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << text;
    fs::last_write_time(folder_ / path, fs::file_time_type() + std::chrono::seconds(++written_));
    files_.push_back(path);
    std::sort(files_.begin(), files_.end());
  }
  void write_manifest(const std::string& path, const std::string& keys) {
    write(path, R"({"assemblyId": "a", "reportName": "cur", "reportKeys": [)" + keys +
                    R"(], "billingPeriod": {"start": "20250101T000000.000Z", "end": "20250201T000000.000Z"}})");
  }
  WatchedBills bills() const { return bills_of(folder_.string(), files_); }

  fs::path folder_;
  std::vector<std::string> files_;
  int written_ = 0;
};

TEST_F(WatchedBillsTest, a_manifest_speaks_for_its_folder_and_the_newest_one_counts) {
  write("aws/one/a.csv");
  write("aws/two/b.csv");
  write_manifest("aws/one/cur-Manifest.json", R"("cur/a.csv")");
  write_manifest("aws/two/cur-Manifest.json", R"("cur/b.csv")");
  write("azure/c.csv");
  write("d.csv");
  const auto found = bills();
  ASSERT_EQ(found.bills.size(), 3u);
  EXPECT_EQ(found.bills[0].manifest, "aws/two/cur-Manifest.json");
  EXPECT_EQ(found.bills[0].files, (std::vector<std::string>{"aws/two/b.csv", "aws/two/cur-Manifest.json"}));
  EXPECT_EQ(found.bills[1].files, std::vector<std::string>{"d.csv"});
  EXPECT_EQ(found.bills[2].files, std::vector<std::string>{"azure/c.csv"});
  EXPECT_EQ(found.passed, (std::vector<std::string>{"aws/one/a.csv", "aws/one/cur-Manifest.json"}));
  EXPECT_TRUE(found.broken.empty());
}

TEST_F(WatchedBillsTest, a_manifest_in_the_customers_folder_speaks_for_what_it_lists_alone) {
  write("data/a.csv");
  write("other.csv");
  write_manifest("cur-Manifest.json", R"("data/a.csv")");
  const auto found = bills();
  ASSERT_EQ(found.bills.size(), 2u);
  EXPECT_EQ(found.bills[0].files, (std::vector<std::string>{"cur-Manifest.json", "data/a.csv"}));
  EXPECT_EQ(found.bills[1].files, std::vector<std::string>{"other.csv"});
  EXPECT_TRUE(found.passed.empty());
}

TEST_F(WatchedBillsTest, a_manifest_whose_files_are_not_all_there_or_lie_elsewhere_brings_nothing) {
  write("aws/a.csv");
  write_manifest("aws/cur-Manifest.json", R"("aws/a.csv", "aws/b.csv")");
  write("gcp/c.csv");
  write_manifest("gcp/cur-Manifest.json", R"("gcp/link.csv")");
  fs::create_symlink(folder_ / "aws/a.csv", folder_ / "gcp/link.csv");
  const auto found = bills();
  EXPECT_TRUE(found.bills.empty());
  ASSERT_EQ(found.broken.size(), 2u);
  EXPECT_EQ(found.broken.at("aws/cur-Manifest.json").kind, base::ErrorKind::not_found);
  EXPECT_EQ(found.broken.at("gcp/cur-Manifest.json").kind, base::ErrorKind::invalid);
  EXPECT_EQ(found.passed, (std::vector<std::string>{"aws/a.csv", "gcp/c.csv"}));
}

}  // namespace
}  // namespace costagent
