#include "costagent/domain/fact_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>

#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using base::Decimal;

Decimal number(std::string_view text) { return Decimal::parse(text).value(); }

base::Day day(const char* text) { return base::parse_day(text).value(); }

Charge charge(const char* date, const char* service, const char* resource, const char* cost) {
  Charge charge;
  charge.provider = "AWS";
  charge.sub_account_id = "1234";
  charge.service = service;
  charge.region = "eu-west-1";
  charge.resource_id = resource;
  charge.resource_name = std::string("name of ") + resource;
  charge.resource_type = "Instance";
  charge.period_start = base::Seconds(day(date)) + std::chrono::hours(23);
  charge.period_end = charge.period_start + std::chrono::hours(1);
  charge.currency = "USD";
  charge.billed_cost = number(cost);
  charge.effective_cost = charge.list_cost = charge.contracted_cost = charge.billed_cost;
  return charge;
}

class FactStoreTest : public testing::Test {
 protected:
  FactStoreTest() {
    std::string name = (fs::temp_directory_path() / "facts-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    open();
  }
  ~FactStoreTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  std::string path() const { return (folder_ / "costs.db").string(); }
  void open() {
    store_.reset();
    auto store = open_store("sqlite:" + path());
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }
  FactStore& facts() { return store_->facts(); }

  // Takes in one file as a delivery of its own.
  Publication take_in(const std::string& digest, const std::vector<Charge>& charges,
                      const std::string& customer = "acme", Restatement restatement = Restatement::add) {
    auto writer = facts().begin({customer, restatement});
    EXPECT_TRUE(writer) << writer.error().message;
    add_file(**writer, digest, charges);
    auto published = (*writer)->publish({});
    EXPECT_TRUE(published) << published.error().message;
    return published ? *published : Publication();
  }
  static void add_file(FactWriter& writer, const std::string& digest, const std::vector<Charge>& charges) {
    ASSERT_TRUE(writer.begin_file({digest + ".csv", "FOCUS 1.0", "header", "beginning of " + digest}));
    FileTally tally;
    for (const Charge& each : charges) {
      const auto added = writer.add(each, "raw," + each.service);
      ASSERT_TRUE(added) << added.error().message;
      ++tally.rows;
      tally.billed_cost += each.billed_cost;
      tally.effective_cost += each.effective_cost;
    }
    const auto ended = writer.end_file(digest, tally);
    ASSERT_TRUE(ended) << ended.error().message;
  }
  std::string billed(const char* from = "2020-01-01", const char* to = "2030-01-01") {
    const auto page = facts().totals(totals(from, to)).value();
    return page.sum.empty() ? "none" : page.sum[0].costs.billed.to_string();
  }
  TotalsQuery totals(const char* from, const char* to) const { return {"acme", {day(from), day(to)}, {}}; }

  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(FactStoreTest, sums_are_exact_and_cut_by_any_dimension) {
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

TEST_F(FactStoreTest, a_provider_is_found_by_any_of_its_names) {
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

TEST_F(FactStoreTest, a_period_ends_before_its_last_day_and_a_filter_that_matches_nothing_is_empty) {
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

TEST_F(FactStoreTest, pages_hold_every_slice_once_and_their_sum_is_the_whole) {
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

TEST_F(FactStoreTest, weeks_begin_on_monday_and_months_on_the_first) {
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

TEST_F(FactStoreTest, series_tell_no_charge_from_a_charge_of_zero) {
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

TEST_F(FactStoreTest, currencies_are_kept_apart) {
  Charge euros = charge("2025-01-01", "EC2", "", "5");
  euros.currency = "EUR";
  take_in("one", {charge("2025-01-01", "EC2", "", "3"), euros});
  const auto page = facts().totals(totals("2025-01-01", "2025-01-02")).value();
  ASSERT_EQ(page.totals.size(), 2u);
  ASSERT_EQ(page.sum.size(), 2u);
  EXPECT_NE(page.sum[0].currency, page.sum[1].currency);
}

TEST_F(FactStoreTest, a_resource_billed_in_two_currencies_is_two_entries) {
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

TEST_F(FactStoreTest, an_answer_too_large_for_memory_is_refused_and_the_next_one_is_given) {
  std::vector<Charge> charges;
  charges.reserve(230);
  for (int i = 0; i < 230; ++i) charges.push_back(charge("2025-01-01", std::to_string(i).c_str(), "", "1"));
  take_in("one", charges);
  SeriesQuery query{"acme", {day("2000-01-01"), day("2099-12-31")}, CostMetric::billed, {Dimension::service}, {}};
  EXPECT_EQ(facts().series(query).error().kind, base::ErrorKind::too_large);
  query.by.clear();
  EXPECT_EQ(facts().series(query).value().size(), 1u);
}

TEST_F(FactStoreTest, a_file_is_known_by_what_it_holds_and_to_its_customer_only) {
  EXPECT_FALSE(facts().has_beginning("acme", "beginning of digest").value());
  take_in("digest", {charge("2025-01-01", "EC2", "", "3")});
  const auto known = facts().known("acme", "digest").value();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->rows, 1);
  EXPECT_EQ(known->billed_cost.to_string(), "3");
  EXPECT_TRUE(facts().has_beginning("acme", "beginning of digest").value());
  EXPECT_FALSE(facts().known("other", "digest").value());
  EXPECT_FALSE(facts().has_beginning("other", "beginning of digest").value());
  take_in("digest", {charge("2025-01-01", "EC2", "", "3")}, "other");
}

TEST_F(FactStoreTest, a_file_that_somebody_else_took_in_meanwhile_is_not_taken_twice) {
  for (const Restatement restatement : {Restatement::add, Restatement::replace}) {
    const std::string digest = restatement == Restatement::add ? "one" : "two";
    auto writer = facts().begin({"acme", restatement}).value();
    add_file(*writer, digest, {charge("2025-01-01", "EC2", "", "3")});
    take_in(digest, {charge("2025-01-01", "EC2", "", "3")});
    const auto failed = writer->publish({});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, base::ErrorKind::conflict);
    EXPECT_EQ(failed.error().field, FactWriter::kTaken);
  }
  EXPECT_EQ(billed(), "6");
}

TEST_F(FactStoreTest, a_delivery_replaces_the_month_that_it_brings_anew_and_no_other) {
  Charge other_account = charge("2025-01-02", "EC2", "vm", "100");
  other_account.billing_account_id = "another";
  Charge other_month = charge("2025-02-02", "EC2", "vm", "200");
  other_month.billing_period_start = base::Seconds(day("2025-02-01"));
  Charge first = charge("2025-01-01", "EC2", "vm", "1");
  Charge second = charge("2025-01-02", "EC2", "vm", "2");
  for (Charge* each : {&first, &second, &other_account}) each->billing_period_start = base::Seconds(day("2025-01-01"));
  take_in("january", {first, second, other_account, other_month});
  take_in("january of another", {first}, "somebody else");

  second.billed_cost = number("7");
  second.provider = "Amazon Web Services";  // the same cloud under another name
  const auto published = take_in("january anew", {first, second}, "acme", Restatement::by_days);
  ASSERT_EQ(published.replaced.size(), 1u);
  EXPECT_EQ(published.replaced[0].provider, "AWS");
  EXPECT_EQ(published.replaced[0].billing_account, "");
  EXPECT_EQ(published.replaced[0].billing_period, day("2025-01-01"));
  EXPECT_EQ(published.replaced[0].rows, 2);
  EXPECT_EQ(published.replaced[0].files, std::vector<std::string>{"january.csv"});
  EXPECT_EQ(billed(), "308") << "1 and 7, and what another account and another month have";
  EXPECT_FALSE(facts().known("acme", "january").value()) << "a part of it no longer counts";
  EXPECT_TRUE(facts().known("acme", "january anew").value());

  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(billed(), "308") << "clearing away changes nothing";
  auto query = totals("2025-01-01", "2025-02-01");
  query.by = {Dimension::resource};
  query.bucket = Bucket::day;
  EXPECT_EQ(facts().totals(query).value().totals.size(), 2u);
}

TEST_F(FactStoreTest, a_delivery_of_other_days_of_a_month_comes_beside_it) {
  Charge first = charge("2025-01-01", "EC2", "vm", "1");
  Charge second = charge("2025-01-02", "EC2", "vm", "2");
  take_in("first day", {first}, "acme", Restatement::by_days);
  EXPECT_TRUE(take_in("second day", {second}, "acme", Restatement::by_days).replaced.empty());
  EXPECT_EQ(billed(), "3");
}

TEST_F(FactStoreTest, what_covers_a_part_of_the_days_could_be_either_and_is_refused) {
  take_in("january", {charge("2025-01-01", "EC2", "vm", "1"), charge("2025-01-20", "EC2", "vm", "2")});
  auto writer = facts().begin({"acme"}).value();
  add_file(*writer, "some days", {charge("2025-01-20", "S3", "", "4"), charge("2025-01-25", "S3", "", "8")});
  const auto failed = writer->publish({});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(failed.error().field, "");
  EXPECT_NE(failed.error().message.find("2025-01-01 to 2025-01-20 are there already (from january.csv)"),
            std::string::npos)
      << failed.error().message;
  EXPECT_EQ(billed(), "3");
  take_in("some days", {charge("2025-01-20", "S3", "", "4"), charge("2025-01-25", "S3", "", "8")}, "acme",
          Restatement::replace);
  EXPECT_EQ(billed(), "12");
}

TEST_F(FactStoreTest, what_would_replace_a_file_that_belongs_to_it_asks_for_that_file_first) {
  {
    auto writer = facts().begin({"acme"}).value();
    add_file(*writer, "1 of 2", {charge("2025-01-01", "EC2", "vm", "1")});
    add_file(*writer, "2 of 2", {charge("2025-01-01", "S3", "", "2")});
    ASSERT_TRUE(writer->publish({}));
  }
  auto writer = facts().begin({"acme"}).value();
  add_file(*writer, "2 of 2, anew", {charge("2025-01-01", "S3", "", "4")});
  const std::string known[] = {"1 of 2"};
  EXPECT_EQ(writer->publish(known).value().missing, std::vector<std::string>{"1 of 2"});
  EXPECT_EQ(billed(), "3") << "nothing has changed yet";
  add_file(*writer, "1 of 2", {charge("2025-01-01", "EC2", "vm", "1")});
  const auto published = writer->publish({}).value();
  EXPECT_TRUE(published.missing.empty());
  EXPECT_EQ(published.replaced.at(0).rows, 2);
  EXPECT_EQ(billed(), "5");
}

TEST_F(FactStoreTest, a_month_that_is_brought_anew_again_and_again_is_the_last_one) {
  for (int i = 1; i <= 5; ++i) {
    take_in(std::to_string(i), {charge("2025-01-01", "EC2", "vm", std::to_string(i).c_str())}, "acme",
            Restatement::replace);
    EXPECT_EQ(billed(), std::to_string(i));
  }
  take_in("1", {charge("2025-01-01", "EC2", "vm", "1")}, "acme", Restatement::replace);
  EXPECT_EQ(billed(), "1") << "back to what was";
}

TEST_F(FactStoreTest, what_nobody_published_is_cleared_away_and_what_is_being_loaded_is_not) {
  take_in("kept", {charge("2025-01-01", "EC2", "", "1")});
  { add_file(*facts().begin({"acme"}).value(), "left", {charge("2025-01-01", "EC2", "vm", "2")}); }
  auto loading = facts().begin({"acme", Restatement::add}).value();
  add_file(*loading, "loading", {charge("2025-01-01", "EC2", "vm", "4")});
  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(billed(), "1");
  ASSERT_TRUE(loading->publish({}));
  EXPECT_EQ(billed(), "5");
}

TEST_F(FactStoreTest, all_four_costs_are_kept_and_summed) {
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
TEST_F(FactStoreTest, months_quarters_and_years_are_the_sums_of_their_days) {
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

TEST_F(FactStoreTest, costs_are_cut_and_filtered_by_tags) {
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

TEST_F(FactStoreTest, bills_are_told_by_billing_period_whatever_the_days_of_their_charges) {
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

TEST_F(FactStoreTest, commitments_are_what_the_newest_file_says) {
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

TEST_F(FactStoreTest, the_version_changes_with_the_customers_facts_and_no_others) {
  EXPECT_EQ(facts().version("acme").value(), 0);
  take_in("one", {charge("2025-01-01", "EC2", "", "3")});
  const auto first = facts().version("acme").value();
  take_in("other", {charge("2025-01-01", "EC2", "", "3")}, "somebody else");
  EXPECT_EQ(facts().version("acme").value(), first);
  take_in("two", {charge("2025-01-01", "EC2", "", "3")});
  EXPECT_NE(facts().version("acme").value(), first);
}

TEST_F(FactStoreTest, a_writer_that_does_not_publish_leaves_nothing) {
  {
    auto writer = facts().begin({"acme"}).value();
    add_file(*writer, "lost", {charge("2025-01-01", "Unheard of", "", "3")});
    EXPECT_EQ(billed(), "none") << "not before it is published";
  }
  EXPECT_FALSE(facts().known("acme", "lost").value());
  EXPECT_EQ(facts().extent("acme").value(), std::nullopt);
  EXPECT_EQ(billed(), "none");
  EXPECT_EQ(facts().version("acme").value(), 0);
  take_in("kept", {charge("2025-01-01", "Unheard of", "", "4")});
  auto query = totals("2025-01-01", "2025-01-02");
  query.by = {Dimension::service};
  EXPECT_EQ(facts().totals(query).value().totals.at(0).key, SliceKey{"Unheard of"});
}

TEST_F(FactStoreTest, a_process_killed_in_mid_file_leaves_nothing_of_it) {
  take_in("before", {charge("2025-01-01", "EC2", "", "1")});
  store_.reset();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_store("sqlite:" + path());
    auto writer = (*store)->facts().begin({"acme"});
    if (!(*writer)->begin_file({"half.csv", "", "", "half"})) ::_exit(1);
    for (int i = 0; i < 20'000; ++i) {
      if (!(*writer)->add(charge("2025-01-02", "EC2", std::to_string(i).c_str(), "1"), "raw")) ::_exit(1);
    }
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);

  open();
  EXPECT_FALSE(facts().known("acme", "half").value());
  EXPECT_EQ(billed(), "1");
  take_in("half", {charge("2025-01-02", "EC2", "", "1")});
  EXPECT_EQ(billed(), "2");
}

TEST_F(FactStoreTest, a_file_too_large_for_memory_is_flushed_in_parts_and_sums_the_same) {
  // More days of slices than are kept at once.
  constexpr int kCharges = 150'000;
  auto writer = facts().begin({"acme"}).value();
  ASSERT_TRUE(writer->begin_file({"big.csv", "", "", "big"}));
  for (int i = 0; i < kCharges; ++i) {
    const std::string resource = std::to_string(i % 140'000);
    ASSERT_TRUE(writer->add(charge("2025-01-01", "EC2", resource.c_str(), "0.001"), "raw"));
    ASSERT_TRUE(writer->add(charge("2025-01-02", "EC2", resource.c_str(), "0.001"), "raw"));
  }
  ASSERT_TRUE(writer->end_file("big", {std::int64_t{2} * kCharges, 0, number("300"), number("300")}));
  ASSERT_TRUE(writer->publish({}));
  writer.reset();
  auto query = totals("2025-01-01", "2025-02-01");
  EXPECT_EQ(billed(), "300");
  query.by = {Dimension::resource};
  query.bucket = Bucket::day;
  EXPECT_EQ(facts().totals(query).error().kind, base::ErrorKind::too_large);
  query.only = {{Dimension::resource, "5"}};
  EXPECT_EQ(facts().totals(query).value().sum.at(0).costs.billed.to_string(), "0.004");
}

TEST_F(FactStoreTest, resources_come_with_cost_names_and_utilisation) {
  take_in("bill", {charge("2025-01-01", "EC2", "vm-1", "3"), charge("2025-01-01", "EC2", "vm-1", "1"),
                   charge("2025-01-02", "EC2", "vm-1", "4"), charge("2025-01-01", "EC2", "vm-2", "100"),
                   charge("2025-01-01", "S3", "", "50")});
  auto writer = facts().begin({"acme"}).value();
  ASSERT_TRUE(writer->begin_file({"use.csv", "", "", "use"}));
  for (int hour = 0; hour < 48; ++hour) {
    UtilisationSample sample;
    sample.resource_id = "vm-1";
    sample.hour = base::Seconds(day("2025-01-01")) + std::chrono::hours(hour);
    sample.cpu_percent = hour;
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

TEST_F(FactStoreTest, readers_and_writers_at_once_see_whole_files_only) {
  std::atomic<bool> done = false;
  std::thread writing([&] {
    for (int file = 0; file < 20; ++file) {
      take_in("file " + std::to_string(file), std::vector<Charge>(50, charge("2025-01-01", "EC2", "vm", "0.02")));
    }
    done = true;
  });
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto page = facts().totals(totals("2025-01-01", "2025-01-02"));
        ASSERT_TRUE(page) << page.error().message;
        if (page->sum.empty()) continue;
        EXPECT_EQ(page->sum[0].costs.billed.to_string().find('.'), std::string::npos) << "each file brings exactly 1";
      }
    });
  }
  writing.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(facts().totals(totals("2025-01-01", "2025-01-02")).value().sum[0].costs.billed.to_string(), "20");
}

}  // namespace
}  // namespace costagent
