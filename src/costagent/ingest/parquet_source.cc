#include "costagent/ingest/parquet_source.h"

#include <array>

#include "io/parquet_reader.h"

namespace costagent {
namespace {

void write_field(std::string_view field, std::string& line) {
  if (field.find_first_of("\",\n\r") == std::string_view::npos) {
    line += field;
    return;
  }
  line += '"';
  for (const char c : field) {
    line += c;
    if (c == '"') line += '"';
  }
  line += '"';
}

template <class Fields>
void write_line(const Fields& fields, std::string& line) {
  line.clear();
  bool first = true;
  for (const auto& field : fields) {
    if (!first) line += ',';
    first = false;
    write_field(field, line);
  }
}

class ParquetSource final : public RecordSource {
 public:
  ParquetSource(std::unique_ptr<BillInput> input, io::ParquetReader reader)
      : input_(std::move(input)), reader_(std::move(reader)) {
    names_.assign(reader_.names().begin(), reader_.names().end());
    write_line(names_, header_);
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
    auto more = reader_.next(record.fields);
    if (!more || !*more) return more;
    write_line(record.fields, line_);
    record.raw = line_;
    record.line = ++row_;
    record.problem = nullptr;
    return true;
  }

  std::string_view header() const override { return header_; }
  double progress() const override {
    return reader_.rows() == 0 ? 1 : static_cast<double>(row_) / static_cast<double>(reader_.rows());
  }
  const std::string& beginning_digest() const override { return input_->beginning_digest(); }
  std::string digest() override {
    // DuckDB reads the file in an order of its own. Should it be gone since, it is no file that is known.
    std::array<char, 65536> block;
    for (;;) {
      const auto size = input_->read(block.data(), block.size());
      if (!size) return {};
      if (*size == 0) return input_->digest();
    }
  }

 private:
  std::unique_ptr<BillInput> input_;
  io::ParquetReader reader_;
  std::string header_;
  std::vector<std::string_view> names_;
  std::vector<std::size_t> positions_;
  std::string line_;
  std::uint64_t row_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<RecordSource>> open_parquet(std::unique_ptr<BillInput> input) {
  auto reader = io::ParquetReader::open(input->path());
  if (!reader) return base::pass_on(reader);
  return std::make_unique<ParquetSource>(std::move(input), std::move(*reader));
}

}  // namespace costagent
