#include "costagent/ingest/csv_source.h"

#include <algorithm>

#include "base/decimal.h"
#include "base/printable.h"
#include "io/csv_reader.h"

namespace costagent {
namespace {

using base::ErrorKind;

class CsvSource final : public RecordSource {
 public:
  explicit CsvSource(std::unique_ptr<BillInput> input)
      : input_(std::move(input)), csv_([this](char* buffer, std::size_t size) { return input_->read(buffer, size); }) {}

  base::Result<> read_header() {
    if (auto whole = check_line_ends(); !whole) return whole;
    io::CsvRecord record;
    const auto more = csv_.next(record);
    if (!more) return base::fail(more.error().kind, "{}: {}", input_->path(), more.error().message);
    if (!*more) {
      return base::fail(ErrorKind::invalid, "{}: it is empty; expected a line with the names of columns",
                        input_->path());
    }
    if (record.problem != nullptr)
      return base::fail(ErrorKind::invalid, "{}:{}: {}", input_->path(), record.line, record.problem);
    header_ = record.raw;
    texts_.assign(record.fields.begin(), record.fields.end());
    names_.assign(texts_.begin(), texts_.end());
    return other_separator();
  }

  std::span<const std::string_view> names() const override { return names_; }

  base::Result<Layout> bind(std::span<const ColumnWanted> wanted) override {
    auto positions = find_columns(names_, wanted);
    if (!positions) return base::pass_on(positions);
    positions_ = *positions;
    return layout_of(names_, std::move(*positions));
  }

  bool absent(std::size_t wanted) const override { return positions_[wanted] == kNoColumn; }

  base::Result<bool> next(Record& record) override {
    auto more = csv_.next(record_);
    if (!more) return base::fail(more.error().kind, "{}: {}", input_->path(), more.error().message);
    record.fields = record_.fields;
    record.raw = record_.raw;
    record.line = record_.line;
    record.problem = record_.problem;
    return more;
  }

  std::string_view header() const override { return header_; }
  double progress() const override { return input_->progress(); }
  const std::string& beginning_digest() const override { return input_->beginning_digest(); }
  std::string digest() override { return input_->digest(); }

 private:
  // A bill whose line ends are gone would pass for a header alone, of which nothing is missed.
  base::Result<> check_line_ends() const {
    std::string_view line = input_->beginning();
    const bool all = line.size() < BillInput::kBeginning;
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.find('\n') != std::string_view::npos) return {};
    const bool text = line.find(',') != std::string_view::npos && line.find('\0') == std::string_view::npos;
    const bool ends_in_cr = line.find('\r') != std::string_view::npos;
    if (!text || (all && !ends_in_cr && !has_number(line))) return {};
    return base::fail(ErrorKind::invalid,
                      "{}: its first line, of {}{} bytes, holds more than the names of columns: its line ends are lost "
                      "(curl -d drops them: send it with --data-binary), or are CR alone (save it with LF)",
                      input_->path(), all ? "" : "more than ", line.size());
  }

  static bool has_number(std::string_view line) {
    while (!line.empty()) {
      const std::size_t end = std::min(line.find(','), line.size());
      if (base::Decimal::parse(line.substr(0, end))) return true;
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    return false;
  }

  base::Result<> other_separator() const {
    if (names_.size() > 1) return {};
    for (const auto& [separator, name] : {std::pair{';', "';'"}, std::pair{'\t', "tabs"}}) {
      if (names_.front().find(separator) == std::string_view::npos) continue;
      return base::fail(ErrorKind::invalid, "{}: its columns are separated by {}; export it with ','", input_->path(),
                        name);
    }
    return {};
  }

  std::unique_ptr<BillInput> input_;
  io::CsvReader csv_;
  io::CsvRecord record_;
  std::string header_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> names_;
  std::vector<std::size_t> positions_;
};

}  // namespace

base::Result<std::unique_ptr<RecordSource>> open_csv(std::unique_ptr<BillInput> input) {
  auto source = std::make_unique<CsvSource>(std::move(input));
  if (const auto read = source->read_header(); !read) return base::pass_on(read);
  return std::unique_ptr<RecordSource>(std::move(source));
}

}  // namespace costagent
