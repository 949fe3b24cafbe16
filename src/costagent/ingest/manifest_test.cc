#include "costagent/ingest/manifest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace costagent {
namespace {

namespace fs = std::filesystem;

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    std::string name = (fs::temp_directory_path() / "manifest-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ManifestTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view text = "x") const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  static Manifest read(const std::string& path) {
    const auto manifest = read_manifest(path);
    EXPECT_TRUE(manifest) << manifest.error().message;
    EXPECT_TRUE(!manifest || *manifest);
    return manifest && *manifest ? **manifest : Manifest{};
  }

  fs::path folder_;
};

constexpr std::string_view kReport =
    R"({"assemblyId":"a-1","account":"111","columns":[{"category":"identity","name":"LineItemId"}],"charset":"UTF-8",)"
    R"("compression":"GZIP","contentType":"text/csv","reportName":"daily",)"
    R"("billingPeriod":{"start":"20231101T000000.000Z","end":"20231201T000000.000Z"},"bucket":"bills",)"
    R"("reportKeys":["cur/daily/20231101-20231201/a-1/daily-00001.csv.gz","cur/daily/20231101-20231201/a-1/daily-00002.csv.gz"]})";

TEST_F(ManifestTest, a_cost_and_usage_report_names_its_assembly) {
  const std::string first = file("20231101-20231201/a-1/daily-00001.csv.gz");
  const std::string second = file("20231101-20231201/a-1/daily-00002.csv.gz");
  file("20231101-20231201/daily-00001.csv.gz", "of another assembly");
  const Manifest manifest = read(file("20231101-20231201/daily-Manifest.json", kReport));
  EXPECT_EQ(manifest.id, "a-1");
  EXPECT_EQ(manifest.report, "daily");
  EXPECT_EQ(manifest.format, "AWS CUR");
  ASSERT_TRUE(manifest.period);
  EXPECT_EQ(base::format_day(manifest.period->from), "2023-11-01");
  EXPECT_EQ(base::format_day(manifest.period->to), "2023-12-01");
  EXPECT_EQ(manifest.files, (std::vector{first, second})) << "by the longest end of the key";
}

TEST_F(ManifestTest, its_files_may_have_been_copied_beside_it) {
  const std::string first = file("daily-00001.csv.gz");
  const std::string second = file("daily-00002.csv.gz");
  EXPECT_EQ(read(file("m", kReport)).files, (std::vector{first, second}));
}

TEST_F(ManifestTest, a_file_that_is_not_there_is_named) {
  file("daily-00001.csv.gz");
  const auto manifest = read_manifest(file("m", kReport));
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().kind, base::ErrorKind::not_found);
  EXPECT_NE(manifest.error().message.find("a-1/daily-00002.csv.gz, which is not beside it"), std::string::npos);
}

TEST_F(ManifestTest, data_exports_lie_beside_their_metadata) {
  constexpr std::string_view kExport =
      R"({"executionId":"e-1","exportArn":"arn:aws:bcm-data-exports:us-east-1:1:export/cur2","columns":[],)"
      R"("dataFiles":["s3://bills/exports/cur2/data/BILLING_PERIOD=2024-12/cur2-00001.csv.gz"]})";
  const std::string data = file("cur2/data/BILLING_PERIOD=2024-12/cur2-00001.csv.gz");
  const Manifest manifest = read(file("cur2/metadata/BILLING_PERIOD=2024-12/cur2-Manifest.json", kExport));
  EXPECT_EQ(manifest.id, "e-1");
  EXPECT_EQ(manifest.files, std::vector{data});
  ASSERT_TRUE(manifest.period);
  EXPECT_EQ(base::format_day(manifest.period->from), "2024-12-01");
  EXPECT_EQ(base::format_day(manifest.period->to), "2025-01-01");
  EXPECT_FALSE(read_manifest(file("elsewhere/deep/m", kExport))) << "nowhere else is looked at";
  file("other/BILLING_PERIOD=2024-12/cur2-00001.csv.gz");
  EXPECT_FALSE(read_manifest(file("other/metadata/BILLING_PERIOD=2024-12/m", kExport))) << "it is not in data";
}

TEST_F(ManifestTest, azure_exports_name_their_blobs) {
  const std::string part = file("run-1/part_0_0001.csv");
  const Manifest manifest = read(file(
      "run-1/manifest.json",
      "\xEF\xBB\xBF"
      R"({"manifestVersion":"2024-04-01","byteCount":1,"blobCount":1,"dataRowCount":1,"exportConfig":{"exportName":"nightly",)"
      R"("type":"AmortizedCost"},"runInfo":{"runId":"run-1","startDate":"2024-02-01T00:00:00","endDate":"2024-02-29T00:00:00"},)"
      R"("blobs":[{"blobName":"exports/nightly/20240201-20240229/run-1/part_0_0001.csv","byteCount":1}]})"));
  EXPECT_EQ(manifest.id, "run-1");
  EXPECT_EQ(manifest.report, "nightly");
  EXPECT_EQ(manifest.format, "Azure AmortizedCost");
  EXPECT_EQ(manifest.files, std::vector{part});
  ASSERT_TRUE(manifest.period);
  EXPECT_EQ(base::format_day(manifest.period->from), "2024-02-01");
  EXPECT_EQ(base::format_day(manifest.period->to), "2024-03-01");
}

TEST_F(ManifestTest, a_key_leads_nowhere_else) {
  file("secret");
  file("in/x");
  for (const char* key : {"../secret", "a/../../secret", "/../secret", "..", ""}) {
    const auto manifest = read_manifest(file("in/m", fmt::format(R"({{"assemblyId":"a","reportKeys":["{}"]}})", key)));
    EXPECT_FALSE(manifest) << key;
  }
}

TEST_F(ManifestTest, what_is_no_manifest_is_none_and_a_damaged_one_is_told) {
  EXPECT_FALSE(read_manifest(file("bill", "BilledCost,EffectiveCost\n1,2\n")).value());
  EXPECT_FALSE(read_manifest(file("lines", "{\"cost\":1,\"x\":\"a\"}\n{\"cost\":2}\n")).value());
  EXPECT_FALSE(read_manifest(file("lines", "{\"executionId\":1}\n{\"executionId\":2}\n")).value());
  EXPECT_FALSE(read_manifest(file("other", "{\"executionId\":1}")).value());
  EXPECT_FALSE(read_manifest(file("empty", "")).value());
  EXPECT_FALSE(read_manifest((folder_ / "missing").string()));
  EXPECT_FALSE(read_manifest(file("cut", kReport.substr(0, 200))));
  const auto none = read_manifest(file("none", R"({"assemblyId":"a","reportKeys":[]})"));
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("names no files"), std::string::npos);
}

}  // namespace
}  // namespace costagent
