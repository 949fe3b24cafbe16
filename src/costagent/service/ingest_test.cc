#include "costagent/service/ingest.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "costagent/service/period.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader =
    "ServiceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,Extra\n";

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    std::string name = (fs::temp_directory_path() / "ingest-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
  }
  ~IngestTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  FactStore& facts() { return store_->facts(); }
  std::string file(const std::string& text, const char* name = "bill.csv") const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string gzip(const std::string& text, const char* name) const {
    const std::string path = (folder_ / name).string();
    gzFile packed = ::gzopen(path.c_str(), "wb");
    ::gzwrite(packed, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(packed);
    return path;
  }
  base::Result<IngestReport> ingest(const std::string& path, const char* customer = "acme") {
    return ingest_files(facts(), {customer}, {&path, 1});
  }
  std::string billed() {
    TotalsQuery query;
    query.customer = "acme";
    query.period = {base::parse_day("2020-01-01").value(), base::parse_day("2030-01-01").value()};
    const auto page = facts().totals(query).value();
    return page.sum.empty() ? "none" : page.sum[0].costs.billed.to_string();
  }

  static std::string bill(int lines) {
    std::string text = kHeader;
    for (int i = 0; i < lines; ++i) text += "EC2,0.1,0.05,USD,Usage,2024-09-18 22:00:00,AWS,\"kept, too\"\n";
    return text;
  }

  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(IngestTest, contract_commitments_alone_are_no_costs_and_that_is_said) {
  const auto report = ingest(file("ContractCommitmentId,ContractCommitmentCost,BillingCurrency,"
                                  "ContractPeriodStart\none,9,usd,2025-01-01\n"))
                          .value();
  EXPECT_EQ(report.commitments.taken, 1u);
  const auto told = [&](const char* customer) { return extent_of(facts(), customer).error().message; };
  EXPECT_EQ(
      told("acme"),
      "there are no charges of customer 'acme', only other facts (contract commitments or utilisation): collect a bill "
      "first");
  EXPECT_EQ(told("nobody"), "there are no charges of customer 'nobody': collect a bill first");
}

TEST_F(IngestTest, what_was_added_by_mistake_is_replaced_as_the_note_says) {
  const std::string line = "EC2,1,1,USD,Usage,2024-09-18 22:00:00,AWS,\n";
  ASSERT_TRUE(ingest(file(kHeader + line, "first.csv")));
  std::string bill = kHeader + line + line;
  const auto take = [&](Restatement restatement) {
    const std::string path = file(bill);
    return ingest_files(facts(), {"acme", restatement}, {&path, 1}).value();
  };
  ASSERT_EQ(take(Restatement::add).charges, 2u);
  const auto again = take(Restatement::replace);
  EXPECT_EQ(again.duplicates, 2u);
  EXPECT_EQ(billed(), "3");
  ASSERT_FALSE(again.notes.empty());
  EXPECT_NE(again.notes.back().find("append an empty line"), std::string::npos) << again.notes.back();
  bill += "\n";
  EXPECT_EQ(take(Restatement::replace).replaced, 3u);
  EXPECT_EQ(billed(), "2");
}

TEST_F(IngestTest, currencies_are_never_added_together) {
  const auto report = ingest(file(std::string(kHeader) + "VM,73.0000564902,70,EUR,Usage,2024-09-18 22:00:00,Azure,\n"
                                                         "EC2,4,3,USD,Usage,2024-09-18 22:00:00,AWS,\n"
                                                         "VM,1,1,EUR,Usage,2024-09-18 22:00:00,Azure,\n"))
                          .value();
  ASSERT_EQ(report.totals.size(), 2u);
  EXPECT_EQ(report.totals.at("EUR").billed.to_string(), "74.0000564902");
  EXPECT_EQ(report.totals.at("EUR").effective.to_string(), "71");
  EXPECT_EQ(report.totals.at("USD").billed.to_string(), "4");
}

TEST_F(IngestTest, a_file_counts_once_under_any_name_packed_or_not) {
  const auto first = ingest(file(bill(10))).value();
  EXPECT_EQ(first.charges, 10u);
  EXPECT_EQ(first.totals.at("USD").billed.to_string(), "1");
  EXPECT_EQ(first.totals.at("USD").effective.to_string(), "0.5");
  for (const std::string& again : {file(bill(10), "copy.csv"), gzip(bill(10), "packed.bin")}) {
    const auto report = ingest(again).value();
    EXPECT_EQ(report.charges, 0u);
    EXPECT_EQ(report.duplicates, 10u);
    EXPECT_TRUE(report.totals.empty());
  }
  EXPECT_EQ(billed(), "1");
}

TEST_F(IngestTest, a_bad_line_is_told_with_line_and_column_and_the_rest_is_kept) {
  const std::string path =
      file(std::string(kHeader) + "EC2,0.1,0.05,USD,Usage,2024-09-18,AWS,x\n" +
           "EC2,much,0.05,USD,Usage,2024-09-18,AWS,x\n" + "EC2,0.1\n" + "\"EC2\"2,0.1,0,USD,Usage,2024-09-18,AWS,x\n" +
           "EC2,0.2,0.05,USD,Usage,2024-09-18,AWS,x\n");
  const auto report = ingest(path).value();
  EXPECT_EQ(report.charges, 2u);
  EXPECT_EQ(report.rejected, 3u);
  ASSERT_EQ(report.problems.size(), 3u);
  EXPECT_EQ(
      report.problems[0],
      path +
          ":3:2: BilledCost: 'much' is not a number this can hold exactly: expected digits, as in -12.50 or 1.25E-7");
  EXPECT_EQ(report.problems[1], path + ":4: it has 2 fields where the header has 8");
  EXPECT_EQ(report.problems[2], path + ":5: there is text between a closing quote and the next comma");
  EXPECT_EQ(billed(), "0.3");
}

TEST_F(IngestTest, what_a_problem_quotes_is_fit_for_a_terminal) {
  const auto report = ingest(file(bill(1) + "EC2,\x1b[2J\xff,0,USD,Usage,2024-09-18,AWS,\n")).value();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_NE(report.problems[0].find("'\\x1b[2J\\xff'"), std::string::npos) << report.problems[0];
}

TEST_F(IngestTest, problems_told_are_bounded_and_all_are_counted) {
  std::string text = bill(1);
  for (int i = 0; i < 100; ++i) text += "bad\n";
  const auto report = ingest(file(text)).value();
  EXPECT_EQ(report.rejected, 100u);
  EXPECT_EQ(report.problems.size(), IngestReport::kMaxProblems);
}

TEST_F(IngestTest, a_file_without_a_good_line_is_not_remembered) {
  const std::string path = file(std::string(kHeader) + "bad\n");
  EXPECT_EQ(ingest(path).value().rejected, 1u);
  EXPECT_EQ(ingest(path).value().rejected, 1u) << "told again, not called a duplicate";
}

TEST_F(IngestTest, what_is_no_bill_is_an_error_that_names_the_file) {
  const std::string junk = file(std::string(5000, '\0') + "\x01\x02", "junk.csv");
  const std::string empty = file("", "empty.csv");
  const std::string other = file("a,b\n1,2\n", "other.csv");
  for (const std::string& path : {junk, empty, other}) {
    const auto failed = ingest(path);
    ASSERT_FALSE(failed) << path;
    EXPECT_EQ(failed.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(failed.error().message.find(path), std::string::npos) << failed.error().message;
  }
  const std::string cut = gzip(bill(1000), "cut.gz");
  fs::resize_file(cut, fs::file_size(cut) / 2);
  EXPECT_EQ(ingest(cut).error().kind, base::ErrorKind::invalid);
  EXPECT_EQ(ingest("/no/such/file.csv").error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(ingest(file(bill(1)), "bad id").error().field, "customer_id");
  EXPECT_EQ(billed(), "none") << "nothing of any of them was kept";
}

TEST_F(IngestTest, a_header_without_lines_is_an_empty_bill) {
  const auto report = ingest(file(kHeader)).value();
  EXPECT_EQ(report.charges, 0u);
  EXPECT_EQ(report.rejected, 0u);
}

TEST_F(IngestTest, the_same_file_taken_in_by_many_at_once_counts_once) {
  const std::string path = file(bill(2000));
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> charges = 0;
  std::atomic<std::uint64_t> duplicates = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto report = ingest(path);
      ASSERT_TRUE(report) << report.error().message;
      charges += report->charges;
      duplicates += report->duplicates;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(charges, 2000u);
  EXPECT_EQ(duplicates, 3 * 2000u);
  EXPECT_EQ(billed(), "200");
}

TEST_F(IngestTest, a_file_that_changes_while_it_is_read_is_not_kept) {
  const std::string path = file(bill(20'000));
  bool changed = false;
  const auto failed = ingest_files(facts(), {"acme"}, {&path, 1}, [&](const IngestStep&) {
    if (std::exchange(changed, true)) return true;
    // Another cost on a line that is yet to be read, in a file of the same size and time.
    const auto time = fs::last_write_time(path);
    std::fstream bill(path, std::ios::in | std::ios::out | std::ios::binary);
    bill.seekp(-54, std::ios::end);
    bill << "9";
    bill.close();
    fs::last_write_time(path, time);
    return true;
  });
  ASSERT_TRUE(changed);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(billed(), "none");
}

TEST_F(IngestTest, what_is_cut_short_is_not_kept) {
  const std::string path = file(bill(20'000));
  int told = 0;
  const auto failed = ingest_files(facts(), {"acme"}, {&path, 1}, [&](const IngestStep&) { return ++told < 2; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, base::ErrorKind::cancelled);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(billed(), "none");
}

TEST_F(IngestTest, what_is_no_plain_file_is_refused_and_not_waited_for) {
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, std::string("/dev/zero")}) {
    const auto failed = ingest(path);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(failed.error().message.find("not a plain file"), std::string::npos) << failed.error().message;
  }
}

TEST_F(IngestTest, utilisation_is_taken_in_once_too) {
  const std::string path =
      file("ResourceId,HourStart,CpuPercent\nvm,2024-09-18T00:00:00Z,5\nvm,2024-09-18T01:00:00Z,7\nvm,x,7\n");
  const auto report = ingest(path).value();
  EXPECT_EQ(report.utilisation.taken, 2u);
  EXPECT_EQ(report.utilisation.rejected, 1u);
  EXPECT_EQ(report.charges, 0u);
  EXPECT_FALSE(report.all_read());
  EXPECT_EQ(ingest(path).value().utilisation.duplicates, 2u);
}

TEST_F(IngestTest, files_of_one_delivery_are_one_total_and_the_same_twice_counts_once) {
  const std::vector<std::string> paths{file(bill(2), "1.csv"), file(bill(3), "2.csv"), gzip(bill(2), "again.gz")};
  const auto report = ingest_files(facts(), {"acme"}, paths).value();
  EXPECT_EQ(report.charges, 5u);
  EXPECT_EQ(report.duplicates, 2u);
  EXPECT_EQ(report.replaced, 0u);
  EXPECT_EQ(billed(), "0.5");
}

TEST_F(IngestTest, a_month_that_is_brought_anew_is_replaced_and_that_is_told) {
  ASSERT_TRUE(ingest(file(bill(2), "old.csv")));
  const auto report = ingest(file(bill(3), "new.csv")).value();
  EXPECT_EQ(report.charges, 3u);
  EXPECT_EQ(report.replaced, 2u);
  ASSERT_FALSE(report.notes.empty());
  EXPECT_NE(
      report.notes.back().find("2 earlier charges of AWS, billing period 2024-09-01, were replaced (from old.csv)"),
      std::string::npos)
      << report.notes.back();
  EXPECT_EQ(billed(), "0.3");
  EXPECT_EQ(ingest(file(bill(3), "again.csv")).value().duplicates, 3u);
  const auto back = ingest(file(bill(2), "old.csv")).value();
  EXPECT_EQ(back.charges, 2u) << "what was replaced is no duplicate";
  EXPECT_EQ(billed(), "0.2");
}

TEST_F(IngestTest, what_is_added_replaces_nothing) {
  ASSERT_TRUE(ingest(file(bill(2), "1.csv")));
  const std::string path = file(bill(3), "2.csv");
  EXPECT_EQ(ingest_files(facts(), {"acme", Restatement::add}, {&path, 1}).value().replaced, 0u);
  EXPECT_EQ(billed(), "0.5");
}

TEST_F(IngestTest, a_part_that_did_not_change_stays_when_another_is_brought_anew) {
  const std::string first = file(bill(2), "part-1.csv");
  ASSERT_TRUE(ingest_files(facts(), {"acme"}, std::vector{first, file(bill(3), "part-2.csv")}));
  const auto report = ingest_files(facts(), {"acme"}, std::vector{first, file(bill(4), "part-2.csv")}).value();
  EXPECT_EQ(billed(), "0.6");
  EXPECT_EQ(report.charges, 6u);
  EXPECT_EQ(report.duplicates, 0u);
  EXPECT_EQ(report.replaced, 5u);
}

TEST_F(IngestTest, a_delivery_with_a_bad_file_leaves_everything_as_it_was) {
  ASSERT_TRUE(ingest(file(bill(2), "before.csv")));
  const std::string cut = gzip(bill(20'000), "cut.gz");
  fs::resize_file(cut, fs::file_size(cut) / 2);
  const std::string junk = file("a,b\n1,2\n", "junk.csv");
  for (const std::string& bad : {cut, junk}) {
    const auto failed = ingest_files(facts(), {"acme"}, std::vector{file(bill(3), "good.csv"), bad});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, base::ErrorKind::invalid);
    EXPECT_NE(failed.error().message.find(bad), std::string::npos) << failed.error().message;
    EXPECT_EQ(billed(), "0.2");
  }
}

TEST_F(IngestTest, a_manifest_brings_its_files_and_says_what_the_month_is_now) {
  fs::create_directories(folder_ / "export");
  const auto manifest = [&](const char* assembly, const std::string& files, const char* name) {
    return file(R"({"assemblyId":")" + std::string(assembly) +
                    R"(","reportName":"r","compression":"GZIP","contentType":"text/csv","account":"1",)"
                    R"("billingPeriod":{"start":"20240901T000000.000Z","end":"20241001T000000.000Z"},"bucket":"b",)"
                    R"("reportKeys":[)" +
                    files + "]}",
                name);
  };
  file(bill(2), "export/1.csv");
  file(bill(3) + "EC2,0.1,0.05,USD,Usage,2024-09-20,AWS,x\n", "export/2.csv");
  const std::string first = manifest("a", R"("r/1.csv","r/2.csv")", "export/old-Manifest.json");
  EXPECT_EQ(ingest(first).value().charges, 6u);
  EXPECT_EQ(ingest(first).value().duplicates, 6u);

  // Anew, without the last day: a manifest is the whole month, so that nobody has to be asked.
  file(std::string(kHeader) + "EC2,0.25,0,USD,Usage,2024-09-01,AWS,x\nEC2,0.25,0,USD,Usage,2024-09-18,AWS,x\n",
       "export/3.csv");
  const std::string second = manifest("b", R"("r/3.csv")", "export/r-Manifest.json");
  fs::last_write_time(first, fs::last_write_time(second) - std::chrono::seconds(10));
  const auto report = ingest((folder_ / "export").string()).value();
  EXPECT_EQ(report.charges, 2u) << "the newest manifest counts";
  EXPECT_EQ(report.replaced, 6u);
  EXPECT_EQ(billed(), "0.5");
  EXPECT_NE(report.notes.at(0).find("2 files were passed over"), std::string::npos) << report.notes.at(0);
}

TEST_F(IngestTest, a_folder_without_manifests_stands_for_its_bills) {
  fs::create_directories(folder_ / "bills/more");
  file(bill(2), "bills/1.csv");
  file(bill(3), "bills/more/2.csv");
  file("what this is\n", "bills/README");
  file(bill(100), "bills/.hidden.csv");
  const auto report = ingest((folder_ / "bills").string()).value();
  EXPECT_EQ(report.charges, 5u);
  EXPECT_NE(report.notes.at(0).find("1 files were passed over, as they are no bills"), std::string::npos);
}

TEST_F(IngestTest, the_public_focus_sample_sums_to_its_last_digit) {
  const char* data = std::getenv("SHARED_DATA");
  const fs::path sample = fs::path(data != nullptr ? data : "") / "focus_1_0_sample.csv";
  if (!fs::exists(sample)) GTEST_SKIP() << "no public sample bill at " << sample;
  const auto report = ingest(sample.string()).value();
  EXPECT_EQ(report.charges, 1000u);
  EXPECT_EQ(report.rejected, 0u);
  EXPECT_EQ(report.totals.at("USD").billed.to_string(), "20.52022672899");
  EXPECT_EQ(report.totals.at("USD").effective.to_string(), "14.97651418586");
  EXPECT_EQ(billed(), "20.52022672899") << "the rollups sum to the bill's last digit";
}

TEST_F(IngestTest, prices_beyond_those_that_are_kept_are_told) {
  const auto with_prices = [](std::size_t prices) {
    std::string text =
        "ServiceName,BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,ListUnitPrice\n";
    for (std::size_t i = 0; i < prices; ++i)
      text += fmt::format("EC2,0,USD,Usage,2024-09-18 22:00:00,AWS,0.{:06}\n", i);
    return text;
  };
  const auto told = [](const IngestReport& report) {
    return std::any_of(report.notes.begin(), report.notes.end(), [](const std::string& note) {
      return note.find("only the first 200000 unit prices were kept") != std::string::npos;
    });
  };
  EXPECT_FALSE(told(ingest(file(with_prices(FactWriter::kMostPrices))).value()));
  const auto report = ingest(file(with_prices(FactWriter::kMostPrices + 1)), "globex").value();
  EXPECT_EQ(report.charges, FactWriter::kMostPrices + 1);
  EXPECT_TRUE(told(report));
}

}  // namespace
}  // namespace costagent
