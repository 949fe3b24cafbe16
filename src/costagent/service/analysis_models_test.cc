// Analyses of a store's bills at several levels, and what is kept of them.
#include "costagent/service/analysis_models.h"

#include <gtest/gtest.h>

#include "base/deadline.h"
#include "costagent/service/analysis_bill_test.h"
#include "costagent/service/analysis_levels.h"

namespace costagent {
namespace {

constexpr int kDays = 200;

class AnalysisModelsTest : public StoredBillTest {
 protected:
  AnalysisModelsTest() { models_.emplace(facts(), store_->feedback(), clock_); }

  // Two services in two regions each, with two machines; in Ohio one of EC2's costs 60 more on three days in June.
  std::vector<Charge> bill() const {
    std::vector<Charge> charges;
    for (int i = 0; i < kDays; ++i) {
      for (const char* service : {"EC2", "RDS"}) {
        for (const char* region : {"ohio", "paris"}) {
          for (const char* machine : {"a", "b"}) {
            const std::string resource = fmt::format("{}-{}-{}", service, region, machine);
            const bool more = i >= 160 && i < 163 && resource == "EC2-ohio-b";
            charges.push_back(line(i, service, region, resource, usual_cost(i, 40) + (more ? 60 : 0)));
            charges.back().tags = fmt::format(R"({{"team":"{}"}})", machine);
          }
        }
      }
    }
    return charges;
  }

  AnalysisRequest request() const { return {"acme", {}, {at(0), at(kDays - 1)}}; }
  base::Result<AnalysisReport> analyse(const AnalysisRequest& asked) { return models_->analyse(asked); }

