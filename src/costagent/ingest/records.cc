// open_records: which form a file has.
#include "costagent/ingest/bill_input.h"
#include "costagent/ingest/csv_source.h"
#include "costagent/ingest/json_source.h"
#include "costagent/ingest/parquet_source.h"
#include "costagent/ingest/record_source.h"
#include "io/parquet_reader.h"

namespace costagent {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Why the file is no text that can be read; empty if it may be one.
std::string_view other_form(std::string_view beginning) {
  if (beginning.starts_with("\xFF\xFE") || beginning.starts_with("\xFE\xFF")) return "it is UTF-16; save it as UTF-8";
  if (beginning.starts_with("PK\x03\x04"))
    return "it is a ZIP archive or a spreadsheet; unpack it, or export it as CSV";
  return {};
}

bool is_json(std::string_view beginning) {
  if (beginning.starts_with(kByteOrderMark)) beginning.remove_prefix(kByteOrderMark.size());
  const auto first = beginning.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (beginning[first] == '{' || beginning[first] == '[');
}

}  // namespace

Layout layout_of(std::span<const std::string_view> header, std::vector<std::size_t> positions) {
  Layout layout{std::move(positions), header.size()};
  for (const std::size_t position : layout.positions)
    layout.names.emplace_back(position == kNoColumn ? std::string_view() : header[position]);
  return layout;
}

base::Result<std::unique_ptr<RecordSource>> open_records(const std::string& path) {
  auto input = BillInput::open(path);
  if (!input) return base::pass_on(input);
  if (io::ParquetReader::is_parquet((*input)->beginning())) return open_parquet(std::move(*input));
  if (const auto form = other_form((*input)->beginning()); !form.empty())
    return base::fail(base::ErrorKind::invalid, "{}: {}", path, form);
  if (is_json((*input)->beginning())) return open_json(std::move(*input));
  return open_csv(std::move(*input));
}

}  // namespace costagent
