#include "world.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>

#include "costagent/sample/sample.h"
#include "costagent/service/ingest.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr int kResources = 60;
constexpr int kSlowed = 30;

[[noreturn]] void give_up(const std::string& what, const std::string& why) {
  fmt::print(stderr, "{}: {}\n", what, why);
  std::exit(1);  // the folder goes with the program
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "costagent-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("a temporary folder", "could not be made");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Year {
  std::vector<std::string> bills;
  std::string utilisation;
};

const Year& year() {
  static const Year made = [] {
    costagent::SampleOptions options;
    options.out = folder() / "bills";
    options.customers = 1;
    options.resources = kResources;
    if (const auto written = costagent::write_sample(options, [](int) {}); !written)
      give_up("the generated bills", written.error().message);
    Year found;
    for (const auto& entry : fs::directory_iterator(options.out / kCustomer)) {
      const std::string path = entry.path().string();
      if (entry.path().filename() == "utilisation.csv") {
        found.utilisation = path;
      } else {
        found.bills.push_back(path);
      }
    }
    std::sort(found.bills.begin(), found.bills.end());
    return found;
  }();
  return made;
}

std::unique_ptr<costagent::Store> open(const std::string& url, std::size_t sessions) {
  costagent::StoreOptions options;
  options.sessions = sessions;
  auto store = costagent::open_store(url, options);
  if (!store) give_up("the database", store.error().message);
  return std::move(*store);
}

std::string url_of(const char* file) {
  const char* const given = std::getenv("BENCH_DATABASE");
  return given != nullptr && *given != '\0' ? given : "sqlite:" + (folder() / file).string();
}

void take_in_year() {
  auto store = open(url_of("year.db"), 4);
  std::vector<std::string> files = bills();
  files.push_back(utilisation());
  const auto report = costagent::ingest_files(store->facts(), {kCustomer}, files);
  if (!report) give_up("taking in the year", report.error().message);
  if (!report->all_read()) give_up("taking in the year", "lines were rejected");
}

}  // namespace

const fs::path& folder() {
  static const Folder made;
  return made.path();
}

const std::vector<std::string>& bills() { return year().bills; }
const std::string& utilisation() { return year().utilisation; }

std::unique_ptr<costagent::Store> open_year(std::size_t sessions) {
  static std::once_flag taken_in;
  std::call_once(taken_in, take_in_year);
  return open(url_of("year.db"), sessions);
}

std::unique_ptr<costagent::Store> open_empty() {
  static int made = 0;
  return open(url_of(fmt::format("empty-{}.db", made++).c_str()), 8);
}

int times(const std::string& benchmark) {
  const char* const slowed = std::getenv("BENCH_SLOWED");
  return slowed != nullptr && benchmark == slowed ? kSlowed : 1;
}

}  // namespace bench
