#include "costagent/sample/sample.h"

#include <fstream>
#include <system_error>

#include "costagent/sample/bill.h"
#include "costagent/sample/focus_writer.h"
#include "costagent/sample/truth.h"
#include "costagent/sample/utilisation.h"
#include "costagent/sample/world.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

constexpr int kMostDays = 3660;  // ten years
constexpr int kMostCustomers = 1000;
constexpr int kMostResources = 10'000;

base::Result<> check_bounds(const SampleOptions& options) {
  const auto within = [](const char* name, int value, int most) -> base::Result<> {
    if (value >= 1 && value <= most) return {};
    return base::fail_field(name, "--{} {}: expected a number from 1 to {}", name, value, most);
  };
  if (auto checked = within("days", options.days, kMostDays); !checked) return checked;
  if (auto checked = within("customers", options.customers, kMostCustomers); !checked) return checked;
  return within("resources", options.resources, kMostResources);
}

base::Result<> make_folder(const SampleOptions& options) {
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) return base::fail(ErrorKind::io, "{} can't be made: {}", options.out.string(), error.message());
  const bool holds_something = !fs::is_empty(options.out, error);
  if (error) return base::fail(ErrorKind::io, "{} can't be read: {}", options.out.string(), error.message());
  if (holds_something && !options.force) {
    return base::fail(ErrorKind::conflict, "{} is not empty: name another folder, or say --force to write into it",
                      options.out.string());
  }
  return {};
}

// The last day, from 0, of the month that holds `day`, or of the sample if that ends before.
int last_of_month(const World& world, int day) {
  const std::chrono::year_month_day date{world.first + std::chrono::days(day)};
  const base::Day last{date.year() / date.month() / std::chrono::last};
  return std::min(world.days - 1, static_cast<int>((last - world.first).count()));
}

base::Result<> write_customer(const SampleOptions& options, int index, const World& world, SampleReport& report) {
  const fs::path folder = options.out / world.customer;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return base::fail(ErrorKind::io, "{} can't be made: {}", folder.string(), error.message());
  for (int day = 0; day < world.days;) {
    const int last = last_of_month(world, day);
    const std::string month = base::format_day(world.first + std::chrono::days(day)).substr(0, 7);
    auto writer = FocusWriter::create(folder / (month + ".csv"));
    if (!writer) return base::pass_on(writer);
    write_bill(world, day, last, [&](const BillLine& line) { writer->write(line); });
    if (auto closed = writer->close(); !closed) return closed;
    report.charges += writer->lines();
    ++report.files;
    day = last + 1;
  }
  const std::uint64_t seed = base::mix(options.seed) + static_cast<std::uint64_t>(index);
  const auto samples = write_utilisation(world, seed, folder / "utilisation.csv");
  if (!samples) return base::pass_on(samples);
  report.utilisation_samples += *samples;
  ++report.files;
  return {};
}

}  // namespace

base::Result<SampleReport> write_sample(const SampleOptions& options, const std::function<void(int)>& progress) {
  if (const auto checked = check_bounds(options); !checked) return base::pass_on(checked);
  if (const auto made = make_folder(options); !made) return base::pass_on(made);
  SampleReport report;
  const fs::path truth_path = options.out / "truth.json";
  std::ofstream truth(truth_path, std::ios::binary);
  truth << "{\"seed\":" << options.seed << ",\n\"customers\":[\n";
  for (int customer = 1; customer <= options.customers; ++customer) {
    const World world = make_world(options, customer);
    if (const auto written = write_customer(options, customer, world, report); !written) return base::pass_on(written);
    truth << (customer == 1 ? "" : ",\n") << truth_of(world);
    progress(customer);
  }
  truth << "]}\n";
  truth.close();
  if (!truth) return base::fail(ErrorKind::io, "{} can't be written: is the disk full?", truth_path.string());
  ++report.files;
  return report;
}

}  // namespace costagent
