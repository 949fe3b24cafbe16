// Hourly usage of what commitments cover, on every store.
#include <gtest/gtest.h>

#include "costagent/store/detail_rows.h"
#include "costagent/store/fact_contract_test.h"
#include "io/postgresql.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

using base::Decimal;

base::Seconds at(const char* date, int minutes) { return base::Seconds(day(date)) + std::chrono::minutes(minutes); }

// Usage on demand, that lasts from a minute of the day to another.
Charge usage(const char* date, int from, int to, const char* cost) {
  Charge usage = charge(date, "EC2", "vm", cost);
  usage.period_start = at(date, from);
  usage.period_end = at(date, to);
  usage.service_category = "Compute";
  usage.pricing_category = "Standard";
  usage.usage_type = "BoxUsage:m5.large";
  usage.consumed_unit = "Hours";
  usage.consumed_quantity = Decimal(1);
  return usage;
}

Charge covered(const char* date, int hour, const char* effective, const char* status = "Used") {
  Charge covered = usage(date, hour * 60, hour * 60 + 60, "0");
  covered.pricing_category = "Committed";
  covered.commitment_id = "ri-1";
  covered.commitment_status = status;
  covered.effective_cost = number(effective);
  covered.list_cost = number("0.10");
  return covered;
}

class CoverageTest : public FactContractTest {
 protected:
  CoveragePage ask(CoverageBucket bucket, std::vector<Dimension> by = {}, const char* from = "2025-01-01",
                   const char* to = "2025-02-01") {
    CoverageQuery query{"acme", {day(from), day(to)}, std::move(by)};
    query.bucket = bucket;
    auto page = facts().coverage(query);
    EXPECT_TRUE(page) << page.error().message;
    return page ? *page : CoveragePage();
  }
  static std::string effective(const Coverage& of) {
    return (of.used.effective + of.unused.effective + of.on_demand.effective + of.dynamic.effective).to_string();
  }
  std::int64_t rows_of(const std::string& table) {
    if (GetParam() == FactDatabase::sqlite) {
      auto connection = io::Sqlite::open(url().substr(7), io::Sqlite::Mode::read_only, 1000).value();
      return connection.integer(("SELECT count(*) FROM " + table).c_str()).value();
    }
    auto session = io::Postgres::connect(url(), "a test", std::chrono::seconds(60)).value();
    return session.query(("SELECT count(*) FROM costagent." + table).c_str(), std::chrono::seconds(60))
        .value()
        .integer(0, 0);
  }
};

TEST_P(CoverageTest, used_unused_and_what_could_be_covered_are_kept_apart_by_the_hour) {
  Charge spot = usage("2025-01-02", 60, 120, "0.03");
  spot.pricing_category = "Dynamic";
  Charge storage = usage("2025-01-02", 60, 120, "7");
  storage.consumed_unit = "GB-Mo";
  take_in("one", {usage("2025-01-02", 60, 120, "0.10"), usage("2025-01-02", 60, 120, "0.10"),
                  covered("2025-01-02", 1, "0.06"), covered("2025-01-02", 2, "0.02", "Unused"), spot, storage});
  auto page = ask(CoverageBucket::hour);
  ASSERT_EQ(page.totals.size(), 2u);
  const Coverage& first = page.totals[0].coverage;
  EXPECT_EQ(page.totals[0].bucket, at("2025-01-02", 60));
  EXPECT_EQ(first.on_demand.billed.to_string(), "0.2");
  EXPECT_EQ(first.used.effective.to_string(), "0.06");
  EXPECT_EQ(first.used.billed.to_string(), "0");
  EXPECT_EQ(first.used.list.to_string(), "0.1");
  EXPECT_EQ(first.dynamic.billed.to_string(), "0.03");
  EXPECT_EQ(first.quantities.at("Hours").on_demand.to_string(), "2");
  EXPECT_EQ(first.quantities.at("Hours").used.to_string(), "1");
  EXPECT_EQ(page.totals[1].bucket, at("2025-01-02", 120));
  EXPECT_EQ(page.totals[1].coverage.unused.effective.to_string(), "0.02");
  ASSERT_EQ(page.sum.size(), 1u);
  EXPECT_DOUBLE_EQ(page.sum[0].coverage.utilisation_percent().value(), 75);
  EXPECT_NEAR(page.sum[0].coverage.coverage_percent().value(), 100.0 / 3, 1e-9);
  EXPECT_EQ(effective(page.sum[0].coverage), "0.31") << "what is no time of a machine is not in it";
}

