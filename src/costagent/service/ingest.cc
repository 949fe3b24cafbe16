#include "costagent/service/ingest.h"

#include <array>
#include <filesystem>
#include <optional>

#include "base/printable.h"
#include "costagent/domain/customer.h"
#include "costagent/ingest/focus.h"
#include "costagent/ingest/utilisation.h"
#include "io/csv_reader.h"
#include "io/digest.h"
#include "io/packed_reader.h"

namespace costagent {
namespace {

using base::ErrorKind;

constexpr std::size_t kBlock = std::size_t{64} * 1024;
constexpr std::uint64_t kRecordsBetweenProgress = 5000;

// What a file holds, packed or not: its identity. Reads all of it, so that damage is found before anything is written.
base::Result<std::string> digest_of(const std::string& path) {
  auto reader = io::PackedReader::open(path);
  if (!reader) return base::pass_on(reader);
  io::Sha256 digest;
  std::array<char, kBlock> block;
  for (;;) {
    const auto size = reader->read(block.data(), block.size());
    if (!size) return base::pass_on(size);
    if (*size == 0) return digest.hex();
    digest.update({block.data(), *size});
  }
}

// Reads a file's records one by one, and keeps count of what is wrong with them.
class Records {
 public:
  static base::Result<std::unique_ptr<Records>> open(const std::string& path, const IngestProgress& progress) {
    auto reader = io::PackedReader::open(path);
    if (!reader) return base::pass_on(reader);
    return std::unique_ptr<Records>(new Records(path, std::move(*reader), progress));
  }

  base::Result<bool> next(io::CsvRecord& record) {
    auto more = csv_.next(record);
    if (!more) return base::Failure(base::Error{more.error().kind, path_ + ": " + more.error().message});
    if (progress_ && ++count_ % kRecordsBetweenProgress == 0 && reader_.file_size() > 0) {
      progress_(static_cast<double>(reader_.position()) / static_cast<double>(reader_.file_size()));
    }
    return more;
  }

  // The first record; a file without any is not what it should be.
  base::Result<> header(io::CsvRecord& record) {
    const auto more = next(record);
    if (!more) return base::pass_on(more);
    if (!*more)
      return base::fail(ErrorKind::invalid, "{}: it is empty; expected a line with the names of columns", path_);
    if (record.problem != nullptr)
      return base::fail(ErrorKind::invalid, "{}:{}: {}", path_, record.line, record.problem);
    return {};
  }

  // Of all that was read. Called once, after the last record.
  std::string digest() { return digest_.hex(); }

  void reject(const io::CsvRecord& record, const LineProblem& problem, IngestReport& report) const {
    ++report.rejected;
    if (report.problems.size() >= IngestReport::kMaxProblems) return;
    if (problem.column == kNoColumn) {
      report.problems.push_back(base::printable(fmt::format("{}:{}: {}", path_, record.line, problem.message)));
    } else {
      report.problems.push_back(base::printable(fmt::format("{}:{}:{}: {}: {}", path_, record.line, problem.column + 1,
                                                            problem.column_name, problem.message)));
    }
  }

 private:
  Records(std::string path, io::PackedReader reader, const IngestProgress& progress)
      : path_(std::move(path)),
        reader_(std::move(reader)),
        progress_(progress),
        csv_([this](char* buffer, std::size_t size) { return read(buffer, size); }) {}

  base::Result<std::size_t> read(char* buffer, std::size_t size) {
    auto read = reader_.read(buffer, size);
    if (read) digest_.update({buffer, *read});
    return read;
  }

