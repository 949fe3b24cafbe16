#include "costagent/service/ingest.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "base/printable.h"
#include "costagent/domain/customer.h"
#include "costagent/ingest/bill_reader.h"
#include "costagent/service/bill_files.h"
#include "io/digest.h"
#include "io/packed_reader.h"

namespace costagent {
namespace {

using base::ErrorKind;

constexpr std::size_t kBlock = std::size_t{64} * 1024;
constexpr std::uint64_t kLinesBetweenProgress = 5000;
// Somebody else takes in the same file at the same time, and is quicker: once is chance, thrice is no chance.
constexpr int kTries = 3;
// Clearing away what was replaced ends in any case; what is left is for the next.
constexpr int kMostClearing = 100'000;

constexpr const char* kNothingReplaced =
    "all of it was taken in before, so nothing was replaced, and what was added on the same days still counts; to have "
    "only this instead, append an empty line to one of the files, which makes it another, and take them in with "
    "--replace";

std::string name_of_file(const std::string& path) { return std::filesystem::path(path).filename().string(); }

// What tells that a file was changed while it was read.
struct Stamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;
  std::int64_t changed = 0;
  bool operator==(const Stamp&) const = default;

  static Stamp of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    const auto nanoseconds = [](const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; };
    return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
  }
};

IngestReport::Others* others_of(BillKind kind, IngestReport& report) {
  if (kind == BillKind::utilisation) return &report.utilisation;
  if (kind == BillKind::commitments) return &report.commitments;
  return nullptr;
}

// One delivery on its way into the store.
class Ingest {
 public:
  Ingest(FactStore& facts, const Delivery& delivery, std::span<const std::string> paths, const IngestProgress& progress)
      : facts_(facts), delivery_(delivery), paths_(paths), progress_(progress) {}

  base::Result<IngestReport> run() {
    if (auto looked = look_at_all(); !looked) return base::pass_on(looked);
    for (std::size_t file = 0; file < paths_.size(); ++file) {
      if (auto taken = take_unless_known(file); !taken) return base::pass_on(taken);
    }
    if (auto published = publish(); !published) return base::pass_on(published);
    tell_assumptions();
    for (const Replaced& replaced : replaced_) tell(replaced);
    if (prices_cut_) {
      note(fmt::format("only the first {} unit prices were kept, as these files have more; costs are not concerned",
                       FactWriter::kMostPrices));
    }
    return std::move(report_);
  }

 private:
  struct Known {
    std::size_t file = 0;
    BillKind kind = BillKind::charges;
    std::int64_t rows = 0;
  };

  // What is no bill is refused before anything is written.
  base::Result<> look_at_all() {
    for (const std::string& path : paths_) {
      if (const auto reader = open_bill(path); !reader) return base::pass_on(reader);
    }
    return {};
  }

  base::Result<> take_unless_known(std::size_t file) {
    const std::string& path = paths_[file];
    const Stamp before = Stamp::of(path);  // it is read from the moment that it is opened
    const auto reader = open_bill(path);
    if (!reader) return base::pass_on(reader);
    const std::string beginning = (*reader)->beginning_digest();
    const auto begins = facts_.has_beginning(delivery_.customer, beginning);
    if (!begins) return base::pass_on(begins);
    if (*begins || beginnings_.contains(beginning)) {
      const auto digest = content_digest(path);
      if (!digest) return base::pass_on(digest);
      if (auto same = unchanged(path, before); !same) return same;
      report_.digests[path] = *digest;
      if (const auto own = taken_.find(*digest); own != taken_.end()) {
        count_duplicate((*reader)->kind(), own->second);
        return {};
      }
      if (const auto again = known_.find(*digest); again != known_.end()) {
        count_duplicate((*reader)->kind(), again->second.rows);
        return {};
      }
      const auto known = facts_.known(delivery_.customer, *digest);
      if (!known) return base::pass_on(known);
      if (*known) {
        known_[*digest] = {file, (*reader)->kind(), (*known)->rows};
        count_duplicate((*reader)->kind(), (*known)->rows);
        return {};
      }
    }
    beginnings_.insert(beginning);
    return take(file, before, **reader);
  }

  static base::Result<> unchanged(const std::string& path, const Stamp& before) {
    if (Stamp::of(path) == before) return {};
    return base::fail(ErrorKind::conflict, "{} was changed while it was read; nothing was kept, try again", path);
  }

  void count_duplicate(BillKind kind, std::int64_t rows) {
    IngestReport::Others* others = others_of(kind, report_);
    (others != nullptr ? others->duplicates : report_.duplicates) += static_cast<std::uint64_t>(rows);
  }

