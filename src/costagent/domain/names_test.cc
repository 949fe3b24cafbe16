#include "costagent/domain/names.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

template <class Enum>
void expect_round_trip(std::initializer_list<Enum> values) {
  for (const Enum value : values) {
    EXPECT_NE(name_of(value), "unknown");
    EXPECT_EQ(parse_name<Enum>(name_of(value)), value);
  }
  EXPECT_EQ(parse_name<Enum>("no such name"), std::nullopt);
}

TEST(Names, every_value_has_a_name_that_reads_back) {
  using enum ChargeCategory;
  expect_round_trip({usage, purchase, tax, credit, adjustment});
  expect_round_trip({Dimension::provider, Dimension::billing_account, Dimension::account, Dimension::service,
                     Dimension::region, Dimension::resource, Dimension::category, Dimension::usage_type, Dimension::sku,
                     Dimension::pricing_category, Dimension::commitment});
  expect_round_trip({AnomalyKind::spike, AnomalyKind::dip, AnomalyKind::level_shift, AnomalyKind::drift,
                     AnomalyKind::missing_data, AnomalyKind::new_service, AnomalyKind::vanished_service});
  expect_round_trip({RecommendationType::idle_resource, RecommendationType::rightsize});
  expect_round_trip({RecommendationStatus::open, RecommendationStatus::approved, RecommendationStatus::rejected});
  expect_round_trip({Risk::low, Risk::medium, Risk::high});
  expect_round_trip({JobState::queued, JobState::running, JobState::done, JobState::failed, JobState::cancelled});
  expect_round_trip({Restatement::by_days, Restatement::replace, Restatement::add});
}

TEST(Names, letter_case_is_ignored) { EXPECT_EQ(parse_name<ChargeCategory>("usage"), ChargeCategory::usage); }

}  // namespace
}  // namespace costagent