  std::string path_;
  io::PackedReader reader_;
  const IngestProgress& progress_;
  io::Sha256 digest_;
  io::CsvReader csv_;
  std::uint64_t count_ = 0;
};

// The steps that every kind of file goes through. `Parser` turns records into `Item`s; `add` hands one to the writer
// and the report.
template <class Parser, class Item, class Add>
base::Result<IngestReport> ingest(FactStore& facts, const std::string& customer, const std::string& path,
                                  const IngestProgress& progress, Add add) {
  if (const auto good = check_customer(customer); !good) return base::pass_on(good);
  const auto digest = digest_of(path);
  if (!digest) return base::pass_on(digest);
  SourceFile file{customer, *digest, std::filesystem::path(path).filename().string()};
  IngestReport report;
  const auto known = facts.known(file);
  if (!known) return base::pass_on(known);
  if (*known) {
    report.duplicates = static_cast<std::uint64_t>((*known)->rows);
    return report;
  }

  auto records = Records::open(path, progress);
  if (!records) return base::pass_on(records);
  io::CsvRecord record;
  if (const auto header = (*records)->header(record); !header) return base::pass_on(header);
  auto parser = Parser::create(record.fields);
  if (!parser) return base::fail(ErrorKind::invalid, "{}: {}", path, base::printable(parser.error().message));
  file.header = record.raw;
  auto writer = facts.begin(file);
  if (!writer) {
    // Somebody else took the same file in between the look and the lock.
    if (writer.error().kind != ErrorKind::conflict) return base::pass_on(writer);
    const auto now_known = facts.known(file);
    if (!now_known) return base::pass_on(now_known);
    report.duplicates = *now_known ? static_cast<std::uint64_t>((*now_known)->rows) : 0;
    return report;
  }
  Item item;
  for (;;) {
    const auto more = (*records)->next(record);
    if (!more) return base::pass_on(more);
    if (!*more) break;
    const auto problem = record.problem != nullptr ? std::optional(LineProblem{kNoColumn, "", record.problem})
                                                   : parser->parse(record.fields, item);
    if (problem) {
      (*records)->reject(record, *problem, report);
    } else if (const auto added = add(**writer, item, record.raw, report); !added) {
      return base::pass_on(added);
    }
  }
  if ((*records)->digest() != file.digest) {
    return base::fail(ErrorKind::conflict, "{} was changed while it was read; nothing of it was kept, try again", path);
  }
  // A file of which nothing could be read is not remembered: once the reason is gone, it shall count.
  if (report.charges == 0 && report.rejected > 0) return report;
  const FileTally tally{static_cast<std::int64_t>(report.charges), static_cast<std::int64_t>(report.rejected),
                        report.billed_cost, report.effective_cost};
  if (const auto committed = (*writer)->commit(tally); !committed) return base::pass_on(committed);
  return report;
}

}  // namespace

void IngestReport::add(const IngestReport& other) {
  charges += other.charges;
  duplicates += other.duplicates;
  rejected += other.rejected;
  billed_cost += other.billed_cost;
  effective_cost += other.effective_cost;
  for (const std::string& problem : other.problems) {
    if (problems.size() < kMaxProblems) problems.push_back(problem);
  }
}

base::Result<IngestReport> ingest_bill(FactStore& facts, const std::string& customer, const std::string& path,
                                       const IngestProgress& progress) {
  const auto add = [](FactWriter& writer, const Charge& charge, std::string_view raw,
                      IngestReport& report) -> base::Result<> {
    if (auto added = writer.add(charge, raw); !added) return added;
    ++report.charges;
    report.billed_cost += charge.billed_cost;
    report.effective_cost += charge.effective_cost;
    return {};
  };
  return ingest<FocusParser, Charge>(facts, customer, path, progress, add);
}

base::Result<IngestReport> ingest_utilisation(FactStore& facts, const std::string& customer, const std::string& path,
                                              const IngestProgress& progress) {
  const auto add = [](FactWriter& writer, const UtilisationSample& sample, std::string_view,
                      IngestReport& report) -> base::Result<> {
    if (auto added = writer.add(sample); !added) return added;
    ++report.charges;
    return {};
  };
  return ingest<UtilisationParser, UtilisationSample>(facts, customer, path, progress, add);
}

}  // namespace costagent
