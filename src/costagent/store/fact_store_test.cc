#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "costagent/store/fact_contract_test.h"

namespace costagent {
namespace {

using base::Decimal;

class FactStoreTest : public FactContractTest {};

TEST_P(FactStoreTest, sums_are_exact_and_cut_by_any_dimension) {
  take_in("one", {charge("2025-01-01", "EC2", "vm-1", "0.1"), charge("2025-01-01", "EC2", "vm-2", "0.2"),
                  charge("2025-01-02", "S3", "", "0.00000000000001"), charge("2025-01-02", "EC2", "vm-1", "-0.05")});
  take_in("two", {charge("2025-01-02", "EC2", "vm-1", "1e-14")});

  auto query = totals("2025-01-01", "2025-02-01");
  auto page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 1u);
  EXPECT_EQ(page.totals[0].costs.billed.to_string(), "0.25000000000002");
  ASSERT_EQ(page.sum.size(), 1u);
  EXPECT_EQ(page.sum[0].costs.effective.to_string(), "0.25000000000002");
  EXPECT_EQ(page.sum[0].currency, "USD");

  query.by = {Dimension::service};
  page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 2u);
  EXPECT_EQ(page.totals[0].key, SliceKey{"EC2"}) << "the dearest first";
  EXPECT_EQ(page.totals[0].costs.effective.to_string(), "0.25000000000001");
  EXPECT_EQ(page.totals[1].costs.effective.to_string(), "0.00000000000001");

  query.by = {Dimension::resource};
  query.only = {{Dimension::service, "EC2"}};
  query.bucket = Bucket::day;
  page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 3u);
  EXPECT_EQ(page.totals[0].key, SliceKey{"vm-2"});
  EXPECT_EQ(page.totals[2].bucket, day("2025-01-02"));
  EXPECT_EQ(page.totals[2].costs.effective.to_string(), "-0.04999999999999");
}

TEST_P(FactStoreTest, a_provider_is_found_by_any_of_its_names) {
  Charge older = charge("2025-01-01", "EC2", "vm-1", "1");
  Charge newer = charge("2025-01-02", "EC2", "vm-1", "2");
  newer.provider = "Amazon Web Services";
  Charge other = charge("2025-01-02", "VM", "vm-2", "4");
  other.provider = "Microsoft";
  take_in("one", {older, newer, other});
  auto query = totals("2025-01-01", "2025-02-01");
  for (const char* name : {"aws", "AWS", "Amazon Web Services"}) {
    query.only = {{Dimension::provider, name}};
    EXPECT_EQ(facts().totals(query).value().sum.at(0).costs.billed.to_string(), "3") << name;
  }
  query.only = {{Dimension::provider, "azure"}};
  EXPECT_EQ(facts().totals(query).value().sum.at(0).costs.billed.to_string(), "4");
  query.only = {{Dimension::provider, "gcp"}};
  EXPECT_TRUE(facts().totals(query).value().sum.empty());
}

TEST_P(FactStoreTest, a_period_ends_before_its_last_day_and_a_filter_that_matches_nothing_is_empty) {
  take_in("one", {charge("2025-01-31", "EC2", "vm", "1"), charge("2025-02-01", "EC2", "vm", "2")});
  EXPECT_EQ(facts().totals(totals("2025-01-01", "2025-02-01")).value().sum[0].costs.billed.to_string(), "1");
  EXPECT_EQ(facts().extent("acme").value(), (Period{day("2025-01-31"), day("2025-02-02")}));
  auto query = totals("2025-01-01", "2025-03-01");
  query.only = {{Dimension::service, "never seen"}};
  EXPECT_TRUE(facts().totals(query).value().totals.empty());
  query = totals("2025-01-01", "2025-03-01");
  query.customer = "somebody else";
  EXPECT_TRUE(facts().totals(query).value().totals.empty());
  EXPECT_EQ(facts().extent("somebody else").value(), std::nullopt);
}

