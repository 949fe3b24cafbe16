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
  charge.effective_cost = charge.billed_cost;
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

  void take_in(const std::string& digest, const std::vector<Charge>& charges, const std::string& customer = "acme") {
    auto writer = facts().begin({customer, digest, digest + ".csv"});
    ASSERT_TRUE(writer) << writer.error().message;
    FileTally tally;
    for (const Charge& each : charges) {
      ASSERT_TRUE((*writer)->add(each, "raw," + each.service));
      ++tally.rows;
      tally.billed_cost += each.billed_cost;
      tally.effective_cost += each.effective_cost;
    }
    ASSERT_TRUE((*writer)->commit(tally));
  }
  TotalsQuery totals(const char* from, const char* to) const { return {"acme", {day(from), day(to)}, {}, {}}; }

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
  EXPECT_EQ(page.totals[0].billed_cost.to_string(), "0.25000000000002");
  ASSERT_EQ(page.sum.size(), 1u);
  EXPECT_EQ(page.sum[0].effective_cost.to_string(), "0.25000000000002");
  EXPECT_EQ(page.sum[0].currency, "USD");

  query.by = {Dimension::service};
  page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 2u);
  EXPECT_EQ(page.totals[0].key, SliceKey{"EC2"}) << "the dearest first";
  EXPECT_EQ(page.totals[0].effective_cost.to_string(), "0.25000000000001");
  EXPECT_EQ(page.totals[1].effective_cost.to_string(), "0.00000000000001");

  query.by = {Dimension::resource};
  query.only = {{Dimension::service, "EC2"}};
  query.bucket = Bucket::day;
  page = facts().totals(query).value();
  ASSERT_EQ(page.totals.size(), 3u);
  EXPECT_EQ(page.totals[0].key, SliceKey{"vm-2"});
  EXPECT_EQ(page.totals[2].bucket, day("2025-01-02"));
  EXPECT_EQ(page.totals[2].effective_cost.to_string(), "-0.04999999999999");
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
    EXPECT_EQ(facts().totals(query).value().sum.at(0).billed_cost.to_string(), "3") << name;
  }
  query.only = {{Dimension::provider, "azure"}};
  EXPECT_EQ(facts().totals(query).value().sum.at(0).billed_cost.to_string(), "4");
  query.only = {{Dimension::provider, "gcp"}};
  EXPECT_TRUE(facts().totals(query).value().sum.empty());
}

TEST_F(FactStoreTest, a_period_ends_before_its_last_day_and_a_filter_that_matches_nothing_is_empty) {
  take_in("one", {charge("2025-01-31", "EC2", "vm", "1"), charge("2025-02-01", "EC2", "vm", "2")});
  EXPECT_EQ(facts().totals(totals("2025-01-01", "2025-02-01")).value().sum[0].billed_cost.to_string(), "1");
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
    EXPECT_EQ(page.sum[0].billed_cost.to_string(), "17.5");
    for (const CostTotal& total : page.totals) {
      EXPECT_TRUE(seen.insert(total.key).second);
      sum += total.billed_cost;
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
  EXPECT_EQ(page.totals[0].billed_cost.to_string(), "3");
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
  take_in("digest", {charge("2025-01-01", "EC2", "", "3")});
  const auto known = facts().known({"acme", "digest", "other name.csv"}).value();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->rows, 1);
  EXPECT_EQ(known->billed_cost.to_string(), "3");
  EXPECT_EQ(facts().begin({"acme", "digest", "again.csv"}).error().kind, base::ErrorKind::conflict);
  EXPECT_FALSE(facts().known({"other", "digest", "x.csv"}).value());
  take_in("digest", {charge("2025-01-01", "EC2", "", "3")}, "other");
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

TEST_F(FactStoreTest, a_writer_that_is_not_committed_leaves_nothing) {
  {
    auto writer = facts().begin({"acme", "lost", "lost.csv"}).value();
    ASSERT_TRUE(writer->add(charge("2025-01-01", "Unheard of", "", "3"), "raw"));
  }
  EXPECT_FALSE(facts().known({"acme", "lost", "lost.csv"}).value());
  EXPECT_EQ(facts().extent("acme").value(), std::nullopt);
  // What the abandoned writer taught the dictionary must not be believed by the next one.
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
    auto writer = (*store)->facts().begin({"acme", "half", "half.csv"});
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
  EXPECT_FALSE(facts().known({"acme", "half", "half.csv"}).value());
  EXPECT_EQ(facts().totals(totals("2025-01-01", "2025-02-01")).value().sum.at(0).billed_cost.to_string(), "1");
  take_in("half", {charge("2025-01-02", "EC2", "", "1")});
  EXPECT_EQ(facts().totals(totals("2025-01-01", "2025-02-01")).value().sum.at(0).billed_cost.to_string(), "2");
}

TEST_F(FactStoreTest, a_file_too_large_for_memory_is_flushed_in_parts_and_sums_the_same) {
  // More keys than the rollups keep at once.
  constexpr int kCharges = 150'000;
  auto writer = facts().begin({"acme", "big", "big.csv"}).value();
  for (int i = 0; i < kCharges; ++i) {
    const std::string resource = std::to_string(i % 140'000);
    ASSERT_TRUE(writer->add(charge("2025-01-01", "EC2", resource.c_str(), "0.001"), "raw"));
    ASSERT_TRUE(writer->add(charge("2025-01-02", "EC2", resource.c_str(), "0.001"), "raw"));
  }
  ASSERT_TRUE(writer->commit({std::int64_t{2} * kCharges, 0, number("300"), number("300")}));
  writer.reset();
  auto query = totals("2025-01-01", "2025-02-01");
  EXPECT_EQ(facts().totals(query).value().sum.at(0).billed_cost.to_string(), "300");
  query.by = {Dimension::resource};
  query.bucket = Bucket::day;
  EXPECT_EQ(facts().totals(query).error().kind, base::ErrorKind::too_large);
  query.only = {{Dimension::resource, "5"}};
  EXPECT_EQ(facts().totals(query).value().sum.at(0).billed_cost.to_string(), "0.004");
}

TEST_F(FactStoreTest, resources_come_with_cost_names_and_utilisation) {
  take_in("bill", {charge("2025-01-01", "EC2", "vm-1", "3"), charge("2025-01-01", "EC2", "vm-1", "1"),
                   charge("2025-01-02", "EC2", "vm-1", "4"), charge("2025-01-01", "EC2", "vm-2", "100"),
                   charge("2025-01-01", "S3", "", "50")});
  auto writer = facts().begin({"acme", "use", "use.csv"}).value();
  for (int hour = 0; hour < 48; ++hour) {
    UtilisationSample sample;
    sample.resource_id = "vm-1";
    sample.hour = base::Seconds(day("2025-01-01")) + std::chrono::hours(hour);
    sample.cpu_percent = hour;
    sample.memory_percent = 10;
    sample.network_bytes = 1000;
    ASSERT_TRUE(writer->add(sample));
  }
  ASSERT_TRUE(writer->commit({48, 0, {}, {}}));
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
        EXPECT_EQ(page->sum[0].billed_cost.to_string().find('.'), std::string::npos) << "each file brings exactly 1";
      }
    });
  }
  writing.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(facts().totals(totals("2025-01-01", "2025-01-02")).value().sum[0].billed_cost.to_string(), "20");
}

}  // namespace
}  // namespace costagent
