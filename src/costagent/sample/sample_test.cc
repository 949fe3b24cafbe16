#include "costagent/sample/sample.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/decimal.h"
#include "costagent/sample/focus_writer.h"
#include "costagent/sample/world.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

class SampleTest : public testing::Test {
 protected:
  SampleTest() {
    std::string name = (fs::temp_directory_path() / "sample-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SampleTest() override { fs::remove_all(folder_); }

  SampleOptions options(const char* name = "out") const {
    SampleOptions options;
    options.out = folder_ / name;
    options.days = 100;
    options.customers = 2;
    options.resources = 20;
    return options;
  }
  static SampleReport write(const SampleOptions& options) {
    const auto report = write_sample(options, [](int) {});
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(SampleReport());
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static std::map<std::string, std::string> read_all(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files[fs::relative(entry.path(), folder)] = read(entry.path());
    }
    return files;
  }

  fs::path folder_;
};

std::string sha256(const std::map<std::string, std::string>& files) {
  std::string all;
  for (const auto& [name, text] : files) all += name + "\n" + text;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(all.data(), all.size(), digest, &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// Splits a line of the sample's CSV, whose quoted fields hold no line ends.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

struct Table {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  const std::string& at(std::size_t row, const std::string& name) const {
    return rows[row][static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin())];
  }
};

Table table_of(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  Table table;
  std::getline(lines, line);
  table.names = split(line);
  while (std::getline(lines, line)) table.rows.push_back(split(line));
  return table;
}

base::Decimal number(const std::string& text) { return base::Decimal::parse(text).value(); }

TEST_F(SampleTest, same_seed_same_bytes_for_all_time) {
  write(options("a"));
  write(options("b"));
  const auto a = read_all(folder_ / "a");
  EXPECT_EQ(a, read_all(folder_ / "b"));
  // Tests and demonstrations rest on these bytes: a change of this digest is a change of the sample that all of them
  // see.
  EXPECT_EQ(sha256(a), "df1f95c5f463cef9dff68e5b97d5d4f6159bd8d7aae45c95a233f01f1401f0d3");
}

TEST_F(SampleTest, another_seed_is_another_sample) {
  write(options("a"));
  SampleOptions other = options("b");
  other.seed = 2;
  write(other);
  EXPECT_NE(read(folder_ / "a/customer-1/2025-12.csv"), read(folder_ / "b/customer-1/2025-12.csv"));
}

TEST_F(SampleTest, a_file_a_month_and_customer_and_all_lines_counted) {
  const SampleReport report = write(options());
  const auto files = read_all(folder_ / "out");
  EXPECT_EQ(static_cast<int>(files.size()), report.files);
  std::uint64_t lines = 0;
  for (const auto& [name, text] : files) {
    if (name.find("2025-") != std::string::npos) lines += table_of(text).rows.size();
  }
  EXPECT_EQ(lines, report.charges);
  for (const char* name : {"customer-1/2025-09.csv", "customer-1/2025-12.csv", "customer-2/2025-10.csv",
                           "customer-2/utilisation.csv", "truth.json"}) {
    EXPECT_TRUE(files.contains(name)) << name;
  }
}

TEST_F(SampleTest, the_costs_of_a_line_agree_with_each_other) {
  write(options());
  const Table table = table_of(read(folder_ / "out/customer-1/2025-12.csv"));
  ASSERT_EQ(table.names.size(), 57u) << "FOCUS 1.2 has 57 columns";
  std::set<std::string> categories;
  std::set<std::string> providers;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    ASSERT_EQ(table.rows[row].size(), table.names.size()) << row;
    categories.insert(table.at(row, "ChargeCategory"));
    providers.insert(table.at(row, "ProviderName"));
    const bool usage = table.at(row, "ChargeCategory") == "Usage" && !table.at(row, "ResourceId").empty();
    if (!usage) continue;
    const double quantity = number(table.at(row, "ConsumedQuantity")).to_double();
    const double list = number(table.at(row, "ListCost")).to_double();
    EXPECT_NEAR(list, quantity * number(table.at(row, "ListUnitPrice")).to_double(), 1e-9 * std::abs(list));
    EXPECT_LE(std::abs(number(table.at(row, "ContractedCost")).to_double()), std::abs(list) * 1.0000001);
    if (table.at(row, "CommitmentDiscountStatus") == "Used") {
      EXPECT_TRUE(number(table.at(row, "BilledCost")).is_zero());
      EXPECT_FALSE(number(table.at(row, "EffectiveCost")).is_zero());
    }
  }
  EXPECT_EQ(providers, (std::set<std::string>{"AWS", "Google Cloud", "Microsoft"}));
  for (const char* category : {"Usage", "Purchase", "Tax", "Credit"})
    EXPECT_TRUE(categories.contains(category)) << category;
}

TEST_F(SampleTest, commitments_cost_in_effect_what_they_cost_in_money) {
  write(options());
  // The first days are quiet: no missing day takes the use of a commitment away and leaves its fee.
  const Table table = table_of(read(folder_ / "out/customer-1/2025-09.csv"));
  base::Decimal billed;
  base::Decimal effective;
  bool committed = false;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    billed += number(table.at(row, "BilledCost"));
    effective += number(table.at(row, "EffectiveCost"));
    committed |= !table.at(row, "CommitmentDiscountId").empty();
  }
  EXPECT_TRUE(committed);
  EXPECT_EQ(billed.to_string(), effective.to_string());
}

TEST_F(SampleTest, what_was_planted_is_in_the_bill) {
  SampleOptions year = options();
  year.days = 365;
  const World world = make_world(year, 1);
  ASSERT_GE(world.plants.size(), 12u);
  std::set<std::string_view> kinds;
  for (const Plant& plant : world.plants) {
    kinds.insert(plant.kind);
    EXPECT_GE(plant.first_day, 30) << "the first month is quiet";
    EXPECT_LT(plant.last_day, world.days);
    if (plant.kind != "spike") continue;
    // The changed resource stands out against its own days a week before and after by what was planted.
    for (const SampleResource& resource : world.resources) {
      if (resource.id != plant.resource_id || plant.last_day + 7 >= world.days) continue;
      const auto cost = [&](int day) {
        return resource.quantity[static_cast<std::size_t>(day)] * price_of(*resource.offer);
      };
      const double usual = (cost(plant.first_day - 7) + cost(plant.first_day + 7)) / 2;
      EXPECT_NEAR(cost(plant.first_day) - usual, plant.money_a_day, std::abs(plant.money_a_day)) << plant.resource_id;
      EXPECT_GT(cost(plant.first_day), usual);
    }
  }
  EXPECT_EQ(kinds.size(), 6u) << "every kind is planted";
  std::set<Workload> workloads;
  for (const SampleResource& resource : world.resources) workloads.insert(resource.workload);
  EXPECT_TRUE(workloads.contains(Workload::idle) || workloads.contains(Workload::oversized));
}

TEST_F(SampleTest, a_missing_day_is_missing_for_its_cloud_only) {
  SampleOptions year = options();
  year.days = 365;
  year.customers = 1;
  write(year);
  const World world = make_world(year, 1);
  int found = 0;
  for (const Plant& plant : world.plants) {
    if (plant.kind != "missing_day") continue;
    ++found;
    const std::string day = base::format_day(world.first + std::chrono::days(plant.first_day));
    const Table table = table_of(read(folder_ / "out/customer-1" / (day.substr(0, 7) + ".csv")));
    std::set<std::string> providers;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      if (table.at(row, "ChargePeriodStart").starts_with(day)) providers.insert(table.at(row, "ProviderName"));
    }
    EXPECT_FALSE(providers.contains(std::string(clouds()[plant.cloud].name))) << day;
    EXPECT_EQ(providers.size(), 2u) << day;
  }
  EXPECT_GE(found, 2);
}

TEST_F(SampleTest, refuses_a_folder_with_other_things_and_options_out_of_bounds) {
  fs::create_directories(folder_ / "out");
  std::ofstream(folder_ / "out/mine.txt") << "keep";
  EXPECT_EQ(write_sample(options(), [](int) {}).error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(read(folder_ / "out/mine.txt"), "keep");
  SampleOptions forced = options();
  forced.force = true;
  EXPECT_TRUE(write_sample(forced, [](int) {}));
  SampleOptions bad = options("other");
  bad.days = 0;
  EXPECT_EQ(write_sample(bad, [](int) {}).error().field, "days");
  EXPECT_FALSE(fs::exists(folder_ / "other")) << "nothing is made for options that are refused";
}

TEST(FormatAmount, writes_exact_decimals) {
  EXPECT_EQ(format_amount(0), "0");
  EXPECT_EQ(format_amount(10'000'000'000'000), "1");
  EXPECT_EQ(format_amount(-5), "-0.0000000000005");
  EXPECT_EQ(format_amount(-12'500'000'000'000), "-1.25");
}

}  // namespace
}  // namespace costagent
