// What people say of incidents, asked over a real socket of a real store.
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

TEST_F(ApiTest, an_incident_that_was_answered_is_told_no_more_until_the_answer_is_taken_back) {
  take_in();
  const std::string question =
      R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30","analysis_types":["anomaly"]})";
  const auto before = post("/analyze", question);
  ASSERT_EQ(before.at("incidents").as_array().size(), 1u);
  EXPECT_EQ(before.at("incidents").as_array()[0].at("within").as_array().at(0).at("resource"), "bucket");
  const std::string id(before.at("incidents").as_array()[0].at("anomaly_id").as_string());
  const auto given = post(
      "/feedback", R"({"customer_id":"acme","kind":"expected","anomaly_id":")" + id + R"(","note":"a copy"})", 201);
  EXPECT_EQ(given.at("slice").at("service"), "S3");
  EXPECT_EQ(given.at("start_date"), "2025-04-11");
  const auto after = post("/analyze", question);
  EXPECT_TRUE(after.at("incidents").as_array().empty()) << "an answer kept from before is of no use";
  EXPECT_EQ(after.at("incidents_answered"), 1);
  const auto list = get("/feedback?customer_id=acme");
  ASSERT_EQ(list.at("feedback").as_array().size(), 1u);
  EXPECT_EQ(list.at("feedback").as_array()[0], given);
  const std::string feedback(given.at("feedback_id").as_string());
  EXPECT_EQ(remove("/feedback/" + feedback), given);
  EXPECT_EQ(post("/analyze", question), before);
  remove("/feedback/" + feedback, 404);
}

TEST_F(ApiTest, a_planned_event_is_told_with_what_it_cost) {
  take_in();
  const auto given = post("/feedback",
                          R"({"customer_id":"acme","kind":"planned_event","slice":{"service":"S3"},)"
                          R"("start_date":"2025-04-11","note":"the launch"})",
                          201);
  const auto report = post("/analyze", R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30",)"
                                       R"("analysis_types":["anomaly"]})");
  EXPECT_TRUE(report.at("incidents").as_array().empty());
  const auto& event = report.at("planned_events").as_array().at(0).as_object();
  EXPECT_EQ(event.at("feedback_id"), given.at("feedback_id"));
  EXPECT_EQ(event.at("note"), "the launch");
  EXPECT_EQ(event.at("expected_cost"), "0.1");
  EXPECT_EQ(event.at("actual_cost"), "5");
}

TEST_F(ApiTest, feedback_that_is_wrong_is_refused_and_named) {
  take_in();
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"customer_id":"acme"})", "kind"},
      {R"({"customer_id":"acme","kind":"nonsense"})", "kind"},
      {R"({"customer_id":"acme","kind":"expected"})", "start_date"},
      {R"({"customer_id":"acme","kind":"exclude","slice":{"planet":"earth"}})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","slice":["service"]})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude"})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","slice":{"service":"Nope"}})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","slice":{"service":1}})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","anomaly_id":"1","start_date":"2025-01-01"})", "anomaly_id"},
      {R"({"customer_id":"acme","kind":"planned_event","start_date":"2025-01-01","expected_change_percent":-100})",
       "expected_change_percent"},
      {R"({"customer_id":"acme","kind":"exclude","expected_change_percent":10})", "expected_change_percent"},
  };
  for (const auto& [body, field] : wrong) expect_bad_field(post("/feedback", body, 422), field);
  EXPECT_EQ(field_of(post("/feedback", R"({"customer_id":"acme","kind":"expected","anomaly_id":"none"})", 404)),
            "anomaly_id");
  EXPECT_EQ(field_of(post("/feedback", R"({"customer_id":"nobody","kind":"exclude"})", 404)), "customer_id");
}

}  // namespace
}  // namespace costagent
