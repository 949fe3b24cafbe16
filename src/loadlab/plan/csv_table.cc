#include <algorithm>
#include <functional>

#include "io/csv_reader.h"
#include "loadlab/plan/table_builder.h"

namespace loadlab {
namespace {

io::CsvReader::Source source_of(std::string_view text) {
  return [text](char* buffer, std::size_t size) mutable -> base::Result<std::size_t> {
    const std::size_t taken = std::min(size, text.size());
    std::copy_n(text.data(), taken, buffer);
    text.remove_prefix(taken);
    return taken;
  };
}

Position begin_of(const io::CsvRecord& record) { return {static_cast<int>(record.line), 1}; }

Position place_in(const io::CsvRecord& record, std::size_t offset) {
  return behind(begin_of(record), record.raw.substr(0, offset));
}

// Where a field begins; of one with doubled quotes, which is no longer the text of the file, where its record does.
Position place_of_field(const io::CsvRecord& record, std::size_t index) {
  const char* begin = record.raw.data();
  const char* field = record.fields[index].data();
  const std::less<const char*> before;
  if (before(field, begin) || before(begin + record.raw.size(), field)) return begin_of(record);
  return place_in(record, static_cast<std::size_t>(field - begin));
}

}  // namespace

base::Result<Table> read_csv_table(std::string_view text, TableBuilder builder) {
  io::CsvReader reader(source_of(text));
  io::CsvRecord record;
  std::vector<std::string_view> values;
  for (;;) {
    const auto more = reader.next(record);
    if (!more) return builder.fail({}, "{}", more.error().message);
    if (!*more) return builder.finish();
    if (record.problem != nullptr) return builder.fail(place_in(record, record.problem_at), "{}", record.problem);
    base::Result<> taken;
    if (!builder.has_columns()) {
      taken = builder.set_columns({record.fields.begin(), record.fields.end()}, begin_of(record));
    } else {
      const std::size_t columns = builder.columns().size();
      if (record.fields.size() != columns) {
        const bool more_than = record.fields.size() > columns;
        return builder.fail(more_than ? place_of_field(record, columns) : place_in(record, record.raw.size()),
                            "{} values, where the first line names {} columns", record.fields.size(), columns);
      }
      values.assign(record.fields.begin(), record.fields.end());
      taken = builder.add_row(values, begin_of(record));
    }
    if (!taken) return base::pass_on(taken);
  }
}

}  // namespace loadlab