TEST_P(CoverageTest, it_is_cut_by_commitment_and_service_and_filtered) {
  Charge other = usage("2025-01-02", 0, 60, "5");
  other.service = "RDS";
  take_in("one", {usage("2025-01-02", 0, 60, "1"), covered("2025-01-02", 1, "3"), other});
  auto page = ask(CoverageBucket::whole, {Dimension::service, Dimension::commitment});
  ASSERT_EQ(page.totals.size(), 3u);
  EXPECT_EQ(page.totals[0].key, (SliceKey{"RDS", ""})) << "the dearest first";
  EXPECT_EQ(page.totals[1].key, (SliceKey{"EC2", "ri-1"}));
  CoverageQuery query{"acme", {day("2025-01-01"), day("2025-02-01")}, {Dimension::service}};
  query.only = {{Dimension::service, "EC2"}, {Dimension::provider, "amazon web services"}};
  EXPECT_EQ(effective(facts().coverage(query).value().sum.at(0).coverage), "4");
  query.only = {{Dimension::commitment, "never seen"}};
  EXPECT_TRUE(facts().coverage(query).value().totals.empty());
  query.only.clear();
  query.limit = 1;
  auto first = facts().coverage(query).value();
  EXPECT_EQ(first.totals.size(), 1u);
  EXPECT_TRUE(first.more);
  query.offset = 1;
  auto second = facts().coverage(query).value();
  ASSERT_EQ(second.totals.size(), 1u);
  EXPECT_FALSE(second.more);
  EXPECT_NE(first.totals[0].key, second.totals[0].key);
}

TEST_P(CoverageTest, a_longer_charge_is_spread_over_its_hours_and_the_last_takes_what_rounding_leaves) {
  Charge third = usage("2025-01-31", 22 * 60 + 30, 25 * 60, "1");  // half an hour, an hour, and an hour of February
  third.effective_cost = number("0.00000000000007");
  take_in("one", {third});
  const auto page = ask(CoverageBucket::hour, {}, "2025-01-15", "2025-02-03");
  ASSERT_EQ(page.totals.size(), 3u);
  EXPECT_EQ(page.totals[0].coverage.on_demand.billed.to_string(), "0.2");
  EXPECT_EQ(page.totals[1].coverage.on_demand.billed.to_string(), "0.4");
  EXPECT_EQ(page.totals[2].bucket, at("2025-02-01", 0));
  EXPECT_EQ(page.totals[0].coverage.on_demand.effective.to_string(), "0.000000000000014");
  EXPECT_EQ(effective(page.sum[0].coverage), "0.00000000000007");
  const auto months = ask(CoverageBucket::month, {}, "2025-01-01", "2025-03-01");
  ASSERT_EQ(months.totals.size(), 2u);
  EXPECT_EQ(months.totals[0].coverage.on_demand.billed.to_string(), "0.6");
  EXPECT_EQ(months.totals[1].coverage.on_demand.billed.to_string(), "0.4");

  Charge odd = usage("2025-01-02", 0, 7 * 60, "1");
  take_in("two", {odd});
  const auto shares = ask(CoverageBucket::hour, {}, "2025-01-02", "2025-01-03");
  ASSERT_EQ(shares.totals.size(), 7u);
  EXPECT_EQ(shares.totals[0].coverage.on_demand.billed.to_string(), "0.142857142857142857");
  EXPECT_EQ(shares.totals[6].coverage.on_demand.billed.to_string(), "0.142857142857142858");
  EXPECT_EQ(effective(shares.sum[0].coverage), "1");
}

