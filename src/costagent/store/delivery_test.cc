#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "costagent/store/fact_contract_test.h"

namespace costagent {
namespace {

class DeliveryTest : public FactContractTest {};

TEST_P(DeliveryTest, a_file_is_known_by_what_it_holds_and_to_its_customer_only) {
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

TEST_P(DeliveryTest, a_file_that_somebody_else_took_in_meanwhile_is_not_taken_twice) {
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

TEST_P(DeliveryTest, a_delivery_replaces_the_month_that_it_brings_anew_and_no_other) {
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

TEST_P(DeliveryTest, a_delivery_of_other_days_of_a_month_comes_beside_it) {
  Charge first = charge("2025-01-01", "EC2", "vm", "1");
  Charge second = charge("2025-01-02", "EC2", "vm", "2");
  take_in("first day", {first}, "acme", Restatement::by_days);
  EXPECT_TRUE(take_in("second day", {second}, "acme", Restatement::by_days).replaced.empty());
  EXPECT_EQ(billed(), "3");
}

TEST_P(DeliveryTest, what_covers_a_part_of_the_days_could_be_either_and_is_refused) {
  take_in("january", {charge("2025-01-01", "EC2", "vm", "1"), charge("2025-01-20", "EC2", "vm", "2")});
  auto writer = facts().begin({"acme"}).value();
  add_file(*writer, "some days", {charge("2025-01-20", "S3", "", "4"), charge("2025-01-25", "S3", "", "8")});
  const auto failed = writer->publish({});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(failed.error().field, "restatement");
  EXPECT_NE(failed.error().message.find("2025-01-01 to 2025-01-20 are there already (from january.csv)"),
            std::string::npos)
      << failed.error().message;
  EXPECT_EQ(billed(), "3");
  take_in("some days", {charge("2025-01-20", "S3", "", "4"), charge("2025-01-25", "S3", "", "8")}, "acme",
          Restatement::replace);
  EXPECT_EQ(billed(), "12");
}

TEST_P(DeliveryTest, what_would_replace_a_file_that_belongs_to_it_asks_for_that_file_first) {
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

TEST_P(DeliveryTest, a_month_that_is_brought_anew_again_and_again_is_the_last_one) {
  for (int i = 1; i <= 5; ++i) {
    take_in(std::to_string(i), {charge("2025-01-01", "EC2", "vm", std::to_string(i).c_str())}, "acme",
            Restatement::replace);
    EXPECT_EQ(billed(), std::to_string(i));
  }
  take_in("1", {charge("2025-01-01", "EC2", "vm", "1")}, "acme", Restatement::replace);
  EXPECT_EQ(billed(), "1") << "back to what was";
}

TEST_P(DeliveryTest, what_nobody_published_is_cleared_away_and_what_is_being_loaded_is_not) {
  take_in("kept", {charge("2025-01-01", "EC2", "", "1")});
  { add_file(*facts().begin({"acme"}).value(), "left", {charge("2025-01-01", "EC2", "vm", "2")}); }
  auto loading = facts().begin({"acme", Restatement::add}).value();
  add_file(*loading, "loading", {charge("2025-01-01", "EC2", "vm", "4")});
  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(billed(), "1");
  ASSERT_TRUE(loading->publish({}));
  EXPECT_EQ(billed(), "5");
}

TEST_P(DeliveryTest, the_version_changes_with_the_customers_facts_and_no_others) {
  EXPECT_EQ(facts().version("acme").value(), 0);
  take_in("one", {charge("2025-01-01", "EC2", "", "3")});
  const auto first = facts().version("acme").value();
  take_in("other", {charge("2025-01-01", "EC2", "", "3")}, "somebody else");
  EXPECT_EQ(facts().version("acme").value(), first);
  take_in("two", {charge("2025-01-01", "EC2", "", "3")});
  EXPECT_NE(facts().version("acme").value(), first);
}

TEST_P(DeliveryTest, a_writer_that_does_not_publish_leaves_nothing) {
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

TEST_P(DeliveryTest, a_process_killed_in_mid_file_leaves_nothing_of_it) {
  take_in("before", {charge("2025-01-01", "EC2", "", "1")});
  close();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open_facts(url());
    auto writer = store->facts().begin({"acme"});
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

TEST_P(DeliveryTest, a_file_too_large_for_memory_is_flushed_in_parts_and_sums_the_same) {
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

TEST_P(DeliveryTest, readers_and_writers_at_once_see_whole_files_only) {
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

TEST_P(DeliveryTest, of_several_who_take_in_the_same_file_at_once_one_does) {
  constexpr int kWorkers = 4;
  std::barrier together(kWorkers);
  std::atomic<int> taken = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      const auto store = open_facts(url());
      auto writer = store->facts().begin({"acme", Restatement::add}).value();
      add_file(*writer, "one", {charge("2025-01-01", "EC2", "vm", "3"), charge("2025-01-02", "S3", "", "4")});
      together.arrive_and_wait();
      const auto published = writer->publish({});
      if (published) {
        ++taken;
      } else if (published.error().field == FactWriter::kTaken) {
        ++refused;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(refused, kWorkers - 1);
  EXPECT_EQ(billed(), "7");
  while (facts().clear_leftovers().value()) continue;
  EXPECT_EQ(billed(), "7");
}

// Each meets them in an order of its own.
TEST_P(DeliveryTest, workers_who_meet_the_same_new_texts_at_once_agree) {
  constexpr int kWorkers = 4;
  constexpr int kResources = 3000;
  std::barrier together(kWorkers);
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&, worker] {
      const auto store = open_facts(url());
      std::vector<Charge> charges;
      for (int i = 0; i < kResources; ++i) {
        const int resource = (i * (2 * worker + 1) + worker) % kResources;
        charges.push_back(charge("2025-01-01", "EC2", std::to_string(resource).c_str(), "0.5"));
      }
      together.arrive_and_wait();
      costagent::take_in(store->facts(), std::to_string(worker), charges);
    });
  }
  for (std::thread& worker : workers) worker.join();
  auto query = totals("2025-01-01", "2025-01-02");
  query.by = {Dimension::resource};
  query.limit = 10'000;
  const auto page = facts().totals(query).value();
  EXPECT_EQ(page.sum.at(0).costs.billed.to_string(), "6000");
  EXPECT_EQ(page.totals.size(), static_cast<std::size_t>(kResources)) << "none of them twice";
}

INSTANTIATE_TEST_SUITE_P(on, DeliveryTest, every_store(), name_of_kind);

}  // namespace
}  // namespace costagent