TEST_P(FactStoreTest, pages_hold_every_slice_once_and_their_sum_is_the_whole) {
  std::vector<Charge> charges;
  charges.reserve(25);
  for (int i = 0; i < 25; ++i)
    charges.push_back(charge("2025-01-01", ("service " + std::to_string(i)).c_str(), "", "0.7"));
  take_in("one", charges);
  auto query = totals("2025-01-01", "2025-01-02");
  query.by = {Dimension::service};
  query.limit = 10;
  std::set<SliceKey> seen;
  Decimal sum;
  for (query.offset = 0;; query.offset += query.limit) {
    const auto page = facts().totals(query).value();
    EXPECT_EQ(page.sum[0].costs.billed.to_string(), "17.5");
    for (const CostTotal& total : page.totals) {
      EXPECT_TRUE(seen.insert(total.key).second);
      sum += total.costs.billed;
    }
    if (!page.more) break;
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(sum.to_string(), "17.5");
}

TEST_P(FactStoreTest, weeks_begin_on_monday_and_months_on_the_first) {
  take_in("one", {charge("2025-01-05", "EC2", "", "1"), charge("2025-01-06", "EC2", "", "2"),
                  charge("2025-02-01", "EC2", "", "4")});
  auto query = totals("2025-01-01", "2025-03-01");
  query.bucket = Bucket::week;
  auto page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 3u);
  EXPECT_EQ(page.totals[0].bucket, day("2024-12-30"));
  EXPECT_EQ(page.totals[1].bucket, day("2025-01-06"));
  query.bucket = Bucket::month;
  page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 2u);
  EXPECT_EQ(page.totals[0].costs.billed.to_string(), "3");
  EXPECT_EQ(page.totals[1].bucket, day("2025-02-01"));
}

TEST_P(FactStoreTest, series_tell_no_charge_from_a_charge_of_zero) {
  take_in("one", {charge("2025-01-01", "EC2", "a", "1.5"), charge("2025-01-01", "EC2", "b", "2"),
                  charge("2025-01-03", "EC2", "a", "0"), charge("2025-01-02", "S3", "", "9")});
  SeriesQuery query{"acme", {day("2025-01-01"), day("2025-01-04")}, CostMetric::billed, {Dimension::service}, {}};
  const auto series = facts().series(query).value();
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[0].key, SliceKey{"S3"});
  EXPECT_EQ(series[1].currency, "USD");
  ASSERT_EQ(series[1].cost.size(), 3u);
  EXPECT_EQ(series[1].cost[0], 3.5);
  EXPECT_TRUE(std::isnan(series[1].cost[1]));
  EXPECT_EQ(series[1].cost[2], 0.0);
  query.limit = 1;
  EXPECT_EQ(facts().series(query).value().size(), 1u);
}

TEST_P(FactStoreTest, currencies_are_kept_apart) {
  Charge euros = charge("2025-01-01", "EC2", "", "5");
  euros.currency = "EUR";
  take_in("one", {charge("2025-01-01", "EC2", "", "3"), euros});
  const auto page = facts().totals(totals("2025-01-01", "2025-01-02")).value();
  ASSERT_EQ(page.totals.size(), 2u);
  ASSERT_EQ(page.sum.size(), 2u);
  EXPECT_NE(page.sum[0].currency, page.sum[1].currency);
}

TEST_P(FactStoreTest, a_resource_billed_in_two_currencies_is_two_entries) {
  Charge euros = charge("2025-01-01", "EC2", "vm", "5");
  euros.currency = "EUR";
  take_in("one", {charge("2025-01-01", "EC2", "vm", "3"), euros});
  const auto resources = facts().resources("acme", "", {day("2025-01-01"), day("2025-01-02")}, 10).value();
  ASSERT_EQ(resources.size(), 2u);
  EXPECT_EQ(resources[0].currency, "EUR");
  EXPECT_EQ(resources[0].effective_cost.to_string(), "5");
  EXPECT_EQ(resources[1].currency, "USD");
  EXPECT_EQ(resources[1].effective_cost.to_string(), "3");
}

TEST_P(FactStoreTest, an_answer_too_large_for_memory_is_refused_and_the_next_one_is_given) {
  std::vector<Charge> charges;
  charges.reserve(230);
  for (int i = 0; i < 230; ++i) charges.push_back(charge("2025-01-01", std::to_string(i).c_str(), "", "1"));
  take_in("one", charges);
  SeriesQuery query{"acme", {day("2000-01-01"), day("2099-12-31")}, CostMetric::billed, {Dimension::service}, {}};
  EXPECT_EQ(facts().series(query).error().kind, base::ErrorKind::too_large);
  query.by.clear();
  EXPECT_EQ(facts().series(query).value().size(), 1u);
}