TEST_P(CoverageTest, what_lasts_longer_than_a_month_counts_in_its_first_hour) {
  take_in("one", {usage("2025-01-01", 0, 744 * 60, "744"), usage("2025-01-02", 0, 745 * 60, "5")});
  const auto days = ask(CoverageBucket::day);
  ASSERT_EQ(days.totals.size(), 31u);
  EXPECT_EQ(effective(days.totals[0].coverage), "24");
  EXPECT_EQ(effective(days.totals[1].coverage), "29");
  EXPECT_EQ(effective(days.totals[30].coverage), "24");
}

TEST_P(CoverageTest, all_that_compute_costs_is_in_it_to_the_last_digit_whatever_the_period_is_cut_by) {
  std::vector<Charge> charges;
  for (int i = 0; i < 400; ++i) {
    const int from = (i * 37) % (20 * 60);
    const std::string date = fmt::format("2025-01-{:02}", i % 28 + 1);
    charges.push_back(
        usage(date.c_str(), from, from + (i % 5) * 47 + 13, fmt::format("0.{:014}", i * 7919 + 1).c_str()));
    charges.back().sub_account_id = std::to_string(i % 3);
  }
  take_in("one", charges);
  const std::string all = billed();
  for (const auto bucket : {CoverageBucket::whole, CoverageBucket::hour, CoverageBucket::day, CoverageBucket::month}) {
    CoverageQuery query{"acme", {day("2025-01-01"), day("2025-02-01")}, {Dimension::account}};
    query.bucket = bucket;
    query.limit = 100'000;
    const auto page = facts().coverage(query).value();
    Decimal sum;
    for (const CoverageTotal& total : page.totals) sum += total.coverage.on_demand.billed;
    EXPECT_EQ(sum.to_string(), all);
    EXPECT_EQ(page.sum.at(0).coverage.on_demand.billed.to_string(), all);
  }
}

TEST_P(CoverageTest, a_restated_month_takes_the_place_of_the_one_before_and_its_rows_go) {
  take_in("january", {usage("2025-01-02", 0, 60, "1"), usage("2025-01-20", 0, 60, "2")});
  take_in("january anew", {usage("2025-01-02", 0, 60, "4"), usage("2025-01-20", 0, 60, "8")}, "acme",
          Restatement::by_days);
  EXPECT_EQ(effective(ask(CoverageBucket::whole).sum.at(0).coverage), "12");
  EXPECT_EQ(rows_of("daily_coverage"), 4);
  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(rows_of("daily_coverage"), 2);
  EXPECT_EQ(rows_of("monthly_coverage"), 1);
  EXPECT_EQ(effective(ask(CoverageBucket::whole).sum.at(0).coverage), "12");
}

TEST_P(CoverageTest, by_the_hour_a_month_is_the_most) {
  CoverageQuery query{"acme", {day("2025-01-01"), day("2025-02-02")}};
  query.bucket = CoverageBucket::hour;
  EXPECT_EQ(facts().coverage(query).error().kind, base::ErrorKind::too_large);
}

TEST(PackedHours, are_read_as_they_were_written) {
  std::vector<CoverageHour> hours;
  for (int hour = 2; hour < 20; ++hour) {
    if (hour == 9) continue;
    const Decimal cost = number(hour < 12 ? "0.096" : "-0.5");
    hours.push_back({hour, Decimal(1), {cost, Decimal(), cost, number("0.1")}});
  }
  const std::string text = pack_hours(hours);
  EXPECT_EQ(text, "2-8,1,0.096,0,,0.1;10-11,1,0.096,0,,0.1;12-19,1,-0.5,0,,0.1");
  const auto read = unpack_hours(text).value();
  ASSERT_EQ(read.size(), hours.size());
  for (std::size_t i = 0; i < hours.size(); ++i) {
    EXPECT_EQ(read[i].hour, hours[i].hour);
    EXPECT_EQ(read[i].quantity, hours[i].quantity);
    EXPECT_EQ(read[i].costs, hours[i].costs);
  }
  for (const char* broken : {"x", "2", "2-", "2-30,1,1,,,", "2-3,,1,,,", "2-3,1,x,,,"})
    EXPECT_EQ(unpack_hours(broken).error().kind, base::ErrorKind::corrupt) << broken;
}

INSTANTIATE_TEST_SUITE_P(EveryStore, CoverageTest, every_store(), name_of_kind);

}  // namespace
}  // namespace costagent
