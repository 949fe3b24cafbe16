// Where a bill's records come from: a file of CSV, of JSON, or of another form that has records with named fields.
//
// Parsers read records and never know which. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/ingest/columns.h"

namespace costagent {

// One record. Views hold until the next is read.
struct Record {
  std::span<const std::string_view> fields;
  std::string_view raw;           // as the file has it, on one line unless a quoted field has line ends; never empty
  std::uint64_t line = 0;         // where it begins, from 1
  const char* problem = nullptr;  // what is wrong with its form; then the fields mean nothing
};

// Where the fields of wanted columns stand in a record.
struct Layout {
  std::vector<std::size_t> positions;  // by the order in which they are wanted; kNoColumn where there is none
  std::size_t fields = 0;              // how many each record must have
  bool has_columns = true;             // a place in a record is one that a person can count in the file
  std::vector<std::string> names{};    // what the file calls the wanted columns, as far as that is known
};

// Of a file whose records have the header's fields, in its order.
Layout layout_of(std::span<const std::string_view> header, std::vector<std::size_t> positions);

class RecordSource {
 public:
  virtual ~RecordSource() = default;

  // The names in the header, or all that the first record has, those within others as `outer.inner`. Hold as long as
  // the source.
  virtual std::span<const std::string_view> names() const = 0;

  // Says which fields are looked for; called once, before the first record is read. Fails as find_columns does.
  virtual base::Result<Layout> bind(std::span<const ColumnWanted> wanted) = 0;

  // Whether the wanted column of that number has not been seen: in the header, or, where each record names its own
  // fields, in any record read so far.
  virtual bool absent(std::size_t wanted) const = 0;

  // False at the end. Fails when the file can't be read, is damaged or is not of this form after all; there is no way
  // to go on after that.
  virtual base::Result<bool> next(Record& record) = 0;

  // The line that gives the raw texts their meaning; empty where they have it in themselves.
  virtual std::string_view header() const = 0;

  // How much of the file has been read, 0 to 1.
  virtual double progress() const = 0;

  // SHA-256 (hex) of the unpacked file's first 64 KiB; and of all of it, once, after `next` returned false.
  virtual const std::string& beginning_digest() const = 0;
  virtual std::string digest() = 0;
};

// Opens a file of CSV or JSON, plain, gzip or zstd, or of Parquet, told apart by what they hold. JSON is one object a
// line, or a document that is an array of objects or has one in `invoice_items`. Fails with `not_found` or `io` when it
// can't be read, `unavailable` for Parquet where DuckDB isn't installed (io/parquet_reader.h), and `invalid` (with the
// path) when it is empty, damaged or of another form.
base::Result<std::unique_ptr<RecordSource>> open_records(const std::string& path);

}  // namespace costagent
