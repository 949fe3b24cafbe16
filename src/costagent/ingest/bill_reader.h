// Reads a file of charges, of contract commitments or of utilisation, whatever its form: which one it is, is told by
// what it holds and never by its name.
//
// Known: FOCUS 1.0 to 1.4 (both datasets), AWS Cost and Usage Reports, Azure's cost exports, Google Cloud's billing
// export, Vultr's invoices, and hourly utilisation; as CSV or JSON lines; plain, gzip or zstd. docs/bills.md says which
// column of which form becomes which cost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/commitment.h"
#include "costagent/domain/resource.h"
#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/columns.h"
#include "costagent/ingest/record_source.h"

namespace costagent {

// Where a line comes from, and what is wrong with it if something is: then it counts as rejected, what was read of it
// means nothing, and the lines after it are not concerned. `raw` holds until the next is read.
struct BillLine {
  std::string_view raw;      // as in the file, without its line end
  std::uint64_t number = 0;  // of the line it begins on, from 1
  std::optional<LineProblem> problem;
};

// Not thread-safe. Memory: a few hundred KiB, whatever the file's size, but for the longest line (at most 1 MiB).
class BillReader {
 public:
  // `path` is for messages.
  BillReader(std::string path, std::unique_ptr<RecordSource> source, BillForm form);

  BillKind kind() const { return form_.kind(); }
  const std::string& format() const { return form_.name; }  // for people: "FOCUS 1.2", "AWS CUR 2.0"

  // The line to keep beside the raw ones; empty where each says by itself what its fields are.
  std::string_view header() const { return source_->header(); }

  // What the file lacks though it would be of use, and what was done instead; sentences without a subject or an end
  // ("it has no EffectiveCost: the billed cost stands for it"). Whole once the end was read: some depend on lines.
  std::vector<std::string> assumptions() const;

  double progress() const { return source_->progress(); }  // of the file, packed as it is, 0 to 1

  // SHA-256 (hex) of what the file holds, unpacked: of its first 64 KiB, and of all of it once `next` returned false.
  const std::string& beginning_digest() const { return source_->beginning_digest(); }
  const std::string& digest() const;

  // The next line; false at the end. Asked for what `kind` says. The item's strings are used again. Fails with `io`
  // when the file can't be read, and `invalid` (with the path) when it is damaged; there is no way to go on after that.
  base::Result<bool> next(Charge& charge, BillLine& line);
  base::Result<bool> next(Commitment& commitment, BillLine& line);
  base::Result<bool> next(UtilisationSample& sample, BillLine& line);

 private:
  void look_at_bytes(std::string_view raw);
  template <class Item>
  base::Result<bool> next_of(LineParser<Item>& parser, Item& item, BillLine& line);

  std::string path_;
  std::unique_ptr<RecordSource> source_;
  BillForm form_;
  Remarks remarks_;  // on bytes, which no form has to know of
  std::optional<std::string> digest_;
};

// Fails with `not_found` or `io` when the file can't be read, and `invalid` (with the path) when it is of no known
// form, lacks a column that no bill can do without, or is damaged.
base::Result<std::unique_ptr<BillReader>> open_bill(const std::string& path);

// The same, of records that somebody else has opened. `path` is for messages.
base::Result<std::unique_ptr<BillReader>> open_bill(const std::string& path, std::unique_ptr<RecordSource> source);

}  // namespace costagent
