// For tests: a bill in a file of its own, and all that is read from it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "costagent/ingest/bill_reader.h"

namespace costagent {

// What a bill's lines came to.
struct ReadBill {
  std::string format;
  std::vector<Charge> charges;
  std::vector<std::string> raw;       // of the charges
  std::vector<std::string> problems;  // of the lines that were rejected
  std::vector<std::string> assumptions;
  base::Decimal billed;
  base::Decimal effective;

  bool assumes(std::string_view part) const {
    for (const std::string& sentence : assumptions) {
      if (sentence.find(part) != std::string::npos) return true;
    }
    return false;
  }
};

class BillFileTest : public testing::Test {
 protected:
  BillFileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "bill-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~BillFileTest() override { std::filesystem::remove_all(folder_); }

  // Nobody may know a bill by its name.
  std::string file(std::string_view text) const {
    std::string path = (folder_ / "file.xyz").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::unique_ptr<BillReader> bill(std::string_view text) const {
    auto reader = open_bill(file(text));
    EXPECT_TRUE(reader) << reader.error().message;
    return reader ? std::move(*reader) : nullptr;
  }
  std::string refusal(std::string_view text) const {
    const auto reader = open_bill(file(text));
    EXPECT_FALSE(reader);
    return reader ? "" : reader.error().message;
  }
  ReadBill read(std::string_view text) const { return read_file(file(text)); }

  static ReadBill read_file(const std::string& path) {
    ReadBill read;
    const auto reader = open_bill(path);
    EXPECT_TRUE(reader) << reader.error().message;
    if (!reader) return read;
    read.format = (*reader)->format();
    Charge charge;
    BillLine line;
    for (;;) {
      const auto more = (*reader)->next(charge, line);
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) break;
      if (line.problem) {
        read.problems.push_back(line.problem->message);
        continue;
      }
      read.charges.push_back(charge);
      read.raw.emplace_back(line.raw);
      read.billed += charge.billed_cost;
      read.effective += charge.effective_cost;
    }
    read.assumptions = (*reader)->assumptions();
    return read;
  }

  std::filesystem::path folder_;
};

}  // namespace costagent
