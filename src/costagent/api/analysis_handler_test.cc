// Analyses, asked over a real socket of a real store.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> notes_of(const json::object& report) {
  std::vector<std::string> notes;
  for (const auto& note : report.at("notes").as_array()) notes.emplace_back(note.as_string());
  return notes;
}

// A charge of 1 a day on every `step`th day.
std::string charges(const char* service, int days, int step, const char* currency = "USD") {
  std::string text;
  for (int i = 0; i < days; i += step) {
    text += fmt::format("AWS,{},eu-west-1,r,r,1,1,{},Usage,{}T00:00:00Z,{}T00:00:00Z,1234\n", service, currency,
                        base::format_day(day(i)), base::format_day(day(i + 1)));
  }
  return text;
}

TEST_F(ApiTest, analysis_finds_the_day_that_cost_more) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30",)"
                                       R"("analysis_types":["anomaly","trend","forecast"],"sensitivity":"high"})");
  const auto& summary = report.at("summary").as_object();
  EXPECT_EQ(summary.at("days"), 61);
  EXPECT_EQ(summary.at("total").as_array()[0].at("effective_cost"), "773.5");
  EXPECT_EQ(summary.at("top_services").as_array()[0].at("service"), "EC2");
  const auto& anomalies = report.at("anomalies").as_array();
  ASSERT_EQ(anomalies.size(), 2u) << "of the total and of the service";
  for (const auto& anomaly : anomalies) {
    EXPECT_EQ(anomaly.at("kind"), "spike");
    EXPECT_EQ(anomaly.at("start_date"), "2025-04-11");
    EXPECT_EQ(anomaly.at("end_date"), "2025-04-11");
    EXPECT_EQ(anomaly.at("impact"), "4.9");
  }
  ASSERT_EQ(report.at("incidents_found"), 1);
  const auto& incident = report.at("incidents").as_array()[0].as_object();
  EXPECT_EQ(incident.at("impact"), "4.9");
  EXPECT_EQ(incident.at("slice").as_object().at("service"), "S3") << "the part, rather than the total that it raises";
  EXPECT_EQ(incident.at("causes").as_array().size(), 2u);
  EXPECT_EQ(incident.at("causes").as_array()[0].at("kind"), "spike");
  EXPECT_EQ(report.at("trends").as_array()[0].at("direction"), "level");
  const auto& forecast = report.at("forecasts").as_array()[0].as_object();
  EXPECT_EQ(forecast.at("start_date"), "2025-05-01");
  EXPECT_NEAR(std::stod(std::string(forecast.at("cost").as_string())), 30 * 12.6, 0.01);
}

TEST_F(ApiTest, forecasts_of_services_add_up_to_the_total_which_lands_within_a_budget) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","analysis_types":["forecast"],"forecast_services":5,)"
                                       R"("monthly_budget":"300"})");
  const auto& forecasts = report.at("forecasts").as_array();
  ASSERT_GE(forecasts.size(), 2u);
  const auto cost = [](const json::value& of) { return std::stod(std::string(of.at("cost").as_string())); };
  for (std::size_t day = 0; day < 30; ++day) {
    double sum = 0;
    for (std::size_t i = 1; i < forecasts.size(); ++i) sum += cost(forecasts[i].at("days").as_array()[day]);
    EXPECT_NEAR(sum, cost(forecasts[0].at("days").as_array()[day]), 1e-3);
  }
  EXPECT_EQ(forecasts[1].at("slice").at("service"), "EC2");
  const auto& landing = forecasts[0].at("month_end");
  EXPECT_EQ(landing.at("start_date"), "2025-05-01");
  EXPECT_EQ(landing.at("end_date"), "2025-05-31");
  EXPECT_NEAR(cost(landing), 31 * 12.6, 1);
  EXPECT_GT(landing.at("chance_over_budget").as_double(), 0.9);
  EXPECT_EQ(landing.at("budget_passed"), "2025-05-24");
}

