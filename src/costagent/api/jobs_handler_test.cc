// Jobs, asked over a real socket of a real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST_F(ApiTest, a_running_job_tells_how_far_it_is_and_can_be_cancelled) {
  const std::string path = "/jobs/" + jobs_->push({"held", "acme"})->id;
  json::object job;
  do {
    job = get(path);
  } while (job.at("progress").to_number<double>() == 0);
  EXPECT_EQ(job.at("progress"), 0.5) << "of 0.50049";
  EXPECT_EQ(job.at("status"), "running");
  EXPECT_EQ(job.at("note"), "holding on");
  EXPECT_EQ(job.at("attempts"), 1);
  EXPECT_TRUE(job.contains("started"));
  EXPECT_FALSE(job.contains("finished"));
  const auto waiting = jobs_->push({"held", "acme"}).value();
  EXPECT_EQ(remove("/jobs/" + waiting.id).at("status"), "cancelled") << "it had not begun";
  job = remove(path, 202);
  EXPECT_EQ(job.at("status"), "running");
  EXPECT_EQ(job.at("cancelling"), true);
  EXPECT_EQ(get(path + "?wait=20").at("status"), "cancelled");
  EXPECT_EQ(post(path + "/cancel", "").at("status"), "cancelled") << "once more changes nothing";
  EXPECT_EQ(post("/jobs/0000000000000000/cancel", "", 404).at("error"), "not_found");
}

TEST_F(ApiTest, dead_letters_are_listed_in_pages_and_tried_again) {
  for (const char* name : {"one.csv", "two.csv", "three.csv"}) {
    write(root_ / name, "hello\nworld\n");
    const std::string body =
        fmt::format(R"({{"customer_id":"{}","file":"{}"}})", name[0] == 'o' ? "other" : "acme", name);
    EXPECT_EQ(post("/collect/focus?wait=20", body).at("status"), "failed");
  }
  const auto page = get("/jobs?state=failed&limit=2");
  ASSERT_EQ(page.at("jobs").as_array().size(), 2u);
  EXPECT_THAT(std::string(page.at("jobs").as_array()[0].at("error").as_string()), HasSubstr("three.csv"));
  const std::string cursor(page.at("next_cursor").as_string());
  const auto last = get("/jobs?limit=2&cursor=" + cursor);
  ASSERT_EQ(last.at("jobs").as_array().size(), 1u) << "failed ones are what is asked for mostly";
  EXPECT_TRUE(last.at("next_cursor").is_null());
  EXPECT_EQ(get("/jobs?state=failed&customer_id=other"), last);
  EXPECT_TRUE(get("/jobs?state=done").at("jobs").as_array().empty());
  expect_bad_field(get("/jobs?state=dead", 422), "state");

  const std::string path = "/jobs/" + std::string(last.at("jobs").as_array()[0].at("job_id").as_string());
  EXPECT_EQ(post(path + "/cancel", "", 409).at("error"), "conflict") << "it has ended";
  write(root_ / "one.csv", bill());
  EXPECT_EQ(post(path + "/retry", "", 202).at("status"), "queued");
  const auto done = get(path + "?wait=20");
  EXPECT_EQ(done.at("status"), "done");
  EXPECT_EQ(done.at("attempts"), 1);
  EXPECT_FALSE(done.contains("error"));
  EXPECT_EQ(post(path + "/retry", "", 409).at("error"), "conflict");
  EXPECT_EQ(post("/jobs/0000000000000000/retry", "", 404).at("error"), "not_found");
}

TEST_F(ApiTest, what_was_sent_goes_with_its_job_so_that_no_retry_is_promised) {
  const auto sent = client_->ask(
      "POST /collect/focus?customer_id=acme&name=a.csv&wait=20 HTTP/1.1\r\nHost: test\r\nContent-Type: text/csv\r\n"
      "Content-Length: 8\r\n\r\na,b\r\n1,2");
  const auto failed = object(sent);
  ASSERT_EQ(failed.at("status"), "failed");
  const auto refused = post("/jobs/" + std::string(failed.at("job_id").as_string()) + "/retry", "", 409);
  EXPECT_EQ(refused.at("error"), "conflict");
  EXPECT_THAT(std::string(refused.at("message").as_string()), HasSubstr("send it again"));
  EXPECT_EQ(jobs_->list({.state = JobState::failed}).value().size(), 1u) << "it was left as it was";
  // One that has not begun, and is cancelled.
  jobs_->push({"held", "acme"}).value();
  const auto queued = object(client_->ask("POST /collect/focus?customer_id=acme&name=a.csv HTTP/1.1\r\nHost: test\r\n"
                                          "Content-Type: text/csv\r\nContent-Length: 8\r\n\r\na,b\r\n1,2"),
                             202);
  const std::string path = "/jobs/" + std::string(queued.at("job_id").as_string());
  EXPECT_EQ(remove(path).at("status"), "cancelled");
  post(path + "/retry", "", 409);
}

TEST_F(ApiTest, metrics_tell_what_the_job_queue_does) {
  EXPECT_EQ(post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"acme/bill.csv"})").at("status"), "done");
  EXPECT_TRUE(runner_->stop(std::chrono::seconds(20)));
  std::string text;
  do {
    text = client_->get("/metrics").body;
  } while (text.find("jobs_queued 0\n") == std::string::npos);  // it is counted with the next heartbeat
  for (const char* line : {"jobs_running ", "jobs_failed 0\n", "jobs_oldest_queued_seconds 0\n",
                           "job_attempts_total{outcome=\"done\"} 1\n", "job_attempts_total{outcome=\"lost\"} 0\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(ApiTest, jobs_that_never_were_are_not_found) {
  EXPECT_EQ(get("/jobs/0000000000000000", 404).at("error"), "not_found");
  expect_bad_field(get("/jobs/0?wait=-1", 422), "wait");
}

}  // namespace
}  // namespace costagent
