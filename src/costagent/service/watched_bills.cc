#include "costagent/service/watched_bills.h"

#include <algorithm>
#include <set>

#include "costagent/service/bill_files.h"

namespace costagent {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view name, std::size_t at) {
  std::size_t end = at;
  while (end < name.size() && is_digit(name[end])) ++end;
  return end - at;
}

int number_at(std::string_view name, std::size_t at, std::size_t digits) {
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) number = 10 * number + (name[at + i] - '0');
  return number;
}

bool is_year(std::string_view name, std::size_t at) { return name[at] == '2' && name[at + 1] == '0'; }
bool is_month(std::string_view name, std::size_t at) {
  const int month = number_at(name, at, 2);
  return month >= 1 && month <= 12;
}
bool is_day(std::string_view name, std::size_t at) {
  const int day = number_at(name, at, 2);
  return day >= 1 && day <= 31;
}

// The length of the date that begins there (2025-01-31, 2025-01, 20250131, 202501), or 0. The run of digits begins
// there.
std::size_t date_at(std::string_view name, std::size_t at) {
  const std::size_t digits = digits_at(name, at);
  if (digits < 4 || !is_year(name, at)) return 0;
  if (digits == 8 && is_month(name, at + 4) && is_day(name, at + 6)) return 8;
  if (digits == 6 && is_month(name, at + 4)) return 6;
  const std::size_t separator = at + 4;
  if (digits != 4 || separator >= name.size() || std::string_view("-_.").find(name[separator]) == std::string::npos ||
      digits_at(name, separator + 1) != 2 || !is_month(name, separator + 1)) {
    return 0;
  }
  const std::size_t next = separator + 3;
  const bool with_day =
      next < name.size() && name[next] == name[separator] && digits_at(name, next + 1) == 2 && is_day(name, next + 1);
  return with_day ? 10 : 7;
}

struct Span {
  std::size_t begin = 0;
  std::size_t size = 0;
};

struct Runs {
  std::vector<Span> dates;
  std::vector<Span> numbers;  // all other digits
};

Runs runs_of(std::string_view name) {
  Runs runs;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t digits = digits_at(name, at);
    const std::size_t date = date_at(name, at);
    if (date > 0) runs.dates.push_back({at, date});
    if (date == 0 && digits > 0) runs.numbers.push_back({at, digits});
    at += std::max({date, digits, std::size_t{1}});
  }
  return runs;
}

bool follows_part(std::string_view name, std::size_t at) {
  constexpr std::string_view kPart = "part";
  if (at > 0 && std::string_view("-_. ").find(name[at - 1]) != std::string::npos) --at;
  return name.substr(0, at).ends_with(kPart);
}

// The number after `part`; or else the last one, where it ends the name but for its endings and follows no letter.
std::string without_part_number(std::string_view name) {
  const Runs runs = runs_of(name);
  const auto without = [name](Span number) {
    return std::string(name.substr(0, number.begin)) + '#' + std::string(name.substr(number.begin + number.size));
  };
  for (const Span number : runs.numbers) {
    if (follows_part(name, number.begin)) return without(number);
  }
  for (auto number = runs.numbers.rbegin(); number != runs.numbers.rend(); ++number) {
    const std::size_t end = number->begin + number->size;
    const bool ends = end == name.size() || name[end] == '.';
    const bool begins =
        number->begin == 0 || std::string_view("-_ ").find(name[number->begin - 1]) != std::string::npos;
    if (ends && begins) return without(*number);
  }
  return std::string(name);
}

std::string dates_in(std::string_view name) {
  std::string dates;
  for (const Span date : runs_of(name).dates) dates += std::string(name.substr(date.begin, date.size)) + ' ';
  return dates;
}

// The folder directly in the customer's that a file lies in; empty: in the customer's itself.
std::string scope_of(std::string_view path) {
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

class Sorter {
 public:
  Sorter(const std::string& folder, std::span<const std::string> files) : begin_(folder + "/") {
    for (const std::string& file : files) scopes_[scope_of(file)].push_back(file);
  }

  WatchedBills run() {
    // A manifest may list files of any folder, so that all are read before anything is said of the others.
    std::map<std::string, ManifestsFound> manifests;
    for (const auto& [scope, files] : scopes_) {
      std::vector<std::string> paths;
      paths.reserve(files.size());
      for (const std::string& file : files) paths.push_back(begin_ + file);
      const ManifestsFound& found = manifests[scope] = find_manifests(paths);
      for (const ManifestsFound::Newest& newest : found.newest) add_manifest(newest);
      for (const auto& [path, error] : found.broken) add_broken(within(path), error);
    }
    for (const auto& [scope, files] : scopes_) add_loose(scope, files, manifests[scope]);
    return std::move(found_);
  }

 private:
  void add_loose(const std::string& scope, const std::vector<std::string>& files, const ManifestsFound& manifests) {
    const bool by_manifests = !scope.empty() && (!manifests.paths.empty() || !manifests.broken.empty());
    std::map<std::string, std::vector<std::string>> loose;
    for (const std::string& file : files) {
      if (listed_.contains(file)) continue;
      if (by_manifests || manifests.paths.contains(begin_ + file)) {
        found_.passed.push_back(file);
      } else {
        loose[bill_key(file)].push_back(file);
      }
    }
    for (auto& [key, of_bill] : loose) found_.bills.push_back({{}, std::move(of_bill)});
  }

  bool is_there(const std::string& file) const {
    const auto scope = scopes_.find(scope_of(file));
    return scope != scopes_.end() && std::binary_search(scope->second.begin(), scope->second.end(), file);
  }

  void add_broken(const std::string& manifest, base::Error error) {
    found_.broken.emplace(manifest, std::move(error));
    listed_.insert(manifest);
  }

  // What a manifest lists beyond the folder, or through a symbolic link, isn't among the files that were found.
  void add_manifest(const ManifestsFound::Newest& newest) {
    WatchedBill bill{within(newest.path), {within(newest.path)}};
    for (const std::string& path : newest.files) {
      std::string file = within(path);
      if (!is_there(file)) {
        add_broken(bill.manifest,
                   {base::ErrorKind::invalid,
                    fmt::format("{}: the manifest names {}, which may not be read: it lies elsewhere, or is hidden or "
                                "unfinished by its name",
                                newest.path, path)});
        return;
      }
      bill.files.push_back(std::move(file));
    }
    std::sort(bill.files.begin(), bill.files.end());
    bill.files.erase(std::unique(bill.files.begin(), bill.files.end()), bill.files.end());
    listed_.insert(bill.files.begin(), bill.files.end());
    found_.bills.push_back(std::move(bill));
  }

  std::string within(const std::string& path) const {
    return path.starts_with(begin_) ? path.substr(begin_.size()) : std::string();
  }

  const std::string begin_;
  std::map<std::string, std::vector<std::string>> scopes_;
  std::set<std::string> listed_;  // by manifests
  WatchedBills found_;
};

}  // namespace

std::string bill_key(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return without_part_number(path);
  return std::string(path.substr(0, slash + 1)) + dates_in(path.substr(slash + 1));
}

WatchedBills bills_of(const std::string& folder, std::span<const std::string> files) {
  return Sorter(folder, files).run();
}

}  // namespace costagent