TEST_F(ApiTest, more_forecasts_than_an_answer_holds_are_refused_with_a_way_to_narrow) {
  take_in();
  const auto error = post("/analyze", R"({"customer_id":"acme","forecast_services":101})", 422);
  EXPECT_EQ(field_of(error), "forecast_services");
  EXPECT_THAT(json::serialize(error), HasSubstr("one `provider` at a time"));
  for (const char* budget : {"-1", "0", "\"0.00\""}) {
    const auto body = fmt::format(R"({{"customer_id":"acme","monthly_budget":{}}})", budget);
    expect_bad_field(post("/analyze", body, 422), "monthly_budget");
  }
  post("/analyze", R"({"customer_id":"acme","monthly_budget":null})", 200);
}

TEST_F(ApiTest, metrics_tell_whether_a_bill_had_been_read_for_another_analysis) {
  take_in();
  for (const char* type : {"anomaly", "trend", "forecast", "trend"})
    post("/analyze", fmt::format(R"({{"customer_id":"acme","analysis_types":["{}"]}})", type));
  const auto metrics = client_->get("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("\nanalysis_model_misses_total 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nanalysis_model_hits_total 2\n")) << "the fourth answer is the second";
  EXPECT_THAT(metrics, HasSubstr("\nanalysis_models 1\n"));
  EXPECT_THAT(metrics, HasSubstr(fmt::format("\nanalysis_model_bytes {}\n", models_->use().bytes)));
}

TEST_F(ApiTest, an_analysis_is_repeated_from_memory_until_the_customers_facts_change) {
  take_in();
  const std::string question = R"({"customer_id": "acme", "analysis_types": ["anomaly"]})";
  const auto first = post("/analyze", question);
  EXPECT_GT(answers_.use().bytes, 0u);
  const auto kept = answers_.use().bytes;
  EXPECT_EQ(post("/analyze", question), first);
  EXPECT_EQ(answers_.use().bytes, kept) << "the second answer is the first";
  EXPECT_NE(post("/analyze", R"({"customer_id": "acme", "analysis_types": ["trend"]})"), first);

  write(folder_ / "more.csv",
        bill() + "AWS,EC2,eu-west-1,i-new,new,1000,1000,USD,Usage,2025-03-01T00:00:00Z,2025-03-02T00:00:00Z,1234\n");
  ingest(folder_ / "more.csv");
  EXPECT_NE(post("/analyze", question), first) << "another bill is another answer";
}

TEST_F(ApiTest, analysis_answers_only_what_is_asked) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","analysis_types":["trend"]})");
  EXPECT_FALSE(report.contains("anomalies"));
  EXPECT_FALSE(report.contains("forecasts"));
  EXPECT_TRUE(report.contains("trends"));
  EXPECT_TRUE(post("/analyze", R"({"customer_id":"acme","provider":"None"})").at("anomalies").as_array().empty());
}

TEST_F(ApiTest, levels_are_asked_for_by_name_and_slices_bear_what_holds_them) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30",)"
                                       R"("analysis_types":["anomaly"],"levels":["total","resource"]})");
  const auto& incident = report.at("incidents").as_array().at(0).as_object();
  const auto& slice = incident.at("slice").as_object();
  EXPECT_EQ(slice.at("resource"), "bucket");
  EXPECT_EQ(slice.at("service"), "S3");
  EXPECT_EQ(slice.at("region"), "eu-west-1");
  EXPECT_EQ(incident.at("anomaly_id").as_string().size(), 16u);
  EXPECT_TRUE(incident.at("within").as_array().empty()) << "there is no usage type in this bill";
  EXPECT_EQ(field_of(post("/analyze", R"({"customer_id":"acme","levels":["planet"]})", 422)), "levels");
}

