// Bills that nobody was sent: FOCUS 1.2 files of three clouds, with what is wrong in them written down beside.
//
// Made for trying things out and for tests that need to know the truth. The same options give the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace costagent {

struct SampleOptions {
  std::filesystem::path out;
  std::uint64_t seed = 1;
  int days = 365;      // 1 … 3,660
  int customers = 3;   // 1 … 1,000
  int resources = 40;  // a customer's; 1 … 10,000
  base::Day end =
      std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);  // one past the last day: fixed, so that bytes are
  bool force = false;                                          // write into a folder that holds other things
};

// What was written.
struct SampleReport {
  std::uint64_t charges = 0;
  std::uint64_t utilisation_samples = 0;
  int files = 0;
};

// Writes
//   OUT/customer-N/YYYY-MM.csv       a month's charges of all clouds
//   OUT/customer-N/utilisation.csv   hourly CPU, memory, network and disk of what has them
//   OUT/truth.json                   what was planted: anomalies, idle and oversized resources, what fits spot or a
//   commitment
// and calls `progress` after each customer. Fails (invalid, naming the option) on options out of bounds, with
// `conflict` when the folder is not empty, and with `io` when something can't be written.
base::Result<SampleReport> write_sample(const SampleOptions& options,
                                        const std::function<void(int customers_done)>& progress);

}  // namespace costagent