  base::FakeClock clock_;
  std::optional<AnalysisModels> models_;
};

TEST_F(AnalysisModelsTest, the_cause_is_the_service_in_a_region_and_within_it_a_resource) {
  take_in(facts(), "bill", bill());
  const auto report = analyse(request());
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->incidents.size(), 1u);
  const Anomaly& cause = report->incidents[0].cause();
  EXPECT_EQ(cause.slice, (SliceKey{"AWS", "EC2", "ohio"}));
  EXPECT_EQ(cause.start, at(160));
  EXPECT_NEAR(cause.impact(), 180, 15);
  ASSERT_EQ(report->contributions.size(), 1u);
  ASSERT_EQ(report->contributions[0].size(), 2u);
  EXPECT_EQ(report->contributions[0][0].dimension, Dimension::resource);
  EXPECT_EQ(report->contributions[0][0].value, "EC2-ohio-b");
  EXPECT_NEAR(report->contributions[0][0].daily_change, 60, 5);
  EXPECT_EQ(report->contributions[0][1].dimension, Dimension::usage_type);
  EXPECT_EQ(report->contributions[0][1].value, "use of EC2");
}

TEST_F(AnalysisModelsTest, a_slice_that_is_all_of_a_larger_one_is_looked_at_once) {
  take_in(facts(), "bill", bill());
  // A total, two services, two regions and four of both; the only provider and the only account are the total.
  EXPECT_EQ(analyse(request()).value().series, 9u);
}

TEST_F(AnalysisModelsTest, of_a_service_and_a_region_that_hold_the_same_charges_the_service_is_looked_at) {
  auto charges = bill();
  for (int i = 0; i < kDays; ++i)
    charges.push_back(line(i, "CDN", "global", "site", usual_cost(i, 30) + (i == 170 ? 50 : 0)));
  take_in(facts(), "bill", charges);
  const auto report = analyse(request()).value();
  EXPECT_EQ(report.series, 10u) << "one more";
  bool told = false;
  for (const Incident& incident : report.incidents) {
    if (incident.cause().start != at(170)) continue;
    told = true;
    EXPECT_EQ(incident.cause().slice, (SliceKey{"AWS", "CDN"}));
  }
  EXPECT_TRUE(told);
}

TEST_F(AnalysisModelsTest, resources_and_tags_are_levels_where_they_are_asked_for) {
  take_in(facts(), "bill", bill());
  auto asked = request();
  asked.levels = {level_of("total").value(), level_of("resource").value(), level_of("tag:team").value()};
  const auto report = analyse(asked).value();
  EXPECT_EQ(report.series, 1u + 8 + 2) << "services are read for what else is told, and not looked at";
  ASSERT_EQ(report.incidents.size(), 1u);
  EXPECT_EQ(report.incidents[0].cause().slice.back(), "EC2-ohio-b");
  bool tagged = false;
  for (const Anomaly& anomaly : report.anomalies) {
    if (anomaly.tag.empty()) continue;
    tagged = true;
    EXPECT_EQ(anomaly.tag, "team");
    EXPECT_EQ(anomaly.slice, SliceKey{"b"});
  }
  EXPECT_TRUE(tagged);
}

TEST_F(AnalysisModelsTest, a_part_of_the_bill_is_analysed_by_itself) {
  take_in(facts(), "bill", bill());
  auto asked = request();
  asked.only = {{Dimension::region, "paris"}};
  const auto report = analyse(asked).value();
  EXPECT_TRUE(report.incidents.empty());
  EXPECT_EQ(report.series, 3u) << "the total and two services";
}

TEST_F(AnalysisModelsTest, other_questions_about_the_same_facts_are_answered_from_what_was_worked_out) {
  take_in(facts(), "bill", bill());
  const auto all = analyse(request()).value();
  auto asked = request();
  asked.days.start = at(100);
  const auto later = analyse(asked).value();
  EXPECT_EQ(later.incidents.at(0).cause().score, all.incidents.at(0).cause().score);
  EXPECT_EQ(later.incidents.at(0).cause().start, all.incidents.at(0).cause().start);
  asked.days.start = at(164);
  EXPECT_TRUE(analyse(asked).value().incidents.empty()) << "it began before";
  asked.sensitivity = Sensitivity::high;
  asked.trend = false;
  EXPECT_TRUE(analyse(asked));
  EXPECT_EQ(models_->use().misses, 1u);
  EXPECT_EQ(models_->use().hits, 3u);
  EXPECT_EQ(models_->use().models, 1u);
}

TEST_F(AnalysisModelsTest, answers_from_what_is_kept_are_those_from_nothing) {
  take_in(facts(), "bill", bill());
  ASSERT_TRUE(analyse(request()));
  auto asked = request();
  asked.days = {at(90), at(kDays - 1)};
  asked.sensitivity = Sensitivity::high;
  asked.forecast_services = 2;
  const auto kept = analyse(asked).value();
  AnalysisModels others(facts(), store_->feedback(), clock_);
  const auto fresh = others.analyse(asked).value();
  ASSERT_EQ(kept.anomalies.size(), fresh.anomalies.size());
  EXPECT_GT(kept.anomalies.size(), 0u);
  for (std::size_t i = 0; i < kept.anomalies.size(); ++i) EXPECT_EQ(kept.anomalies[i].score, fresh.anomalies[i].score);
  ASSERT_EQ(kept.trends.size(), fresh.trends.size());
  EXPECT_EQ(kept.trends.at(0).trend.change_high, fresh.trends.at(0).trend.change_high);
  ASSERT_EQ(kept.forecasts.size(), fresh.forecasts.size());
  EXPECT_EQ(kept.forecasts.at(1).forecast.total, fresh.forecasts.at(1).forecast.total);
}

TEST_F(AnalysisModelsTest, trends_are_of_the_period_alone_and_forecasts_begin_where_it_ends) {
  std::vector<Charge> charges;
  for (int i = 0; i < kDays; ++i) charges.push_back(line(i, "EC2", "ohio", "a", usual_cost(i, i < 100 ? 40 : i - 60)));
  take_in(facts(), "bill", charges);
  auto asked = request();
  asked.days = {at(0), at(97)};
  const auto level = analyse(asked).value();
  EXPECT_NEAR(level.trends.at(0).trend.daily_cost_change_per_month, 0, 1.5);
  EXPECT_EQ(level.forecasts.at(0).forecast.days.at(0).day, at(98));
  EXPECT_NEAR(level.forecasts.at(0).forecast.total, 30 * 40 * 6.6 / 7, 60);
  asked.days = {at(100), at(kDays - 1)};
  const auto rising = analyse(asked).value();
  EXPECT_NEAR(rising.trends.at(0).trend.daily_cost_change_per_month, 30, 4);
  EXPECT_EQ(rising.forecasts.at(0).forecast.days.at(0).day, at(kDays));
}

TEST_F(AnalysisModelsTest, a_part_that_ended_earlier_is_forecast_from_the_bills_end_on) {
  std::vector<Charge> charges;
  for (int i = 0; i < kDays; ++i) {
    charges.push_back(line(i, "EC2", "ohio", "a", usual_cost(i, 40)));
    if (i < 90) charges.push_back(line(i, "Kafka", "ohio", "b", usual_cost(i, 10)));
    if (i < kDays - 3) charges.push_back(line(i, "SQS", "ohio", "c", usual_cost(i, 20)));
  }
  take_in(facts(), "bill", charges);
  auto asked = request();
  asked.only = {{Dimension::service, "Kafka"}};
  const auto ended = analyse(asked).value();
  ASSERT_EQ(ended.forecasts.size(), 1u);
  EXPECT_EQ(ended.forecasts[0].forecast.days.front().day, at(kDays));
  EXPECT_NEAR(ended.forecasts[0].forecast.total, 0, 1e-9);
  asked.only = {{Dimension::service, "SQS"}};
  const auto late = analyse(asked).value();
  EXPECT_EQ(late.forecasts.at(0).forecast.days.front().day, at(kDays));
  EXPECT_NEAR(late.forecasts.at(0).forecast.total, 30 * 20 * 6.6 / 7, 30) << "three days are a bill on its way";
}

TEST_F(AnalysisModelsTest, each_incident_is_explained_by_its_own_parts) {
  auto charges = bill();
  for (int i = 120; i < 122; ++i) charges.push_back(line(i, "RDS", "paris", "backup", 90));
  take_in(facts(), "bill", charges);
  const auto report = analyse(request()).value();
  ASSERT_EQ(report.incidents.size(), 2u);
  ASSERT_EQ(report.contributions.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const bool is_first = report.incidents[i].cause().slice.at(1) == "EC2";
    EXPECT_EQ(report.contributions[i].at(0).value, is_first ? "EC2-ohio-b" : "backup");
  }
}

TEST_F(AnalysisModelsTest, a_day_that_is_missing_for_all_is_told_once) {
  auto charges = bill();
  std::erase_if(charges, [](const Charge& charge) {
    return std::chrono::floor<std::chrono::days>(charge.period_start) == at(130);
  });
  take_in(facts(), "bill", charges);
  std::vector<Anomaly> missing = analyse(request()).value().anomalies;
  std::erase_if(missing, [](const Anomaly& anomaly) { return anomaly.kind != AnomalyKind::missing_data; });
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_TRUE(missing[0].slice.empty()) << "of the total";
  EXPECT_EQ(missing[0].start, at(130));
}

TEST_F(AnalysisModelsTest, a_service_that_is_late_is_named_though_the_total_lacks_its_costs) {
  auto charges = bill();
  std::erase_if(charges, [](const Charge& charge) {
    return charge.service == "RDS" && charge.period_start >= base::Seconds(at(kDays - 2));
  });
  take_in(facts(), "bill", charges);
  const auto report = analyse(request()).value();
  bool told = false;
  for (const Incident& incident : report.incidents) {
    if (incident.cause().start != at(kDays - 2)) continue;
    told = true;
    EXPECT_EQ(incident.cause().kind, AnomalyKind::missing_data);
    EXPECT_EQ(incident.cause().slice, (SliceKey{"AWS", "RDS"}));
  }
  EXPECT_TRUE(told);
}

TEST_F(AnalysisModelsTest, facts_that_change_are_analysed_anew) {
  take_in(facts(), "bill", bill());
  ASSERT_EQ(analyse(request()).value().incidents.size(), 1u);
  std::vector<Charge> more;
  for (int i = 120; i < 122; ++i) more.push_back(line(i, "RDS", "paris", "RDS-paris-a", 90));
  take_in(facts(), "more", more);
  EXPECT_EQ(analyse(request()).value().incidents.size(), 2u);
  EXPECT_EQ(models_->use().misses, 2u);
  EXPECT_EQ(models_->use().models, 1u) << "what rested on the older facts is gone";
}

TEST_F(AnalysisModelsTest, what_is_kept_is_bounded) {
  take_in(facts(), "bill", bill());
  AnalysisModels small(facts(), store_->feedback(), clock_, 100'000);
  ASSERT_TRUE(small.analyse(request()));
  const auto use = small.use();
  EXPECT_LE(use.bytes, 100'000u);
  auto asked = request();
  for (const char* region : {"ohio", "paris", "none"}) {
    asked.only = {{Dimension::region, region}};
    ASSERT_TRUE(small.analyse(asked));
  }
  EXPECT_LE(small.use().bytes, 100'000u);
  EXPECT_LT(small.use().models, 4u);
}

TEST_F(AnalysisModelsTest, too_many_series_are_refused_with_a_way_to_narrow) {
  std::vector<Charge> charges;
  for (std::size_t i = 0; i <= kMostAnalysedSeries; ++i)
    charges.push_back(line(0, "EC2", "ohio", fmt::format("i-{}", i), 1));
  take_in(facts(), "bill", charges);
  auto asked = request();
  EXPECT_TRUE(analyse(asked)) << "not at the usual levels";
  asked.levels = {level_of("resource").value()};
  const auto refused = analyse(asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::too_large);
  EXPECT_EQ(refused.error().field, "levels");
  EXPECT_NE(refused.error().message.find("`service`"), std::string::npos) << refused.error().message;
  asked.anomalies = asked.trend = asked.forecast = false;
  asked.growth = true;
  EXPECT_TRUE(analyse(asked)) << "growth has no use for series";
}

TEST_F(AnalysisModelsTest, a_service_that_begins_is_told_as_an_incident) {
  auto charges = bill();
  for (int i = 150; i < kDays; ++i) charges.push_back(line(i, "Lambda", "ohio", "function", usual_cost(i, 50)));
  take_in(facts(), "bill", charges);
  const auto report = analyse(request()).value();
  bool told = false;
  for (const Incident& incident : report.incidents) {
    for (const Anomaly& cause : incident.causes) {
      if (cause.kind != AnomalyKind::new_service) continue;
      told = told || cause.slice == SliceKey{"AWS", "Lambda"};
    }
  }
  EXPECT_TRUE(told);
}

TEST_F(AnalysisModelsTest, who_has_no_time_left_is_told_so_and_the_next_goes_on) {
  take_in(facts(), "bill", bill());
  {
    const base::DeadlineScope over(base::SystemClock::monotonic_now() - std::chrono::seconds(1));
    const auto late = analyse(request());
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, base::ErrorKind::timeout);
  }
  EXPECT_EQ(analyse(request()).value().incidents.size(), 1u);
}

TEST_F(AnalysisModelsTest, a_search_that_takes_too_long_ends_and_goes_on_with_the_next_question) {
  std::vector<Charge> charges;
  for (int i = 0; i < kDays; ++i) {
    for (int service = 0; service < 20; ++service)
      charges.push_back(line(i, fmt::format("service {}", service).c_str(), "ohio", "r", usual_cost(i, 30 + service)));
  }
  take_in(facts(), "bill", charges);
  auto asked = request();
  asked.anomalies = false;
  ASSERT_TRUE(analyse(asked)) << "reads the bill, and has looked for nothing";
  {
    const base::DeadlineScope over(base::SystemClock::monotonic_now() - std::chrono::seconds(1));
    const auto late = analyse(request());
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, base::ErrorKind::timeout);
    EXPECT_NE(late.error().message.find("ask again"), std::string::npos) << late.error().message;
  }
  EXPECT_EQ(analyse(request()).value().series, 21u);
}

TEST(AnalysisLevels, are_known_by_name) {
  EXPECT_EQ(level_of("service_region").value().by,
            (std::vector{Dimension::provider, Dimension::service, Dimension::region}));
  EXPECT_EQ(level_of("tag:cost center").value().tag, "cost center");
  EXPECT_EQ(level_of("tag:").error().field, "levels");
  EXPECT_EQ(level_of("services").error().field, "levels");
}

}  // namespace
}  // namespace costagent