TEST_F(ApiTest, growth_is_told_where_it_is_asked_for_and_the_bills_reach_back) {
  take_in();
  EXPECT_FALSE(post("/analyze", R"({"customer_id":"acme"})").contains("growth"));
  const auto april = post("/analyze", R"({"customer_id":"acme","analysis_types":["growth"],"start_date":"2025-04-01",
                                          "end_date":"2025-04-30"})");
  EXPECT_FALSE(april.contains("trends"));
  const auto& growth = april.at("growth").as_object();
  EXPECT_EQ(growth.at("compared_with").at("start_date"), "2025-03-02");
  const auto& usd = growth.at("currencies").as_array().at(0);
  EXPECT_EQ(usd.at("cost_before"), "378");
  EXPECT_EQ(usd.at("change"), "4.9");
  EXPECT_EQ(usd.at("services").as_array().at(0).at("service"), "S3");
  EXPECT_EQ(usd.at("items").as_array().size(), 2u);
  EXPECT_TRUE(post("/analyze", R"({"customer_id":"acme","analysis_types":["growth"]})").at("growth").is_null());
}

TEST_F(ApiTest, an_analysis_notes_what_a_filter_or_a_period_has_no_charge_of) {
  take_in();
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme"})")), IsEmpty());
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme","service":"EC3"})")),
              ElementsAre("no charge has service 'EC3'"));
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme","start_date":"2026-01-01","end_date":"2026-01-31"})")),
              ElementsAre("there are no charges from 2026-01-01 to 2026-01-31; the bill has some from 2025-01-01 to "
                          "2025-04-30"));
}

TEST_F(ApiTest, an_analysis_notes_that_a_bill_is_too_short) {
  write(folder_ / "short.csv", kHeader + charges("EC2", 12, 1));
  ingest(folder_ / "short.csv");
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme"})")),
              ElementsAre("anomalies need 28 days with charges; this bill has 12",
                          "trends need 28 days with charges; the period has 12"));
  EXPECT_THAT(
      notes_of(post("/analyze", R"({"customer_id":"acme","end_date":"2025-01-05","analysis_types":["forecast"]})")),
      ElementsAre("forecasts need 7 days of charges before they begin"));
}

TEST_F(ApiTest, an_analysis_notes_slices_that_cost_too_seldom_and_a_budget_of_several_currencies) {
  write(folder_ / "bill.csv", kHeader + charges("EC2", 60, 1) + charges("Batch", 60, 3) + charges("Jobs", 60, 2) +
                                  charges("Most", 61, 5, "EUR") + charges("Euro", 60, 1, "EUR") +
                                  charges("Gone", 30, 1));
  ingest(folder_ / "bill.csv");
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme","monthly_budget":50})")),
              ElementsAre("4 of 8 slices have charges on fewer than three days of five and are not looked at by "
                          "themselves",
                          "the monthly budget of 50 is held against each currency by itself: EUR, USD"));
}

TEST_F(ApiTest, an_analysis_notes_what_feedback_leaves_nothing_of) {
  take_in();
  const auto exclude = [&](const char* slice) {
    const auto body = fmt::format(R"({{"customer_id":"acme","kind":"exclude","slice":{}}})", slice);
    return std::string(post("/feedback", body, 201).at("feedback_id").as_string());
  };
  const std::string question = R"({"customer_id":"acme","analysis_types":["anomaly"]})";
  const auto ec2 = exclude(R"({"service":"EC2"})");
  EXPECT_THAT(notes_of(post("/analyze", question)), IsEmpty());
  const auto s3 = exclude(R"({"service":"S3"})");
  const auto report = post("/analyze", question);
  EXPECT_EQ(report.at("series"), 0);
  EXPECT_THAT(notes_of(report), ElementsAre(AllOf(HasSubstr("nothing is left to look at"), HasSubstr("'" + ec2 + "'"),
                                                  HasSubstr("'" + s3 + "'"))));
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme","service":"S3","analysis_types":["anomaly"]})")),
              ElementsAre("all that is asked for is left out, as feedback '" + s3 + "' excludes it"));
}

