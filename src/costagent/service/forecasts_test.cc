// Forecasts of a total and of what it is made of.
#include "costagent/service/forecasts.h"

#include <gtest/gtest.h>

#include "costagent/service/analysis_bill_test.h"

namespace costagent {
namespace {

constexpr int kDays = 120;

// From day `first` on, in the cost series' currency.
CostSeries series(SliceKey key, double level, const char* currency = "USD", int first = 0) {
  CostSeries made{std::move(key), currency, at(0), {}};
  for (int i = 0; i < kDays; ++i) made.cost.push_back(i < first ? std::nan("") : usual_cost(i, level));
  return made;
}

CostSeries sum(const std::vector<CostSeries>& parts) {
  CostSeries total{{}, "USD", at(0), std::vector<double>(kDays, 0.0)};
  for (const CostSeries& part : parts) {
    for (std::size_t i = 0; i < part.cost.size(); ++i) total.cost[i] += std::isnan(part.cost[i]) ? 0 : part.cost[i];
  }
  return total;
}

TEST(TotalForecast, the_dearest_services_and_what_they_leave_add_up_to_the_total_on_every_day) {
  const std::vector<CostSeries> services{series({"AWS", "EC2"}, 100), series({"AWS", "S3"}, 40),
                                         series({"AWS", "RDS"}, 20), series({"AWS", "SQS"}, 3)};
  const TotalForecast forecast = forecast_total(sum(services), at(kDays), services, 2);
  ASSERT_EQ(forecast.slices.size(), 4u);
  EXPECT_EQ(forecast.slices[1].slice, (SliceKey{"AWS", "EC2"}));
  EXPECT_EQ(forecast.slices[2].slice, (SliceKey{"AWS", "S3"}));
  EXPECT_TRUE(forecast.slices[3].everything_else);
  EXPECT_NEAR(forecast.slices[3].forecast.days[0].cost / forecast.slices[1].forecast.days[0].cost, 0.23, 0.02);
  for (int day = 0; day < kForecastDays; ++day) {
    const auto cost = [&](std::size_t i) {
      return forecast.slices[i].forecast.days[static_cast<std::size_t>(day)].cost;
    };
    EXPECT_NEAR(cost(0), cost(1) + cost(2) + cost(3), 1e-9 * cost(0));
  }
}

TEST(TotalForecast, services_in_another_currency_are_no_part_of_it) {
  const std::vector<CostSeries> services{series({"AWS", "EC2"}, 9000, "JPY"), series({"AWS", "S3"}, 40)};
  const TotalForecast forecast = forecast_total(sum({services[1]}), at(kDays), services, 5);
  ASSERT_EQ(forecast.slices.size(), 2u);
  EXPECT_EQ(forecast.slices[1].slice, (SliceKey{"AWS", "S3"}));
  EXPECT_NEAR(forecast.slices[1].forecast.total / forecast.slices[0].forecast.total, 1, 0.05);
}

TEST(TotalForecast, a_service_that_is_too_young_counts_with_the_rest) {
  const std::vector<CostSeries> services{series({"AWS", "EC2"}, 100), series({"AWS", "new"}, 50, "USD", kDays - 3)};
  const TotalForecast forecast = forecast_total(sum(services), at(kDays), services, 5);
  ASSERT_EQ(forecast.slices.size(), 3u);
  EXPECT_TRUE(forecast.slices[2].everything_else);
  EXPECT_GT(forecast.slices[2].forecast.total, 10 * 50) << "what the young one costs";
}

TEST(TotalForecast, nothing_is_told_of_what_services_leave_where_they_are_all_there_is) {
  const std::vector<CostSeries> services{series({"AWS", "EC2"}, 100), series({"AWS", "S3"}, 40)};
  const TotalForecast forecast = forecast_total(sum(services), at(kDays), services, 5);
  ASSERT_EQ(forecast.slices.size(), 3u);
  for (const SliceForecast& slice : forecast.slices) EXPECT_FALSE(slice.everything_else);
  const auto first = [&](std::size_t i) { return forecast.slices[i].forecast.days.front().cost; };
  EXPECT_NEAR(first(0), first(1) + first(2), 1e-9 * first(0));
}

TEST(TotalForecast, what_services_leave_on_some_days_only_is_not_negative_by_rounding) {
  CostSeries seldom = series({"AWS", "Seldom"}, 0);
  for (std::size_t i = 0; i < kDays; ++i) seldom.cost[i] = i % 9 == 4 ? 7.1 : 0;
  std::vector<CostSeries> services;
  for (int i = 0; i < 6; ++i) {
    services.push_back(series({"AWS", "S" + std::to_string(i)}, 1000.0 / (3 + i)));
    for (double& cost : services.back().cost) cost *= 1.1;
  }
  services.push_back(seldom);
  std::vector<CostSeries> reversed(services.rbegin(), services.rend());
  const TotalForecast forecast = forecast_total(sum(reversed), at(kDays), services, 6);
  ASSERT_EQ(forecast.slices.size(), 8u);
  EXPECT_TRUE(forecast.slices.back().everything_else);
  for (const SliceForecast& slice : forecast.slices) EXPECT_EQ(slice.forecast.least, 0);
}

TEST(TotalForecast, what_ended_long_before_the_bill_is_forecast_as_nothing_after_the_bill) {
  CostSeries ended = series({}, 40);
  for (std::size_t i = 40; i < kDays; ++i) ended.cost[i] = std::nan("");
  const TotalForecast forecast = forecast_total(ended, at(kDays), {}, 0);
  ASSERT_EQ(forecast.slices.size(), 1u);
  EXPECT_EQ(forecast.slices[0].forecast.days.front().day, at(kDays));
  EXPECT_NEAR(forecast.slices[0].forecast.total, 0, 1e-9);
}

TEST(TotalForecast, a_past_that_is_too_short_has_none) {
  EXPECT_TRUE(forecast_total(series({}, 10, "USD", kDays - 3), at(kDays), {}, 5).slices.empty());
}

}  // namespace
}  // namespace costagent