TEST_P(FactStoreTest, all_four_costs_are_kept_and_summed) {
  Charge whole = charge("2025-01-01", "EC2", "vm", "1");
  whole.effective_cost = number("0.6");
  whole.list_cost = number("2");
  whole.contracted_cost = number("1.5");
  Charge nothing = charge("2025-01-01", "EC2", "vm", "0");
  nothing.list_cost = number("-0.000000000000000001");
  take_in("one", {whole, nothing});
  for (const Bucket bucket : {Bucket::whole, Bucket::day}) {
    auto query = totals("2025-01-01", "2025-02-01");
    query.bucket = bucket;
    const Costs sum = facts().totals(query).value().sum.at(0).costs;
    EXPECT_EQ(sum.billed.to_string(), "1");
    EXPECT_EQ(sum.effective.to_string(), "0.6");
    EXPECT_EQ(sum.list.to_string(), "1.999999999999999999");
    EXPECT_EQ(sum.contracted.to_string(), "1.5");
  }
}

// Whatever rollup an answer comes from, it is the same.
TEST_P(FactStoreTest, months_quarters_and_years_are_the_sums_of_their_days) {
  std::vector<Charge> charges;
  for (base::Day at = day("2024-11-15"); at < day("2025-08-20"); at += std::chrono::days(3)) {
    Charge each = charge(base::format_day(at).c_str(), at.time_since_epoch().count() % 2 == 0 ? "EC2" : "S3", "vm",
                         fmt::format("0.{}", at.time_since_epoch().count()).c_str());
    each.billing_period_start = {};
    charges.push_back(each);
  }
  take_in("all", charges);
  for (const auto& by : {std::vector<Dimension>{Dimension::service}, {Dimension::account}, {Dimension::usage_type}}) {
    for (const Bucket bucket : {Bucket::whole, Bucket::month, Bucket::quarter, Bucket::year}) {
      TotalsQuery query = totals("2024-12-05", "2025-08-10");
      query.by = by;
      query.bucket = bucket;
      Decimal sum;
      std::size_t count = 0;
      const auto page = facts().totals(query).value();
      for (const CostTotal& total : page.totals) {
        sum += total.costs.billed;
        ++count;
      }
      Decimal expected;
      for (const Charge& each : charges) {
        const base::Day at = std::chrono::floor<std::chrono::days>(each.period_start);
        if (at >= query.period.from && at < query.period.to) expected += each.billed_cost;
      }
      EXPECT_EQ(sum.to_string(), expected.to_string());
      const std::size_t buckets = bucket == Bucket::whole     ? 1
                                  : bucket == Bucket::month   ? 9
                                  : bucket == Bucket::quarter ? 4
                                                              : 2;
      EXPECT_EQ(count, buckets * (by[0] == Dimension::service ? 2 : 1));
    }
  }
  TotalsQuery query = totals("2024-12-05", "2025-08-10");
  query.bucket = Bucket::quarter;
  EXPECT_EQ(facts().totals(query).value().totals.at(0).bucket, day("2024-10-01"));
  query.bucket = Bucket::year;
  EXPECT_EQ(facts().totals(query).value().totals.at(1).bucket, day("2025-01-01"));
}

TEST_P(FactStoreTest, costs_are_cut_and_filtered_by_tags) {
  Charge web = charge("2025-01-01", "EC2", "vm-1", "1");
  web.tags = R"({"team": "web", "env": "prod"})";
  Charge data = charge("2025-01-01", "EC2", "vm-2", "2");
  data.tags = R"({"team": "data", "size": 3})";
  Charge none = charge("2025-01-01", "EC2", "vm-3", "4");
  Charge broken = charge("2025-01-01", "EC2", "vm-4", "8");
  broken.tags = "no JSON";
  take_in("one", {web, data, none, broken});
  auto query = totals("2025-01-01", "2025-02-01");
  query.by = {Dimension::service};
  query.by_tags = {"team"};
  auto page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 3u);
  EXPECT_EQ(page.totals[0].key, (SliceKey{"EC2", ""}));
  EXPECT_EQ(page.totals[0].costs.billed.to_string(), "12");
  EXPECT_EQ(page.totals[1].key, (SliceKey{"EC2", "data"}));
  EXPECT_EQ(page.totals[2].key, (SliceKey{"EC2", "web"}));
  query.by_tags.clear();
  for (const auto& [tags, sum] : std::initializer_list<std::pair<std::map<std::string, std::string>, std::string>>{
           {{{"team", "web"}}, "1"},
           {{{"team", "web"}, {"env", "test"}}, "none"},
           {{{"size", "3"}}, "2"},
           {{{"team", ""}}, "12"}}) {
    query.only_tagged = tags;
    page = facts().totals(query).value();
    EXPECT_EQ(page.sum.empty() ? "none" : page.sum[0].costs.billed.to_string(), sum);
  }
}