  base::Result<> take(std::size_t file, const Stamp& before, BillReader& reader) {
    const std::string& path = paths_[file];
    if (!writer_) {
      auto begun = facts_.begin(delivery_);
      if (!begun) return base::pass_on(begun);
      writer_ = std::move(*begun);
    }
    if (auto begun = writer_->begin_file(
            {name_of_file(path), reader.format(), std::string(reader.header()), reader.beginning_digest()});
        !begun) {
      return begun;
    }
    FileTally tally;
    const auto read = reader.kind() == BillKind::charges       ? take_lines<Charge>(file, reader, tally)
                      : reader.kind() == BillKind::commitments ? take_lines<Commitment>(file, reader, tally)
                                                               : take_lines<UtilisationSample>(file, reader, tally);
    if (!read) return read;
    if (auto same = unchanged(path, before); !same) return same;
    if (tally.rows + tally.rejected == 0) note(path + ": it is a header without a line: there was nothing to take in");
    for (const std::string& assumption : reader.assumptions()) {
      auto& [first, files] = assumptions_[assumption];
      if (files++ == 0) first = path;
    }
    report_.digests[path] = reader.digest();
    // A file of which nothing could be read is not remembered: once the reason is gone, it shall count.
    if (tally.rows == 0 && tally.rejected > 0) return {};
    any_ended_ = true;
    taken_[reader.digest()] = tally.rows;
    return writer_->end_file(reader.digest(), tally);
  }

  template <class Item>
  base::Result<> take_lines(std::size_t file, BillReader& reader, FileTally& tally) {
    Item item;
    BillLine line;
    for (std::uint64_t count = 1;; ++count) {
      const auto more = reader.next(item, line);
      if (!more) return base::pass_on(more);
      if (!*more) break;
      if (progress_ && count % kLinesBetweenProgress == 0 &&
          !progress_({paths_[file], file, paths_.size(), reader.progress()})) {
        return base::fail(ErrorKind::cancelled, "{}: it was cut short, and nothing of it was kept", paths_[file]);
      }
      if (line.problem) {
        ++tally.rejected;
        tell(paths_[file], line);
      } else if (auto added = add(item, line, tally); !added) {
        return added;
      }
    }
    IngestReport::Others* others = others_of(reader.kind(), report_);
    (others != nullptr ? others->taken : report_.charges) += static_cast<std::uint64_t>(tally.rows);
    (others != nullptr ? others->rejected : report_.rejected) += static_cast<std::uint64_t>(tally.rejected);
    return {};
  }

  base::Result<> add(const Charge& charge, const BillLine& line, FileTally& tally) {
    ++tally.rows;
    tally.billed_cost += charge.billed_cost;
    tally.effective_cost += charge.effective_cost;
    IngestReport::Sum& sum = sum_of(charge.currency);
    sum.billed += charge.billed_cost;
    sum.effective += charge.effective_cost;
    return writer_->add(charge, line.raw);
  }
  base::Result<> add(const Commitment& commitment, const BillLine&, FileTally& tally) {
    ++tally.rows;
    return writer_->add(commitment);
  }
  base::Result<> add(const UtilisationSample& sample, const BillLine&, FileTally& tally) {
    ++tally.rows;
    return writer_->add(sample);
  }

  // Mostly the one that the charge before was in.
  IngestReport::Sum& sum_of(const std::string& currency) {
    if (last_sum_ == nullptr || currency != last_currency_) {
      last_currency_ = currency;
      last_sum_ = &report_.totals[currency];
    }
    return *last_sum_;
  }

  void tell(const std::string& path, const BillLine& line) {
    if (report_.problems.size() >= IngestReport::kMaxProblems) return;
    const LineProblem& problem = *line.problem;
    std::string text = fmt::format("{}:{}", path, line.number);
    if (problem.column != kNoColumn) text += fmt::format(":{}", problem.column + 1);
    if (!problem.column_name.empty()) text += fmt::format(": {}", problem.column_name);
    report_.problems.push_back(base::printable(text + ": " + problem.message));
  }

  void note(std::string sentence) {
    if (report_.notes.size() < IngestReport::kMaxProblems)
      report_.notes.push_back(base::printable(std::move(sentence)));
  }

  // What holds for several files is told once.
  void tell_assumptions() {
    for (const auto& [sentence, where] : assumptions_) {
      const auto& [first, files] = where;
      const std::string others = files > 1 ? fmt::format(" and {} more", files - 1) : std::string();
      note(fmt::format("{}{}: {}", first, others, sentence));
    }
  }

