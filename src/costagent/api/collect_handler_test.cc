// Bills that are collected, asked over a real socket of a real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST_F(ApiTest, a_file_is_collected_in_the_background_once) {
  const std::string body = R"({"customer_id":"acme","file":"acme/bill.csv"})";
  const auto queued = post("/collect/focus", body, 202);
  const std::string job = "/jobs/" + std::string(queued.at("job_id").as_string());
  const auto done = get(job + "?wait=20");
  EXPECT_EQ(done.at("status"), "done");
  EXPECT_EQ(done.at("result").at("charges"), 360);
  EXPECT_EQ(done.at("result").at("billed_cost"), "1516.9");
  EXPECT_EQ(get(job), done);
  const auto again = post("/collect/focus?wait=20", body);
  EXPECT_EQ(again.at("result").at("duplicates"), 360);
  EXPECT_EQ(post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"inner.csv"})").at("status"), "done");
  EXPECT_EQ(get("/costs?customer_id=acme").at("total").as_array()[0].at("billed_cost"), "1138.9");
}

TEST_F(ApiTest, what_a_file_is_to_the_days_that_are_there_can_be_said) {
  EXPECT_EQ(ingest(root_ / "acme" / "bill.csv").charges, 3u * kDays);
  write(root_ / "part.csv",
        std::string(kHeader) +
            "AWS,EC2,eu-west-1,i-busy,n,7,7,USD,Usage,2025-04-10T00:00:00Z,2025-04-11T00:00:00Z,1234\n");
  const auto collect = [this](const char* restatement) {
    return post("/collect/focus?wait=20",
                fmt::format(R"({{"customer_id":"acme","file":"part.csv","restatement":"{}"}})", restatement));
  };
  const auto refused = collect("by_days");
  EXPECT_EQ(refused.at("status"), "failed");
  EXPECT_EQ(refused.at("attempts"), 1) << "the next one would not know either";
  EXPECT_THAT(std::string(refused.at("error").as_string()), HasSubstr("are there already"));
  EXPECT_THAT(std::string(refused.at("error").as_string()), HasSubstr("replaces them (restatement=replace)"));
  EXPECT_THAT(json::serialize(refused), testing::Not(HasSubstr("--")));
  const auto added = collect("add");
  EXPECT_EQ(added.at("result").at("replaced"), 0);
  EXPECT_EQ(added.at("result").at("charges"), 1);
  const auto again = collect("replace");
  EXPECT_THAT(json::serialize(again.at("result").at("notes")), HasSubstr("with restatement=replace"));
  expect_bad_field(post("/collect/focus", R"({"customer_id":"acme","file":"part.csv","restatement":"maybe"})", 422),
                   "restatement");
}

TEST_F(ApiTest, only_files_within_the_root_are_collected) {
  for (const std::string file : {"../outside.csv", "acme/../../outside.csv", "link.csv", "acme", ".", "", "/etc/passwd",
                                 "acme/bill.csv\\u0000.csv"}) {
    const auto error = post("/collect/focus", R"({"customer_id":"acme","file":")" + file + R"("})", 422);
    EXPECT_EQ(field_of(error), "file") << file;
    EXPECT_THAT(json::serialize(error), testing::Not(HasSubstr(folder_.string())));
  }
  EXPECT_EQ(field_of(post("/collect/focus", R"({"customer_id":"acme","file":"none.csv"})", 404)), "file");
  expect_bad_field(post("/collect/focus", R"({"customer_id":"a/b","file":"acme/bill.csv"})", 422), "customer_id");
  expect_bad_field(post("/collect/focus?wait=31", R"({"customer_id":"acme","file":"acme/bill.csv"})", 422), "wait");
}

TEST_F(ApiTest, a_file_that_is_no_bill_fails_its_job_without_telling_where_it_lies) {
  write(root_ / "notes.csv", "hello\nworld\n");
  const auto job = post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"notes.csv"})");
  EXPECT_EQ(job.at("status"), "failed");
  EXPECT_THAT(std::string(job.at("error").as_string()), HasSubstr("notes.csv"));
  EXPECT_THAT(json::serialize(job), testing::Not(HasSubstr(folder_.string())));
}

TEST_F(ApiTest, a_file_that_is_queued_already_is_not_queued_again) {
  const auto held = jobs_->push({"held", "acme"}).value();
  const std::string body = R"({"customer_id":"acme","file":"acme/bill.csv"})";
  const auto first = post("/collect/focus", body, 202);
  EXPECT_EQ(post("/collect/focus", body, 202), first);
  EXPECT_EQ(post("/collect/focus", R"({"customer_id":"acme","file":"acme/./bill.csv"})", 202), first);
  EXPECT_NE(post("/collect/focus", R"({"customer_id":"other","file":"acme/bill.csv"})", 202), first);
  EXPECT_NE(post("/collect/focus", R"({"customer_id":"acme","file":"inner.csv"})", 202), first);
  let_go_ = true;
  EXPECT_EQ(get("/jobs/" + std::string(first.at("job_id").as_string()) + "?wait=20").at("result").at("charges"), 360);
}

}  // namespace
}  // namespace costagent