TEST_P(FactStoreTest, bills_are_told_by_billing_period_whatever_the_days_of_their_charges) {
  Charge january = charge("2025-01-31", "EC2", "vm", "1");
  Charge late = charge("2024-12-30", "EC2", "vm", "2");
  Charge euros = charge("2025-01-15", "EC2", "vm", "4");
  euros.currency = "EUR";
  for (Charge* each : {&january, &late, &euros}) each->billing_period_start = base::Seconds(day("2025-01-01"));
  Charge february = charge("2025-02-01", "EC2", "vm", "8");
  february.billing_period_start = base::Seconds(day("2025-02-01"));
  take_in("one", {january, late, february});
  take_in("two", {euros});
  const auto bills = facts().bills("acme", 10).value();
  ASSERT_EQ(bills.size(), 3u);
  EXPECT_EQ(bills[0].billing_period, day("2025-02-01"));
  EXPECT_EQ(bills[0].costs.billed.to_string(), "8");
  Decimal january_sum;
  for (const Bill& bill : {bills[1], bills[2]}) {
    EXPECT_EQ(bill.billing_period, day("2025-01-01"));
    EXPECT_EQ(bill.provider, "AWS");
    EXPECT_EQ(bill.costs.billed.to_string(), bill.currency == "EUR" ? "4" : "3");
    january_sum += bill.costs.billed;
  }
  EXPECT_EQ(january_sum.to_string(), "7");
  EXPECT_EQ(facts().bills("acme", 1).value().size(), 1u);
  auto query = totals("2024-12-01", "2025-03-01");
  query.billing_period = day("2025-01-01");
  query.only = {{Dimension::service, "EC2"}};
  Decimal sum;
  const auto page = facts().totals(query).value();
  for (const CostTotal& total : page.sum) sum += total.costs.billed;
  EXPECT_EQ(sum.to_string(), "7");
}

TEST_P(FactStoreTest, commitments_are_what_the_newest_file_says) {
  const auto take = [&](const char* digest, const char* cost) {
    Commitment commitment;
    commitment.id = "c-1";
    commitment.contract_id = "k";
    commitment.cost = number(cost);
    commitment.start = base::Seconds(day("2025-01-01"));
    commitment.end = base::Seconds(day("2026-01-01"));
    auto writer = facts().begin({"acme"}).value();
    ASSERT_TRUE(writer->begin_file({"c.csv", "", "", digest}));
    ASSERT_TRUE(writer->add(commitment));
    ASSERT_TRUE(writer->end_file(digest, {1, 0, {}, {}}));
    ASSERT_TRUE(writer->publish({}));
  };
  take("one", "1000");
  take("two", "1200.5");
  const auto found = facts().commitments("acme", {day("2025-12-31"), day("2026-02-01")}, 10).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "c-1");
  EXPECT_EQ(found[0].cost.to_string(), "1200.5");
  EXPECT_EQ(found[0].end, base::Seconds(day("2026-01-01")));
  EXPECT_TRUE(facts().commitments("acme", {day("2026-01-01"), day("2026-02-01")}, 10).value().empty());
  EXPECT_TRUE(facts().commitments("other", {day("2025-12-31"), day("2026-02-01")}, 10).value().empty());
  EXPECT_EQ(facts().extent("acme").value(), std::nullopt) << "they are no charges";
}

