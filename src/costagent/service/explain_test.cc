// Which resources and usage types an anomaly is made of.
#include "costagent/service/explain.h"

#include <gtest/gtest.h>

#include "costagent/service/analysis_bill_test.h"

namespace costagent {
namespace {

constexpr int kStart = 30;

class ExplainTest : public StoredBillTest {
 protected:
  // Twenty machines of EC2 that cost 10 a day each, for five weeks.
  std::vector<Charge> bill() const {
    std::vector<Charge> charges;
    for (int i = 0; i < kStart + 10; ++i) {
      for (int machine = 0; machine < 20; ++machine)
        charges.push_back(line(i, "EC2", "ohio", fmt::format("i-{}", machine), 10));
    }
    return charges;
  }

  static Anomaly anomaly(int days, double more) {
    Anomaly made;
    made.kind = more > 0 ? AnomalyKind::spike : AnomalyKind::dip;
    made.dimensions = {Dimension::provider, Dimension::service};
    made.slice = {"AWS", "EC2"};
    made.currency = "USD";
    made.start = at(kStart);
    made.end = at(kStart + days);
    made.expected_cost = 200 * days;
    made.actual_cost = made.expected_cost + more;
    return made;
  }

  std::vector<Contribution> resources(const Anomaly& of) {
    const SeriesScope scope{"acme", {at(0), at(kStart + 10)}, {}, {}};
    auto contributions = contributions_to(facts(), scope, of).value();
    std::erase_if(contributions, [](const Contribution& one) { return one.dimension != Dimension::resource; });
    return contributions;
  }
};

TEST_F(ExplainTest, the_first_days_are_held_against_the_same_weekdays_before) {
  auto charges = bill();
  for (int i = kStart; i < kStart + 3; ++i) charges.push_back(line(i, "EC2", "ohio", "i-7", 30));
  // What comes in its second week is another story.
  for (int i = kStart + 5; i < kStart + 10; ++i) charges.push_back(line(i, "EC2", "ohio", "i-8", 900));
  take_in(facts(), "bill", charges);
  const auto found = resources(anomaly(10, 4590));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].value, "i-7");
  EXPECT_NEAR(found[0].daily_change, 30, 1e-6);
}

TEST_F(ExplainTest, what_goes_the_other_way_explains_nothing) {
  auto charges = bill();
  charges.push_back(line(kStart, "EC2", "ohio", "i-1", 50));
  charges.push_back(line(kStart, "EC2", "ohio", "i-2", -8));
  take_in(facts(), "bill", charges);
  const auto more = resources(anomaly(1, 42));
  ASSERT_EQ(more.size(), 1u);
  EXPECT_EQ(more[0].value, "i-1");
  const auto less = resources(anomaly(1, -8));
  ASSERT_EQ(less.size(), 1u);
  EXPECT_EQ(less[0].value, "i-2");
  EXPECT_NEAR(less[0].daily_change, -8, 1e-6);
}

TEST_F(ExplainTest, the_five_largest_are_told_unless_they_are_small_beside_the_first) {
  auto charges = bill();
  for (int machine = 0; machine < 8; ++machine)
    charges.push_back(line(kStart, "EC2", "ohio", fmt::format("i-{}", machine), 100 - machine));
  take_in(facts(), "bill", charges);
  const auto found = resources(anomaly(1, 772));
  ASSERT_EQ(found.size(), 5u);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].value, fmt::format("i-{}", i));

  std::vector<Charge> more{line(kStart, "EC2", "ohio", "i-9", 5000)};
  take_in(facts(), "more", more);
  const auto one = resources(anomaly(1, 5772));
  ASSERT_EQ(one.size(), 1u) << "the others are 2 % of it";
  EXPECT_EQ(one[0].value, "i-9");
}

TEST_F(ExplainTest, only_charges_in_the_anomalys_currency_count) {
  auto charges = bill();
  charges.push_back(line(kStart, "EC2", "ohio", "i-1", 50));
  charges.push_back(line(kStart, "EC2", "ohio", "i-2", 5000));
  charges.back().currency = "JPY";
  take_in(facts(), "bill", charges);
  const auto found = resources(anomaly(1, 50));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].value, "i-1");
}

TEST_F(ExplainTest, missing_days_have_no_parts) {
  auto charges = bill();
  std::erase_if(charges, [](const Charge& charge) {
    return std::chrono::floor<std::chrono::days>(charge.period_start) == at(kStart);
  });
  take_in(facts(), "bill", charges);
  Anomaly missing = anomaly(1, -200);
  missing.kind = AnomalyKind::missing_data;
  EXPECT_TRUE(resources(missing).empty());
}

}  // namespace
}  // namespace costagent