  // A file that was passed over as known is taken in after all where its month is brought anew: with the others, it is
  // part of what the month is now.
  base::Result<> publish() {
    if (!writer_ || !any_ended_) return {};
    for (;;) {
      std::vector<std::string> digests;
      digests.reserve(known_.size());
      for (const auto& [digest, known] : known_) digests.push_back(digest);
      const auto publication = writer_->publish(digests);
      if (!publication) return base::pass_on(publication);
      if (publication->missing.empty()) {
        replaced_ = publication->replaced;
        prices_cut_ = publication->prices_cut;
        return {};
      }
      for (const std::string& digest : publication->missing) {
        if (auto taken = take_known(digest); !taken) return taken;
      }
    }
  }

  base::Result<> take_known(const std::string& digest) {
    const auto found = known_.find(digest);
    if (found == known_.end()) return {};
    const Known known = found->second;
    known_.erase(found);
    IngestReport::Others* others = others_of(known.kind, report_);
    (others != nullptr ? others->duplicates : report_.duplicates) -= static_cast<std::uint64_t>(known.rows);
    const Stamp before = Stamp::of(paths_[known.file]);
    const auto reader = open_bill(paths_[known.file]);
    if (!reader) return base::pass_on(reader);
    return take(known.file, before, **reader);
  }

  void tell(const Replaced& replaced) {
    report_.replaced += static_cast<std::uint64_t>(replaced.rows);
    std::string files;
    for (const std::string& file : replaced.files) files += (files.empty() ? "" : ", ") + file;
    note(
        fmt::format("{} earlier charges of {}{}{}, billing period {}, were replaced (from {}); if these files are "
                    "further parts of the same bill, take them all in with one command, or add them with --add",
                    replaced.rows, replaced.provider, replaced.billing_account.empty() ? "" : ", billing account ",
                    replaced.billing_account, base::format_day(replaced.billing_period), files));
  }

  FactStore& facts_;
  const Delivery& delivery_;
  std::span<const std::string> paths_;
  const IngestProgress& progress_;
  std::unique_ptr<FactWriter> writer_;
  bool any_ended_ = false;
  bool prices_cut_ = false;
  std::vector<Replaced> replaced_;
  IngestReport report_;
  std::string last_currency_;
  IngestReport::Sum* last_sum_ = nullptr;                                   // in the report's totals
  std::map<std::string, std::pair<std::string, std::size_t>> assumptions_;  // the first file, and how many
  std::set<std::string> beginnings_;                                        // of the files taken in here
  std::map<std::string, std::int64_t> taken_;                               // their digests, and how many rows
  std::map<std::string, Known> known_;
};

}  // namespace

// What a file holds, packed or not, is its identity.
base::Result<std::string> content_digest(const std::string& path) {
  auto reader = io::PackedReader::open(path);
  if (!reader) return base::pass_on(reader);
  io::Sha256 digest;
  std::vector<char> block(kBlock);
  for (;;) {
    const auto size = reader->read(block.data(), block.size());
    if (!size) return base::pass_on(size);
    if (*size == 0) return digest.hex();
    digest.update({block.data(), *size});
  }
}

base::Result<IngestReport> ingest_files(FactStore& facts, const Delivery& delivery, std::span<const std::string> paths,
                                        const IngestProgress& progress) {
  if (const auto good = check_customer(delivery.customer); !good) return base::pass_on(good);
  const auto found = find_bill_files(paths);
  if (!found) return base::pass_on(found);
  Delivery meant = delivery;
  if (found->by_manifests && meant.restatement == Restatement::by_days) meant.restatement = Restatement::replace;
  for (int attempt = 1;; ++attempt) {
    auto report = Ingest(facts, meant, found->files, progress).run();
    // Of the store's conflicts only: a file that changes is told at once.
    const bool again = !report && report.error().kind == ErrorKind::conflict &&
                       report.error().field == FactWriter::kTaken && attempt < kTries;
    if (again) continue;
    if (!report) return report;
    report->notes.insert(report->notes.begin(), found->notes.begin(), found->notes.end());
    const bool nothing_new = report->charges + report->rejected + report->replaced == 0 && report->duplicates > 0;
    if (delivery.restatement == Restatement::replace && nothing_new) report->notes.emplace_back(kNothingReplaced);
    for (int i = 0; i < kMostClearing; ++i) {
      const auto more = facts.clear_leftovers();
      // What could not be cleared away counts no more than before, and is cleared by the next.
      if (!more || !*more) break;
    }
    return report;
  }
}

}  // namespace costagent