TEST_P(FactStoreTest, resources_come_with_cost_names_and_utilisation) {
  take_in("bill", {charge("2025-01-01", "EC2", "vm-1", "3"), charge("2025-01-01", "EC2", "vm-1", "1"),
                   charge("2025-01-02", "EC2", "vm-1", "4"), charge("2025-01-01", "EC2", "vm-2", "100"),
                   charge("2025-01-01", "S3", "", "50")});
  auto writer = facts().begin({"acme"}).value();
  ASSERT_TRUE(writer->begin_file({"use.csv", "", "", "use"}));
  for (int hour = 0; hour < 48; ++hour) {
    UtilisationSample sample;
    sample.resource_id = "vm-1";
    sample.hour = base::Seconds(day("2025-01-01")) + std::chrono::hours(hour);
    sample.cpu_percent = hour * 7 % 48;  // each value once, the highest neither first nor last of its day
    sample.memory_percent = 10;
    sample.network_bytes = 1000;
    ASSERT_TRUE(writer->add(sample));
  }
  ASSERT_TRUE(writer->end_file("use", {48, 0, {}, {}}));
  ASSERT_TRUE(writer->publish({}));
  writer.reset();
  const Period january{day("2025-01-01"), day("2025-02-01")};
  const auto resources = facts().resources("acme", "", january, 10).value();
  ASSERT_EQ(resources.size(), 2u);
  EXPECT_EQ(resources[0].resource_id, "vm-2") << "the dearest first";
  EXPECT_EQ(resources[0].hours_observed, 0);
  const ResourceUsage& vm = resources[1];
  EXPECT_EQ(vm.resource_name, "name of vm-1");
  EXPECT_EQ(vm.effective_cost.to_string(), "8");
  EXPECT_EQ(vm.days_billed, 2);
  EXPECT_EQ(vm.last_billed, day("2025-01-02"));
  EXPECT_EQ(vm.hours_observed, 48);
  EXPECT_DOUBLE_EQ(vm.cpu_percent_average, 23.5);
  EXPECT_EQ(vm.cpu_percent_max, 47);
  EXPECT_DOUBLE_EQ(vm.network_bytes_per_hour, 1000);
  EXPECT_TRUE(facts().resources("acme", "Google Cloud", january, 10).value().empty());
  EXPECT_EQ(facts().resources("acme", "AWS", january, 1).value().size(), 1u);
}

TEST_P(FactStoreTest, texts_come_back_as_they_came_whatever_their_bytes_and_length) {
  const std::string long_one = std::string(100'000, 'x') + "1";
  const std::string long_other = std::string(100'000, 'x') + "2";
  const std::vector<std::string> resources = {
      std::string("nul\0in it", 9), "\xff\xfe no UTF-8",   "ü", long_one, long_other,
      std::string(1024, 'k'),       std::string(1025, 'k')};
  std::vector<Charge> charges;
  for (const std::string& resource : resources) {
    charges.push_back(charge("2025-01-01", "EC2", "", "1"));
    charges.back().resource_id = resource;
  }
  take_in("one", charges);
  take_in("two", charges);
  auto query = totals("2025-01-01", "2025-01-02");
  query.by = {Dimension::resource};
  const auto page = facts().totals(query).value();
  std::set<std::string> found;
  for (const CostTotal& total : page.totals) {
    found.insert(total.key.at(0));
    EXPECT_EQ(total.costs.billed.to_string(), "2") << "each is one resource";
  }
  EXPECT_EQ(found, std::set<std::string>(resources.begin(), resources.end()));
  query.only = {{Dimension::resource, long_other}};
  EXPECT_EQ(facts().totals(query).value().totals.at(0).key.at(0), long_other);
}

// More rows than are fetched at once, and a month in the middle that is read whole.
TEST_P(FactStoreTest, many_rows_are_read_to_the_last) {
  std::vector<Charge> charges;
  for (const char* date : {"2025-01-30", "2025-02-10", "2025-02-11", "2025-03-02"}) {
    for (int resource = 0; resource < 4100; ++resource)
      charges.push_back(charge(date, "EC2", std::to_string(resource).c_str(), "0.25"));
  }
  take_in("one", charges);
  auto query = totals("2025-01-30", "2025-03-03");
  query.by = {Dimension::resource};
  query.limit = 5000;
  const auto page = facts().totals(query).value();
  EXPECT_EQ(page.sum.at(0).costs.billed.to_string(), "4100");
  ASSERT_EQ(page.totals.size(), 4100u);
  for (const CostTotal& total : page.totals) EXPECT_EQ(total.costs.billed.to_string(), "1");
  query.period = {day("2025-01-01"), day("2025-04-10")};
  EXPECT_EQ(facts().totals(query).value().sum.at(0).costs.billed.to_string(), "4100");
}

INSTANTIATE_TEST_SUITE_P(on, FactStoreTest, every_store(), name_of_kind);

}  // namespace
}  // namespace costagent