TEST_F(ApiTest, an_analysis_notes_that_forecasts_do_not_know_of_events_to_come) {
  take_in();
  std::string id;
  for (int i = 0; i < 5; ++i) {
    const auto body = fmt::format(
        R"({{"customer_id":"acme","kind":"planned_event","slice":{{"service":"New"}},"start_date":"2025-05-{:02}"}})",
        i + 1);
    const auto given = post("/feedback", body, 201);
    if (i == 0) id = given.at("feedback_id").as_string();
  }
  post("/feedback", R"({"customer_id":"acme","kind":"planned_event","start_date":"2025-04-30"})", 201);
  const auto notes = notes_of(post("/analyze", R"({"customer_id":"acme","analysis_types":["forecast"]})"));
  ASSERT_THAT(notes, SizeIs(4));
  EXPECT_EQ(notes[0], "forecasts don't know of the event that is planned from 2025-05-01 to 2025-05-01 (" + id + ")");
  EXPECT_EQ(notes.back(), "nor of 2 other events that are planned");
  EXPECT_THAT(notes_of(post("/analyze", R"({"customer_id":"acme","analysis_types":["trend"]})")), IsEmpty());
}

TEST_F(ApiTest, an_analysis_is_kept_until_another_bill_comes) {
  take_in();
  const std::string body = R"({"customer_id":"acme","start_date":"2025-04-11","end_date":"2025-04-11"})";
  const auto first = post("/analyze", body);
  EXPECT_EQ(post("/analyze", body), first);
  EXPECT_GT(answers_.use().bytes, 0u);
  write(root_ / "more.csv", kHeader + std::string("AWS,S3,eu-west-1,bucket,b,1,1,USD,Usage,2025-04-11T00:00:00Z,"
                                                  "2025-04-12T00:00:00Z,1234\n"));
  ingest(root_ / "more.csv", Restatement::add);
  EXPECT_EQ(post("/analyze", body).at("summary").at("total").as_array()[0].at("effective_cost"), "18.5");
  EXPECT_EQ(first.at("summary").at("total").as_array()[0].at("effective_cost"), "17.5");
}

TEST_F(ApiTest, bodies_that_are_wrong_are_refused_and_named) {
  take_in();
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}}"),
        std::string("\xff"), std::string("{\"customer_id\":\"\xc3\x28\"}"), std::string("{\"customer_id\":\"acme\",}"),
        "{\"customer_id\":" + std::string(1000, '[') + std::string(1000, ']') + "}", std::string(5000, '{'),
        std::string(R"({"customer_id":"acme","customer_id":"other"})"),
        std::string(R"({"customer_id":"acme","a":{"b":":\\\":","\u0062":1}})"),
        std::string("{\"customer_id\":\"\\ud800\"}"), std::string("{\"a\":1e999999999}x")}) {
    EXPECT_EQ(post("/analyze", body, 400).at("error"), "invalid_request") << body.substr(0, 40);
  }
  const std::pair<const char*, const char*> wrong[] = {
      {R"({})", "customer_id"},
      {R"({"customer_id":7})", "customer_id"},
      {R"({"customer_id":null})", "customer_id"},
      {R"({"customer_id":"acme","start_date":"2020-01-01","end_date":"2024-12-31"})", "end_date"},
      {R"({"customer_id":"acme","start_date":20250101})", "start_date"},
      {R"({"customer_id":"acme","end_date":"0000-01-01"})", "end_date"},
      {R"({"customer_id":"acme","end_date":"2100-01-01"})", "end_date"},
      {R"({"customer_id":":\"acme:"})", "customer_id"},
      {R"({"customer_id":"acme","analysis_types":"anomaly"})", "analysis_types"},
      {R"({"customer_id":"acme","analysis_types":["anomaly",1]})", "analysis_types"},
      {R"({"customer_id":"acme","analysis_types":["magic"]})", "analysis_types"},
      {R"({"customer_id":"acme","sensitivity":"extreme"})", "sensitivity"},
      {R"({"customer_id":"acme","sensitivty":"low"})", "sensitivty"},
  };
  for (const auto& [body, field] : wrong) expect_bad_field(post("/analyze", body, 422), field);
  const std::string many = R"({"customer_id":"acme","provider":")" + std::string(300, 'x') + R"("})";
  expect_bad_field(post("/analyze", many, 422), "provider");
}

}  // namespace
}  // namespace costagent
